"""Real browsers as the tests drive them: where they are, and pages that note what goes wrong."""

import re
import shutil
from urllib.parse import urlsplit

import pytest
import untested

LOCAL = "127.0.0.1"
SCHOOL = "book.school.test"  # to Firefox the same machine by name, and so not to be trusted
PATIENCE = 120_000
"""Milliseconds until a test gives up on what it waits for: on a busy machine all takes longer."""

BOTH = pytest.mark.browsers("chromium", "firefox")
"""For a test whose pages open in either; without a mark they open in Chromium alone."""

COMMANDS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "firefox": ("firefox-esr", "firefox"),
}


def installed(name):
    """Where a browser is; a test that wants one that is not there is skipped."""
    path = next(filter(None, map(shutil.which, COMMANDS[name])), None)
    return path or untested.skip(name)


def settled(page):
    """Wait until the page has loaded all that it loads of itself, formulas and their fonts too."""
    page.wait_for_load_state("load")
    page.evaluate("window.MathJax?.startup?.promise?.then(() => null)")
    page.evaluate("document.fonts.ready.then(() => null)")


def recorded(browser, *, width=900, height=1000, dark=False, silenced=None, **options):
    """A page of its own context, with the lists that `new_page` describes."""
    told = browser.browser_type.name != "firefox"  # to it the protocol cannot say what is preferred
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark and told else "light",
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    if dark and not told:  # a reader's last choice is set
        page.add_init_script(
            "if (origin !== 'null') localStorage.mode = localStorage.theme = 'dark'"
        )
    page.errors, page.external, page.failed = [], [], []
    if silenced:
        context.route(re.compile(silenced), lambda route: route.fulfill(body=""))

    def asked(request):
        host = urlsplit(request.url).hostname
        if host not in (LOCAL, None) and not (silenced and re.search(silenced, request.url)):
            page.external.append(request.url)

    def thrown(error):
        # So does Firefox report that a worker was ended while it computed.
        ended = (error.name, error.message) == ("uncaught exception", "undefined")
        # Firefox counts what a formula has while the page still arrives, and may stop halfway in
        # one. tests/book counts in whole pages.
        half = re.fullmatch(r"Incorrect number of children for <\w+/> tag\.", error.message)
        if not (ended or half):
            page.errors.append(str(error))

    def reported(message):
        if message.type == "error":
            page.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def replied(response):
        if response.status >= 400:
            page.failed.append(f"{response.status} {response.url}")

    page.on("request", asked)
    page.on("console", reported)
    page.on("pageerror", thrown)

    def unanswered(request):
        # What comes beforehand is taken back by an import that cannot wait for it, and asked anew.
        if "/rest-" not in request.url or "ABORTED" not in (request.failure or ""):
            page.failed.append(f"{request.failure} {request.url}")

    page.on("requestfailed", unanswered)
    page.on("response", replied)
    return page
