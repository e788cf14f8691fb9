"""What no library sees from inside: the reference page names four traps and the ways out."""

import numpy as np
import pytest
from comparisons import bisected

from dualedu import check_jvp, derivative, gradient, hvp, implicit, jacobian, stop_gradient


def rotation(w, guarded):
    n = np.linalg.norm(w)
    if guarded:
        k = np.cross(np.eye(3), w / np.where(n > 0, n, 1.0))
        return np.eye(3) + np.sin(n) * k
    return np.eye(3) + np.sinc(n / np.pi) * np.cross(np.eye(3), w)


def test_a_guarded_norm_loses_its_slope_and_sinc_keeps_it():
    exact = jacobian(lambda w: np.cross(np.eye(3), w))(np.zeros(3))
    assert not jacobian(rotation)(np.zeros(3), True).any()
    np.testing.assert_array_equal(jacobian(rotation)(np.zeros(3), False), exact)
    with pytest.raises(AssertionError, match="order 1"):
        check_jvp(lambda w: rotation(w, True), np.zeros(3), order=1)


def test_a_branch_for_a_single_point_is_found_by_differences_alone():
    f = lambda x: 0.0 if x == 0 else x * np.cos(x)  # noqa: E731
    with pytest.warns(RuntimeWarning, match="it moves with the argument"):
        assert derivative(f)(0.0) == 0
    assert derivative(lambda x: f(x) + x)(0.0) == 1  # nothing is seen inside a longer formula
    with pytest.raises(AssertionError, match="dual numbers give 0, central differences"):
        check_jvp(f, 0.0, order=1)


def test_the_square_of_a_length_is_smooth_to_any_order():
    square = lambda w: np.sum(w**2)  # noqa: E731
    assert gradient(square)(np.zeros(3)).tolist() == [0, 0, 0]
    assert hvp(square, np.zeros(3), np.ones(3)).tolist() == [2, 2, 2]


def test_a_root_of_a_power_does_not_move_at_0():
    for wrong, right, order in (
        (lambda x: np.cbrt(x**3), lambda x: x, 1),
        (lambda x: np.sqrt(x**4), lambda x: x**2, 2),
    ):
        check_jvp(wrong, 0.7, order=order)
        check_jvp(right, 0.0, order=order)
        with pytest.raises(AssertionError, match=f"order {order}: dual numbers give 0"):
            check_jvp(wrong, 0.0, order=order)


def test_comparisons_alone_carry_no_tangent():
    with pytest.warns(RuntimeWarning, match="it moves with the argument"):
        assert derivative(bisected)(1.0) == 0
    root = lambda p: implicit(lambda x, p: x**2 - p, bisected(stop_gradient(p)), p)  # noqa: E731
    assert derivative(root)(1.0) == pytest.approx(0.5, rel=1e-12)
