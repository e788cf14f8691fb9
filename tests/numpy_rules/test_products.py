"""What products of arrays cost: one product for the value, one for each tangent that moves."""

import numpy as np
import pytest

from dualedu import Dual, jvp
from dualedu.teaching.cost import multiplications

A, B = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
UFUNCS = {
    "x @ B": (lambda x, b: x @ b, A, B),
    "np.vecdot(x, B.T)": (np.vecdot, B.T, B.T),
}
if hasattr(np, "matvec"):  # NumPy 2.2
    UFUNCS |= {
        "np.matvec(A, x)": (lambda x, a: np.matvec(a, x), B.T, A),
        "np.vecmat(x, B)": (np.vecmat, A, B),
    }


@pytest.mark.parametrize("name", UFUNCS)
@pytest.mark.parametrize("directions", [(), (5,)], ids=["one", "five"])
def test_a_product_by_a_constant_is_computed_once_for_the_value_and_once_a_tangent(
    name, directions
):
    f, x, c = UFUNCS[name]
    v = np.ones((*directions, *x.shape))
    plain = multiplications(lambda c: f(x, c), c)
    _, tangent = jvp(lambda x: f(x, c), (x,), (v,))
    np.testing.assert_array_equal(tangent, np.broadcast_to(f(np.ones(x.shape), c), tangent.shape))
    count = multiplications(lambda c: jvp(lambda x: f(x, c), (x,), (v,)), c)
    assert count == plain * (1 + int(np.prod(directions)))


DOTS = {
    "np.dot(x, B)": (lambda x: np.dot(x, B), A),
    "x.dot(B)": (lambda x: x.dot(B), A),
    "np.dot(A, x)": (lambda x: np.dot(A, x), B),
}


@pytest.mark.parametrize("name", DOTS)
@pytest.mark.parametrize("directions", [(), (5,)], ids=["one", "five"])
def test_dot_takes_one_product_for_the_value_and_one_for_all_tangents(
    name, directions, monkeypatch
):
    f, x = DOTS[name]
    counted = []

    def count(function):
        def counting(*args, **kwargs):
            if not any(isinstance(a, Dual) for a in args):
                counted.append(function)
            return function(*args, **kwargs)

        return counting

    v = np.ones((*directions, *x.shape))
    expected = np.broadcast_to(f(np.ones(x.shape)), (*directions, *f(x).shape))
    for product in ("matmul", "dot", "tensordot", "einsum", "multiply"):
        monkeypatch.setattr(np, product, count(getattr(np, product)))
    value, tangent = jvp(f, (x,), (v,))
    monkeypatch.undo()
    np.testing.assert_array_equal(value, f(x))
    np.testing.assert_array_equal(tangent, expected)
    assert len(counted) == 2
