"""Roots that SciPy's solvers find: `implicit` gives each its first and second derivative."""

import numpy as np
import pytest
from scipy import optimize

from dualedu import check_jvp, derivative, implicit, jacobian, stop_gradient

NUMBERS = {
    "brentq": lambda f: optimize.brentq(f, 0.1, 3),
    "toms748": lambda f: optimize.toms748(f, 0.1, 3),
    "bisect": lambda f: optimize.bisect(f, 0.1, 3),
    "newton": lambda f: optimize.newton(f, 1.0),
    "root_scalar": lambda f: optimize.root_scalar(f, x0=1.0, x1=1.1).root,
    "fixed_point": lambda f: optimize.fixed_point(lambda x: x - f(x) / 3, 1.0),
    "minimize_scalar": lambda f: (
        optimize.minimize_scalar(lambda x: f(x) ** 2, bounds=(0.1, 3), options={"xatol": 1e-9}).x
    ),
}
ARRAYS = {
    "fsolve": lambda f, x: optimize.fsolve(f, x),
    **{
        f"root, {method}": lambda f, x, method=method: optimize.root(f, x, method=method).x
        for method in ("hybr", "lm", "broyden1", "krylov")
    },
    "least_squares": lambda f, x: optimize.least_squares(f, x).x,
}


def cube_root(x, a):
    return x**3 - a


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number(name):
    def root(a):
        value = stop_gradient(a)
        return implicit(cube_root, float(NUMBERS[name](lambda x: cube_root(x, value))), a)

    assert root(2.0) == pytest.approx(2 ** (1 / 3), rel=1e-15)
    assert derivative(root)(2.0) == pytest.approx(2 ** (-2 / 3) / 3, rel=1e-13)
    assert derivative(derivative(root))(2.0) == pytest.approx(-2 / 9 * 2 ** (-5 / 3), rel=1e-12)


def equations(x, p):
    """A circle of radius p₀ and a parabola of width p₁ meet."""
    return [x[0] ** 2 + x[1] ** 2 - p[0] ** 2, x[1] - p[1] * x[0] ** 2]


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array(name):
    def root(p):
        plain = stop_gradient(p)
        x = ARRAYS[name](lambda x: equations(x, plain), np.array([1.0, 1.0]))
        return implicit(equations, x, p)

    def written_out(p):
        y = (np.sqrt(1 + 4 * p[0] ** 2 * p[1] ** 2) - 1) / (2 * p[1])
        return np.stack([np.sqrt(y / p[1]), y])

    p = np.array([1.5, 0.8])
    np.testing.assert_allclose(root(p), written_out(p), rtol=1e-14)
    np.testing.assert_allclose(jacobian(root)(p), jacobian(written_out)(p), rtol=1e-12)
    np.testing.assert_allclose(
        jacobian(jacobian(root))(p), jacobian(jacobian(written_out))(p), rtol=1e-11
    )
    check_jvp(root, p)


def test_the_whole_result_of_a_solver_is_refused_by_its_type():
    found = optimize.root(lambda x: equations(x, (1.5, 0.8)), [1.0, 1.0])
    with pytest.raises(TypeError, match=r"of type OptimizeResult; give .* result\.x"):
        implicit(equations, found, np.array([1.5, 0.8]))


def test_a_rough_root_is_refused_and_the_advice_helps():
    def root(a, **options):
        value = stop_gradient(a)
        return implicit(cube_root, optimize.bisect(cube_root, 0.1, 3, (value,), **options), a)

    with pytest.raises(
        ValueError, match=r"does not solve .* ask the solver for a smaller tolerance"
    ):
        derivative(root)(2.0, xtol=1e-2)
    assert derivative(root)(2.0, xtol=1e-6) == pytest.approx(2 ** (-2 / 3) / 3, rel=1e-13)
