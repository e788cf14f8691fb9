"""Printed dual numbers in the book's two colours, on pages with something printed."""

from __future__ import annotations

from typing import Any

from docutils import nodes


def script(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree and any("cell" in each["classes"] for each in doctree.findall(nodes.container)):
        app.add_js_file("pairs.js", loading_method="defer")


def setup(app: Any) -> dict[str, bool]:
    app.connect("html-page-context", script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
