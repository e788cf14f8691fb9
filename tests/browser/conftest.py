"""Browsers and servers for the tests in this folder, which can reach this machine and no other."""

import functools
import http.server
import threading
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
import untested
from browsers import LOCAL, PATIENCE, SCHOOL, installed, recorded
from hosts import Server

pytest.register_assert_rewrite("living_page")  # which would not say what was unquiet


@pytest.fixture(scope="session")
def playwright():
    """What drives the browsers: a process may have one."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    sync_api.expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    """One browser for the whole run. Every name but 127.0.0.1 is unknown to it."""
    path = installed("chromium")
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
    path = installed("firefox")
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
        untested.skip("firefox")  # too old: 143 is the first that answers enough
    yield browser
    browser.close()


def pytest_generate_tests(metafunc):
    """A test that opens pages does so in each browser of its mark `browsers`."""
    if "open_page" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("browsers")
        names = mark.args if mark else ("chromium",)
        metafunc.parametrize("open_page", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def open_page(request):
    """What `new_page` does, for fixtures that keep a page; they close its context themselves."""
    return functools.partial(recorded, request.getfixturevalue(request.param))


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
        server = Server((LOCAL, 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://{LOCAL}:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def pages(built, serve):
    """The address of the book as it was built, whether or not its pages can run Python."""
    return serve(built.folder)


@pytest.fixture(scope="session")
def book(site, serve):
    """The address of the living book."""
    return serve(site)


@pytest.fixture(scope="module")
def voila(chromium, tmp_path_factory):
    """The address of a Voilà that serves a notebook for each widget, and one for all of them."""
    pytest.importorskip("voila", reason="Voilà is not installed")
    from widget_pages import served

    with served(tmp_path_factory.mktemp("widgets")) as address:
        yield address
