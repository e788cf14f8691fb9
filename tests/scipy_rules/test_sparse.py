"""Products with SciPy's sparse matrices against those with the same dense ones."""

# ruff: noqa: E501

import numpy as np
import pytest
from scipy import sparse

from dualedu import Dual, check_jvp, hvp, jvp

RNG = np.random.default_rng(3)
DENSE = np.where(RNG.uniform(size=(4, 3)) < 0.6, RNG.normal(size=(4, 3)), 0)
LAYOUTS = [f"{layout}_{kind}" for layout in ["bsr", "coo", "csc", "csr", "dia", "dok", "lil"] for kind in ("array", "matrix")]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(4,), (2, 4), (0, 4)])
def test_a_product_is_that_with_the_dense_matrix(layout, shape):
    A = getattr(sparse, layout)(DENSE)
    x, v = RNG.normal(size=shape), RNG.normal(size=(5, *shape))
    for direction in (v[0], v, v[:0]):
        for got, right in zip(
            jvp(lambda x: x @ A, (x,), (direction,)),
            jvp(lambda x: x @ DENSE, (x,), (direction,)),
            strict=True,
        ):
            assert type(got) is np.ndarray
            np.testing.assert_allclose(got, right, atol=1e-14)


def test_second_derivatives_and_shared_tangents():
    A = sparse.csr_array(DENSE)
    x, v = RNG.normal(size=4), RNG.normal(size=(3, 4))
    check_jvp(lambda x: np.sin(x) @ A, x)
    np.testing.assert_allclose(
        hvp(lambda x: np.sum((x**2 @ A) ** 2), x, v), hvp(lambda x: np.sum((x**2 @ DENSE) ** 2), x, v)
    )  # fmt: skip
    row = np.broadcast_to(np.ones((1, 4)), (5, 4))  # one row, kept short inside
    _, tangent = jvp(lambda x: x @ A, (np.ones((5, 4)),), (row,))
    np.testing.assert_allclose(tangent, row @ DENSE)


def test_single_precision_and_a_sparse_vector():
    A = sparse.csr_array(DENSE.astype(np.float32))
    value, tangent = jvp(lambda x: x @ A, (np.ones(4, np.float32),), (np.ones(4, np.float32),))
    assert value.dtype == tangent.dtype == np.float32
    if hasattr(sparse.coo_array([1.0, 2.0]), "coords"):
        v = sparse.coo_array(DENSE[:, 0])
        assert jvp(lambda x: x @ v, (np.ones(4),), (np.ones(4),))[1] == pytest.approx(
            DENSE[:, 0].sum()
        )


def test_the_way_out_for_a_sparse_matrix_on_the_left():
    A = sparse.csr_array(DENSE.T)
    x, X, s = (Dual(p, np.ones_like(p)) for p in (RNG.normal(size=4), RNG.normal(size=(4, 2)), np.float64(2.0)))  # fmt: skip
    for got, right in (
        (x @ A.T, DENSE.T @ x),
        ((X.T @ A.T).T, DENSE.T @ X),
        (s * (x @ A.T), (s * DENSE.T) @ x),
    ):
        np.testing.assert_allclose(got.primal, right.primal)
        np.testing.assert_allclose(got.tangent, right.tangent)


def test_shapes_that_do_not_fit_are_scipys_to_refuse():
    with pytest.raises(ValueError, match="dimension mismatch"):
        Dual(np.ones(3), np.ones(3)) @ sparse.csr_array(DENSE)
