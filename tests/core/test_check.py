"""check_jvp: right rules pass, and of a wrong one it says what is wrong."""

import numpy as np
import pytest

from dualedu import Dual, check_jvp


def test_check_jvp_accepts_right_rules_to_third_order():
    check_jvp(lambda x, y: np.sin(x) @ y + np.exp(x[0]), np.ones(3), np.ones((3, 2)), order=3)


def broken(order):
    """A sine whose tangent is wrong at the given order only."""
    from dualedu.core.dual import apply

    def sine(x):
        return (
            apply(np.sin, (lambda t, z, x: t * slope(x),), (x,))
            if isinstance(x, Dual)
            else np.sin(x)
        )

    def slope(x):
        if order == 1:
            return 1.01 * np.cos(x)
        wrong = (lambda t, z, x: -t * 1.01 * np.sin(x),)
        return apply(np.cos, wrong, (x,)) if isinstance(x, Dual) else np.cos(x)

    return sine


@pytest.mark.parametrize("order", [1, 2])
def test_check_jvp_names_order_entry_and_both_values(order):
    message = (
        rf"derivative of order {order}, entry \(\d,\): dual numbers give .* central differences"
    )
    with pytest.raises(AssertionError, match=message):
        check_jvp(broken(order), np.array([0.4, 0.8]))


def test_check_jvp_sees_nan_and_wrong_shapes():
    from dualedu.core.check import compare

    with pytest.raises(AssertionError, match="nan"):
        compare(np.array([np.nan]), np.array([1.0]), 1, 1e-6)
    with pytest.raises(AssertionError, match="shape"):
        compare(np.ones(2), np.ones(3), 1, 1e-6)
