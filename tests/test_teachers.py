"""What the page and the file for teachers say of the assignments is what is in the notebooks."""

import json
import re

import assignments
import pytest
from test_classroom import ASSIGNMENTS, CLASSROOM, SOURCES, is_check, is_manual
from test_grading import THIRTY

PAGE = (CLASSROOM.parent / "book/reference/for-teachers.md").read_text(encoding="utf-8")
README = (CLASSROOM / "README.md").read_text(encoding="utf-8")
REHEARSED = json.loads(assignments.TIMES.read_text(encoding="utf-8"))["assignments"]


def points(name, counts):
    return sum(c.metadata.nbgrader.points for c in SOURCES[name].cells if counts(c))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_points_and_minutes_are_those_of_the_notebook(name):
    told = assignments.read(name)
    prose = [cell.source for cell in SOURCES[name].cells if cell.cell_type == "markdown"]
    assert len(told.exercises) == sum(text.startswith("## ") for text in prose)
    assert told.by_hand == points(name, is_manual)
    assert told.points - told.by_hand == points(name, lambda cell: is_check(cell))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_first_cell_says_what_is_to_come(name):
    told = assignments.read(name)
    first = SOURCES[name].cells[0].source
    assert f"about {told.minutes} minutes" in first
    rows = re.findall(r"^\| (\d) (.+) \| (\w+) \| (\d+) \| (\d+) \|$", first, re.MULTILINE)
    assert rows == [
        (str(e.number), e.title, e.kind.lower(), str(e.minutes), str(e.points))
        for e in told.exercises
    ]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_teachers_are_told_of_each_assignment(name):
    told = assignments.read(name)
    assert f"```{{assignment}} {name}\n```" in PAGE
    row = f"| `{name}` | {told.minutes} minutes | {told.points}, {told.by_hand} of them by hand |"
    assert row in README


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_grading_times_are_those_of_a_class_of_thirty(name):
    """Everyone in it who can be graded, after a kill; the times are that machine's."""
    row = REHEARSED[name]
    assert row["submissions"] == len(THIRTY) == 30
    assert row["graded_before_the_kill"] == 9
    assert row["graded_before_the_kill"] + row["graded_after_it"] == 28, "two cannot be graded"
    assert row["seconds_for_one"] > 0
