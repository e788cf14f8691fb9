"""DrawADigit: draw with pointer or keys, and see what each pixel means to the network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from traitlets import observe

from dualedu.explore.draw_a_digit import drawing
from dualedu.explore.draw_a_digit.model import BLANK, PIXELS, SIDE, UNITS, Digit, examples
from dualedu.explore.kit.controls import Choice, Control, Count, Refused
from dualedu.explore.kit.explorable import Explorable, action

HERE = Path(__file__).parent
OWN = "own"


class Ink(Control):
    """A drawing: 784 bytes in hexadecimal, 00 paper and ff full ink, row by row.

    Takes 784 numbers from 0 to 1 as well, as an array (28, 28) or (784,).
    """

    def accept(self, value: Any) -> str:
        if isinstance(value, str):
            if not re.fullmatch(f"[0-9a-f]{{{2 * PIXELS}}}", value):
                raise Refused(f"A drawing is {2 * PIXELS} hexadecimal digits, or {PIXELS} numbers.")
            return value
        try:
            numbers = np.asarray(value, float).ravel()
        except (TypeError, ValueError):
            numbers = np.zeros(0)
        if numbers.size != PIXELS:
            raise Refused(f"A drawing has {SIDE} × {SIDE} pixels, {PIXELS} numbers from 0 to 1.")
        if not ((numbers >= 0) & (numbers <= 1)).all():
            raise Refused("Ink goes from 0 to 1; a pixel of this drawing does not.")
        return bytes(np.rint(255 * numbers).astype(np.uint8)).hex()


class Pad(anywidget.AnyWidget):
    """The grid to draw on. The ink shows at once; drawing and cursor are sent when the last ones
    have been answered."""

    _esm = HERE / "draw.js"
    _css = HERE / "draw.css"

    ink = traitlets.Unicode(BLANK, help="the drawing, as Ink has it").tag(sync=True)
    row = traitlets.Int(help="of the cursor, from 0").tag(sync=True)
    column = traitlets.Int(help="of the cursor, from 0").tag(sync=True)
    drawing = traitlets.Int(help="counts drawings from elsewhere than the page").tag(sync=True)
    sent = traitlets.Dict(
        help="""{"row", "column", "count"} from the page, and where it was drawn on, "ink" and the
        number of the "drawing" on which that ink lies"""
    ).tag(sync=True)
    answered = traitlets.Int(help="the count of the last one drawn").tag(sync=True)


class DrawADigit(Explorable):
    """A drawing read by a network of 32 hidden units, and the map of what ink would change.

    The answer costs one pass. The map costs a direction for each pixel.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "What would one more dark pixel change?"
    rows = (("example", "about"), ("seeds", "clear"))

    example = Choice(
        "9 or 4",
        {f"MNIST: {name}": name for name in examples()} | {"your own": OWN},
        label="drawing",
        help="a test image to begin with",
    )
    about = Choice(
        -1,
        {"the answer": -1} | {str(digit): digit for digit in range(10)},
        label="map of",
        help="whose probability the map is of",
    )
    seeds = Choice(
        "pixels",
        {f"{PIXELS} pixels": "pixels", f"{UNITS} hidden units": "units"},
        label="seed",
        help="where the unit directions of the map start",
    )
    ink = Ink(examples()["9 or 4"], label="ink", help="the drawing: an array (28, 28) from 0 to 1")
    row = Count(8, 0, SIDE - 1, label="row", help="of the cursor, from 0")
    column = Count(17, 0, SIDE - 1, label="column", help="of the cursor, from 0")

    def __init__(self, **traits: Any) -> None:
        self.pad = Pad()
        super().__init__(**traits)
        self.children = [*self.children[:-1], self.pad, self.picture]
        self.pad.observe(self._on_sent, "sent")

    @action("Clear")
    def clear(self) -> None:
        self.ink = BLANK

    @observe("example")
    def _take_example(self, change: Any) -> None:
        if self.example != OWN:
            self.ink = examples()[self.example]

    @observe("ink")
    def _own_drawing(self, change: Any) -> None:
        if self.example != OWN and self.ink != examples()[self.example]:
            self.example = OWN

    def _on_sent(self, change: Any) -> None:
        sent = dict(change["new"])
        count, under = sent.pop("count"), sent.pop("drawing", None)
        if under != self.pad.drawing:
            sent.pop("ink", None)  # it was on its way when the grid was cleared, and stays cleared
        self.pad.ink = sent.get("ink", self.pad.ink)
        self.update(**sent)
        self.pad.answered = count

    def _follow(self) -> None:
        super()._follow()
        with self.pad.hold_sync():
            self.pad.drawing += self.ink != self.pad.ink
            self.pad.ink, self.pad.row, self.pad.column = self.ink, self.row, self.column

    def model(self) -> Digit:
        return Digit(self.ink, self.row, self.column, self.about, self.seeds)

    def draw(self, model: Digit) -> str:
        return drawing.draw(model)
