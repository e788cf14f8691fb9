"""Joining and splitting: several arrays into one, one into several, elements added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualedu.core.dual import Dual, finish, unpack
from dualedu.internals.registry import optional
from dualedu.internals.shapes import ndim, shape
from dualedu.numpy_rules.families import (
    Function,
    along,
    array,
    composed,
    composed_rule,
    flattening,
    from_end,
    gather,
    implements,
    leaves,
    linear,
    size,
)

linear(along, np.split, np.array_split, *optional("unstack"))
linear(gather, np.hsplit, np.vsplit, np.dsplit, np.tile, np.resize)
linear(flattening, np.repeat)


@implements("linear", "f(ẋ, ẏ, …)", np.concatenate)
def concatenate(
    arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    if axis is None:
        arrays, axis = [np.ravel(a) for a in arrays], 0
    level, primals, tangents, directions = unpack(list(arrays))
    z = np.concatenate(primals, axis=axis, dtype=dtype, casting=casting)
    lead = () if directions is None else (directions,)
    parts = [
        np.zeros(lead + shape(x), z.dtype) if t is None else np.broadcast_to(t, lead + shape(x))
        for x, t in zip(primals, tangents, strict=True)
    ]
    return finish(z, np.concatenate(parts, axis=from_end(axis, ndim(z))), level, directions)


@implements("linear", "f(ẋ, ẏ, …)", np.stack)
def stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    arrays = list(arrays)
    if len({shape(a) for a in arrays}) != 1:
        raise ValueError(
            f"np.stack needs arrays of one shape, got {sorted({shape(a) for a in arrays})}"
        )
    parts = [np.expand_dims(a, axis) for a in arrays]
    return np.concatenate(parts, axis=axis, dtype=dtype, casting=casting)


def join_along(prepare: Function, axis: Callable[[int], int]) -> Function:
    def rule(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
        arrays = [prepare(a) for a in tup]
        return np.concatenate(arrays, axis=axis(ndim(arrays[0])), dtype=dtype, casting=casting)

    return rule


def column(a: Any) -> Any:
    return np.atleast_2d(a).T if np.ndim(a) < 2 else a


implements("linear", "f(ẋ, ẏ, …)", np.vstack)(join_along(np.atleast_2d, lambda rank: 0))
implements("linear", "f(ẋ, ẏ, …)", np.hstack)(
    join_along(np.atleast_1d, lambda rank: 0 if rank == 1 else 1)
)
implements("linear", "f(ẋ, ẏ, …)", np.dstack)(join_along(np.atleast_3d, lambda rank: 2))
implements("linear", "f(ẋ, ẏ, …)", np.column_stack)(join_along(column, lambda rank: 1))


@implements("linear", "f(ẋ, ẏ, …)", np.block)
def block(arrays: Any) -> Any:
    depth, rank = nesting(arrays), max(ndim(a) for a in leaves(arrays))
    rank = max(depth, rank)

    def join(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return np.concatenate([join(p, level + 1) for p in part], axis=level - depth)
        return np.reshape(part, (1,) * (rank - ndim(part)) + shape(part))

    joined = join(arrays, 0)
    return joined if isinstance(arrays, list) else joined.copy()


def nesting(arrays: Any) -> int:
    return 1 + nesting(arrays[0]) if isinstance(arrays, list) else 0


@composed("f(ẋ, ẏ)", np.append, kind="linear")
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    return np.concatenate([array(arr), array(values)], axis)


@composed("f(ẋ, ẏ)", np.insert, kind="linear")
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    arr, values = array(arr), array(values)
    pool = np.concatenate([np.ravel(arr), np.ravel(values)])
    numbers, n = np.arange(size(pool)), size(arr)
    old, new = numbers[:n].reshape(shape(arr)), numbers[n:].reshape(shape(values))
    return pool[np.insert(old, obj, new, axis)]


MOVING_PADS = ("constant", "edge", "reflect", "symmetric", "wrap")
FILLING_PADS: dict[str, Function] = {
    "mean": np.mean, "median": np.median, "maximum": np.max, "minimum": np.min,
}  # fmt: skip


def widths_of(pad_width: Any, rank: int) -> Any:
    """How many entries to add before and after, for each axis."""
    if not isinstance(pad_width, dict):
        return np.broadcast_to(pad_width, (rank, 2)).astype(int)
    widths = np.zeros((rank, 2), int)
    for axis, width in pad_width.items():
        widths[axis] = width
    return widths


def fill_lines(x: Any, pad_width: Any, mode: str, *, constant_values: Any = 0,
               end_values: Any = 0, stat_length: Any = None) -> Any:  # fmt: skip
    rank = ndim(x)
    widths = widths_of(pad_width, rank)
    lengths = np.broadcast_to(np.array(stat_length, dtype=object), (rank, 2))
    given = array(constant_values if mode == "constant" else end_values)
    ends = np.broadcast_to(given, (rank, 2))
    for axis in range(rank):
        lines = np.moveaxis(x, axis, -1)
        inner = [lines[..., :1], lines[..., -1:]]
        parts = []
        for side, width in enumerate(widths[axis]):
            value = ends[axis, side]
            if mode == "linear_ramp":
                way = np.arange(width) / max(width, 1)
                part = value + (inner[side] - value) * (way if side == 0 else way[::-1])
            elif mode in FILLING_PADS:
                length = lengths[axis, side] or shape(lines)[-1]
                near = lines[..., :length] if side == 0 else lines[..., -length:]
                part = FILLING_PADS[mode](near, axis=-1, keepdims=True)
            else:
                part = value
            parts.append(np.broadcast_to(part, (*shape(lines)[:-1], width)))
        x = np.moveaxis(np.concatenate([parts[0], lines, parts[1]], axis=-1), -1, axis)
    return x


filled = composed_rule(np.pad, fill_lines)


def fill_by(function: Function, x: Any, widths: Any, options: dict[str, Any]) -> Any:
    """The padded array, into whose lines the reader's function writes, axis by axis."""
    padded = np.zeros_like(x, shape=tuple(shape(x) + widths.sum(axis=1)))
    inside = zip(widths[:, 0], shape(x), strict=True)
    padded[tuple(slice(before, before + length) for before, length in inside)] = x
    for axis, width in enumerate(widths):
        others = shape(padded)[:axis] + shape(padded)[axis + 1 :]
        for place in np.ndindex(others):
            line = padded[(*place[:axis], slice(None), *place[axis:])]
            function(line, tuple(width), axis, options)
    return padded


@implements("linear", "f(ẋ), with zeros where constants are filled in", np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    if mode in FILLING_PADS or mode == "linear_ramp":
        return filled(array, pad_width, mode, **options)
    widths = widths_of(pad_width, ndim(array))
    if callable(mode):
        return fill_by(mode, array, widths, options)
    if mode not in MOVING_PADS:
        raise TypeError(
            "np.pad of a dual number takes the modes "
            f"{', '.join((*MOVING_PADS, 'linear_ramp', *FILLING_PADS))}; build others with "
            "np.concatenate"
        )
    if any(isinstance(value, Dual) for value in leaves([options])):
        return filled(array, pad_width, mode, **options)
    level, (x,), _, directions = unpack([array])
    z = np.pad(x, pad_width, mode, **options)
    options.pop("constant_values", None)
    lead = [] if directions is None else [(0, 0)]
    t = np.pad(array.tangent, [*lead, *widths.tolist()], mode, **options)
    return finish(z, t, level, directions)
