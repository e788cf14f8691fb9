"""Mend a submission: the release with the student's answers, and a sentence for each repair.

Nothing here reads or writes a file.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from dualedu.teaching.checks import unpack

DEFINED = re.compile(r"^(?:(?:def|class) +)?(\w+)(?= *=[^=]| *[(:])", re.MULTILINE)

RUNS_AS_IT_IS = re.compile(r"\A\s*%%(?:time|capture|prun)\b.*\n")
"""A magic above a cell whose names stay as without it."""

PACKED = "# The check, packed: its answers are not to be read by accident."
"""The first line of a check in a release."""


def with_numbers_of(source: str, what: str) -> str:
    """A cell whose students' own numbers depend on `what` as well, such as the term."""
    end = json.dumps(f", {what}", ensure_ascii=False)[1:]
    return re.sub(r'(\binstance\(\s*student,\s*"[^"]+)"', lambda call: call[1] + end, source)


MANY = 6
"""Sentences of one kind that nobody reads one by one."""


@dataclass
class Report:
    """What was found in one submission.

    `notebook` is the mended one, if anything was mended; `name` is what stands in the first cell,
    and `file` is where the student's own notebook lies.
    """

    student: str
    assignment: str
    mended: list[str] = field(default_factory=list)
    look: list[str] = field(default_factory=list)
    notebook: NotebookNode | None = None
    name: object = None
    gradable: bool = False
    file: Path | None = None


def key(cell: NotebookNode) -> str:
    """nbgrader's own id of a cell, or the cell's id where nbgrader has no business."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")


def is_given(cell: NotebookNode) -> bool:
    """Checks and material: the student was to leave them alone."""
    return is_locked(cell) and not is_solution(cell)


def match(notebook: NotebookNode, blank: NotebookNode) -> dict[str, int]:
    """For each cell of the release the place of the student's own, as far as there is one.

    By nbgrader's id, of which the last one counts, as in nbgrader; then by the cell's id; then by
    the same text; then by the names that an answer defines; and at last by what stands before it.
    """
    cells = notebook.cells
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id"):
            places[key(cell)] = place
    wanted = {key(cell): cell for cell in blank.cells}
    places = {name: place for name, place in places.items() if name in wanted}
    tests: list[Callable[[NotebookNode, NotebookNode], bool]] = [
        lambda cell, given: cell.get("id") == given.get("id"),
        lambda cell, given: cell.source.strip() == given.source.strip(),
        lambda cell, given: is_solution(given) and bool(names(given.source) & names(cell.source)),
    ]
    for same in tests:
        for name, given in wanted.items():
            free = [place for place in range(len(cells)) if place not in places.values()]
            found = [
                p for p in free if cells[p].cell_type == given.cell_type and same(cells[p], given)
            ]
            if name not in places and found:
                places[name] = found[-1]
    for before, given in itertools.pairwise(blank.cells):
        if key(given) in places or key(before) not in places or not is_solution(given):
            continue
        place = places[key(before)] + 1
        is_free = place < len(cells) and place not in places.values()
        if is_free and cells[place].cell_type == given.cell_type:
            places[key(given)] = place
    return places


def mend(notebook: NotebookNode, blank: NotebookNode, report: Report) -> NotebookNode:
    """The submission as a notebook that nbgrader grades in full: the release with their answers.

    Cells that the student added stay behind the cell that they followed.
    """
    for cell in notebook.cells:
        cell.source = cell.source.replace("\r\n", "\n")
    places = match(notebook, blank)
    cells = notebook.cells
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != blank.metadata.kernelspec.name:
        report.mended.append(
            f"the notebook is set to the kernel {kernel!r}; set back to Python."
            if kernel
            else "the notebook does not say its kernel; set to Python."
        )
    stripped, edited_marks, edited, order = 0, [], [], []
    lost = Report(report.student, report.assignment)
    result = nbformat.from_dict(blank)
    elsewhere = set().union(*(names(c.source) for c in cells if c.cell_type == "code"))
    for given in result.cells:
        name = key(given)
        marked = "nbgrader" in given.metadata
        if name not in places:
            if marked:
                report_missing(given, elsewhere, lost)
            continue
        theirs = cells[places[name]]
        order.append(places[name])
        if marked and not theirs.metadata.get("nbgrader"):
            stripped += 1
        elif marked and marks(theirs) != marks(given):
            edited_marks.append(name)
        if theirs.cell_type != given.cell_type:
            report.mended.append(f"the cell {name} became {theirs.cell_type}; turned back.")
        if is_given(given):
            if theirs.source.strip() != given.source.strip():
                kind = "check" if is_grade(given) else "given cell"
                edited.append(
                    f"the {kind} {name} was edited; put back as it was released, and what "
                    "the student wrote there does not count."
                )
            continue
        fenced = re.fullmatch(r"\s*```\w*\n(.*?)\s*```\s*", theirs.source, re.DOTALL)
        unfenced = fenced and given.cell_type == "code" and theirs.cell_type == "markdown"
        given.source = fenced[1] if fenced and unfenced else theirs.source
        if given.cell_type == theirs.cell_type == "code":
            given.outputs, given.execution_count = theirs.outputs, theirs.execution_count
    report.look += told_in_few(
        lost.look,
        "{} answer cells are missing and nothing looks like them; empty ones are put back, so look "
        "for the answers in the original.",
    )
    report.mended += told_in_few(
        lost.mended,
        "{} cells of the release were not there; put back, and answers that stand in other cells "
        "are left there.",
    )
    report.mended += told_in_few(
        edited,
        "{} checks and given cells are not as they were released, as in the notebook of another "
        "term; put back, and what the student wrote there does not count.",
    )
    if stripped:
        report.mended.append(
            f"{count(stripped, 'cell')} lost nbgrader's marks, as happens in other editors, and "
            "would have earned 0 points; marked again."
        )
    if edited_marks:
        report.mended.append(
            f"the points or marks of {', '.join(edited_marks)} were edited; undone."
        )
    if order != sorted(order):
        report.mended.append("cells stood out of order; put back into the order of the release.")
    add_own_cells(result, notebook, places, report)
    return result


def told_in_few(sentences: list[str], instead: str) -> list[str]:
    """The same sentences; one for all of them if they are many."""
    return sentences if len(sentences) < MANY else [instead.format(len(sentences))]


def marks(cell: NotebookNode) -> dict[str, object]:
    fields = ("grade", "solution", "locked", "points", "grade_id")
    return {name: cell.metadata.nbgrader.get(name) for name in fields}


def report_missing(given: NotebookNode, elsewhere: set[str], report: Report) -> None:
    name = key(given)
    wanted = names(given.source) if given.cell_type == "code" else set()
    if is_solution(given) and wanted and wanted <= elsewhere:
        # The blank would stand in the way of what they wrote in another cell.
        given.source = f"# {', '.join(sorted(wanted))}: answered in another cell"
        report.mended.append(
            f"the answer cell {name} is gone, and its answer stands in another cell; left there."
        )
    elif is_solution(given):
        report.look.append(
            f"the answer cell {name} is missing and nothing looks like it; an empty one is put "
            "back, so look for the answer in the original."
        )
        report.mended.append(f"the answer cell {name} was missing; put back, empty.")
    elif is_grade(given):
        points = f"{given.metadata.nbgrader.points:g}"
        report.mended.append(
            f"the check {name} was deleted, with its {points} points; put back from the release."
        )
    else:
        report.mended.append(f"the given cell {name} was deleted; put back from the release.")


def add_own_cells(
    result: NotebookNode, notebook: NotebookNode, places: dict[str, int], report: Report
) -> None:
    """Put what the student added behind the cell of the release that it followed."""
    at = {place: name for name, place in places.items()}
    own: dict[str, list[NotebookNode]] = {}
    taken = {cell.id for cell in result.cells}
    known = {key(cell) for cell in result.cells}
    doubles, last = [], ""
    for place, cell in enumerate(notebook.cells):
        last = at.get(place, last)
        if place in at or not cell.source.strip():
            continue
        cell = nbformat.from_dict(cell)
        doubled = cell.metadata.pop("nbgrader", {}).get("grade_id")
        if doubled in known:
            doubles.append(
                f"two cells carry the mark {doubled}; the last one counts, the other is kept "
                "without its mark."
            )
        elif doubled:
            report.mended.append(
                f"a cell carries the mark {doubled}, which the release does not have; kept without "
                "it, and without points."
            )
        if cell.get("id") in (None, *taken):
            cell.id = f"own-{place}"
        own.setdefault(last, []).append(cell)
    report.mended += told_in_few(
        doubles,
        "{} cells carry a mark that a later cell carries, too, as if there were two notebooks in "
        "one; the last one counts, the others are kept without their marks.",
    )
    cells = list(own.get("", []))
    for given in result.cells:
        cells += [given, *own.get(key(given), [])]
    result.cells = cells


def plain(source: str) -> str:
    """Without IPython's own syntax; a packed check unpacked, if it is still whole."""
    if source.startswith(PACKED):
        lines = re.findall(r'^ +"([\w+/=]{40,})"', source, re.MULTILINE)
        with contextlib.suppress(ValueError, zlib.error):
            source = unpack("".join(lines))
    return str(TransformerManager().transform_cell(RUNS_AS_IT_IS.sub("", source)))


def parsed(source: str) -> ast.Module:
    """What a cell says to Python; a SyntaxError says why it is none, whatever the reason."""
    try:
        return ast.parse(plain(source))
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "it is nested too deeply", ("", 1, 0, "")) from None


def names(source: str) -> set[str]:
    """What a cell defines at its top level; a guess, if it is not valid Python."""
    try:
        tree = parsed(source)
    except SyntaxError:
        return set(DEFINED.findall(source))
    bound: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {alias.asname or alias.name for alias in node.names}
        else:
            stored = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            bound |= {n.id for n in stored if isinstance(n.ctx, ast.Store)}
    return bound


def count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")
