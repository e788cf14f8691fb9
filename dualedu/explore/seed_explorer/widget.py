"""SeedExplorer: turn a seed, and see which part of the gradient one run shows."""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, radians, sin
from typing import Any

import numpy as np

from dualedu.explore.kit.controls import Choice, Number
from dualedu.explore.kit.explorable import Explorable, action
from dualedu.explore.seed_explorer import drawing
from dualedu.explore.seed_explorer.model import SURFACES, Seeded


class SeedExplorer(Explorable):
    """Contours, a seed on a dial, its tangent as the gradient's projection onto it.

    One number is not the gradient: a whole line of gradients gives the same.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "One seed, one number"
    rows = (
        "function",
        "x",
        "y",
        "angle",
        "length",
        ("unit_x", "unit_y", "all_ones", "random"),
    )

    function = Choice(
        "bowl",
        {surface.name: key for key, surface in SURFACES.items()},
        label="function",
        help="whose contours are drawn",
    )
    x = Number(-1.3, -drawing.FAR[0], drawing.FAR[0], label="x", help="the point’s x")
    y = Number(0.3, -drawing.FAR[1], drawing.FAR[1], label="y", help="the point’s y")
    angle = Number(45, 0, 360, step=1, label="seed’s angle", help="in degrees")
    length = Number(1.4142, 0.5, 1.5, step=0.05, label="its length", help="of the seed v")

    def __init__(self, **traits: Any) -> None:
        self._rng = np.random.default_rng(0)
        super().__init__(**traits)

    @action("Unit x")
    def unit_x(self) -> None:
        self.turn(1, 0)

    @action("Unit y")
    def unit_y(self) -> None:
        self.turn(0, 1)

    @action("All ones")
    def all_ones(self) -> None:
        self.turn(1, 1)

    @action("Random")
    def random(self) -> None:
        """A random seed of length 1. Each widget goes through the same sequence."""
        self.length = 1.0
        self.angle = float(self._rng.integers(360))

    def turn(self, vx: float, vy: float) -> None:
        self.length = round(hypot(vx, vy), 4)
        self.point_at(vx, vy)

    def point_at(self, vx: float, vy: float) -> None:
        self.angle = round(degrees(atan2(vy, vx))) % 360

    def seed(self) -> tuple[float, float]:
        """To four decimals, in which a seed of ones is one."""
        a = radians(self.angle)
        return round(self.length * cos(a), 4) + 0.0, round(self.length * sin(a), 4) + 0.0

    def model(self) -> Seeded:
        return Seeded(self.function, self.x, self.y, self.seed())

    def draw(self, model: Seeded) -> str:
        return drawing.draw(model)

    def drag(self, grip: str, x: float, y: float, phase: str) -> None:
        if grip == "dial":
            self.point_at(x - drawing.DIAL[0], drawing.DIAL[1] - y)
            return
        px, py = drawing.PLANE.inverse(x, y)
        if grip == "seed":
            self.point_at(px - self.x, py - self.y)
            return
        for name, value, far in (("x", px, drawing.FAR[0]), ("y", py, drawing.FAR[1])):
            setattr(self, name, round(max(-far, min(far, value)), 2))
