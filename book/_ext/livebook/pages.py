"""Pages with code cells get the entry script, and what it has to know about each cell."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from livebook import build
from livebook.js.src.imports import imports, needs
from livebook.lite import app as lite
from livebook.site import scriptless

THEBE = ("init_thebe_core", "update_thebe_context")
"""What sphinx_thebe, which Jupyter Book brings, does to pages: they would name another host."""

PLACE, ROOM = "live-here", '<div class="live-room"></div>'
"""Where a page says that its bar belongs, and what keeps room for it below the title elsewhere."""


def configure(app: Sphinx, config: Config) -> None:
    """Leave out what else runs Python for pages: Thebe, and a widget manager from another host."""
    listeners = [listener for each in app.events.listeners.values() for listener in each]
    for listener in listeners:
        of_thebe = getattr(listener.handler, "__module__", "") == "sphinx_thebe"
        if of_thebe and listener.handler.__name__ in THEBE:
            app.disconnect(listener.id)
    config.nb_ipywidgets_js = {}


def context(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """What Sphinx is to write into a page: its settings and scripts, and what else it is told."""
    if doctree:
        scriptless.tell(context)
        enliven(app, page, context, doctree)
        lite.offer(app, page, context)


def enliven(app: Sphinx, page: str, context: dict[str, Any], doctree: nodes.document) -> None:
    here = build.of(app)
    standin = here.settings.standin
    cells = list(code_cells(doctree, standin.get("figure")))
    if not cells or not here.scripts:
        return
    app.add_css_file("live/live.css")
    app.add_js_file("live/live.js", type="module")
    settings = {
        "cells": list(settings_of(cells)),
        "folder": posixpath.dirname(page),
        "notebook": context["pathto"](f"_sources/{context['sourcename']}", resource=True),
        "lite": lite.address(app, page, context["pathto"]),
    } | told(here, cells, doctree)
    if PLACE not in context["body"]:
        context["body"] = context["body"].replace("</h1>", f"</h1>{ROOM}", 1)
    text = json.dumps(settings).replace("<", "\\u003c")
    context["body"] += f'<script type="application/json" id="live-page">{text}</script>'
    context["body"] += scriptless.inline("still.js")


def told(
    here: build.Build, cells: list[tuple[str, bool]], doctree: nodes.document
) -> dict[str, Any]:
    """What the book says of itself, as far as this page has a use for it."""
    settings = here.settings
    made: dict[str, Any] = {"environment": settings.environment}
    if here.python:
        names = [name for source, _ in cells for name in imports(source)]
        made["megabytes"] = here.python.megabytes(settings, names)
    if any(widget for _, widget in cells):
        made["standin"] = settings.standin
    if settings.answer and settings.answer in doctree.astext():
        made["answer"] = settings.answer
    return {name: value for name, value in made.items() if value}


def code_cells(doctree: nodes.document, standin: str | None) -> Iterator[tuple[str, bool]]:
    """Of each cell whose code the page shows: the code, and whether a widget stands below it, whose
    picture has the class `standin`."""
    for cell in doctree.findall(nodes.container):
        if "cell" in cell["classes"]:
            inside = list(cell.findall(nodes.container))
            code = [
                block.astext()
                for part in inside
                if "cell_input" in part["classes"]
                for block in part.findall(nodes.literal_block)
            ]
            raw = [node.astext() for node in cell.findall(nodes.raw)] if standin else []
            widget = any(str(standin) in html for html in raw)
            if code:
                yield code[0], widget


def settings_of(cells: list[tuple[str, bool]]) -> Iterator[dict[str, Any]]:
    """What a touch on a widget has to load and to run; of a cell without one, its imports alone."""
    sources = [source for source, _ in cells]
    for position, (source, widget) in enumerate(cells):
        yield {"imports": imports(source)} | (
            {"needs": needs(sources[: position + 1])} if widget else {}
        )
