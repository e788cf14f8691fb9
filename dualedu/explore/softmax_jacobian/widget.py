"""SoftmaxJacobian: set logits and a direction, and hold the diagonal against the whole Jacobian."""

from __future__ import annotations

from math import isfinite

from traitlets import observe

from dualedu.explore.kit.controls import Choice, Line, Number, Numbers, Switch
from dualedu.explore.kit.explorable import Explorable
from dualedu.explore.softmax_jacobian import drawing
from dualedu.explore.softmax_jacobian.model import Jacobians

LOGITS = 4
UNITS = {f"z{'₁₂₃₄'[i]} alone": f"unit {i + 1}" for i in range(LOGITS)}
DIRECTIONS = UNITS | {"all alike (1, 1, 1, 1)": "ones", "your own, below": "own"}


def parse(text: str) -> tuple[float, ...]:
    """Four numbers from −3 to 3, with commas or spaces between them."""
    parts = text.replace("−", "-").replace(",", " ").replace(";", " ").strip("() ").split()
    try:
        values = tuple(map(float, parts))
    except ValueError:
        raise ValueError(f"{text!r} is not a list of numbers, as in 1, −1, 0, 0.5.") from None
    if len(values) != LOGITS:
        raise ValueError(f"A direction has {LOGITS} numbers, one for each logit: not {text!r}.")
    for value in values:
        if not isfinite(value) or abs(value) > 3:
            raise ValueError(f"A direction's numbers go from −3 to 3: {value:g} is outside.")
    if max(map(abs, values)) < 0.1:
        raise ValueError("A direction needs a number of at least 0.1, to be seen to move.")
    return values


class SoftmaxJacobian(Explorable):
    """The Jacobian of the softmax as a heat-map, and what it makes of a direction.

    Its diagonal alone gives wrong tangents, and rows that do not sum to 0.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "The softmax's Jacobian is not diagonal"
    rows = ("logits", "temperature", "direction", "own", "full")

    logits = Numbers(
        (1.5, 1.0, 0.5, 0.0),
        -1000,
        1000,
        labels=[f"logit z{i}" for i in "₁₂₃₄"],
        label="logits",
        slides=(-5, 5),
        help="from −1000 to 1000",
    )
    temperature = Number(
        1.0, 0.1, 10, label="temperature", log=True, help="the softmax is of z / T"
    )
    full = Switch(False, label="the full Jacobian", help="or its diagonal alone")
    direction = Choice("unit 1", DIRECTIONS, label="direction", help="the logits' tangents ż")
    own = Line("1, -1, 0, 0", parse, label="your own", help="four tangents from −3 to 3")

    @observe("own")
    def _choose_own(self, change: object) -> None:
        self.direction = "own"

    def seed(self) -> tuple[float, ...]:
        if self.direction == "own":
            return parse(self.own)
        if self.direction == "ones":
            return (1.0,) * LOGITS
        return tuple(float(self.direction == f"unit {i + 1}") for i in range(LOGITS))

    def model(self) -> Jacobians:
        return Jacobians(self.logits, self.temperature, self.seed(), self.full)

    def draw(self, model: Jacobians) -> str:
        return drawing.draw(model)
