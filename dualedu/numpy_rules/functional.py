"""Functions of functions: np.piecewise and np.apply_along_axis call one on parts of an array.

The function that they are given sees dual numbers, and what it returns carries the tangent.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualedu.core.dual import Dual
from dualedu.internals.shapes import base, ndim, shape
from dualedu.numpy_rules.families import implements


@implements("formula", "fᵢ(ẋ) where the condition i holds for the primal", np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    plain = base(x)
    if np.ndim(condlist) == 0 or (
        not isinstance(condlist[0], list | np.ndarray) and np.ndim(plain)
    ):
        condlist = [condlist]
    conditions = np.asarray([base(c) for c in condlist], dtype=bool)
    rest = len(funclist) - len(conditions)
    if rest not in (0, 1):
        raise ValueError(
            f"np.piecewise was given {len(conditions)} conditions and {len(funclist)} functions; "
            "it takes as many, or one more for all other places"
        )
    if rest:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    result = np.zeros_like(x)
    for condition, f in zip(conditions, funclist, strict=True):
        if not callable(f):
            result = np.where(condition, f, result)
        elif np.any(condition):
            outcome = f(x[condition] if np.ndim(plain) else np.reshape(x, 1), *args, **kw)
            result = place(result, condition, outcome)
    return result


def place(x: Any, condition: Any, values: Any) -> Any:
    """x with the values where the condition holds."""
    if not np.ndim(base(values)):
        return np.where(condition, values, x)
    numbers = np.zeros(np.shape(condition), int)
    numbers[condition] = np.arange(np.count_nonzero(condition))
    return np.where(condition, values[numbers], x)


@implements("formula", "f of each row, with its tangent", np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    if not isinstance(arr, Dual):
        arr = np.asarray(arr)
    rows = np.moveaxis(arr, axis, -1)
    outer = shape(rows)[:-1]
    if not math.prod(outer):
        raise ValueError("np.apply_along_axis has no row to call the function on")
    flat = np.reshape(rows, (-1, shape(rows)[-1]))
    found = [func1d(row, *args, **kwargs) for row in flat]
    found = [np.stack(part) if isinstance(part, list | tuple) else part for part in found]
    inner = shape(found[0])
    result = np.reshape(np.stack(found), outer + inner)
    first = axis % len(shape(arr))
    return np.moveaxis(result, range(-len(inner), 0), range(first, first + len(inner)))


@implements("formula", "f over one axis after the other, with its tangent", np.apply_over_axes)
def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    rank = ndim(a)
    for axis in np.atleast_1d(axes):
        outcome = func(a, int(axis) % rank)
        a = outcome if ndim(outcome) == rank else np.expand_dims(outcome, int(axis) % rank)
    return a
