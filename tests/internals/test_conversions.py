"""Conversions that would drop a tangent, asked for in every way that Python and NumPy have."""

import cmath
import math
import operator

import mpmath
import numpy as np
import pytest

from dualedu import Dual

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix

SCALAR, VECTOR = Dual(0.5, 1.0), Dual(np.ones(3), np.ones(3))

READING = {
    "np.array": lambda x: np.array(x),
    "np.array of a list": lambda x: np.array([x, x]),
    "np.asarray": np.asarray,
    "np.asanyarray": np.asanyarray,
    "np.asarray_chkfinite": np.asarray_chkfinite,
    "np.ascontiguousarray": np.ascontiguousarray,
    "np.asfortranarray": np.asfortranarray,
    "np.asmatrix": np.asmatrix,
    "np.require": np.require,
    "np.fromiter": lambda x: np.fromiter([x], float),
    "np.full": lambda x: np.full(3, x),
    "np.zeros": np.zeros,
    "np.ones": np.ones,
    "np.empty": np.empty,
    "np.eye": np.eye,
    "np.identity": np.identity,
    "np.arange": np.arange,
    "np.arange with a step": lambda x: np.arange(0.0, 3.0, x),
    "np.bartlett": np.bartlett,
    "np.blackman": np.blackman,
    "np.hamming": np.hamming,
    "np.hanning": np.hanning,
    "np.kaiser": lambda x: np.kaiser(3, x),
    "np.float64": np.float64,
    "np.float32": np.float32,
    "np.int64": np.int64,
    "np.complex128": np.complex128,
    "np.vectorize": lambda x: np.vectorize(math.sin)(x),
    "np.frompyfunc": lambda x: np.frompyfunc(lambda y: y, 1, 1)(x),
    "np.base_repr": np.base_repr,
    "np.binary_repr": np.binary_repr,
    "np.format_float_positional": np.format_float_positional,
    "np.format_float_scientific": np.format_float_scientific,
    "np.nditer": np.nditer,
    "np.ndenumerate": np.ndenumerate,
    "np.broadcast": lambda x: np.broadcast(x, 1.0),
    "np.poly1d": np.poly1d,
    "np.matrix": np.matrix,
    "np.ma.array": np.ma.array,
    "np.ma.sum": np.ma.sum,
    "np.frombuffer": np.frombuffer,
    "np.random.normal": lambda x: np.random.default_rng(0).normal(x),
    "np.random.permutation": lambda x: np.random.default_rng(0).permutation(x),
    "np.strings.upper": lambda x: np.strings.upper(x),
    "np.add.at": lambda x: np.add.at(np.zeros(3), [0], x),
    "np.subtract.reduce": lambda x: np.subtract.reduce(x),
    "np.subtract.accumulate": lambda x: np.subtract.accumulate(x),
    "setting an element": lambda x: np.zeros(3).__setitem__(0, x),
    "filling": lambda x: np.zeros(3).fill(x),
    "in-place addition": lambda x: np.zeros(3).__iadd__(x),
    "float": float,
    "int": int,
    "complex": complex,
    "index": lambda x: [1][x],
    "range": range,
}  # fmt: skip


@pytest.mark.parametrize("x", [SCALAR, VECTOR], ids=["scalar", "vector"])
@pytest.mark.parametrize("name", READING)
def test_what_cannot_be_overridden_raises(name, x):
    # NumPy wraps the refusal in a ValueError of its own where it fills arrays element by element.
    with pytest.raises((TypeError, ValueError)) as caught:
        READING[name](x)
    error = caught.value if isinstance(caught.value, TypeError) else caught.value.__cause__
    assert isinstance(error, TypeError)


MATH = [
    (module, name)
    for module in (math, cmath)
    for name in dir(module)
    if callable(getattr(module, name)) and not name.startswith("_")
]
ITERATING = {"fsum", "dist"}
PLAIN_ARITHMETIC = {"prod", "sumprod"}
"""These add and multiply what they are given, and so keep the tangent."""


@pytest.mark.parametrize(("module", "name"), MATH)
def test_the_functions_of_math_raise(module, name):
    function = getattr(module, name)
    if name in PLAIN_ARITHMETIC:
        return
    x = [SCALAR] if name in ITERATING else SCALAR
    messages = []
    for count in (1, 2, 3):
        with pytest.raises(TypeError) as caught:
            function(*[x] * count)
        messages.append(str(caught.value))
    assert any("dual number" in message for message in messages)


def test_the_arithmetic_of_math_keeps_the_tangent():
    x = Dual(2.0, 1.0)
    assert math.prod([x, x, x]).tangent == 12.0
    if hasattr(math, "sumprod"):  # Python 3.12
        assert math.sumprod([x, 1.0, x], [3.0, 2.0, x]).tangent == 7.0


PLAIN = np.array([0.7, -1.2, 0.4])
BLIND = {
    "sum, initial": lambda x: np.sum(PLAIN, initial=x),
    "max, initial": lambda x: np.max(PLAIN, initial=x),
    "var, mean": lambda x: np.var(PLAIN, mean=x),
    "nan_to_num, nan": lambda x: np.nan_to_num(PLAIN, nan=x),
    "select, default": lambda x: np.select([PLAIN > 0], [PLAIN], x),
    "interp, left": lambda x: np.interp(PLAIN, [0.0, 1.0], [1.0, 2.0], left=x),
    "interp, period": lambda x: np.interp(PLAIN, [0.0, 1.0], [1.0, 2.0], period=x),
    "full_like": lambda x: np.full_like(PLAIN, x),
    "pad": lambda x: np.pad(PLAIN, 1, constant_values=x),
    "roll, shift": lambda x: np.roll(PLAIN, x),
    "reshape": lambda x: np.reshape(PLAIN, (x, 3)),
    "repeat": lambda x: np.repeat(PLAIN, x),
    "linspace, num": lambda x: np.linspace(0.0, 1.0, x),
    "unwrap, period": lambda x: np.unwrap(PLAIN, period=x),
    "trapezoid, dx": lambda x: np.trapezoid(PLAIN, dx=x),
    "quantile, weights": lambda x: np.quantile(PLAIN, 0.5, weights=x, method="inverted_cdf"),
    "clip, min": lambda x: np.clip(PLAIN, x, None),
    "take": lambda x: np.take(PLAIN, x),
    "delete": lambda x: np.delete(PLAIN, x),
    "index": lambda x: PLAIN[x],
    "tensordot, axes": lambda x: np.tensordot(PLAIN, PLAIN, x),
    "round, decimals": lambda x: np.round(PLAIN, x),
    "matrix_power": lambda x: np.linalg.matrix_power(np.eye(2), x),
    "put": lambda x: PLAIN.copy().put([0], x),
    "ndarray.dot": lambda x: PLAIN.dot(x),
    "ndarray.clip": lambda x: PLAIN.clip(x),
    "ndarray.searchsorted": lambda x: PLAIN.searchsorted(x),
    "ndarray.choose": lambda x: np.array([0]).choose([x]),
    "ndarray.sum": lambda x: PLAIN.sum(initial=x),
    "polynomial": lambda x: np.polynomial.polynomial.polyval(x, PLAIN),
    "fftfreq": lambda x: np.fft.fftfreq(3, d=x),
}


@pytest.mark.parametrize("name", BLIND)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_argument_loses_a_tangent(name):
    """A dual result, or an error that says why; never a plain number."""
    for x in (SCALAR, Dual(np.array([0.2, 0.3, 0.5]), np.ones(3))):
        try:
            outcome = BLIND[name](x)
        except (TypeError, ValueError):
            continue
        assert isinstance(outcome, Dual)


CONVERSIONS = {
    "float": float,
    "int": int,
    "complex": complex,
    "index": operator.index,
    "array": np.array,
    "asarray": np.asarray,
    "array of list": lambda x: np.array([x, x]),
    "array of objects": lambda x: np.array([x], dtype=object),
    "asarray of nested list": lambda x: np.asarray([[1.0, x]]),
    "fromiter": lambda x: np.fromiter([x], float),
    "full": lambda x: np.full(3, x),
    "assignment": lambda x: np.zeros(2).__setitem__(0, x),
    "fill": lambda x: np.zeros(2).fill(x),
    "float64": np.float64,
    "from_dlpack": np.from_dlpack,
    "isfortran": np.isfortran,
    "math": __import__("math").sin,
    "pow with modulus": lambda x: pow(x, 2, 5),
}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_conversions_that_would_drop_the_tangent_raise(name):
    # NumPy wraps the refusal in a ValueError of its own where it fills arrays element by element.
    with pytest.raises((TypeError, ValueError)) as caught:
        CONVERSIONS[name](Dual(2.0, 1.0))
    assert isinstance(caught.value, TypeError) or isinstance(caught.value.__cause__, TypeError)


@pytest.mark.parametrize(
    "f", [mpmath.mpf, mpmath.sin, lambda x: mpmath.mpf(1) < x, lambda x: mpmath.matrix([x])]
)
def test_mpmath_makes_no_nan_of_a_dual_number(f):
    with pytest.raises(TypeError, match=r"mpmath\..* works on plain numbers"):
        f(SCALAR)


@pytest.mark.parametrize("f", [operator.add, operator.sub, operator.truediv, operator.pow])
def test_numbers_of_mpmath_are_constants(f):
    for number, plain in ((mpmath.mpf(3), 3.0), (mpmath.mpf(1) / 3, 1 / 3)):
        for result, right in (
            (f(SCALAR, number), f(SCALAR, plain)),
            (f(number, SCALAR), f(plain, SCALAR)),
        ):
            assert (result, result.tangent) == (right, right.tangent)


def test_an_index_is_told_from_an_assignment():
    table = np.arange(3.0)
    with pytest.raises(TypeError, match="an index is a whole number"):
        table[SCALAR]
    with pytest.raises(ValueError, match="setting an array element") as caught:
        table[0] = SCALAR
    assert "table is a plain array" in str(caught.value.__cause__)
