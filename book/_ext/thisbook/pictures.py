"""The pictures of book/assets, drawn with the library itself. `make pictures` writes them again.

tangent.svg: what a dual number does to a function. A unit arrow goes in, the derivative comes out.
losses.svg: the loss of the notebook that would not learn, and of the one the book ends with.
favicon.svg: a value and its arrow, for the browser's tab.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from dualedu import Dual
from dualedu.figures import INK, PRIMAL, TANGENT

ASSETS = Path(__file__).resolve().parents[2] / "assets"
RESULTS = Path(__file__).resolve().parents[2] / "results"
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


def losses() -> str:
    """The cross-entropy of the test images by epoch, of the notebook as written and of the exact
    forward gradient, from the stored runs on all of MNIST: the mean over their seeds."""

    def stored(name: str) -> dict:
        return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))["runs"]

    written = np.mean([run["cross_entropy"] for run in stored("patient").values()], axis=0)
    runs = stored("mnist_full")["exact"]["epochs"].values()
    learned = np.mean([run["test_loss"] for run in runs], axis=0)

    def at(epoch: float, loss: float) -> tuple[float, float]:
        return 66 + 48 * epoch, 330 - 84 * (np.log10(loss) + 1.4)

    def curve(first: int, values: np.ndarray, colour: str, dash: str) -> str:
        points = [at(first + i, v) for i, v in enumerate(values)]
        line = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>' for x, y in points)
        stroke = f'stroke="{colour}" stroke-width="3.5" stroke-dasharray="{dash}"'
        return f'<path d="M{line}" {stroke}/><g fill="{colour}">{dots}</g>'

    def words(epoch: float, loss: float, text: str, anchor: str = "start", dy: int = 0) -> str:
        x, y = at(epoch, loss)
        return (
            f'<text x="{x:.1f}" y="{y + dy:.1f}" text-anchor="{anchor}" fill="{INK}">{text}</text>'
        )

    rows = [0.1, 1, 10]
    grid = "".join(
        f'<path d="M{at(0, loss)[0]:.1f} {at(0, loss)[1]:.1f} H{at(10.3, loss)[0]:.1f}"/>'
        for loss in rows
    )
    scale = "".join(words(-0.2, loss, f"{loss:g}", "end", 7) for loss in rows)
    epochs = "".join(words(e, 0.04, str(e), "middle", 24) for e in (0, 2, 4, 6, 8, 10))
    label = (
        f"Two curves of the loss on a logarithmic axis. As the notebook was written it starts at "
        f"{written[0]:.0f} and ends at {written[-1]:.0f} after ten epochs. With the exact forward "
        f"gradient it falls to {learned[-1]:.2f}."
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 580 400" role="img" aria-label="{label}"
     font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="21" fill="none">
<rect width="580" height="400" rx="10" fill="#ffffff"/>
<g stroke="{FAINT}" stroke-width="1">{grid}</g>
{scale}{epochs}{words(5, 0.04, "epochs", "middle", 54)}
<text x="20" y="34" fill="{INK}">loss on the test images</text>
{curve(0, written, TANGENT, "3 7")}{curve(1, learned, PRIMAL, "none")}
{words(5, written[5], "the notebook as written", "middle", -22)}
{words(5, learned[4], "exact forward gradients", "middle", -44)}
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


PICTURES = {"tangent.svg": tangent, "losses.svg": losses, "favicon.svg": favicon}


def main() -> None:
    for file, draw in PICTURES.items():
        (ASSETS / file).write_text(draw(), encoding="utf-8")
        print(ASSETS / file)


if __name__ == "__main__":
    main()
