"""What comes back to each step of a trace: the gradient of f by the step's value, last step first.

With it, what one changed step does to f is a product and no second run. It is measured and not
derived, for a step is known by what it does: how a step answers to each entry of an operand is
asked of the step itself, all entries at once where that can be.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import numpy as np

from dualedu.doctor.tracing import TAPE, Step, Tape, Trace, apart, has_slope

PROBES = 4000
"""How many entries may be asked about one by one."""
NUDGE = 1e-6
SCALING = {"log", "log2", "log10", "sqrt", "cbrt", "power", "divide", "reciprocal"}
"""What bends as sharply as its argument is small."""


class Unasked(Exception):
    """There are too many entries that would have to be asked about one by one."""


class Backward:
    """One way back through a trace.

    Parameters
    ----------
    trace : Trace
        The steps.
    slopes : mapping, optional
        For the number of a step, the one it is a function of entry by entry, and from what comes
        back to it to the slope that is taken.
    """

    def __init__(
        self, trace: Trace, slopes: Mapping[int, tuple[int, Callable[[Any], Any]]] | None = None
    ):
        self.trace, self.left = trace, PROBES
        self.taken: dict[int, Any] = {}
        """The slopes that were taken, by step."""
        self.at: dict[int, Any] = {trace.steps[-1].number: np.ones(np.shape(trace.steps[-1].value))}
        """What comes back, by step."""
        for step in reversed(trace.steps):
            if step.number not in self.at:
                continue
            g = self.at[step.number]
            if slopes and step.number in slopes:
                source, slope = slopes[step.number]
                self.taken[step.number] = slope(g)
                self.add(source, g * self.taken[step.number])
                continue
            for k, (p, varies) in enumerate(zip(step.parents, step.operand_varies, strict=True)):
                if p is not None and varies:
                    self.add(p, self.back(step, k, g))

    def add(self, number: int, share: Any) -> None:
        self.at[number] = self.at[number] + share if number in self.at else share

    def back(self, step: Step, k: int, g: Any) -> Any:
        """What comes back to an operand of a step, from what comes back to its value."""
        x = np.asarray(step.operands[k], np.float64)
        stands = self.trace.standing.get(step.number)
        if stands is None:
            for way in (entrywise, placed, added, multiplied):
                with np.errstate(all="ignore"):
                    found = way(step, k, x, g)
                if found is not None:
                    return found
        self.left -= x.size
        if self.left < 0:
            raise Unasked
        share, flat = np.zeros(x.size), x.ravel()
        for j in range(x.size):
            moved = flat.copy()
            h = NUDGE * (1 + abs(flat[j]))
            moved[j] += h
            operands = [*step.operands]
            operands[k] = moved.reshape(x.shape)
            value = step.run(*operands)
            if stands is not None:
                value = stands(step, operands, value)
            share[j] = np.sum(g * apart(value, step.value)) / h if np.isfinite(x.flat[j]) else 0.0
        return share.reshape(x.shape)


def entrywise(step: Step, k: int, x: Any, g: Any) -> Any:
    """Back through a ufunc such as exp or multiply."""
    ufunc = getattr(np, step.name, None)
    if not isinstance(ufunc, np.ufunc) or ufunc.signature or ufunc.nin != len(step.operands):
        return None
    h = NUDGE * (np.where(x == 0, 1, np.abs(x)) if step.name in SCALING else 1 + np.abs(x))
    ahead, behind = ([*step.operands], [*step.operands])
    ahead[k], behind[k] = x + h, x - h
    slope = (np.asarray(step.run(*ahead)) - np.asarray(step.run(*behind))) / (2 * h)
    if not np.all(np.isfinite(slope)):  # as a root's at 0, from one side
        slope = (np.asarray(step.run(*ahead)) - step.value) / h
    return gathered(g * slope, x.shape)


def gathered(share: Any, shape: tuple[int, ...]) -> Any:
    """The sum over what was spread."""
    share = np.sum(share, axis=tuple(range(np.ndim(share) - len(shape))))
    wide = tuple(i for i, n in enumerate(shape) if n == 1 != np.shape(share)[i])
    return np.sum(share, axis=wide, keepdims=True) if wide else share


def placed(step: Step, k: int, x: Any, g: Any) -> Any:
    """Back through a step that puts entries at places: an index, a transpose, a concatenation."""
    rng = np.random.default_rng(6)
    numbers, others = np.arange(1.0, x.size + 1).reshape(x.shape), rng.standard_normal(x.shape)
    found = []
    for stand in (numbers, others):
        operands = [np.zeros_like(y) if has_slope(y) else y for y in step.operands]
        operands[k] = stand
        try:
            found.append(np.asarray(step.run(*operands)))
        except Exception:
            return None
    places = found[0]
    if np.any(places != np.round(places)) or not 0 < np.max(places, initial=0) <= x.size:
        return None  # with zeros beside it, a product gives nothing
    if np.min(places) < 0:
        return None
    places = places.astype(int)
    if not np.array_equal(found[1], np.append(0.0, others.ravel())[places]):
        return None
    weights = np.broadcast_to(g, places.shape).ravel()
    return np.bincount(places.ravel(), weights, x.size + 1)[1:].reshape(x.shape)


def added(step: Step, k: int, x: Any, g: Any) -> Any:
    """Back through a sum or a mean over axes."""
    if step.name not in ("sum", "add.reduce", "mean") or len(step.operands) != 1:
        return None
    x = np.random.default_rng(6).standard_normal(x.shape)
    value = np.asarray(step.run(x))
    reduce = np.mean if step.name == "mean" else np.sum
    for count in range(x.ndim + 1):
        for axes in itertools.combinations(range(x.ndim), count):
            whole = np.ravel(reduce(x, axis=axes))
            if whole.size == value.size and np.allclose(whole, np.ravel(value), rtol=1e-12):
                kept = np.reshape(g, np.shape(reduce(x, axis=axes, keepdims=True)))
                over = x.size // max(value.size, 1) if step.name == "mean" else 1
                return np.broadcast_to(kept / over, x.shape)
    return None


def multiplied(step: Step, k: int, x: Any, g: Any) -> Any:
    """Back through a product of vectors and matrices."""
    a, b = (np.asarray(y) for y in step.operands[:2]) if len(step.operands) == 2 else (x, x)
    matrices = step.name == "matmul" or (step.name == "dot" and max(a.ndim, b.ndim) < 3)
    if not matrices or len(step.operands) != 2 or 0 in (a.ndim, b.ndim):
        return None
    whole = np.asarray(g)
    a2, b2 = a[None, :] if a.ndim == 1 else a, b[:, None] if b.ndim == 1 else b
    if a.ndim == 1:
        whole = np.expand_dims(whole, -1 if b.ndim == 1 else -2)
    if b.ndim == 1:
        whole = np.expand_dims(whole, -1)
    share = whole @ np.swapaxes(b2, -1, -2) if k == 0 else np.swapaxes(a2, -1, -2) @ whole
    return gathered(share, np.shape((a2, b2)[k])).reshape(x.shape)


def first_order(
    trace: Trace, upstream: Mapping[int, Any], start: MutableMapping[int, Any], changes: Any
) -> float | None:
    """f with steps changed, where `start` has what each step gives without, as far as it is linear;
    None where one changed step is made of another."""
    among = sum(1 << n for n in changes)
    if any(above(trace)[n] & among for n in changes):
        return None
    value = float(start[trace.steps[-1].number])
    tape = Tape(trace.home, {}, trace.steps)
    tape.now = start
    TAPE.append(tape)
    try:
        for n, change in changes.items():
            step = trace.steps[n]
            if n not in upstream:
                continue
            operands = step.operands_in(start)
            plain_value = step.run(*operands) if n in trace.standing else start[n]
            moved = apart(change(step, operands, plain_value), start[n])
            value += float(np.sum(upstream[n] * moved))
        return value
    finally:
        TAPE.pop()


def above(trace: Trace) -> list[int]:
    """For each step those that it is made of, as the bits of a number."""
    if trace.above is None:
        found: list[int] = []
        for step in trace.steps:
            mine = 0
            for p, varies in zip(step.parents, step.operand_varies, strict=True):
                if p is not None and varies:
                    mine |= found[p] | 1 << p
            found.append(mine)
        trace.above = found
    return trace.above
