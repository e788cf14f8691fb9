"""A function of two numbers at a point: its tangent along one seed, and its gradient from two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import acos, degrees, hypot
from typing import Any

import numpy as np

from dualedu import jvp
from dualedu.explore.kit.numerals import fixed


@dataclass(frozen=True)
class Surface:
    """A smooth function of x and y, its name, and the levels of its contours."""

    name: str
    f: Callable[[Any, Any], Any]
    levels: tuple[float, ...]


SURFACES = {
    "bowl": Surface(
        "bowl x² + 2y²",
        lambda x, y: x**2 + 2 * y**2,
        (0.25, 1, 2.25, 4, 6.25, 9, 12.25, 16, 20.25, 25),
    ),
    "saddle": Surface(
        "saddle x² − y²", lambda x, y: x**2 - y**2, (-7, -5, -3.5, -2, -1, 0, 1, 2, 3.5, 5, 7, 9)
    ),
    "valley": Surface(
        "valley (1 − x)² + 2(y − x²/2)²",
        lambda x, y: (1 - x) ** 2 + 2 * (y - x**2 / 2) ** 2,
        (0.1, 0.4, 1, 2, 4, 8, 15, 28, 50, 80),
    ),
    "waves": Surface(
        "waves sin(1.5x) · cos(1.5y)",
        lambda x, y: np.sin(1.5 * x) * np.cos(1.5 * y),
        (-0.9, -0.65, -0.4, -0.15, 0.15, 0.4, 0.65, 0.9),
    ),
}

SMALL = 0.005
"""What is smaller is printed as 0.00."""


@dataclass(frozen=True)
class Seeded:
    """The surface called `surface` at (x, y), run once with the seed `v`."""

    surface: str
    x: float
    y: float
    v: tuple[float, float]

    @property
    def value(self) -> float:
        return float(SURFACES[self.surface].f(np.float64(self.x), np.float64(self.y)))

    @cached_property
    def tangent(self) -> float:
        """∇f · v, from one run."""
        return self.run(self.v)

    @cached_property
    def gradient(self) -> tuple[float, float]:
        """The tangents of both unit seeds, from two runs."""
        return self.run((1.0, 0.0)), self.run((0.0, 1.0))

    def run(self, seed: tuple[float, float]) -> float:
        return float(jvp(SURFACES[self.surface].f, (self.x, self.y), seed)[1])

    @property
    def foot(self) -> tuple[float, float]:
        """The gradient's projection onto the line along v: (∇f · v / v · v) v."""
        share = self.tangent / (self.v[0] ** 2 + self.v[1] ** 2)
        return share * self.v[0], share * self.v[1]

    @property
    def cosine(self) -> float:
        """Of the angle between gradient and seed; 0 where the gradient is 0."""
        size = hypot(*self.gradient) * hypot(*self.v)
        return self.tangent / size if size else 0.0

    def words(self) -> str:
        a, b = (fixed(g) for g in self.gradient)
        v = f"({fixed(self.v[0])}, {fixed(self.v[1])})"
        if hypot(*self.gradient) < SMALL:
            return (
                f"The seed {v} gives one number, 0.00, and so does every other seed: "
                "the gradient is 0 here, to two decimals."
            )
        said = f"The seed {v} gives one number, ∇f · v = {fixed(self.tangent)}"
        return f"{said}{self._means(a, b)} {self._rest(a, b)}"

    def _means(self, a: str, b: str) -> str:
        """What the number is."""
        if self.v == (1, 1):
            zero = " Not flat, and still 0." if abs(self.tangent) < SMALL else ""
            return f": the sum of the gradient’s entries {a} and {b}, not the gradient.{zero}"
        if self.v in ((1, 0), (0, 1)):
            along, other = ("x", "y") if self.v[0] else ("y", "x")
            return f": the gradient’s entry for {along}. It says nothing about {other}."
        if abs(self.tangent) < SMALL:
            return ": v runs along the contour, and f is not flat for all that."
        if self.cosine > 0.9999:
            return ": no seed of this length gives more, for v points along the gradient."
        if self.cosine < -0.9999:
            return ": no seed of this length gives less, for v points against the gradient."
        way = "rises" if self.tangent > 0 else "falls"
        angle = degrees(acos(self.cosine))
        return f": f {way} along v, which stands at {angle:.0f}° to the gradient."

    def _rest(self, a: str, b: str) -> str:
        return (
            "Every gradient that ends on the dashed line gives the same number. "
            f"It takes two unit seeds to tell which: the gradient is ({a}, {b})."
        )
