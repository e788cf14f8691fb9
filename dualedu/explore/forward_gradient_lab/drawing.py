"""The cloud of estimates around the gradient, and their error against K with its law."""

from __future__ import annotations

from functools import lru_cache
from math import log10

from dualedu.explore.forward_gradient_lab.model import MOST, TRIES, Lab
from dualedu.explore.kit.numerals import number
from dualedu.explore.kit.svg import (
    GREEN,
    GREY,
    INK,
    PALE,
    PRIMAL,
    TANGENT,
    Plane,
    arrow,
    dot,
    element,
    line,
    path,
    picture,
    plain,
    text,
)

TOP, TALL, WIDE = 34, 250, 200
BESIDE = 0.36
"""The share of the cloud's frame that lies left of the gradient; estimates tend to its right."""

SCALES = [m * 10.0**e for e in (-1, 0, 1) for m in (1, 1.5, 2, 3, 5, 7)]


def draw(model: Lab) -> str:
    return picture(TOP + TALL + 96, model.words(), cloud(model), errors(model), legend())


def frame(model: Lab) -> Plane:
    """Equal scales both ways, with all estimates, the gradient and zero within."""
    left, right = BESIDE * 2 * WIDE / TALL, (1 - BESIDE) * 2 * WIDE / TALL
    need = [abs(y) for _, y in model.dots] + [1.1 / left]
    need += [max((1 - x) / left, (x - 1) / right) for x, _ in model.dots]
    half = next(s for s in SCALES if s >= 1.04 * max(need))
    return Plane((1 - left * half, 1 + right * half), (-half, half), 42, TOP, WIDE, TALL)


def cloud(model: Lab) -> str:
    plane = frame(model)
    unit = plane.width / (plane.x[1] - plane.x[0])
    truth = plane.at(1, 0)
    along, across, _ = model.mean
    mean = plane.at(along, across)
    dots = [dot(plane.at(*place), PRIMAL, 3.5, fill_opacity=0.55) for place in model.dots.tolist()]
    rim = element(
        "circle", cx=truth[0], cy=truth[1], r=float(unit), fill="none", stroke=INK,
        stroke_width=1.5, stroke_dasharray="2 4",
    )  # fmt: skip
    inner = plane.clip(
        line(plane.at(plane.x[0], 0), plane.at(plane.x[1], 0), stroke=PALE, stroke_width=1),
        *dots,
        rim,
        arrow(plane.at(0, 0), truth, INK, 3),
        cross(mean),
    )
    heading = text(plane.left, 22, "around the gradient")
    name = text(
        plane.left + plane.width - 6, TOP + TALL - 8, "along ∇L", fill=GREY, text_anchor="end"
    )
    side = text(plane.left + 6, TOP + 16, "across", fill=GREY)
    return heading + box(plane) + ticks(plane) + inner + name + side


def ticks(plane: Plane) -> str:
    """Numbers at both axes, the same distance apart."""
    half = plane.y[1]
    step = next(s for s in [*SCALES[::2], half] if s >= half / 2.5)
    parts = []
    for i in range(-3, 4):
        y = i * step
        if abs(y) < half:
            at = plane.at(plane.x[0], y)
            parts.append(line(at, (at[0] - 4, at[1]), stroke=GREY, stroke_width=1))
            parts.append(text(at[0] - 6, at[1] + 5, number(y), fill=GREY, text_anchor="end"))
    for i in range(-3, 4):
        x = i * step
        if plane.x[0] < x < plane.x[1]:
            at = plane.at(x, plane.y[0])
            parts.append(line(at, (at[0], at[1] + 4), stroke=GREY, stroke_width=1))
            parts.append(text(at[0], at[1] + 19, number(x), fill=GREY, text_anchor="middle"))
    return "".join(parts)


def box(plane: Plane) -> str:
    return element(
        "rect", x=plane.left, y=plane.top, width=plane.width, height=plane.height, fill="none",
        stroke=PALE,
    )  # fmt: skip


def cross(at: tuple[float, float], size: float = 6) -> str:
    x, y = at
    strokes = "".join(
        f"M{plain(float(x - size))} {plain(float(y - s * size))}"
        f"L{plain(float(x + size))} {plain(float(y + s * size))}"
        for s in (1, -1)
    )
    return element("path", d=strokes, stroke=TANGENT, stroke_width=4, fill="none")


ERRORS = Plane((-0.08, log10(MOST) + 0.08), (-1, 1), 286, TOP, 182, TALL)


def error_at(k: float, error: float) -> tuple[float, float]:
    return ERRORS.at(log10(k), log10(max(error, 10 ** ERRORS.y[0])))


def errors(model: Lab) -> str:
    """Log axes: measured points, the law's line, the present K ringed."""
    plane = ERRORS
    parts = [text(plane.left, 22, "error against K"), box(plane)]
    for value in (0.1, 1, 10):
        y = error_at(1, value)[1]
        parts.append(text(plane.left - 6, y + 5, number(value), fill=GREY, text_anchor="end"))
    for k in (1, 4, 16, 64):
        x = error_at(k, 1)[0]
        parts.append(line((x, TOP + TALL), (x, TOP + TALL + 4), stroke=GREY, stroke_width=1))
        parts.append(text(x, TOP + TALL + 19, str(k), fill=GREY, text_anchor="middle"))
    zero = error_at(1, 1)[1]
    ends = (plane.left, zero), (plane.left + plane.width, zero)
    parts.append(line(*ends, stroke=INK, stroke_width=1.5, stroke_dasharray="2 4"))

    shown = [k for k in (1, 2, 4, 8, 16, 32, 64) if k <= model.most]
    parts.append(law_line(model.law, model.perturb))
    for k in shown:
        exact = model.law == "orthogonal" and k == model.most
        x, y = error_at(k, 0 if exact else model.error(k))
        parts.append(triangle(x, y) if exact else dot((x, y), PRIMAL, 4.5))
        if exact:
            parts.append(text(x + 10, y - 4, "exact", fill=INK))
    k = model.directions
    x, y = error_at(k, 0 if model.exact else model.error(k))
    parts.append(dot((x, y - 5 * model.exact), "none", 9, stroke=INK, stroke_width=2))
    if not model.exact:
        parts.append(dot((x, y), PRIMAL, 4.5))
    return "".join(parts)


@lru_cache(maxsize=8)
def law_line(law: str, perturb: str) -> str:
    """The errors that the law predicts, which no draw changes."""
    model = Lab(1, law, perturb, 0)
    counts = [c / 8 for c in range(8, 8 * model.most + 1)]
    curve = [error_at(k, model.predicted(k)) for k in counts]
    return path(curve, stroke=GREEN, stroke_width=2.5, stroke_dasharray="7 4")


def triangle(x: float, y: float) -> str:
    """A mark at the foot of the axis, for an error below all that it shows."""
    return path([(x - 5, y - 9), (x + 5, y - 9), (x, y)], closed=True, fill=PRIMAL, stroke="none")


def legend() -> str:
    y, lower = TOP + TALL + 50.0, TOP + TALL + 76.0
    return "".join(
        [
            dot((18, y - 5), PRIMAL, 4.5),
            text(32, y, f"one of {TRIES} estimates"),
            cross((18, lower - 5)),
            text(32, lower, "their mean"),
            line((214, y - 5), (248, y - 5), stroke=INK, stroke_dasharray="2 4", stroke_width=1.5),
            text(256, y, "as far as the answer 0"),
            line(
                (214, lower - 5),
                (248, lower - 5),
                stroke=GREEN,
                stroke_dasharray="7 4",
                stroke_width=2.5,
            ),
            text(256, lower, "the law"),
            arrow((336, lower - 5), (366, lower - 5), INK, 3),
            text(374, lower, "gradient ∇L"),
        ]
    )
