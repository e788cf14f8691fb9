"""The slides in a browser: turned by keys, nothing cut off, one to a printed page."""

import re

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

OVERFLOW = """slides => slides.flatMap((slide, i) =>
  [slide, ...slide.querySelectorAll(".words, .pictures, pre")]
    .filter(e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1
      || e.getBoundingClientRect().bottom > slide.getBoundingClientRect().bottom)
    .map(e => `slide ${i + 1}: ${e.className || e.tagName}`))"""


SMALL = """pictures => pictures
  .filter(picture => picture.getBoundingClientRect().height < innerHeight / 5)
  .map(picture => picture.alt)"""


@pytest.fixture
def lecture(pages, new_page):
    """lecture(**options): the slides, opened; `name` says which."""

    def opened(name="lecture", **options):
        page = new_page(**options)
        page.goto(f"{pages}/book/slides/{name}.html")
        return page

    return opened


@pytest.mark.parametrize("name", ["lecture", "forward"])
@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (1920, 1080)])
def test_every_slide_fits_its_screen(lecture, size, name):
    page = lecture(name, width=size[0], height=size[1])
    assert page.locator("section").evaluate_all(OVERFLOW) == []
    assert page.locator("img").evaluate_all(SMALL) == []
    assert (page.errors, page.external, page.failed) == ([], [], [])


def test_keys_turn_the_slides(lecture):
    page = lecture(width=1280, height=720)

    at = "number => Math.abs(scrollY / innerHeight + 1 - number) < 0.01"
    last = page.locator("section").count()
    for key, number in [("PageDown", 2), (" ", 3), ("ArrowLeft", 2), ("End", last), ("Home", 1)]:
        page.keyboard.press(key)
        page.wait_for_function(at, arg=number)
    notes = page.locator("aside").first
    assert notes.is_hidden()
    page.keyboard.press("n")
    assert notes.is_visible()


def test_one_slide_a_printed_page(lecture, tmp_path):
    page = lecture(width=1280, height=720)
    page.keyboard.press("n")
    page.pdf(path=tmp_path / "lecture.pdf", prefer_css_page_size=True, print_background=True)
    printed = re.findall(rb"/Type\s*/Page\b", (tmp_path / "lecture.pdf").read_bytes())
    assert len(printed) == page.locator("section").count()


def test_axe_finds_nothing(lecture):
    page = lecture(width=1280, height=720)
    page.keyboard.press("n")
    assert [fault["id"] for fault in axe.Axe().run(page).response["violations"]] == []
