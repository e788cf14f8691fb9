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
from dualedu.internals.shapes import dtype_of, shape
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
        dtype = dtype_of(a) if dtype is None else dtype
        order = order if order in ("C", "F") else "C"
        return constant(values(np.shape(a) if shape is None else shape, dtype, order), a)

    implements("formula", "a new array, with a tangent of zeros", function)(rule)


same_shape(np.zeros_like, np.zeros)
same_shape(np.ones_like, np.ones)
# Entries never written are zeros in the tangent too: an uninitialised one would be a wrong slope.
same_shape(np.empty_like, np.zeros)


@implements("formula", "linear in the value filled in, else a new array", np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True,
              shape: Any = None, *, device: Any = None) -> Any:  # fmt: skip
    dtype = dtype_of(a) if dtype is None else dtype
    return filled(np.shape(a) if shape is None else shape, fill_value, dtype, a)


def filled(size: Any, value: Any, dtype: Any, like: Any) -> Any:
    if not isinstance(value, Dual):
        return constant(np.full(size, value, dtype=dtype), like)
    value = value if dtype is None else value.astype(dtype)
    return raised(np.broadcast_to(value, size), like).copy()


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
    return filled(shape, fill_value, dtype, like)


def array(like: Dual, object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K",
          subok: bool = False, ndmin: int = 0, ndmax: int = 0) -> Any:  # fmt: skip
    return made(object, dtype, like, ndmin, fresh=copy is True)


def asarray(like: Dual, a: Any, dtype: Any = None, order: Any = None, *, device: Any = None,
            copy: Any = None, requirements: Any = None) -> Any:  # fmt: skip
    return made(a, dtype, like, fresh=copy is True)


def made(value: Any, dtype: Any, like: Dual, ndmin: int = 0, *, fresh: bool) -> Any:
    """Nested lists of numbers, arrays and duals as one dual array."""
    joined = operand(value)
    if isinstance(joined, Dual):
        if dtype is not None and np.dtype(dtype) != joined.dtype:
            joined = joined.astype(dtype)
        fresh = fresh and joined is value
        result = raised(joined.copy() if fresh else joined, like)
    else:
        result = constant(np.array(joined, dtype=dtype), like)
    missing = ndmin - np.ndim(result)
    return np.reshape(result, (1,) * missing + shape(result)) if missing > 0 else result


def fromiter(like: Dual, iter: Any, dtype: Any, count: int = -1) -> Any:
    values = list(iter if count < 0 else itertools.islice(iter, count))
    if not values:
        return constant(np.empty(0, dtype), like)
    return made(values, dtype, like, fresh=True)


create(full, np.full)
create(array, np.array)
create(asarray, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require)
create(fromiter, np.fromiter)
