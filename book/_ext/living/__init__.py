"""The living page: Python in the reader's browser, every file of it from the book's own folder."""

from __future__ import annotations

from typing import Any

from living import javascript, licences, lite, offline, pages, policy, pyodide, weights


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", pyodide.begin)
    app.connect("build-finished", pyodide.finish)
    for part in (javascript, pages, policy, licences, lite, offline, weights):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
