"""implicit: roots found by many means, against closed forms and central differences."""

# ruff: noqa: E501

import numpy as np
import pytest

from dualedu import Dual, check_jvp, derivative, gradient, hvp, implicit, jacobian, jvp


def newton(f, x, steps=60):
    """A solver for plain numbers."""
    for _ in range(steps):
        h = 1e-6
        x = x - f(x) / ((f(x + h) - f(x - h)) / (2 * h))
    return x


def plain(x):
    while isinstance(x, Dual):
        x = x.primal
    return x


def square_root(a):
    return implicit(lambda x, a: x * x - a, newton(lambda x: x * x - plain(a), 1.0), a)


def test_square_root_to_the_fifth_order():
    f, expected = square_root, 0.5 * 3.0**-0.5
    for order in range(1, 6):
        f = derivative(f)
        assert f(3.0) == pytest.approx(expected, rel=1e-12)
        expected *= (0.5 - order) / 3.0


def kepler(anomaly, eccentricity):
    """Kepler's equation, the fixed point E = M + e sin E, by plain iteration."""
    x, m, e = 1.0, plain(anomaly), plain(eccentricity)
    for _ in range(200):
        x = m + e * np.sin(x)
    return implicit(lambda x, m, e: m + e * np.sin(x) - x, x, anomaly, eccentricity)


def test_several_arguments_of_a_fixed_point():
    x = float(kepler(0.8, 0.3))
    bottom = 1 - 0.3 * np.cos(x)
    g = gradient(lambda p: kepler(p[0], p[1]))(np.array([0.8, 0.3]))
    np.testing.assert_allclose(g, [1 / bottom, np.sin(x) / bottom], rtol=1e-13)
    check_jvp(kepler, 0.8, 0.3, order=3)


def intersection(a, b):
    """x² + y² = a, x y = b: found by fixed-point iteration, four times over for a grid."""
    p, q = plain(a), plain(b)
    x = np.stack([np.sqrt(p) * np.ones(np.shape(p)), q / np.sqrt(p)])
    for _ in range(300):
        x = np.stack([np.sqrt(p - x[1] ** 2), q / x[0]])
    return implicit(lambda x, a, b: np.stack([x[0] ** 2 + x[1] ** 2 - a, x[0] * x[1] - b]), x, a, b)


@pytest.mark.parametrize("size", [(), (3,), (2, 2)])
def test_arrays_of_any_shape(size):
    rng = np.random.default_rng(1)
    a, b = rng.uniform(4, 5, size), rng.uniform(0.5, 1, size)
    check_jvp(intersection, a, b, order=2)
    # x ± y = √(a ± 2b)
    expected = lambda a, b: (np.sqrt(a + 2 * b) + np.sqrt(a - 2 * b)) / 2  # noqa: E731
    v = (rng.uniform(size=(3, *size)), rng.uniform(size=(3, *size)))
    value, tangent = jvp(lambda a, b: intersection(a, b)[0], (a, b), v)
    right = jvp(expected, (a, b), v)
    np.testing.assert_allclose(value, right[0], rtol=1e-14)
    np.testing.assert_allclose(tangent, right[1], rtol=1e-12)


def test_a_list_of_equations_as_fsolve_takes_it():
    def f(a):
        return implicit(
            lambda x, a: [x[0] + x[1] - a, x[0] - x[1] - a * a], np.array([3.0, -1.0]), a
        )

    np.testing.assert_allclose(derivative(f)(2.0), [2.5, -1.5])


def test_inside_gradient_and_hvp():
    a = np.array([2.0, 3.0])

    def f(a):
        return np.sum(square_root(a[0]) * a * square_root(a[1]))

    def written_out(a):
        return np.sum(np.sqrt(a[0]) * a * np.sqrt(a[1]))

    np.testing.assert_allclose(gradient(f)(a), gradient(written_out)(a), rtol=1e-13)
    v = np.array([[1.0, -2.0], [0.3, 0.7], [0.0, 0.0]])
    np.testing.assert_allclose(hvp(f, a, v), hvp(written_out, a, v), rtol=1e-12)


def test_numbers_that_f_takes_from_the_function_around_it():
    def f(a):
        return implicit(
            lambda x: x**3 - a * x - 1.0, newton(lambda x: x**3 - plain(a) * x - 1, 1.5)
        )

    check_jvp(f, 0.7, order=3)


def test_a_minimum_is_a_root_of_the_gradient():
    data = np.array([0.4, 1.1, 2.0])

    def loss(m, y):
        return np.sum(np.log(np.cosh(m - y)))

    def location(y):
        slope = lambda m, y: gradient(loss)(m, y)  # noqa: E731
        return implicit(slope, newton(lambda m: np.sum(np.tanh(m - plain(y))), 1.0), y)

    m = float(location(data))
    weights = np.cosh(m - data) ** -2
    np.testing.assert_allclose(jacobian(location)(data), weights / weights.sum(), rtol=1e-12)
    check_jvp(location, data, order=2)


def test_an_inner_derivative_in_the_function_of_the_root():
    # d/da of x(a)² at x(a) = √a, where F itself differentiates: F = d/dx (x³/3 − a x).
    def f(a):
        return implicit(
            lambda x, a: derivative(lambda x: x**3 / 3 - a * x)(x), np.sqrt(plain(a)), a
        )

    assert derivative(lambda a: f(a) ** 2)(3.0) == pytest.approx(1.0, rel=1e-13)


def test_the_value_is_one_and_the_same_with_and_without_tangents():
    rough = 1.4142
    value = implicit(lambda x, a: x * x - a, rough, 2.0)
    assert value == pytest.approx(np.sqrt(2.0), rel=1e-15)
    assert jvp(lambda a: implicit(lambda x, a: x * x - a, rough, a), (2.0,), (1.0,))[0] == value
    x = np.array([1.4142, 1.7320])
    value = implicit(lambda x, a: x * x - a, x, np.array([2.0, 3.0]))
    np.testing.assert_array_equal(x, [1.4142, 1.7320])
    np.testing.assert_allclose(value, np.sqrt([2.0, 3.0]), rtol=1e-15)


def test_roots_at_zero_and_precisions():
    assert derivative(lambda a: implicit(lambda x, a: np.exp(x) - a, 1e-17, a))(1.0) == 1.0
    assert derivative(lambda a: implicit(lambda x, a: np.sin(x) - a, 0.0, a))(0.0) == 1.0
    a = np.float32(2)
    value, tangent = jvp(
        lambda a: implicit(lambda x, a: x * x - a, 1.4142, a), (a,), (np.float32(1),)
    )
    assert value.dtype == tangent.dtype == np.float32
    assert tangent == pytest.approx(0.35355338, rel=1e-6)


REFUSED = [
    (lambda a: implicit(lambda x, a: x * x - a, 1.5, a), ValueError, "x does not solve F(x) = 0. F is 0.25"),
    (lambda a: implicit(lambda x, a: x + a, 1.0, a), ValueError, "step from it is 3"),
    (lambda a: implicit(lambda x, a: x**2 + 1e-9 * a, 1e-5, a), ValueError, "does not solve"),
    (lambda a: implicit(lambda x, a: (x - 1) ** 2 * a, 1.0, a), np.linalg.LinAlgError, "double root"),
    (lambda a: implicit(lambda x, a: (x - 1) ** 2 * a, 1 + 1e-6, a), np.linalg.LinAlgError, "double"),
    (lambda a: implicit(lambda x, a: (x - 1) ** 3 * a, 1 + 1e-6, a), np.linalg.LinAlgError, "double"),
    (
        lambda a: implicit(lambda x, a: np.stack([x[0] + x[1], a * (x[0] + x[1])]), np.zeros(2), a),
        np.linalg.LinAlgError,
        "says nothing new",
    ),
    (lambda a: implicit(lambda x, a: x[0] - a, np.array([2.0, 1.0]), a), ValueError, "shape () for a root of shape (2,)"),
    (lambda a: implicit(lambda x, a: np.log(x - 3) - a, 2.0, a), ValueError, "infinite or NaN"),
    (lambda a: implicit(lambda x, a: x - a, {"x": 2.0}, a), TypeError, "type dict; give the number or array in it"),
    (lambda a: implicit(lambda x, a: x - a, 2, a), TypeError, "use 2.0"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(("f", "kind", "words"), REFUSED)
def test_what_is_no_root_is_refused_with_and_without_tangents(f, kind, words):
    for run in (f, derivative(f)):
        with pytest.raises(kind) as error:
            run(2.0)
        assert words in str(error.value)
