"""What the tests of grading share: a class that is graded, and a box."""

import shutil

import pytest
import untested
from course import copy_course
from evening import GOOD, IN_PROCESS, gradebook, hand_in
from grading import box, grade, preflight
from once import made_once


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """A class of three, graded, with 3 of 4 for each essay but Carl's, which waits."""
    return made_once(tmp_path_factory, "graded", grade_three)


def grade_three(course):
    copy_course(course, "numbers")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(IN_PROCESS)
    for student, answers in GOOD.items():
        hand_in(course, student, answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preflight, "check_run", lambda *arguments: {})
        assert grade.main(["numbers", "--course", str(course), "--no-box"]) == 0
    with gradebook(course) as book:
        for student in ("ada", "blaise"):
            essay = book.find_grade("explain-answer", "numbers", "numbers", student)
            essay.manual_score, essay.needs_manual_grade = 3.0, False
        book.db.commit()


@pytest.fixture
def course(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(preflight, "check_run", lambda *arguments: {})
    return shutil.copytree(graded, tmp_path / "course")


@pytest.fixture
def a_box():
    if not box.works():
        untested.skip("bubblewrap")
