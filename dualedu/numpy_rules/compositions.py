"""NumPy functions written in terms of others: reductions, order, ranges and calculus.

A definition here is an equal but longer way to write NumPy's function, in functions that have
rules; the tangent comes from it, and the primal from NumPy's function itself.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dualedu.core.dual import base, dtype_of, finish, ndim, shape, unpack
from dualedu.core.rules import select as weighted
from dualedu.numpy_rules.functions import (
    Function,
    array,
    composed,
    first_only,
    from_end,
    implements,
    optional,
    size,
)


@composed(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """linear: f(ẋ, ẏ)"""
    return np.concatenate([array(arr), array(values)], axis)


@composed(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """linear: f(ẋ, ẏ)"""
    arr, values = array(arr), array(values)
    pool = np.concatenate([np.ravel(arr), np.ravel(values)])
    numbers, n = np.arange(size(pool)), size(arr)
    old, new = numbers[:n].reshape(shape(arr)), numbers[n:].reshape(shape(values))
    return pool[np.insert(old, obj, new, axis)]


@composed(np.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """linear: f(ẋ)"""
    return np.take(a, np.flatnonzero(base(condition)), axis=axis)


@composed(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """linear: f(ẋ)"""
    return np.ravel(arr)[np.flatnonzero(base(condition))]


@composed(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """linear: f(ẋ, ẏ, …); the conditions look at the primal"""
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(condition, choice, result)
    return result


@composed(np.choose)
def choose(a: Any, choices: Any, out: Any = None) -> Any:
    """linear: f(ẋ, ẏ, …)"""
    return np.select([np.equal(a, i) for i in range(len(choices))], list(choices))


@composed(np.linspace)
def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False,
             dtype: Any = None, axis: int = 0) -> Any:  # fmt: skip
    """linear: f(ẋ, ẏ)"""
    start, stop = np.broadcast_arrays(array(start), array(stop))
    steps = num - 1 if endpoint else num
    share = np.reshape(np.arange(num) / max(steps, 1), [-1] + [1] * ndim(start))
    points = np.moveaxis(start * (1 - share) + stop * share, 0, axis)
    return (points, (stop - start) / steps if steps > 0 else np.nan) if retstep else points


@composed(np.logspace)
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0,
             dtype: Any = None, axis: int = 0) -> Any:  # fmt: skip
    """composed: baseˣ of np.linspace"""
    if ndim(base):  # a base for each sequence
        start, stop, base = np.broadcast_arrays(*map(array, (start, stop, base)))
        base = np.expand_dims(base, axis)
    return np.power(base, np.linspace(start, stop, num, endpoint, axis=axis))


@composed(np.geomspace)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None,
              axis: int = 0) -> Any:  # fmt: skip
    """composed: exp of np.linspace of log"""
    start, stop = np.broadcast_arrays(array(start), array(stop))
    ends = np.log(np.abs(start)), np.log(np.abs(stop))
    sign = np.expand_dims(np.sign(base(start)), axis)
    return sign * np.exp(np.linspace(*ends, num, endpoint, axis=axis))


def cast(a: Any, dtype: Any) -> Any:
    return a if dtype is None else a.astype(dtype)


def moved(a: Any, axis: Any) -> Any:
    """The axes to be reduced moved to the end and merged into one."""
    whole = axis is None or not ndim(a)
    axes = range(ndim(a)) if whole else normalize_axis_tuple(axis, ndim(a))
    kept = [i for i in range(ndim(a)) if i not in axes]
    lengths = [shape(a)[i] for i in kept]
    return np.reshape(
        np.transpose(a, [*kept, *axes]), [*lengths, math.prod(shape(a)[i] for i in axes)]
    )


def restored(result: Any, rank: int, axis: Any, keepdims: bool) -> Any:
    """The result of a reduction, with its axes back in length 1 if they were to be kept."""
    if not keepdims:
        return result
    return np.expand_dims(result, tuple(range(rank)) if axis is None or not rank else axis)


@composed(np.prod)
def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False,
         initial: Any = 1, where: Any = True) -> Any:  # fmt: skip
    """composed: a tree of products of two, which a factor of 0 does not disturb"""
    factors = moved(cast(a if where is True else np.where(where, a, 1), dtype), axis)
    while (n := shape(factors)[-1]) > 1:
        pairs = factors[..., 0 : n - 1 : 2] * factors[..., 1:n:2]
        factors = np.concatenate([pairs, factors[..., n - n % 2 :]], axis=-1)
    single = factors[..., 0] if n else np.sum(factors, axis=-1) + 1
    return restored(single * initial, ndim(a), axis, keepdims)


@composed(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """composed: a prefix scan, in which every round doubles the number of factors"""
    flat = axis is None or not ndim(a)
    products = np.ravel(a) if flat else np.moveaxis(a, axis, -1)
    products, reach = cast(products, dtype), 1
    while reach < shape(products)[-1]:
        longer = products[..., reach:] * products[..., :-reach]
        products = np.concatenate([products[..., :reach], longer], axis=-1)
        reach *= 2
    return products if flat else np.moveaxis(products, -1, axis)


@composed(*optional("cumulative_prod"))
def cumulative_prod(x: Any, *, axis: Any = None, dtype: Any = None, out: Any = None,
                    include_initial: bool = False) -> Any:  # fmt: skip
    """composed: np.cumprod, with a 1 in front if asked for"""
    axis = 0 if axis is None else axis
    products = np.cumprod(x, axis=axis, dtype=dtype)
    return np.insert(products, 0, 1, axis=axis) if include_initial else products


@composed(np.var)
def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: bool = False, *, where: Any = True, mean: Any = None,
        correction: Any = None) -> Any:  # fmt: skip
    """composed: Σ (x − x̄)² / (n − ddof)"""
    a = cast(a, dtype)
    centre = np.mean(a, axis=axis, keepdims=True, where=where) if mean is None else mean
    count = np.sum(np.broadcast_to(where, shape(a)), axis=axis, keepdims=keepdims)
    freedom = np.maximum(count - (ddof if correction is None else correction), 0)
    squares = np.sum(np.square(a - centre), axis=axis, keepdims=keepdims, where=where)
    return squares / freedom.astype(dtype_of(a))


@composed(np.std)
def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: bool = False, *, where: Any = True, mean: Any = None,
        correction: Any = None) -> Any:  # fmt: skip
    """composed: √var(x)"""
    options: dict[str, Any] = {} if mean is None else {"mean": mean}
    ddof = ddof if correction is None else correction
    return np.sqrt(np.var(a, axis, dtype, None, ddof, keepdims, where=where, **options))


@composed(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *,
            keepdims: bool = False) -> Any:  # fmt: skip
    """composed: Σ w x / Σ w"""
    a, weights = array(a), array(weights)
    if weights is None:
        weights = np.ones(shape(a), dtype_of(a))
    elif shape(weights) != shape(a):
        axes = normalize_axis_tuple(axis, ndim(a))
        weights = np.transpose(weights, np.argsort(axes))
        weights = np.expand_dims(weights, [i for i in range(ndim(a)) if i not in axes])
        weights = np.broadcast_to(weights, shape(a))
    total = np.sum(weights, axis=axis, keepdims=keepdims)
    mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


def extreme(pick: Function) -> Function:
    def rule(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False,
             initial: Any = None, where: Any = True) -> Any:  # fmt: skip
        """ẋ of the element chosen; elements that tie share equally"""
        first_only(pick, a, [initial])
        level, (x,), _, directions = unpack([a])
        options = {} if initial is None else {"initial": initial}
        z = pick(x, axis=axis, keepdims=keepdims, where=where, **options)
        best = base(pick(x, axis=axis, keepdims=True, where=where, **options))
        chosen = np.equal(base(x), best) & where
        ties = np.sum(chosen, axis=axis, keepdims=True)
        ties = ties if initial is None else ties + np.equal(best, initial)
        weight = np.where(np.isnan(best), np.nan, chosen / np.maximum(ties, 1))
        along = from_end(axis, ndim(x))
        t = np.sum(weighted(a.tangent, weight), axis=along, keepdims=keepdims)
        return finish(z, t, level, directions)

    return rule


implements(np.max, np.amax)(extreme(np.max))
implements(np.min, np.amin)(extreme(np.min))


@composed(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """composed: max(x) − min(x)"""
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


@composed(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *,
         min: Any = None, max: Any = None) -> Any:  # fmt: skip
    """composed: min(max(x, low), high), so that a bound and x share equally where they tie"""
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@composed(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """linear: ẋ in the order of x"""
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argsort(base(a), axis=axis, kind="stable"), axis=axis)


@composed(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect",
              order: Any = None) -> Any:  # fmt: skip
    """linear: ẋ in the order that NumPy gives x"""
    if axis is None:
        a, axis = np.ravel(a), -1
    ranks = np.argsort(np.argsort(np.partition(base(a), kth, axis, kind), axis=axis), axis=axis)
    return np.take_along_axis(np.sort(a, axis=axis), ranks, axis=axis)


# Kinds of quantile that move with q: α and β of the position q (n − α − β + 1) + α − 1 among n
# sorted elements, from NumPy's documentation of np.quantile (R. J. Hyndman and Y. Fan 1996).
PLOTTING_POSITIONS = {
    "interpolated_inverted_cdf": (0, 1),
    "hazen": (1 / 2, 1 / 2),
    "weibull": (0, 0),
    "linear": (1, 1),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}


def position(q: Any, n: Any, method: Any, dtype: Any) -> Any:
    """Where the quantile q of n sorted elements stands, from 0 to n − 1, with its tangent."""
    if method in PLOTTING_POSITIONS:
        alpha, beta = PLOTTING_POSITIONS[method]
        exact = q * (n - alpha - beta + 1) + (alpha - 1)
        return exact if method == "linear" else np.clip(exact, 0, np.maximum(n - 1, 0))
    # The other kinds jump from place to place: NumPy's own quantile of 0, 1, …, n − 1 is the place.
    places = [np.quantile(np.arange(k, dtype=dtype), base(q), method=method) if k else 0.0
              for k in np.ravel(n)]  # fmt: skip
    return np.reshape(places, np.shape(n))


def interpolated(a: Any, q: Any, axis: Any, keepdims: bool, skip_nan: bool = False,
                 method: str = "linear") -> Any:  # fmt: skip
    """Quantiles: between the two sorted elements around a position."""
    q, ordered = array(q), np.sort(moved(array(a), axis))
    kept, last = shape(ordered)[:-1], shape(ordered)[-1] - 1
    if last < 0:
        return np.mean(a, axis=axis, keepdims=keepdims)  # NaN, as NumPy's median of nothing
    undefined = np.isnan(base(ordered)[..., -1]) & (not skip_nan)
    n = np.sum(~np.isnan(base(ordered)), axis=-1) if skip_nan else np.full(kept, last + 1)
    results = []
    for fraction in np.reshape(q, [-1]):
        place = position(fraction, n, method, dtype_of(ordered))
        lower = np.clip(np.floor(base(place)).astype(int), 0, last)
        pair = np.stack([lower, np.minimum(lower + 1, last)], axis=-1)
        ends = np.take_along_axis(ordered, pair, axis=-1)
        share = np.where(undefined, np.nan, place - lower).astype(dtype_of(ordered))
        result = ends[..., 0] * (1 - share) + ends[..., 1] * share
        results.append(restored(result, ndim(a), axis, keepdims))
    return np.reshape(np.stack(results), shape(q) + shape(results[0]))


@composed(np.median)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
           keepdims: bool = False) -> Any:  # fmt: skip
    """composed: the mean of the one or two middle elements"""
    return interpolated(a, 0.5, axis, keepdims)


@composed(np.nanmedian)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
              keepdims: bool = False) -> Any:  # fmt: skip
    """composed: the mean of the one or two middle elements that are not NaN"""
    return interpolated(a, 0.5, axis, keepdims, skip_nan=True)


def quantiles(scale: float, skip_nan: bool) -> Function:
    def definition(a: Any, q: Any, axis: Any = None, out: Any = None,
                   overwrite_input: bool = False, method: str = "linear",
                   keepdims: bool = False) -> Any:  # fmt: skip
        """composed: between two sorted elements, where NumPy's method places it"""
        return interpolated(a, array(q) * scale, axis, keepdims, skip_nan, method)

    return definition


composed(np.quantile)(quantiles(1.0, skip_nan=False))
composed(np.percentile)(quantiles(0.01, skip_nan=False))
composed(np.nanquantile)(quantiles(1.0, skip_nan=True))
composed(np.nanpercentile)(quantiles(0.01, skip_nan=True))


def skipping_nan(function: Function, plain: Function, **defaults: Any) -> None:
    @composed(function)
    def definition(a: Any, *args: Any, where: Any = True, **options: Any) -> Any:
        """composed: the same function where x is not NaN"""
        first_only(function, a, options.values())
        return plain(a, *args, where=~np.isnan(base(a)) & where, **(defaults | options))


skipping_nan(np.nansum, np.sum)
skipping_nan(np.nanprod, np.prod)
skipping_nan(np.nanmean, np.mean)
skipping_nan(np.nanvar, np.var)
skipping_nan(np.nanstd, np.std)
skipping_nan(np.nanmax, np.max, initial=-np.inf)
skipping_nan(np.nanmin, np.min, initial=np.inf)


@composed(np.nancumsum)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """composed: the same function with 0 for NaN"""
    return np.cumsum(np.where(np.isnan(base(a)), 0, a), axis=axis, dtype=dtype)


@composed(np.nancumprod)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """composed: the same function with 1 for NaN"""
    return np.cumprod(np.where(np.isnan(base(a)), 1, a), axis=axis, dtype=dtype)


@composed(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None,
               neginf: Any = None) -> Any:  # fmt: skip
    """composed: x where it is finite, the value given elsewhere"""
    if not copy:
        raise TypeError("np.nan_to_num of a dual number takes no copy=False; use the result")
    limits = np.finfo(np.result_type(dtype_of(array(x)), np.float16))
    below = limits.min if neginf is None else neginf
    above = limits.max if posinf is None else posinf
    infinite = np.where(np.signbit(x), below, above)
    return np.where(np.isfinite(x), x, np.where(np.isnan(x), nan, infinite))


@composed(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """bilinear: f(ẋ, y) + f(x, ẏ)"""
    a, b = array(a), array(b)
    if ndim(a) == 0 or ndim(b) == 0:
        return a * b
    return np.matmul(a, b) if ndim(b) <= 2 else np.tensordot(a, b, axes=(-1, -2))


@composed(np.vecdot, np.linalg.vecdot)
def vecdot(a: Any, b: Any, *, axis: int = -1) -> Any:
    """bilinear: f(ẋ, y) + f(x, ẏ)"""
    a, b = np.moveaxis(array(a), axis, -1), np.moveaxis(array(b), axis, -1)
    return np.sum(a * b, axis=-1)


@composed(*optional("matvec"))
def matvec(a: Any, b: Any) -> Any:
    """bilinear: f(ẋ, y) + f(x, ẏ)"""
    return np.matmul(array(a), array(b)[..., None])[..., 0]


@composed(*optional("vecmat"))
def vecmat(a: Any, b: Any) -> Any:
    """bilinear: f(ẋ, y) + f(x, ẏ)"""
    return np.matmul(array(a)[..., None, :], array(b))[..., 0, :]


@composed(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """linear: f(ẋ)"""
    if n == 0:  # then NumPy adds nothing before or behind
        return a
    a = np.moveaxis(array(a), axis, -1)
    parts = []
    for part in (prepend, a, append):
        if part is not None and ndim(part) == 0:
            parts.append(np.broadcast_to(part, (*shape(a)[:-1], 1)))
        elif part is not None:
            parts.append(part if part is a else np.moveaxis(array(part), axis, -1))
    a = np.concatenate(parts, axis=-1)
    for _ in range(n):
        a = a[..., 1:] - a[..., :-1]
    return np.moveaxis(a, -1, axis)


@composed(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """linear: f(ẋ)"""
    flat = np.ravel(ary)
    parts = (to_begin, flat[1:] - flat[:-1], to_end)
    return np.concatenate([np.ravel(part) for part in parts if part is not None])


@composed(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """composed: the straight line between two knots; at a knot the one to its right"""
    x, xp, fp = array(x), array(xp), array(fp)
    i = np.clip(np.searchsorted(base(xp), base(x), side="right") - 1, 0, max(len(xp) - 2, 0))
    j = np.minimum(i + 1, len(xp) - 1)
    length = np.where(np.equal(base(xp)[j], base(xp)[i]), 1, xp[j] - xp[i])
    inside = fp[i] + (fp[j] - fp[i]) / length * (x - xp[i])
    value = np.where(np.less(x, xp[0]), fp[0] if left is None else left, inside)
    return np.where(np.greater(x, xp[-1]), fp[-1] if right is None else right, value)


@composed(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """composed: Σ (xᵢ₊₁ − xᵢ) (yᵢ + yᵢ₊₁) / 2"""
    y = array(y)
    if x is not None:
        x = array(x)
        dx = np.diff(x, axis=axis if ndim(x) > 1 else 0)
        if ndim(x) == 1:
            dx = np.reshape(dx, np.where(np.arange(ndim(y)) == axis % ndim(y), -1, 1))
    before, after = [slice(None)] * ndim(y), [slice(None)] * ndim(y)
    before[axis], after[axis] = slice(None, -1), slice(1, None)
    return np.sum(dx * (y[tuple(after)] + y[tuple(before)]) / 2, axis=axis)


@composed(np.sinc)
def sinc(x: Any) -> Any:
    """composed: sin(πx) / πx; near 0, where that cancels, its Taylor polynomial"""
    y = x * math.pi
    small = np.less(np.abs(base(y)), 0.5)
    square, series = np.square(y), 0.0
    for k in range(20, 0, -2):  # 1 − y²/3! (1 − y²/(4·5) (1 − …)), exact to rounding below 0.5
        series = (1 - series) * square / (k * (k + 1))
    return np.where(small, 1 - series, np.sin(y) / np.where(small, 1, y))


@composed(np.vander)
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """composed: the powers x⁰ … xᴺ⁻¹ side by side"""
    powers = np.arange(len(x) if N is None else N)
    return np.power(x[:, None], powers if increasing else powers[::-1])


@composed(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """composed: Horner's scheme"""
    x = array(x)
    value = np.zeros(shape(x))
    for coefficient in array(p):
        value = value * x + coefficient
    return value
