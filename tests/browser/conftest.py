"""A real Chromium for the tests in this folder, which can reach this machine and no other."""

import re
import shutil
from urllib.parse import urlsplit

import pytest

LOCAL = "127.0.0.1"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium():
    """One browser for the whole run. Every name but 127.0.0.1 is unknown to it."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip(f"no Chromium on this machine: none of {', '.join(CHROMIUMS)} is on the path")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOCAL}",
    ]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium):
    """Opens pages: new_page(width=900, dark=False, silenced=None, **context) → a Playwright page.

    page.errors: what the console reported as an error, and exceptions nobody caught.
    page.external: every address asked for that is not on this machine, in order.
    page.failed: every address that got no answer, or one of 400 and above.
    silenced: a regular expression; addresses it matches get an empty answer and are not counted.
    """
    contexts = []

    def open_page(**options):
        page = recorded(chromium, **options)
        contexts.append(page.context)
        return page

    yield open_page
    for context in contexts:
        context.close()


def recorded(browser, *, width=900, height=1000, dark=False, silenced=None, **options):
    """A page of its own context, with the lists that `new_page` describes."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        **options,
    )
    page = context.new_page()
    page.errors, page.external, page.failed = [], [], []
    if silenced:
        context.route(re.compile(silenced), lambda route: route.fulfill(body=""))

    def asked(request):
        host = urlsplit(request.url).hostname
        if host not in (LOCAL, None) and not (silenced and re.search(silenced, request.url)):
            page.external.append(request.url)

    def told(message):
        if message.type == "error":
            page.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def replied(response):
        if response.status >= 400:
            page.failed.append(f"{response.status} {response.url}")

    page.on("request", asked)
    page.on("console", told)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("requestfailed", lambda request: page.failed.append(f"{request.failure} {request.url}"))
    page.on("response", replied)
    return page
