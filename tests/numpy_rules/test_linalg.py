"""Spectra at the limits: equal values, tiny and huge scales, determinants near 0."""

import warnings
from fractions import Fraction

import numpy as np
import pytest

from dualedu import gradient, hvp, jacobian, jvp

A = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])


def hessian(f):
    return jacobian(gradient(f))


@pytest.mark.parametrize("scale", [1e-170, 1e-100, 1.0, 1e100, 1e150])
def test_singular_vectors_at_every_scale(scale):
    """The sum of singular values scales, so its Hessian does by 1 / scale."""
    total = lambda a: np.sum(np.linalg.svd(a, compute_uv=False))  # noqa: E731
    expected = hessian(total)(A)
    np.testing.assert_allclose(hessian(total)(A * scale) * scale, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
def test_singular_vectors_at_every_scale_in_single_precision(scale):
    total = lambda a: np.sum(np.linalg.svd(a, compute_uv=False))  # noqa: E731
    found = hessian(total)((A * scale).astype(np.float32)).astype(float) * scale
    np.testing.assert_allclose(found, hessian(total)(A), atol=1e-5)


COINCIDING = {
    "np.linalg.eigh": lambda a: np.linalg.eigh(a)[1],
    "np.linalg.eigh of eigvalsh": np.linalg.eigvalsh,
    "np.linalg.svd": lambda a: np.linalg.svd(a)[0],
    "np.linalg.svd of svdvals": np.linalg.svdvals,
}


@pytest.mark.parametrize("name", COINCIDING)
def test_values_that_coincide_give_nan_and_a_warning_that_names_the_function(name):
    with pytest.warns(RuntimeWarning, match=rf"{name.split(' of ')[0]}: two .* coincide"):
        tangent = jvp(COINCIDING[name], (np.eye(3),), (A,))[1]
    assert np.isnan(tangent).any()


def test_values_that_stand_alone_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in COINCIDING.values():
            assert np.isfinite(jvp(f, (A,), (A,))[1]).all()


def test_what_the_warning_names_keeps_its_slope_at_equal_values():
    identity = np.eye(2)
    for f in (np.trace, np.linalg.det, lambda a: np.linalg.norm(a, "nuc")):
        np.testing.assert_allclose(gradient(f)(identity), identity, atol=1e-15)
    np.testing.assert_allclose(hvp(np.linalg.det, identity, identity), identity, atol=1e-15)


# --- determinants of ill-conditioned matrices, against exact arithmetic ---------------------------


def exact_det(rows):
    """Bareiss's elimination on integers and fractions: no rounding at all."""
    rows, sign, before = [list(row) for row in rows], 1, Fraction(1)
    n = len(rows)
    for k in range(n - 1):
        pivot = next((i for i in range(k, n) if rows[i][k]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != k:
            rows[k], rows[pivot], sign = rows[pivot], rows[k], -sign
        for i in range(k + 1, n):
            for j in range(k + 1, n):
                rows[i][j] = (rows[i][j] * rows[k][k] - rows[i][k] * rows[k][j]) / before
        before = rows[k][k]
    return sign * rows[-1][-1]


def exact_cofactors(a):
    rows = [[Fraction(float(x)) for x in row] for row in a]
    n = len(rows)

    def minor(i, j):
        return exact_det([row[:j] + row[j + 1 :] for k, row in enumerate(rows) if k != i])

    return np.array([[float((-1) ** (i + j) * minor(i, j)) for j in range(n)] for i in range(n)])


def nearly_singular(n, *small):
    rng = np.random.default_rng(n)
    u, v = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    return u @ np.diag([*np.linspace(1, 2, n - len(small)), *small]) @ v


ILL = {
    "condition 1e9": nearly_singular(5, 1e-9),
    "condition 1e13": nearly_singular(5, 1e-13),
    "two small": nearly_singular(6, 1e-9, 3e-10),
    "rank 4 of 6": nearly_singular(6, 0.0, 0.0),
    "zeros": np.diag([0.0, 1.0, 2.0, 3.0]),
    "small integers": np.arange(16.0).reshape(4, 4),
    "large and small": np.diag([1e-9, 1.0, 1e9, 2.0]),
}


@pytest.mark.parametrize("name", ILL)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_cofactors_of_ill_conditioned_matrices_are_right(name):
    a = ILL[name]
    expected = exact_cofactors(a)
    size = max(np.max(np.abs(expected)), np.prod(np.sort(np.linalg.svdvals(a))[2:]))
    np.testing.assert_allclose(gradient(np.linalg.det)(a), expected, atol=1e-12 * size)


@pytest.mark.parametrize("name", ILL)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_second_derivatives_of_ill_conditioned_determinants_are_right(name):
    """Cofactors are linear in each row: their slope along one row is an exact difference."""
    a = ILL[name]
    v = np.zeros_like(a)
    v[1] = np.round(np.cos(np.arange(len(a))), 3)
    steps = exact_cofactors_along(a, v)
    size = np.max(np.abs(steps))
    np.testing.assert_allclose(hvp(np.linalg.det, a, v), steps, atol=1e-11 * size)


def exact_cofactors_along(a, v):
    rows = [[Fraction(float(x)) for x in row] for row in a]
    moved = [[Fraction(float(x)) for x in row] for row in v]
    n = len(rows)
    found = np.zeros((n, n))
    for i in range(n):
        if i == 1:
            continue  # a cofactor does not depend on its own row
        replaced = [moved[k] if k == 1 else row for k, row in enumerate(rows)]
        for j in range(n):
            minor = [row[:j] + row[j + 1 :] for k, row in enumerate(replaced) if k != i]
            found[i, j] = float((-1) ** (i + j) * exact_det(minor))
    return found
