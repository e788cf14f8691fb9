"""Functions that call a function on parts of an array."""

import numpy as np
import pytest

from dualedu import check_jvp, jvp

X = np.array([0.3, 1.1, 2.1, 3.2])


def test_pieces_take_the_function_of_the_last_condition_that_holds():
    def f(x):
        return np.piecewise(x, [x < 2, x < 1], [lambda v: v**2, lambda v: 3 * v, -1.0])

    value, tangent = jvp(f, (X,), (np.ones(4),))
    assert value.tolist() == f(X).tolist()
    assert tangent.tolist() == [3, 2.2, 0, 0]
    check_jvp(f, X, order=3)
    value, tangent = jvp(lambda x: np.piecewise(x, [x < 1], [np.square]), (0.5,), (1.0,))
    assert (value, tangent) == (0.25, 1.0)
    scaled = jvp(lambda x: np.piecewise(x, [x > 1], [lambda v, k: k * v, 0.0], 5.0), (X,), (X,))
    np.testing.assert_allclose(scaled[1], [0, 5.5, 10.5, 16])
    with pytest.raises(ValueError, match=r"1 conditions and 3 functions"):
        jvp(lambda x: np.piecewise(x, [x < 1], [np.sin] * 3), (X,), (X,))


def test_a_function_of_each_row_is_that_of_a_loop():
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    v = np.random.default_rng(1).standard_normal((5, 2, 3, 4))
    for f in (np.sum, np.cumsum, lambda r: np.outer(r, r), lambda r: [r[0], r[1] * r[2]]):
        for axis in (0, 1, 2, -1):
            if axis == 0 and f(np.ones(4)) is not None and isinstance(f(np.ones(4)), list):
                continue  # rows of two have no third entry
            run = lambda x: np.apply_along_axis(f, axis, x)  # noqa: B023, E731
            value, tangent = jvp(run, (x,), (v,))
            np.testing.assert_array_equal(value, run(x))
            assert tangent.shape == (5, *value.shape)
            check_jvp(run, x, order=2)
    with pytest.raises(ValueError, match="no row"):
        jvp(lambda x: np.apply_along_axis(np.sum, 1, x), (np.zeros((0, 3)),), (np.zeros((0, 3)),))
