"""The living page: what lets the built book run its own Python."""

from __future__ import annotations

from typing import Any

from living import pyodide


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", pyodide.begin)
    app.connect("build-finished", pyodide.finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
