"""The picture inside a widget: drawing, sentence and message, and what the pointer does on it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Picture(anywidget.AnyWidget):
    """Shows an SVG, a sentence about it, and a message when a value was refused.

    Core widgets can show SVG too. This one also says changes to a screen reader (the element that
    speaks has to stay while its words change), sends the pointer's place on the drawing, and gives
    the sliders around it the names that ipywidgets leaves out.
    """

    _esm = HERE / "picture.js"
    _css = HERE / "explore.css"

    svg = traitlets.Unicode(help="the drawing").tag(sync=True)
    words = traitlets.Unicode(help="its state in one sentence").tag(sync=True)
    message = traitlets.Unicode(help="why a value was refused, or empty").tag(sync=True)
    gesture = traitlets.Dict(
        help="""the pointer on an element of the drawing that has `data-drag`: {"drag": its value,
        "x": …, "y": … in the drawing's units, "phase": "start", "move" or "end"}"""
    ).tag(sync=True)
