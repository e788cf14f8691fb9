"""What stands on the card of each page: the book's own arrow, computed by the library."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualedu import Dual
from dualedu.figures import PRIMAL, TANGENT

CURVE = "#9A9A9A"


def draw(axes: Any) -> None:
    """The graph of x sin x, a dual number on the axis, and the arrow that it becomes."""
    a = Dual(1.0, 1.0)
    b = a * np.sin(a)
    x = np.linspace(-0.1, 3.2, 200)
    axes.axis("off")
    axes.plot(x, x * np.sin(x), color=CURVE, lw=5, solid_capstyle="round")
    axes.plot([-0.1, 3.2], [0, 0], color=CURVE, lw=1.5)
    for tail, head in (
        ((a.primal, 0), (a.primal + a.tangent, 0)),
        ((a.primal, b.primal), (a.primal + a.tangent, b.primal + b.tangent)),
    ):
        look = {"arrowstyle": "-|>", "mutation_scale": 28, "lw": 5, "color": TANGENT}
        axes.annotate("", head, tail, arrowprops=look | {"shrinkA": 0, "shrinkB": 0})
        axes.plot(*tail, "o", color=PRIMAL, ms=16)
    axes.text(1.5, -0.42, "1 + 1ε", size=26, ha="center", color=TANGENT)
    axes.text(1.2, 0.62, f"{b.primal:.2f} + {b.tangent:.2f}ε", size=24, color=TANGENT)
    axes.set(xlim=(-0.3, 3.4), ylim=(-0.6, 2.5))
