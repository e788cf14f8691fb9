"""Building arrays: like another one, in ranges and on grids."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualedu.internals.registry import constant
from dualedu.internals.shapes import base, ndim
from dualedu.numpy_rules.families import array, as_floats, composed, implements

constant(
    "it looks at the primal",
    *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.common_type),
)


@composed("f(ẋ, ẏ)", np.linspace, kind="linear")
def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False,
             dtype: Any = None, axis: int = 0) -> Any:  # fmt: skip
    start, stop = np.broadcast_arrays(array(start), array(stop))
    steps = num - 1 if endpoint else num
    share = np.reshape(np.arange(num) / max(steps, 1), [-1] + [1] * ndim(start))
    points = np.moveaxis(start * (1 - share) + stop * share, 0, axis)
    return (points, (stop - start) / steps if steps > 0 else np.nan) if retstep else points


@composed("baseˣ of np.linspace", np.logspace)
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0,
             dtype: Any = None, axis: int = 0) -> Any:  # fmt: skip
    if ndim(base):  # a base for each sequence
        start, stop, base = np.broadcast_arrays(*map(array, (start, stop, base)))
        base = np.expand_dims(base, axis)
    return np.power(base, np.linspace(start, stop, num, endpoint, axis=axis))


@composed("exp of np.linspace of log", np.geomspace)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None,
              axis: int = 0) -> Any:  # fmt: skip
    start, stop = np.broadcast_arrays(as_floats(start), as_floats(stop))
    ends = np.log(np.abs(start)), np.log(np.abs(stop))
    sign = np.expand_dims(np.sign(base(start)), axis)
    return sign * np.exp(np.linspace(*ends, num, endpoint, axis=axis))


@implements("linear", "f(ẋ, ẏ, …)", np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    if indexing not in ("xy", "ij"):
        raise ValueError(f"np.meshgrid: indexing is {indexing!r}; it can be 'xy' or 'ij'")
    order = [1, 0, *range(2, len(xi))] if indexing == "xy" and len(xi) > 1 else range(len(xi))
    sides = [[-1 if i == axis else 1 for axis in order] for i in range(len(xi))]
    grids = tuple(np.reshape(x, side) for x, side in zip(xi, sides, strict=True))
    grids = grids if sparse else tuple(np.broadcast_arrays(*grids))
    return tuple(grid.copy() for grid in grids) if copy else grids


@composed("the powers x⁰ … xᴺ⁻¹ side by side", np.vander)
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    powers = np.arange(len(x) if N is None else N)
    return np.power(x[:, None], powers if increasing else powers[::-1])
