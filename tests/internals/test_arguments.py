"""The arguments by which a function is differentiated, and those that stay as they are."""

import numpy as np
import pytest

from dualedu import derivative, gradient, jacobian, value_and_gradient


def test_keyword_arguments_are_handed_on_as_constants():
    def f(x, power, *, scale):
        return scale * np.sum(x**power)

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(gradient(f)(x, 3, scale=0.5), 1.5 * x**2)
    np.testing.assert_allclose(gradient(f)(x, scale=0.5, power=3), 1.5 * x**2)
    np.testing.assert_allclose(jacobian(f)(x, 2, scale=2.0), 4 * x)
    assert value_and_gradient(f)(x, 2, scale=1.0)[0] == 5.0
    assert derivative(f)(3.0, 2, scale=2.0) == 12.0
    np.testing.assert_allclose(derivative(lambda x, *, k: k * x * x)(x, k=3.0), 6 * x)


def test_further_arguments_are_constants():
    assert derivative(lambda x, n: x**n)(2.0, 3) == 12.0
    assert gradient(lambda x, a: np.sum(a * x))(np.ones(2), np.array([3.0, 4.0])).tolist() == [3, 4]
    assert jacobian(lambda x, a: a * x)(np.ones(2), 5.0).tolist() == [[5, 0], [0, 5]]


B = np.array([0.4, -0.7])


def test_argnums_are_those_of_jax():
    f = lambda x, y, scale=1.0: scale * x * y**2  # noqa: E731
    assert derivative(f, argnums=1)(2.0, 3.0) == 12
    assert derivative(f, argnums=-1)(2.0, 3.0, scale=2.0) == 24
    assert gradient(f, argnums=(1, 0))(2.0, 3.0) == (12, 9)
    assert gradient(f, argnums=[0])(2.0, 3.0) == (9,)
    assert value_and_gradient(f, argnums=1)(2.0, 3.0) == (18, 12)
    assert [j.tolist() for j in jacobian(lambda x, y: x * y, (0, 1))(B, B)] == [
        np.diag(B).tolist(), np.diag(B).tolist(),
    ]  # fmt: skip


REFUSED = {
    "an argument that is not there": (
        lambda: gradient(lambda x: x, argnums=1)(2.0),
        r"argnums is 1, and the function was called with 1 argument",
    ),
    "argnums that is no place": (
        lambda: gradient(lambda x: x, argnums="x"),
        "argnums is of type str; give the place",
    ),
    "a place where a function is asked for": (
        lambda: gradient(lambda x: x @ x, np.ones(2)),
        r"argnums is of type ndarray.* For the value at x write gradient\(f\)\(x\)",
    ),
    "a value in place of a function": (
        lambda: jacobian(np.sin(np.ones(2))),
        r"jacobian takes a function .* got an array of float64: write jacobian\(f\) ",
    ),
    "the same argument twice": (
        lambda: gradient(lambda x: x, argnums=(0, 0))(2.0),
        "name each argument once",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why(name):
    call, message = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=message):
        call()
