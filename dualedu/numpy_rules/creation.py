"""New arrays that can hold dual numbers: np.zeros_like(x), np.zeros(n, like=x) and their kin.

NumPy hands a call with `like=x` over to x (NEP 35), so that a function which begins with
np.zeros(n) needs one word more to be differentiated. What is made has a tangent of zeros, belongs
to the differentiation of x, and is written into as any array: y[i] = …
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from dualedu.core.dual import Dual, make, operand
from dualedu.internals.registry import RULES, Rule
from dualedu.internals.shapes import base, dtype_of, is_array, shape
from dualedu.numpy_rules.families import implements

Function = Callable[..., Any]


def constant(values: Any, like: Any) -> Any:
    """A fresh array of values as a dual of every level that `like` has, with tangents of zeros.

    Arrays that are not of floats hold no dual numbers and stay plain.
    """
    if not isinstance(like, Dual) or values.dtype.kind not in "fc":
        return values
    lead = () if like.directions is None else (like.directions,)
    tangent = np.zeros(lead + values.shape, values.dtype)
    return make(
        constant(values, like.primal),
        constant(tangent, like.primal),
        like.level,
        like.directions,
    )


def same_shape(function: Any, values: Function) -> None:
    def rule(a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None,
             *, device: Any = None) -> Any:  # fmt: skip
        return constant(values(base(a), dtype, order, shape=shape), a)

    implements("formula", "a new array, with a tangent of zeros", function)(rule)


same_shape(np.zeros_like, np.zeros_like)
same_shape(np.ones_like, np.ones_like)
# Entries never written are zeros in the tangent too: an uninitialised one would be a wrong slope.
same_shape(np.empty_like, np.zeros_like)


@implements("formula", "linear in the value filled in, else a new array", np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True,
              shape: Any = None, *, device: Any = None) -> Any:  # fmt: skip
    fill_value = operand(fill_value)
    shown = np.full_like(base(a), base(fill_value), dtype, order, shape=shape)
    return filled(shown, fill_value, a)


def filled(shown: Any, value: Any, like: Any) -> Any:
    """What NumPy makes of the plain value, as a dual of like's level at least."""
    if not isinstance(value, Dual):
        return constant(shown, like)
    value = value if value.dtype == shown.dtype else value.astype(shown.dtype)
    return raised(np.broadcast_to(value, shown.shape), like).copy(layout(shown))


def layout(array: Any) -> str:
    """The order= that lays a copy out in memory as this array is."""
    return "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "K"


def raised(x: Any, like: Dual) -> Any:
    """x as a dual of like's level at least."""
    if isinstance(x, Dual) and x.level >= like.level:
        return x
    if not isinstance(x, Dual):
        return constant(x, like)
    lead = () if like.directions is None else (like.directions,)
    return make(x, np.zeros(lead + shape(x), dtype_of(x)), like.level, like.directions)


# --- like=: the first argument of these is the array named there ---------------------------------


def create(rule: Function, *functions: Any) -> None:
    """Enter functions that NumPy hands to the array named in like=; the rule takes that first."""
    for function in functions:
        RULES[function] = Rule("creation", "with like=x: an array like x", call=rule)


def creates(*functions: Any) -> None:
    """Enter functions whose arguments are plain: their result becomes a dual constant."""
    for function in functions:
        create(creating(function), function)


def creating(function: Any) -> Function:
    def rule(like: Dual, *args: Any, **kwargs: Any) -> Any:
        return constant(function(*args, **kwargs), like)

    return rule


creates(
    *(np.zeros, np.ones, np.eye, np.identity, np.tri, np.arange, np.fromfunction, np.frombuffer),
    *(np.fromfile, np.fromstring, np.loadtxt, np.genfromtxt),
)
create(creating(np.zeros), np.empty)  # as np.empty_like


def full(like: Dual, shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C",
         *, device: Any = None) -> Any:  # fmt: skip
    fill_value = operand(fill_value)
    return filled(np.full(shape, base(fill_value), dtype, order), fill_value, like)


def converting(function: Any) -> Function:
    """np.array, np.asarray and their kin: nested lists of numbers, arrays and duals as one dual
    array, copied where NumPy copies the values, and laid out in memory as NumPy does."""

    def rule(like: Dual, value: Any, *args: Any, **kwargs: Any) -> Any:
        joined = operand(value)
        if not isinstance(joined, Dual):
            return constant(function(joined, *args, **kwargs), like)
        seen = base(joined)
        shown = function(seen, *args, **kwargs)
        if shown.dtype != seen.dtype:
            joined = joined.astype(shown.dtype)
        if not is_array(seen):  # a scalar becomes an array without axes
            joined = np.broadcast_to(joined, ()).copy()
        elif not np.may_share_memory(shown, seen):
            joined = joined.copy(layout(shown))
        result = raised(joined, like)
        return result if shape(result) == shown.shape else np.reshape(result, shown.shape)

    return rule


def fromiter(like: Dual, iter: Any, dtype: Any, count: int = -1) -> Any:
    values = list(iter if count < 0 else itertools.islice(iter, count))
    if not values:
        return constant(np.empty(0, dtype), like)
    return converting(np.array)(like, values, dtype)


create(full, np.full)
for _function in (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray,
                  np.require):  # fmt: skip
    create(converting(_function), _function)
create(fromiter, np.fromiter)
