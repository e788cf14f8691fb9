"""The switches, and below them three curves over the images seen: accuracy, loss, cosine."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10
from typing import Any

import numpy as np

from dualedu.explore.bug_switchboard.model import REPAIRED, Combination, percent, stored
from dualedu.explore.kit.numerals import fixed, number
from dualedu.explore.kit.svg import (
    GREEN,
    GREY,
    INK,
    PALE,
    PRIMAL,
    TANGENT,
    Plane,
    element,
    line,
    picture,
    text,
)

LEFT, WIDE, HIGH = 60, 404, 92
FIRST, PITCH = 100, 134
DASH = "7 5"


def draw(model: Combination) -> str:
    loss = model.mean("cross_entropy")
    fall = f"{fixed(loss[0])} → {'overflow' if model.overflows else fixed(loss[-1])}"
    told = number(model.cosine, 1) if model.halts is None else "0 / 0"
    panels = [
        panel(model, 0, "accuracy", "accuracy on test images", percent(model.accuracy)),
        panel(model, 1, "cross_entropy", "cross-entropy (log scale)", fall),
        panel(model, 2, "cosine", "cosine, step to gradient", told),
    ]
    return picture(FIRST + 3 * PITCH + 52, model.words(), *switches(model), *panels, *legend())


def switches(model: Combination) -> Iterator[str]:
    """A lamp for each: filled and ticked when repaired, dashed when not."""
    positions = {
        "softmax": "full" if model.softmax else "diagonal",
        "seeds": model.seeds,
        "rate": number(model.learning_rate, 1),
        "weights": "scaled" if model.weights else "unscaled",
        "loss": "mean" if model.loss else "sum",
    }
    for i, (switch, position) in enumerate(positions.items()):
        x = 12 + 92 * i
        on = switch in model.repairs
        frame = {"fill": GREEN, "fill_opacity": 0.2, "stroke": GREEN, "stroke_width": 2}
        if not on:
            frame = {"fill": "none", "stroke": GREY, "stroke_dasharray": "4 3"}
        yield element("rect", x=x, y=10, width=88, height=50, rx=6, **frame)
        name = f"{switch} ✓" if on else switch
        centred: dict[str, Any] = {"text_anchor": "middle", "font_size": "0.93em"}
        yield text(x + 44, 30, name, fill=GREY, **centred)
        yield text(x + 44, 50, position, font_weight=600 if on else None, **centred)


AXES: dict[str, tuple[tuple[float, float], dict[float, str]]] = {
    "accuracy": ((0.0, 1.0), {0.0: "0 %", 0.5: "50 %", 1.0: "100 %"}),
    "cross_entropy": (
        (log10(0.15), log10(40)),
        {log10(v): number(v) for v in (0.3, 1, 3, 10)},
    ),
    "cosine": ((-0.2, 1.05), {0.0: "0", 0.5: "0.5", 1.0: "1"}),
}


def panel(model: Combination, row: int, what: str, title: str, told: str) -> str:
    span, marks = AXES[what]
    top = FIRST + PITCH * row
    plane = Plane((0, 60), span, left=LEFT, top=top, width=WIDE, height=HIGH)
    parts = [
        text(12, top - 14, title, font_weight=600),
        text(LEFT + WIDE, top - 14, told, text_anchor="end", font_weight=600, fill=PRIMAL),
    ]
    for value, name in marks.items():
        foot = plane.at(0, value)
        parts.append(line(foot, plane.at(60, value), stroke=PALE, stroke_width=1))
        parts.append(
            text(foot[0] - 6, foot[1] + 5, name, fill=GREY, text_anchor="end", font_size="0.93em")
        )
    thin = {"stroke": PRIMAL, "stroke_width": 1, "stroke_opacity": 0.55}
    parts.append(curve(plane, what, REPAIRED.mean(what), stroke=GREY, stroke_dasharray=DASH))
    parts += [curve(plane, what, start, **thin) for start in model.curves(what)]
    parts.append(curve(plane, what, model.mean(what), stroke=PRIMAL, stroke_width=3.5))
    if what == "cross_entropy":
        parts += [cross(plane.at(images / 1000, span[1])) for images in model.overflows]
    return "".join(parts)


def curve(plane: Plane, what: str, values: Any, **style: Any) -> str:
    heights = np.log10(values) if what == "cross_entropy" else values
    seen = (stored()["images"] / 1000).tolist()
    return plane.curve(zip(seen, heights.tolist(), strict=True), **style)


def cross(place: tuple[float, float]) -> str:
    """Where the weights of a start were no longer finite."""
    x, y = place
    style = {"stroke": TANGENT, "stroke_width": 3}
    return line((x - 6, y - 6), (x + 6, y + 6), **style) + line(
        (x - 6, y + 6), (x + 6, y - 6), **style
    )


def legend() -> Iterator[str]:
    foot = FIRST + 2 * PITCH + HIGH
    for thousands in (0, 20, 40, 60):
        x = LEFT + WIDE * thousands / 60
        name = f"{thousands},000" if thousands else "0"
        anchor = "end" if thousands == 60 else "middle"
        yield text(x, foot + 18, name, fill=GREY, text_anchor=anchor, font_size="0.93em")
    yield text(LEFT + WIDE / 2, foot + 38, "training images seen", fill=GREY, text_anchor="middle")
    y = foot + 62
    yield line((12, y), (44, y), stroke=PRIMAL, stroke_width=3.5)
    yield text(52, y + 5, "five starts and their mean", fill=INK)
    yield line((316, y), (348, y), stroke=GREY, stroke_width=2.5, stroke_dasharray=DASH)
    yield text(356, y + 5, "all repaired", fill=INK)
