"""A function at x, three ways: its dual number, the secant over h, and the error between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, isfinite, log10

import numpy as np

from dualedu import Dual
from dualedu.explore.kit.expressions import Expression
from dualedu.explore.kit.numerals import dual, fixed, number

WINDOW = (-4.0, 4.0)
EPS = float(np.finfo(np.float64).eps)


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

    @cached_property
    def value(self) -> float:
        return self.at(self.x)

    @cached_property
    def value_ahead(self) -> float:
        return self.at(self.x + self.h)

    @cached_property
    def slope(self) -> float:
        """The tangent of f(x + 1ε)."""
        return self.slope_at(self.x)

    def slope_at(self, x: float) -> float:
        image = self.expression(x=Dual(x, 1.0))
        return float(image.tangent) if isinstance(image, Dual) else 0.0  # f may be a constant

    @cached_property
    def kink(self) -> tuple[float, float] | None:
        """The slopes just left and right of x where they differ, as those of |x| at 0."""
        near = 1e-9 * (1 + abs(self.x))
        left, right = self.slope_at(self.x - near), self.slope_at(self.x + near)
        broken = abs(right - left) > 1e-3 * (1 + abs(self.slope))
        return (left, right) if broken and isfinite(left - right) else None

    @cached_property
    def secant(self) -> float:
        """(f(x + h) − f(x)) / h, in floating-point numbers."""
        return (self.value_ahead - self.value) / self.h

    @property
    def error(self) -> float:
        return abs(self.secant - self.slope)

    @property
    def rounding(self) -> float:
        """What rounding alone can make of the secant: eps (|f(x)| + |f(x + h)| + |x f′(x)|) / h.

        Both values are rounded when they are computed, and x + h before them.
        """
        sizes = abs(self.value) + abs(self.value_ahead) + abs(self.x * self.slope)
        return EPS * sizes / self.h

    @property
    def lost(self) -> bool:
        """Whether x + h is the same float as x, and the secant says nothing of f."""
        return self.x + self.h == self.x

    @property
    def rounded(self) -> bool:
        """Whether the error is no more than what rounding explains."""
        return self.error <= self.rounding and not self.lost

    def off(self) -> str:
        """The error in a few signs; where rounding makes it, its bound as a power of ten."""
        if not self.rounded:
            return number(self.error, 2)
        return f"≤ {number(10.0 ** ceil(log10(self.rounding)), 1)}" if self.error else "0"

    def curve(self, points: int = 161) -> list[tuple[float, float]]:
        """Points of the graph over the window; y is NaN where the function has no value."""
        xs = np.linspace(*WINDOW, points)
        ys = np.broadcast_to(self.expression(x=xs), xs.shape)
        return list(zip(xs.tolist(), ys.tolist(), strict=True))

    def words(self) -> str:
        exact = f"f({number(self.x, 6)} + 1ε) = {dual(self.value, self.slope, 4)}: "
        if self.kink:
            left, right = (fixed(v) for v in self.kink)
            exact += (
                f"here is a kink, with slope {left} on its left and {right} on its right, and "
                f"{fixed(self.slope, 4)} is a convention."
            )
        else:
            exact += f"the slope is {fixed(self.slope, 4)}, with no step at all."
        secant = f"The secant over h = {number(self.h)} has the slope {fixed(self.secant, 4)}; "
        if self.kink:
            return f"{exact} {secant}it sees one side alone."
        if self.lost and self.error:
            lost = f"{number(self.x, 6)} + h is the same float as {number(self.x, 6)}"
            return f"{exact} {secant}the step is lost, for {lost}."
        if self.error == 0:
            return f"{exact} {secant}they agree to the last digit, as they can on a straight piece."
        if self.rounded:
            most = self.off().removeprefix("≤ ")
            return f"{exact} {secant}the rest is rounding, at most {most}, and more as h shrinks."
        return f"{exact} {secant}it is off by {self.off()}."
