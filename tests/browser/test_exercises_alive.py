"""Each exercise in the browser: its blanks are told so in one sentence, its solution passes."""

import re

import nbformat
import pytest
from chapters import CLASSROOM
from living_page import LivingPage

ASSIGNMENTS = sorted(path.name for path in (CLASSROOM / "source").iterdir())


def code(kind, assignment):
    path = CLASSROOM / kind / assignment / f"{assignment}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def said(outputs):
    """What a cell put out, as text."""
    return "".join(
        output.get("text", "") + "\n".join(output.get("traceback", [])) for output in outputs
    )


def opened(assignment, book, new_page):
    """The exercise page, alive; its checks stay folded, and are run so."""
    page = f"{book}/classroom/release/{assignment}/{assignment}.html"
    living = LivingPage(new_page(), page)
    living.start()
    return living


def answer_all(living, assignment):
    """Its blanks are told so, and its solutions pass."""
    blanks, solved = code("release", assignment), code("source", assignment)
    for number, cell in enumerate(blanks, start=1):  # a run of all would end at the first failure
        living.run(number)
        if cell.metadata.nbgrader.grade:
            sentence = said(living.outputs()[number - 1])
            assert re.fullmatch(r"(Not yet: .*\n*)+(\d+ of \d+ points\n)?", sentence), cell.id
            words = living.output(number).locator("pre").first
            assert words.evaluate("text => text.scrollWidth <= text.clientWidth"), cell.id
    assert living.sources() == [cell.source for cell in blanks]
    for number, cell in enumerate(solved, start=1):
        if cell.metadata.nbgrader.solution:
            living.write(number, cell.source)
    living.run_all()
    for cell, outputs in zip(solved, living.outputs(), strict=True):
        if cell.metadata.nbgrader.grade:
            assert "visible checks passed" in said(outputs), cell.id
    living.assert_quiet()


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_blanks_are_told_so_and_solutions_pass(assignment, book, new_page):
    answer_all(opened(assignment, book, new_page), assignment)


@pytest.mark.browsers("firefox")
def test_one_in_another_browser(book, new_page):
    answer_all(opened("numbers", book, new_page), "numbers")
