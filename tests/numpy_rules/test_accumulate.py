"""Running extremes and running sums of logarithms: ties, NaN, impossible states, second order."""

import numpy as np
import pytest

from dualedu import check_jvp, gradient, hvp, jacobian, jvp, nn

NAN, INF = np.nan, np.inf

TIES = [
    ([1.0, 3.0, 2.0], [[1, 0, 0], [0, 1, 0], [0, 1, 0]]),
    ([2.0, 2.0, 2.0], [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]]),
    ([2.0, 1.0, 2.0, 3.0], [[1, 0, 0, 0], [1, 0, 0, 0], [1 / 2, 0, 1 / 2, 0], [0, 0, 0, 1]]),
    ([-0.0, 0.0], [[1, 0], [1 / 2, 1 / 2]]),
    ([1.0, NAN, 2.0], [[1, 0, 0], [NAN, NAN, NAN], [NAN, NAN, NAN]]),
]


@pytest.mark.parametrize(("x", "expected"), TIES)
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


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 33])
def test_the_logarithm_of_a_sum_of_powers_is_that_of_networks(n):
    x = np.random.default_rng(n).uniform(-3, 3, n)
    v = np.cos(np.arange(n))
    np.testing.assert_allclose(gradient(np.logaddexp.reduce)(x), nn.softmax(x), rtol=1e-12)
    ours = hvp(np.logaddexp.reduce, x, v)
    np.testing.assert_allclose(ours, hvp(nn.logsumexp, x, v), rtol=1e-10, atol=1e-15)
    running = jacobian(np.logaddexp.accumulate)(x)
    for k in range(n):
        np.testing.assert_allclose(running[k, : k + 1], nn.softmax(x[: k + 1]), rtol=1e-12)
        assert not running[k, k + 1 :].any()


def test_impossible_states_and_nothing_at_all():
    x = np.array([-INF, 0.0, -INF])
    assert gradient(np.logaddexp.reduce)(x).tolist() == [0, 1, 0]
    assert np.isfinite(jacobian(np.logaddexp.accumulate)(x)).all()
    value, tangent = jvp(np.logaddexp.reduce, (np.zeros((0, 2)),), (np.zeros((0, 2)),))
    assert value.tolist() == [-INF, -INF]
    assert tangent.tolist() == [0, 0]


@pytest.mark.parametrize("n", [256, 257, 289, 300, 1000])
def test_long_products_with_zeros_are_the_running_products(n):
    """Rows of √n, their ends and a rest: the tangent is Σⱼ ẋⱼ Π of the others, by differences."""
    rng = np.random.default_rng(n)
    x = np.exp(rng.normal(size=(2, n)) / 10)
    x[:, 3], x[1, n // 2] = 0.0, 0.0
    v = rng.normal(size=(2, n))
    value, tangent = jvp(lambda x: np.cumprod(x, axis=1), (x,), (v,))
    np.testing.assert_array_equal(value, np.cumprod(x, axis=1))
    h = 1e-6
    slope = (np.cumprod(x + h * v, axis=1) - np.cumprod(x - h * v, axis=1)) / (2 * h)
    np.testing.assert_allclose(tangent, slope, atol=1e-6 * np.abs(slope).max())
    level = rng.normal(size=n)
    np.testing.assert_allclose(
        jvp(np.logaddexp.accumulate, (level,), (np.ones(n),))[1], np.ones(n), rtol=1e-12
    )
