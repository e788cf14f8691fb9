"""Marks on their way to Canvas and Moodle: read back as their importers read them.

`canvas` and `moodle` below follow lib/gradebook_importer.rb of instructure/canvas-lms and
grade/import/csv/classes/load_data.php of moodle/moodle, as of 2026.
"""

import csv
import re
import shutil

import pytest
from classwork import CLASSROOM
from gradebooks import CANVAS, MOODLE
from grading import marks
from nbgrader.api import Gradebook

SCORES = {"ada": 27.5, "blaise": 24.0, "carl": 3.0, "émilie": 28.0}
"""Beside these: "dora" is still to be marked by hand, and "emil" handed nothing in."""

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A gradebook with an assignment of 28 points, 4 of them by hand."""
    path = tmp_path_factory.mktemp("course") / "gradebook.db"
    names = {"assignment": "numbers", "notebook": "numbers"}
    with Gradebook(f"sqlite:///{path}") as book:
        book.add_assignment("numbers")
        book.add_notebook("numbers", "numbers")
        book.add_grade_cell("auto", **names, max_score=24, cell_type="code")
        book.add_grade_cell("hand", **names, max_score=4, cell_type="markdown")
        book.add_student("emil", email=None)
        for student, score in [*SCORES.items(), ("dora", 20.0)]:
            book.add_student(student, email=f"{student.replace('é', 'e')}@example.edu")
            book.add_submission("numbers", student)
            auto = book.find_grade("auto", **names, student=student)
            auto.auto_score, auto.needs_manual_grade = min(score, 24), False
            by_hand = book.find_grade("hand", **names, student=student)
            by_hand.manual_score, by_hand.needs_manual_grade = score - min(score, 24), False
            by_hand.needs_manual_grade = student == "dora"
        book.db.commit()
    return path


@pytest.fixture
def course(graded, tmp_path):
    for file in (graded, CLASSROOM / "nbgrader_config.py"):
        shutil.copy(file, tmp_path)
    return tmp_path


def run(course, exported, encoding="utf-8", more=()):
    (course / "exported.csv").write_text(exported, encoding=encoding)
    arguments = ["numbers", str(course / "exported.csv"), str(course / "new.csv")]
    return marks.main([*arguments, "--course", str(course), *more])


def canvas(path, students, assignments):
    """What Canvas would change: {(student, assignment): score}, and points by assignment.

    `students` are (number, SIS id, login), `assignments` are {number: title}.
    """
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    own, login = 3, None
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        own, login = 4, 2
    elif "SIS User ID" in header[2] and "SIS Login ID" in header[3]:
        more = "Integration ID" in header[4]
        own, login = 5 + more, 3
        own += "Root Account" in header[4 + more]
    assert "Section" in header[own - 1]
    columns = {}
    for place, title in enumerate(header[own:], own):
        numbered = re.fullmatch(r"(.+) \((\d+)\)", title)
        number = int(numbered[2]) if numbered and int(numbered[2]) in assignments else None
        columns[place] = number or f"new: {title}"
    points, changes = {}, {}
    for row in rows:
        if "Points Possible" in row[0]:
            points = {columns[place]: row[place] for place in columns}
            continue
        found = [s for s in students if row[1] == str(s[0]) or (login and row[login] == s[2])]
        assert len(found) == 1, row
        changes |= {(found[0][0], columns[place]): row[place] for place in columns}
    return changes, points


CLASS = [(101, "S1", "ada"), (102, "S2", "Blaise"), (103, "S3", "carl"), (105, "S5", "émilie")]


def test_canvas_reads_the_marks_back(course, capsys):
    """By the students' numbers, into the assignment that is there, and into nothing else."""
    assert run(course, CANVAS) == 1
    said = capsys.readouterr().out
    changes, points = canvas(course / "new.csv", CLASS, {4711: "numbers", 12: "Essay"})
    numbers = dict(zip([101, 102, 103, 105], SCORES.values(), strict=True))
    assert {key: float(score) for key, score in changes.items()} == {
        (number, 4711): score for number, score in numbers.items()
    }
    assert {key: float(most) for key, most in points.items()} == {4711: 28.0}
    assert "dora: left out, because something is still to be marked by hand" in said
    assert "emil: left out, because nothing of theirs is graded" in said
    assert "4 marks for Canvas, of at most 28, in " in said


@pytest.mark.parametrize("named", ["12", "Essay (12)"])
def test_a_column_of_canvas_that_is_named_gets_the_marks(course, named):
    """By its number or by its title; the column called like the assignment is left alone."""
    assert run(course, CANVAS, more=["--column", named]) == 1
    changes, points = canvas(course / "new.csv", CLASS, {4711: "numbers", 12: "Essay"})
    assert {assignment for _, assignment in changes} == {12}
    assert changes[101, 12] == "27.5"
    assert len(changes) == len(SCORES)
    assert {key: float(most) for key, most in points.items()} == {12: 28.0}


def test_a_column_that_is_not_there_is_named_with_those_that_are(course, capsys):
    with pytest.raises(SystemExit):
        run(course, CANVAS, more=["--column", "13"])
    said = capsys.readouterr().err
    assert "there is no column '13'; there are " in said
    assert "numbers (4711)" in said
    assert not (course / "new.csv").exists()


@pytest.mark.parametrize("drop", [["numbers (4711)"], ["numbers (4711)", "SIS User ID"]])
def test_a_new_assignment_in_canvas(course, drop):
    """Also in an export without the ids of a student information system."""
    table = list(csv.reader(CANVAS.splitlines()))
    keep = [i for i, title in enumerate(table[0]) if title not in [*drop, "Integration ID"]]
    with (course / "exported.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row[i] for i in keep] for row in table)
    assert run(course, (course / "exported.csv").read_text("utf-8"), "utf-8-sig") == 1
    changes, points = canvas(course / "new.csv", CLASS, {12: "Essay"})
    assert points == {"new: numbers": "28"}
    assert changes[101, "new: numbers"] == "27.5"
    assert len(changes) == len(SCORES)


def test_moodle_reads_the_marks_back(course, capsys):
    """By the address that Moodle itself wrote, in its own spelling and with its own signs."""
    assert run(course, MOODLE) == 1
    users = [line.split(";")[3] for line in MOODLE.splitlines()[1:]]
    header, *rows = [line.split(";") for line in (course / "new.csv").read_text("utf-8").split()]
    assert header == ["E-Mail-Adresse", "numbers"]
    assert all(address in users for address, _ in rows), "one unknown address, and all is lost"
    assert dict(rows) == {
        "Ada@Example.edu": "27.5",
        "blaise@example.edu": "24",
        "carl@example.edu": "3",
        "emilie@example.edu": "28",
    }
    assert "4 marks for Moodle" in capsys.readouterr().out


def test_who_is_not_in_the_gradebook_is_named(course, capsys):
    assert run(course, MOODLE.replace("Carl", "Friedrich").replace("carl@", "gauss@")) == 1
    said = capsys.readouterr().out
    assert "carl: not in exported.csv; give nbgrader the address used there" in said
    assert "carl" not in (course / "new.csv").read_text("utf-8")
    assert "3 marks" in said


def test_nobody_known_writes_nothing(course, capsys):
    names = re.compile(r"^\w+", re.MULTILINE)
    assert run(course, names.sub("X", MOODLE.replace("xample", "lsewhere"))) == 1
    assert "0 marks for Moodle, of at most 28; nothing written" in capsys.readouterr().out
    assert not (course / "new.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["digits", "exported.csv"], "digits: nothing of it is graded"),
        (["numbers", "missing.csv"], "No such file"),
        (["numbers", "empty.csv"], "no table with a line of headings; export it again"),
        (["numbers", "twice.csv"], "ada stands in two rows under 'E-Mail-Adresse'"),
    ],
)
def test_what_cannot_be_done_is_said(course, capsys, arguments, says):
    (course / "exported.csv").write_text(MOODLE, encoding="utf-8")
    (course / "empty.csv").write_text("", encoding="utf-8")
    twice = MOODLE.replace("blaise@", "ada@").replace("Blaise", "Ada")
    (course / "twice.csv").write_text(twice, encoding="utf-8")
    assignment, exported = arguments
    with pytest.raises(SystemExit):
        marks.main([assignment, str(course / exported), "new.csv", "--course", str(course)])
    assert says in capsys.readouterr().err
