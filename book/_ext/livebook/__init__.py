"""The living page: Python in the reader's browser, every file of it from the book's own folder."""

from __future__ import annotations

from typing import Any

from livebook import (
    javascript,
    licences,
    light,
    lite,
    offline,
    pages,
    policy,
    pyodide,
    scriptless,
    self_contained,
    weights,
)


def setup(app: Any) -> dict[str, bool]:
    for part in (self_contained, scriptless, light):
        part.setup(app)
    app.connect("builder-inited", pyodide.begin)
    app.connect("build-finished", pyodide.finish)
    for part in (javascript, pages, policy, licences, lite, offline, weights):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
