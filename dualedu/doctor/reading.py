"""A claim and the truth at one point, asked along the same directions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from dualedu.doctor.claims import MANY, Problem
from dualedu.doctor.oracles import Differences, by_duals, moved
from dualedu.doctor.structure import numbers, surroundings, with_surroundings
from dualedu.doctor.tracing import Change, Place, Trace, Traced, spread
from dualedu.doctor.upstream import Backward, Unasked, first_order

DIRECTIONS = 8
ENTRIES_BY_DUALS = 2048
ENTRIES_BY_DIFFERENCES = 400
EPS = float(np.finfo(np.float64).eps)
RELATIVE = {2: 5e-3, 4: 5e-5, 8: 1e-6, 16: 1e-6}
"""The error allowed, relative to the slope, of claims in numbers of so many bytes."""
FORMATS = {2: np.float16, 4: np.float32}
KEPT = 2**22
"""How many numbers of other runs may be kept."""
STEP = 2e-6
"""Of differences of an f with changed steps, relative to the array's size."""


class Reading:
    """The claim at a point, the true slopes there, and how far they agree.

    Parameters
    ----------
    problem : Problem
        The function, and the claim about its derivative.
    values : list of ndarray
        The point, an array for each leaf.
    u : float or ndarray
        The cotangent, of the shape of f's result; 1 for a loss.
    duals : bool
        Whether f was seen to run on dual numbers, and to agree there with differences.
    seed : int
        Of the directions.
    """

    def __init__(self, problem: Problem, values: list[Any], u: Any, duals: bool, seed: int):
        self.problem, self.values, self.u, self.duals = problem, values, u, duals
        self.phi = problem.phi(u)
        self.differences = Differences(self.phi, values)
        rng = np.random.default_rng(seed)
        self.directions = [
            rng.choice([-1.0, 1.0], (DIRECTIONS, *np.shape(v)))
            * rng.uniform(0.5, 1, (DIRECTIONS, *np.shape(v)))
            for v in values
        ]
        self.jvp_only = problem.kind == "jvp" and sum(v.size for v in values) > MANY
        self.as_given: list[Any] = (
            [None] * len(values) if self.jvp_only else problem.gradients(values, u)
        )
        self.claim: list[Any] = [self.shaped(i) for i in range(len(values))]
        self.truths: dict[int, tuple[Any, Any]] = {}
        self.fulls: dict[int, Any] = {}
        self.runs: dict[tuple[int, int, int], Any] = {}
        self.excused: set[int] = set()
        """Arrays whose error is smaller than rounding lets see."""

    # --- the claim -----------------------------------------------------------------------------

    def shaped(self, leaf: int) -> Any:
        """The claimed gradient of a leaf in the leaf's shape, where that can be made of it."""
        g, shape = self.as_given[leaf], np.shape(self.values[leaf])
        if self.jvp_only:
            return None  # too large to be asked for entry by entry
        if g is None:
            return np.zeros(shape)
        if g.shape == shape:
            return g
        if g.size == int(np.prod(shape)):
            if np.squeeze(g).shape == np.squeeze(self.values[leaf]).shape:
                return g.reshape(shape)
            if g.T.shape == shape:
                return g.T
            return g.reshape(shape)
        try:
            return np.broadcast_to(g, shape).copy()
        except ValueError:
            return None

    def claimed_along(self, leaf: int, directions: Any) -> Any:
        if self.jvp_only:
            return np.array(
                [np.sum(self.u * self.problem.pushed(self.values, leaf, v)) for v in directions]
            )
        if self.claim[leaf] is None:
            return np.full(len(directions), np.nan)
        return contract(directions, self.claim[leaf])

    # --- the truth -----------------------------------------------------------------------------

    def true_along(self, leaf: int, directions: Any) -> tuple[Any, Any]:
        """The slopes along K directions and their error bars."""
        if leaf in self.fulls:
            full, bar = self.fulls[leaf]
            return contract(directions, full), np.full(len(directions), bar)
        if self.duals:
            found = by_duals(self.phi, self.values, leaf, directions)
            return found, 64 * EPS * np.abs(found)
        return self.differences.along(leaf, directions)

    def truth(self, leaf: int) -> tuple[Any, Any]:
        """The slopes along the reading's own directions."""
        if leaf not in self.truths:
            self.truths[leaf] = self.true_along(leaf, self.directions[leaf])
        return self.truths[leaf]

    def slopes(self, leaf: int, directions: Any) -> Any:
        """As `true_along`, without asking twice for the reading's own directions."""
        if self.is_own(leaf, directions):
            return self.truth(leaf)[0][: len(directions)]
        return self.true_along(leaf, directions)[0]

    def is_own(self, leaf: int, directions: Any) -> bool:
        """Whether these are the first few of the reading's own directions."""
        own = self.directions[leaf]
        return directions is own or directions.base is own

    def full(self, leaf: int) -> Any:
        """The whole true gradient of a leaf, or None where it is too large to ask for."""
        if leaf not in self.fulls:
            size = np.size(self.values[leaf])
            if size > (ENTRIES_BY_DUALS if self.duals else ENTRIES_BY_DIFFERENCES):
                return None
            self.truth(leaf)
            found, bars = self.true_along(leaf, units(np.shape(self.values[leaf])))
            shape = np.shape(self.values[leaf])
            self.fulls[leaf] = (found.reshape(shape), float(np.max(bars, initial=0)))
        return self.fulls[leaf][0]

    def pushed(self, leaf: int, v: Any) -> Any:
        """The tangent of f along a direction of one leaf, by differences extrapolated once."""

        def slope(h: float) -> Any:
            h = h * spread(self.values[leaf])
            ahead = self.problem.value(moved(self.values, leaf, h * v))
            behind = self.problem.value(moved(self.values, leaf, -h * v))
            return (ahead - behind) / (2 * h)

        return (4 * slope(5e-4) - slope(1e-3)) / 3

    # --- how far they agree --------------------------------------------------------------------

    def error(self, leaf: int) -> Any:
        return self.claimed_along(leaf, self.directions[leaf]) - self.truth(leaf)[0]

    def scale(self, leaf: int) -> float:
        true, c = self.truth(leaf)[0], self.claimed_along(leaf, self.directions[leaf])
        return float(max(rms(true), rms(c[np.isfinite(c)])))

    @cached_property
    def jitter(self) -> list[float]:
        """How much the claim moves when the point moves by a rounding error: its own noise."""
        if not callable(self.problem.claimed) or self.jvp_only:
            return [0.0] * len(self.values)
        rng = np.random.default_rng(5)
        eps = EPS if self.problem.wide else 1.2e-7
        nudged = [v * (1 + 4 * eps * rng.choice([-1.0, 1.0], np.shape(v))) for v in self.values]
        try:
            other = self.problem.gradients(nudged, self.u)
        except Exception:
            return [0.0] * len(self.values)
        return [
            0.0
            if a is None or b is None or a.shape != b.shape
            else rms(contract(self.directions[i], np.broadcast_to(a - b, np.shape(v))))
            if np.shape(a) == np.shape(v)
            else 0.0
            for i, (a, b, v) in enumerate(zip(self.as_given, other, self.values, strict=True))
        ]

    def noisy(self, leaf: int) -> bool:
        """Whether only the claim's own noise explains its error."""
        return self.claim[leaf] is not None and rms(self.error(leaf)) > self.tolerance(leaf, False)

    def tolerance(self, leaf: int, with_noise: bool = True) -> float:
        """The largest error that rounding and the oracle's own bar explain, as a slope; and the
        claim's own noise."""
        relative = RELATIVE[self.problem.claim_digits] if self.problem.wide else 5e-5
        bar = float(np.max(self.truth(leaf)[1]))
        floor = 1e-13 * max(self.scale(i) for i in range(len(self.values)))
        return max(
            relative * self.scale(leaf),
            10 * bar,
            20 * min(self.jitter[leaf], self.largest) if with_noise else 0.0,
            4 * self.taken_back(leaf),
            floor,
        )

    def taken_back(self, leaf: int) -> float:
        """What rounding the new parameters of an update makes of a slope: a step as short as the
        gap between two float32 is rounded to whole gaps."""
        if self.problem.kind != "update" or self.problem.claim_digits not in FORMATS:
            return 0.0
        value = np.abs(self.values[leaf]).astype(FORMATS[self.problem.claim_digits])
        gaps = np.spacing(value).astype(np.float64)
        rate = abs(self.problem.learning_rate or 1.0)
        return float(rms(gaps) * np.sqrt(np.size(gaps)) / rate / 4)

    @property
    def largest(self) -> float:
        return 1e-3 * max(self.scale(i) for i in range(len(self.values)))

    def uncertain(self, leaf: int) -> bool:
        """Whether the oracle's own error bar is too wide to say anything."""
        true, bars = self.truth(leaf)
        return not np.all(np.isfinite(true)) or bool(
            np.max(bars) > 0.03 * max(self.scale(leaf), 1e-300) and np.max(bars) > 1e-9
        )

    def ill(self, leaf: int) -> bool:
        if self.claim[leaf] is None and not self.jvp_only:
            return True
        e = self.error(leaf)
        if not np.all(np.isfinite(e)):
            return True
        if rms(e) <= self.tolerance(leaf):
            return False
        if rms(e) > self.unseen(leaf):
            return True
        self.excused.add(leaf)
        return False

    def unseen(self, leaf: int) -> float:
        """A slope that rounding hides: over a step as large as the array it changes f by less than
        the last digits of f there, as where all units are saturated."""
        measured, bar = self.differences.one(leaf, self.directions[leaf][0])
        if abs(measured) > 10 * bar:
            return 0.0  # differences do see it
        size = spread(self.values[leaf])
        steps = [0.0, *(s * size * v for v in self.directions[leaf][:4] for s in (1, -1))]
        values = np.abs([float(self.phi(moved(self.values, leaf, step))) for step in steps])
        return float(32 * EPS * np.max(values[np.isfinite(values)], initial=0.0) / size)

    # --- f with a step changed ------------------------------------------------------------------

    @cached_property
    def trace(self) -> Trace | None:
        """The steps of f here, or None where its calls cannot be followed."""
        try:
            home = inspect.getsourcefile(inspect.unwrap(self.problem.f)) or "?"
        except TypeError:
            home = "?"
        try:
            names = getattr(inspect.unwrap(self.problem.f), "__globals__", None)
            trace = Trace(self.phi, self.values, home, names)
        except Exception:
            return None
        if not trace.orphans or not (around := floats_around(self.problem.f)):
            return trace
        # What came of nowhere is X.dot(w) of a plain X: with X traced it is a step as well.
        try:
            f = with_surroundings(self.problem.f, around)
            return Trace(self.problem.phi(self.u, f), self.values, home)
        except Exception:
            return trace

    @cached_property
    def upstream(self) -> dict[int, Any] | None:
        """What comes back to each step, or None where that takes too long to ask."""
        assert self.trace is not None
        try:
            return Backward(self.trace).at
        except Unasked:
            return None

    def changed_along(self, leaf: int, directions: Any, changes: dict[int, Change]) -> Any:
        """The slopes of f with steps changed, by central differences."""
        trace = self.trace
        assert trace is not None
        changes = trace.over_shifts(changes)
        h = STEP * spread(self.values[leaf])
        own = self.is_own(leaf, directions) and (self.quick or self.keeps_runs)

        def value(k: int, v: Any, sign: int) -> float:
            start = self.run_along(leaf, k, sign) if own else None
            if start is None:
                return trace.changed(moved(self.values, leaf, sign * h * v), changes)
            if self.quick and self.upstream is not None:
                roughly = first_order(trace, self.upstream, start, changes)
                if roughly is not None:
                    return roughly
            return trace.replayed(start, changes)

        if self.quick:
            return np.array([(value(k, v, 1) - trace.value) / h for k, v in enumerate(directions)])
        pairs = ((value(k, v, 1), value(k, v, -1)) for k, v in enumerate(directions))
        return np.array([(ahead - behind) / (2 * h) for ahead, behind in pairs])

    @cached_property
    def keeps_runs(self) -> bool:
        """Whether what the steps give along each direction, to both sides, fits into memory."""
        assert self.trace is not None
        every = sum(np.size(step.value) for step in self.trace.steps)
        return every * 2 * DIRECTIONS * len(self.values) <= KEPT

    def answered_along(
        self, leaf: int, directions: Any, answers: dict[Place, Callable[[bool], bool]]
    ) -> Any:
        """The slopes of f with other answers to its comparisons, by central differences."""
        trace = self.trace
        assert trace is not None
        h = STEP * spread(self.values[leaf])
        found = []
        for v in directions:
            ahead, behind = (
                trace.answered(moved(self.values, leaf, s * h * v), answers) for s in (1, -1)
            )
            found.append((ahead - behind) / (2 * h))
        return np.array(found)

    def run_along(self, leaf: int, k: int, sign: int) -> Any:
        """The steps of f a little along one of the reading's own directions, or against it."""
        if (leaf, k, sign) not in self.runs:
            assert self.trace is not None
            h = sign * STEP * spread(self.values[leaf])
            there = moved(self.values, leaf, h * self.directions[leaf][k])
            self.runs[leaf, k, sign] = self.trace.run_at(there)
        return self.runs[leaf, k, sign]

    blur = 1e-5
    """How far, relative to it, a measured factor may lie from one with a name."""

    quick = False
    """Whether slopes of changed steps are wanted roughly, from one difference."""

    @cached_property
    def trace_noise(self) -> float:
        """How exact slopes by tracing are: rounding of f over the step, as a slope."""
        size = min(spread(v) for v in self.values)
        value = abs(self.trace.value) if self.trace else 0.0
        return 16 * EPS * value / (STEP * size)


def floats_around(f: Any) -> dict[str, Any]:
    """The arrays of floats that f reads from around it, ready to be traced."""
    return {
        name: value.view(Traced)
        for name, value in surroundings(f).items()
        if type(value) is np.ndarray and value.dtype.kind == "f" and value.ndim
    }


def contract(directions: Any, array: Any) -> Any:
    return np.reshape(directions, (len(directions), -1)) @ np.ravel(array)


def units(shape: Sequence[int]) -> Any:
    n = int(np.prod(shape))
    return np.eye(n).reshape(n, *shape)


def rms(x: Any) -> float:
    x = np.asarray(x, np.float64)
    return float(np.sqrt(np.mean(x * x))) if x.size else 0.0


def another_point(problem: Problem, values: list[Any], seed: int, amount: float = 0.2) -> list[Any]:
    """A point nearby, every entry moved by a part of the array's size."""
    rng = np.random.default_rng(seed)
    noise = [rng.standard_normal(np.shape(v)) for v in values]
    for _ in range(8):
        new = [v + amount * spread(v) * n for v, n in zip(values, noise, strict=True)]
        if not problem.wide:
            new = [
                x.astype(numbers(leaf.given).dtype).astype(np.float64)
                for x, leaf in zip(new, problem.leaves, strict=True)
            ]
        try:
            if np.all(np.isfinite(problem.value(new))):
                return new
        except (ArithmeticError, ValueError):
            pass
        amount /= 4
    return values
