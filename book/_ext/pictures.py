"""The pictures of book/assets, drawn with the library itself. `make pictures` writes them again.

tangent.svg: what a dual number does to a function. A unit arrow goes in, the derivative comes out.
favicon.svg: a value and its arrow, for the browser's tab.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dualedu import Dual
from dualedu.figures import INK, PRIMAL, TANGENT

ASSETS = Path(__file__).resolve().parents[1] / "assets"
FAINT = "#9A9A9A"


def tangent() -> str:
    """The graph of x sin x with 1 + 1ε on the x-axis, its image on the y-axis, and the tangent."""

    def f(x):
        return x * np.sin(x)

    a = Dual(1.0, 1.0)
    b = f(a)
    values = f"{b.primal:.2f} + {b.tangent:.2f}ε"

    def at(x: float, y: float) -> str:
        return f"{70 + 210 * x:.1f} {400 - 150 * y:.1f}"

    def arrow(tail: str, head: str, colour: str, name: str) -> str:
        end = f'marker-end="url(#{name})"'
        return f'<path d="M{tail} L{head}" stroke="{colour}" stroke-width="4" {end}/>'

    def dot(point: str, colour: str) -> str:
        x, y = point.split()
        return f'<circle cx="{x}" cy="{y}" r="7" fill="{colour}"/>'

    def text(x: float, y: float, words: str, anchor: str = "start") -> str:
        return f'<text x="{x}" y="{y}" fill="{INK}" text-anchor="{anchor}">{words}</text>'

    def dual(primal: str, tangent: str) -> str:
        a, b = f'<tspan fill="{PRIMAL}">{primal}', f'<tspan fill="{TANGENT}">{tangent}ε'
        return f"{a}</tspan> + {b}</tspan>"

    def tip(name: str, colour: str) -> str:
        # The tip ends where its line ends, so that an arrow is exactly as long as its tangent.
        return (
            f'<marker id="{name}" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="4.5"'
            f' markerHeight="4.5" orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{colour}"/>'
            "</marker>"
        )

    x_tail, x_head = at(a.primal, 0), at(a.primal + a.tangent, 0)
    y_tail, y_head = at(0, b.primal), at(0, b.primal + b.tangent)
    tail, head = at(a.primal, b.primal), at(a.primal + a.tangent, b.primal + b.tangent)
    curve = " L".join(at(x, f(x)) for x in np.linspace(-0.15, 3.22, 120))
    label = (
        "The graph of x sin x. On the x-axis 1 + 1ε is a point at 1 with an arrow one unit long. "
        f"On the y-axis {values} is a point at {b.primal:.2f} with an arrow {b.tangent:.2f} long. "
        "At the point of the curve above 1 the two make an arrow along the tangent."
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 470" role="img" aria-label="{label}"
     font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="22" fill="none">
<defs>{tip("arrow", TANGENT)}{tip("along", INK)}</defs>
<rect width="800" height="470" rx="10" fill="#ffffff"/>
<g stroke="{FAINT}" stroke-width="1.5">
<path d="M{at(-0.2, 0)} L{at(3.35, 0)} M{at(0, -0.3)} L{at(0, 2.5)}"/>
<path d="M{x_tail} L{tail} L{y_tail} M{x_head} L{head} L{y_head}" stroke-dasharray="4 5"/>
<path d="M{curve}" stroke-width="3.5" stroke-linejoin="round"/>
</g>
{arrow(tail, head, INK, "along")}{dot(tail, INK)}
{arrow(x_tail, x_head, TANGENT, "arrow")}{dot(x_tail, PRIMAL)}
{arrow(y_tail, y_head, TANGENT, "arrow")}{dot(y_tail, PRIMAL)}
{text(385, 442, "in: " + dual("1", "1"), "middle")}
{text(88, 205, "out: " + dual(f"{b.primal:.2f}", f"{b.tangent:.2f}"))}
{text(652, 300, "f(x) = x sin x", "end")}
{text(510, 62, f"slope f′(1) = {b.tangent:.2f}")}
</svg>
"""


def favicon() -> str:
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="6" fill="#ffffff"/>
<path d="M9 23 L20 12" stroke="{TANGENT}" stroke-width="4"/>
<path d="M15 7 L26 6 L25 17 z" fill="{TANGENT}"/>
<circle cx="9" cy="23" r="5" fill="{PRIMAL}"/>
</svg>
"""


PICTURES = {"tangent.svg": tangent, "favicon.svg": favicon}


def main() -> None:
    for file, draw in PICTURES.items():
        (ASSETS / file).write_text(draw(), encoding="utf-8")
        print(ASSETS / file)


if __name__ == "__main__":
    main()
