"""Pictures of an array that is wrong, as SVG: entry by entry, and as two arrows."""

from __future__ import annotations

import math
from html import escape
from typing import Any

import numpy as np

INK, GREY = "currentColor", "#808080"
BLUE, VERMILLION, PAPER = (0, 114, 178), (213, 94, 0), (255, 255, 255)
LONG = 120
"""Pixels of the longer arrow."""


def colour(x: float) -> str:
    """Blue below zero, white at zero, vermillion above; x from −1 to 1."""
    end = VERMILLION if x > 0 else BLUE
    mixed = [round(p + abs(x) * (e - p)) for p, e in zip(PAPER, end, strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def cells(array: Any) -> Any:
    """A matrix of at most 24 × 24 to draw: the array's rows, or the corner of a larger one."""
    a = np.asarray(array, np.float64)
    a = a.reshape(1, -1) if a.ndim < 2 else a.reshape(-1, a.shape[-1])
    if a.shape[0] == 1 and a.shape[1] > 24:
        n = a.shape[1] - a.shape[1] % 24
        a = a[0, :n].reshape(-1, 24)
    return a[:24, :24]


def heat_maps(name: str, true: Any, claimed: Any) -> str:
    """The true and the claimed array side by side, in the same colours, as SVG."""
    pair = [cells(true), cells(claimed)]
    rows, columns = pair[0].shape
    size = max(4, min(20, 200 // max(rows, columns)))
    top = float(max(np.max(np.abs(p), initial=0) for p in pair)) or 1.0
    width, gap = columns * size, 24
    parts = []
    for k, (title, a) in enumerate(zip(("true", "claimed"), pair, strict=True)):
        x0 = k * (max(width, 70) + gap)
        parts.append(f'<text x="{x0}" y="12" fill="{INK}">{title}</text>')
        for i in range(rows):
            for j in range(columns):
                value = float(a[i, j]) if np.isfinite(a[i, j]) else 0.0
                parts.append(
                    f'<rect x="{x0 + j * size}" y="{18 + i * size}" width="{size}" '
                    f'height="{size}" fill="{colour(value / top)}" stroke="{GREY}" '
                    'stroke-width="0.3"/>'
                )
    full_width, height = 2 * max(width, 70) + gap, 20 + rows * size
    label = (
        f"Two heat-maps of {name}, the true gradient and the claimed one; largest entries "
        f"{np.max(np.abs(pair[0])):.3g} and {np.max(np.abs(pair[1])):.3g}"
    )
    return (
        f'<figure><svg role="img" aria-label="{escape(label)}" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {full_width} {height}" width="{full_width}" '
        'style="max-width:100%" font-family="system-ui, sans-serif" font-size="12">'
        + "".join(parts)
        + f"</svg><figcaption>{escape(name)}: vermillion above zero, blue below</figcaption>"
        + "</figure>"
    )


def arrows(name: str, true: Any, claimed: Any) -> str:
    """The two arrays as arrows from one point, in the plane that they span: their angle and the
    ratio of their lengths are true. Nothing where one of them is zero or not finite."""
    t, c = (np.ravel(np.asarray(a, np.float64)) for a in (true, claimed))
    lengths = [float(np.linalg.norm(a)) for a in (t, c)]
    if not all(0 < length < math.inf for length in lengths):
        return ""
    along = t / lengths[0] - c / lengths[1], t / lengths[0] + c / lengths[1]
    # Kahan's formula: the arc cosine would lose small angles to rounding.
    angle = 2 * math.atan2(float(np.linalg.norm(along[0])), float(np.linalg.norm(along[1])))
    longest = max(lengths)
    tips = [
        (LONG * length / longest * math.cos(a), LONG * length / longest * math.sin(a))
        for length, a in zip(lengths, (0.0, angle), strict=True)
    ]
    left = 12 + max(0.0, -tips[1][0])
    bottom = 20 + tips[1][1]
    width = left + max(tips[0][0], tips[1][0]) + 60
    ratio, turned = f"{lengths[1] / lengths[0]:.3g}", f"{math.degrees(angle):.1f}"
    label = (
        f"Arrows of {name}: the claimed gradient has {ratio} times the length of the true one and "
        f"is turned by {turned} degrees"
    )
    drawn = "".join(
        arrow((left, bottom), (left + x, bottom - y), colour(end), word)
        for (x, y), end, word in zip(tips, (-1, 1), ("true", "claimed"), strict=True)
    )
    return (
        f'<figure><svg role="img" aria-label="{escape(label)}" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width:.0f} {bottom + 14:.0f}" width="{width:.0f}" '
        f'style="max-width:100%" font-family="system-ui, sans-serif" font-size="12">{drawn}</svg>'
        f"<figcaption>{escape(name)}, all entries together: {ratio} times the length, turned by "
        f"{turned}°</figcaption></figure>"
    )


def arrow(start: tuple[float, float], tip: tuple[float, float], ink: str, word: str) -> str:
    """A line with a head of two strokes and a word at its tip."""
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    length = math.hypot(dx, dy)
    head = min(7.0, length / 2)
    x, y = dx / length * head, dy / length * head
    wings = [
        f"{tip[0] - x * 0.87 + side * y * 0.5:.1f} {tip[1] - y * 0.87 - side * x * 0.5:.1f}"
        for side in (1, -1)
    ]
    path = (
        f"M {start[0]:.1f} {start[1]:.1f} L {tip[0]:.1f} {tip[1]:.1f} "
        f"M {wings[0]} L {tip[0]:.1f} {tip[1]:.1f} L {wings[1]}"
    )
    below = 12 if word == "true" else -4
    return (
        f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="2"/>'
        f'<text x="{tip[0] + 4:.1f}" y="{tip[1] + below:.1f}" fill="{INK}">{word}</text>'
    )
