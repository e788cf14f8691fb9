"""Functions that write: `at` of a ufunc adds where an index comes again."""

import numpy as np
import pytest

from dualedu import check_jvp, jvp

X = np.array([0.4, -1.3, 0.0, 2.1])


@pytest.mark.parametrize(
    "ufunc", [np.add, np.subtract, np.multiply, np.divide, np.maximum, np.hypot]
)
def test_at_acts_in_the_order_of_the_indices(ufunc):
    places, b = [0, 2, 0, 1, 0, 2], np.array([1.5, 0.7, 2.5, 1.2, 0.6, 3.1])

    def f(x, b):
        y = 1.0 * x
        ufunc.at(y, places, b)
        return y

    at = np.array([1.1, 2.2, 0.9])
    plain = at.copy()
    ufunc.at(plain, places, b)
    np.testing.assert_allclose(jvp(f, (at, b), (at, b))[0], plain, rtol=1e-15)
    check_jvp(f, at, b, order=2)


def test_at_of_one_argument():
    def f(x):
        y = 1.0 * x
        np.square.at(y, [1, 1, 2])
        return y

    np.testing.assert_allclose(f(X), [0.4, 1.3**4, 0.0, 2.1])
    check_jvp(f, X, order=2)
