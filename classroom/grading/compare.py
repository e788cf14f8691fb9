"""Which submissions are alike, as a report for somebody to read. It is no verdict.

    python -m grading.compare numbers
    python -m grading.compare numbers --with ../2025/submitted

Two right answers to a short exercise are often the same program, so likeness alone says little. A
pair stands high in the report for what *few* others wrote. Each answer is brought to a normal form:
names of one's own, comments, annotations and layout do not count, nor does what the release gives.
Then it is cut into runs of neighbouring pieces, as in winnowing (Schleimer, Wilkerson and Aiken,
2003), and a run that many of the class share weighs next to nothing. Measures for whole
files would mostly see the notebook that all were given.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import functools
import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_solution

from grading.mending import Report, count, key, match, plain
from grading.places import COURSE, submissions
from grading.stored import load

RUN = 8
"""Pieces of a program that make a run; of a text, half as many words."""
MOST = 40
"""Pairs in a report: whoever reads it has an evening."""


class Normal(ast.NodeTransformer):
    """One's own names become n0, n1, ... in the order in which they appear; annotations go.

    A name that a function binds is its own, even if the exercise uses the same one elsewhere.
    """

    def __init__(self, kept: set[str]) -> None:
        self.kept = kept | set(dir(builtins))
        self.names: dict[str, str] = {}
        self.bound: list[set[str]] = []

    def renamed(self, name: str) -> str:
        if name in self.kept and not any(name in scope for scope in self.bound):
            return name
        return self.names.setdefault(name, f"n{len(self.names)}")

    def inside(self, node: ast.AST) -> ast.AST:
        """What stands in a function, whose names are known first."""
        bound = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        self.bound.append(bound | {n.id for n in names if isinstance(n.ctx, ast.Store)})
        self.generic_visit(node)
        self.bound.pop()
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self.inside(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.renamed(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.renamed(node.arg))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        return node.value and ast.Assign([node.target], node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.renamed(node.name)
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return self.inside(node)


def normal_form(source: str, kept: set[str]) -> str:
    """A program as it would be with other names and another layout; the text itself if it is none.

    Parameters
    ----------
    source : str
        What stands in a cell.
    kept : set of str
        Names that are not the student's own, such as those that the exercise gives.

    Returns
    -------
    text : str
        The same for two programs that differ in names of their own, comments and layout alone.
    """
    try:
        tree = Normal(kept).visit(ast.parse(plain(source)))
        return ast.unparse(ast.fix_missing_locations(tree))
    except (SyntaxError, ValueError, RecursionError):
        return " ".join(source.split())


def runs(text: str, length: int) -> set[str]:
    """All runs of so many neighbouring pieces; a shorter text is one run."""
    pieces = re.findall(r"\w+|[^\w\s]", text.casefold())
    if not pieces:
        return set()
    last = max(1, len(pieces) - length + 1)
    return {" ".join(pieces[start : start + length]) for start in range(last)}


@dataclass
class Work:
    """What one student wrote: for each answer its own text, and its runs."""

    student: str
    texts: dict[str, str]
    runs: dict[str, set[str]]


@functools.cache
def names_of(source: str) -> frozenset[str]:
    """All names that a cell of the release uses, defines or imports."""
    nodes = list(ast.walk(ast.parse(plain(source))))
    return frozenset(
        {node.id for node in nodes if isinstance(node, ast.Name)}
        | {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        | {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    )


def work(student: str, notebook: NotebookNode, blank: NotebookNode) -> Work:
    """A student's answers, and what they wrote in cells of their own."""
    places = match(notebook, blank)
    kept = {
        name for cell in blank.cells if cell.cell_type == "code" for name in names_of(cell.source)
    }
    texts: dict[str, str] = {}
    found: dict[str, set[str]] = {}
    for given in blank.cells:
        name = key(given)
        if not is_solution(given) or name not in places or name == "student":
            continue
        theirs = notebook.cells[places[name]]
        texts[name] = theirs.source
        if theirs.cell_type == "code":
            found[name] = runs(normal_form(theirs.source, kept), RUN)
            found[name] -= runs(normal_form(given.source, kept), RUN)
        else:
            found[name] = runs(theirs.source, RUN // 2) - runs(given.source, RUN // 2)
    return Work(student, texts, found)


@dataclass
class Pair:
    """Two students, and what they share: for each answer the weight of its common runs."""

    first: Work
    second: Work
    shared: dict[str, float]

    @property
    def weight(self) -> float:
        return sum(self.shared.values())


def pairs(works: list[Work], own: set[str]) -> list[Pair]:
    """All pairs with one of `own` in them, the most remarkable first.

    A run that k students wrote weighs 1/(k - 1)²: 1 if it is these two alone, little if many did.
    """
    spread = Counter((name, run) for w in works for name, found in w.runs.items() for run in found)
    weights = {key: 1 / (k - 1) ** 2 for key, k in spread.items() if k > 1}
    found = []
    for first, second in itertools.combinations(works, 2):
        if not {first.student, second.student} & own:
            continue
        shared = {
            name: sum(weights[name, run] for run in first.runs[name] & second.runs.get(name, set()))
            for name in first.runs
        }
        found.append(Pair(first, second, {name: w for name, w in shared.items() if w > 0}))
    return sorted(found, key=lambda pair: -pair.weight)


def remarkable(found: list[Pair]) -> list[Pair]:
    """Those that stand out: beyond the upper quartile by three times the middle half's width."""
    weights = sorted(pair.weight for pair in found)
    if len(weights) < 4:
        return found
    low, high = weights[len(weights) // 4], weights[3 * len(weights) // 4]
    edge = high + 3 * (high - low)
    return [pair for pair in found if pair.weight > edge][:MOST]


def report(assignment: str, works: list[Work], shown: list[Pair], skipped: list[str]) -> str:
    """The report, as Markdown."""
    lines = [
        f"# {assignment}: submissions that are alike",
        "",
        "This is no verdict. Two students may have sat side by side, used the same book, or "
        "thought the same; and whoever copies with care is not found. Read both, and talk to both.",
        "",
        f"{count(len(works), 'submission')} compared by what few others wrote: names, comments and "
        "layout do not count, nor what the release gives. "
        f"{count(len(shown), 'pair')} stand out from the others.",
        "",
    ]
    lines += [f"- {sentence}" for sentence in skipped]
    for pair in shown:
        lines += ["", f"## {pair.first.student} and {pair.second.student}", ""]
        for name, weight in sorted(pair.shared.items(), key=lambda item: -item[1])[:3]:
            ours, theirs = pair.first.texts[name], pair.second.texts[name]
            same = "the same to the letter" if ours == theirs else "alike"
            lines += [f"`{name}`: {same}, weight {weight:.0f}", ""]
            for student, text in ((pair.first.student, ours), (pair.second.student, theirs)):
                lines += [f"{student}:", "", "~~~~", text.strip("\n"), "~~~~", ""]
                if ours == theirs:
                    break
    return "\n".join(lines) + "\n"


def collected(
    submitted: Path, assignment: str, blank: NotebookNode, mark: str = ""
) -> Iterable[Work | str]:
    """The work of each student in this folder, or a sentence why it cannot be compared."""
    for folder in submissions(submitted):
        if folder.name != assignment:
            continue
        student = f"{mark}{folder.parent.name}"
        try:
            notebook = load(folder / f"{assignment}.ipynb", Report(student, assignment).mended)
        except (OSError, ValueError) as error:
            yield f"{student} is not compared: {error}"
            continue
        yield work(student, notebook, blank)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("assignment")
    parser.add_argument("--with", dest="others", type=Path, action="append", default=[],
                        help="another submitted/, such as last year's")  # fmt: skip
    parser.add_argument("--course", type=Path, default=COURSE, help="the folder with submitted/")
    options = parser.parse_args(arguments)
    course, assignment = options.course.resolve(), options.assignment
    for folder in (course / "submitted", *options.others):
        if not folder.is_dir():
            parser.error(f"{folder}: no such folder")
    release = course / "release" / assignment / f"{assignment}.ipynb"
    if not release.is_file():
        parser.error(f"{release}: no such release")
    blank = nbformat.read(release, as_version=4)
    found = list(collected(course / "submitted", assignment, blank))
    works = [item for item in found if isinstance(item, Work)]
    skipped = [item for item in found if isinstance(item, str)]
    own = {item.student for item in works}
    source = course / "source" / assignment / f"{assignment}.ipynb"
    if source.is_file():
        works.append(work("the solution in source/", nbformat.read(source, as_version=4), blank))
    for folder in options.others:
        more = collected(folder, assignment, blank, mark=f"{folder}/")
        works += [item for item in more if isinstance(item, Work)]
    shown = remarkable(pairs(works, own))
    path = course / "compared" / f"{assignment}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(report(assignment, works, shown, skipped), encoding="utf-8")
    for pair in shown:
        print(f"    {pair.first.student} and {pair.second.student}: weight {pair.weight:.0f}")
    print(f"{count(len(works), 'submission')}, {count(len(shown), 'pair')} to look at; the texts "
          f"stand in {path.relative_to(course)}. It is no verdict.")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
