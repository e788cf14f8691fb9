"""Eigenvalues and singular values with their vectors: at every scale, and equal ones."""

import warnings

import numpy as np
import pytest
import scipy.linalg
from mistakes import refuses

from dualedu import check_jvp, gradient, jacobian, jvp

EQUAL = {
    "eigh": lambda a: np.linalg.eigh(a)[0], "eigenvectors": lambda a: np.linalg.eigh(a)[1],
    "eigvalsh": np.linalg.eigvalsh, "svdvals": np.linalg.svdvals,
    "svd": lambda a: np.linalg.svd(a)[0], "spectral norm": lambda a: np.linalg.norm(a[:2, :2], 2),
}  # fmt: skip


@pytest.mark.parametrize("name", EQUAL)
def test_equal_eigenvalues_have_no_derivative_and_say_nan(name):
    a = np.diag([1.0, 1.0, 3.0])
    tangent = jvp(EQUAL[name], (a,), (np.ones((3, 3)),))[1]
    assert np.isnan(tangent).any()
    if name == "eigvalsh":
        assert tangent[2] == 1.0


@pytest.mark.filterwarnings("ignore:.*two of the values coincide", "ignore:invalid value")
@pytest.mark.parametrize("bad", [np.inf, np.nan])
@pytest.mark.parametrize(
    "f",
    [
        np.linalg.svdvals, np.linalg.cond, np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[1],
        lambda a: np.linalg.norm(a, 2), lambda a: np.linalg.norm(a, "nuc"),
    ],
)  # fmt: skip
def test_the_spectrum_of_what_is_not_finite_comes_to_an_end(f, bad):
    a = np.array([[bad, 1.0], [1.0, 2.0]])
    try:
        plain = f(a)
    except np.linalg.LinAlgError:
        with pytest.raises(np.linalg.LinAlgError):
            jvp(f, (a,), (np.eye(2),))
        return
    value, tangent = jvp(f, (a,), (np.eye(2),))
    np.testing.assert_array_equal(value, plain)
    assert np.isnan(tangent).all()


def test_a_matrix_that_is_not_finite_leaves_the_others_alone():
    a = np.array([[0.7, -1.3, 2.1], [0.2, 3.3, -0.9]])
    stack = np.stack([a, np.full_like(a, np.inf), a[:, ::-1]])
    value, tangent = jvp(np.linalg.svdvals, (stack,), (stack,))
    assert np.isnan([value[1], tangent[1]]).all()
    np.testing.assert_allclose(tangent[[0, 2]], np.linalg.svdvals(stack[[0, 2]]), rtol=1e-12)


REFUSED = {
    "svd that completes a basis": (lambda a: np.linalg.svd(a[:, :2]), "full_matrices=False"),
    "svd, hermitian": (lambda a: np.linalg.svd(a, hermitian=True), "takes no hermitian="),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


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


TURNING = np.array([[0.3, -1.2, 0.4], [0.9, 0.2, -0.5], [0.1, 0.7, 1.6]])
"""It has one real eigenvalue and two that are complex."""

GENERAL = {
    "spectral radius": lambda a: np.max(np.abs(np.linalg.eigvals(a))),
    "growth": lambda a: np.max(np.linalg.eig(a)[0].real),
    "a function of the matrix": lambda a: general(a, np.exp).real,
    "vectors": lambda a: np.abs(np.linalg.eig(a).eigenvectors),
    "parts of vectors": lambda a: np.linalg.eig(a)[1].imag,
    "a stack": lambda a: np.linalg.eigvals(np.stack([a, a @ a])).imag,
    "a complex matrix": lambda a: np.abs(np.linalg.eigvals(a + 1j * np.cos(a))),
    "complex vectors": lambda a: np.linalg.eig(a + 1j * np.cos(a))[1].real,
    "roots": lambda a: np.sort(
        np.roots(np.ravel(a)[:5] + np.eye(1, 5)[0] * 2 + np.eye(1, 5, 4)[0]).imag
    ),
    "roots, one of them 0": lambda a: np.abs(np.roots(np.pad(a[0], (0, 1)))),
}


def general(a, f):
    values, vectors = np.linalg.eig(a)
    return (vectors * f(values)) @ np.linalg.inv(vectors)


@pytest.mark.parametrize("name", GENERAL)
def test_spectra_of_general_matrices_to_second_order(name):
    check_jvp(GENERAL[name], TURNING, order=2, tolerance=1e-6)
    value, tangent = jvp(GENERAL[name], (TURNING,), (np.stack([TURNING, np.eye(3)]),))
    for k, v in enumerate((TURNING, np.eye(3))):
        single = jvp(GENERAL[name], (TURNING,), (v,))
        np.testing.assert_allclose(value, single[0])
        np.testing.assert_allclose(tangent[k], single[1], rtol=1e-10, atol=1e-12)


def test_the_exponential_of_a_matrix_by_its_general_spectrum():
    exact = scipy.linalg.expm_frechet(TURNING, A, compute_expm=False)
    found = jvp(lambda a: general(a, np.exp).real, (TURNING,), (A,))[1]
    np.testing.assert_allclose(found, exact, rtol=1e-12)


def test_the_order_of_eigenvalues_is_that_of_numpy():
    rng = np.random.default_rng(4)
    for _ in range(20):
        a, v = rng.normal(size=(2, 7, 7))
        value, tangent = jvp(np.linalg.eigvals, (a,), (v,))
        np.testing.assert_allclose(value, np.linalg.eigvals(a), rtol=1e-12)
        h = 1e-6
        moved = (np.linalg.eigvals(a + h * v) - np.linalg.eigvals(a - h * v)) / (2 * h)
        if np.all(np.abs(moved) < 1e3):  # LAPACK kept their order from one side to the other
            np.testing.assert_allclose(tangent, moved, rtol=1e-5, atol=1e-6)


def test_one_by_one_coinciding_roots_and_eigenvalues_have_no_derivative():
    with pytest.warns(RuntimeWarning, match=r"np\.linalg\.eig: two of the values coincide"):
        assert np.isnan(jvp(np.linalg.eigvals, (np.eye(2),), (A[:2, :2],))[1]).all()
    with np.errstate(all="ignore"):
        roots = jvp(np.roots, (np.array([1.0, -2.0, 1.0]),), (np.array([0.0, 0.0, 1.0]),))[1]
    assert not np.isfinite(roots).any()


def test_energies_of_a_hermitian_matrix_to_second_order():
    def bands(k):
        hop = 1 + 0.7 * np.exp(1j * k[0]) + 0.4 * np.exp(-1j * k[1])
        h = np.array([[k[1] ** 2 + 0j, hop], [np.conjugate(hop), 0.3 - k[0] + 0j]], like=k)
        return np.linalg.eigvalsh(h), np.linalg.eigvalsh(np.transpose(h), "U")

    for i in (0, 1):
        check_jvp(lambda k, i=i: bands(k)[i], np.array([0.6, -1.1]), order=2, tolerance=1e-7)
