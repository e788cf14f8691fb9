"""Shapes: the same elements in another shape, order, layout or dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dualedu.core.dual import lifted, make, unpack
from dualedu.internals.shapes import ndim, shape
from dualedu.numpy_rules.families import (
    Function,
    along,
    flattening,
    gather,
    implements,
    linear,
    same_order,
)

linear(same_order, np.reshape, np.ravel, np.squeeze, np.expand_dims)
linear(
    along,
    *(np.swapaxes, np.moveaxis, np.flip, np.rot90, np.matrix_transpose, np.linalg.matrix_transpose),
    *(np.fft.fftshift, np.fft.ifftshift, np.lib.stride_tricks.sliding_window_view),
)
linear(along, np.copy, np.real, np.real_if_close)
linear(flattening, np.roll)
linear(gather, np.rollaxis, np.fliplr, np.flipud)


def transposed(function: Any, x: Any, z: Any, t: Any, options: Any, axes: Any) -> Any:
    order = axes["axes"]
    order = range(ndim(x))[::-1] if order is None else normalize_axis_tuple(order, ndim(x))
    return np.transpose(t, (0, *(axis + 1 for axis in order)))


linear(transposed, np.transpose)


@implements("linear", "f(ẋ)", np.astype)
def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> Any:
    return x.astype(dtype)


def at_least(function: Any) -> Function:
    def rule(*arys: Any) -> Any:
        if len(arys) != 1:
            return tuple(map(function, arys))
        return np.reshape(arys[0], shape(function(np.empty(shape(arys[0]), bool))))

    return rule


for _function in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    implements("linear", "f(ẋ)", _function)(at_least(_function))


@implements("linear", "f(ẋ)", np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    level, (x,), (t,), directions = unpack([array])
    z = np.broadcast_to(x, shape)
    # The tangent keeps its short axes: broadcasting it costs nothing.
    return make(z, lifted(t, ndim(z) - ndim(x), directions), level, directions)


@implements("linear", "f(ẋ)", np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    common = np.broadcast_shapes(*map(shape, args))
    return tuple(np.broadcast_to(a, common) for a in args)
