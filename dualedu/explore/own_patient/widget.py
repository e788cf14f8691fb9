"""OwnPatient: paste code or drop a notebook, and have the gradient in it examined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets
from traitlets import observe

from dualedu.explore.kit.controls import Choice, Line, Name, Passage
from dualedu.explore.kit.explorable import Explorable, action
from dualedu.explore.own_patient import drawing
from dualedu.explore.own_patient.model import EXAMPLE, KINDS, Examined, Visit, examined
from dualedu.explore.own_patient.reading import guessed, names, opened

HERE = Path(__file__).parent


class Tray(anywidget.AnyWidget):
    """A field for a file, and all of the widget to drop one on. The file is read in the page and
    goes to Python as text."""

    _esm = HERE / "tray.js"
    _css = HERE / "own_patient.css"

    file = traitlets.Dict(help='{"name", "text", "count"} from the page').tag(sync=True)
    said = traitlets.Unicode(help="what came of it").tag(sync=True)


class Report(anywidget.AnyWidget):
    """The diagnosis as HTML. Its links to the book work on a page of the book; elsewhere they are
    plain words."""

    _esm = HERE / "report.js"

    html = traitlets.Unicode(help="made by the library, every text in it escaped").tag(sync=True)


def expression(text: str) -> None:
    """Raises ValueError unless the text is an expression, or nothing."""
    try:
        compile(text.strip() or "0", "the place", "eval")
    except (SyntaxError, ValueError):
        raise ValueError(
            f"“{text}” cannot be read: write names from the code, as in (W, b)."
        ) from None


class OwnPatient(Explorable):
    """Code of your own, examined: whether the gradient in it is right, and what is wrong if not.

    The code runs where the widget's Python runs, on a page in the browser itself.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.
    """

    title = "Your own patient"
    rows = ("code", ("f", "claim"), ("place", "kind"), ("examine",))

    code = Passage(EXAMPLE, label="code", help="NumPy code; a line # %% begins a new cell")
    f = Name("loss", label="f", help="the function: a loss, or a layer")
    claim = Name("gradient", label="claim", help="the function that is said to be its derivative")
    place = Line(
        "weights", expression, label="at", help="the arguments of f, in names from the code"
    )
    kind = Choice("", KINDS, label="claimed is", help="what the claim returns")

    def __init__(self, **traits: Any) -> None:
        self.tray, self.report = Tray(), Report()
        self._examined: tuple[dict[str, Any], Examined] | None = None
        super().__init__(**traits)
        self.children = [self.children[0], self.tray, *self.children[1:], self.report]
        self.tray.observe(self._on_file, "file")

    @action("Examine")
    def examine(self) -> None:
        try:
            found = examined(self.model(), self._say)
        except ValueError as error:
            self._examined = None
            self.refuse(str(error))
            return
        self._examined = self.state(), found

    def _say(self, words: str) -> None:
        self.picture.words = words

    @observe("code")
    def _read(self, change: Any) -> None:
        with self._together():
            self.f, self.claim, self.place = guessed(names(self.code))

    def _on_file(self, change: Any) -> None:
        name, text = (str(change["new"].get(key, "")) for key in ("name", "text"))
        try:
            code = opened(name, text)
        except ValueError as error:
            self.tray.said = f"{name} was not taken."
            self.refuse(str(error))
            return
        self.code = code
        self.tray.said = f"{name} is read."

    def _follow(self) -> None:
        # A list shows a name only once it has it.
        self._drawing, before = True, self._drawing
        functions = list(names(self.code).functions)
        for key in ("f", "claim"):
            for control in self.controls[key]:
                options = list(dict.fromkeys([*functions, getattr(self, key)]))
                if list(control.options) != options:
                    control.options = options
        self._drawing = before
        super()._follow()

    def redraw(self) -> None:
        super().redraw()
        done = self.model().examined
        self.report.html = "" if done is None else done.diagnosis.evidence()

    def model(self) -> Visit:
        done = self._examined
        fresh = done is not None and done[0] == self.state()
        return Visit(
            self.code,
            self.f,
            self.claim,
            self.place,
            self.kind,
            names(self.code),
            done[1] if fresh and done else None,
        )

    def draw(self, model: Visit) -> str:
        return drawing.draw(model)
