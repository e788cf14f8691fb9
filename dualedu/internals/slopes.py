"""Slopes where a formula as it is written would fail: at 0, at infinity, at a kink, in a tail.

The table of `core.rules` reads as a table of formulas because these are here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dualedu.internals.complex_values import is_complex
from dualedu.internals.registry import Partial
from dualedu.internals.shapes import base, dtype_of, is_dual, is_float, ndim, shape


def vanishes(t: Any) -> Any:
    """True where a tangent is zero, and its own tangents with it when it is a dual."""
    if not hasattr(t, "primal"):
        return np.equal(t, 0)
    inner = vanishes(t.tangent)
    return vanishes(t.primal) & (inner if t.directions is None else inner.all(axis=0))


def finite(x: Any) -> bool:
    """Whether every number of x is finite, and every number of its tangents when it is a dual."""
    if is_float(x):
        return math.isfinite(x)
    while hasattr(x, "primal"):
        if not finite(x._tangent):
            return False
        x = x.primal
    # A finite sum of squares needs finite numbers, and takes half the time of a look at each. It
    # may overflow, which says nothing. Longer ones OpenBLAS shares among threads: where the cores
    # are busy these wait for each other, a hundred times as long.
    if type(x) is np.ndarray and x.size <= 10_000 and x.dtype.kind == "f" and x.flags.forc:
        flat = x.ravel("K")
        if math.isfinite(np.vdot(flat, flat)):
            return True
    objects = getattr(getattr(x, "dtype", None), "kind", "") == "O"  # `finish` refuses them
    return objects or bool(np.isfinite(x).all())


def rest(term: Any, t: Any, z: Any) -> Any:
    """The term of a tangent t, and 0 where t vanishes: what does not move makes nothing move, be
    the slope infinite. `dual` sends every term of every rule through here, so that no rule has to
    think of 0 · ∞. Where the value z is NaN there is no slope to speak of, and NaN stays. Of a rule
    that sums along axes and keeps them, nothing moves where nothing moves along them."""
    if term is t or finite(term):
        return term
    still = vanishes(t)
    summed = [i for i in range(-min(ndim(still), ndim(term)), 0) if shape(term)[i] == 1]
    still = np.all(still, axis=tuple(summed), keepdims=True) if summed else still
    return np.where(still & ~np.isnan(z), 0, term)[()]


def over(t: Any, denominator: Any, z: Any = 0.0) -> Any:
    """t / denominator, without a warning of 0/0 where `rest` will put 0."""
    if is_float(denominator) and denominator != 0:
        return t / denominator
    zero = np.equal(denominator, 0)
    if not zero.any():
        return t / denominator
    return t / np.where(zero & vanishes(t) & ~np.isnan(z), 1, denominator)


def ratio(x: Any, length: Any, root: Callable[[], Any]) -> Any:
    """x / length, one of the slopes of a length.

    At the origin, the kink of every length, it is 0 and has no slope of its own: there stands the
    sum of the cube roots of all that the length is made of, which is 0 too and whose slope is
    infinite wherever one of them moves. So a second derivative is infinite or NaN, never wrong.
    """
    origin = np.equal(length, 0)
    if not origin.any():
        return x / length
    return np.where(origin, root(), x / np.where(origin, 1, length))


def power_base(t: Any, z: Any, x: Any, n: Any) -> Any:
    """n xⁿ⁻¹ t. x⁰ is 1 for every x, 0 included, so there the term is 0."""
    if isinstance(n, int) or is_float(n):
        if n == 0:
            return np.zeros_like(t)
        if n >= 1:
            return t * (n * np.power(x, n - 1))
    # Base 1 where 0 · ∞ would arise from x = 0: with a vanishing tangent, or with n = 0.
    base = np.where(np.equal(x, 0) & (vanishes(t) | np.equal(n, 0)), 1, x)
    return t * (n * np.power(base, n - 1.0))


def power_exponent(t: Any, z: Any, x: Any, n: Any) -> Any:
    """xⁿ log(x) t. 0ⁿ is the constant 0 for n > 0; at 0⁰ the one-sided limit of 0 is taken. An
    exponent that does not move needs no logarithm: x may be negative then."""
    x = x + 0j if is_complex(z) and not is_complex(x) else as_precise(x, z)
    settled = (np.equal(x, 0) & np.greater_equal(n, 0)) | vanishes(t)
    return t * grown(z, np.log(np.where(settled, 1, x)), lambda: np.power(x, n / 2))


def modulus(t: Any, z: Any, x: Any) -> Any:
    """sign(x) t, which for a complex number is Re(x̄ t) / |x|; 0 at 0, the origin of a length."""
    if not is_complex(x):
        return t * np.sign(x)
    if not np.equal(z, 0).any():
        return np.real(np.conjugate(x) * t) / z
    a, b = np.real(x), np.imag(x)
    slopes = [ratio(part, z, lambda: np.cbrt(a) + np.cbrt(b)) for part in (a, b)]
    return np.real(t) * slopes[0] + np.imag(t) * slopes[1]


def grown(z: Any, factor: Any, root: Callable[[], Any]) -> Any:
    """z · factor, the slope of a power z. Where z overflows and its slope need not, as for 2ˣ
    with log 2 < 1, it is taken in two steps from the root of z."""
    if not np.isinf(z).any():
        return z * factor
    half = root()
    return np.where(np.isinf(z), half * (half * factor), z * factor)


def as_precise(x: Any, z: Any) -> Any:
    """A constant array x in the precision of the value z. The squares of integers wrap around, and
    NumPy takes the logarithm of a byte in half precision."""
    if is_dual(x) or not hasattr(x, "dtype") or x.dtype == dtype_of(z):
        return x
    return x.astype(dtype_of(z))


def double(partial: Partial) -> Partial:
    """The partial with x in double precision, in which np.float_power always computes."""
    return lambda t, z, x, n: partial(t, z, np.float_power(x, 1), n)


def chosen(t: Any, z: Any, x: Any, y: Any) -> Any:
    """t where x is the value z chosen from x and y, half of it in a tie, 0 elsewhere, and NaN where
    z is NaN. An infinite t of what was not chosen is dropped too."""
    mine, other = np.equal(x, z), np.equal(y, z)
    if np.all(mine != other):  # neither ties nor NaN
        return select(t, mine)
    weight = np.where(mine, np.where(other, 0.5, 1.0), 0.0)
    return select(t, np.where(np.isnan(z), np.nan, weight))


def select(t: Any, weight: Any) -> Any:
    """weight · t with a weight of 0 dropping t even where it is infinite; keeps the dtype of t."""
    weights = weight.astype(t.dtype)
    if type(t) is type(weights) is np.ndarray and t.shape == weights.shape:
        product = np.multiply(t, weights, out=weights)  # fresh memory costs more than the product
    else:
        product = t * weights
    return product if finite(product) else np.where(np.equal(weight, 0), 0, product)[()]


def swapped(partial: Partial) -> Partial:
    """The partial of a symmetric function's second argument."""
    return lambda t, z, x, y: partial(t, z, y, x)


def outweigh(exp: Any, x: Any, y: Any) -> Any:
    """exp(x) / (exp(x) + exp(y)) from x − y, whose digits the sum has not lost, without overflow.
    Where both are infinite they weigh the same."""
    level = np.isinf(x) & np.equal(x, y)
    lead = np.where(level, 0, x) - np.where(level, 0, y)
    ahead = np.greater_equal(lead, 0)
    less = exp(np.where(ahead, -lead, lead))
    return np.where(ahead, 1, less) / (1 + less)


def leg(x: Any) -> Any:
    """√(1 + x²), with the sum as in chord. np.hypot does not overflow, but takes ten times as long
    and no complex numbers."""
    with np.errstate(over="ignore"):
        square = x * x - -1
    return np.sqrt(square) if is_complex(x) or finite(base(square)) else np.hypot(1, x)


def chord(x: Any) -> Any:
    """√(1 − x²) without cancellation. Of complex numbers −1 is subtracted: to add 1 would lose the
    sign of an imaginary part of −0, which says on which side of a cut x lies."""
    return np.sqrt(-(x - 1) * (x - -1)) if is_complex(x) else np.sqrt((1 - x) * (1 + x))


def sech2(x: Any) -> Any:
    """1 / cosh² x from e^(−2|x|). It is 1 − tanh² x, which cancels far from 0; cosh x overflows."""
    if is_complex(x):
        return np.square(1 / np.cosh(x))
    if hasattr(x, "primal"):  # |x| has no second derivative at 0, though this function has
        less = np.exp(np.where(np.less(x, 0), 2 * x, -2 * x))
        return 4 * less / np.square(1 + less)
    slope = np.abs(x)  # from here on in place: fresh memory costs more than the arithmetic
    slope *= -2
    slope = np.exp(slope)
    total = slope + 1
    total *= total
    slope *= 4
    slope /= total
    return slope


def polar(t: Any, z: Any, x: Any, y: Any, part: Any) -> Any:
    """t · part / (x² + y²), also where the squares would overflow or be lost."""
    x, y = as_precise(x, z), as_precise(y, z)
    squares = x * x + y * y
    plain = np.asarray(base(squares))
    limits = np.finfo(plain.dtype)
    if np.min(plain, initial=1) > limits.tiny / limits.eps and np.max(plain, initial=1) < np.inf:
        return t * (part / squares)
    length = np.hypot(x, y)
    return over(t, length) * (part / np.where(np.equal(length, 0), 1, length))


def multiple(z: Any, x: Any, y: Any) -> Any:
    """The integer n of z = x − n y, for the two kinds of remainder."""
    return np.rint((x - z) / y)
