"""Results that hold no dual number, though they move with the arguments.

A bisection chooses its number by comparisons alone, a table by an index, and `x.primal` or a cache
give a plain number: nothing of the argument's tangent is in the result, and its derivative is 0. So
it is where the function is constant. Which of the two it is, the function tells: run on plain
numbers a small step away, and half of it, a smooth one moves twice as far by the whole step. Where
it does, a warning says so.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from dualedu.internals.shapes import base, is_dual
from dualedu.internals.trees import is_container, leaves, map_leaves

STEP = 1e-3
"""How far the arguments go, as a part of their size: enough for float32 and a loose tolerance."""

ADVICE = (
    "the result holds no dual number, so its derivative is 0, and yet it moves with the argument: "
    "by {moved:.3g} for a step of {step:.3g}. Numbers that only comparisons or indices choose, as "
    "a bisection does, have no tangent, nor has x.primal. For a root use dualedu.implicit; where a "
    "constant is meant, stop_gradient(x) says so"
)

STOPPED: set[int] = set()
"""The levels under way for which `stop_gradient` has made a constant on purpose."""


class State(threading.local):
    """Whether results of this thread are watched; not while a function is compared anyway."""

    watching = True


STATE = State()


@contextmanager
def unwatched() -> Iterator[None]:
    """Let results be; differences will tell, or are being taken."""
    before, STATE.watching = STATE.watching, False
    try:
        yield
    finally:
        STATE.watching = before


def constant(x: Any) -> Any:
    """The plain value under all levels, on purpose."""
    while is_dual(x):
        STOPPED.add(x.level)
        x = x.primal
    return base(x)


def check_plain(
    outcome: Any, level: int, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> None:
    """Warn where a result without a dual number moves along the tangents nonetheless."""
    on_purpose = level in STOPPED
    if on_purpose:
        STOPPED.discard(level)
    if on_purpose or is_dual(outcome) or is_container(outcome) or not STATE.watching:
        return
    value = np.asarray(outcome)
    given = [leaf for each in primals for _, leaf in leaves(each)]
    if value.dtype.kind != "f" or any(map(is_dual, given)) or not np.isfinite(value).all():
        return
    size = 1 + max(float(np.max(np.abs(leaf), initial=0)) for leaf in given)
    try:
        with unwatched(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            still, near, far = (
                np.asarray(f(*beside(primals, tangents, size * part)))
                for part in (0, STEP / 2, STEP)
            )
    except Exception:  # beside the point f may raise whatever it likes
        return
    if not still.shape == near.shape == far.shape == value.shape:
        return
    noise = 1e3 * np.finfo(value.dtype).eps * (1 + np.abs(value))
    moved, half = far - value, near - value
    smooth = (np.abs(still - value) <= noise) & (np.abs(moved) > noise)
    smooth &= np.abs(moved - 2 * half) <= 0.1 * np.abs(moved)
    if smooth.any():
        shown = np.abs(moved)[smooth].max()
        warnings.warn(ADVICE.format(moved=shown, step=size * STEP), RuntimeWarning, stacklevel=4)


def beside(primals: Sequence[Any], tangents: Sequence[Any], step: float) -> list[Any]:
    """Copies of the arguments, a step along the sum of their directions."""

    def moved(p: Any, t: Any) -> Any:
        along = np.asarray(t)
        along = along.sum(axis=tuple(range(along.ndim - np.ndim(p))))
        return (p + step * along / max(float(np.max(np.abs(along), initial=0)), 1)).astype(
            np.asarray(p).dtype
        )[()]

    return [map_leaves(moved, p, t) for p, t in zip(primals, tangents, strict=True)]
