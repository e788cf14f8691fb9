"""A heat-map with its row sums; below, the tangents along the direction, three ways."""

from __future__ import annotations

from collections.abc import Iterator

from dualedu.explore.kit.numerals import fixed, number
from dualedu.explore.kit.svg import (
    GREY,
    PALE,
    PURPLE,
    TANGENT,
    element,
    line,
    picture,
    text,
)
from dualedu.explore.softmax_jacobian.model import Jacobians

SIDE, HIGH = 66, 38
LEFT, TOP = 96, 62
ROW = 25
STRONGEST = 0.5
"""The opacity of the largest entry there can be, 1 / 4T: letters on it stay legible."""

SUBSCRIPTS = "₁₂₃₄"


def draw(model: Jacobians) -> str:
    bottom = TOP + len(model.logits) * HIGH
    height = bottom + 50 + (len(model.logits) + 2) * ROW
    return picture(height, model.words(), *heat_map(model), *table(model, bottom + 36))


def heat_map(model: Jacobians) -> Iterator[str]:
    """Orange with a plus, purple with a minus; what the diagonal rule leaves out is a dashed 0."""
    end = LEFT + len(model.logits) * SIDE
    which = "the full Jacobian" if model.full else "only the diagonal of the Jacobian"
    yield text(12, 24, f"∂p/∂z: {which}", font_weight=600)
    yield text(end + 52, TOP - 8, "row sum", fill=GREY, text_anchor="middle")
    for i, total in enumerate(model.row_sums):
        x, y = LEFT + (i + 0.5) * SIDE, TOP + i * HIGH
        yield text(x, TOP - 8, f"z{SUBSCRIPTS[i]}", fill=GREY, text_anchor="middle")
        name = f"p{SUBSCRIPTS[i]} {fixed(model.probabilities[i], 3)}"
        yield text(LEFT - 10, y + 24, name, fill=GREY, text_anchor="end")
        for j in range(len(model.logits)):
            yield field(model, i, j, LEFT + j * SIDE, y)
        yield text(end + 76, y + 24, fixed(total, 3), text_anchor="end", font_weight=600)


def field(model: Jacobians, i: int, j: int, x: float, y: float) -> str:
    value = float(model.jacobian[i, j])
    box = {"x": x + 1, "y": y + 1, "width": SIDE - 2, "height": HIGH - 2, "rx": 3}
    if not model.full and i != j:
        frame = element("rect", **box, fill="none", stroke=GREY, stroke_dasharray="3 3")
        return frame + text(x + SIDE / 2, y + 24, "0", fill=GREY, text_anchor="middle")
    opacity = STRONGEST * min(1.0, abs(value) * 4 * model.temperature)
    colour = TANGENT if value > 0 else PURPLE
    frame = element("rect", **box, fill=colour, fill_opacity=f"{opacity:.2f}", stroke=PALE)
    written = {"text_anchor": "middle", "font_size": "0.93em"}
    return frame + text(x + SIDE / 2, y + 24, signed(value), **written)


def signed(value: float) -> str:
    """The sign is written, since colours alone would not tell it to all eyes."""
    written = fixed(value, 3)
    return f"+{written}" if value > 0 and float(written) else written


def table(model: Jacobians, top: float) -> Iterator[str]:
    """A row for each probability: its logit's tangent, and its own by differences and both rules.

    Then the sums, which must be 0, and the largest errors.
    """
    ways = model.tangents
    ends = (130, 250, 350, 460)
    for x, head in zip(ends, ("ż", *ways), strict=True):
        yield text(x, top, head, fill=GREY, text_anchor="end")
    rows = [
        (f"ṗ{SUBSCRIPTS[i]}", number(v), *(fixed(tangent[i], 3) for tangent in ways.values()))
        for i, v in enumerate(model.direction)
    ]
    rows.append(("sum of ṗ", "", *(fixed(tangent.sum(), 3) for tangent in ways.values())))
    errors = [model.size(model.error(way)) for way in ways if way != "differences"]
    rows.append(("largest error", "", "", *errors))
    for i, (name, *cells) in enumerate(rows):
        y = top + ROW * (i + 1)
        if i in (0, len(model.direction)):
            yield line((12, y - 18), (468, y - 18), stroke=PALE, stroke_width=1.5)
        yield text(12, y, name, fill=GREY)
        for x, way, cell in zip(ends, ("", *ways), cells, strict=True):
            bold = 600 if way == "diagonal" else None
            yield text(x, y, cell, text_anchor="end", font_weight=bold)
