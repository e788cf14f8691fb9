"""ProductArea: four lengths and a number for ε, and what is left of ε²."""

from __future__ import annotations

from dualedu.explore.kit.controls import Number
from dualedu.explore.kit.explorable import Explorable
from dualedu.explore.product_area import drawing
from dualedu.explore.product_area.model import MOST_EPS, Rectangle

LEAST_EPS = 0.001


class ProductArea(Explorable):
    """The product (a + bε)(c + dε) as a rectangle, with a number in the place of ε.

    The strips are the tangent times ε. The corner is what ε² = 0 takes away, by rule: as long as ε
    is a number, however small, a part of it is left.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "ε² is zero by rule, not by rounding"

    a = Number(2.0, 0.5, 3, label="a", help="a length")
    b = Number(1.0, 0, 2, label="b", help="its growth for each unit of ε")
    c = Number(1.5, 0.5, 3, label="c", help="the other length")
    d = Number(1.0, 0, 2, label="d", help="its growth for each unit of ε")
    eps = Number(
        0.5,
        LEAST_EPS,
        MOST_EPS,
        label="real ε",
        step=0.1,
        log=True,
        help="not the ε of a dual number",
    )

    def model(self) -> Rectangle:
        return Rectangle(self.a, self.b, self.c, self.d, self.eps)

    def draw(self, model: Rectangle) -> str:
        return drawing.draw(model)

    def drag(self, grip: str, x: float, y: float, phase: str) -> None:
        eps = drawing.Frame(self.model()).eps(x, y)
        self.eps = float(f"{max(LEAST_EPS, min(MOST_EPS, eps)):.3g}")
