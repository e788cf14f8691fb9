"""Counted multiplications against formulas by hand, and results that stay what they were."""

import copy
import itertools

import numpy as np
import pytest

from dualedu import jacobian
from dualedu.nn import MLP
from dualedu.teaching.cost import multiplications
from dualedu.training.gradients import exact_gradient

A, B = np.ones((2, 3)), np.ones((3, 5))
PRODUCTS = {
    "matrix and matrix": (lambda a, b: a @ b, 2 * 3 * 5),
    "twice": (lambda a, b: (a @ b, np.matmul(a, b)), 2 * 2 * 3 * 5),
    "transposed": (lambda a, b: b.T @ a.T, 2 * 3 * 5),
    "vector and matrix": (lambda a, b: a[0] @ b, 3 * 5),
    "two vectors": (lambda a, b: a[0] @ b[:, 0], 3),
    "a stack": (lambda a, b: np.ones((4, 2, 3)) @ b, 4 * 2 * 3 * 5),
    "of results": (lambda a, b: np.tanh(a @ b) @ np.ones((5, 7)), 2 * 3 * 5 + 2 * 5 * 7),
    "a constant first": (lambda a, b: np.ones((7, 2)) @ (a + 1.0), 7 * 2 * 3),
    "into an array": (lambda a, b: np.matmul(a, b, out=np.empty((2, 5))), 2 * 3 * 5),
    "vecdot": (lambda a, b: np.vecdot(a, a), 2 * 3),
    "vecdot of columns": (lambda a, b: np.vecdot(a, a, axis=0), 2 * 3),
    "vecdot of long columns": (lambda a, b: np.vecdot(b, b[:, :1], axis=0), 3 * 5),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name):
    f, expected = PRODUCTS[name]
    assert multiplications(f, A, B) == expected


def test_a_jacobian_costs_one_product_a_column():
    W = np.random.default_rng(0).standard_normal((4, 6))
    count = multiplications(lambda W: jacobian(lambda x: np.tanh(x @ W))(np.ones(4)), W)
    assert count == 4 * 6 + 4 * 4 * 6


@pytest.mark.parametrize("sizes", [(7, 3), (7, 5, 3), (7, 5, 4, 3)])
def test_a_network_counts_its_layers_and_computes_the_same(sizes):
    rng = np.random.default_rng(0)
    model, x, labels = MLP(sizes), rng.standard_normal((6, 7)), rng.integers(0, 3, 6)

    def following(f):
        def g(*parameters):
            clone = copy.copy(model)
            clone.parameters = list(parameters)
            results.append(f(clone, x, labels))

        return multiplications(g, *model.parameters)

    results = []
    assert following(MLP.loss) == 6 * sum(n * m for n, m in itertools.pairwise(sizes))
    assert results.pop() == model.loss(x, labels)
    following(exact_gradient)
    for counted, plain in zip(results[0][1], exact_gradient(model, x, labels)[1], strict=True):
        np.testing.assert_array_equal(counted, plain)


def test_an_exact_gradient_costs_what_its_formula_says():
    x, labels, model = np.ones((6, 7)), np.zeros(6, int), MLP((7, 5, 3))

    def method(*parameters):
        model.parameters = list(parameters)
        exact_gradient(model, x, labels)

    layers = 6 * (7 * 5 + 5 * 3)
    units_through_the_last_layer, slopes = (5 + 3) * 5 * 3, 6 * 3 * (5 + 3)
    expected = 2 * layers + units_through_the_last_layer + slopes
    assert multiplications(method, *model.parameters) == expected


@pytest.mark.parametrize("f", [np.dot, np.inner, np.vdot, lambda a, b: np.einsum("ij,kj", a, b)])
def test_what_cannot_be_counted_says_so(f):
    with pytest.raises(TypeError, match="not counted"):
        multiplications(f, A, A)


def test_counting_nothing_says_so():
    with pytest.raises(ValueError, match="no matrix product"):
        multiplications(lambda a: a + 1, A)
