"""Counting, correlating, fitting, and functions that call a function on parts of an array."""

import numpy as np
import pytest

from dualedu import Dual, check_jvp, gradient, jacobian, jvp

X = np.array([0.3, 1.1, 2.1, 3.2])
Y = np.array([0.2, 0.9, 2.4, 2.9])


def test_weights_are_added_up_where_they_are_counted():
    places = np.array([0, 2, 0, 1])
    slopes = jacobian(lambda w: np.bincount(places, w, 4))(X)
    assert slopes.tolist() == [[1, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert jvp(lambda w: np.bincount(places, w * w), (X.astype(np.float32),), (X,))[1].shape == (3,)
    with pytest.raises(TypeError, match=r"np\.floor\(x\)\.astype\(int\)"):
        np.bincount(Dual(X, X))


def test_a_fit_moves_with_its_points():
    """Of a straight line through exact points: the slope moves with the last point as by hand."""
    fit = lambda y: np.polyfit(X, y, 1)  # noqa: E731
    centred = X - X.mean()
    expected = centred / np.sum(centred**2)
    np.testing.assert_allclose(jacobian(fit)(2 * X + 1)[0], expected, rtol=1e-10)
    check_jvp(lambda x, y: np.polyfit(x, y, 2), X, Y, order=2, tolerance=1e-5)
    for option in ({"full": True}, {"cov": True}):
        with pytest.raises(TypeError, match=r"np\.linalg\.lstsq\(np\.vander"):
            jvp(lambda y: np.polyfit(X, y, 1, **option), (Y,), (Y,))  # noqa: B023


def test_correlations_that_are_perfect_do_not_move():
    np.testing.assert_allclose(
        jvp(lambda x: np.corrcoef(x, 2 * x), (X,), (Y,))[1], np.zeros((2, 2)), atol=1e-15
    )
    pair = np.stack([X, Y])
    slope = gradient(lambda p: np.corrcoef(p)[0, 1])(pair)
    assert abs(np.sum(slope * pair)) < 1e-14  # no scale, no shift changes a correlation
    assert np.all(np.abs(np.sum(slope, axis=1)) < 1e-14)


def test_the_variance_is_the_covariance_with_oneself():
    for options in ({}, {"ddof": 0}, {"bias": True}):
        ddof = 0 if options else 1
        np.testing.assert_allclose(
            gradient(lambda x: np.cov(x, **options))(X),  # noqa: B023
            gradient(lambda x: np.var(x, ddof=ddof))(X),  # noqa: B023
            rtol=1e-13,
        )


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
