"""What the derivative is: differences where f's own rule is wrong, where it is steep, where it ends."""

# ruff: noqa: E501

import numpy as np
import pytest

from dualedu import stop_gradient
from dualedu.doctor import examine

W = np.array([0.3, -1.2, 2.0])


def test_a_faulty_rule_of_f_is_seen_and_differences_judge():
    from dualedu.core.dual import Dual, apply

    def cube(x):
        if isinstance(x, Dual):
            return apply(cube, (lambda t, y, x: t * x**2,), (x,))
        return x**3

    found = examine(lambda w: np.sum(cube(w)), lambda w: 3 * w**2, W)
    assert found.healthy
    assert "own rule for dual numbers" in found.notes[0]


@pytest.mark.parametrize("at", [[50.0], [40.0, -40.0], [60.0, 0.0, -60.0]])
def test_a_wrong_slope_of_a_steep_function_is_seen(at):
    found = examine(lambda w: np.sum(np.exp(w)), lambda w: 2 * np.exp(w), np.array(at))
    assert found.kinds == ("constant factor",)


@pytest.mark.parametrize("least", [1e-4, 1e-6])
def test_steps_out_of_the_domain_do_not_blind_the_differences(least):
    def f(w):
        return -np.sum(np.log(np.array(w, float)))  # never on dual numbers

    at = np.array([least, 1.0, 3.0])
    with np.errstate(invalid="ignore"):
        assert examine(f, lambda w: -1 / w, at).healthy
        assert examine(f, lambda w: -2 / w, at).verdict == "ill"


def test_a_rule_is_held_against_values_for_each_argument():
    def f(a, b):
        return -np.sum(np.log(a)) + np.sum(stop_gradient(b) ** 2)

    at = np.array([1e-7, 1.0, 3.0]), np.array([1.0, 2.0])
    with np.errstate(invalid="ignore"):
        assert examine(f, lambda a, b: (-1 / a, 2 * b), at).verdict != "ill"
