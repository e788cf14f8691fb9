"""A function at x, three ways: its dual number, the secant over h, and the error between them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from dualedu import Dual
from dualedu.explore.expressions import Expression
from dualedu.explore.svg import dual, fixed, number

WINDOW = (-4.0, 4.0)


@dataclass(frozen=True)
class Slopes:
    """The slope of `expression`, a function of x, at x, and that of the secant from x to x + h.

    Raises ValueError where the function has no finite value or slope at x or at x + h.
    """

    expression: Expression
    x: float
    h: float

    def __post_init__(self) -> None:
        text = self.expression.text
        for place, value in ((self.x, self.value), (self.x + self.h, self.value_ahead)):
            if not isfinite(value):
                at = number(place, 6)
                raise ValueError(f"{text} has no finite value at x = {at}: choose another x or h.")
        if not isfinite(self.slope):
            raise ValueError(f"{text} has no finite slope at x = {number(self.x, 6)}.")

    def at(self, x: float) -> float:
        return float(self.expression(x=np.float64(x)))

    @property
    def value(self) -> float:
        return self.at(self.x)

    @property
    def value_ahead(self) -> float:
        return self.at(self.x + self.h)

    @property
    def slope(self) -> float:
        """The tangent of f(x + 1ε)."""
        image = self.expression(x=Dual(self.x, 1.0))
        return float(image.tangent) if isinstance(image, Dual) else 0.0  # f may be a constant

    @property
    def secant(self) -> float:
        """(f(x + h) − f(x)) / h, in floating-point numbers."""
        return (self.value_ahead - self.value) / self.h

    @property
    def error(self) -> float:
        return abs(self.secant - self.slope)

    def curve(self, points: int = 161) -> list[tuple[float, float]]:
        """Points of the graph over the window; y is NaN where the function has no value."""
        xs = np.linspace(*WINDOW, points)
        ys = np.broadcast_to(self.expression(x=xs), xs.shape)
        return list(zip(xs.tolist(), ys.tolist(), strict=True))

    def words(self) -> str:
        return (
            f"f({fixed(self.x)} + 1ε) = {dual(self.value, self.slope, 4)}: the slope is "
            f"{fixed(self.slope, 4)}, with no step at all. The secant over h = {number(self.h)} "
            f"has the slope {fixed(self.secant, 4)}; it is off by {number(self.error, 2)}."
        )
