"""Perturbation confusion: nested differentiations must not mistake each other's tangents.

The classic failures are Siskind and Pearlmutter's (2005, "Perturbation confusion and referential
transparency") and ForwardDiff.jl's issues 83 and 313: type-only tags confuse closures.
"""

import numpy as np
import pytest

from dualedu import derivative, gradient, hvp, jacobian

D = derivative

CLASSIC = {
    "the 2005 example": (lambda: D(lambda x: x * D(lambda y: x + y)(1.0))(1.0), 1.0),
    "product inside": (lambda: D(lambda x: x * D(lambda y: x * y)(2.0))(4.0), 8.0),
    "outer variable alone": (lambda: D(lambda x: D(lambda y: x)(x))(1.0), 0.0),
    "inner at the outer point": (lambda: D(lambda x: D(lambda y: y * y)(x))(3.0), 2.0),
    "inner at a multiple": (lambda: D(lambda x: D(lambda y: y**3)(2 * x))(1.0), 24.0),
    "exponential": (lambda: D(lambda x: x * D(lambda y: np.exp(x * y))(0.0))(3.0), 6.0),
    "three deep": (
        lambda: D(lambda x: x * D(lambda y: y * D(lambda z: x * y * z)(1.0))(2.0))(3.0),
        24.0,  # z: xy; y: d/dy (x y²) = 2xy = 4x; x: d/dx (4x²) = 8x
    ),
    "third derivative": (lambda: D(D(D(np.sin)))(0.5), -np.cos(0.5)),
    "fifth power, five times": (lambda: D(D(D(D(D(lambda x: x**5)))))(2.0), 120.0),
    "captured twice": (
        lambda: D(lambda x: D(lambda y: x * y)(x) + D(lambda y: x + y)(x) * x)(5.0),
        2.0,
    ),
    "function returned by a differentiation": (
        lambda: D(lambda x: (lambda g: g(g(x)))(lambda y: x * y))(2.0),
        12.0,  # x · (x · x)
    ),
    "derivative as an exponent": (
        lambda: D(lambda x: x ** D(lambda y: x * y * y)(1.0))(2.0),
        2.0**4 * (2 * np.log(2.0) + 2),  # x^(2x)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSIC)
def test_classic_cases(name):
    compute, expected = CLASSIC[name]
    np.testing.assert_allclose(compute(), expected, rtol=1e-12)


def test_curried_function_keeps_its_own_perturbations():
    # Manzyuk, Pearlmutter, Radul, Rush and Siskind (2019): differentiating a function that
    # returns a function. The tangent must be taken at the application, not at the closure.
    def shift(a):
        return lambda g: lambda x: g(x + a)

    def dshift(f):
        return D(lambda a: shift(a)(f)(1.0))(0.0)

    assert dshift(lambda x: x**3) == 3.0
    np.testing.assert_allclose(D(lambda a: D(lambda x: np.sin(x + a))(1.0))(0.0), -np.sin(1.0))


def test_arrays_nest_like_numbers():
    def f(x):
        return np.sum(np.sin(x) * x[::-1] ** 2) * np.prod(x)

    x = np.array([0.7, -1.2, 0.4])
    hessian = jacobian(gradient(f))(x)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12)
    v = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(hvp(f, x, v), hessian @ v, rtol=1e-12)
    h = 1e-5
    numeric = (gradient(f)(x + h * v) - gradient(f)(x - h * v)) / (2 * h)
    np.testing.assert_allclose(hvp(f, x, v), numeric, rtol=1e-8)


def test_third_order_tensor_of_a_cubic_is_exact():
    def f(x):
        return x[0] * x[1] * x[2] + x[0] ** 3

    third = jacobian(jacobian(gradient(f)))(np.array([1.0, 2.0, 3.0]))
    expected = np.zeros((3, 3, 3))
    for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        expected[i, j, k] = 1
    expected[0, 0, 0] = 6
    np.testing.assert_allclose(third, expected, atol=1e-14)


def test_matrix_closures_over_outer_duals():
    a = np.array([[2.0, 1.0], [0.5, 3.0]])

    def outer(t):
        return D(lambda s: np.sum((a * t) @ (np.ones(2) * s * t)))(1.5)

    # d/dt d/ds t² s Σa = 2 t Σa
    np.testing.assert_allclose(D(outer)(0.7), 2 * 0.7 * a.sum(), rtol=1e-14)
