"""Marks again after a mended check or another answer, and who is graded already."""

import os
import subprocess
import sys

import nbformat
import pytest
from classwork import is_check
from course import handed_in, with_name
from evening import gradebook, hand_in, run, scores, spoil_a_check
from gradebooks import archive
from grading import collect, grade
from grading.grade import grade as grade_one
from grading.grade import is_graded

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


def test_again_uses_the_new_check_and_keeps_marks_by_hand(course, capsys):
    assert scores(course) == {"ada": 27.0, "blaise": 27.0, "carl": 21.0}
    spoil_a_check(course)
    _, said = run(course, capsys)
    assert said.count("graded before") == 3
    assert scores(course)["ada"] == 27.0, "without --again nobody is graded anew"
    status, said = run(course, capsys, "--again")
    assert status == 0
    assert scores(course) == {"ada": 26.0, "blaise": 26.0, "carl": 21.0}
    assert "ada: 26 of 28\n" in said
    assert "carl: 21 of 28, 4 of them still to be marked by hand" in said


def test_one_student_again(course, capsys):
    spoil_a_check(course)
    with gradebook(course) as book:
        api = grade.nbgrader(course)
        api.generate_assignment("numbers", force=True)
        assert book.find_submission("numbers", "ada").score == 27.0
    stamp = (course / "autograded/blaise/numbers").stat().st_mtime_ns
    _, said = run(course, capsys, "--student", "ada")
    assert scores(course) == {"ada": 26.0, "blaise": 27.0, "carl": 21.0}
    assert (course / "autograded/blaise/numbers").stat().st_mtime_ns == stamp
    assert "ada: graded" in said
    assert "blaise: graded" not in said


@pytest.mark.parametrize("options", [(), ("--again",), ("--student", "ada")])
def test_another_essay_waits_for_its_mark(course, capsys, options):
    hand_in(course, "ada", {"explain-answer": "Quite another essay."})
    _, said = run(course, capsys, *options)
    assert "ada: 27 of 28, 4 of them still to be marked by hand" in said


def test_nobody_of_this_name(course, capsys):
    with pytest.raises(SystemExit):
        run(course, capsys, "--student", "adda")
    assert "adda/numbers: no such folder" in capsys.readouterr().err


def test_collected_and_graded(course, capsys):
    """From an archive to an account: who joined late is graded like the others."""
    notebook = with_name(handed_in("numbers"), "dora")
    path = archive(course, {"maierdora_LATE_104_9_numbers.ipynb": nbformat.writes(notebook)})
    collect.main(["numbers", str(path), "--course", str(course)])
    assert "104 was not in the class before" in capsys.readouterr().out
    status, said = run(course, capsys)
    assert status == 0
    assert "104: 24 of 28, 4 of them still to be marked by hand" in said


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
