"""The steps inside of f, run again."""

import numpy as np

from dualedu.doctor.claims import Problem
from dualedu.doctor.reading import Reading

W = np.array([0.3, -1.2, 2.0])


def test_steps_of_padding_and_of_dot_can_be_run_again():
    """What NumPy writes into buffers of its own inside np.pad is no step; X.dot(w) of a plain X is
    one. Else each hypothesis would run all of f."""
    X = np.arange(12.0).reshape(4, 3)

    def padded(w):
        x = np.pad(w, 1)
        out = np.zeros(3)
        for k in range(3):
            out[k] = np.sum(x[k : k + 3] * W)
        return np.sum(out**2)

    for f in (padded, lambda w: np.sum(np.tanh(X.dot(w)))):
        problem = Problem(f, lambda w: w, W, None, None, None)
        reading = Reading(problem, [W], np.float64(1), False, 1)
        assert not reading.trace.orphans
        assert reading.trace.run_at([W + 1e-6]) is not None
