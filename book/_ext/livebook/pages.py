"""Pages with code cells get the entry script, and what it has to know about each cell."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from typing import Any

from docutils import nodes

from livebook import lite
from livebook.js.src.imports import imports, needs


def setup(app: Any) -> None:
    app.connect("config-inited", configure)
    app.connect("html-page-context", enliven)


def configure(app: Any, config: Any) -> None:
    # Python writes its formulas between dollars; those of the text come with \( and \[.
    inline = [["$", "$"], ["\\(", "\\)"]]
    config.mathjax3_config = (config.mathjax3_config or {}) | {"tex": {"inlineMath": inline}}


def enliven(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    cells = list(code_cells(doctree)) if doctree else []
    if not cells or not app.config.living_scripts:
        return
    app.add_css_file("live/live.css")
    app.add_js_file("live/live.js", type="module")
    settings = {
        "cells": list(settings_of(cells)),
        "folder": posixpath.dirname(page),
        "notebook": context["pathto"](f"_sources/{context['sourcename']}", resource=True),
        "lite": lite.address(app, page, context["pathto"]),
    }
    text = json.dumps(settings).replace("<", "\\u003c")
    context["body"] += f'<script type="application/json" id="live-page">{text}</script>'


def code_cells(doctree: nodes.document) -> Iterator[tuple[str, bool]]:
    """Of each cell whose code the page shows: the code, and whether a widget stands below it."""
    for cell in doctree.findall(nodes.container):
        if "cell" in cell["classes"]:
            inside = list(cell.findall(nodes.container))
            code = [
                block.astext()
                for part in inside
                if "cell_input" in part["classes"]
                for block in part.findall(nodes.literal_block)
            ]
            widget = any("dualedu-standin" in raw.astext() for raw in cell.findall(nodes.raw))
            if code:
                yield code[0], widget


def settings_of(cells: list[tuple[str, bool]]) -> Iterator[dict[str, Any]]:
    """What a touch on a widget has to load and to run; of a cell without one, its imports alone."""
    sources = [source for source, _ in cells]
    for position, (source, widget) in enumerate(cells):
        yield {"imports": imports(source)} | (
            {"needs": needs(sources[: position + 1])} if widget else {}
        )
