"""BugSwitchboard: repair what you like, and see what one epoch makes of it."""

from __future__ import annotations

from dualedu.explore.bug_switchboard import drawing
from dualedu.explore.bug_switchboard.model import REPAIRED, WRITTEN, Combination
from dualedu.explore.kit.controls import Choice, Switch
from dualedu.explore.kit.explorable import Explorable, action

SEEDS = {
    "ones (as written)": "ones",
    "random directions": "random",
    "unit directions (exact)": "units",
}


class BugSwitchboard(Explorable):
    """One switch for each repair of the notebook that would not learn, and what they lead to.

    The results of all 48 combinations are stored: accuracy, cross-entropy, and the cosine of the
    step to the true gradient. No single repair makes it learn.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "Which repairs does it take?"
    stored = ("softmax", "seeds", "rate", "weights", "loss")
    rows = (("softmax", "rate", "weights", "loss"), "seeds", ("repair_all", "break_all"))

    softmax = Switch(True, label="full softmax", help="all of the Jacobian, not its diagonal")
    seeds = Choice("ones", SEEDS, label="seeds", help="of the weights' tangents")
    rate = Switch(False, label="chosen rate", help="on validation images, instead of 10⁻⁸")
    weights = Switch(False, label="scaled weights", help="by 1/√fan-in at the start")
    loss = Switch(False, label="stable mean loss", help="not the sum of log(p + 10⁻⁸)")

    @action("Repair all")
    def repair_all(self) -> None:
        self.update(**vars(REPAIRED))

    @action("As written")
    def break_all(self) -> None:
        self.update(**vars(WRITTEN))

    def model(self) -> Combination:
        return Combination(**self.state())

    def draw(self, model: Combination) -> str:
        return drawing.draw(model)
