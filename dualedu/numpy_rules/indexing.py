"""Indexing: picking elements by place, by condition, along a diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualedu.core.dual import Dual, finish, lifted, unpack
from dualedu.internals.memory import separated
from dualedu.internals.registry import constant
from dualedu.internals.shapes import base, ndim
from dualedu.numpy_rules.families import (
    along,
    composed,
    first_only,
    flattening,
    from_end,
    gather,
    implements,
    linear,
)

linear(along, np.diagonal, np.linalg.diagonal)
linear(flattening, np.take, np.delete)
linear(gather, np.diag, np.diagflat, np.triu, np.tril)
constant("it looks at the primal", np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero)
constant("it looks at the primal", np.diag_indices_from, np.tril_indices_from, np.triu_indices_from)


@implements("linear", "ẋ[index], for every kind of index", "getitem")
def getitem(x: Any, index: Any) -> Any:
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, Dual) for part in parts):
        raise TypeError("a dual number cannot be an index; use np.floor(x).astype(int)")
    level, (primal,), _, directions = unpack([x])
    if not hasattr(primal, "shape"):
        primal = np.float64(primal)
    z = primal[index]
    if directions is None:
        t = x.tangent[index]
    elif separated(parts):
        t = gather(lambda numbers: numbers[index], primal, z, x.tangent, {}, {})
    else:
        t = x.tangent[(slice(None), *parts)]
    return finish(z, t, level, directions)


@implements("linear", "f(ẋ)", np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    first_only(np.take_along_axis, arr, [indices])
    if axis is None:
        return np.take(np.ravel(arr), indices)
    level, (x,), _, directions = unpack([arr])
    z = np.take_along_axis(x, indices, axis)
    if directions is None:
        t = np.take_along_axis(arr.tangent, indices, axis)
    else:
        t = np.take_along_axis(arr.tangent, indices[None], from_end(axis, ndim(x)))
    return finish(z, t, level, directions)


@composed("f(ẋ)", np.compress, kind="linear")
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    return np.take(a, np.flatnonzero(base(condition)), axis=axis)


@composed("f(ẋ)", np.extract, kind="linear")
def extract(condition: Any, arr: Any) -> Any:
    return np.ravel(arr)[np.flatnonzero(base(condition))]


@implements("linear", "f(ẋ, ẏ); the condition looks at the primal", np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    condition = base(condition)
    if x is None and y is None:
        return np.where(condition)
    if not isinstance(x, Dual) and not isinstance(y, Dual):
        return np.where(condition, x, y)
    level, primals, tangents, directions = unpack([x, y])
    z = np.where(condition, *primals)
    terms = [
        0 if t is None else lifted(t, ndim(z) - ndim(p), directions)
        for p, t in zip(primals, tangents, strict=True)
    ]
    return finish(z, np.where(condition, *terms), level, directions)


@composed("f(ẋ, ẏ, …); the conditions look at the primal", np.select, kind="linear")
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(condition, choice, result)
    return result


@composed("f(ẋ, ẏ, …)", np.choose, kind="linear")
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    n, places = len(choices), base(a)
    if mode != "raise":  # then NumPy refuses all but 0 … n − 1
        places = np.mod(places, n) if mode == "wrap" else np.clip(places, 0, n - 1)
    return np.select([np.equal(places, i) for i in range(n)], list(choices))
