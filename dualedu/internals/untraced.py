"""Results that hold no dual number, though they move with the arguments.

A bisection chooses its number by comparisons alone, a table by an index, and `x.primal` or a cache
give a plain number: nothing of the argument's tangent is in the result, and its derivative is 0. So
it is where the function is constant. Which of the two it is, the function tells: run a small step
away, and half of it, a smooth one moves twice as far by the whole step. Where it does, a warning
says so.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from dualedu.internals.levels import OPEN_LEVELS
from dualedu.internals.shapes import base, is_dual
from dualedu.internals.trees import leaves, map_leaves

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
    outcome: Any,
    level: int,
    value_at: Callable[[list[Any], list[Any]], Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
) -> None:
    """Warn where a result that holds no dual number of this level, in none of its parts, moves
    along the tangents nonetheless. What stands beside a dual number in a container may be there
    for the reader to look at."""
    on_purpose = level in STOPPED
    STOPPED.discard(level)
    traced = is_dual(outcome) and outcome.level == level  # as most results are: no more is asked
    if traced or on_purpose or not STATE.watching:
        return
    for _, leaf in leaves(outcome):  # of this level, or of one that has ended
        if is_dual(leaf) and leaf.level not in OPEN_LEVELS:
            return
    values = floats(outcome)
    if not values:
        return
    given = [base(leaf) for each in primals for _, leaf in leaves(each)]
    size = 1 + max((float(np.max(np.abs(leaf), initial=0)) for leaf in given), default=0)

    def moves(part: float) -> list[Any]:
        found = floats(value_at(*beside(primals, tangents, size * part)))
        return [new - old for new, old in zip(found, values, strict=True)]

    noise = [1e3 * np.finfo(value.dtype).eps * (1 + np.abs(value)) for value in values]
    try:
        with unwatched(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            whole = moves(STEP)
            if not any((np.abs(a) > n).any() for a, n in zip(whole, noise, strict=True)):
                return
            half, none = moves(STEP / 2), moves(0)
            moved = max(map(smooth, whole, half, none, noise))
    except Exception:  # beside the point f may raise whatever it likes
        return
    if moved:
        advice = ADVICE.format(moved=moved, step=size * STEP)
        warnings.warn(advice, RuntimeWarning, stacklevel=4)


def floats(outcome: Any) -> list[Any]:
    """The values of the parts of a result that are floats."""
    values = [np.asarray(base(leaf)) for _, leaf in leaves(outcome)]
    return [value for value in values if value.dtype.kind == "f"]


def smooth(whole: Any, half: Any, none: Any, noise: Any) -> float:
    """How far a part moves by the whole step where it moves half as far by half of it."""
    there = (np.abs(none) <= noise) & (np.abs(whole) > noise)
    there &= np.abs(whole - 2 * half) <= 0.1 * np.abs(whole)
    return float(np.max(np.abs(whole), where=there, initial=0))


def beside(
    primals: Sequence[Any], tangents: Sequence[Any], step: float
) -> tuple[list[Any], list[Any]]:
    """Copies of the arguments, a step along the sum of their directions, and that direction."""

    def direction(p: Any, t: Any) -> Any:
        along = np.asarray(base(t))
        along = along.sum(axis=tuple(range(along.ndim - np.ndim(p))))
        return along / max(float(np.max(np.abs(along), initial=0)), 1)

    def moved(p: Any, along: Any) -> Any:
        p = base(p)
        return (p + step * along).astype(np.asarray(p).dtype)[()]

    along = [map_leaves(direction, p, t) for p, t in zip(primals, tangents, strict=True)]
    return [map_leaves(moved, p, t) for p, t in zip(primals, along, strict=True)], along
