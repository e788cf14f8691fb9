"""Levels: which differentiation a dual number belongs to, and whether that is still under way."""

from __future__ import annotations

import itertools

BY_HAND = 100
"""Levels below this one belong to duals written by hand, where the level is the nesting depth."""

OPEN_LEVELS: set[int] = set(range(BY_HAND))
"""The levels in which arithmetic is allowed: those by hand, and every differentiation under way."""

NEW_LEVELS = itertools.count(BY_HAND)
"""A level of its own for each differentiation: an inner one always has a higher number."""
