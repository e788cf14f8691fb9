"""nbgrader's own command with the steps of this course: mended, and with another term's numbers."""

import nbformat
import pytest
from classwork import SOURCES, points
from course import a_class, checks_deleted, good, handed_in, marks_stripped, nbgrader
from evening import run, scores
from grading.preprocessors import Mend
from nbgrader.api import Gradebook

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


def test_another_term_has_other_numbers_and_the_solution_still_earns_all(course, capsys):
    (course / "course.toml").write_text('term = "2027"\n', encoding="utf-8")
    before = nbformat.read(course / "release/numbers/numbers.ipynb", as_version=4)
    run(course, capsys, "--again")
    after = nbformat.read(course / "release/numbers/numbers.ipynb", as_version=4)
    changed = [b.id for b, a in zip(before.cells, after.cells, strict=True) if b.source != a.source]
    assert changed == ["predict-numbers", "measure-function"]
    assert 'instance(student, "predict, 2027")' in after.cells[4].source
    assert scores(course)["ada"] == 27.0


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
