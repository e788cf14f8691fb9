"""Reductions and running totals: sums, products, means, variances, with NaN stepped over or not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dualedu.core.dual import Dual, finish, unpack
from dualedu.internals.complex_values import is_complex
from dualedu.internals.registry import optional
from dualedu.internals.shapes import base, dtype_of, ndim, shape
from dualedu.numpy_rules.families import (
    Function,
    along,
    array,
    as_floats,
    composed,
    each,
    first_only,
    flattening,
    from_end,
    implements,
    linear,
    size,
)

linear(along, np.sum, np.mean, np.trace, np.linalg.trace)
linear(flattening, np.cumsum, *optional("cumulative_sum"))


def cast(a: Any, dtype: Any) -> Any:
    return a if dtype is None else a.astype(dtype)


def merge_axes_last(a: Any, axis: Any) -> Any:
    """The axes to be reduced moved to the end and merged into one."""
    whole = axis is None or not ndim(a)
    axes = range(ndim(a)) if whole else normalize_axis_tuple(axis, ndim(a))
    kept = [i for i in range(ndim(a)) if i not in axes]
    lengths = [shape(a)[i] for i in kept]
    return np.reshape(
        np.transpose(a, [*kept, *axes]), [*lengths, math.prod(shape(a)[i] for i in axes)]
    )


def restore_axes(result: Any, rank: int, axis: Any, keepdims: bool) -> Any:
    """The result of a reduction, with its axes back in length 1 if they were to be kept."""
    if not keepdims:
        return result
    return np.expand_dims(result, tuple(range(rank)) if axis is None or not rank else axis)


@composed("z Σ ẋ / x; a tree of products of two where a factor is 0", np.prod)
def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False,
         initial: Any = 1, where: Any = True) -> Any:  # fmt: skip
    factors = merge_axes_last(cast(a if where is True else np.where(where, a, 1), dtype), axis)
    single = follow_quotients(np.prod, factors)
    if single is None:
        some = shape(factors)[-1]
        single = combine_all(np.multiply, factors) if some else np.sum(factors, axis=-1) + 1
    return restore_axes(single * initial, ndim(a), axis, keepdims)


def dividable(factors: Dual, products: Any) -> bool:
    """Whether z ẋ / x is the tangent of a product: neither a factor nor a product is near 0, or so
    large, that a quotient would leave the range of its precision."""
    limit = np.finfo(factors.dtype).tiny ** 0.5
    for x in (products, factors):
        sizes = np.abs(base(x))
        least, largest = np.min(sizes, initial=1), np.max(sizes, initial=1)
        if not (least > limit and largest < 1 / limit):  # nor of NaN
            return False
    return True


def follow_quotients(function: Any, factors: Any) -> Any:
    """z Σ ẋᵢ / xᵢ of np.prod or np.cumprod along the last axis, or None where quotients fail."""
    if not isinstance(factors, Dual):
        return None
    level, (x,), _, directions = unpack([factors])
    z = function(x, axis=-1)
    if not dividable(factors, z):
        return None
    add = np.sum if function is np.prod else np.cumsum
    total = add(factors.tangent / x, axis=-1)
    return finish(z, z * total, level, directions)


@composed("z Σ ẋ / x; a prefix scan of products where a factor is 0", np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    flat = axis is None or not ndim(a)
    factors: Any = cast(np.ravel(a) if flat else np.moveaxis(a, axis, -1), dtype)
    products = follow_quotients(np.cumprod, factors)
    if products is None:
        products = combine_prefixes(np.multiply, factors)
    return products if flat else np.moveaxis(products, -1, axis)


def combine_all(ufunc: Any, x: Any) -> Any:
    """ufunc.reduce along the last axis of at least one element, as a tree of pairs."""
    while (n := shape(x)[-1]) > 1:
        pairs = ufunc(x[..., 0 : n - 1 : 2], x[..., 1:n:2])
        x = np.concatenate([pairs, x[..., n - 1 :]], axis=-1) if n % 2 else pairs
    return x[..., 0]


def combine_prefixes(ufunc: Any, x: Any) -> Any:
    """ufunc.accumulate along the last axis: within rows of √n elements, over the rows' ends, and
    both together; of few elements, every round doubles what an element has taken in."""
    n = shape(x)[-1]
    if n > 256:
        width = math.isqrt(n)
        whole = n // width * width
        rows = np.reshape(x[..., :whole], (*shape(x)[:-1], n // width, width))
        so_far = [rows[..., 0]]
        for i in range(1, width):
            so_far.append(ufunc(rows[..., i], so_far[-1]))
        ends = combine_prefixes(ufunc, so_far[-1])
        within = np.stack(so_far, axis=-1)
        later = ufunc(within[..., 1:, :], ends[..., :-1, None])
        joined = np.reshape(
            np.concatenate([within[..., :1, :], later], axis=-2), (*shape(x)[:-1], whole)
        )
        if whole == n:
            return joined
        rest = ufunc(combine_prefixes(ufunc, x[..., whole:]), ends[..., -1:])
        return np.concatenate([joined, rest], axis=-1)
    reach = 1
    while reach < shape(x)[-1]:
        longer = ufunc(x[..., reach:], x[..., :-reach])
        x = np.concatenate([x[..., :reach], longer], axis=-1)
        reach *= 2
    return x


@composed("np.cumprod, with a 1 in front if asked for", *optional("cumulative_prod"))
def cumulative_prod(x: Any, *, axis: Any = None, dtype: Any = None, out: Any = None,
                    include_initial: bool = False) -> Any:  # fmt: skip
    axis = 0 if axis is None else axis
    products = np.cumprod(x, axis=axis, dtype=dtype)
    return np.insert(products, 0, 1, axis=axis) if include_initial else products


def squared(x: Any) -> Any:
    """|x|², smooth where |x| is not."""
    return np.square(np.real(x)) + np.square(np.imag(x)) if is_complex(x) else np.square(x)


@composed("Σ |x − x̄|² / (n − ddof)", np.var)
def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: bool = False, *, where: Any = True, mean: Any = None,
        correction: Any = None) -> Any:  # fmt: skip
    a = cast(a, dtype)
    centre = np.mean(a, axis=axis, keepdims=True, where=where) if mean is None else mean
    count = np.sum(np.broadcast_to(where, shape(a)), axis=axis, keepdims=keepdims)
    freedom = np.maximum(count - (ddof if correction is None else correction), 0)
    apart = a - centre
    squares = squared(apart) if is_complex(a) else np.square(apart)  # a mean= may be complex alone
    squares = np.sum(squares, axis=axis, keepdims=keepdims, where=where)
    return squares / freedom.astype(dtype_of(squares))


@composed("√var(x)", np.std)
def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: bool = False, *, where: Any = True, mean: Any = None,
        correction: Any = None) -> Any:  # fmt: skip
    options: dict[str, Any] = {} if mean is None else {"mean": mean}
    ddof = ddof if correction is None else correction
    return np.sqrt(np.var(a, axis, dtype, None, ddof, keepdims, where=where, **options))


@composed("Σ w x / Σ w", np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *,
            keepdims: bool = False) -> Any:  # fmt: skip
    a, weights = array(a), array(weights)
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, size(a) / size(mean)) if returned else mean
    if shape(weights) != shape(a):
        axes = normalize_axis_tuple(axis, ndim(a))
        weights = np.transpose(weights, np.argsort(axes))
        weights = np.expand_dims(weights, [i for i in range(ndim(a)) if i not in axes])
        weights = np.broadcast_to(weights, shape(a))
    total = np.sum(weights, axis=axis, keepdims=keepdims)
    mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


def skip_nan(function: Function, plain: Function, **defaults: Any) -> None:
    """Register a function that does what `plain` does where its argument is not NaN."""

    @composed("the same function where x is not NaN", function)
    def definition(a: Any, *args: Any, where: Any = True, **options: Any) -> Any:
        first_only(function, a, options.values())
        there = ~np.isnan(base(a))
        if where is True and there.all():
            return plain(a, *args, **options)
        return plain(a, *args, where=there & where, **(defaults | options))


skip_nan(np.nansum, np.sum)
skip_nan(np.nanprod, np.prod)
skip_nan(np.nanmean, np.mean)
skip_nan(np.nanvar, np.var)
skip_nan(np.nanstd, np.std)


@composed("the same function with 0 for NaN", np.nancumsum)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumsum(np.where(np.isnan(base(a)), 0, a), axis=axis, dtype=dtype)


@composed("the same function with 1 for NaN", np.nancumprod)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumprod(np.where(np.isnan(base(a)), 1, a), axis=axis, dtype=dtype)


# --- methods of ufuncs ---------------------------------------------------------------------------

METHOD = "as the function of the same name, over axis 0 unless another is given"


def reduce_as(ufunc: Any, function: Any) -> None:
    """Register ufunc.reduce as the function of arrays that does the same."""

    @implements("formula", METHOD, (ufunc, "reduce"))
    def rule(array: Any, axis: Any = 0, dtype: Any = None, out: Any = None,
             keepdims: bool = False, **options: Any) -> Any:  # fmt: skip
        first_only(function, array)
        if function in (np.max, np.min):  # which have no dtype=
            array = cast(array, dtype)
        elif dtype is not None:
            options["dtype"] = dtype
        return function(array, axis=axis, keepdims=keepdims, **options)


def accumulate_as(ufunc: Any, function: Any) -> None:
    """Register ufunc.accumulate as the function of arrays that does the same."""

    @implements("formula", METHOD, (ufunc, "accumulate"))
    def rule(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        return function(array, axis=axis, dtype=dtype)


reduce_as(np.add, np.sum)
reduce_as(np.multiply, np.prod)
accumulate_as(np.add, np.cumsum)
accumulate_as(np.multiply, np.cumprod)


def combine_as_tree(ufunc: Any) -> None:
    """Register the methods of an associative ufunc that no other function has."""

    @composed("a tree of pairs", (ufunc, "reduce"))
    def reduce(array: Any, axis: Any = 0, dtype: Any = None, out: Any = None,
               keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:  # fmt: skip
        array = cast(array, dtype)
        array = array if where is True else np.where(where, array, ufunc.identity)
        merged = merge_axes_last(array, axis)
        if not shape(merged)[-1]:
            return np.sum(merged, axis=-1) + ufunc.identity
        result = combine_all(ufunc, merged)
        result = result if initial is None else ufunc(result, initial)
        return restore_axes(result, ndim(array), axis, keepdims)

    @composed("a prefix scan", (ufunc, "accumulate"))
    def accumulate(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        last = np.moveaxis(cast(array, dtype), axis, -1)
        return np.moveaxis(combine_prefixes(ufunc, last), -1, axis)


combine_as_tree(np.logaddexp)
combine_as_tree(np.logaddexp2)


@implements("linear", "f(ẋ)", (np.add, "reduceat"))
def add_reduceat(
    array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None
) -> Any:
    first_only((np.add, "reduceat"), array, [indices])
    level, (x,), _, directions = unpack([array])
    z = np.add.reduceat(x, indices, axis, dtype)
    t = np.add.reduceat(array.tangent, indices, from_end(axis, ndim(x)), dtype)
    return finish(z, t, level, directions)


# --- counting and correlating --------------------------------------------------------------------


@implements("linear", "f(x, ẇ), linear in the weights; the numbers counted are whole", np.bincount)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    if isinstance(x, Dual):
        raise TypeError(
            "np.bincount counts whole numbers, and a dual number is none; give it "
            "np.floor(x).astype(int). Its weights may be dual numbers"
        )
    level, (w,), _, directions = unpack([weights])
    z = np.bincount(x, w, minlength)
    return finish(z, each(lambda t: np.bincount(x, t, minlength), weights, z), level, directions)


@implements("linear", "f(ẋ), linear in the weights; the bins are constant", np.histogram)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None,
              weights: Any = None) -> Any:  # fmt: skip
    if isinstance(a, Dual) or isinstance(bins, Dual):
        raise TypeError(
            "np.histogram counts, and the counts change in jumps; use stop_gradient(x) for them. "
            "Its weights may be dual numbers"
        )
    level, (w,), _, directions = unpack([weights])
    counts, edges = np.histogram(a, bins, range, weights=w)
    t = each(lambda t: np.histogram(a, edges, weights=t)[0], weights, counts)
    counted = finish(counts, t, level, directions)
    return counted / np.sum(counted) / np.diff(edges) if density else counted, edges


@composed("Σ w (x − x̄)(y − ȳ) / (n − ddof)", np.cov)
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None,
        fweights: Any = None, aweights: Any = None, *, dtype: Any = None) -> Any:  # fmt: skip
    def rows(x: Any) -> Any:
        x = cast(as_floats(x), dtype)
        return np.atleast_2d(x) if rowvar or ndim(x) < 2 else np.transpose(x)

    x = rows(m) if y is None else np.concatenate([rows(m), rows(y)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    count, frequent = shape(x)[1], 1 if fweights is None else np.asarray(fweights)
    aweights = None if aweights is None else as_floats(aweights)
    weights = frequent * (1 if aweights is None else aweights)
    if aweights is None and fweights is None:
        mean, freedom = np.mean(x, axis=1), count - ddof
    else:
        mean, total = np.sum(x * weights, axis=1) / np.sum(weights), np.sum(weights)
        lost = ddof if aweights is None else ddof * np.sum(weights * aweights) / total
        freedom = total - lost
    x = x - mean[:, None]
    return np.squeeze(np.matmul(x, np.conjugate(np.transpose(x * weights))) / freedom)


@composed("cov(x) / √(var(x) var(y))", np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    c = np.cov(x, y, rowvar, dtype=dtype)
    if not ndim(c):
        return c / c
    spread = np.sqrt(np.real(np.diag(c)))
    return c / spread[:, None] / spread
