"""Servers of pages: one that tests cut off and bring back, and what a page keeps of it."""

import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import SimpleNamespace

from browsers import PATIENCE

KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    found.push((await cache.keys()).map(({ url }) => url));
  }
  return found;
}"""


class Server(ThreadingHTTPServer):
    """A browser may hang up in the middle of an answer: nobody has to be told."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        if held := self.server.held.get(self.path.removeprefix("/")):
            held.asked.set()
            held.released.wait(30)
        super().do_GET()

    def end_headers(self):
        self.send_header("Cache-Control", self.server.caching)
        super().end_headers()


class Host:
    """A static host that can be cut off, and come back with other files."""

    def __init__(self, folder, port=0, caching="no-cache"):
        handler = functools.partial(Quiet, directory=folder)
        self.server = Server(("127.0.0.1", port), handler)
        self.server.caching = caching
        self.server.held = {}
        self.port = self.server.server_port
        Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def hold(self, file):
        """Answer for a file only once it is released; whether it was asked for, and its release."""
        self.server.held[file] = SimpleNamespace(asked=Event(), released=Event())
        return self.server.held[file]

    def cut(self):
        self.server.shutdown()
        self.server.server_close()


def keeps(page, *files, books=1):
    """Wait until there is one cache for each book, and one of them holds these files."""
    for _ in range(PATIENCE // 100):
        found = page.evaluate(KEPT)
        holding = [c for c in found if all(any(u.endswith(f) for u in c) for f in files)]
        if holding and len(found) == books:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not kept: {files} in {found}")
