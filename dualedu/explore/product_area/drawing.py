"""The rectangle in four parts, their areas, and the growth divided by ε as a bar."""

from __future__ import annotations

from dataclasses import dataclass

from dualedu.explore.kit.numerals import number
from dualedu.explore.kit.svg import (
    GREY,
    INK,
    PRIMAL,
    PURPLE,
    TANGENT,
    dot,
    element,
    line,
    path,
    picture,
    text,
)
from dualedu.explore.product_area.model import MOST_EPS, Rectangle, percent

LEFT, TOP, ROOM = 44.0, 16.0, 190.0  # the rectangle's place at the largest ε
FOOT = TOP + ROOM
COLUMN, EDGE = 248.0, 468.0  # the areas' names begin and their values end here
BAR, THICK = 286.0, 26.0  # the bar's top and height
FINGER = 24.0


@dataclass(frozen=True)
class Frame:
    """Where lengths lie on the paper, on a scale that does not change with ε."""

    model: Rectangle

    @property
    def scale(self) -> float:
        m = self.model
        return ROOM / max(m.a + m.b * MOST_EPS, m.c + m.d * MOST_EPS)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return LEFT + self.scale * x, FOOT - self.scale * y

    def eps(self, px: float, py: float) -> float:
        """The ε whose outer corner is nearest to a place on the paper; b and d are not both 0."""
        m = self.model
        x, y = (px - LEFT) / self.scale - m.a, (FOOT - py) / self.scale - m.c
        return (x * m.b + y * m.d) / (m.b**2 + m.d**2)


def draw(model: Rectangle) -> str:
    return picture(378, model.words(), *rectangle(model), *areas(model), *bar(model))


def rectangle(model: Rectangle) -> list[str]:
    frame, m = Frame(model), model
    wide, high = m.a + m.b * m.eps, m.c + m.d * m.eps
    parts = [
        block(frame.at(0, m.c), frame.at(m.a, 0), PRIMAL),
        block(frame.at(0, high), frame.at(m.a, m.c), TANGENT),
        block(frame.at(m.a, m.c), frame.at(wide, 0), TANGENT),
        block(frame.at(m.a, high), frame.at(wide, m.c), PURPLE, hatched=True),
    ]
    x, y = frame.at(m.a / 2, m.c / 2)
    far_x, far_y = frame.at((m.a + wide) / 2, (m.c + high) / 2)
    names = [("a", x, FOOT + 20, "middle"), ("c", LEFT - 10, y + 5, "end")]
    if m.b:  # where the strip is thin, its name keeps clear of the other
        names.append(("bε", max(far_x, x + 22), FOOT + 20, "middle"))
    if m.d:
        names.append(("dε", LEFT - 10, min(far_y, y - 20) + 5, "end"))
    parts += [text(x, y, name, text_anchor=anchor) for name, x, y, anchor in names]
    if m.slope:
        tip = frame.at(wide, high)
        parts += [dot(tip, INK, 5), dot(tip, "transparent", FINGER, data_drag="eps")]
    return parts


def block(
    top_left: tuple[float, float],
    bottom_right: tuple[float, float],
    colour: str,
    *,
    hatched: bool = False,
) -> str:
    """A rectangle; one that is thinner than its outline stays visible as a line."""
    (x, y), (right, bottom) = top_left, bottom_right
    width, height = right - x, bottom - y
    if width < 0.05 or height < 0.05:
        return ""
    box = element(
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        fill=colour,
        fill_opacity=0.1 if hatched else 0.3,
        stroke=colour,
        stroke_width=1.5,
    )
    return box + (hatch(x, y, width, height, colour) if hatched else "")


def hatch(x: float, y: float, width: float, height: float, colour: str) -> str:
    """Slanting lines within a rectangle."""
    parts, gap = [], 7.0
    for i in range(1, int((width + height) / gap) + 1):
        along = i * gap  # the line x + y = along, from the rectangle's top left
        start = (x + min(along, width), y + max(0.0, along - width))
        end = (x + max(0.0, along - height), y + min(along, height))
        parts.append(line(start, end, stroke=colour, stroke_width=1.5))
    return "".join(parts)


def areas(model: Rectangle) -> list[str]:
    """The names and areas of the parts, beside them."""
    rows = [
        (PRIMAL, "ac", number(model.primal)),
        (TANGENT, "(ad + bc) ε", number(sum(model.strips))),
        (PURPLE, "bd ε²", number(model.corner)),
    ]
    parts = [text(COLUMN, TOP + 14, "areas with a real ε", fill=GREY)]
    for i, (colour, name, value) in enumerate(rows):
        y = TOP + 44 + 28 * i
        parts.append(block((COLUMN, y - 13), (COLUMN + 18, y + 3), colour, hatched=i == 2))
        parts.append(text(COLUMN + 28, y, name))
        parts.append(text(EDGE, y, value, text_anchor="end"))
    y = TOP + 44 + 28 * 3
    parts.append(text(COLUMN, y, "corner ÷ strips"))
    parts.append(text(EDGE, y, percent(model.share), text_anchor="end", font_weight=600))
    return parts


def bar(model: Rectangle) -> list[str]:
    """What has grown, divided by ε: the tangent, and what the corner adds to it."""
    most = model.slope + model.b * model.d * MOST_EPS
    scale = (EDGE - LEFT) / most if most else 0.0
    end = LEFT + scale * model.slope
    over = end + scale * model.excess
    parts = [text(LEFT, BAR - 12, "the area that is new, divided by ε", fill=GREY)]
    parts += [block((LEFT, BAR), (end, BAR + THICK), TANGENT)]
    parts += [block((end, BAR), (over, BAR + THICK), PURPLE, hatched=True)]
    if model.slope:
        parts += [path([(end, BAR - 6), (end, BAR + THICK + 6)], stroke=INK, stroke_width=2)]
    same = f"ad + bc = {number(model.slope)} at every ε: the tangent"
    more = f"bd ε = {number(model.excess)} too much: it shrinks, never to 0"
    if not model.excess:
        more = "nothing too much: there is no corner"
    for i, (colour, words) in enumerate(((TANGENT, same), (PURPLE, more))):
        y = BAR + THICK + 28 + 26 * i
        parts.append(block((LEFT, y - 13), (LEFT + 18, y + 3), colour, hatched=i == 1))
        parts.append(text(LEFT + 28, y, words))
    return parts
