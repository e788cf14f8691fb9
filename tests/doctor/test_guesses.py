"""The names of factors: how surely one number has one, and which."""

import numpy as np

from dualedu.doctor import examine

W = np.array([0.3, -1.2, 2.0])


def test_a_factor_of_one_number_without_a_name_is_not_said_surely():
    at, sure = np.float64(0.7), {}
    for factor in (2, 1 / 30, 1.27632):
        (finding,) = examine(np.sin, lambda x, c=factor: c * np.cos(x), at).findings
        assert finding.kind in ("constant factor", "mean for sum")
        sure[factor] = finding.confidence
    assert sure[2] == sure[1 / 30] == 0.99
    assert sure[1.27632] == 0.9


def test_a_factor_keeps_its_name_in_float32():
    def f(w):
        return np.float32(np.sum(np.tanh(w.astype(np.float32))))

    (finding,) = examine(f, lambda w: 2 * (1 - np.tanh(w) ** 2), W).findings
    assert finding.detail == "twice the gradient"


def test_an_exponent_left_out_is_no_mean():
    """Of three numbers 1/3 is a mean for a sum as well; their cubes have a 3 of their own."""
    found = examine(lambda w: np.sum(w**3), lambda w: w**2, W)
    assert found.kinds == ("constant factor",)
    found = examine(
        lambda w: np.sum(np.sin(w) ** 3 + np.exp(w)),
        lambda w: np.sin(w) ** 2 * np.cos(w) + np.exp(w),
        W,
    )
    assert found.kinds == ("a step's factor",)
