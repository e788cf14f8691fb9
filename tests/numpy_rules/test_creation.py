"""Arrays made like a dual number: which differentiation they belong to."""

import numpy as np
import pytest

from dualedu import gradient, jacobian

X = np.array([0.7, -1.3, 2.1])


def test_an_inner_number_does_not_enter_an_outer_array():
    def outer(x):
        store = np.zeros_like(x)

        def inner(z):
            store[0] = z[0]
            return z[0] ** 2

        return gradient(inner)(x)

    with pytest.raises(TypeError, match=r"inner differentiation .* like="):
        jacobian(outer)(X)


def test_an_outer_number_enters_an_inner_array_made_like_it():
    def mixed(a, made):
        def inner(b):
            y = made(a, b)
            y[0] = a[0] * b[0]
            y[1] = b[1]
            return np.sum(y**2)

        return gradient(inner)(X)

    with pytest.raises(TypeError, match="like the value"):
        jacobian(lambda a: mixed(a, lambda a, b: np.zeros_like(b)))(X)
    got = jacobian(lambda a: mixed(a, lambda a, b: np.zeros(3, like=a * b)))(X)
    expected = np.zeros((3, 3))
    expected[0, 0] = 4 * X[0] * X[0]
    np.testing.assert_allclose(got, expected)
