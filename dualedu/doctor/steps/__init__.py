"""Faults at a step inside of f: each guess lets f make the mistake itself.

A step's values stay; what changes is its answer to a change of its input. For a step y = φ(u)
that acts entry by entry, y becomes y + (m − φ′)(u − u₀) near the point u₀, so that its slope is m.
Steps at the same place in the code change together: a sigmoid used in three gates, a cell run for
five time steps.
"""

from __future__ import annotations

from dualedu.doctor.steps.factors import cofactors, layers
from dualedu.doctor.steps.jacobians import diagonals
from dualedu.doctor.steps.paths import paths
from dualedu.doctor.steps.places import line
from dualedu.doctor.steps.rows import samples
from dualedu.doctor.steps.slopes import (
    masks,
    slopes_elsewhere,
    slopes_missing,
    slopes_other,
    slopes_twice,
)
from dualedu.doctor.steps.values import constants

__all__ = [
    "cofactors",
    "constants",
    "diagonals",
    "layers",
    "line",
    "masks",
    "paths",
    "samples",
    "slopes_elsewhere",
    "slopes_missing",
    "slopes_other",
    "slopes_twice",
]
