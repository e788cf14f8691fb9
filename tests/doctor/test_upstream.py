"""What comes back through the steps of f."""

import numpy as np

from dualedu.doctor.claims import Problem
from dualedu.doctor.oracles import by_duals
from dualedu.doctor.reading import Reading
from dualedu.doctor.upstream import Backward


def test_what_comes_back_through_the_steps_is_the_gradient():
    """Against dual numbers, through each way that it has: entry by entry, placed, added up,
    multiplied, and asked one by one."""

    def f(a, b):
        top = np.concatenate([a @ b, b], axis=0)
        rows = top[[0, 2, 2], 1:] / (1 + np.exp(-top[1, 1:]))
        largest = np.max(rows, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(rows - largest), axis=1))) + np.einsum("ij,ji->", a, b)

    rng = np.random.default_rng(4)
    at = [rng.standard_normal((3, 4)), rng.standard_normal((4, 3))]
    problem = Problem(f, lambda a, b: (a, b), tuple(at), None, None, None)
    trace = Reading(problem, at, np.ones(()), True, 1).trace
    back = Backward(trace).at
    for k, x in enumerate(at):
        units = np.eye(x.size).reshape(-1, *x.shape)
        truth = by_duals(problem.phi(np.ones(())), at, k, units).reshape(x.shape)
        np.testing.assert_allclose(back[k], truth, rtol=1e-6, atol=1e-8)
