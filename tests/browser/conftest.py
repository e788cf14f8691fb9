"""Real browsers for the tests in this folder, which can reach this machine and no other."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

pytest.register_assert_rewrite("living_page")  # which would not say what was unquiet

ROOT = Path(__file__).resolve().parents[2]
BUILD = "from jupyter_book.cli.main import main; main()"
LOCAL = "127.0.0.1"
SCHOOL = "book.school.test"  # to Firefox the same machine by name, and so not to be trusted
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FIREFOXES = ("firefox-esr", "firefox")


def installed(name, commands):
    """Where a browser is; a test that wants one that is not there is skipped."""
    path = next(filter(None, map(shutil.which, commands)), None)
    if path is None:
        pytest.skip(f"no {name} on this machine: none of {', '.join(commands)} is on the path")
    return path


@pytest.fixture(scope="session")
def playwright():
    """What drives the browsers: a process may have one."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    """One browser for the whole run. Every name but 127.0.0.1 is unknown to it."""
    path = installed("Chromium", CHROMIUMS)
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOCAL}",
    ]
    browser = playwright.chromium.launch(executable_path=path, args=arguments)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(playwright):
    """The same for Firefox: whatever is not at 127.0.0.1 it asks of a proxy that is not there.

    It is driven by WebDriver BiDi, which this channel names; Playwright's own Firefox is another.
    """
    path = installed("Firefox", FIREFOXES)
    try:
        browser = playwright.firefox.launch(
            executable_path=path,
            channel="moz-firefox",
            proxy={"server": f"http://{LOCAL}:9", "bypass": f"{LOCAL}, {SCHOOL}"},
            firefox_user_prefs={"ui.prefersReducedMotion": 1, "network.dns.localDomains": SCHOOL},
        )
    except Exception as error:
        if "unknown command" not in str(error):
            raise
        pytest.skip("this Firefox is too old to be driven: 143 is the first that answers enough")
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def open_page(chromium):
    """What `new_page` does, for fixtures that keep a page; they close its context themselves."""
    return functools.partial(recorded, chromium)


@pytest.fixture
def new_page(open_page):
    """Opens pages: new_page(width=900, dark=False, silenced=None, **context) → a Playwright page.

    page.errors: what the console reported as an error, and exceptions nobody caught.
    page.external: every address asked for that is not on this machine, in order.
    page.failed: every address that got no answer, or one of 400 and above.
    silenced: a regular expression; addresses it matches get an empty answer and are not counted.
    """
    pages = []

    def opened(**options):
        pages.append(open_page(**options))
        return pages[-1]

    yield opened
    for page in pages:
        page.context.close()


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

    def thrown(error):
        # So does Firefox report that a worker was ended while it computed.
        if (error.name, error.message) != ("uncaught exception", "undefined"):
            page.errors.append(str(error))

    def told(message):
        if message.type == "error":
            page.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def replied(response):
        if response.status >= 400:
            page.failed.append(f"{response.status} {response.url}")

    page.on("request", asked)
    page.on("console", told)
    page.on("pageerror", thrown)
    page.on("requestfailed", lambda request: page.failed.append(f"{request.failure} {request.url}"))
    page.on("response", replied)
    return page


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built book, built once for all processes of a run."""
    base = tmp_path_factory.getbasetemp()
    common = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "browser-site"
    done = common / "done"
    try:
        common.mkdir()
    except FileExistsError:  # another process builds it, or has
        deadline = time.monotonic() + 1200
        while not done.exists() and time.monotonic() < deadline:
            time.sleep(0.5)
    else:
        options = ["build", str(ROOT), "-q", "--path-output", str(common)]
        built = subprocess.run([sys.executable, "-c", BUILD, *options], capture_output=True)
        done.write_text(built.stdout.decode() + built.stderr.decode() if built.returncode else "")
    assert done.exists(), "the book is still being built by another process"
    assert done.read_text() == ""
    folder = common / "_build" / "html"
    if not (folder / "_static" / "live" / "manifest.json").is_file():
        pytest.skip("the site was built without live pages: npm, PyPI or Pyodide was out of reach")
    return folder


@pytest.fixture(scope="session")
def serve():
    """Starts static servers: serve(folder, absent=(), …) → the address.

    absent, wrong: ends of addresses that are not found, or that lead to other bytes; lists can
    change while the server runs. headers: sent with every answer. types: of files, by ending.
    """
    servers = []

    def start(folder, absent=(), wrong=(), headers=None, types=None):
        class Handler(http.server.SimpleHTTPRequestHandler):
            extensions_map: ClassVar = {
                **http.server.SimpleHTTPRequestHandler.extensions_map,
                ".js": "text/javascript",
                ".wasm": "application/wasm",
                **(types or {}),
            }

            def log_message(self, *arguments):
                pass

            def end_headers(self):
                for header in (headers or {}).items():
                    self.send_header(*header)
                super().end_headers()

            def do_GET(self):
                path = urlsplit(self.path).path
                if path.endswith(tuple(absent)):
                    self.send_error(404)
                elif path.endswith(tuple(wrong)):
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(b"other bytes")
                else:
                    super().do_GET()

        handler = functools.partial(Handler, directory=str(folder))
        server = http.server.ThreadingHTTPServer((LOCAL, 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://{LOCAL}:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def book(site, serve):
    """The address of the built book."""
    return serve(site)
