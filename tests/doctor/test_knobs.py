"""What a function reads besides its arguments, and what it reads again afterwards."""

import numpy as np
import pytest

from dualedu.doctor import examine, knobs

RECORDS = [(0.5, 1.0), (1.5, -1.0), (0.2, 2.0)]
SCALE = 3.0


class Line:
    shift = 0.0

    def __init__(self, w):
        self.w = w

    def at(self, x, slope=0.25):
        return self.w[0] * x * slope + self.w[1] / 8.5 + self.shift


def helper(w):
    return sum((Line(w).at(x) - y) ** 2 for x, y in RECORDS) * SCALE


def loss(w):
    return helper(w)


def found():
    return {knob.name: knob for knob in knobs.knobs(loss)}


def test_lists_globals_defaults_and_numbers_in_the_code_are_found_through_what_f_calls():
    values = {name: knob.value for name, knob in found().items()}
    assert values == {
        "RECORDS": RECORDS,
        "SCALE": 3.0,
        "Line.shift": 0.0,
        "slope": 0.25,
        "the 8.5 in at": 8.5,
    }


@pytest.mark.parametrize(
    ("name", "new", "value"),
    [
        ("RECORDS", RECORDS[:1], 3 * (0.5 * 2 * 0.25 + 4 / 8.5 - 1) ** 2),
        ("SCALE", 0.0, 0.0),
        ("Line.shift", -8 / 17, 3 * sum((x / 2 - y) ** 2 for x, y in RECORDS)),
        ("slope", 0.0, 3 * sum((4 / 8.5 - y) ** 2 for _, y in RECORDS)),
        ("the 8.5 in at", 4.0, 3 * sum((0.5 * x + 1 - y) ** 2 for x, y in RECORDS)),
    ],
)
def test_each_can_be_another_for_a_while(name, new, value):
    w = np.array([2.0, 4.0])
    before = loss(w)
    with knobs.turned([(found()[name], new)]):
        assert loss(w) == pytest.approx(value)
    assert loss(w) == before


def test_all_is_as_it_was_after_an_error():
    with pytest.raises(ZeroDivisionError), knobs.turned([(found()["the 8.5 in at"], 0.0)]):
        loss([2.0, 4.0])
    assert found()["the 8.5 in at"].value == 8.5


def test_an_examination_leaves_all_as_it_was():
    w = np.array([2.0, 4.0])
    before = loss(w)
    assert not examine(loss, lambda w: w**2 + 1, w).healthy
    assert loss(w) == before
    assert (RECORDS[0], SCALE) == ((0.5, 1.0), 3.0)
