"""Concept questions in a browser: by keyboard, with a reply to each answer, in light and dark."""

import pytest
from browsers import BOTH

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

PAGE = "book/1-numbers/no-limit.html"


@pytest.fixture
def page(pages, new_page):
    """page(**options): the page, without having been made alive."""

    def opened(**options):
        page = new_page(**options)
        page.goto(f"{pages}/{PAGE}")
        return page

    return opened


def seen(page):
    """The replies that can be read now."""
    replies = page.locator(".question .reply > :not(summary)")
    return [text for text in replies.all() if text.is_visible()]


@BOTH
def test_answers_open_by_keyboard_one_at_a_time(page):
    page = page()
    question = page.locator(".question:has(details)").first
    answers = question.locator("summary")
    answers.first.focus()
    for number in range(answers.count()):
        assert answers.nth(number).evaluate("e => e === document.activeElement")
        page.keyboard.press("Enter")
        (reply,) = seen(page)
        own = question.locator("details").nth(number)
        assert reply.inner_text() in own.inner_text()
        page.keyboard.press("Tab")
    assert (page.errors, page.external) == ([], [])


@BOTH
@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("3,5", "Right"),
        ("7/2", "Right"),
        ("4", "Right"),
        ("7", "the format holds 7"),
        ("8.0", "a float64"),
        ("-1000", "square root"),
        ("−5", "square root"),
    ],
)
def test_a_number_is_replied_to(page, typed, reply):
    page = page()
    page.locator(".question form input").fill(typed)
    page.keyboard.press("Enter")
    (shown,) = seen(page)
    assert reply in shown.inner_text()


@BOTH
@pytest.mark.parametrize("typed", ["seven", "1/0", "3/", " "])
def test_what_is_no_number_is_told_so_and_can_be_mended(page, typed):
    page = page()
    field = page.locator(".question form input")
    field.fill("7")
    page.keyboard.press("Enter")
    field.fill(typed)
    page.keyboard.press("Enter")
    assert not field.evaluate("e => e.checkValidity()")
    assert seen(page) == []
    field.fill("3.5")
    page.keyboard.press("Enter")
    assert "Right" in seen(page)[0].inner_text()


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(page, dark):
    page = page(dark=dark)
    page.evaluate("for (const reply of document.querySelectorAll('.reply')) reply.open = true")
    page.locator(".question form input").fill("7")
    page.keyboard.press("Enter")
    found = axe.Axe().run(page, context=".question")
    assert [fault["id"] for fault in found.response["violations"]] == []
