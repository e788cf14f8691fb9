"""The living book in Firefox: tests of the other files once more, and what is Firefox's own."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
import test_chapters_alive
import test_exercises_alive
import test_lite
import test_living_page
import test_offline
import test_questions_asked
import test_widgets_alive
from browsers import LOCAL, SCHOOL, recorded
from living_page import START, LivingPage

AGAIN = [
    test_living_page.shared,
    test_living_page.test_before_it_is_live_a_page_loads_neither_widgets_nor_python,
    test_living_page.test_a_cell_is_edited_run_and_put_back,
    test_living_page.test_shift_enter_runs_the_cell,
    test_living_page.test_output,
    test_living_page.test_an_error_is_a_few_lines_however_deep_it_happened,
    test_living_page.test_a_matplotlib_picture_has_words,
    test_living_page.test_python_reaches_no_other_server,
    test_living_page.test_run_all_above,
    test_living_page.test_a_run_is_stopped_and_python_starts_again,
    test_living_page.test_keyboard_alone,
    test_living_page.test_phone,
    test_living_page.test_what_a_start_does_without_comes_when_it_is_imported,
    test_living_page.test_a_start_that_fails_says_why_and_keeps_the_page,
    test_widgets_alive.test_what_is_done_to_a_stand_in_is_honoured,
    test_widgets_alive.test_what_is_done_before_the_page_s_script_came_is_answered,
    test_widgets_alive.test_what_a_browser_puts_back_is_no_touch,
    test_widgets_alive.test_a_touched_widget_runs_and_loads_no_more_than_it_needs,
    test_questions_asked.page,
    test_questions_asked.test_answers_open_by_keyboard_one_at_a_time,
    test_questions_asked.test_a_number_is_replied_to,
    test_questions_asked.test_what_is_no_number_is_told_so_and_can_be_mended,
    test_offline.host,
    test_offline.test_a_visited_page_is_read_without_a_network,
    test_offline.test_a_page_that_was_live_runs_without_a_network,
    test_lite.app,
    test_lite.test_a_chapter_opens_runs_and_keeps_what_is_changed,
]
globals().update({each.__name__: each for each in AGAIN})


@pytest.fixture(scope="session")
def open_page(firefox):
    """In place of Chromium's: with it, whatever opens a page opens it in Firefox."""

    def opened(*, dark=False, **options):
        page = recorded(firefox, **options)
        if dark:  # the protocol has no word for what a reader prefers: their last choice is set
            page.add_init_script(
                "if (origin !== 'null') localStorage.mode = localStorage.theme = 'dark'"
            )
        return page

    return opened


@pytest.mark.parametrize("chapter", ["1-numbers/no-limit.ipynb", "2-diagnosis/softmax.ipynb"])
def test_a_chapter_runs_to_its_stored_outputs(chapter, book, new_page):
    test_chapters_alive.test_runs_to_the_stored_outputs(chapter, book, new_page)


def test_an_exercise_is_told_of_its_blanks_and_passes_when_solved(book, new_page):
    test_exercises_alive.test_blanks_are_told_so_and_solutions_pass("numbers", book, new_page)


def test_a_slider_moves_the_picture(new_page, book):
    living = LivingPage(new_page(), f"{book}/book/1-numbers/no-limit.html")
    page = living.page
    page.wait_for_selector(".dualedu-standin .explore-message", state="attached")  # it can answer
    page.locator(".dualedu-standin input[type=range]").first.focus()
    words = page.locator(".dualedu-standin .explore-words").first
    stored = words.inner_text()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([p, old]) => p.innerText !== old", arg=[words.element_handle(), stored]
    )
    page.evaluate("livePage.start(livePage.cells)")
    page.wait_for_selector(".live-output .explore-picture svg", timeout=START)
    handle = page.locator(".live-output .noUi-handle").first
    handle.and_(page.locator(":focus")).wait_for()
    picture = "document.querySelector('.live-output .explore-picture svg').outerHTML"
    before = page.evaluate(picture)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"before => {picture} !== before", arg=before)
    living.assert_quiet()


def test_a_host_without_a_certificate_is_no_hindrance(new_page, book):
    """A school's own server, say: no service worker there, and no digests by the page itself."""
    page = new_page()
    living = LivingPage(page, f"{book.replace(LOCAL, SCHOOL)}/{test_living_page.PAGE}")
    assert not page.evaluate("isSecureContext || 'serviceWorker' in navigator || crypto.subtle")
    living.start()
    assert living.run(2, "print(6 * 7)").strip() == "42"
    assert {urlsplit(url).hostname for url in page.external} == {SCHOOL}
    assert (page.errors, page.failed) == ([], [])


def test_a_page_that_arrives_in_the_middle_of_a_formula_is_quiet(new_page):
    """Firefox lays out what is there, and reports the half as an error of the page."""

    class Halting(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            start = b"<!doctype html><p>" + b"More than a browser waits for. " * 1000
            self.wfile.write(start + b"<math><msup><mi>x</mi>")
            seen.wait(30)
            self.wfile.write(b"<mn>2</mn></msup></math></p>")

    seen = Event()
    page = new_page()
    page.on("pageerror", lambda _: seen.set())
    with ThreadingHTTPServer((LOCAL, 0), Halting) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://{LOCAL}:{server.server_port}/formula.html", wait_until="commit")
        page.wait_for_function("() => document.querySelector('mn')")
        server.shutdown()
    assert seen.is_set(), "nothing was reported: the filter in browsers.py can go"
    assert page.errors == []
