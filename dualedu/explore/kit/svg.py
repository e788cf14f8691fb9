"""Pictures as SVG text: elements, colours that follow the page, arrows, and a plane with axes.

Everything is drawn at most 480 units wide, with letters of 15 units. On a phone the style sheet
makes them 18, against the shrinking: layouts leave room for that, and sizes within are in em. No
element has an id, so that two pictures on one page never take each other's parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, hypot, isfinite, log10

from dualedu import figures
from dualedu.explore.kit.numerals import number

WIDTH = 480
LETTERS = 15

# The page sets these variables, for light and for dark paper; elsewhere the light ones hold.
INK = f"var(--explore-ink, {figures.INK})"
GREY = f"var(--explore-grey, {figures.GREY})"
PALE = f"var(--explore-pale, {figures.PALE})"
PAPER = "var(--explore-paper, #ffffff)"
PRIMAL = f"var(--explore-primal, {figures.PRIMAL})"
TANGENT = f"var(--explore-tangent, {figures.TANGENT})"
TANGENT_INK = "var(--explore-tangent-ink, #B84F00)"
"""The tangent's colour for letters, which need more contrast than lines."""
GREEN = f"var(--explore-green, {figures.GREEN})"
PURPLE = f"var(--explore-purple, {figures.PURPLE})"

FONT = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"


def element(tag: str, *children: str, **attributes: object) -> str:
    """One element. `stroke_width=2` is written stroke-width="2"; None leaves an attribute out.

    Children are SVG and stand as they are; values of attributes are escaped.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(plain(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{''.join(children)}</{tag}>" if children else f"<{tag}{written}/>"


def plain(value: object) -> str:
    """Coordinates with one decimal, so that the same picture is the same text on any machine."""
    if not isinstance(value, float):
        return str(value)
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def picture(
    height: float, label: str, *parts: str, width: float = WIDTH, slope: float | None = None
) -> str:
    """The whole drawing on its paper. `label` is read in its stead; `slope` can be heard as a pitch
    on a page (sound.js)."""
    paper = element("rect", width=width, height=height, rx=8, fill=PAPER)
    return element(
        "svg",
        paper,
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {plain(width)} {plain(height)}",
        role="img",
        aria_label=label,
        font_family=FONT,
        font_size=LETTERS,
        style="font-variant-numeric: tabular-nums",
        data_slope=None if slope is None else f"{slope:.4f}",
    )


def printed(svg: str) -> str:
    """The drawing with its colours written out, for paper and programs that know no variables."""
    return re.sub(r"var\(--[\w-]+, ?([^)]+)\)", r"\1", svg)


def text(x: float, y: float, words: str, *, fill: str = INK, **attributes: object) -> str:
    """Words at (x, y), the start of their base line; text_anchor="middle" or "end" moves them."""
    return element("text", escape(words, quote=False), x=x, y=y, fill=fill, **attributes)


def words(x: float, y: float, *parts: tuple[str, str], **attributes: object) -> str:
    """A line of text whose parts, (words, colour), have colours of their own."""
    spans = (element("tspan", escape(part, quote=False), fill=fill) for part, fill in parts)
    return element("text", *spans, x=x, y=y, **attributes)


def line(tail: Sequence[float], head: Sequence[float], **attributes: object) -> str:
    (x1, y1), (x2, y2) = tail, head
    return element(
        "line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": INK, "stroke_width": 2} | attributes
    )


def arrow(
    tail: Sequence[float],
    head: Sequence[float],
    colour: str = INK,
    width: float = 3,
    **attributes: object,
) -> str:
    """An arrow that ends where its tip ends; one too short for its tip is a dot."""
    dx, dy = head[0] - tail[0], head[1] - tail[1]
    length = hypot(dx, dy)
    if length < 1:
        return dot(tail, colour, width)
    size = min(4.5 * width, length)
    ux, uy = dx / length, dy / length
    neck = (head[0] - size * ux, head[1] - size * uy)
    side = 0.42 * size
    corners = (
        head,
        (neck[0] - side * uy, neck[1] + side * ux),
        (neck[0] + side * uy, neck[1] - side * ux),
    )
    shaft = line(tail, neck, stroke=colour, stroke_width=width, **attributes)
    return shaft + path(corners, closed=True, fill=colour, stroke="none")


def dot(centre: Sequence[float], colour: str = INK, radius: float = 5, **attributes: object) -> str:
    return element("circle", cx=centre[0], cy=centre[1], r=radius, fill=colour, **attributes)


def path(points: Iterable[Sequence[float]], *, closed: bool = False, **attributes: object) -> str:
    """A line through points; one that is not finite interrupts it."""
    pieces, pen = [], "M"
    for x, y in points:
        if isfinite(x) and isfinite(y):
            pieces.append(f"{pen}{plain(float(x))} {plain(float(y))}")
            pen = "L"
        else:
            pen = "M"
    style = {"fill": "none", "stroke": INK, "stroke_width": 2.5, "stroke_linejoin": "round"}
    return element("path", d="".join(pieces) + ("Z" if closed else ""), **style | attributes)


@dataclass(frozen=True)
class Plane:
    """Part of the drawing in which a point has coordinates of its own.

    x and y are the ranges (low, high) shown; left, top, width, height the place on the paper.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    left: float = 44
    top: float = 12
    width: float = 424
    height: float = 240

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place of the point (x, y) on the paper, kept within sight of it."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        far = 20.0  # frames away: browsers stumble over coordinates of millions
        across, up = (max(-far, min(far, v)) if v == v else v for v in (across, up))
        return self.left + self.width * across, self.top + self.height * (1 - up)

    def inverse(self, px: float, py: float) -> tuple[float, float]:
        """The point that lies at a place on the paper."""
        across, up = (px - self.left) / self.width, 1 - (py - self.top) / self.height
        return (
            self.x[0] + across * (self.x[1] - self.x[0]),
            self.y[0] + up * (self.y[1] - self.y[0]),
        )

    def curve(
        self, points: Iterable[Sequence[float]], *, closed: bool = False, **attributes: object
    ) -> str:
        return path((self.at(*point) for point in points), closed=closed, **attributes)

    def clip(self, *parts: str) -> str:
        """The parts, cut off at the plane's edges."""
        box = {"x": self.left, "y": self.top, "width": self.width, "height": self.height}
        view = " ".join(plain(float(v)) for v in box.values())
        return element("svg", *parts, **box, viewBox=view, overflow="hidden")

    def axes(self, x_label: str = "", y_label: str = "") -> str:
        """Pale grid lines, numbers at them, and the axes' names, clear of what is drawn inside."""
        parts = []
        across, up = ticks(*self.x, 6), ticks(*self.y, 5)
        for value in across:
            foot = self.at(value, self.y[0])
            parts += [line(foot, self.at(value, self.y[1]), stroke=PALE, stroke_width=1)]
            parts += [text(foot[0], foot[1] + 18, number(value), fill=GREY, text_anchor="middle")]
        for value in up:
            foot = self.at(self.x[0], value)
            parts += [line(foot, self.at(self.x[1], value), stroke=PALE, stroke_width=1)]
            parts += [text(foot[0] - 6, foot[1] + 5, number(value), fill=GREY, text_anchor="end")]
        right, high = self.at(sum(across[-2:]) / 2, sum(up[-2:]) / 2)
        below = self.top + self.height + 18
        parts += [text(right, below, x_label, text_anchor="middle")] if x_label else []
        parts += [text(self.left - 6, high + 5, y_label, text_anchor="end")] if y_label else []
        return "".join(parts)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers within [low, high], at most `most` + 1 of them."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [i * step + 0.0 for i in range(first, last + 1)]
