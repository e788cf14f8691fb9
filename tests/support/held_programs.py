"""Programs of plain NumPy, held on dual numbers: values, slopes to second order, arguments."""

import warnings

import numpy as np

from dualedu import check_jvp, jvp


def table():
    """An empty table of programs by name, and what enters one: @program(its points)."""
    programs = {}

    def program(*points):
        def register(f):
            programs[f.__name__] = (f, points)
            return f

        return register

    return programs, program


def hold(f, points):
    """The value is that of plain NumPy, the slopes are those of differences along one direction and
    two at once, the arguments stay what they were, and no warning comes."""
    points = [np.asarray(p, float)[()] for p in points]
    kept = [np.copy(p) for p in points]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = flat(f(*points))
        rng = np.random.default_rng(0)
        v, w = (tuple(rng.uniform(-1, 1, np.shape(p)) for p in points) for _ in range(2))
        value, tangent = jvp(f, points, v)
        np.testing.assert_allclose(flat(value), plain, rtol=1e-12, atol=1e-14)
        both = jvp(f, points, tuple(np.stack([a, b]) for a, b in zip(v, w, strict=True)))[1]
        np.testing.assert_allclose(flat(both, 0), flat(tangent), rtol=1e-9, atol=1e-10)
        check_jvp(lambda *xs: flat(f(*xs)), *points, order=2, tolerance=1e-5)
    for point, before in zip(points, kept, strict=True):
        np.testing.assert_array_equal(point, before)


def flat(outcome, direction=None):
    """All numbers of a result in one row; of a tangent, those along one direction."""
    if isinstance(outcome, dict):
        outcome = list(outcome.values())
    if isinstance(outcome, list | tuple):
        return np.concatenate([flat(part, direction) for part in outcome])
    return np.ravel(outcome if direction is None else outcome[direction])
