"""DrawADigit's grid in Chromium: strokes of the mouse, of a finger and of the keys are read."""

import re

import pytest
from playwright import sync_api as playwright
from widget_pages import VOILAS_OWN, View, opened, touch


@pytest.fixture(scope="module")
def view(voila, open_page):
    page = opened(open_page(silenced=VOILAS_OWN), f"{voila}/voila/render/DrawADigit.ipynb")
    yield View(page, "DrawADigit")
    page.context.close()


BLANK = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const middle = (row, column) => data[4 * ((12 * row + 6) * canvas.width + 12 * column + 6)];
    const every = Array.from({ length: 784 }, (_, i) => middle(Math.floor(i / 28), i % 28));
    return new Set(every).size === 1;
}"""


@pytest.fixture
def grid(view):
    """The empty grid: a function from a point in pixels of the drawing to one of the screen."""
    view.root.get_by_role("button", name="Clear").click()
    playwright.expect(view.words).to_contain_text("The grid is empty")
    view.page.wait_for_function(BLANK, arg=canvas(view).element_handle())
    canvas(view).scroll_into_view_if_needed()
    box = canvas(view).bounding_box()
    return lambda x, y: (box["x"] + x * box["width"] / 28, box["y"] + y * box["height"] / 28)


def canvas(view):
    return view.root.get_by_role("application", name="Drawing grid")


def reads(view, digit):
    playwright.expect(view.words).to_have_text(re.compile(f"^The network reads {digit} "))


SEVEN = [(x, 4) for x in range(5, 22)] + [(21 - 0.45 * i, 4 + i) for i in range(21)]


def test_a_seven_drawn_with_the_mouse(view, grid):
    mouse = view.page.mouse
    mouse.move(*grid(*SEVEN[0]))
    mouse.down()
    for point in SEVEN:
        mouse.move(*grid(*point))
    mouse.up()
    reads(view, 7)


def test_a_seven_drawn_with_a_finger(view, grid):
    touch(view.page, grid(*SEVEN[0]), [grid(*point) for point in SEVEN])
    reads(view, 7)


def test_ink_shows_before_the_kernel_has_answered(view, grid):
    dark = "c => c.getContext('2d').getImageData(54, 54, 1, 1).data[0]"
    paper = canvas(view).evaluate(dark)
    shown = canvas(view).evaluate(
        f"""(canvas) => {{
            const box = canvas.getBoundingClientRect(), at = (54 / 336) * box.width;
            const place = {{ clientX: box.left + at, clientY: box.top + at, pointerId: 1 }};
            canvas.setPointerCapture = () => {{}};
            canvas.dispatchEvent(new PointerEvent("pointerdown", place));
            const shade = ({dark})(canvas);
            canvas.dispatchEvent(new PointerEvent("pointerup", place));
            delete canvas.setPointerCapture;
            return shade;
        }}"""
    )
    assert shown < paper


def test_a_one_drawn_with_keys_alone(view, grid):
    press = view.page.keyboard.press
    view.root.get_by_role("button", name="Clear").focus()
    press("Tab")
    playwright.expect(canvas(view)).to_be_focused()
    for key in ["ArrowUp"] * 28 + ["ArrowLeft"] * 28 + ["ArrowDown"] * 5 + ["ArrowRight"] * 14:
        press(key)
    for key in ["p", *["ArrowDown"] * 18, "p", "ArrowUp"]:
        press(key)
    reads(view, 1)
    playwright.expect(view.words).to_contain_text("row 23, column 15 is full of ink")
    press("Delete")
    playwright.expect(view.words).to_contain_text("Ink at row 23, column 15 would change p(1)")
    press(" ")
    playwright.expect(view.words).to_contain_text("row 23, column 15 is full of ink")


def test_the_rubber_takes_ink_away(view, grid):
    press = view.page.keyboard.press
    rubber = view.root.get_by_role("button", name="Rubber")
    canvas(view).focus()
    press(" ")
    playwright.expect(view.root.get_by_text("100 % ink")).to_be_visible()
    rubber.click()
    playwright.expect(rubber).to_have_attribute("aria-pressed", "true")
    canvas(view).focus()
    press(" ")
    playwright.expect(view.words).to_contain_text("The grid is empty")
    rubber.click()


def test_an_example_comes_to_the_grid(view, grid):
    view.row("example").locator("select").select_option("MNIST: 3")
    reads(view, 3)
    shade = canvas(view).evaluate(
        "c => c.getContext('2d').getImageData(0, 0, 336, 336).data.reduce((a, b) => Math.min(a, b))"
    )
    assert shade < 128


def test_nothing_was_complained_of(view):
    assert (view.page.errors, view.page.failed, view.page.external) == ([], [], [])


def test_a_grid_cleared_while_ink_is_on_its_way_stays_clear(view, grid):
    """Two dabs and Clear in one moment: the second dab waits for the answer to the first."""
    canvas(view).evaluate(
        """(canvas) => {
            const box = canvas.getBoundingClientRect();
            canvas.setPointerCapture = () => {};
            const clientY = box.top + 0.5 * box.height;
            for (const share of [0.2, 0.8]) {
                const place = { clientX: box.left + share * box.width, clientY, pointerId: 1 };
                for (const event of ["pointerdown", "pointerup"]) {
                    canvas.dispatchEvent(new PointerEvent(event, place));
                }
            }
            delete canvas.setPointerCapture;
            const buttons = [...document.querySelectorAll("button")];
            buttons.find((button) => button.textContent.trim() === "Clear").click();
        }"""
    )
    view.page.wait_for_timeout(1000)
    playwright.expect(view.words).to_contain_text("The grid is empty")
