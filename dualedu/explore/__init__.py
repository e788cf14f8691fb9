"""Widgets to play with, each against one misconception about dual numbers.

    from dualedu.explore import TangentArrow
    TangentArrow()

Each widget is a folder with three plain things: `model.py`, the numbers and a sentence about them
(a frozen dataclass that needs dualedu alone); `drawing.py`, a pure function from the model to a
picture in SVG; `widget.py`, the controls. Names are loaded when they are first asked for.
"""

from importlib import import_module
from typing import Any

ROOMS = {
    "TangentArrow": "tangent_arrow",
    "ProductArea": "product_area",
    "TraceStepper": "trace_stepper",
    "SeedExplorer": "seed_explorer",
    "SoftmaxJacobian": "softmax_jacobian",
    "BugSwitchboard": "bug_switchboard",
    "ForwardGradientLab": "forward_gradient_lab",
    "DrawADigit": "draw_a_digit",
    "OwnPatient": "own_patient",
}
"""The folder of each widget, in the order of the book."""

__all__ = list(ROOMS)


def __getattr__(name: str) -> Any:
    if name not in ROOMS:
        raise AttributeError(
            f"module {__name__!r} has no widget {name!r}: it has {', '.join(ROOMS)}"
        )
    try:
        room = import_module(f"{__name__}.{ROOMS[name]}.widget")
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        raise ModuleNotFoundError(
            f"{name} needs {error.name}: pip install 'dualedu[explore]'", name=error.name
        ) from error
    widget = getattr(room, name)
    globals()[name] = widget
    return widget


def __dir__() -> list[str]:
    return sorted({*globals(), *ROOMS})
