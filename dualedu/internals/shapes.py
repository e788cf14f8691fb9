"""What is asked of every operand, plain or dual: shape, dtype, and the plain value beneath."""

from __future__ import annotations

import sys
from typing import Any, TypeGuard

import numpy as np


def is_dual(x: Any) -> bool:
    return hasattr(x, "_tangent")


def is_array(x: Any) -> TypeGuard[np.ndarray[Any, Any]]:
    """Whether x is an array of NumPy itself: `isinstance` takes a dual array for one too."""
    return isinstance(x, np.ndarray) and not is_dual(x)


def is_float(x: Any) -> TypeGuard[float]:
    """Whether x is a plain number: `isinstance` takes a scalar dual number for one too."""
    return isinstance(x, float) and not is_dual(x)


def shape(x: Any) -> tuple[int, ...]:
    return x.shape if hasattr(x, "shape") else () if isinstance(x, float) else np.shape(x)


def ndim(x: Any) -> int:
    return x.ndim if hasattr(x, "ndim") else 0 if isinstance(x, float) else np.ndim(x)


def dtype_of(x: Any) -> np.dtype[Any]:
    return x.dtype if hasattr(x, "dtype") else np.result_type(x)


def base(x: Any) -> Any:
    """The plain value under all levels."""
    while hasattr(x, "primal"):
        x = x.primal
    return x


def widened(x: Any) -> Any:
    """x, small and unsigned integers as int64: of them −x and x² would wrap around in a slope, and
    NumPy takes the logarithm of a byte in half precision."""
    dtype = getattr(x, "dtype", None)
    small = dtype is not None and dtype.kind in "biu" and dtype != np.int64
    return x.astype(np.int64) if small else x


def plain(x: Any, what: str) -> Any:
    """x as a base-class ndarray. Subclasses that change what an operation means are refused."""
    if type(x) is np.ndarray:
        return x
    masked = sys.modules.get("numpy.ma")  # there is no masked array where nobody has loaded it
    if isinstance(x, np.matrix) or (masked and isinstance(x, masked.MaskedArray)):
        raise TypeError(
            f"{what} is a {type(x).__name__}, whose operations mean something else; "
            "pass np.asarray(x)"
        )
    return np.asarray(x)


def unrepeated(tangent: Any, first: int) -> Any:
    """Shrink axes that a broadcast view merely repeats (stride 0) to length 1."""
    if not is_array(tangent) or 0 not in tangent.strides[first:]:
        return tangent
    repeats = zip(tangent.strides, tangent.shape, strict=True)
    return tangent[
        tuple(
            slice(0, 1) if axis >= first and stride == 0 and length > 1 else slice(None)
            for axis, (stride, length) in enumerate(repeats)
        )
    ]


def join(value: list[Any] | tuple[Any, ...]) -> Any:
    """Nested lists of numbers, arrays and duals as one array."""
    if not holds_dual(value):
        return np.asarray(value)
    parts = [join(part) if isinstance(part, list | tuple) else part for part in value]
    shapes = {shape(part) for part in parts}
    if len(shapes) > 1:
        raise ValueError(
            f"these entries have the shapes {', '.join(map(str, sorted(shapes)))}: an array needs "
            "rows of one length; np.concatenate or np.block joins parts of different shapes"
        )
    return np.stack(parts)


def holds_dual(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(holds_dual, value))
    return is_dual(value)
