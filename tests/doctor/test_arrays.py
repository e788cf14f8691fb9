"""Faults of a finished gradient: each array has its own."""

import numpy as np
from diagnosed import programs

from dualedu.doctor import examine

W = np.array([0.3, -1.2, 2.0])


def test_two_faults_in_different_arrays_are_both_named():
    f, claimed, at, _ = programs.two_layers("")

    def faulty(w1, b1, w2, b2):
        g = list(programs.two_layers("slope missing")[1](w1, b1, w2, b2))
        g[2] = -claimed(w1, b1, w2, b2)[2]
        return tuple(g)

    found = examine(f, faulty, at)
    assert {(x.kind, x.arrays) for x in found.findings} == {
        ("slope missing", ("w1", "b1")),
        ("sign", ("w2",)),
    }


def test_a_gradient_of_two_arrays_that_lacks_one():
    (finding,) = examine(lambda a, b: np.sum(a * b), lambda a, b: (None, a), (W, W + 1)).findings
    assert (finding.kind, finding.arrays) == ("zeros", ("a",))


def test_a_constant_is_no_regulariser_where_all_have_one_sign():
    (finding,) = examine(lambda w: np.sum(np.sin(w)), lambda w: np.cos(w) + 0.1, W**2).findings
    assert finding.kind == "a constant is added"


def test_three_numbers_are_not_clipped_by_chance():
    def gradient(w):
        g = 2 * w
        return np.where(np.abs(g) == np.max(np.abs(g)), 1.5, g)

    at = np.array([0.5, -0.4, 1.0])
    assert "clipped" not in examine(lambda w: np.sum(w**2), gradient, at).kinds
