"""A second variant of an assignment: other functions and numbers, made from the same source.

    python -m grading.variant                all of them
    python -m grading.variant numbers        source/numbers-b, from source/numbers
    make classroom                           and the students' notebooks of both

The solutions of the assignments are public. What a variant changes stands in variants/<name>.py:
for each cell the text to replace and what takes its place, in the question, its hints, the solution
and the checks alike. So a mended check is mended in both. Numbers of one's own are others as well.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.mending import with_numbers_of
from grading.places import COURSE

MARK = "-b"
"""What a variant's name ends in."""

Changes = Mapping[str, Sequence[tuple[str, str]]]


def vary(notebook: NotebookNode, changes: Changes) -> NotebookNode:
    """The notebook with all changes made.

    Parameters
    ----------
    notebook : NotebookNode
        The source of an assignment.
    changes : mapping of str to sequence of tuple
        For each cell, by its id, pairs of a text and what takes its place wherever it stands there.

    Returns
    -------
    notebook : NotebookNode
        Without outputs: its numbers are others.

    Raises
    ------
    ValueError
        A cell or a text is not there: the source has been changed, and the variant has to follow.
    """
    result = nbformat.from_dict(notebook)
    cells = {cell.id: cell for cell in result.cells}
    for name, pairs in changes.items():
        if name not in cells:
            raise ValueError(f"there is no cell {name}")
        for old, new in pairs:
            if old not in cells[name].source:
                raise ValueError(f"the cell {name} does not hold {old!r}")
            cells[name].source = cells[name].source.replace(old, new)
    for cell in result.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.source = with_numbers_of(cell.source, "b")
    return result


def changes(course: Path, assignment: str) -> Changes:
    """What the variant of this assignment changes."""
    path = course / "variants" / f"{assignment}.py"
    found: Changes = runpy.run_path(str(path))["CHANGES"]
    return found


def make(course: Path, assignment: str) -> Path:
    """Write the variant's source; where it is."""
    source = course / "source" / assignment / f"{assignment}.ipynb"
    try:
        made = vary(nbformat.read(source, as_version=4), changes(course, assignment))
    except ValueError as error:
        raise ValueError(f"variants/{assignment}.py: {error}; see what it should be now") from None
    name = f"{assignment}{MARK}"
    target = course / "source" / name / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, target)
    return target


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("assignments", nargs="*", help="all that have a variant, if none is named")
    parser.add_argument("--course", type=Path, default=COURSE, help="the folder with source/")
    options = parser.parse_args(arguments)
    course = options.course.resolve()
    there = sorted(path.stem for path in (course / "variants").glob("*.py"))
    for assignment in options.assignments or there:
        if assignment not in there:
            parser.error(f"{assignment}: no variant; there are {', '.join(there) or 'none'}")
        try:
            print(make(course, assignment).relative_to(course))
        except ValueError as error:
            parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
