"""Jupyter's own widgets on a living page, and what is done to a widget before it is alive."""

import re

import pytest
from browsers import BOTH
from living_page import START, LivingPage

from dualedu import explore

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture(scope="module")
def shared(open_page, book):
    living = LivingPage(open_page(), f"{book}/book/1-numbers/algebra.html")
    living.start()
    living.run(1, "import ipywidgets as w\nfrom IPython.display import display, clear_output")
    yield living
    living.assert_quiet()
    living.page.context.close()


def test_a_slider_answers(shared):
    shared.run(2, "s = w.IntSlider(3, 0, 9); o = w.HTML(); "
                  "s.observe(lambda c: setattr(o, 'value', f'<b>is {c.new}</b>'), 'value'); "
                  "display(s, o)")  # fmt: skip
    shared.output(2).locator(".noUi-handle").focus()
    shared.page.keyboard.press("ArrowRight")
    shared.output(2).get_by_text("is 4").wait_for()


def test_an_output_widget_takes_what_its_callback_prints(shared):
    shared.run(2, "o = w.Output(); b = w.Button(description='Go', icon='check')\n"
                  "@o.capture(clear_output=True)\ndef f(_): print('pressed'); 1 / 0\n"
                  "b.on_click(f); display(b, o)")  # fmt: skip
    shared.output(2).get_by_role("button", name="Go").click()
    taken = shared.output(2).locator(".widget-output")
    taken.get_by_text("ZeroDivisionError").wait_for()
    assert "pressed" in taken.inner_text()


def test_interact_redraws_in_place(shared):
    shared.run(2, "@w.interact(x=(0, 10))\ndef f(x=5): print('twice', 2 * x)")
    shared.output(2).get_by_text("twice 10").wait_for()
    shared.output(2).locator(".noUi-handle").focus()
    shared.page.keyboard.press("ArrowRight")
    shared.output(2).get_by_text("twice 12").wait_for()
    assert shared.output(2).get_by_text("twice").count() == 1


def test_a_picture_that_is_drawn_again_has_words_again(shared):
    shared.run(2, "import matplotlib.pyplot as plt\n@w.interact(x=(0, 9))\n"
                  "def f(x=5):\n    print('x is', x); plt.plot([0, x]); plt.show()")  # fmt: skip
    shared.output(2).get_by_text("x is 5").wait_for()
    shared.output(2).locator(".noUi-handle").focus()
    shared.page.keyboard.press("ArrowRight")
    shared.output(2).get_by_text("x is 6").wait_for()
    picture = shared.output(2).locator(".jp-RenderedImage img")
    picture.and_(shared.page.get_by_alt_text("A picture drawn by this cell")).wait_for()
    assert picture.count() == 1


def test_play_moves_what_it_is_linked_to(shared):
    shared.run(2, "p = w.Play(max=3, interval=50); t = w.IntText(); "
                  "w.jslink((p, 'value'), (t, 'value')); display(w.HBox([p, t]))")  # fmt: skip
    shared.output(2).locator("button").first.click()
    shared.output(2).locator("input").evaluate(
        "input => new Promise((done) => { const look = () => "
        "input.value === '3' ? done() : setTimeout(look, 50); look(); })"
    )


def test_containers_and_mathematics(shared):
    shared.run(2, "t = w.Tab([w.HTMLMath('$x^2$'), w.Accordion([w.Label('inside')])]); "
                  "t.titles = ['one', 'two']; t")  # fmt: skip
    shared.output(2).locator("mjx-container").first.wait_for()
    shared.output(2).get_by_text("two").click()
    assert shared.output(2).locator(".jupyter-widget-Accordion, .jupyter-widget-accordion").count()


def test_each_widget_answers(new_page, book):
    living = LivingPage(new_page(), f"{book}/book/widgets.html")
    living.start()
    living.run_all()
    widgets = living.page.locator(".live-output .dualedu-explore")
    assert widgets.count() == len(explore.ROOMS)
    for widget in widgets.all():
        words = widget.locator(".explore-words")
        before = words.inner_text()
        control = widget.locator(".noUi-handle, input[type=checkbox], button:enabled").first
        control.press("ArrowRight" if control.get_attribute("role") == "slider" else "Space")
        expect(words).not_to_have_text(before)
    living.assert_quiet()


TOTALS = """() => {
  window.totals = new Set();
  const bar = document.querySelector(".live-bar");
  new MutationObserver(() => {
    const told = /of ([\\d.]+) MB/.exec(bar.innerText);
    if (told) totals.add(told[1]);
  }).observe(bar, { subtree: true, childList: true, characterData: true });
}"""


@BOTH
def test_what_is_done_to_a_stand_in_is_honoured(new_page, book):
    living = LivingPage(new_page(), f"{book}/book/2-diagnosis/softmax.html")
    page = living.page
    slider = page.locator(".dualedu-standin input[type=range]").first
    before = float(slider.input_value())
    page.evaluate(TOTALS)
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".live-output .explore-picture svg", timeout=START)
    assert len(page.evaluate("[...totals]")) == 1  # what there is to load does not grow
    handle = page.locator(".live-output .noUi-handle").first
    handle.and_(page.locator(":focus")).wait_for()
    now = float(handle.get_attribute("aria-valuenow"))
    assert now > before
    page.keyboard.press("ArrowRight")
    page.locator(f".live-output .noUi-handle:not([aria-valuenow='{now}'])").first.wait_for()
    living.assert_quiet()


def held_back(page, address):
    """The page before its script has come, and what lets it come."""
    held = []
    page.route("**/live/live.js*", lambda route: held.append(route))
    page.goto(address, wait_until="commit")
    return lambda: [route.continue_() for route in held]


@BOTH
def test_what_is_done_before_the_page_s_script_came_is_answered(new_page, pages):
    page = new_page()
    come = held_back(page, f"{pages}/book/intro.html")
    slider = page.locator(".dualedu-standin[data-widget=TangentArrow] .explore-x input[type=range]")
    slider.press("ArrowRight")
    moved = slider.input_value()
    words = page.locator(".dualedu-standin .explore-words").first
    stored = words.inner_text()
    come()
    expect(words).not_to_have_text(stored)
    assert slider.input_value() == moved
    box = page.locator(".dualedu-standin .explore-x input[type=number]").first
    assert float(box.input_value()) == float(moved)


def test_what_is_done_before_the_page_s_script_came_starts_python(new_page, pages):
    page = new_page()
    come = held_back(page, f"{pages}/book/2-diagnosis/softmax.html")
    slider = page.locator(".dualedu-standin input[type=range]").first
    slider.press("ArrowRight")
    moved = slider.input_value()
    come()
    page.wait_for_function("() => window.livePage && livePage.state !== 'idle'")
    assert slider.input_value() == moved
    page.context.close()


# Browsers put back what a form held before a reload: into a figure that shows something else.
# A driver's own questions count as acts in Firefox; nobody acts here.
PUT_BACK = """
Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: false } });
addEventListener("readystatechange", () => {
  if (document.readyState !== "interactive") return;
  for (const slider of document.querySelectorAll(".dualedu-standin input[type=range]")) {
    slider.value = slider.max;
    slider.dataset.sent = slider.defaultValue;
  }
  for (const box of document.querySelectorAll(".dualedu-standin [type=checkbox]")) box.checked ^= 1;
}, true);"""


@BOTH
@pytest.mark.parametrize("chapter", ["intro", "widgets"])
def test_what_a_browser_puts_back_is_no_touch(chapter, new_page, pages):
    page = new_page()
    page.add_init_script(PUT_BACK)
    page.goto(f"{pages}/book/{chapter}.html")
    page.wait_for_function("() => window.livePage?.standins.length")
    others = "all => all.filter((c) => Math.abs(c.value - c.dataset.sent) > c.step).length"
    assert page.locator(".dualedu-standin input[type=range]").evaluate_all(others) == 0
    changed = "boxes => boxes.filter((box) => box.checked !== box.defaultChecked).length"
    assert page.locator(".dualedu-standin [type=checkbox]").evaluate_all(changed) == 0
    assert page.evaluate("livePage.state") == "idle"


SERIALISED = "svg => new XMLSerializer().serializeToString(svg)"


def test_a_point_dragged_on_the_first_page_answers_and_stays_where_it_was_left(new_page, book):
    living = LivingPage(new_page(), f"{book}/book/intro.html")
    page = living.page
    page.wait_for_selector(".dualedu-standin .explore-message", state="attached")  # it can answer
    grip = page.locator(".dualedu-standin [data-drag=x]").first
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 100, y, steps=4)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()") == ""
    stored = page.locator(".dualedu-standin .explore-x input").first
    expect(stored).to_have_value(re.compile("^-"))
    page.wait_for_function("livePage.standins.every((each) => !each.dragging)")  # it is let go
    left = float(stored.input_value())
    words = page.locator(".dualedu-standin .explore-words").first.inner_text()
    drawn = page.locator(".dualedu-standin .explore-picture svg").first.evaluate(SERIALISED)
    assert page.evaluate("livePage.state") == "idle"
    # Python takes over, without a jump: what it shows first is what stood there.
    living.start()
    live = page.locator(".live-output .explore-picture svg").first
    live.wait_for(timeout=START)
    assert live.evaluate(SERIALISED) == drawn
    assert page.locator(".live-output .explore-words").first.inner_text() == words
    assert float(page.locator(".live-output .explore-x input").first.input_value()) == left
    living.assert_quiet()


@BOTH
def test_a_touched_widget_runs_and_loads_no_more_than_it_needs(new_page, book):
    living = LivingPage(new_page(), f"{book}/book/2-diagnosis/softmax.html")
    page = living.page
    asked = []
    late = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("request", lambda request: late.append(request.resource_type == "xhr"))
    page.locator(".dualedu-standin input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".live-output .explore-picture svg", timeout=START)
    assert page.evaluate("livePage.cells.filter((cell) => cell.ran).length") == 1
    assert not any(late)  # an import asks so for what a start does without
    assert not [url for url in asked if "/matplotlib-" in url]
    # What stands above and has not run comes first, with its packages; nothing runs twice.
    widget = page.evaluate("livePage.cells.findIndex((cell) => cell.ran)") + 1
    page.evaluate("""() => {
      livePage.ran = [];
      for (const cell of livePage.cells) {
        const begin = cell.begin;
        cell.begin = (...all) => { livePage.ran.push(cell.number); begin.apply(cell, all); };
      }
    }""")
    living.run(widget + 1)
    ran = [number for number in range(1, widget + 2) if number != widget]
    assert page.evaluate("livePage.ran") == ran
    assert [url for url in asked if "/matplotlib-" in url]
    living.assert_quiet()
