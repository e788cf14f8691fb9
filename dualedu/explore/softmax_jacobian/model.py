"""The softmax of four logits, its Jacobian whole and diagonal, and both tangents along a direction.

The diagonal rule is the one of the notebook that would not learn; central differences judge it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dualedu import jacobian, jvp, nn
from dualedu.explore.kit.numerals import fixed, number
from dualedu.teaching import patient

AGREE = 1e-9
"""Of the largest rate at which a logit moves: central differences are better than this."""


@dataclass(frozen=True)
class Jacobians:
    """p = softmax(z / T) at the logits z, with temperature T, along the direction ż.

    full: which Jacobian is looked at, the whole one or its diagonal.

    Raises ValueError for a direction without a number of at least 0.1: three decimals would not
    show what it does.
    """

    logits: tuple[float, ...]
    temperature: float
    direction: tuple[float, ...]
    full: bool

    def __post_init__(self) -> None:
        if max(map(abs, self.direction)) < 0.1:
            raise ValueError("A direction needs a number of at least 0.1, to be seen to move.")

    def whole(self, z: Any) -> Any:
        return nn.softmax(z / self.temperature)

    def cut(self, z: Any) -> Any:
        """The same values; of the tangent only what the diagonal gives, p (1 − p) ż / T."""
        return np.exp(patient.diagonal_log_softmax(z / self.temperature))

    @property
    def rule(self) -> Callable[[Any], Any]:
        return self.whole if self.full else self.cut

    @cached_property
    def probabilities(self) -> Any:
        """p, shape (n,)."""
        return self.whole(np.array(self.logits))

    @cached_property
    def jacobian(self) -> Any:
        """∂p/∂z by the rule looked at, shape (n, n)."""
        return jacobian(self.rule)(np.array(self.logits))

    def tangent(self, rule: Callable[[Any], Any]) -> Any:
        return jvp(rule, (np.array(self.logits),), (np.array(self.direction),))[1]

    @cached_property
    def differences(self) -> Any:
        """(p(z + hż) − p(z − hż)) / 2h.

        The largest logit is taken off first, which the softmax does not notice: beside 1000 a step
        of 10⁻⁵ would lose half its digits.
        """
        z, v = np.array(self.logits), np.array(self.direction)
        z = z - z.max()
        h = 1e-5 * self.temperature / np.abs(v).max()
        return (self.whole(z + h * v) - self.whole(z - h * v)) / (2 * h)

    @cached_property
    def tangents(self) -> dict[str, Any]:
        """ṗ along the direction, shape (n,) each: as measured, and by both rules."""
        return {
            "differences": self.differences,
            "full": self.tangent(self.whole),
            "diagonal": self.tangent(self.cut),
        }

    def error(self, way: str) -> float:
        """The largest error of any tangent, against differences."""
        return float(np.abs(self.tangents[way] - self.differences).max())

    @property
    def blur(self) -> float:
        """Smaller differences than this are rounding."""
        return AGREE * max(map(abs, self.direction)) / self.temperature

    def words(self) -> str:
        shown = "the full Jacobian" if self.full else "the diagonal alone"
        sums = "every row sums to 0" if self.full else f"its rows sum to {listed(self.row_sums)}"
        begin = f"Shown is {shown}; {sums}. Along ż = {listed(self.direction, None)} "
        if self.error("diagonal") <= self.blur:
            return begin + (
                "no probability changes noticeably, and so even the diagonal agrees with "
                "differences. Test a rule where something moves."
            )
        cut = self.tangents["diagonal"]
        leak = (
            "happen to sum to 0 along this direction, and yet they are wrong"
            if abs(cut.sum()) <= self.blur
            else f"sum to {self.size(cut.sum())}, but those of probabilities must sum to 0"
        )
        return begin + (
            f"differences measure ṗ = {listed(self.differences)}, and so says the full rule. "
            f"The diagonal says {listed(cut)}, off by up to {self.size(self.error('diagonal'))}: "
            f"its tangents {leak}."
        )

    def size(self, value: float) -> str:
        """With three decimals if these show it; what differences cannot tell, as a bound."""
        if abs(value) <= self.blur:
            return "< 10⁻⁷"
        return fixed(value, 3) if abs(value) >= 5e-3 else number(value, 1)

    @property
    def row_sums(self) -> Any:
        """What the shown Jacobian makes of the direction (1, …, 1), shape (n,)."""
        return self.jacobian.sum(axis=1)


def listed(values: Any, decimals: int | None = 3) -> str:
    """(0.223, −0.163, −0.060)."""
    written = (number(v) if decimals is None else fixed(v, decimals) for v in map(float, values))
    return f"({', '.join(written)})"
