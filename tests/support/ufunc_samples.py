"""Every ufunc with a rule, and arguments from its domain."""

import numpy as np
import pytest

from dualedu.internals.registry import of_kind

RULES = of_kind("elementwise")
every_rule = pytest.mark.parametrize("ufunc", RULES, ids=lambda ufunc: ufunc.__name__)


def sample(ufunc, shapes, seed=0):
    """Arguments inside the rule's domain, and a direction for each; whole numbers for np.ldexp."""
    rng = np.random.default_rng(seed)
    points = [
        rng.uniform(low, high, shape)
        for (low, high), shape in zip(RULES[ufunc].domain, shapes, strict=True)
    ]
    if ufunc is np.ldexp:
        points[1] = np.asarray(points[1]).astype(int)
    return tuple(points), tuple(rng.uniform(-1, 1, shape) for shape in shapes)


def moving(ufunc, points):
    """The function of the arguments that can move, and these."""
    if ufunc is np.ldexp:
        return lambda x: np.ldexp(x, points[1]), points[:1]
    return ufunc, points
