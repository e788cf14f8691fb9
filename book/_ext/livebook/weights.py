"""What a living page loads, weighed: a table for a page about how the book is built.

    ```{live-weights}
    NumPy | always | numpy
    plots | where a page plots | matplotlib
    ```

Each line says what is loaded, when, and the packages that bring it; it counts what none above has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sphinx.application import Sphinx

from livebook import build
from livebook.generated import Generated
from livebook.python.lock import Missing, closure
from livebook.python.release import ENGINE
from livebook.python.stage import Staged

Row = tuple[str, str, list[str]]


class Weights(Generated):
    """The file's first lines describe it."""

    has_content = True

    def lines(self) -> Iterable[str]:
        self.env.note_dependency(str(Path(__file__)))
        staged = build.of(self.env.app).python
        if not staged:
            return ["This site was built without Python."]
        try:
            return [*table(staged, [self.row(line) for line in self.content])]
        except Missing as error:
            raise self.error(f"{self.name}: {error}") from error

    def row(self, line: str) -> Row:
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3:
            raise self.error(f"a line of {self.name} is: what | when | packages, and not {line!r}")
        return parts[0], parts[1], parts[2].split()


def table(staged: Staged, rows: Iterable[Row]) -> Iterator[str]:
    yield "| what | when | files | MB |"
    yield "|---|---|---:|---:|"
    total = [0, 0]
    for what, when, files in counted(staged, rows):
        sizes = [staged.manifest["files"].get(name, 0) for name in files]
        total = [total[0] + len(sizes), total[1] + sum(sizes)]
        yield f"| {what} | {when} | {len(sizes)} | {sum(sizes) / 1e6:.1f} |"
    yield f"| together | | {total[0]} | {total[1] / 1e6:.1f} |"


def counted(staged: Staged, rows: Iterable[Row]) -> Iterator[Row]:
    loaded = [name for name in ENGINE if not name.endswith(".mjs")]
    yield "Python: Pyodide and the standard library", "always", loaded
    seen: set[str] = set()
    for what, when, roots in rows:
        new = [name for name in closure(roots, staged.packages) if name not in seen]
        seen.update(new)
        yield what, when, [staged.packages[name]["file_name"] for name in new]


def setup(app: Sphinx) -> None:
    app.add_directive("live-weights", Weights)
