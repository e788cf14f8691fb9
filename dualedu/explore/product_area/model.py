"""The rectangle of a product: what dual numbers keep of it, and what a small number leaves over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dualedu import Dual
from dualedu.explore.kit.numerals import number

MOST_EPS = 1.0


@dataclass(frozen=True)
class Rectangle:
    """The sides a + b·eps and c + d·eps, for a real number eps, beside (a + bε)(c + dε).

    Lengths: a and c are above 0, b and d are at least 0. Raises ValueError otherwise.
    """

    a: float
    b: float
    c: float
    d: float
    eps: float

    def __post_init__(self) -> None:
        if min(self.a, self.c, self.eps) <= 0 or min(self.b, self.d) < 0:
            raise ValueError("A side has a length: a, c and ε are above 0, b and d at least 0.")

    @cached_property
    def product(self) -> Dual:
        """(a + bε)(c + dε) = ac + (ad + bc)ε, since ε² = 0."""
        product: Dual = Dual(self.a, self.b) * Dual(self.c, self.d)
        return product

    @property
    def primal(self) -> float:
        return float(self.product.primal)

    @property
    def slope(self) -> float:
        """The tangent of the product, ad + bc."""
        return float(self.product.tangent)

    @property
    def whole(self) -> float:
        """The area of the rectangle whose sides have grown."""
        return (self.a + self.b * self.eps) * (self.c + self.d * self.eps)

    @property
    def strips(self) -> tuple[float, float]:
        """The area on top, a·dε, and the one at the side, bε·c."""
        return self.a * self.d * self.eps, self.b * self.eps * self.c

    @property
    def corner(self) -> float:
        return self.b * self.d * self.eps**2

    @property
    def share(self) -> float:
        """The corner as a part of the strips; 0 where there are none."""
        return self.corner / sum(self.strips) if self.corner else 0.0

    @property
    def excess(self) -> float:
        """bdε: by how much the growth divided by ε misses the tangent."""
        return self.b * self.d * self.eps

    def words(self) -> str:
        a, b, c, d = (number(v) for v in (self.a, self.b, self.c, self.d))
        exact = f"{number(self.primal)} + {number(self.slope)}ε"
        dual = f"({a} + {b}ε)({c} + {d}ε) = {exact}, for ε² = 0 is a rule, not rounding."
        eps = number(self.eps)
        if self.slope == 0:
            return f"{dual} With b = d = 0 no side grows, whatever ε is."
        if self.corner == 0:
            return (
                f"{dual} With {'b' if self.b == 0 else 'd'} = 0 there is no corner, whatever ε is."
            )
        return (
            f"{dual} With the real number {eps} for ε a corner is left: {number(self.corner)}, "
            f"which is {percent(self.share)} of the strips. A tenth of ε leaves "
            f"a tenth of that share, and only ε = 0 leaves none."
        )


def percent(share: float) -> str:
    return f"{number(100 * share)} %"
