"""Every kind of index, and conditions."""

# ruff: noqa: E501

import numpy as np
import pytest
from mistakes import reads_as_in_numpy, refuses

from dualedu import Dual, jvp
from dualedu.internals.registry import optional

REFUSED = {
    "dual positions": (lambda a: np.take_along_axis(np.ones((3, 3)), a, 0), "first argument only"),
    "dual index": (lambda a: a[a[0]], "cannot be an index"),
    "list of duals as an index": (lambda a: a[[a[0, 0]]], "plain array"),
    "take from a plain array": (lambda a: np.take(np.ones(3), a), "plain array"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


INDICES = [
    0, -1, np.int64(1), slice(1, None), slice(None, None, -2), None, Ellipsis, (0, 1), (0, 1, 2), (..., 0), (slice(None), 1),
    [0, 1, 1], np.array([[0, 1], [1, 0]]), ([0, 1], [2, 0]), ([0, 1], slice(None), [1, 2]), (0, slice(None), [1, 2]),
    (slice(None), [1, 0], 2), (slice(None), [1, 0], [2, 3]), ([1, 0], None, [2, 2]), (0, [1, 0]), (..., [0, 3]), (..., [0, 2], [0, 3]),
    np.array([True, False]), (slice(None), np.array([True, False, True])), np.ones((2, 3, 4), bool), np.zeros((2, 3), bool), True, False,
    (None, [0, 1], None), (slice(0, 0),), np.array([], int), (np.array([True, False]), slice(None), [3]), (0, None, [1], ..., None), (),
    ((0, 1), slice(None), (1, 0)), (range(2), slice(None), range(2)), (0, slice(None), (1, 0)), (True, slice(None), 1), (0, slice(None), np.int8(1)),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_every_kind_of_index(index):
    rng = np.random.default_rng(0)
    x, v = rng.standard_normal((2, 3, 4)), rng.standard_normal((5, 2, 3, 4))
    value, tangent = jvp(lambda x: x[index], (x,), (v,))
    np.testing.assert_array_equal(value, x[index])
    np.testing.assert_array_equal(tangent, np.stack([w[index] for w in v]))
    np.testing.assert_array_equal(jvp(lambda x: x[index], (x,), (v[0],))[1], v[0][index])
    nested = jvp(lambda x: jvp(lambda y: (x * y)[index], (x,), (v,))[1], (x,), (v[1],))[1]
    np.testing.assert_allclose(nested, np.stack([(v[1] * w)[index] for w in v]))


def test_conditions_and_shapes_look_at_the_primal():
    x = Dual(np.array([0.0, 2.0]), np.ones(2))
    assert [part.tolist() for part in np.where(x)] == [[1]]
    assert np.where(x, 1, 2).tolist() == [2, 1]
    assert np.where(x > 1, x, 5.0).tangent.tolist() == [0, 1]
    assert np.full_like(x, 3).primal.tolist() == [3.0, 3.0]
    assert np.full_like(x, 3, dtype=int).dtype == int
    assert np.add.reduce(x, dtype=np.float32).dtype == np.float32
    assert Dual(2.0, 1.0)[()].tangent == 1
    assert Dual(2.0, 1.0)[None].shape == (1,)
    assert optional("no_such_function", "linalg.no_such_function", "sum") == [np.sum]


MISTAKES = {
    "index": (lambda x: x[5], "index 5 is out of bounds"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_in_numpy(name):
    reads_as_in_numpy(*MISTAKES[name])
