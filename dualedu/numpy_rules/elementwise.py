"""Elementwise functions beyond the ufuncs of one formula, and questions about elements."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualedu.core.dual import base, dtype_of, finish, unpack
from dualedu.core.rules import constant
from dualedu.numpy_rules.families import array, composed, implements

constant(
    "it looks at the primal",
    *(np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal, np.imag, np.angle),
    *(np.any, np.all, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin),
    *(np.round, np.around, np.fix, np.isposinf, np.isneginf),
)


@composed("min(max(x, low), high), so that a bound and x share equally where they tie", np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *,
         min: Any = None, max: Any = None) -> Any:  # fmt: skip
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


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


@composed("sin(πx) / πx; near 0, where that cancels, its Taylor polynomial", np.sinc)
def sinc(x: Any) -> Any:
    y = x * math.pi
    small = np.less(np.abs(base(y)), 0.5)
    square, series = np.square(y), 0.0
    for k in range(20, 0, -2):  # 1 − y²/3! (1 − y²/(4·5) (1 − …)), exact to rounding below 0.5
        series = (1 - series) * square / (k * (k + 1))
    return np.where(small, 1 - series, np.sin(y) / np.where(small, 1, y))


@implements("formula", "constant, and as np.remainder", np.divmod)
def divmod_(x: Any, y: Any) -> Any:
    return np.floor_divide(x, y), np.remainder(x, y)


@implements("formula", "the fraction moves with ẋ, the integral part is constant", np.modf)
def modf(x: Any) -> Any:
    level, (primal,), (t,), directions = unpack([x])
    fraction, integral = np.modf(primal)
    return finish(fraction, t, level, directions), base(integral)
