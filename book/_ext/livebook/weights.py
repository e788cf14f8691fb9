"""What a living page loads, weighed: a table for the page about how the book is built.

```{live-weights}```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

from livebook.pyodide import CORE, ENGINE, Staged, closure

# What is loaded, when, and the packages that bring it. Each row counts what no row above has.
ROWS = (
    ("NumPy", "always", ("numpy",)),
    ("dualedu", "always", ("dualedu",)),
    ("IPython and the kernel", "always", CORE),
    ("ipywidgets and anywidget", "where a page has a widget", ("anywidget",)),
    ("matplotlib", "where a page plots", ("matplotlib",)),
    ("digits of MNIST", "where a page trains on them", ("dualedu-digits",)),
)


def setup(app: Any) -> None:
    app.add_directive("live-weights", Weights)


class Weights(Directive):
    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        env.note_dependency(str(Path(__file__)))
        lines = table(env.app.living) if env.app.living else ["This site was built without Python."]
        holder = nodes.Element()
        self.state.nested_parse(StringList([*lines], source="weights"), self.content_offset, holder)
        return holder.children


def table(staged: Staged) -> Iterator[str]:
    yield "| what | when | files | MB |"
    yield "|---|---|---:|---:|"
    total = [0, 0]
    for what, when, files in rows(staged):
        sizes = [staged.manifest["files"].get(name, 0) for name in files]
        total = [total[0] + len(sizes), total[1] + sum(sizes)]
        yield f"| {what} | {when} | {len(sizes)} | {sum(sizes) / 1e6:.1f} |"
    yield f"| together | | {total[0]} | {total[1] / 1e6:.1f} |"


def rows(staged: Staged) -> Iterator[tuple[str, str, Iterable[str]]]:
    loaded = [name for name in ENGINE if not name.endswith(".mjs")]
    yield "Python: Pyodide and the standard library", "always", loaded
    seen: set[str] = set()
    for what, when, roots in ROWS:
        new = [name for name in closure(roots, staged.packages) if name not in seen]
        seen.update(new)
        yield what, when, [staged.packages[name]["file_name"] for name in new]
