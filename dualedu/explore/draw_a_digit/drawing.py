"""What the network sees, with the map of what ink would do on it, and the ten probabilities."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from dualedu.explore.draw_a_digit.model import SIDE, Digit, cost, signed
from dualedu.explore.kit.numerals import fixed
from dualedu.explore.kit.svg import (
    GREY,
    INK,
    PALE,
    PRIMAL,
    PURPLE,
    TANGENT,
    element,
    line,
    picture,
    text,
)

LEFT, TOP, CELL = 12, 36, 8
WIDE = SIDE * CELL
FAINTEST = 0.04
"""Marks below this share of the strongest are left out: they would be specks."""


def draw(model: Digit) -> str:
    return picture(
        TOP + WIDE + 106, model.words(), sight(model), bars(model), legend(model), sums(model)
    )


def sight(model: Digit) -> str:
    """The digit in grey, squares where ink raises log p and diamonds where it lowers it; their area
    is the slope."""
    frame = element(
        "rect", x=LEFT, y=TOP, width=WIDE, height=WIDE, fill="none", stroke=PALE, stroke_width=1.5
    )
    view = f"0 0 {WIDE} {WIDE}"
    inner = element(
        "svg", *shades(model.seen), *marks(model.map), cursor(model), x=LEFT, y=TOP, width=WIDE,
        height=WIDE, viewBox=view, overflow="hidden",
    )  # fmt: skip
    return text(LEFT, 22, "what the network sees") + frame + inner


def shades(seen: Any, levels: int = 4) -> list[str]:
    """Ink in a few steps of grey, one path each."""
    steps = np.ceil(np.clip(seen, 0, 1) * levels - 1e-6).astype(int)
    parts = []
    for step in range(1, levels + 1):
        cells = np.argwhere(steps == step).tolist()
        if cells:
            d = "".join(f"M{CELL * c} {CELL * r}h{CELL}v{CELL}h-{CELL}z" for r, c in cells)
            parts.append(
                element("path", d=d, fill=GREY, fill_opacity=f"{0.45 * step / levels:.2f}")
            )
    return parts


def marks(slopes: Any) -> list[str]:
    strongest = float(np.abs(slopes).max())
    if strongest == 0:
        return []
    shares = slopes / strongest
    places = np.argwhere(np.abs(shares) > FAINTEST)
    sides = (CELL - 0.6) * np.sqrt(np.abs(shares[tuple(places.T)]))
    squares, diamonds = [], []
    for (r, c), side in zip(places.tolist(), sides.tolist(), strict=True):
        x, y = CELL * (c + 0.5), CELL * (r + 0.5)
        if shares[r, c] > 0:
            half = side / 2
            squares.append(f"M{x - half:.1f} {y - half:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z")
        else:
            half = side * sqrt(0.5)
            d = f"{half:.1f}"
            diamonds.append(f"M{x:.0f} {y - half:.1f}l{d} {d}l-{d} {d}l-{d} -{d}z")
    return [
        element("path", d="".join(shapes), fill=colour)
        for shapes, colour in ((squares, PURPLE), (diamonds, TANGENT))
        if shapes
    ]


def cursor(model: Digit) -> str:
    """The pixel of the drawing under the cursor, where the network sees it."""
    frame, size = model.frame, CELL * model.frame.scale
    x = CELL * (model.column * frame.scale + frame.right)
    y = CELL * (model.row * frame.scale + frame.down)
    return element(
        "rect", x=float(x), y=float(y), width=float(size), height=float(size), fill="none",
        stroke=INK, stroke_width=2,
    )  # fmt: skip


def bars(model: Digit) -> str:
    left, widest, pitch = 282, 122, WIDE / 10
    parts = [text(258, 22, "probability")]
    for digit, p in enumerate(model.probabilities.tolist()):
        y = TOP + pitch * digit
        base = y + pitch / 2 + 5
        best = digit == model.answer
        weight = "700" if best else None
        if digit == model.subject:
            parts.append(
                element("rect", x=250, y=y + 1, width=222, height=pitch - 2, rx=4, fill="none",
                        stroke=PURPLE, stroke_width=1.5)
            )  # fmt: skip
        parts.append(text(266, base, str(digit), text_anchor="middle", font_weight=weight))
        parts.append(line((left, y + 3), (left, y + pitch - 3), stroke=GREY, stroke_width=1))
        parts.append(
            element("rect", x=left, y=y + 5, width=float(widest * p), height=pitch - 10,
                    fill=PRIMAL, fill_opacity=None if best else "0.7")
        )  # fmt: skip
        parts.append(text(466, base, fixed(p, 3), text_anchor="end", font_weight=weight))
    return "".join(parts)


def legend(model: Digit) -> str:
    y = TOP + WIDE + 26
    square = element("rect", x=LEFT, y=y - 12, width=12, height=12, fill=PURPLE)
    diamond = element("path", d=f"M250 {y - 14}l8 8l-8 8l-8 -8z", fill=TANGENT)
    subject = model.subject
    return (
        square
        + text(32, y, f"ink raises log p({subject})")
        + diamond
        + text(266, y, "ink lowers it")
    )


def sums(model: Digit) -> str:
    """Two rows: the pixel under the cursor, and what map and answer cost."""
    first, second = TOP + WIDE + 58.0, TOP + WIDE + 84.0
    rule = line((LEFT, first - 20), (468, first - 20), stroke=PALE, stroke_width=1)
    if model.paper == 0:
        pixel = text(LEFT, first, "□ this pixel is full of ink")
    else:
        pixel = (
            text(LEFT, first, f"□ inked: Δp({model.subject})")
            + text(330, first, f"tangent {signed(model.predicted)}", text_anchor="end")
            + text(466, first, f"actual {signed(model.actual)}", text_anchor="end")
        )
    price = (
        text(LEFT, second, "multiplications")
        + text(302, second, f"answer {cost(''):,}", text_anchor="end")
        + text(466, second, f"map {cost(model.seeds):,}", text_anchor="end")
    )
    return rule + pixel + price
