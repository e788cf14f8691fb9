"""Extremes, running ones, medians and quantiles: ties share, what was not chosen rests."""

# ruff: noqa: E501

import numpy as np
import pytest
from mistakes import reads_as_in_numpy, refuses
from units import tangents

from dualedu import check_jvp, gradient, jacobian, jvp

NAN, INF = np.nan, np.inf

RUNNING_TIES = [
    ([1.0, 3.0, 2.0], [[1, 0, 0], [0, 1, 0], [0, 1, 0]]),
    ([2.0, 2.0, 2.0], [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]]),
    ([2.0, 1.0, 2.0, 3.0], [[1, 0, 0, 0], [1, 0, 0, 0], [1 / 2, 0, 1 / 2, 0], [0, 0, 0, 1]]),
    ([-0.0, 0.0], [[1, 0], [1 / 2, 1 / 2]]),
    ([1.0, NAN, 2.0], [[1, 0, 0], [NAN, NAN, NAN], [NAN, NAN, NAN]]),
]


@pytest.mark.parametrize(("x", "expected"), RUNNING_TIES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_running_extremes_share_ties_as_np_max_does(x, expected, dtype):
    x = np.array(x, dtype)
    for f, sign in ((np.maximum.accumulate, 1), (np.minimum.accumulate, -1)):
        slopes = jacobian(f)(sign * x)
        assert slopes.dtype == dtype
        np.testing.assert_allclose(slopes, np.array(expected), rtol=1e-6)
        for k in range(len(x)):
            largest = gradient(np.max if sign > 0 else np.min)(sign * x[: k + 1])
            np.testing.assert_allclose(slopes[k, : k + 1], largest, rtol=1e-6)


def test_an_infinite_tangent_of_what_was_not_chosen_is_dropped():
    x, v = np.array([1.0, 0.0, 1.0]), np.array([2.0, INF, 4.0])
    assert jvp(np.maximum.accumulate, (x,), (v,))[1].tolist() == [2, 2, 3]


def test_running_extremes_along_each_axis_to_third_order():
    x = np.array([[0.3, -1.0, 2.0], [0.7, -1.4, 1.1]])
    for axis in (0, 1, -1):
        check_jvp(lambda x: np.maximum.accumulate(x * x, axis=axis), x, order=3)  # noqa: B023
        check_jvp(lambda x: np.minimum.accumulate(x * x, axis=axis), x, order=3)  # noqa: B023


TIES = [
    (np.max, [2.0, 5.0, 5.0], [0, 1 / 2, 1 / 2]), (np.min, [2.0, 2.0, 2.0], [1 / 3] * 3),
    (np.max, [2.0, 5.0, 1.0], [0, 1, 0]), (np.ptp, [1.0, 4.0, 4.0], [-1, 1 / 2, 1 / 2]),
    (np.ptp, [4.0, 4.0], [0, 0]), (np.amax, [-0.0, 0.0], [1 / 2, 1 / 2]),
    (np.max, [INF, INF, 1.0], [1 / 2, 1 / 2, 0]), (np.min, [-INF, 0.0], [1, 0]),
    (np.max, [1.0, NAN, 2.0], [NAN, NAN, NAN]), (np.nanmax, [1.0, NAN, 2.0], [0, 0, 1]),
    (np.nanmin, [1.0, NAN, 1.0], [1 / 2, 0, 1 / 2]),
    (lambda x: np.max(x, initial=3.0), [1.0, 2.0], [0, 0]),
    (lambda x: np.max(x, initial=3.0), [1.0, 3.0], [0, 1 / 2]),
    (lambda x: np.min(x, initial=3.0), [1.0, 3.0], [1, 0]),
    (lambda x: np.max(x, where=[True, False], initial=-INF), [1.0, 3.0], [1, 0]),
    (lambda x: np.max(x, where=False, initial=7.0), [1.0, 3.0], [0, 0]),
    (lambda x: np.maximum.reduce(x), [5.0, 5.0], [1 / 2, 1 / 2]),
    (lambda x: np.minimum.reduce(x, initial=1.0), [5.0, 5.0], [0, 0]),
    (np.median, [2.0, 2.0, 2.0], None), (np.median, [1.0, 3.0], [1 / 2, 1 / 2]),
    (np.median, [5.0], [1]), (lambda x: np.linalg.norm(x, INF), [3.0, -3.0], [1 / 2, -1 / 2]),
    (lambda x: np.quantile(x, 1.0), [3.0, 4.0], [0, 1]), (lambda x: np.quantile(x, 0.0), [3.0, 4.0], [1, 0]),
    (lambda x: np.sort(x) @ np.arange(1, 4, dtype=x.dtype), [3.0, 1.0, 2.0], [3, 1, 2]),
    (np.std, [2.0, 2.0, 2.0], [0, 0, 0]), (np.linalg.norm, [0.0, 0.0], [0, 0]),
    (lambda x: np.linalg.norm(x, 1), [0.0, -2.0], [0, -1]), (lambda x: np.linalg.norm(x, 3), [0.0, 0.0], [0, 0]),
    (lambda x: np.linalg.norm(x, 0.5), [0.0, 4.0], [0, 1]),
    (np.linalg.vector_norm, [0.0, 0.0], [0, 0]), (np.linalg.norm, [3.0, -4.0], [0.6, -0.8]),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "expected"), TIES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_ties_share_and_origins_rest(f, x, expected):
    slopes = tangents(f, np.array(x))
    if expected is None:
        assert sum(slopes) == 1
    else:
        np.testing.assert_allclose(slopes, expected, rtol=1e-12)
    assert tangents(f, np.array(x, np.float32)).dtype == np.float32


REFUSED = {
    "weighted quantile": (
        lambda a: np.quantile(a, 0.5, axis=0, weights=np.ones(3), method="inverted_cdf"),
        "takes no weights=",
    ),
    "dual initial, max": (lambda a: np.max(a, initial=a[0, 0]), "first argument only"),
    "dual initial, nanmin": (lambda a: np.nanmin(a, initial=a[0, 0]), "first argument only"),
    "out by position, max": (lambda a: np.max(a, 0, np.zeros(3)), "existing array"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


MISTAKES = {
    "axis of sort": (lambda x: np.sort(x, axis=2), "axis 2 is out of bounds"),
    "quantile": (lambda x: np.quantile(x, 1.5), r"range \[0, 1\]"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_in_numpy(name):
    reads_as_in_numpy(*MISTAKES[name])


def test_a_quantile_that_jumps_does_not_move_with_q():
    x = np.array([3.0, 1.0, 4.0, 1.5])
    for method, slope in (("nearest", 0.0), ("hazen", 4 * 1.5)):
        value, tangent = jvp(lambda q, m=method: np.quantile(x, q, method=m), (0.45,), (1.0,))
        assert value == np.quantile(x, 0.45, method=method)
        assert tangent == pytest.approx(slope)
