"""nbgrader, end to end: a class of good and bad submissions, stopped in the middle, all accounted
for.

The whole class of thirty, from the exchange to its feedback and its marks:

    pytest tests/classroom/test_grading.py -m rehearsal -s
    python benchmarks/rehearsal.py                 the same, and its times for the page for teachers
"""

import os
import subprocess
import sys

import nbformat
import pytest
from classwork import ASSIGNMENTS, SOURCES, is_check, points
from course import (
    KINDS,
    THIRTY,
    a_class,
    checks_deleted,
    good,
    handed_in,
    hold,
    hold_handed_back,
    marks_stripped,
    nbgrader,
    rehearse,
)
from grading.grade import grade as grade_one
from grading.grade import is_graded
from grading.preprocessors import Mend
from nbgrader.api import Gradebook


@pytest.mark.parametrize("cell", ["dual-answer", "explain-answer"])
def test_what_is_handed_in_again_is_graded_again(tmp_path, cell):
    """Also if it was saved before the earlier version was graded, and collected after that."""
    submission, graded = tmp_path / "submission.ipynb", tmp_path / "graded.ipynb"
    notebook = handed_in("numbers")
    nbformat.write(notebook, submission)
    nbformat.write(notebook, graded)
    assert not is_graded(submission, graded), "it was not run"
    for ours in notebook.cells:
        if ours.cell_type == "code":
            ours.execution_count = 1
    next(ours for ours in notebook.cells if is_check(ours)).source += "# the source's own"
    nbformat.write(notebook, graded)
    assert is_graded(submission, graded)
    again = handed_in("numbers")
    next(theirs for theirs in again.cells if theirs.id == cell).source += "\n"
    nbformat.write(again, submission)
    os.utime(submission, (0, 0))
    assert not is_graded(submission, graded)
    assert not is_graded(tmp_path / "none.ipynb", graded)


def test_what_a_kernel_writes_when_it_is_stopped_is_not_shown(capfd):
    program = "import sys; sys.exit('Traceback of a kernel')"

    class Nbgrader:
        def autograde(self, assignment, student):
            subprocess.run([sys.executable, "-c", program], check=False)
            return {"success": False, "error": "the reason\n"}

    assert grade_one(Nbgrader(), "numbers", "ada") == "the reason"
    print("the teacher's own", file=sys.stderr)
    assert capfd.readouterr().err == "the teacher's own\n"


def test_nbgraders_own_command_gives_the_same_marks(tmp_path):
    """And its button, which does the same: no preflight, and nothing is lost with the checks, the
    marks of cells, their order, or the notebook's name and encoding."""
    expected = a_class(tmp_path, "numbers", [good, checks_deleted, marks_stripped])
    student = next(student for student, (_, says) in expected.items() if says)
    (file,) = (tmp_path / "submitted" / student).rglob("*.ipynb")
    file.write_bytes(file.read_text("utf-8").encode("utf-16"))
    originals = [path.read_bytes() for path in (tmp_path / "submitted").rglob("*.ipynb")]
    nbgrader(tmp_path, "generate_assignment", "numbers", "--force")
    said = nbgrader(tmp_path, "autograde", "numbers")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        scores = {s.student.id: s.score for s in book.assignment_submissions("numbers")}
    total = points(SOURCES["numbers"].cells)
    assert scores == {student: total - lost for student, (lost, _) in expected.items()}
    for student, (_, says) in expected.items():
        told = [line for line in said.splitlines() if f"{student}: " in line]
        assert bool(told) == bool(says), said
    kept = [p.read_bytes() for p in tmp_path.rglob("*.ipynb") if "autograded" not in p.parts]
    assert all(original in kept for original in originals)


def test_a_submission_is_not_mended_by_guessing(tmp_path):
    """Without the release there is nothing to compare with, and nbgrader says so."""
    step = Mend(release=str(tmp_path))
    here = {"nbgrader": {"student": "ada", "assignment": "numbers", "notebook": "numbers"}}
    with pytest.raises(FileNotFoundError, match="nbgrader generate_assignment numbers --force"):
        step.preprocess(handed_in("numbers"), here)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_six_are_graded(tmp_path, assignment):
    hold(rehearse(tmp_path, assignment, KINDS, stop_after=2))


@pytest.mark.rehearsal
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_thirty_are_graded(tmp_path, assignment):
    rehearsal = rehearse(tmp_path, assignment, THIRTY, stop_after=9, whole=True)
    print(rehearsal.first + rehearsal.second)
    hold(rehearsal)
    hold_handed_back(rehearsal)
