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
from classwork import ASSIGNMENTS, is_check
from course import KINDS, THIRTY, handed_in, hold, hold_handed_back, rehearse
from grade import grade as grade_one
from grade import is_graded


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
