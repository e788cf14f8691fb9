"""Reductions and running totals: zeros in products, NaN, empty arrays, counts."""

from functools import partial

import numpy as np
import pytest
from mistakes import reads_as_in_numpy, refuses
from units import tangents

from dualedu import Dual, check_jvp, gradient, hvp, jacobian, jvp, nn

X = np.array([0.3, 1.1, 2.1, 3.2])
Y = np.array([0.2, 0.9, 2.4, 2.9])

NAN, INF = np.nan, np.inf


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


def test_weights_are_added_up_where_they_are_counted():
    places = np.array([0, 2, 0, 1])
    slopes = jacobian(lambda w: np.bincount(places, w, 4))(X)
    assert slopes.tolist() == [[1, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert jvp(lambda w: np.bincount(places, w * w), (X.astype(np.float32),), (X,))[1].shape == (3,)
    with pytest.raises(TypeError, match=r"np\.floor\(x\)\.astype\(int\)"):
        np.bincount(Dual(X, X))


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


FACTORS = [
    [2.0, 3.0, 4.0], [0.0, 3.0, 4.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0], [-0.0, 5.0],
    [1e-200, 1e-200, 3.0], [7.0], [0.0],
]  # fmt: skip


@pytest.mark.parametrize("x", FACTORS)
@pytest.mark.parametrize("f", [np.prod, np.nanprod, np.multiply.reduce])
def test_products_with_zeros_to_second_order(x, f):
    x = np.array(x)
    v, n = np.arange(1.0, len(x) + 1), range(len(x))
    without = [np.prod(np.delete(x, i)) for i in n]
    np.testing.assert_allclose(gradient(f)(x), without, rtol=1e-14)
    second = [sum(v[j] * np.prod(np.delete(x, [i, j])) for j in n if j != i) for i in n]
    np.testing.assert_allclose(hvp(f, x, v), second, rtol=1e-14)


@pytest.mark.parametrize("x", FACTORS)
@pytest.mark.parametrize("f", [np.cumprod, np.nancumprod, np.multiply.accumulate])
def test_running_products_with_zeros(x, f):
    x = np.array(x)
    n = range(len(x))
    upto = [[np.prod(np.delete(x[: k + 1], i)) if i <= k else 0 for k in n] for i in n]
    np.testing.assert_allclose(tangents(f, x), upto, rtol=1e-14)


def test_products_along_axes_with_zeros():
    x = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 5.0], [3.0, 4.0, 0.5]])
    for axis in (0, 1, -1, (0, 1), None):
        check_jvp(lambda x: np.prod(x, axis=axis), x, order=3)  # noqa: B023
    for axis in (0, 1, None):
        check_jvp(lambda x: np.cumprod(x, axis=axis), x, order=3)  # noqa: B023


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nan_travels_and_nan_functions_step_over_it():
    x = np.array([[1.0, NAN, 3.0], [4.0, 5.0, NAN]])
    v = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]])
    assert jvp(lambda x: np.nansum(x, axis=1), (x,), (v,))[1].tolist() == [101, 22]
    assert jvp(lambda x: np.nanmean(x, axis=0), (x,), (v,))[1].tolist() == [1.5, 20, 100]
    assert jvp(np.nanmedian, (x,), (v,))[1] == (100 + 2) / 2
    assert jvp(lambda x: np.nancumsum(x, axis=1), (x,), (v,))[1].tolist() == [
        [1, 1, 101],
        [2, 22, 22],
    ]
    assert jvp(np.nan_to_num, (x,), (v,))[1].tolist() == [[1, 0, 100], [2, 20, 0]]
    value, tangent = jvp(
        lambda x: np.nanmax(x, axis=0), (np.full((2, 2), NAN),), (np.ones((2, 2)),)
    )
    assert np.isnan(value).all()
    assert tangent.shape == (2,)
    for f in (np.sum, np.mean):  # linear: their slopes do not ask where they are
        assert np.isnan(jvp(f, (x,), (v,))[0])
    for f in (np.median, np.var, lambda x: np.quantile(x, 0.1), np.ptp):
        assert np.isnan(jvp(f, (x,), (v,))).all()
    rows = jvp(lambda x: np.median(x, axis=1), (np.array([[1.0, NAN], [3.0, 4.0]]),), (v[:, :2],))
    np.testing.assert_array_equal(rows, [[NAN, 3.5], [NAN, 11]])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_has_no_value_has_no_slope():
    one, empty = np.ones(1), np.zeros((0, 3))
    for ddof in (1, 2):
        assert np.isnan(jvp(partial(np.var, ddof=ddof), (one,), (one,))).all()
    for f in (np.median, np.nanmedian):
        value, tangent = jvp(partial(f, axis=0), (empty,), (np.zeros((2, 0, 3)),))
        np.testing.assert_array_equal(value, f(empty, axis=0))
        np.testing.assert_array_equal(tangent, np.full((2, 3), NAN))


REFUSED = {
    "sum into integers": (lambda a: np.sum(a, dtype=int), "real floats"),
    "prod into integers": (lambda a: np.prod(a, dtype=int), "drop the tangent"),
    "dual axis weights": (lambda a: np.sum(np.ones(3), where=a[0]), "first argument only"),
    "dual initial": (lambda a: np.sum(a, initial=a[0, 0]), "first argument only"),
    "dual initial, nan": (lambda a: np.nansum(a, initial=a[0, 0]), "first argument only"),
    "dual where": (lambda a: np.add.reduce(np.ones(3), where=a[0]), "first argument only"),
    "out by position, sum": (lambda a: np.sum(a, 0, None, np.zeros(3)), "existing array"),
    "out by position, prod": (lambda a: np.prod(a, 0, None, np.zeros(3)), "existing array"),
    "out by position, reduce": (lambda a: np.add.reduce(a, 0, None, np.zeros(3)), "existing array"),
    "what is counted": (lambda a: np.histogram(a, weights=a), "weights may be dual numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


REDUCTIONS = [
    np.sum, np.mean, np.prod, np.max, np.min, np.ptp, np.var, np.std, np.median, np.average,
    np.linalg.norm, np.cumsum, np.cumprod, np.sort, np.ravel, np.copy, np.nansum, np.nanmax,
]  # fmt: skip


@pytest.mark.parametrize("f", REDUCTIONS)
@pytest.mark.parametrize("x", [2.5, np.float64(2.5), np.array(2.5), np.float32(2.5)], ids=repr)
def test_scalars_and_zero_dimensional_arrays(f, x):
    if f is np.sort:
        x = np.atleast_1d(x)
    value, tangent = jvp(f, (x,), (np.ones(np.shape(x)),))
    plain = f(x)
    assert type(value) is type(plain)
    np.testing.assert_array_equal(value, plain)
    assert np.shape(tangent) == np.shape(plain)
    assert jvp(f, (x,), (np.ones((3, *np.shape(x))),))[1].shape == (3, *np.shape(plain))


def test_empty_reductions_raise_or_answer_as_in_numpy():
    empty = Dual(np.zeros(0), np.zeros(0))
    assert (np.sum(empty).primal, np.sum(empty).tangent) == (0, 0)
    assert (np.prod(empty).primal, np.prod(empty).tangent) == (1, 0)
    assert np.prod(
        Dual(np.zeros((0, 2), np.float32), np.zeros((3, 0, 2))), axis=0
    ).tangent.shape == (3, 2)
    with pytest.raises(ValueError, match="zero-size array"):
        np.max(empty)
    with pytest.warns(RuntimeWarning):
        assert np.isnan(np.mean(empty).primal)


MISTAKES = {
    "axis": (lambda x: np.sum(x, axis=2), "axis 2 is out of bounds"),
    "axis of prod": (lambda x: np.prod(x, axis=-2), "axis -2 is out of bounds"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_in_numpy(name):
    reads_as_in_numpy(*MISTAKES[name])
