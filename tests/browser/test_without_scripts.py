"""A page where no script runs, and a page on paper: readable, with no control that does nothing."""

from living_page import LivingPage

PAGE = "book/2-diagnosis/softmax.html"


def test_without_scripts_a_page_reads_well(new_page, pages):
    page = new_page(java_script_enabled=False)
    page.goto(f"{pages}/{PAGE}")
    assert page.locator("article noscript p").is_visible()
    assert page.locator("article button:visible, article form:visible").all() == []
    assert page.locator(".bd-header-article").is_hidden()
    assert page.locator(".dualedu-standin svg").is_visible()
    assert page.get_by_text("sigmoid agrees with differences").is_visible()
    link = page.locator("article p a").first  # in the theme's colours, which a script chooses
    assert link.evaluate("link => getComputedStyle(link).color") == "rgb(18, 97, 209)"
    assert (page.errors, page.external) == ([], [])


def test_with_scripts_nothing_is_said_and_colours_follow_the_reader(new_page, pages):
    page = new_page(dark=True)
    page.goto(f"{pages}/{PAGE}")
    assert page.locator("article noscript p").count() == 0
    page.wait_for_selector("html[data-theme=dark]")
    assert page.locator(".bd-header-article").is_visible()


def test_on_paper_a_page_has_no_bars(new_page, book):
    living = LivingPage(new_page(), f"{book}/{PAGE}")
    living.start()
    page = living.page
    page.emulate_media(media="print")
    assert page.locator(".live-bar:visible, .live-tools:visible, .live-button:visible").all() == []
    assert page.locator(".question button:visible").all() == []
    assert page.get_by_text("sigmoid agrees with differences").is_visible()
    assert "rng = np.random" in page.locator(".cell_input").nth(1).inner_text()
