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
    """The rows with their files; what the packs hold is one with Python itself."""
    loaded = staged.sent(())
    seen, together, apart = {*loaded}, ["Python: Pyodide and the standard library"], []
    for what, when, roots in rows:
        new = [name for name in staged.sent(closure(roots, staged.packages)) if name not in seen]
        seen.update(new)
        if new:
            apart.append((what, when, new))
        else:
            together.append(what)
    yield "; ".join(together), "always", loaded
    if staged.manifest["rest"]:
        yield "what of these a start does without", "later", [staged.manifest["rest"]]
    yield from apart


def setup(app: Sphinx) -> None:
    app.add_directive("live-weights", Weights)
