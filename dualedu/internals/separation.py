"""Whether a function of an array acts entry by entry: what `derivative` asks before it answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualedu.internals.shapes import is_dual


def separating_directions(size: tuple[int, ...]) -> Any:
    """Two directions in which no two entries agree in both, up to what rounding would hide."""
    rng = np.random.default_rng(0)
    return rng.uniform(1, 2, (2, *size)) * rng.choice([-1.0, 1.0], (2, *size))


def proportional(tangent: Any, directions: Any) -> bool:
    """Whether the rows of the tangent behind the first are the first times the directions, at
    every level, up to rounding: √eps of each entry and some eps of the largest."""
    if is_dual(tangent):
        inner = tangent.tangent
        rows_first = inner if tangent.directions is None else np.swapaxes(inner, 0, 1)
        return proportional(tangent.primal, directions) and proportional(rows_first, directions)
    if tangent.ndim > directions.ndim:  # the inner directions of an outer level
        tail = (1,) * (tangent.ndim - directions.ndim)
        directions = np.reshape(directions, directions.shape[:1] + tail + directions.shape[1:])
    expected = tangent[:1] * directions.astype(tangent.dtype)
    finite = np.isfinite(expected)
    size = np.abs(np.where(finite, expected, 0))
    eps = np.finfo(tangent.dtype).eps
    allowed = np.sqrt(eps) * size + 1000 * eps * np.max(size, initial=0)
    with np.errstate(invalid="ignore"):
        apart = np.abs(tangent[1:] - expected) > allowed
    return not np.any(apart & finite) and bool(
        np.all((tangent[1:] == expected) | finite | np.isnan(expected))
    )
