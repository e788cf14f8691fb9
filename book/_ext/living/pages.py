"""Pages with code cells get the entry script, and what it has to know about the page."""

from __future__ import annotations

import ast
import json
import posixpath
from collections.abc import Iterator
from typing import Any

from docutils import nodes

from living import lite


def setup(app: Any) -> None:
    app.connect("config-inited", configure)
    app.connect("html-page-context", enliven)


def configure(app: Any, config: Any) -> None:
    # Python writes its formulas between dollars; those of the text come with \( and \[.
    inline = [["$", "$"], ["\\(", "\\)"]]
    config.mathjax3_config = (config.mathjax3_config or {}) | {"tex": {"inlineMath": inline}}


def enliven(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    sources = list(code_cells(doctree)) if doctree else []
    if not sources or not app.config.living_scripts:
        return
    app.add_css_file("live/live.css")
    app.add_js_file("live/live.js", type="module")
    settings = {
        "imports": sorted(set(imports(sources))),
        "folder": posixpath.dirname(page),
        "notebook": context["pathto"](f"_sources/{context['sourcename']}", resource=True),
        "lite": lite.address(app, page, context["pathto"]),
    }
    text = json.dumps(settings).replace("<", "\\u003c")
    context["body"] += f'<script type="application/json" id="live-page">{text}</script>'


def code_cells(doctree: nodes.document) -> Iterator[str]:
    """The code of each cell that the page shows."""
    for container in doctree.findall(nodes.container):
        if "cell_input" in container["classes"]:
            for block in container.findall(nodes.literal_block):
                yield block.astext()


def imports(sources: list[str]) -> Iterator[str]:
    """The modules that the cells import, and what they take from them, by full name."""
    for source in sources:
        try:
            tree = ast.parse(source)
        except SyntaxError:  # a magic, or an error that the page means to show
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
