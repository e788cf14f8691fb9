"""What the derivative is: from dual numbers where f runs on them, and from differences always.

Central differences are taken at a ladder of steps, each extrapolated once (Richardson): the error
of the extrapolation is of order h⁴ going down, that of rounding of order ε/h coming up. Where two
neighbours on the ladder agree best is the answer, and how far they agree its error bar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from dualedu.core.transforms import jvp
from dualedu.doctor.tracing import spread

Phi = Callable[[list[Any]], Any]
"""A function of a list of arrays, with one number as result."""

LADDER = 1e-2 * 4.0 ** -np.arange(12)
"""Steps, relative to the size of the array that is moved."""

CHUNK = 2**24
"""How many seed entries one pass with dual numbers may hold."""


def moved(values: Sequence[Any], leaf: int, step: Any) -> list[Any]:
    new = list(values)
    new[leaf] = values[leaf] + step
    return new


class Differences:
    """Slopes of a function by differences, each with an error bar."""

    def __init__(self, phi: Phi, values: Sequence[Any]):
        self.phi, self.values = phi, list(values)
        self.rung: dict[int, int] = {}
        self.rounding: dict[int, float] = {}
        """The rounding error of f's value in a slope over a step of 1."""

    def slope(self, leaf: int, v: Any, h: float) -> float:
        """The central difference over ±h, h in units of the array's size."""
        step = h * spread(self.values[leaf])
        ahead = self.phi(moved(self.values, leaf, step * v))
        behind = self.phi(moved(self.values, leaf, -step * v))
        return float((ahead - behind) / (2 * step))

    def along(self, leaf: int, directions: Any) -> tuple[Any, Any]:
        """The slopes along K directions, shape (K, *shape), and their error bars, shapes (K,)."""
        found = [self.one(leaf, v) for v in directions]
        return np.array([f[0] for f in found]), np.array([f[1] for f in found])

    def one(self, leaf: int, v: Any) -> tuple[float, float]:
        if leaf not in self.rung:
            slopes = [self.slope(leaf, v, h) for h in LADDER]
            better = [(16 * b - a) / 15 for a, b in pairwise(slopes)]
            self.rounding[leaf] = self.of_value(leaf, v)
            gaps = np.abs(np.diff(better)) + self.rounding[leaf] / LADDER[2:]
            gaps = np.where(np.isfinite(gaps), gaps, np.inf)
            # The best of three neighbours in a row, so that chance agreement of two does not win.
            calm = np.maximum(gaps[:-1], gaps[1:])
            k = int(np.argmin(calm))
            self.rung[leaf] = k
            return better[k + 1], float(calm[k])
        k = self.rung[leaf]
        slopes = [self.slope(leaf, v, h) for h in LADDER[k : k + 3]]
        coarse, fine = ((16 * b - a) / 15 for a, b in pairwise(slopes))
        return fine, abs(fine - coarse) + self.rounding[leaf] / LADDER[k + 2]

    def of_value(self, leaf: int, v: Any) -> float:
        """How far rounding of f's value alone can turn a slope: where f is large, or rounds to
        float32 within, two tiny steps give the same, a slope of nothing, and agree."""
        size = spread(self.values[leaf])
        near = np.array(
            [float(self.phi(moved(self.values, leaf, h * size * v))) for h in LADDER[:4]]
        )
        with np.errstate(over="ignore"):  # what float32 cannot hold is not equal, and so not narrow
            narrow = len(set(near)) > 1 and np.array_equal(near.astype(np.float32), near)
        # At the place itself, for the widest of the steps may lead out of where f is defined.
        here = abs(float(self.phi(self.values)))
        return float(np.finfo(np.float32 if narrow else np.float64).eps * here / size)

    def one_sided(self, leaf: int, v: Any, h: float = 1e-6) -> tuple[float, float, float]:
        """Slopes to the right and to the left, extrapolated once, and an error bar."""
        size = spread(self.values[leaf])
        middle = self.phi(self.values)

        def side(h: float) -> float:
            return float((self.phi(moved(self.values, leaf, h * size * v)) - middle) / (h * size))

        right = 2 * side(h / 2) - side(h)
        left = 2 * side(-h / 2) - side(-h)
        bar = 8 * np.finfo(np.float64).eps * max(abs(float(middle)), 1e-300) / (h * size)
        return right, left, bar + 1e-4 * max(abs(right), abs(left))


def by_duals(phi: Phi, values: Sequence[Any], leaf: int, directions: Any) -> Any:
    """The slopes of phi along K directions of one argument, by dual numbers, shape (K,)."""
    value = np.asarray(values[leaf], np.float64)
    chunk = int(max(1, min(16, CHUNK // max(value.size, 1))))
    found = []
    for start in range(0, len(directions), chunk):
        seeds = np.asarray(directions[start : start + chunk], np.float64)

        def of_leaf(x: Any) -> Any:
            new = list(values)
            new[leaf] = x
            return phi(new)

        found.append(jvp(of_leaf, (value[()],), (seeds,))[1])
    return np.concatenate(found)
