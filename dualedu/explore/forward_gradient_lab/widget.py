"""ForwardGradientLab: choose how random directions are drawn, and see how far they lead astray."""

from __future__ import annotations

from dualedu.explore.forward_gradient_lab import drawing
from dualedu.explore.forward_gradient_lab.model import LAWS, MOST, SPACES, Lab
from dualedu.explore.kit.controls import Choice, Count
from dualedu.explore.kit.explorable import Explorable, action


class ForwardGradientLab(Explorable):
    """Estimates of a gradient around the true one, and their error against K beside its law.

    Right on average is not near: one direction for all weights misses by seven gradients.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "Right on average, and far off"
    stored = ("directions", "perturb", "law")  # of the first draw
    rows = ("directions", ("perturb", "law", "again"))

    directions = Count(4, 1, MOST, label="directions K", help="how many directions an estimate has")
    perturb = Choice(
        "weights",
        {shown: value for value, shown in SPACES.items()},
        label="perturb",
        help="what gets random tangents",
    )
    law = Choice(
        "rademacher",
        {shown: value for value, shown in LAWS.items()},
        label="seeds",
        help="the law that the directions are drawn by",
    )
    seed = Count(0, 0, 9999, label="draw", help="which random draw")

    @action("Draw again")
    def again(self) -> None:
        self.seed = (self.seed + 1) % 10_000

    def model(self) -> Lab:
        return Lab(self.directions, self.law, self.perturb, self.seed)

    def draw(self, model: Lab) -> str:
        return drawing.draw(model)
