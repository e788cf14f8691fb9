"""The pictures of book/assets, drawn with the library itself. `make pictures` writes them again.

tangent.svg: what a dual number does to a function. A unit arrow goes in, the derivative comes out.
losses.svg: the loss of the notebook that would not learn, and of the one the book ends with.
floors.svg: the packages of the library, each on those that it imports.
favicon.svg: a value and its arrow, for the browser's tab.
badges.svg: what the project's own files say of versions and licences, for the README.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from dualedu import Dual
from dualedu.explore.kit import svg
from dualedu.explore.kit.svg import INK, PRIMAL, TANGENT

ASSETS = Path(__file__).resolve().parents[2] / "assets"
RESULTS = Path(__file__).resolve().parents[2] / "results"
ROOT = Path(__file__).resolve().parents[3]
FAINT = "#9A9A9A"

Point = tuple[float, float]


def drawing(width: float, height: float, letters: float, label: str, *parts: str) -> str:
    """A whole picture, larger than a widget's and with its colours written out."""
    group = svg.element("g", *parts, font_size=letters)
    return svg.printed(svg.picture(height, label, group, width=width)) + "\n"


def tangent() -> str:
    """The graph of x sin x with 1 + 1ε on the x-axis, its image on the y-axis, and the tangent."""

    def f(x: Any) -> Any:
        return x * np.sin(x)

    a = Dual(1.0, 1.0)
    b = f(a)
    values = f"{b.primal:.2f} + {b.tangent:.2f}ε"

    def at(x: Any, y: Any) -> Point:
        return float(70 + 210 * x), float(400 - 150 * y)

    def dual(x: float, y: float, words: str, primal: str, tangent: str, anchor: str) -> str:
        parts = (
            words,
            svg.element("tspan", primal, fill=PRIMAL),
            " + ",
            svg.element("tspan", f"{tangent}ε", fill=TANGENT),
        )
        return svg.element("text", *parts, x=x, y=y, fill=INK, text_anchor=anchor)

    x_tail, x_head = at(a.primal, 0), at(a.primal + a.tangent, 0)
    y_tail, y_head = at(0, b.primal), at(0, b.primal + b.tangent)
    tail, head = at(a.primal, b.primal), at(a.primal + a.tangent, b.primal + b.tangent)
    axes = [[at(-0.2, 0), at(3.35, 0)], [at(0, -0.3), at(0, 2.5)]]
    guides = [[x_tail, tail, y_tail], [x_head, head, y_head]]
    curve = [at(x, f(x)) for x in np.linspace(-0.15, 3.22, 120)]
    out = f"{b.primal:.2f}", f"{b.tangent:.2f}"
    label = (
        "The graph of x sin x. On the x-axis 1 + 1ε is a point at 1 with an arrow one unit long. "
        f"On the y-axis {values} is a point at {b.primal:.2f} with an arrow {b.tangent:.2f} long. "
        "At the point of the curve above 1 the two make an arrow along the tangent."
    )
    return drawing(
        800,
        470,
        22,
        label,
        *(svg.path(axis, stroke=FAINT, stroke_width=1.5) for axis in axes),
        *(
            svg.path(guide, stroke=FAINT, stroke_width=1.5, stroke_dasharray="4 5")
            for guide in guides
        ),
        svg.path(curve, stroke=FAINT, stroke_width=3.5),
        svg.arrow(tail, head, INK, 4) + svg.dot(tail, INK, 7),
        svg.arrow(x_tail, x_head, TANGENT, 4) + svg.dot(x_tail, PRIMAL, 7),
        svg.arrow(y_tail, y_head, TANGENT, 4) + svg.dot(y_tail, PRIMAL, 7),
        dual(385, 442, "in: ", "1", "1", "middle"),
        dual(88, 205, "out: ", *out, "start"),
        svg.text(652, 300, "f(x) = x sin x", text_anchor="end"),
        svg.text(510, 62, f"slope f′(1) = {b.tangent:.2f}"),
    )


def losses() -> str:
    """The cross-entropy of the test images by epoch, of the notebook as written and of the exact
    forward gradient, from the stored runs on all of MNIST: the mean over their seeds."""

    def stored(name: str) -> Any:
        return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))["runs"]

    written = np.mean([run["cross_entropy"] for run in stored("patient").values()], axis=0)
    runs = stored("mnist_full")["exact"]["epochs"].values()
    learned = np.mean([run["test_loss"] for run in runs], axis=0)

    def at(epoch: float, loss: float) -> Point:
        return 66 + 48 * epoch, 330 - 84 * (float(np.log10(loss)) + 1.4)

    def curve(first: int, values: np.ndarray, colour: str, dash: str | None) -> str:
        points = [at(first + i, v) for i, v in enumerate(values)]
        line = svg.path(points, stroke=colour, stroke_width=3.5, stroke_dasharray=dash)
        return line + "".join(svg.dot(point, colour) for point in points)

    def words(epoch: float, loss: float, said: str, anchor: str = "start", dy: float = 0) -> str:
        x, y = at(epoch, loss)
        return svg.text(x, y + dy, said, text_anchor=anchor)

    rows = [0.1, 1, 10]
    label = (
        f"Two curves of the loss on a logarithmic axis. As the notebook was written it starts at "
        f"{written[0]:.0f} and ends at {written[-1]:.0f} after ten epochs. With the exact forward "
        f"gradient it falls to {learned[-1]:.2f}."
    )
    return drawing(
        580,
        400,
        21,
        label,
        *(svg.line(at(0, y), at(10.3, y), stroke=FAINT, stroke_width=1) for y in rows),
        *(words(-0.2, y, f"{y:g}", "end", 7) for y in rows),
        *(words(e, 0.04, str(e), "middle", 24) for e in (0, 2, 4, 6, 8, 10)),
        words(5, 0.04, "epochs", "middle", 54),
        svg.text(20, 34, "loss on the test images"),
        curve(0, written, TANGENT, "3 7"),
        curve(1, learned, PRIMAL, None),
        words(5, written[5], "the notebook as written", "middle", -22),
        words(5, learned[4], "exact forward gradients", "middle", -44),
    )


FLOORS = (
    {"internals": "what core stands on", "mnist": "data", "figures": "style"},
    {"core": "dual numbers, their rules, jvp and gradient"},
    {
        "numpy_rules": "NumPy",
        "scipy_rules": "SciPy",
        "custom_rules": "your own",
        "doctor": "tests gradients",
    },
    {"nn": "stable functions, a perceptron", "jets": "Taylor series"},
    {"training": "gradients without a backward pass, the loop"},
    {"teaching": "checks of exercises, the patient, costs"},
    {"explore": "widgets"},
)
"""The packages from the ground up: each imports from the floors below its own and from no other.
tests/test_floors.py holds the library to it."""


def floors() -> str:
    """A house of packages."""
    width, height, gap = 720, 62, 8

    def words(x: float, y: float, said: str, **look: Any) -> str:
        return svg.text(x, y, said, text_anchor="middle", **look)

    rooms = []
    for number, floor in enumerate(FLOORS):
        y = 16 + (len(FLOORS) - 1 - number) * (height + gap)
        wide = (width - 32 - gap * (len(floor) - 1)) / len(floor)
        for place, (name, about) in enumerate(floor.items()):
            x = 16 + place * (wide + gap)
            box = {"x": x, "y": y, "width": wide, "height": height, "rx": 6}
            rooms.append(svg.element("rect", **box, fill="none", stroke=PRIMAL, stroke_width=2))
            rooms.append(words(x + wide / 2, y + 27, name, font_weight=600))
            rooms.append(words(x + wide / 2, y + 49, about, font_size=16))
    ground = 18 + len(FLOORS) * (height + gap)
    told = ", ".join(" and ".join(floor) for floor in FLOORS)
    label = (
        "A house of seven floors on a ground called NumPy. From the ground up the floors are: "
        f"{told}. Each package imports from the floors below it alone."
    )
    return drawing(
        width,
        ground + 44,
        20,
        label,
        *rooms,
        svg.line((16, ground), (width - 16, ground), stroke=INK, stroke_width=4),
        words(width / 2, ground + 28, "NumPy", font_weight=600),
    )


def favicon() -> str:
    return svg.printed(f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="6" fill="#ffffff"/>
<path d="M9 23 L20 12" stroke="{TANGENT}" stroke-width="4"/>
<path d="M15 7 L26 6 L25 17 z" fill="{TANGENT}"/>
<circle cx="9" cy="23" r="5" fill="{PRIMAL}"/>
</svg>
""")


def stated() -> dict[str, str]:
    """What pyproject.toml and _config.yml say, so that no badge says anything else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pattern = r"Programming Language :: Python :: (3\.\d+)"
    pythons = [found[1] for c in project["classifiers"] if (found := re.fullmatch(pattern, c))]
    (numpy,) = project["dependencies"]
    book = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    kind, version = re.findall(r"licenses/(.+)/(.+)/", book["frontdoor_licence"])[0]
    return {
        "Python": f"{pythons[0]} to {pythons[-1]}",
        "needs": f"NumPy {numpy.removeprefix('numpy>=')} or newer, and nothing else",
        "code": project["license"].partition(" AND ")[0],
        "text": f"CC {kind.upper()} {version}",
    }


def badges() -> str:
    """A row of plates, a word and what holds for it on each."""
    height, letter, edge, gap = 30, 7.7, 10, 10
    plates, x = [], 0.0
    said = stated()
    for word, fact in said.items():
        width = letter * len(word + fact) + 4 * edge
        box = {"x": x + 1, "y": 1, "width": width - 2, "height": height - 2, "rx": 4}
        plates.append(svg.element("rect", **box, fill="none", stroke=PRIMAL, stroke_width=1.5))
        plates.append(svg.text(x + edge, 20, word, font_weight=600))
        plates.append(svg.text(x + width - edge, 20, fact, text_anchor="end"))
        x += width + gap
    label = ". ".join(f"{word}: {fact}" for word, fact in said.items())
    return drawing(x - gap, height, 14, f"{label}.", *plates)


PICTURES = {
    "tangent.svg": tangent,
    "losses.svg": losses,
    "floors.svg": floors,
    "favicon.svg": favicon,
    "badges.svg": badges,
}


def main() -> None:
    for file, draw in PICTURES.items():
        (ASSETS / file).write_text(draw(), encoding="utf-8")
        print(ASSETS / file)


if __name__ == "__main__":
    main()
