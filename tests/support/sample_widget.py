"""A widget with one of each control."""

from dualedu.explore.kit import svg
from dualedu.explore.kit.controls import Choice, Count, Line, Number, Numbers, Switch
from dualedu.explore.kit.explorable import Explorable, action


class Model:
    def __init__(self, state):
        if state["number"] == 3:
            raise ValueError("3 is no good here: choose another x.")
        self.state = state

    def words(self):
        return " ".join(f"{key}={value}" for key, value in self.state.items())


class Sample(Explorable):
    """One of each control."""

    title = "Sample <b>&"
    rows = (("number", "switch"), "log", "count", "choice", "line", "numbers", ("double",))
    number = Number(1.0, -4, 4, label="x", help="a place")
    log = Number(1.0, 1e-6, 10, label="h", log=True)
    count = Count(3, 1, 9, label="K")
    choice = Choice("a", {"first": "a", "second": "b"}, label="which")
    switch = Switch(False, label="on")
    line = Line("x < 1", str, label="your own")
    numbers = Numbers((1, 2), -5, 5, labels=("z₁", "z₂"), label="logits")

    drawn = 0

    @action("Double it")
    def double(self):
        self.number = 2 * self.number

    def model(self):
        return Model(self.state())

    def draw(self, model):
        self.drawn += 1
        return svg.picture(20, model.words(), svg.text(0, 10, model.words()))

    def drag(self, grip, x, y, phase):
        self.update(number=x, count=2)
