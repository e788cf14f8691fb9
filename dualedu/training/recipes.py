"""Settings that train well: rates by method, and how a method draws its directions."""

from __future__ import annotations

from typing import Any

RATES = {
    "exact": {1: 0.05},
    "activities": {1: 0.00125, 4: 0.0025, 16: 0.01, 64: 0.025},
    "weights": {1: 5e-5, 16: 2.5e-4, 64: 5e-4},
}
"""Learning rates by method and number of directions, chosen on validation images by
book/results/rates.py."""

DIRECTIONS = {"exact": 1, "activities": 64, "weights": 1}


def default_rate(method: str, directions: int) -> float:
    """The rate of the largest number of directions tried that is not above this one."""
    return next(r for k, r in reversed(RATES[method].items()) if k <= directions)


def gradient_options(method: str, directions: int, width: int) -> dict[str, Any]:
    """How to draw the directions: orthogonal in activities as long as the layer has room for them,
    rank-one in weights, where several dense ones would cost many times as much."""
    if method == "exact":
        return {}
    options: dict[str, Any] = {"directions": directions, "perturb": method}
    if method == "activities":
        return options | {"orthogonal": directions <= width}
    return options | ({"law": "rank-one"} if directions > 1 else {})
