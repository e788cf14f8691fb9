"""nbgrader, end to end: a class of good and bad submissions, stopped in the middle, all accounted
for.

The whole class of thirty, from the exchange to its feedback and its marks:

    pytest tests/classroom/test_grading.py -m rehearsal -s
    python benchmarks/rehearsal.py                 the same, and its times for the page for teachers
"""

import pytest
from classwork import ASSIGNMENTS
from course import KINDS, THIRTY, hold, hold_handed_back, rehearse


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
