"""TangentArrow: move the point and the step, and compare two slopes."""

from __future__ import annotations

from traitlets import observe

from dualedu.explore.kit.controls import Choice, Line, Number
from dualedu.explore.kit.explorable import Explorable
from dualedu.explore.kit.expressions import parse
from dualedu.explore.kit.svg import Plane
from dualedu.explore.tangent_arrow import drawing
from dualedu.explore.tangent_arrow.model import WINDOW, Slopes

FUNCTIONS = {
    "x sin x": "x * sin(x)",
    "x²": "x**2",
    "eˣ": "exp(x)",
    "√(x + 5)": "sqrt(x + 5)",
    "|x|": "abs(x)",
    "sigmoid": "sigmoid(x)",
    "your own, below": "own",
}


class TangentArrow(Explorable):
    """A curve, the dual number's arrow (1, f′) and a secant over the step h.

    The arrow is one unit long whatever h is: ε is not a small number.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "A tangent is an arrow, not a small step"

    x = Number(1.0, -3.9, 3.9, label="x", help="where the slope is asked for")
    h = Number(1.0, 1e-17, 3.0, label="step h", step=0.1, log=True, help="the secant's step")
    function = Choice("x * sin(x)", FUNCTIONS, label="function", help="which function")
    expression = Line("sin(x) * exp(-x/2)", parse, label="your own", help="a function of x")

    @observe("expression")
    def _choose_own(self, change: object) -> None:
        self.function = "own"

    def model(self) -> Slopes:
        text = self.expression if self.function == "own" else self.function
        return Slopes(parse(text), self.x, self.h)

    def draw(self, model: Slopes) -> str:
        return drawing.draw(model)

    def drag(self, grip: str, x: float, y: float, phase: str) -> None:
        across, _ = Plane(WINDOW, (0, 1)).inverse(x, y)
        self.x = round(max(-3.9, min(3.9, across)), 2)
