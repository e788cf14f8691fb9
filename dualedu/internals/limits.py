"""Limits: derivatives at points where a rule has none and the function may have one.

Eigenvalues that coincide have no derivatives one by one, nor have their vectors. But a function in
which they are treated alike, tr A, V f(λ) Vᵀ, the polar factor U Vᵀ, has derivatives of every order
(A. S. Lewis, "Derivatives of spectral functions", 1996). No formula for λ and V alone can tell one
kind of function from the other. So `jvp`, where NaN has come through, asks the function itself: it
is run beside the point, where the values lie apart and every rule holds, at ±h, ±2h, ±3h and ±4h in
two ways of parting them, and the tangents are extrapolated to h = 0 (L. F. Richardson, 1911). They
are the derivative where both sides and both ways agree; where they do not, NaN stays, and a warning
names the function. The runs beside the point are differentiated as all others are, with their own
first and second derivatives, so nothing is lost but some digits: about 12 remain of a first and 9
of a second derivative, in float64.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from dualedu.internals.shapes import base, dtype_of
from dualedu.internals.trees import is_container, map_leaves

STEPS = (1, 2, 3, 4)
CENTRAL = (8 / 5, -4 / 5, 8 / 35, -1 / 35)
"""Weights that take the means at ±h … ±4h to h = 0, right for polynomials of degree 7."""
ONE_SIDED = (4, -6, 4, -1)
"""Weights that take the values at h … 4h to h = 0, right for polynomials of degree 3."""


class State(threading.local):
    """What a thread knows: the functions met at such a point, where beside it a run is made,
    the least room that was there, how far values may move, and the least gap made, as a part of
    the room."""

    met: set[str] | None = None
    shift: tuple[int, float] | None = None
    room = np.inf
    gap = np.inf


STATE = State()

ADVICE = (
    "{name}: two of the values coincide. One by one they have no derivative there, nor have their "
    "vectors, and neither has a function that tells them apart: the tangents are NaN. Functions "
    "that treat them alike have one: np.trace, V f(λ) Vᵀ, U Vᵀ"
)


def meet(name: str) -> None:
    """A rule's word that it gives NaN where the function being differentiated may do without."""
    if STATE.met is None:  # outside of jvp, where nothing can be run again
        warnings.warn(ADVICE.format(name=name), RuntimeWarning, stacklevel=2)
    else:
        STATE.met.add(name)


def beside() -> np.random.Generator | None:
    """Random numbers, the same in all runs of one way, if this run is made beside the point."""
    return None if STATE.shift is None else np.random.default_rng(STATE.shift[0])


def step(room: float, count: int, dtype: np.dtype[Any]) -> float:
    """How far to go in this run, of a room in which the function is smooth, to part `count`
    values."""
    assert STATE.shift is not None
    unit = 1 / 128 if np.finfo(dtype).eps < 1e-10 else 1 / 32
    STATE.room, STATE.gap = min(STATE.room, room), min(STATE.gap, unit / count)
    return STATE.shift[1] * unit * room


def limit(run: Callable[[], tuple[Any, Any]]) -> tuple[Any, Any]:
    """The value and tangent of a run; the tangent is the limit of those beside the point where it
    is NaN because a function was met there that has none."""
    before, STATE.met = STATE.met, set()
    try:
        value, tangent = run()
        met = STATE.met
    finally:
        STATE.met = before
    if not met or STATE.shift is not None:
        return value, tangent
    if before is not None:  # the value may have an outer tangent that is NaN
        before |= met
    found: list[Any] = []
    map_leaves(lambda t: found.append(missing(t).any()), tangent, branches=is_container)
    if not any(found):
        return value, tangent
    tangent = extrapolated(run, value, tangent)
    found.clear()
    map_leaves(lambda t: found.append(missing(t).any()), tangent, branches=is_container)
    if any(found):
        for name in sorted(met):
            warnings.warn(ADVICE.format(name=name), RuntimeWarning, stacklevel=3)
    return value, tangent


def missing(t: Any) -> Any:
    """Where a number or one of its tangents, at any level, is NaN."""
    if not hasattr(t, "primal"):
        return np.isnan(t)
    inner = missing(t.tangent)
    return missing(t.primal) | (inner if t.directions is None else inner.any(axis=0))


def extrapolated(run: Callable[[], tuple[Any, Any]], value: Any, tangent: Any) -> Any:
    """The tangent with its limit in place of NaN, where there is one."""
    runs: list[Any] = []
    STATE.room, STATE.gap, before, STATE.met = np.inf, np.inf, STATE.met, set()
    try:
        with np.errstate(all="ignore"):
            for way in (1, 2):
                for step in STEPS:
                    for side in (step, -step):
                        STATE.shift = way, side
                        runs.append(run()[1])
    except (ArithmeticError, ValueError):  # the function is not defined on both sides
        return tangent
    finally:
        STATE.shift, STATE.met = None, before
    try:
        return map_leaves(repaired, tangent, value, *runs, branches=is_container)
    except (KeyError, TypeError, ValueError):  # it took another branch beside the point
        return tangent


def repaired(t: Any, value: Any, *runs: Any) -> Any:
    there = missing(t)
    if not there.any():
        return t
    half = len(runs) // 2
    found = [weighted(CENTRAL, means(part)) for part in (runs[:half], runs[half:])]
    one = np.where(agree(runs, base(value)), 1.0, np.nan).astype(dtype_of(t))
    return np.where(there, (found[0] + found[1]) / 2 * one, t)[()]


def means(runs: tuple[Any, ...]) -> list[Any]:
    return [(up + down) / 2 for up, down in zip(runs[::2], runs[1::2], strict=True)]


def weighted(weights: tuple[float, ...], values: Any) -> Any:
    return sum(w * v for w, v in zip(weights, values, strict=True))


def largest(x: Any) -> float:
    sizes = np.abs(x)
    return float(np.max(sizes, where=np.isfinite(sizes), initial=0))


def agree(runs: tuple[Any, ...], source: Any, order: int = 1) -> Any:
    """Whether both ways lead to one limit, from both sides, in every level's tangent. What is
    small beside its source is rounding: beside the value in a first derivative, beside that in a
    second."""
    if any(hasattr(t, "primal") for t in runs):
        primals = tuple(t.primal for t in runs)
        inner = agree(tuple(t.tangent for t in runs), base(primals[0]), order + 1)
        return agree(primals, source, order) & (
            inner if runs[0].directions is None else inner.all(axis=0)
        )
    half, eps = len(runs) // 2, np.finfo(dtype_of(runs[0])).eps
    close, near = (1e-6, 1e-3) if eps < 1e-10 else (1e-2, 3e-2)
    size, source = np.max(np.abs(runs), axis=0), np.abs(source) / STATE.room
    noise = close * source + min(close, 100 * eps / STATE.gap**order) * max(
        largest(source), largest(size)
    )
    ways, sides = [], []
    for part in (runs[:half], runs[half:]):
        ways += [weighted(CENTRAL, means(part)), weighted((3 / 2, -3 / 5, 1 / 10), means(part)[:3])]
        sides += [weighted(ONE_SIDED, part[::2]), weighted(ONE_SIDED, part[1::2])]
    return (np.ptp(ways, axis=0) <= close * size + noise) & (
        np.ptp(sides, axis=0) <= near * size + noise
    )
