"""TraceStepper: go through a computation line by line, on dual numbers."""

from __future__ import annotations

from functools import partial

from traitlets import observe

from dualedu.explore.kit.controls import Choice, Count, Line, Number
from dualedu.explore.kit.explorable import Explorable, action
from dualedu.explore.kit.expressions import Expression, parse
from dualedu.explore.trace_stepper import drawing
from dualedu.explore.trace_stepper.model import MOST, Trace

EXPRESSIONS = {
    "exp(−x/2) · sin(3x)": "exp(-x/2) * sin(3*x)",
    "x · sin(x)": "x * sin(x)",
    "log(1 + x²)": "log(1 + x**2)",
    "x · y + sin(x)": "x*y + sin(x)",
    "(x + y) / (x · y)": "(x + y) / (x*y)",
    "sigmoid(2x − y + 0.5)": "sigmoid(2*x - y + 0.5)",
    "(1 − x)² + 2(y − x²)²": "(1 - x)**2 + 2*(y - x**2)**2",
    "your own, below": "own",
}

read = partial(parse, variables=("x", "y"))


class TraceStepper(Explorable):
    """The graph and the table of a computation, primals and tangents filling line by line.

    Nothing is symbolic, for only numbers appear; nothing is a finite difference, for no step is
    taken in x. A new expression keeps the step, or goes to its own end.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "One line, one rule: a trace, step by step"
    rows = (
        "function",
        "expression",
        "x",
        "y",
        "seed",
        "step",
        ("to_the_start", "back", "forward", "to_the_end"),
    )

    # In an order in which they can go back one after the other: an expression chooses "own", and
    # both limit the step.
    expression = Line("x**2 * y", read, label="your own", help="of x and y")
    function = Choice("exp(-x/2) * sin(3*x)", EXPRESSIONS, label="function", help="what is traced")
    x = Number(1.0, -10, 10, label="x", help="the input x")
    y = Number(0.5, -10, 10, label="y", help="the input y")
    seed = Choice("x", ("x", "y"), label="seed on", help="the input whose tangent is 1")
    step = Count(6, 0, MOST, label="step", help="how many operations are done")

    @observe("expression")
    def _choose_own(self, change: object) -> None:
        self.function = "own"

    @observe("function", "expression")
    def _stay_within(self, change: object) -> None:
        if self.step > self.last:
            self.step = min(self.last, MOST)

    def parsed(self) -> Expression:
        return read(self.expression if self.function == "own" else self.function)

    @property
    def last(self) -> int:
        """The number of operations, which is the last step."""
        return sum(step.compute is not None for step in self.parsed().steps)

    @action("To the start")
    def to_the_start(self) -> None:
        self.step = 0

    @action("Back")
    def back(self) -> None:
        if not self.step:
            self.refuse("This is the start: nothing is computed yet.")
        else:
            self.step -= 1

    @action("Forward")
    def forward(self) -> None:
        if self.step == self.last:
            self.refuse(f"Step {self.step} is the last: all lines are computed.")
        else:
            self.step += 1

    @action("To the end")
    def to_the_end(self) -> None:
        self.step = self.last

    def model(self) -> Trace:
        return Trace(self.parsed(), self.x, self.y, self.seed, self.step)

    def draw(self, model: Trace) -> str:
        return drawing.draw(model)

    def _follow(self) -> None:
        self.controls["step"][1].max = self.last  # the slider ends where the expression does
        super()._follow()
