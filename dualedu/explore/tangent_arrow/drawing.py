"""The graph, the arrow (1, f′) at its point, and the secant over h."""

from __future__ import annotations

from math import isfinite

from dualedu.explore.kit.numerals import fixed, number, signed
from dualedu.explore.kit.svg import (
    GREY,
    INK,
    PRIMAL,
    TANGENT,
    TANGENT_INK,
    Plane,
    arrow,
    dot,
    line,
    picture,
    text,
    words,
)
from dualedu.explore.tangent_arrow.model import WINDOW, Slopes

HEAD = 34  # above the plane: what went in and what came out
TOP = HEAD + 250
FINGER = 26  # the point is held more easily than it is seen


def draw(model: Slopes) -> str:
    points = model.curve()
    plane = frame(model, [y for _, y in points])
    x, y = model.x, model.value
    foot, ahead = plane.at(x, y), plane.at(x + model.h, model.value_ahead)
    tip = plane.at(x + 1, y + model.slope)
    graph = plane.clip(
        plane.curve(points, stroke=INK),
        secant(plane, model),
        line(foot, plane.at(x + 1, y), stroke=GREY, stroke_width=1.5, stroke_dasharray="2 4"),
        arrow(foot, tip, TANGENT, 4),
        dot(ahead, GREY, 5),
        dot(foot, PRIMAL, 7),
        dot(foot, "transparent", FINGER, data_drag="x"),
    )
    parts = [image(model), plane.axes("x", "f(x)"), graph, *rows(model)]
    return picture(TOP + 84, model.words(), *parts, slope=model.slope)


def image(model: Slopes) -> str:
    """The dual number that went in and the one that came out, each part in its colour."""
    sign, tangent = signed(model.slope)
    return words(
        14,
        28,
        ("f(", INK),
        (number(model.x, 6), PRIMAL),
        (" + ", INK),
        ("1ε", TANGENT_INK),
        (") = ", INK),
        (fixed(model.value), PRIMAL),
        (f" {sign} ", INK),
        (f"{tangent}ε", TANGENT_INK),
        font_size="1.3em",
        font_weight=600,
    )


def frame(model: Slopes, ys: list[float]) -> Plane:
    """Where the graph lies on the paper."""
    return Plane(WINDOW, span(model, ys), top=HEAD + 12, height=TOP - HEAD - 34)


def span(model: Slopes, ys: list[float]) -> tuple[float, float]:
    """What is shown of the y-axis: nearly the whole graph, the point and the arrow's tip."""
    finite = sorted(y for y in ys if isfinite(y))
    few = len(finite) // 20
    inner = finite[few : len(finite) - few] or [0.0]
    near = [model.value, model.value + max(-8.0, min(8.0, model.slope))]
    low, high = min(*inner[:1], *near), max(*inner[-1:], *near)
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room


def secant(plane: Plane, model: Slopes) -> str:
    """The line through both points, over the whole window."""
    ends = [(x, model.value + model.secant * (x - model.x)) for x in WINDOW]
    return plane.curve(ends, stroke=GREY, stroke_width=2, stroke_dasharray="7 5")


def rows(model: Slopes) -> list[str]:
    """A small table: what each way says about the slope."""
    why = "h is lost" if model.lost else "rounding" if model.error and model.rounded else ""
    table = [
        (TANGENT, "dual number", fixed(model.slope, 8), "no step"),
        (GREY, "secant", fixed(model.secant, 8), f"h = {number(model.h)}"),
        (INK, "error", model.off(), why),
    ]
    parts = []
    for i, (colour, name, value, note) in enumerate(table):
        y = TOP + 24 + 24 * i
        if colour != INK:
            dash = "7 5" if colour == GREY else None
            parts.append(
                line((14, y - 5), (44, y - 5), stroke=colour, stroke_width=4, stroke_dasharray=dash)
            )
        parts.append(text(56, y, name))
        parts.append(text(304, y, value, text_anchor="end"))
        parts.append(text(322, y, note, fill=GREY))
    return parts
