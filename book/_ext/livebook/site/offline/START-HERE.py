"""Shows the book in your browser: python3 START-HERE.py, or py START-HERE.py on Windows.

Python's own `python -m http.server` does as well, save where Windows says that scripts are plain
text: browsers refuse them then. Only this machine can reach the server.
"""

import functools
import http.server
import typing
import webbrowser
from pathlib import Path

BOOK = Path(__file__).with_name("book")


class Files(http.server.SimpleHTTPRequestHandler):
    extensions_map: typing.ClassVar = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".css": "text/css",
        ".html": "text/html",
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
    }

    def log_message(self, *arguments):
        pass


def server():
    """At the first of a few ports that is free: a browser keeps what it has for one address."""
    handler = functools.partial(Files, directory=str(BOOK))
    for port in range(8000, 8020):
        try:
            return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError:
            continue
    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)


if __name__ == "__main__":
    with server() as serving:
        address = f"http://127.0.0.1:{serving.server_port}/"
        print(f"The book is at {address}. Ctrl-C in this window ends it.", flush=True)
        webbrowser.open(address)
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print()
