"""The arrays in what a function is given: none is changed."""

import numpy as np

from dualedu.doctor import examine

W = np.array([0.3, -1.2, 2.0])


def test_what_came_is_not_changed():
    at = {"w": W.copy(), "rows": np.arange(3)}

    def f(p):
        p["w"] *= 2
        return np.sum(p["w"] * p["rows"])

    assert examine(f, lambda p: {"w": 2.0 * np.arange(3)}, at).healthy
    assert np.array_equal(at["w"], W)


def test_what_f_holds_besides_may_be_of_any_kind():
    W, empty = np.array([-1.0, 2.0, 3.0]), np.array([])
    masked = examine(lambda w: np.sum(w * (w > 0)), lambda w: np.ones(3), W)
    assert masked.verdict.startswith("ill")
    beside = examine(lambda w: np.sum(w**2) + np.sum(empty), lambda w: 3 * w**2, W)
    assert beside.verdict.startswith("ill")
