"""Complex numbers inside a real function: which functions take them, and what comes out."""

import numpy as np
import pytest

from dualedu import Dual, custom_jvp, derivative, gradient, jacobian, jvp

V = np.random.default_rng(0).normal(size=6)


def test_a_curve_of_complex_numbers_has_a_complex_derivative():
    t = np.array([0.3, 0.4])
    np.testing.assert_allclose(derivative(lambda t: np.exp(1j * t))(t), 1j * np.exp(1j * t))
    columns = jacobian(lambda x: np.fft.fft(x))(np.ones(4))
    np.testing.assert_allclose(columns, np.fft.fft(np.eye(4)), atol=1e-15)
    assert jvp(lambda x: 2j, (1.0,), (1.0,)) == (2j, 0j)
    assert repr(Dual(2.0, 1.0) * 1j) == "2j + 1jε"
    assert f"{Dual(2.0, 1.0) * 1j:.1f}" == "(0.0+2.0j) + (0.0+1.0j)ε"
    assert (Dual(2.0, 1.0) * 1j)._repr_latex_() is None


@custom_jvp
def cube(x):
    return x**3


cube.defjvps(lambda t, z, x: 3 * x**2 * t)

REFUSED = {
    "np.sign": lambda z: np.sign(z),
    "np.poly": lambda z: np.poly(z),
    "np.nanmax": lambda z: np.nanmax(z),
    "np.max": lambda z: np.max(z),
    "np.clip": lambda z: np.clip(z, 0, 1),
    "np.maximum": lambda z: np.maximum(0, z),
    "np.arctan2": lambda z: np.arctan2(1.0, z),
    "np.median": lambda z: np.median(z),
    "cube": lambda z: cube(z),
}


@pytest.mark.parametrize("name", REFUSED)
def test_rules_that_do_not_hold_for_complex_numbers_refuse(name):
    with pytest.raises(TypeError, match=rf"{name} has no derivative rule for complex numbers"):
        jvp(lambda x: REFUSED[name](x * 1j), (V,), (V,))


def test_what_goes_in_and_a_gradients_result_are_real():
    with pytest.raises(ValueError, match="returned a complex number"):
        gradient(lambda x: np.exp(1j * x[0]))(V)
    with pytest.raises(TypeError, match="the primal is complex128"):
        jvp(lambda x: jvp(np.sin, (x * 1j,), (x,))[1], (V,), (V,))
    with pytest.raises(TypeError, match="imaginary parts; use"):
        jvp(lambda x: (x * 1j).astype(float), (V,), (V,))

    def write(x):
        y = np.zeros(6, like=x)
        y[:] = x * 1j
        return y

    with pytest.raises(TypeError, match="the array is real; take"):
        jvp(write, (V,), (V,))
