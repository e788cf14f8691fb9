"""The look of the book's figures: one style, colours that all eyes tell apart, boxes and arrows.

`use()` at the top of a notebook is all a figure needs. Figures are drawn on white paper, at a
width where their lettering stays readable on a phone; pages in the dark keep the paper. Nothing
here loads matplotlib before it is called.
"""

from __future__ import annotations

from typing import Any

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/). A colour never speaks alone: a dash,
# a marker, a hatch or a word says the same.
BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW, BLACK = "#E69F00", "#56B4E9", "#F0E442", "#000000"
INK, GREY, PALE = "#333333", "#5A5A5A", "#E3E3E3"

PRIMAL, TANGENT = BLUE, VERMILLION
"""The colours of the two parts of a dual number, the same on every page."""


def use() -> None:
    """Draw from here on in the book's style; in a notebook also at double resolution.

    Raises
    ------
    ImportError
        Matplotlib is not installed.
    """
    import matplotlib.style

    matplotlib.style.use("dualedu.book")
    if matplotlib.get_backend().lower() in ("inline", "module://matplotlib_inline.backend_inline"):
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        # Twice the pixels, shown at half the size: sharp on any screen, no larger on the page.
        set_matplotlib_formats("retina")  # type: ignore[no-untyped-call]


def box(ax: Any, x: float, y: float, text: str, colour: str = INK, **kwargs: Any) -> Any:
    """Draw text in a rounded frame around a point.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    x : float
        The centre, in data coordinates.
    y : float
        The centre, in data coordinates.
    text : str
        What stands in the frame.
    colour : str, optional
        The frame's colour.
    **kwargs : object
        Passed on to `Axes.text`.

    Returns
    -------
    text : matplotlib.text.Text
        `arrow` can point to its frame.
    """
    frame = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": colour, "lw": 1.5}
    return ax.text(x, y, text, ha="center", va="center", bbox=frame, **kwargs)


def arrow(ax: Any, tail: Any, head: Any, colour: str = GREY, **kwargs: Any) -> Any:
    """Draw a straight arrow between two points or boxes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    tail : tuple of float or matplotlib.text.Text
        A point (x, y) in data coordinates, or a box, at whose frame the arrow begins.
    head : tuple of float or matplotlib.text.Text
        A point or a box, at whose frame the arrow ends.
    colour : str, optional
        The arrow's colour.
    **kwargs : object
        Passed on to `FancyArrowPatch`.

    Returns
    -------
    patch : matplotlib.patches.FancyArrowPatch
        The arrow.
    """
    from matplotlib.patches import FancyArrowPatch

    def centre(end: Any) -> Any:
        return end.get_position() if hasattr(end, "get_bbox_patch") else end

    def frame(end: Any) -> Any:
        return end.get_bbox_patch() if hasattr(end, "get_bbox_patch") else None

    # A frame gets its place when its text is drawn, so arrows are drawn after texts (zorder 3).
    style: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 14, "lw": 1.8, "zorder": 4}
    patch = FancyArrowPatch(
        centre(tail),
        centre(head),
        patchA=frame(tail),
        patchB=frame(head),
        color=colour,
        **style | {"shrinkA": 0, "shrinkB": 0} | kwargs,
    )
    return ax.add_patch(patch)
