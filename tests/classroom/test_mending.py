"""A submission becomes the release with the student's answers, or is no submission of it."""

import json
import threading

import nbformat
import pytest
from classwork import ASSIGNMENTS, read
from course import handed_in
from grading import findings, mending, preflight
from nbformat.v4 import new_code_cell
from submissions import ASSIGNMENT, add_own_cells, at, lose_ids_and_marks, solved, submit


def test_answers_survive_the_mending(tmp_path):
    notebook = solved()
    answers = {cell.id: cell.source for cell in notebook.cells}
    add_own_cells(notebook)
    lose_ids_and_marks(notebook)
    notebook.cells.insert(2, notebook.cells.pop(9))
    folder = submit(tmp_path, notebook)
    original = (folder / f"{ASSIGNMENT}.ipynb").read_bytes()
    (report,) = preflight.preflight(folder.parents[1], mending=True, limit=20.0)
    mended = nbformat.read(folder / f"{ASSIGNMENT}.ipynb", as_version=4)
    nbformat.validate(mended)
    released = [cell for cell in mended.cells if cell.id in answers]
    assert {cell.id: cell.source for cell in released} == answers
    assert [cell.id for cell in released] == list(answers)
    assert "helper = 1" in [cell.source for cell in mended.cells]
    assert (
        tmp_path / "originals" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    ).read_bytes() == original
    (again,) = preflight.preflight(folder.parents[1], mending=True, limit=20.0)
    assert not again.mended, report.mended


@pytest.mark.parametrize("cells", [[], [new_code_cell("")], [new_code_cell("x = 1")]])
def test_a_notebook_without_anything_of_the_assignment_is_not_graded(tmp_path, cells):
    notebook = nbformat.v4.new_notebook(cells=cells)
    report = preflight.examine(submit(tmp_path, notebook))
    assert report.look == ["there is nothing of numbers in this notebook; ask for it again."]
    assert (report.mended, report.gradable) == ([], False)


@pytest.mark.parametrize("other", sorted(set(ASSIGNMENTS) - {ASSIGNMENT}))
@pytest.mark.parametrize("change", [lambda notebook: None, lose_ids_and_marks])
def test_the_notebook_of_another_assignment_is_not_graded(tmp_path, other, change):
    notebook = handed_in(other)
    change(notebook)
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == [f"this is the notebook of {other}; ask for that of {ASSIGNMENT}."]
    assert (report.mended, report.gradable) == ([], False)


def test_only_the_main_thread_parses(tmp_path, monkeypatch):
    """In Python 3.11 two threads that parse at once make each other fail, now and then."""
    threads = set()
    parse = mending.plain
    for module in (mending, findings):
        monkeypatch.setattr(
            module, "plain", lambda text: threads.add(threading.current_thread()) or parse(text)
        )
    submit(tmp_path, solved(), "ada")
    folder = submit(tmp_path, read("release", ASSIGNMENT), "bob")
    preflight.preflight(folder.parents[1])
    assert threads == {threading.main_thread()}


@pytest.mark.parametrize("mark", [True, ["length-answer"], {"grade_id": 7}, {"grade_id": ["x"]}])
def test_a_mark_that_is_none_is_made_anew(tmp_path, mark):
    notebook = solved()
    notebook.cells[at(notebook, "length-answer")].metadata["nbgrader"] = mark
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == []
    assert "1 cell lost nbgrader's marks" in report.mended[0]


def test_two_notebooks_in_one_are_two_sentences(tmp_path):
    """And not one for each cell; what was given is nobody's own definition."""
    notebook = json.loads(json.dumps(solved()))
    notebook["cells"] *= 2
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == []
    assert "26 cells carry a mark that a later cell carries, too" in report.mended[-1]
