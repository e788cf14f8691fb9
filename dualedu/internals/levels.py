"""Levels: which differentiation a dual number belongs to, and whether that is still under way."""

from __future__ import annotations

import itertools
from typing import Any

from dualedu.internals.shapes import is_dual

BY_HAND = 100
"""Levels below this one belong to duals written by hand, where the level is the nesting depth."""

OPEN_LEVELS: set[int] = set(range(BY_HAND))
"""The levels in which arithmetic is allowed: those by hand, and every differentiation under way."""

NEW_LEVELS = itertools.count(BY_HAND)
"""A level of its own for each differentiation: an inner one always has a higher number."""


def check_open(x: Any, level: int) -> None:
    """A result may contain levels outside this differentiation, never one that has ended."""
    if is_dual(x):
        if x.level != level and x.level not in OPEN_LEVELS:
            raise RuntimeError(
                "the function returned a dual number of a differentiation that has ended: a value "
                "stored inside another call of jvp was used here. Return values, do not store them"
            )
        for part in (x.primal, x._tangent):
            if is_dual(part):
                check_open(part, level)
