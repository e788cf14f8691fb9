"""Order: extremes, sorting, medians and quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualedu.core.dual import finish, unpack
from dualedu.internals.registry import constant
from dualedu.internals.shapes import base, dtype_of, ndim, shape
from dualedu.internals.slopes import select as select_weight
from dualedu.numpy_rules.families import (
    Function,
    array,
    as_floats,
    composed,
    first_only,
    from_end,
    implements,
    size,
)
from dualedu.numpy_rules.reductions import cast, merge_axes_last, reduce_as, restore_axes, skip_nan

constant(
    "it looks at the primal",
    *(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort),
    *(np.searchsorted, np.digitize),
)


def only_one(t: Any, chosen: Any, axis: Any, keepdims: bool, z: Any) -> Any:
    """The tangents of the elements chosen, where none ties with another."""
    if axis is None:
        place = tuple(index[0] for index in np.nonzero(chosen))
        return np.reshape(t[(..., *place)], shape(t)[: -ndim(chosen)] + shape(z))
    places = np.argmax(chosen, axis=axis, keepdims=True)
    along = from_end(axis, ndim(chosen))
    places = np.broadcast_to(places, shape(t)[: ndim(t) - ndim(chosen)] + shape(places))
    found = np.take_along_axis(t, places, axis=along)
    return found if keepdims else np.squeeze(found, axis=along)


def extreme(pick: Function) -> Function:
    def rule(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False,
             initial: Any = None, where: Any = True) -> Any:  # fmt: skip
        first_only(pick, a, [initial])
        level, (x,), _, directions = unpack([a])
        options = {} if initial is None else {"initial": initial}
        z = pick(x, axis=axis, keepdims=keepdims, where=where, **options)
        along = from_end(axis, ndim(x))
        best = base(z) if keepdims else np.expand_dims(base(z), along)
        chosen = np.equal(base(x), best) & where if where is not True else np.equal(base(x), best)
        single = np.count_nonzero(chosen) == size(best) and not np.isnan(best).any()
        if single and ndim(x) and not options and (axis is None or not np.ndim(axis)):
            return finish(z, only_one(a.tangent, chosen, axis, keepdims, z), level, directions)
        ties = np.sum(chosen, axis=axis, keepdims=True)
        ties = ties if initial is None else ties + np.equal(best, initial)
        weight = np.where(np.isnan(best), np.nan, chosen / np.maximum(ties, 1))
        t = np.sum(select_weight(a.tangent, weight), axis=along, keepdims=keepdims)
        return finish(z, t, level, directions)

    return rule


SHARED = "ẋ of the element chosen; elements that tie share equally"
implements("formula", SHARED, np.max, np.amax)(extreme(np.max))
implements("formula", SHARED, np.min, np.amin)(extreme(np.min))


@composed("max(x) − min(x)", np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


skip_nan(np.nanmax, np.max, initial=-np.inf)
skip_nan(np.nanmin, np.min, initial=np.inf)
reduce_as(np.maximum, np.max)
reduce_as(np.minimum, np.min)


def running_extreme(ufunc: Any) -> None:
    """Register ufunc.accumulate, the largest or smallest so far."""

    @implements("formula", SHARED, (ufunc, "accumulate"))
    def accumulate(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        array = np.moveaxis(cast(array, dtype), axis, -1)
        level, (x,), _, directions = unpack([array])
        z = ufunc.accumulate(x, axis=-1)
        x, best = base(x), base(z)
        new = np.concatenate(
            [np.ones_like(best[..., :1], bool), best[..., 1:] != best[..., :-1]], -1
        )
        place, t = np.arange(shape(x)[-1]), array.tangent
        if np.array_equal(np.equal(x, best), new):  # neither ties nor NaN
            first = np.maximum.accumulate(np.where(new, place, 0), axis=-1)
            first = np.broadcast_to(first, shape(t)[: ndim(t) - ndim(x)] + shape(first))
            t = np.take_along_axis(t, first, axis=-1)
        elif shape(x)[-1]:
            t = share_so_far(t, np.equal(x, best), new, np.isnan(best))
        z = np.moveaxis(z, -1, axis)
        return finish(z, np.moveaxis(t, -1, from_end(axis, ndim(x))), level, directions)


def share_so_far(t: Any, best: Any, new: Any, undefined: Any) -> Any:
    """The mean of the tangents of all elements that have tied for the extreme up to each place."""
    total, count, shares = 0.0, 0, []
    for i in range(shape(best)[-1]):
        here = select_weight(t[..., i], best[..., i])
        total = np.where(new[..., i], here, total + here)
        count = np.where(new[..., i], best[..., i], count + best[..., i])
        share = total / np.maximum(count, 1).astype(t.dtype)
        shares.append(np.where(undefined[..., i], np.nan, share))
    return np.stack(shares, axis=-1)


running_extreme(np.maximum)
running_extreme(np.minimum)


@implements("linear", "ẋ in the order of x", np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), -1
    level, (x,), _, directions = unpack([a])
    z = np.sort(x, axis=axis, kind=kind, order=order, stable=stable)
    if np.any(np.diff(base(z), axis=axis) == 0) or np.isnan(base(z)).any():
        places = np.argsort(base(x), axis=axis, kind="stable")  # equal ones stay in their order
    else:
        places = np.argsort(base(x), axis=axis)
    if directions is not None:
        places = places[None]
    t = np.take_along_axis(a.tangent, places, axis=from_end(axis, ndim(x)))
    return finish(z, t, level, directions)


@composed("ẋ in the order that NumPy gives x", np.partition, kind="linear")
def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect",
              order: Any = None) -> Any:  # fmt: skip
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


def interpolate(a: Any, q: Any, axis: Any, keepdims: bool, skip_nan: bool = False,
                 method: str = "linear") -> Any:  # fmt: skip
    """Quantiles: between the two sorted elements around a position."""
    q, ordered = array(q), np.sort(merge_axes_last(as_floats(a), axis))
    kept, last = shape(ordered)[:-1], shape(ordered)[-1] - 1
    if last < 0:
        return np.mean(a, axis=axis, keepdims=keepdims)  # NaN, as NumPy's median of nothing
    undefined = np.isnan(base(ordered)[..., -1]) & (not skip_nan)
    n = np.sum(~np.isnan(base(ordered)), axis=-1) if skip_nan else np.full(kept, last + 1)
    results = []
    for fraction in np.reshape(q, [-1]):
        place = position(fraction, n, method, dtype_of(ordered))
        lower = np.clip(np.floor(base(place)).astype(int), 0, last)
        pair = np.stack([lower, np.clip(lower + 1, 0, np.maximum(n - 1, 0))], axis=-1)
        ends = np.take_along_axis(ordered, pair, axis=-1)
        share = np.where(undefined, np.nan, place - lower).astype(dtype_of(ordered))
        result = ends[..., 0] * (1 - share) + ends[..., 1] * share
        results.append(restore_axes(result, ndim(a), axis, keepdims))
    return np.reshape(np.stack(results), shape(q) + shape(results[0]))


@composed("the mean of the one or two middle elements", np.median)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
           keepdims: bool = False) -> Any:  # fmt: skip
    return interpolate(a, 0.5, axis, keepdims)


@composed("the mean of the one or two middle elements that are not NaN", np.nanmedian)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
              keepdims: bool = False) -> Any:  # fmt: skip
    return interpolate(a, 0.5, axis, keepdims, skip_nan=True)


def quantiles(scale: float, skip_nan: bool) -> Function:
    def definition(a: Any, q: Any, axis: Any = None, out: Any = None,
                   overwrite_input: bool = False, method: str = "linear",
                   keepdims: bool = False) -> Any:  # fmt: skip
        return interpolate(a, array(q) * scale, axis, keepdims, skip_nan, method)

    return definition


BETWEEN = "between two sorted elements, where NumPy's method places it"
composed(BETWEEN, np.quantile)(quantiles(1.0, skip_nan=False))
composed(BETWEEN, np.percentile)(quantiles(0.01, skip_nan=False))
composed(BETWEEN, np.nanquantile)(quantiles(1.0, skip_nan=True))
composed(BETWEEN, np.nanpercentile)(quantiles(0.01, skip_nan=True))
