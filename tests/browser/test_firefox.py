"""What is Firefox's own. Tests with the mark BOTH, in the other files, are its tests as well."""

from http.server import BaseHTTPRequestHandler
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from browsers import LOCAL, SCHOOL
from hosts import Server
from living_page import START, LivingPage

pytestmark = pytest.mark.browsers("firefox")


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
    living = LivingPage(page, f"{book.replace(LOCAL, SCHOOL)}/book/1-numbers/algebra.html")
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
    with Server((LOCAL, 0), Halting) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://{LOCAL}:{server.server_port}/formula.html", wait_until="commit")
        page.wait_for_function("() => document.querySelector('mn')")
        server.shutdown()
    assert seen.is_set(), "nothing was reported: the filter in browsers.py can go"
    assert page.errors == []
