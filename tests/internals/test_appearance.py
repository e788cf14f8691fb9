"""To isinstance a dual number is of its primal's type: programs go the way of plain numbers."""

import numbers
from functools import singledispatch

import numpy as np
import pytest

from dualedu import Dual, derivative, gradient, hvp, jvp

X = np.array([0.5, -1.2, 2.0])


def is_a_vector(x):
    return np.sum(x**3) if isinstance(x, np.ndarray) else x**3


def checked(x):
    if not isinstance(x, (int, float)):
        raise TypeError(f"a number is needed, not {type(x).__name__}")
    return x**3 if x > 0 else -(x**3)


def made_an_array(x):
    x = x if isinstance(x, np.ndarray) else np.array(x)
    return x[0] * x[1] ** 2


def one_by_one(x):
    return sum(x_i**3 for x_i in x if isinstance(x_i, np.floating))


def matched(x):
    match x:
        case float():
            return x**3
        case np.ndarray():
            return np.sum(x**2)


@singledispatch
def dispatched(x):
    raise TypeError("an object")


@dispatched.register
def _(x: np.ndarray):
    return np.sum(x**2)


@dispatched.register
def _(x: float):
    return x**3


@pytest.mark.parametrize("f", [is_a_vector, one_by_one, made_an_array, matched, dispatched])
def test_programs_that_ask_for_an_array(f):
    v = np.array([0.3, 1.0, -0.7])
    h = 1e-5
    slope = (f(X + h * v) - f(X - h * v)) / (2 * h)
    assert jvp(f, (X,), (v,)) == (pytest.approx(f(X)), pytest.approx(slope, rel=1e-8))
    bend = (gradient(f)(X + h * v) - gradient(f)(X - h * v)) / (2 * h)
    assert hvp(f, X, v) == pytest.approx(bend, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("f", [is_a_vector, checked, matched, dispatched])
@pytest.mark.parametrize("x", [1.5, np.float64(1.5)], ids=["float", "float64"])
def test_programs_that_ask_for_a_number(f, x):
    assert derivative(f)(x) == pytest.approx(3 * x**2)
    assert derivative(derivative(f))(x) == pytest.approx(6 * x)
    assert derivative(derivative(derivative(f)))(x) == pytest.approx(6)


KINDS = [float, int, list, np.ndarray, np.generic, np.floating, np.float32, np.float64,
         numbers.Number, numbers.Real, numbers.Integral, np.integer]  # fmt: skip
PLAIN = [1.5, np.float64(1.5), np.float32(1.5), X, X.astype(np.float32), np.array(1.5)]


@pytest.mark.parametrize("plain", PLAIN, ids=lambda x: f"{type(x).__name__}-{np.shape(x)}")
def test_isinstance_answers_as_for_the_plain_number(plain):
    seen = []

    def f(x):
        seen.append([isinstance(x, kind) for kind in KINDS])
        assert isinstance(x, Dual)
        assert np.isscalar(x) == np.isscalar(plain)
        return x * x

    jvp(f, (plain,), (np.ones_like(plain),))
    jvp(lambda x: jvp(f, (x,), (x,))[1], (plain,), (np.ones_like(plain),))
    assert seen == [[isinstance(plain, kind) for kind in KINDS]] * 2


def test_nobody_reads_the_memory_of_an_array_that_is_none():
    x = Dual(X, X)
    for read in (np.asarray, memoryview, np.ndarray.sum, lambda x: np.ndarray.view(x, np.int64)):
        with pytest.raises(TypeError):
            read(x)
    for kind in (np.matrix, np.int64, np.recarray):
        with pytest.raises(TypeError, match=r"two arrays|no np\.matrix"):
            x.view(kind)
    with pytest.raises(TypeError):
        float.hex(Dual(1.5, 1.0))


def test_an_exponent_that_moves_is_no_plain_number():
    # d/dn of x**n at n = 0 is log x: the exponent looks like a float, and carries a tangent.
    mixed = derivative(lambda n: derivative(lambda x: x**n)(2.0))
    assert mixed(0.0) == pytest.approx(0.5)
    assert mixed(3.0) == pytest.approx(4 + 12 * np.log(2))


@pytest.mark.parametrize("plain", [1.5, np.float64(1.5), X], ids=["float", "float64", "array"])
def test_a_notebook_prints_it_as_a_dual_number(plain):
    pretty = pytest.importorskip("IPython.lib.pretty", reason="IPython is not installed")
    x = Dual(plain, plain)
    assert pretty.pretty(x) == repr(x)


def test_a_view_without_another_type_shows_the_same_entries():
    def f(x):
        y = 1.0 * x
        for view in (y.view(), y.view(np.ndarray), y.view(type=np.ndarray)):
            view[0] *= 2
        return np.sum(y * y)

    assert gradient(f)(X).tolist() == pytest.approx([128 * X[0], 2 * X[1], 2 * X[2]])
