"""What a teacher sets: due dates, what lateness costs, and what is wrong with the settings."""

import datetime
import json

import pytest
from evening import gradebook, run
from grading import course as settings
from grading import marks

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")

LATE = """
[numbers]
due = 2026-11-23T12:00:00Z
grace = 15
per_day = 10
days = 5

[numbers.handed_in]
ada = 2026-11-23T12:15:00Z
blaise = 2026-11-24T13:00:00Z
"""


@pytest.mark.parametrize(
    ("late", "share"),
    [
        ({}, 0.0),
        ({"minutes": 15}, 0.0),
        ({"minutes": 16}, 0.1),
        ({"days": 1}, 0.1),
        ({"days": 1, "seconds": 1}, 0.2),
        ({"days": 5}, 0.5),
        ({"days": 5, "seconds": 1}, 1.0),
    ],
)
def test_what_lateness_costs(late, share):
    rules = settings.Rules(grace=15, per_day=10, days=5)
    assert rules.penalty(20.0, datetime.timedelta(**late)) == pytest.approx(20 * share)


def test_late_work_is_told_and_counted_in_the_marks(course, capsys):
    (course / "course.toml").write_text(LATE, encoding="utf-8")
    _, said = run(course, capsys)
    assert "blaise: 27 of 28, less 5.4 for being late" in said
    assert "blaise is 1 d 1 h late; 5.4 points are taken off." in said
    assert "ada is 15 min late; nothing is taken off." in said
    more = "\n[numbers.extensions]\nblaise = 2026-11-24T12:30:00Z\n[accommodations]\n"
    extended = f'{LATE}{more}ada = {{days = 1, excused = ["numbers"]}}\nblaisse = {{days = 1}}\n'
    (course / "course.toml").write_text(extended, encoding="utf-8")
    exported = course / "exported.csv"
    exported.write_text("Student,ID,Section\nx,ada,1\ny,blaise,1\nz,carl,1\n", encoding="utf-8")
    to = course / "new.csv"
    marks.main(["numbers", str(exported), str(to), "--course", str(course)])
    said = capsys.readouterr().out
    assert "ada: excused by course.toml" in said
    assert "carl: left out, because something is still to be marked by hand" in said
    # An extension moves the day that counts: 30 minutes late is one day begun.
    assert to.read_text("utf-8").split()[-2:] == ["y,blaise,1,24.3", "x,ada,1,EX"]
    _, said = run(course, capsys)
    assert "course.toml names 'blaisse', and nobody is called so; did you mean 'blaise'?" in said
    assert "ada is" not in said, "with a day more, she is in time"


def test_late_by_a_mark_alone_costs_nothing_before_the_time_is_known(course, capsys):
    (course / "course.toml").write_text("[numbers]\ndue = 2026-11-23\nper_day = 10\n", "utf-8")
    settings.record(course, "numbers").parent.mkdir(parents=True)
    settings.record(course, "numbers").write_text(json.dumps({"carl": {"late": True}}), "utf-8")
    _, said = run(course, capsys)
    assert "carl is late by Canvas, whose archive does not say by how much" in said
    assert "carl: 21 of 28, 4 of them" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[number]\ndue = 2026-11-23", "nothing is called 'number' in course.toml; did you mean"),
        ("[numbers]\ndeu = 2026-11-23", "nothing is called 'deu' in numbers; did you mean due?"),
        ("[numbers]\ndue = '2026-11-23'", "should be a time without quotes"),
        ("[numbers]\nper_day = -5", "numbers.per_day is -5, but should be a number, 0 or more"),
        ("[numbers]\nextensions = 3", "should be a table, as in [numbers.extensions]"),
        ("[accommodations]\nada = {excused = ['nmbers']}", "did you mean numbers?"),
        ("[numbers", "cannot be read"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(tmp_path, text, says):
    (tmp_path / "source" / "numbers").mkdir(parents=True)
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"course\.toml") as error:
        settings.read(tmp_path)
    assert says in str(error.value)


@pytest.mark.parametrize("stamp", [b"", b"in time", b"\xff\xfe", b"9" * 400])
def test_a_time_that_is_none_stops_nobody(course, stamp):
    (course / "submitted/ada/numbers").mkdir(parents=True, exist_ok=True)
    (course / "submitted/ada/numbers/timestamp.txt").write_bytes(stamp)
    with gradebook(course) as book:
        said = settings.settle(book, "numbers", course)
    assert [sentence for sentence in said if "timestamp" in sentence] == [
        "ada has a timestamp.txt that holds no time; course.toml can say when it was handed in, "
        "under [numbers.handed_in]."
    ]
