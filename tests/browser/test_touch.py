"""Fingers: drags that go where they go, and scrolls that begin on a control and stay scrolls."""

import pytest
from fingers import Finger
from living_page import START, LivingPage

PHONE = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True}


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


STANDS = """async (element) => {
  element.scrollIntoView({ block: "center" });
  for (let still = 0, before = NaN; still < 20; ) {
    await new Promise(requestAnimationFrame);
    const { y } = element.getBoundingClientRect();
    if (y === before) still += 1;
    else [still, before] = [0, y], element.scrollIntoView({ block: "center" });
  }
}"""


def shown(locator):
    """Its middle, once it stands still in the middle of the screen: a swipe before may go on."""
    locator.evaluate(STANDS)
    return middle(locator)


@pytest.fixture
def phone(new_page, pages):
    """A page that sleeps; what would start Python is counted instead."""
    page = new_page(**PHONE)
    page.goto(f"{pages}/book/widgets.html")
    page.locator(".live-price").last.wait_for()
    page.evaluate("""() => {
      livePage.started = 0;
      livePage.start = async () => { livePage.started += 1; return false; };
    }""")
    return page


SLEEPS = ".dualedu-standin:has(.live-price)"  # those that no script answers for
SCROLL, STARTED = "scrollY", "livePage.started"


def test_a_scroll_that_begins_on_a_slider_changes_nothing_and_starts_nothing(phone):
    sliders = phone.locator(".dualedu-standin input[type=range]")
    for index in (0, sliders.count() - 1):
        slider = sliders.nth(index)
        x, y = shown(slider)
        before, top = slider.input_value(), phone.evaluate(SCROLL)
        box = slider.locator("xpath=preceding-sibling::input")
        number = box.input_value()
        Finger(phone).swipe((x + 20, y), (x + 20, y - 300))
        assert phone.evaluate(SCROLL) > top + 100
        assert (slider.input_value(), box.input_value()) == (before, number)
    assert phone.evaluate(STARTED) == 0
    # A later touch counts again.
    slider = phone.locator(f"{SLEEPS} input[type=range]").first
    x, y = shown(slider)
    Finger(phone).swipe((x, y), (x + 30, y))
    assert phone.evaluate(STARTED) == 1


def test_a_finger_that_slides_starts_python_once_it_is_lifted(phone):
    slider = phone.locator(f"{SLEEPS} input[type=range]").first
    x, y = shown(slider)
    before, top = slider.input_value(), phone.evaluate(SCROLL)
    finger = Finger(phone)
    finger.slide((x, y), (x + 40, y))
    assert slider.input_value() != before
    assert phone.evaluate(STARTED) == 0
    finger.lift()
    assert phone.evaluate(STARTED) == 1
    box = slider.locator("xpath=preceding-sibling::input")
    assert float(box.input_value()) == float(slider.input_value())
    assert phone.evaluate(SCROLL) == top


@pytest.mark.parametrize("down", [0, 60])
def test_a_finger_drags_a_point_that_sleeps_and_the_page_stays(down, phone):
    grips = phone.locator(f"{SLEEPS} [data-drag]")
    for index in range(grips.count()):
        grip = grips.nth(index)
        x, y = shown(grip)
        top = phone.evaluate(SCROLL)
        Finger(phone).swipe((x, y), (x - 40, y + down))
        assert phone.evaluate(SCROLL) == top
        scale = grip.evaluate("grip => grip.ownerSVGElement.getScreenCTM().a")
        svg = grip.evaluate(
            "grip => { const m = grip.getScreenCTM(); const b = grip.getBBox();"
            " return [b.x + b.width / 2, b.y + b.height / 2, m.a] }"
        )
        gesture = phone.evaluate("livePage.standins.map((s) => s.gesture).filter(Boolean).at(-1)")
        phone.evaluate("livePage.standins.forEach((s) => { s.gesture = null; })")
        assert gesture["x"] == pytest.approx(svg[0] - 40 / scale, abs=3)
        assert gesture["y"] == pytest.approx(svg[1] + down / scale, abs=3)


@pytest.mark.parametrize("down", [0, 60])
def test_a_point_that_a_script_answers_for_follows_the_finger_at_once(down, phone):
    grip = phone.locator(".dualedu-standin [data-drag=x]").first
    box = phone.locator(".dualedu-standin .explore-x input[type=number]").first
    words = phone.locator(".dualedu-standin .explore-words").first
    x, y = shown(grip)
    top, before, said = phone.evaluate(SCROLL), float(box.input_value()), words.inner_text()
    scale = grip.evaluate("grip => grip.ownerSVGElement.getScreenCTM().a")
    Finger(phone).swipe((x, y), (x - 60, y + down))
    # 8 units of x lie on 424 of the drawing.
    assert float(box.input_value()) == pytest.approx(before - 60 / scale * 8 / 424, abs=0.1)
    assert words.inner_text() != said
    assert (phone.evaluate(SCROLL), phone.evaluate(STARTED)) == (top, 0)


# As in a frame of another site, where a browser finds no idle moment.
NEVER_IDLE = """self.requestIdleCallback = (call, options) => {
  if (options?.timeout) setTimeout(call, options.timeout);
}"""


@pytest.fixture(scope="module")
def alive(open_page, book):
    page = open_page(**PHONE)
    page.add_init_script(NEVER_IDLE)
    living = LivingPage(page, f"{book}/book/widgets.html")
    living.start()
    arrow = "livePage.standins.find((s) => s.figure.dataset.widget === 'TangentArrow')"
    living.page.evaluate(f"livePage.runOne({arrow}.cell)")
    living.page.locator(".live-output [data-drag=x]").first.wait_for(timeout=START)
    yield living.page
    living.assert_quiet()
    living.page.context.close()


@pytest.mark.parametrize("down", [0, 70])
def test_a_finger_drags_a_point_that_lives(down, alive):
    grip = alive.locator(".live-output [data-drag=x]").first
    box = alive.locator(".live-output .explore-x input").first
    x, y = shown(grip)
    top = alive.evaluate(SCROLL)
    before = float(box.input_value())
    scale = grip.evaluate("grip => grip.ownerSVGElement.getScreenCTM().a")
    way = -60 if before > -1 else 60
    Finger(alive).swipe((x, y), (x + way, y + down))
    # 8 units of x lie on 424 of the drawing.
    wanted = before + way / scale * 8 / 424
    alive.wait_for_function(
        "([box, wanted]) => Math.abs(Number(box.value) - wanted) < 0.1",
        arg=[box.element_handle(), wanted],
    )
    assert alive.evaluate(SCROLL) == top


def test_a_scroll_that_begins_on_a_live_slider_changes_nothing(alive):
    handle = alive.locator(".live-output .explore-h .noUi-handle").first
    track = alive.locator(".live-output .explore-h .noUi-base").first
    value = "handle => handle.getAttribute('aria-valuenow')"
    x, y = shown(track)
    before, top = handle.evaluate(value), alive.evaluate(SCROLL)
    left = track.bounding_box()["x"]
    Finger(alive).swipe((left + 8, y), (left + 8, y - 250))
    assert alive.evaluate(SCROLL) > top + 100
    assert handle.evaluate(value) == before
    # A tap on the track and a slide of the handle do what they did.
    x, y = shown(track)
    alive.touchscreen.tap(x, y)
    tapped = "([handle, old]) => handle.getAttribute('aria-valuenow') !== old"
    alive.wait_for_function(tapped, arg=[handle.element_handle(), before])
    alive.wait_for_timeout(500)  # until the slider stands where its last answer put it
    before = handle.evaluate(value)
    x, y = shown(handle)
    Finger(alive).swipe((x, y), (x - 40, y))
    alive.wait_for_function(tapped, arg=[handle.element_handle(), before])


def test_a_drag_that_the_browser_ends_stays_where_it_was(alive):
    grip = alive.locator(".live-output [data-drag=x]").first
    box = alive.locator(".live-output .explore-x input").first
    x, y = shown(grip)
    start = box.input_value()
    grip.evaluate(
        """(grip, [x, y]) => {
          const tell = (type, place) => grip.dispatchEvent(new PointerEvent(type, {
            bubbles: true, pointerId: 1, pointerType: "mouse", ...place }));
          const drawing = grip.closest(".explore-picture");
          drawing.setPointerCapture = () => {};
          tell("pointerdown", { clientX: x, clientY: y });
          for (const type of ["pointermove", "pointercancel"]) {
            drawing.dispatchEvent(new PointerEvent(type, { pointerId: 1,
              ...(type === "pointermove" ? { clientX: x + 30, clientY: y } : {}) }));
          }
        }""",
        [x, y],
    )
    arguments = [box.element_handle(), start]
    alive.wait_for_function("([box, start]) => box.value !== start", arg=arguments)
    before = float(box.input_value())
    alive.wait_for_timeout(300)  # nothing comes after it
    assert float(box.input_value()) == before
    assert -3.5 < before < 3.5


SMALL = """() => [...document.querySelectorAll(
  "article :is(input, select, textarea, button, .noUi-handle)")]
  .filter((part) => part.getClientRects().length)
  .map((part) => {
    const { width, height } = part.getBoundingClientRect();
    const around = part.matches(".noUi-handle") ? getComputedStyle(part, "::before") : null;
    const [more, higher] = around ? [around.width, around.height].map(parseFloat) : [0, 0];
    return [part.outerHTML.slice(0, 80), Math.max(width, more), Math.max(height, higher)];
  })
  .filter(([, width, height]) => Math.min(width, height) < 24)"""
LETTERS = """() => [...document.querySelectorAll(
  "article :is(input:not([type=checkbox], [type=range], [type=file]), select, textarea)")]
  .filter((field) => field.getClientRects().length)
  .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16)
  .map((field) => field.outerHTML.slice(0, 80))"""


def test_a_finger_meets_what_is_large_enough_and_does_not_magnify_the_page(alive):
    """24 pixels, as WCAG 2.5.8 asks; and iPhones magnify around letters of less than 16."""
    assert alive.evaluate(SMALL) == []
    assert alive.evaluate(LETTERS) == []
    editor = alive.locator(".cm-content").first
    editor.focus()
    assert editor.evaluate("editor => parseFloat(getComputedStyle(editor).fontSize)") >= 16
    editor.blur()


def test_editors_come_where_there_is_no_idle_moment(alive):
    cells = alive.evaluate("livePage.cells.length")
    alive.locator(".cm-content").nth(cells - 1).wait_for(state="attached")


BESIDE = """(widget) => {
  const box = (part) => part.getBoundingClientRect();
  const picture = box(widget.querySelector(".explore-picture"));
  const rows = widget.querySelectorAll(":scope > :is(.explore-row, .explore-group)");
  const controls = [...rows].map(box);
  return [
    controls.every(({ left }) => left >= picture.right),
    Math.max(...controls.map(({ bottom }) => bottom)) - picture.top,
    widget.scrollWidth - widget.clientWidth,
  ];
}"""


def test_on_its_side_a_phone_shows_controls_beside_their_picture(alive):
    alive.set_viewport_size({"width": 740, "height": 360})
    header = 56
    for widget in (
        alive.locator("[data-widget=SeedExplorer]"),
        alive.locator(".live-output .dualedu-explore").first,
    ):
        beside, down, over = widget.evaluate(BESIDE)
        assert beside
        assert down < 360 - header
        assert over == 0
    alive.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})


TRACK = """(track) => {
  const { backgroundImage, borderTopWidth } = getComputedStyle(track);
  const over = getComputedStyle(track.querySelector(".noUi-connects"));
  return [backgroundImage, borderTopWidth, over.backgroundColor];
}"""
BOOK_S_BLUE = "rgb(0, 114, 178)"


def test_a_live_slider_is_filled_up_to_its_handle_in_the_reader_s_colours_too(alive):
    track = alive.locator(".live-output .explore-x .noUi-target").first
    drawn, _, over = track.evaluate(TRACK)
    assert BOOK_S_BLUE in drawn
    assert over == "rgba(0, 0, 0, 0)"
    alive.emulate_media(forced_colors="active")
    drawn, edge, over = track.evaluate(TRACK)
    alive.emulate_media(forced_colors="none")
    assert (BOOK_S_BLUE in drawn, edge, over) == (False, "1px", "rgba(0, 0, 0, 0)")
