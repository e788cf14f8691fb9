"""Ranges in every precision, and grids."""

from functools import partial

import numpy as np
import pytest
from mistakes import reads_as_in_numpy, refuses

from dualedu import jvp

REFUSED = {
    "range of integers": (lambda a: np.linspace(a[0, 0], 9.0, 3, dtype=int), "real floats"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


MISTAKES = {
    "meshgrid": (lambda x: np.meshgrid(x, x, indexing="yx"), "indexing is 'yx'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_in_numpy(name):
    reads_as_in_numpy(*MISTAKES[name])


def test_the_step_of_a_range_without_steps_is_nan_as_in_numpy():
    ends = np.array([1.0, 2.0]), np.array([4.0, 3.0])
    for num, endpoint in ((1, True), (0, False)):
        f = partial(np.linspace, num=num, endpoint=endpoint, retstep=True)
        (points, step), (tangent, _) = jvp(f, ends, (np.ones(2), np.zeros(2)))
        np.testing.assert_array_equal(points, f(*ends)[0])
        np.testing.assert_array_equal(tangent, np.ones((num, 2)))
        assert np.isnan(step)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("f", [np.geomspace, np.linspace, np.logspace])
def test_ranges_in_every_precision(f, dtype):
    ends = dtype(0.5), dtype(2.0)
    value, tangent = jvp(lambda a: f(a, ends[1], 5), (ends[0],), (dtype(1),))
    np.testing.assert_array_equal(value, f(*ends, 5))
    assert value.dtype == tangent.dtype == f(*ends, 5).dtype
    wide = jvp(lambda a: f(a, 2.0, 5), (0.5,), (1.0,))[1]
    np.testing.assert_allclose(tangent, wide, rtol=5 * np.finfo(dtype).eps, atol=1e-7)
