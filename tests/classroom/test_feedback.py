"""Feedback as Canvas and Moodle give it to each student."""

import json
import zipfile

import nbformat
import pytest
from classwork import SOURCES
from evening import gradebook
from grading import course as settings
from grading import feedback

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


def moodle_reads(name):
    """The participant's number and the file's name, as importziplib.php takes them."""
    parts = name.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) < 4 or not info[1].isdigit():
            continue
        parts.insert(0, info[4] if len(info) == 5 else "")
        return int(info[1]), "/".join(parts).lstrip("/")
    return None


@pytest.mark.parametrize(
    "member",
    [
        "Ada Lovelace_4711_assignsubmission_file/numbers.ipynb",
        "Ada Lovelace_4711_assignsubmission_file_/numbers.ipynb",
        "Ada Lovelace_4711_assignsubmission_file_numbers.ipynb",
        "all/Ada Lovelace_4711_assignsubmission_file/my/numbers.ipynb",
    ],
)
def test_moodle_gives_the_page_to_the_right_student(member):
    assert moodle_reads(feedback.in_moodle(member, "numbers.html")) == (4711, "numbers.html")


def test_feedback_as_each_system_takes_it(course, capsys):
    rows = {
        "ada": ("Canvas", "lovelaceada_LATE_101_4711_numbers-1.ipynb"),
        "blaise": ("Moodle", "Blaise Pascal_12_assignsubmission_file/numbers.ipynb"),
        "carl": ("Canvas", "gausscarl_103_4713_numbers.ipynb"),
    }
    settings.record(course, "numbers").parent.mkdir(parents=True)
    settings.record(course, "numbers").write_text(json.dumps({
        student: {"system": system, "late": False, "members": {"numbers.ipynb": member}}
        for student, (system, member) in rows.items()
    }), encoding="utf-8")  # fmt: skip
    page = course / "feedback/blaise/numbers/numbers.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html>", encoding="utf-8")
    with gradebook(course) as book:
        book.find_comment("explain-answer", "numbers", "numbers", "ada").manual_comment = "Well!"
        book.db.commit()
    assert feedback.main(["numbers", "--course", str(course)]) == 1
    assert "carl: left out, because something is still to be marked" in capsys.readouterr().out
    with zipfile.ZipFile(course / "feedback/numbers-moodle.zip") as packed:
        assert packed.namelist() == ["Blaise Pascal_12_assignsubmission_file/numbers.html"]
    with zipfile.ZipFile(course / "feedback/numbers-canvas.zip") as packed:
        (name,) = packed.namelist()
        notebook = nbformat.reads(packed.read(name), as_version=4)
    nbformat.validate(notebook)
    assert name == rows["ada"][1]
    text = "\n".join(cell.source for cell in notebook.cells)
    assert notebook.cells[0].source == "**27 of 28 points**."
    assert "**3 of 4 points.** Well!" in text
    assert "HIDDEN" not in text
    hidden = next(c.source for c in SOURCES["numbers"].cells if c.id == "length-check")
    assert hidden not in text
    assert "class Dual:" in text


def test_feedback_has_the_marks_as_they_are_now(course, capsys):
    """The time came after the grading, and a mark by hand as well: both are in the penalty."""
    (course / "course.toml").write_text(
        "[numbers]\ndue = 2026-11-23T12:00:00Z\nper_day = 10\n", encoding="utf-8"
    )
    row = {"system": "Canvas", "late": True, "members": {"n": "lovelaceada_LATE_101_1_n.ipynb"}}
    settings.record(course, "numbers").parent.mkdir(parents=True)
    settings.record(course, "numbers").write_text(json.dumps({"ada": row}), encoding="utf-8")
    stamp = course / "submitted/ada/numbers/timestamp.txt"
    stamp.write_text("2026-11-24 11:00:00 UTC", encoding="utf-8")
    with gradebook(course) as book:
        book.find_grade("explain-answer", "numbers", "numbers", "ada").manual_score = 1.0
        book.db.commit()
    assert feedback.main(["numbers", "--course", str(course)]) == 0
    with zipfile.ZipFile(course / "feedback/numbers-canvas.zip") as packed:
        notebook = nbformat.reads(packed.read("lovelaceada_LATE_101_1_n.ipynb"), as_version=4)
    assert notebook.cells[0].source == "**25 of 28 points**, less 2.5 for being late."
