"""Elementwise functions that are no ufuncs of one formula."""

import numpy as np
import pytest
from mistakes import refuses

from dualedu import jacobian

X = np.array([0.7, -1.3, 2.1])

REFUSED = {
    "nan_to_num in place": (lambda a: np.nan_to_num(a, copy=False), "copy=False"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


def test_a_tangent_passed_on_by_a_ufunc_of_two_results_is_safe_from_writes():
    def f(x):
        u = 2.0 * x
        u[1] = x[0]
        fraction, _ = np.modf(u)
        u[...] = 0.0
        return fraction

    np.testing.assert_array_equal(jacobian(f)(X), [[2, 0, 0], [1, 0, 0], [0, 0, 2]])
