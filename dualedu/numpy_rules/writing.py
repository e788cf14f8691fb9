"""Functions that write into an array: np.copyto, np.fill_diagonal, np.put, np.add.at and others.

Each becomes assignments x[index] = …, which change a dual array's value and tangent together or
raise. A plain array cannot take a dual number; the message says how to make one that can.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualedu.core.dual import Dual
from dualedu.internals.messages import plain_target
from dualedu.internals.registry import RULES, Rule, of_kind, qualified
from dualedu.internals.shapes import base, shape
from dualedu.numpy_rules.families import array, implements

WRITTEN = "entries of x are written, value and tangent together"


def target(function: Any, array: Any) -> Any:
    if not isinstance(array, Dual):
        raise plain_target(qualified(function))
    return array


@implements("assignment", WRITTEN, np.copyto)
def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    dst, src, where = target(np.copyto, dst), array(src), base(where)
    if where is True:
        dst[...] = src
    else:
        mask = np.broadcast_to(where, dst.shape)
        dst[mask] = np.broadcast_to(src, dst.shape)[mask]


@implements("assignment", WRITTEN, np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    a, val = target(np.fill_diagonal, a), array(val)
    numbers = np.zeros(a.shape, bool)
    np.fill_diagonal(numbers, True, wrap)
    places = np.nonzero(numbers)
    a[places] = np.resize(np.ravel(val), shape(places[0])) if np.ndim(val) else val


@implements("assignment", WRITTEN, np.put)
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    a, ind, v = target(np.put, a), np.ravel(ind), array(v)
    if ind.size:
        numbers = np.take(np.arange(a.size), ind, mode=mode)  # type: ignore[call-overload]
        a[np.unravel_index(numbers, a.shape)] = np.resize(np.ravel(v), ind.shape)


@implements("assignment", WRITTEN, np.place)
def place(arr: Any, mask: Any, vals: Any) -> None:
    arr, mask = target(np.place, arr), np.asarray(base(mask), bool)
    count = int(np.count_nonzero(mask))
    if count:
        arr[mask.reshape(arr.shape)] = np.resize(np.ravel(array(vals)), (count,))


@implements("assignment", WRITTEN, np.putmask)
def putmask(a: Any, mask: Any, values: Any) -> None:
    a, mask = target(np.putmask, a), np.asarray(base(mask), bool)
    a[mask] = np.resize(array(values), a.shape)[mask]


@implements("assignment", WRITTEN, np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any = -1) -> None:
    arr = target(np.put_along_axis, arr)
    numbers = np.arange(arr.size).reshape(arr.shape)
    places = np.take_along_axis(numbers, indices, axis)
    arr[np.unravel_index(places, arr.shape)] = array(values)


def at(ufunc: Any) -> Any:
    """ufunc.at: where an index occurs several times, each of its entries acts on what the one
    before it left. All that are the first, second, … of their index act at once."""

    def rule(a: Any, indices: Any, *b: Any) -> None:
        numbers = np.arange(target((ufunc, "at"), a).size).reshape(a.shape)[indices]
        entries = [np.ravel(np.broadcast_to(array(x), shape(numbers))) for x in b]
        numbers = np.ravel(numbers)
        order = np.argsort(numbers, kind="stable")
        ordered = numbers[order]
        turn = np.empty_like(order)
        turn[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
        for k in range(np.max(turn, initial=-1) + 1):
            now = turn == k
            place = np.unravel_index(numbers[now], a.shape)
            a[place] = ufunc(a[place], *(x[now] for x in entries))

    return rule


for _ufunc in of_kind("elementwise"):
    RULES[_ufunc, "at"] = Rule("assignment", WRITTEN, call=at(_ufunc))
