"""Elementwise functions beyond the ufuncs of one formula, and questions about elements."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualedu.core.dual import Dual, apply, finish, lifted, unpack
from dualedu.internals.registry import constant
from dualedu.internals.shapes import base, dtype_of, ndim
from dualedu.internals.slopes import select
from dualedu.numpy_rules.families import array, composed, composed_rule, implements

constant(
    "it looks at the primal",
    *(np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal),
    *(np.any, np.all, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin),
    *(np.round, np.around, np.fix, np.isposinf, np.isneginf),
)


def bound(a: Any, low: Any, high: Any) -> Any:
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


bound_rule = composed_rule(np.clip, bound)


@implements(
    "formula",
    "ẋ between the bounds, a bound's own tangent beyond it; where they tie, they share",
    np.clip,
)
def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *,
         min: Any = None, max: Any = None) -> Any:  # fmt: skip
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if not isinstance(a, Dual) or isinstance(low, Dual) or isinstance(high, Dual):
        return bound_rule(a, low, high)
    level, (x,), (t,), directions = unpack([a])
    z, plain = np.clip(x, low, high), base(x)
    inside, outside = np.True_, np.False_
    if low is not None:
        inside, outside = np.greater(plain, low), np.less(plain, low)
    if high is not None:
        inside, outside = inside & np.less(plain, high), outside | np.greater(plain, high)
    if np.any(inside == outside):  # a tie, or NaN
        return bound_rule(a, low, high)
    return finish(z, select(lifted(t, ndim(z) - ndim(x), directions), inside), level, directions)


@composed("x where it is finite, the value given elsewhere", np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None,
               neginf: Any = None) -> Any:  # fmt: skip
    if not copy:
        raise TypeError("np.nan_to_num of a dual number takes no copy=False; use the result")
    limits = np.finfo(np.result_type(dtype_of(array(x)), np.float16))
    below = limits.min if neginf is None else neginf
    above = limits.max if posinf is None else posinf
    infinite = np.where(np.signbit(x), below, above)
    return np.where(np.isfinite(x), x, np.where(np.isnan(x), nan, infinite))


@implements(
    "formula", "(cos(πx) − z) ẋ / x; near 0, where that cancels, its Taylor polynomial", np.sinc
)
def sinc(x: Any) -> Any:
    return apply(np.sinc, (lambda t, z, x: t * sinc_slope(z, x),), (x,))


def sinc_slope(z: Any, x: Any) -> Any:
    y = x * math.pi
    near = np.less(np.abs(base(y)), 1)
    if not near.any():
        return (np.cos(y) - z) / x
    square = np.square(np.where(near, y, 0))
    series: Any = 0.0
    for k in range(24, 0, -2):  # −y/3 (1 − y²/(2·5) (1 − y²/(4·7) (…))), exact to rounding below 1
        series = (1 - series) * square / (k * (k + 3))
    inner = -math.pi / 3 * y
    far = (np.cos(y) - z) / np.where(near, 1, x)
    return np.where(near, inner * (1 - series), far)


@implements("formula", "constant, and as np.remainder", np.divmod)
def divmod_(x: Any, y: Any) -> Any:
    return np.floor_divide(x, y), np.remainder(x, y)


@implements("formula", "the fraction moves with ẋ, the integral part is constant", np.modf)
def modf(x: Any) -> Any:
    level, (primal,), (t,), directions = unpack([x])
    fraction, integral = np.modf(primal)
    return finish(fraction, t, level, directions), base(integral)
