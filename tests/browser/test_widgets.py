"""Each widget against a live kernel in Chromium: seen, named, tabbed through, set, dragged.

Voilà shows a notebook of one widget. Its twin, of the same class, lives here in the test: what the
browser does to the one is done to the other from Python, and both must say the same.
"""

import re
from pathlib import Path

import pytest
from widget_pages import VOILAS_OWN, View, give, label, numbers, opened, shown, touch

from dualedu import explore
from dualedu.explore.kit.controls import Choice, Count, Line, Switch

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ROOT = Path(__file__).parents[2]

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# These judge a whole page, which here is Voilà's: it has no heading and no landmarks.
VOILAS_PAGE = ["page-has-heading-one", "region", "landmark-one-main"]


@pytest.fixture(scope="module", params=explore.ROOMS)
def view(request, voila, open_page):
    """One page for all tests of a widget: each leaves it in a state that both twins share."""
    page = opened(open_page(silenced=VOILAS_OWN), f"{voila}/voila/render/{request.param}.ipynb")
    yield View(page, request.param)
    page.context.close()


@pytest.fixture(scope="module")
def dark(voila, open_page):
    """All widgets on one dark page."""
    page = open_page(silenced=VOILAS_OWN, dark=True)
    opened(page, f"{voila}/voila/render/all.ipynb?theme=dark")
    playwright.expect(page.locator(".dualedu-explore .explore-picture > svg")).to_have_count(
        len(explore.ROOMS)
    )
    yield page
    page.context.close()


# --- what is seen --------------------------------------------------------------------------------


def test_it_appears_as_python_draws_it(view):
    view.agrees()
    playwright.expect(view.picture).to_be_visible()
    assert view.message.is_hidden()


def complaints(page, place=0):
    """What axe finds wrong with a widget, one line for each element."""
    rules = {"runOnly": STANDARDS, "rules": {rule: {"enabled": False} for rule in VOILAS_PAGE}}
    page.evaluate("i => document.querySelectorAll('.dualedu-explore')[i].id = 'judged'", place)
    found = axe.Axe().run(page, context="#judged", options=rules | {"resultTypes": ["violations"]})
    page.evaluate("document.querySelector('#judged').removeAttribute('id')")
    return [
        f"{fault['id']} ({fault['impact']}): {node['html'][:200]} {node.get('failureSummary', '')}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]


def test_axe_finds_nothing_in_light(view):
    assert complaints(view.page) == []


@pytest.mark.parametrize("name", explore.ROOMS)
def test_axe_finds_nothing_in_dark(dark, name):
    place = list(explore.ROOMS).index(name)
    ground = dark.locator(".dualedu-explore").nth(place)
    assert ground.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(27, 31, 35)"
    assert complaints(dark, place) == []


def test_nothing_leaves_a_phones_screen(view):
    """At 360 pixels all of it is within its frame, and the letters of the drawing are legible."""
    page, size = view.page, view.page.viewport_size
    page.set_viewport_size({"width": 360, "height": 800})
    try:
        beyond = view.root.evaluate("""root => {
            const edge = root.getBoundingClientRect();
            const seen = [...root.querySelectorAll('*')].filter(e => !e.closest('svg svg'));
            return seen.filter(e => {
                const box = e.getBoundingClientRect();
                return box.width && (box.right > edge.right + 0.5 || box.left < edge.left - 0.5);
            }).map(e => e.outerHTML.slice(0, 160));
        }""")
        assert beyond == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        smallest = view.picture.evaluate("""svg => Math.min(
            ...[...svg.querySelectorAll('text')].map(
                text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))""")
        assert smallest >= 8
    finally:
        page.set_viewport_size(size)


# --- names, order, focus -------------------------------------------------------------------------


def spoken(control):
    """What is read aloud as the value of a control, by the rules of ARIA.

    Asked of the element and not of the browser's own tree of accessible things: how DevTools writes
    that tree changes between versions while a screen reader is told the same. Chromium 156 shows an
    empty `valuetext` there, and hands the right one to AT-SPI.
    """
    return control.evaluate(
        "e => e.getAttribute('aria-valuetext') ?? e.getAttribute('aria-valuenow') ?? e.value"
    )


def test_a_screen_reader_hears_names_and_values(view):
    expect = playwright.expect
    for name, part, trait in numbers(view.twin):
        row = view.row(name, part)
        box = row.get_by_role("spinbutton", name=trait.label, exact=True)
        slider = row.get_by_role("slider", name=trait.label, exact=True)
        expect(box).to_have_count(1)
        expect(slider).to_have_count(1)
        assert spoken(slider) == spoken(box) == box.input_value()
        assert len(spoken(box)) <= 12, "digits that nobody chose"
    for name, trait in shown(view.twin):
        role = {Choice: "combobox", Switch: "checkbox", Line: "textbox"}.get(type(trait))
        if role:
            control = view.row(name).get_by_role(role, name=trait.label, exact=True)
            expect(control).to_have_count(1)
    for method in view.twin.actions().values():
        button = view.root.get_by_role("button", name=method.label, exact=True)
        expect(button).to_have_count(1)
    for role in ("spinbutton", "slider", "combobox", "checkbox", "textbox", "button", "radio"):
        named = view.root.get_by_role(role, name=re.compile(r"\S"))
        expect(named).to_have_count(view.root.get_by_role(role).count())
    picture = view.root.get_by_role("img", name=label(view.twin), exact=True)
    expect(picture).to_have_count(1)
    expect(view.root.get_by_role("status").first).to_be_attached()


def test_tab_reaches_every_control_in_order_and_shows_where_it_is(view):
    order = view.root.evaluate("""root => {
        const all = 'input, select, button, textarea, .noUi-handle, [tabindex]';
        const found = [...root.querySelectorAll(all)].filter(
            e => e.tabIndex >= 0 && !e.disabled && e.getClientRects().length);
        found.forEach((e, i) => e.dataset.stop = i);
        return found.length;
    }""")
    rows = sum(2 for _ in numbers(view.twin))
    others = [t for _, t in shown(view.twin) if isinstance(t, Choice | Switch | Line)]
    assert order >= rows + len(others) + len(view.twin.actions())
    view.page.evaluate("document.activeElement.blur()")
    stops, hidden = [], []
    for _ in range(order + 12):
        view.page.keyboard.press("Tab")
        stop = view.page.evaluate("document.activeElement.dataset.stop")
        if stop is None and stops:
            break
        if stop is not None:
            stops.append(int(stop))
            outline = "s => [s.outlineStyle, parseFloat(s.outlineWidth)]"
            style, width = view.page.evaluate(
                f"({outline})(getComputedStyle(document.activeElement))"
            )
            if style == "none" or width < 2:
                hidden.append(view.page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
    assert stops == list(range(order))
    # Without this mark Jupyter's notebook takes arrow keys and Enter for commands of its own.
    assert view.root.locator("[data-stop]:not([data-lm-suppress-shortcuts])").count() == 0
    assert hidden == []


# --- what is set ---------------------------------------------------------------------------------


def test_arrow_keys_move_each_slider(view):
    for name, part, _ in numbers(view.twin):
        row = view.row(name, part)
        handle, box = row.locator(".noUi-handle"), row.locator("input")
        before, drawn, said = box.input_value(), view.picture.inner_html(), view.twin.words
        was = view.twin.picture.svg
        listen(view)
        at_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
        handle.focus()
        view.page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
        playwright.expect(box).not_to_have_value(before)
        give(view.twin, name, part, float(box.input_value()))
        view.agrees()
        playwright.expect(handle).to_have_attribute("aria-valuetext", box.input_value())
        assert (view.picture.inner_html() != drawn) == (view.twin.picture.svg != was)
        assert view.page.evaluate("window.spoken") == int(view.twin.words != said)


def listen(view):
    """Count what a screen reader is given to say from now on."""
    view.root.evaluate("""root => {
        window.spoken = 0;
        window.listener?.disconnect();
        window.listener = new MutationObserver(all => { window.spoken += all.length; });
        for (const e of root.querySelectorAll('[role=status], [role=alert]'))
            window.listener.observe(e, { childList: true, characterData: true, subtree: true });
    }""")


def within(trait):
    """A number the slider covers that is short to write."""
    low, high = trait.slides
    value = (low * high) ** 0.5 if trait.log else low + 0.4 * (high - low)
    return round(value) if isinstance(trait, Count) else float(f"{value:.2g}")


def test_numbers_are_typed(view):
    for name, part, trait in numbers(view.twin):
        box = view.row(name, part).locator("input")
        box.fill(f"{within(trait):g}")
        box.press("Enter")
        give(view.twin, name, part, within(trait))
        view.agrees()


def test_a_number_out_of_range_is_refused(view):
    for name, part, trait in numbers(view.twin):
        box, drawn = view.row(name, part).locator("input"), view.picture.inner_html()
        box.fill(f"{trait.high + 1:g}")
        box.press("Enter")
        give(view.twin, name, part, trait.high + 1)
        assert view.twin.message
        view.agrees()
        playwright.expect(view.message).to_be_visible()
        assert view.picture.inner_html() == drawn


def test_a_text_that_cannot_be_read_is_refused(view):
    for name, trait in shown(view.twin):
        if isinstance(trait, Line):
            field, drawn = view.row(name).locator("input"), view.picture.inner_html()
            field.fill("2 +* (")
            field.press("Enter")
            view.twin.update(**{name: "2 +* ("})
            assert view.twin.message
            view.agrees()
            assert view.picture.inner_html() == drawn


def test_menus_and_switches(view):
    for name, trait in shown(view.twin):
        if isinstance(trait, Choice):
            now = getattr(view.twin, name)
            others = [(option, v) for option, v in trait.options.items() if v != now]
            back = [(option, v) for option, v in trait.options.items() if v == now]
            for option, value in others + back:
                view.row(name).locator("select").select_option(option)
                view.twin.update(**{name: value})
                view.agrees()
        elif isinstance(trait, Switch):
            for _ in range(2):
                view.row(name).locator("input").click()
                view.twin.update(**{name: not getattr(view.twin, name)})
                view.agrees()


def test_buttons(view):
    for name, method in view.twin.actions().items():
        button = view.root.get_by_role("button", name=method.label, exact=True)
        button.focus()
        view.page.keyboard.press("Enter")
        view.twin.press(name)
        view.agrees()


# --- the pointer ---------------------------------------------------------------------------------


def grips(view):
    return view.root.evaluate(
        "root => [...new Set([...root.querySelectorAll('[data-drag]')].map(e => e.dataset.drag))]"
    )


def middle(view, grip):
    """Where it is, in one step: the drawing may be replaced between two."""
    return view.root.evaluate(
        """(root, grip) => {
            const box = root.querySelector(`[data-drag="${grip}"]`).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        grip,
    )


@pytest.mark.parametrize("finger", [False, True], ids=["mouse", "finger"])
def test_what_can_be_held_is_dragged(view, finger):
    if not grips(view):
        return
    frame = view.root.locator(".explore-picture")
    frame.evaluate("e => e.scrollIntoView({ block: 'center' })")
    grip, drawn = grips(view)[0], frame.inner_html()
    x, y = middle(view, grip)
    places = [(x + step, y - step / 2) for step in (4, 12, 24, 40)]
    if finger:
        touch(view.page, (x, y), places)
    else:
        view.page.mouse.move(x, y)
        view.page.mouse.down()
        for place in places:
            view.page.mouse.move(*place)
        view.page.mouse.up()
    view.page.wait_for_function(
        "([svg, drawn]) => document.querySelector(svg).innerHTML !== drawn",
        arg=[".explore-picture", drawn],
    )


def test_nothing_was_complained_of(view):
    """Last: no error in the console, nothing missing, no other machine asked, all this while."""
    assert (view.page.errors, view.page.failed, view.page.external) == ([], [], [])
