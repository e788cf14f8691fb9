"""What products of arrays cost: one product for the value, one for each tangent that moves."""

from functools import partial

import numpy as np
import pytest
from mistakes import reads_as_in_numpy, refuses

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


REFUSED = {
    "out by position, dot": (lambda a: np.dot(a, a, np.zeros((3, 3))), "existing array"),
    "out by position, outer": (lambda a: np.outer(a, a, np.zeros((9, 9))), "existing array"),
    "unknown keyword": (lambda a: np.matmul(a, a, axes=[(0, 1)] * 3), "takes no axes="),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


@pytest.mark.parametrize("ranks", [(i, j) for i in range(1, 5) for j in range(1, 5)])
@pytest.mark.parametrize("product", [np.matmul, np.dot, np.inner, np.tensordot])
def test_products_of_all_ranks(ranks, product):
    rng = np.random.default_rng(0)
    n = 2 if product is np.tensordot else 3
    a, b = (rng.standard_normal((2, 2, n, n)[4 - rank :]) for rank in ranks)
    if product is np.tensordot:
        product = partial(np.tensordot, axes=1)
    for k in ((), (1,), (3,)):
        v, w = rng.standard_normal(k + a.shape), rng.standard_normal(k + b.shape)
        rows = zip(v, w, strict=True) if k else [(v, w)]
        expected = [product(da, b) + product(a, db) for da, db in rows]
        value, tangent = jvp(product, (a, b), (v, w))
        np.testing.assert_array_equal(value, product(a, b))
        np.testing.assert_allclose(tangent, np.stack(expected) if k else expected[0], rtol=1e-12)
        _, left = jvp(lambda a: product(a, b), (a,), (v,))
        np.testing.assert_allclose(
            left, np.stack([product(da, b) for da in v]) if k else product(v, b), rtol=1e-12
        )


MISTAKES = {
    "matmul": (lambda x: x @ np.ones(3), "mismatch in its core dimension"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_in_numpy(name):
    reads_as_in_numpy(*MISTAKES[name])
