"""Contour lines of a function of two numbers, by marching squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Side = tuple[int, int, int]
"""Whether it stands upright, and the row and column of the grid point where it begins."""

# The corners of a cell are 1 (left, low), 2 (right, low), 4 (right, high), 8 (left, high), added
# up where the function lies above the level. Its sides: 0 low, 1 right, 2 high, 3 left.
CROSSED = {
    **dict.fromkeys((1, 14), ((3, 0),)),
    **dict.fromkeys((2, 13), ((0, 1),)),
    **dict.fromkeys((3, 12), ((3, 1),)),
    **dict.fromkeys((4, 11), ((1, 2),)),
    **dict.fromkeys((6, 9), ((0, 2),)),
    **dict.fromkeys((7, 8), ((3, 2),)),
    5: ((3, 2), (0, 1)),
    10: ((3, 0), (1, 2)),
}


def contours(
    xs: NDArray[np.float64], ys: NDArray[np.float64], z: NDArray[np.float64], level: float
) -> list[list[Point]]:
    """The lines on which z, of shape (len(ys), len(xs)), has the value `level`.

    Between grid points z is taken to be linear. A closed line ends where it starts.
    """
    above = z > level
    cells = above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1]
    points: dict[Side, Point] = {}
    neighbours: dict[Side, list[Side]] = {}
    for i, j in np.argwhere((cells > 0) & (cells < 15)).tolist():
        # A side has one name, from whichever of its two cells it is seen.
        sides = ((0, i, j), (1, i, j + 1), (0, i + 1, j), (1, i, j))
        for pair in CROSSED[int(cells[i, j])]:
            a, b = (sides[k] for k in pair)
            for side in (a, b):
                points[side] = crossing(xs, ys, z, level, side)
            neighbours.setdefault(a, []).append(b)
            neighbours.setdefault(b, []).append(a)
    return [[points[side] for side in chain] for chain in chains(neighbours)]


def crossing(
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
    z: NDArray[np.float64],
    level: float,
    side: Side,
) -> Point:
    upright, i, j = side
    k, m = (i + 1, j) if upright else (i, j + 1)
    share = (level - z[i, j]) / (z[k, m] - z[i, j])
    return float(xs[j] + share * (xs[m] - xs[j])), float(ys[i] + share * (ys[k] - ys[i]))


def chains(neighbours: dict[Side, list[Side]]) -> list[list[Side]]:
    """The lines that the pieces make up; every side has one neighbour, at an end, or two."""
    found: list[list[Side]] = []
    left = {side: list(others) for side, others in neighbours.items()}
    ends = [side for side, others in left.items() if len(others) == 1]
    for start in [*ends, *left]:
        if not left[start]:
            continue
        chain = [start]
        while left[chain[-1]]:
            here = chain[-1]
            there = left[here].pop()
            left[there].remove(here)
            chain.append(there)
        found.append(chain)
    return found
