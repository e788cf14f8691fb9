"""For each array how far the claim is off, on a scale of powers of ten, against what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from dualedu.explore.kit.svg import GREEN, GREY, PALE, TANGENT, element, line, picture, text
from dualedu.explore.own_patient.model import Visit

LEFT, RIGHT, TOP, ROW = 190, 420, 74, 30
LOWEST, HIGHEST = -9.0, 1.0
MOST = 16
"""Rows that are drawn; the report has all."""


def draw(visit: Visit) -> str:
    rows = list(visit.examined.diagnosis.arrays)[:MOST] if visit.examined else []
    height = TOP + ROW * len(rows) + 56 if rows else 60
    return picture(height, visit.words(), *head(visit), *(scale(rows) if rows else ()))


def head(visit: Visit) -> Iterator[str]:
    yield text(12, 24, f"f: {short(visit.f)}", font_weight=600)
    yield text(12, 46, f"claimed: {short(visit.claim)}", font_weight=600)
    yield text(468, 24, f"at {short(visit.place)}", fill=GREY, text_anchor="end")


def scale(rows: list[dict[str, object]]) -> Iterator[str]:
    """Green and a tick within what is allowed, orange and a cross beyond it."""
    bottom = TOP + ROW * len(rows)
    for power in (-9, -6, -3, 0):
        x = across(10.0**power)
        yield line((x, TOP - 8), (x, bottom), stroke=PALE, stroke_width=1.5)
        words = "1" if power == 0 else f"10{str(power).translate(RAISED)}"
        yield text(x, bottom + 20, words, fill=GREY, text_anchor="middle", font_size="0.93em")
    words = "error relative to the gradient; dashed: allowed"
    yield text(12, bottom + 46, words, fill=GREY, font_size="0.93em")
    for k, row in enumerate(rows):
        y = TOP + ROW * k
        error, allowed = float(str(row["error"])), float(str(row["tolerance"]))
        colour = GREEN if row["right"] else TANGENT
        yield text(12, y + 16, short(str(row["array"])))
        width = max(across(error) - LEFT, 3)
        yield element("rect", x=LEFT, y=y + 4, width=width, height=14, rx=3, fill=colour)
        mark = across(allowed)
        yield line((mark, y), (mark, y + 22), stroke=GREY, stroke_dasharray="3 3")
        word = "✓" if row["right"] else "✗"
        yield text(468, y + 16, word, fill=colour, text_anchor="end", font_weight=600)


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def across(size: float) -> float:
    """Where an error of a size relative to the gradient stands."""
    power = min(max(log10(max(size, 1e-300)), LOWEST), HIGHEST)
    return LEFT + (RIGHT - LEFT) * (power - LOWEST) / (HIGHEST - LOWEST)


def short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"
