"""Where formulas of one line would go wrong: kinks, limits, steep places, tails."""

# ruff: noqa: E501

import warnings

import numpy as np
import pytest

from dualedu import derivative, gradient, hvp, jvp

NAN, INF = np.nan, np.inf


def test_the_modulus_of_a_complex_number_says_that_0_is_its_kink():
    """|z|² has second derivatives at 0, but |z| has none: they are not 0, as its slope there is."""
    f = lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2)  # noqa: E731
    g = lambda x: np.sum(np.fft.fft(x).real ** 2 + np.fft.fft(x).imag ** 2)  # noqa: E731
    x, v = np.ones(3), np.array([1.0, 2.0, 0.5])  # whose spectrum is 0 beside its mean
    np.testing.assert_allclose(gradient(f)(x), 6 * x)
    np.testing.assert_allclose(hvp(g, x, v), 6 * v, rtol=1e-12)
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(hvp(f, x, v)).any()


# (f, x, tangent at x along 1): kinks and limits, each a convention or a limit that exists
POINTS = [
    (np.abs, 0.0, 0.0), (np.abs, -0.0, 0.0), (np.abs, -INF, -1.0), (np.abs, NAN, NAN),
    (np.fabs, 0.0, 0.0), (np.sign, 0.0, 0.0),
    (np.sqrt, 0.0, INF), (np.cbrt, 0.0, INF), (np.cbrt, -8.0, 1 / 12), (np.sqrt, INF, 0.0),
    (np.square, -3.0, -6.0), (np.reciprocal, -2.0, -0.25), (np.reciprocal, INF, 0.0),
    (np.exp, -INF, 0.0), (np.exp, INF, INF), (np.exp, -1000.0, 0.0), (np.exp2, -INF, 0.0),
    (np.expm1, 1e-300, 1.0), (np.log1p, 1e-300, 1.0), (np.log, 0.0, INF), (np.log2, 0.0, INF),
    (np.log10, 0.0, INF), (np.log1p, -1.0, INF), (np.log, INF, 0.0),
    (np.arcsin, 1.0, INF), (np.arccos, -1.0, -INF), (np.arctanh, 1.0, INF), (np.arccosh, 1.0, INF),
    (np.arcsin, 1 - 1e-15, 2.23e7), (np.arctan, INF, 0.0), (np.arctan, 1e200, 0.0),
    (np.arcsinh, 1e200, 1e-200), (np.arccosh, 1e200, 1e-200), (np.tanh, INF, 0.0), (np.tanh, -400.0, 0.0),
    (np.sinh, 0.0, 1.0), (np.cosh, 0.0, 0.0), (np.tan, 0.0, 1.0),
    (lambda x: np.maximum(x, 0.0), 0.0, 0.5), (lambda x: np.minimum(0.0, x), 0.0, 0.5),
    (lambda x: np.fmax(x, x), 1.0, 1.0), (lambda x: np.maximum(x, -x), 0.0, 0.0),
    (lambda x: np.maximum(x, NAN), 1.0, NAN), (lambda x: np.fmax(x, NAN), 1.0, 1.0),
    (lambda x: np.fmin(NAN, x), 1.0, 1.0), (lambda x: np.fmax(1.0, x), NAN, 0.0),
    (lambda x: np.fmax(x, NAN), NAN, NAN), (lambda x: np.minimum(x, 1.0), NAN, NAN),
    (lambda x: np.maximum(x, 1.0), -INF, 0.0), (lambda x: np.maximum(x, INF), 1.0, 0.0),
    (lambda x: np.clip(x, 0, 1), 0.0, 0.5), (lambda x: np.clip(x, 0, 1), 0.5, 1.0),
    (lambda x: np.clip(x, 0, 1), 2.0, 0.0),
    (lambda x: x**0, 0.0, 0.0), (lambda x: x**0, -3.0, 0.0), (lambda x: x**0.0, 0.0, 0.0),
    (lambda x: np.power(x, np.array(0.0)), 0.0, 0.0), (lambda x: np.power(x, np.array(0.0)), 2.0, 0.0),
    (lambda x: x**1, 0.0, 1.0), (lambda x: x**1, INF, 1.0), (lambda x: x**2, 0.0, 0.0), (lambda x: x**2, -3.0, -6.0),
    (lambda x: x**0.5, 0.0, INF), (lambda x: x**0.5, 4.0, 0.25), (lambda x: x**-1, 2.0, -0.25), (lambda x: x**3, -2.0, 12.0),
    (lambda x: np.power(x, np.array([0, 1, 2, 3], np.uint8)), 0.0, [0, 1, 0, 0]),
    (lambda x: np.power(x, np.array([0.0, 1, 2, -1])), -2.0, [0, 1, -4, -0.25]),
    (lambda n: 0.0**n, 2.0, 0.0), (lambda n: np.power(0.0, n), 0.0, 0.0), (lambda n: 2.0**n, 0.0, np.log(2)),
    (lambda n: np.power(0.0, n), -1.0, -INF), (lambda n: (-2.0) ** n, 3.0, NAN),
    (lambda x: np.float_power(x, 2), 3.0, 6.0),
    (lambda x: np.hypot(x, 0.0), 0.0, 0.0), (lambda x: np.hypot(x, 0.0), -2.0, -1.0), (lambda x: np.hypot(0.0, x), 0.0, 0.0),
    (lambda x: np.hypot(x, x), 1e200, np.sqrt(2)), (lambda x: np.arctan2(x, 1.0), 0.0, 1.0),
    (lambda x: np.arctan2(x, 1e200), 1e200, 5e-201), (lambda x: np.arctan2(1e-200, x), 1e-200, -5e199),
    (lambda x: np.logaddexp(x, x), -INF, 1.0), (lambda x: np.logaddexp(x, 0.0), 1000.0, 1.0),
    (lambda x: np.logaddexp(x, 0.0), -1000.0, 0.0), (lambda x: np.logaddexp(x, -INF), -INF, 0.5), (lambda x: np.logaddexp(x, -INF), 2.0, 1.0),
    (lambda x: np.logaddexp(0.0, x), INF, 1.0), (lambda x: np.logaddexp2(INF, x), 3.0, 0.0), (lambda x: np.logaddexp2(x, x), 5.0, 1.0),
    (lambda x: np.copysign(x, -1.0), 3.0, -1.0), (lambda x: np.copysign(x, 1.0), 0.0, 0.0), (lambda x: np.copysign(x, -0.0), -3.0, 1.0), (lambda x: np.copysign(3.0, x), 3.0, 0.0),
    (lambda x: np.heaviside(0.0, x), 0.5, 1.0), (lambda x: np.heaviside(1.0, x), 0.5, 0.0), (lambda x: np.heaviside(x, 0.5), 0.0, 0.0),
    (lambda x: np.remainder(-1.0, x), 3.0, 1.0), (lambda x: np.remainder(x, 3.0), -1.0, 1.0), (lambda x: np.fmod(-7.0, x), 3.0, 2.0),
    (lambda x: np.remainder(7.0, x), -3.0, 3.0), (lambda x: np.remainder(2.0, x), INF, 0.0), (lambda x: np.remainder(2.2, x), 0.7, -3.0), (lambda x: np.fmod(1e17, x), 3.0, -33333333333333333.0),
    (lambda x: np.maximum(np.sqrt(x), 1.0), 0.0, 0.0), (lambda x: np.minimum(np.log(x), 1.0), 0.0, INF),
    (lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0), 0.0, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "expected"), POINTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_special_points(f, x, expected):
    for point in (x, np.float64(x), np.array(x)):
        _, tangent = jvp(f, (point,), (1.0,))
        np.testing.assert_allclose(tangent, expected, rtol=2e-2 if abs(x - 1) < 1e-14 else 1e-12)
    _, tangents = jvp(f, (np.array(x),), (np.array([1.0, 0.0, -2.0]),))
    np.testing.assert_allclose(tangents[0], tangent)


RESTING = [
    np.sqrt, np.cbrt, lambda x: x**0.5, lambda x: np.power(x, np.array(0.5)), lambda x: np.power(x, -1.0),
    lambda x: np.power(x, np.array(-2)), lambda x: np.hypot(x, x), np.abs,
    lambda x: np.linalg.norm(np.stack([x, x])),
]  # fmt: skip


@pytest.mark.parametrize("f", RESTING)
def test_a_number_that_rests_at_the_edge_of_a_domain_rests(f):
    """At 0 with a tangent of 0 the tangent stays 0, element by element and direction by direction."""
    with np.errstate(divide="ignore"):
        assert jvp(f, (0.0,), (0.0,))[1] == 0
    x, v = np.array([0.0, 4.0]), np.array([[0.0, 1.0], [0.0, 0.0]])
    with np.errstate(divide="ignore"):
        _, tangents = jvp(lambda x: np.stack([f(x[0]), f(x[1])]), (x,), (v,))
    assert tangents[:, 0].tolist() == [0, 0]
    assert tangents[0, 1] != 0
    assert tangents[1, 1] == 0


# (f, x) where the value is finite or infinite, and the slope has no bound
STEEP = [
    (np.sqrt, 0.0), (np.cbrt, 0.0), (np.log, 0.0), (np.log2, 0.0), (np.log10, 0.0), (np.log1p, -1.0),
    (np.arcsin, 1.0), (np.arcsin, -1.0), (np.arccos, 1.0), (np.arccos, -1.0), (np.arccosh, 1.0), (np.arctanh, 1.0),
    (np.reciprocal, 0.0), (lambda x: 1.0 / x, 0.0), (lambda x: np.divide(-2.0, x), 0.0), (lambda x: x / 0.0, 1.0),
    (lambda x: x**0.5, 0.0), (lambda x: x**-1.5, 0.0), (lambda x: np.power(0.0, x), -1.0), (lambda x: np.float_power(x, 0.3), 0.0),
    (np.exp, 1e4), (np.exp2, 1e5), (np.expm1, 1e4), (np.sinh, 1e4), (np.cosh, -1e4), (lambda x: 2.0**x, 1e4),
    (lambda x: x * np.float64(INF), 1.0), (np.square, INF), (lambda x: np.linalg.slogdet(np.stack([x]) * np.ones((1, 1)))[1], 0.0),
    (lambda x: np.exp(x) * x, 1e4), (lambda x: np.prod(np.stack([x, np.exp(x)])), 1e4),
]  # fmt: skip


# The angle of a vector of length 0 has a slope that is not even infinite.
ANGLES = [
    (lambda x: np.arctan2(x, 0.0), 0.0),
    (lambda x: np.arctan2(0.0, x), 0.0),
    (lambda x: np.arctan2(x, x), 0.0),
]


@pytest.mark.parametrize(("f", "x"), STEEP + ANGLES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_does_not_move_has_no_tangent_however_steep_the_slope(f, x, dtype):
    """For one direction, for several, for arrays, and with other coordinates beside."""
    x = dtype(x)
    assert jvp(f, (x,), (dtype(0),))[1] == 0
    both = np.array([x, 3.0], dtype)
    _, slopes = jvp(lambda x: f(x[0]) + x[1] ** 2, (both,), (np.array([[1.0, 0.0], [0.0, 1.0]]),))
    assert slopes[1] == 6
    assert not np.isfinite(slopes[0])
    _, rows = jvp(lambda x: np.stack([f(x[0]), f(x[1])]), (np.array([x, x]),), (np.eye(2),))
    assert rows[0, 1] == rows[1, 0] == 0


@pytest.mark.parametrize(("f", "x"), STEEP)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_does_not_move_has_no_second_derivative_either(f, x):
    point, v = np.array([x, 3.0]), np.array([0.0, 1.0])
    assert hvp(lambda x: f(x[0]) + x[1] ** 3, point, v).tolist() == [0, 18]


SILENT = [(f, x) for f, x in STEEP if f in (np.sqrt, np.cbrt, np.arcsin, np.arccos, np.arccosh)]


@pytest.mark.parametrize(("f", "x"), SILENT)
def test_what_does_not_move_gives_no_warning(f, x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert jvp(f, (x,), (0.0,))[1] == 0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_has_no_value_keeps_a_slope_that_is_nan():
    for f, x in ((np.arccos, 2.0), (lambda x: np.divide(x, 0.0), 0.0)):
        assert np.isnan(jvp(f, (x,), (0.0,))).all()


def test_overflow_leaves_the_other_coordinate_alone():
    with np.errstate(over="ignore"):
        slopes = gradient(lambda a: a[0] * np.exp(-a[1]))(np.array([1.0, -1e3]))
    assert slopes.tolist() == [INF, -INF]


TAILS = {
    "tanh": (np.tanh, lambda m, x: m.sech(x) ** 2, [0.3, 0.99, 1.0, 1.01, 3.0, 9.0, 19.0, 20.0, -25.0, 300.0]),
    "exp2": (np.exp2, lambda m, x: m.log(2) * m.mpf(2) ** x, [-1074.0, 0.5, 1023.9, 1024.0, 1024.5]),
    "2**x": (lambda x: np.power(2.0, x), lambda m, x: m.log(2) * m.mpf(2) ** x, [0.5, 1023.9, 1024.0, 1024.5]),
    "0.4**x": (lambda x: np.power(0.4, x), lambda m, x: m.log(0.4) * m.mpf(0.4) ** x, [0.5, -774.6]),
    "arctan2": (lambda x: np.arctan2(x, 3e-200), lambda m, x: 3e-200 / (x * x + m.mpf(3e-200) ** 2), [1e-200, 5e-180, 2.0]),
    "arctan2, large": (lambda x: np.arctan2(2e200, x), lambda m, x: -2e200 / (x * x + m.mpf(2e200) ** 2), [1e200, 3e160]),
}  # fmt: skip


@pytest.mark.parametrize("name", TAILS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_slopes_keep_their_digits_in_the_tails(name):
    mpmath = pytest.importorskip("mpmath")
    f, exact, points = TAILS[name]
    for x in points:
        expected = float(exact(mpmath, mpmath.mpf(x)))
        assert derivative(f)(x) == pytest.approx(expected, rel=1e-13, abs=1e-320)
        assert derivative(f)(np.array([x]))[0] == pytest.approx(expected, rel=1e-13, abs=1e-320)


def test_tanh_keeps_its_digits_in_single_precision_and_nests():
    for x in (0.5, 2.0, 9.0, 20.0):
        slope = derivative(np.tanh)(np.float32(x))
        assert slope.dtype == np.float32
        assert slope == pytest.approx(1 / np.cosh(x) ** 2, rel=1e-6)
    for x in (-2.0, -1.0, 0.0, 0.5, 1.0, 4.0, 15.0):
        z, s = np.tanh(x), 1 / np.cosh(x) ** 2
        assert derivative(derivative(np.tanh))(x) == pytest.approx(-2 * z * s, rel=1e-12)
        third = derivative(derivative(derivative(np.tanh)))(x)
        assert third == pytest.approx(s * (6 * z * z - 2), rel=1e-10)


@pytest.mark.parametrize("f", [np.logaddexp, np.logaddexp2])
@pytest.mark.parametrize("size", [1.0, 1e5, 1e7, 1e8, 1e16, 1e30])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_of_logaddexp_know_the_difference_alone(f, size, dtype):
    x = dtype(-size)
    for v, w, expected in ((1, 0, 0.5), (0, 1, 0.5), (1, 1, 1.0)):
        assert jvp(f, (x, x), (dtype(v), dtype(w)))[1] == expected
    log = np.log if f is np.logaddexp else np.log2
    y = x + dtype(log(3.0)) if size < 1e5 else x
    with np.errstate(over="ignore"):
        weight = 1 / (1 + np.exp(np.float64(y - x) * (1 if f is np.logaddexp else np.log(2))))
    assert jvp(f, (x, y), (dtype(1), dtype(0)))[1] == pytest.approx(weight, rel=1e-6)


def test_logaddexp_to_second_order_at_a_tie_and_far_from_one():
    slope = lambda x: derivative(lambda x: np.logaddexp(x, 2.0))(x)  # noqa: E731
    for x in (2.0, 1.0, 3.0, -30.0, 40.0):
        weight = 1 / (1 + np.exp(2.0 - x))
        assert slope(x) == pytest.approx(weight, rel=1e-13)
        assert derivative(slope)(x) == pytest.approx(weight / (1 + np.exp(x - 2.0)), rel=1e-12)


def test_powers_at_rest_at_zero():
    for n in (0.0, np.array(0.0), np.array(2.0), np.array(0.5), np.array(-1.0)):
        with np.errstate(divide="ignore"):
            assert jvp(lambda x: np.power(x, n), (0.0,), (0.0,))[1] == 0  # noqa: B023
    assert jvp(lambda x, n: x**n, (0.0, 2.0), (1.0, 0.0))[1] == 0
    assert jvp(lambda x, n: x**n, (0.0, 0.0), (1.0, 0.0))[1] == 0


def test_zero_tangents_at_an_outer_level_are_told_from_zeros_at_this_one():
    """The tangent of √(xy) along y at x = y = 0 is 0 · ∞ only if x's own tangent moves too."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = lambda x: jvp(lambda y: np.sqrt(y), (0.0,), (x,))[1]  # noqa: E731
        assert inner(0.0) == 0
        assert jvp(inner, (0.0,), (0.0,))[1] == 0
        assert jvp(inner, (0.0,), (1.0,))[1] == np.inf
        assert jvp(inner, (0.0,), (np.array([0.0, 0.0]),))[1].tolist() == [0, 0]
        assert jvp(inner, (0.0,), (np.array([1.0, -1.0]),))[1].tolist() == [np.inf, -np.inf]
        f = lambda x: jvp(np.sqrt, (np.zeros(2),), (x,))[1]  # noqa: E731
        directions = np.array([[0.0, 1.0], [0.0, -1.0], [0.0, 0.0]])
        tangent = jvp(f, (np.zeros(2),), (directions,))[1]
        assert tangent[:, 0].tolist() == [0, 0, 0]
        assert tangent[:2, 1].tolist() == [np.inf, -np.inf]


SECOND = [
    (lambda x: x**2, 0.0, 2.0), (lambda x: x**3, 0.0, 0.0), (lambda x: x**1, 0.0, 0.0), (lambda x: x**0, 0.0, 0.0),
    (lambda x: np.power(x, np.array(2.0)), 0.0, 2.0), (lambda x: np.power(x, np.array([1, 2, 3])), 0.0, [0, 2, 0]),
    (np.abs, 0.0, 0.0), (np.square, 0.0, 2.0), (np.tanh, 0.0, 0.0), (np.sinc, 0.0, -np.pi**2 / 3),
    (lambda x: np.maximum(x, 0) ** 2, 0.0, 1.0 / 2),
    (lambda x: np.remainder(1.0, x), 0.4, 0.0), (lambda x: np.fmod(x, 0.3), 0.4, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "expected"), SECOND)
def test_second_derivatives_at_special_points(f, x, expected):
    np.testing.assert_allclose(derivative(derivative(f))(x), expected, atol=1e-14)


def test_mixed_derivative_of_a_power_at_exponent_zero():
    """∂²/∂x∂n xⁿ = xⁿ⁻¹ (1 + n log x), which is 1/x at n = 0."""
    slope = lambda n: derivative(lambda x: x**n)(2.0)  # noqa: E731
    assert derivative(slope)(0.0) == 0.5
    assert derivative(lambda x: derivative(lambda n: x**n)(0.0))(2.0) == 0.5


def test_an_exponent_at_rest_allows_a_negative_base():
    _, tangent = jvp(lambda x, n: x**n, (-2.0, 3.0), (1.0, 0.0))
    assert tangent == 12.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        _, tangents = jvp(
            lambda x, n: x**n, (-2.0, 3.0), (np.array([1.0, 0.0]), np.array([0.0, 1.0]))
        )
    assert tangents[0] == 12.0
    assert np.isnan(tangents[1])


def test_float_power_computes_in_double_precision():
    x = np.float32(1.1)
    _, tangent = jvp(lambda x: np.float_power(x, 3), (x,), (np.float32(1),))
    assert tangent.dtype == np.float64
    np.testing.assert_allclose(tangent, 3 * np.float64(x) ** 2, rtol=1e-15)
    _, tangent = jvp(
        lambda n: np.float_power(np.float32(1.1), n), (np.float32(2),), (np.float32(1),)
    )
    np.testing.assert_allclose(tangent, np.float64(x) ** 2 * np.log(np.float64(x)), rtol=1e-15)
