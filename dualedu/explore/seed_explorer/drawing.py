"""Contours with the gradient, the seed and the projection; below, the dial and the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import cos, hypot, pi, sin

import numpy as np
from numpy.typing import NDArray

from dualedu.explore.kit.numerals import fixed, number
from dualedu.explore.kit.svg import (
    GREEN,
    GREY,
    INK,
    PAPER,
    PRIMAL,
    TANGENT,
    Plane,
    arrow,
    dot,
    line,
    path,
    picture,
    text,
)
from dualedu.explore.seed_explorer.contours import contours
from dualedu.explore.seed_explorer.model import SURFACES, Seeded

FAR = (1.8, 1.6)
"""How far the point goes: a seed of length 1.5 is still in sight."""

PLANE = Plane((-3.3, 3.3), (-3.1, 3.1), left=36, top=10, width=436, height=436 * 6.2 / 6.6)
BOTTOM = PLANE.top + PLANE.height
DIAL, REACH = (74.0, BOTTOM + 104), 48.0
SCALES = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
"""One unit of the plane may stand for these slopes: the gradient fits beside the point."""

Place = tuple[float, float]
Grid = NDArray[np.float64]


def draw(model: Seeded) -> str:
    scale = scale_of(model)
    parts = (
        PLANE.axes("x", "y"),
        PLANE.clip(
            lines(model.surface),
            level_line(model.surface, model.value, INK, 1.5),
            *arrows(model, scale),
        ),
        *dial(model),
        *table(model, scale),
    )
    return picture(BOTTOM + 198, model.words(), *parts, slope=model.tangent)


def scale_of(model: Seeded) -> float:
    size = hypot(*model.gradient)
    return next((scale for scale in SCALES if size / scale <= 1.45), SCALES[-1])


@cache
def lines(surface: str) -> str:
    """The contours; higher ones are thicker."""
    levels = SURFACES[surface].levels
    parts = []
    for i, level in enumerate(levels):
        thick = 0.6 + 2.0 * i / (len(levels) - 1)
        parts.append(level_line(surface, level, GREY, thick, 0.45))
    return "".join(parts)


def level_line(surface: str, level: float, colour: str, thick: float, opacity: float = 1) -> str:
    return "".join(
        path(
            (PLANE.at(*point) for point in chain),
            stroke=colour,
            stroke_width=thick,
            stroke_opacity=f"{opacity:g}",
        )
        for chain in contours(*heights(surface), level)
    )


@cache
def heights(surface: str) -> tuple[Grid, Grid, Grid]:
    """Coordinates and values on a grid fine enough for smooth lines."""
    xs, ys = np.linspace(*PLANE.x, 67), np.linspace(*PLANE.y, 63)
    return xs, ys, SURFACES[surface].f(xs[None, :], ys[:, None])


def arrows(model: Seeded, scale: float) -> Iterator[str]:
    """What belongs to slopes is drawn to `scale`, the seed as it is."""
    x, y = model.x, model.y
    (gx, gy), (vx, vy), foot = model.gradient, model.v, model.foot
    length = hypot(vx, vy)

    def at(dx: float, dy: float, per: float = 1.0) -> Place:
        return PLANE.at(x + dx / per, y + dy / per)

    point, tip, shadow = at(0, 0), at(gx, gy, scale), at(*foot, scale)
    across = (-vy / length, vx / length)
    ends = [
        (foot[0] / scale + side * 9 * across[0], foot[1] / scale + side * 9 * across[1])
        for side in (-1, 1)
    ]
    yield line(at(*ends[0]), at(*ends[1]), stroke=TANGENT, stroke_width=2, stroke_dasharray="9 6")
    legs = (point, at(gx, 0, scale), tip)
    yield path(legs, stroke=GREEN, stroke_width=1.8, stroke_dasharray="2 4")
    yield line(point, shadow, stroke=TANGENT, stroke_width=9, stroke_opacity="0.75")
    yield arrow(point, at(vx, vy), PRIMAL, 3)
    if hypot(gx, gy) / scale > 0.02:
        yield arrow(point, tip, GREEN, 4)
        yield name("∇f", point, tip, away=at(vx, vy), colour=GREEN)
    yield name("v", point, at(vx, vy), away=tip, colour=PRIMAL)
    yield dot(point, INK, 8, stroke=PAPER, stroke_width=2)
    # As large as fingers need them, and clear of each other for the shortest seed.
    yield dot(at(vx, vy), "transparent", 14, data_drag="seed")
    yield dot(point, "transparent", 18, data_drag="point")


def name(words: str, tail: Place, tip: Place, *, away: Place, colour: str) -> str:
    """Beside an arrow's tip, on the side that the other arrow is not on."""
    dx, dy = tip[0] - tail[0], tip[1] - tail[1]
    size = hypot(dx, dy) or 1.0
    side = 1 if dx * (away[1] - tail[1]) - dy * (away[0] - tail[0]) < 0 else -1
    x = tip[0] + 9 * dx / size - side * 15 * dy / size
    y = tip[1] + 9 * dy / size + side * 15 * dx / size + 6
    left, right = PLANE.left + 14, PLANE.left + PLANE.width - 14
    return text(
        min(max(x, left), right),
        min(max(y, PLANE.top + 16), BOTTOM - 6),
        words,
        fill=INK,
        stroke=PAPER,
        stroke_width=4,
        paint_order="stroke",
        text_anchor="middle",
        font_weight=700,
        font_size="1.2em",
    )


def dial(model: Seeded) -> Iterator[str]:
    """The seed's direction, to be turned wherever the point lies."""
    cx, cy = DIAL
    yield text(cx, cy - REACH - 14, "turn the seed", fill=GREY, text_anchor="middle")
    yield dot(DIAL, PAPER, REACH, stroke=GREY, stroke_width=2, data_drag="dial")
    for k in range(8):
        c, s = cos(k * pi / 4), sin(k * pi / 4)
        near = REACH - (9 if k % 2 else 14)
        ends = (cx + near * c, cy - near * s), (cx + REACH * c, cy - REACH * s)
        yield line(*ends, stroke=GREY, stroke_width=1.5)
    length = hypot(*model.v)
    hand = (cx + REACH * model.v[0] / length, cy - REACH * model.v[1] / length)
    yield line(DIAL, hand, stroke=PRIMAL, stroke_width=3, pointer_events="none")
    yield dot(hand, PRIMAL, 11, data_drag="dial", stroke=PAPER, stroke_width=2)


def table(model: Seeded, scale: float) -> Iterator[str]:
    """What one run gives, and what two runs give."""
    (gx, gy), (vx, vy) = model.gradient, model.v
    rows = [
        (PRIMAL, "seed v", f"({fixed(vx)}, {fixed(vy)})"),
        (TANGENT, "one run: ∇f · v", fixed(model.tangent)),
        ("", "unit seed (1, 0)", fixed(gx)),
        ("", "unit seed (0, 1)", fixed(gy)),
        (GREEN, "two runs: ∇f", f"({fixed(gx)}, {fixed(gy)})"),
    ]
    left = DIAL[0] + REACH + 30
    for i, (colour, what, value) in enumerate(rows):
        y = BOTTOM + 48 + 24 * i
        if colour:
            thick = 9 if colour == TANGENT else 4
            yield line((left, y - 5), (left + 24, y - 5), stroke=colour, stroke_width=thick)
        weight = 600 if colour in (TANGENT, GREEN) else None
        yield text(left + 34, y, what, font_weight=weight)
        yield text(472, y, value, text_anchor="end", font_weight=weight)
    told = f"One unit is a slope of {number(scale)}. Thicker lines lie higher."
    yield text(26, BOTTOM + 184, told, fill=GREY)
