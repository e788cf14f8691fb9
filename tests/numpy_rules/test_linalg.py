"""Spectra at the limits: equal values, tiny and huge scales, determinants near 0."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg

from dualedu import check_jvp, derivative, gradient, hvp, jacobian, jvp

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


# --- values that coincide, in functions that treat them alike -------------------------------------

TURN = np.linalg.qr(A)[0]


def spectral(f):
    """V f(λ) Vᵀ of the symmetric part."""

    def function(a):
        values, vectors = np.linalg.eigh((a + np.swapaxes(a, -1, -2)) / 2)
        return (vectors * f(values)[..., None, :]) @ np.swapaxes(vectors, -1, -2)

    return function


def polar(a):
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return u @ vh


def rebuilt(a):
    u, s, vh = np.linalg.svd(a)
    return (u * s**3) @ vh


def entropy(a):
    p = np.linalg.eigvalsh((a + a.T) / 2)
    p = p / np.sum(p)
    return -np.sum(p * np.log(p))


TWO_OF_THREE = TURN @ np.diag([2.0, 2.0, 5.0]) @ TURN.T
SMOOTH = {
    "trace by eigenvalues": (lambda a: np.sum(np.linalg.eigvalsh(a)), 2 * np.eye(3)),
    "entropy": (entropy, TWO_OF_THREE),
    "root": (spectral(np.sqrt), TWO_OF_THREE),
    "exponential at 0": (spectral(np.exp), np.zeros((2, 2))),
    "exponential, two of three 0": (spectral(np.exp), TWO_OF_THREE - 2 * np.eye(3)),
    "projector on the third": (spectral(lambda values: values > 3), TWO_OF_THREE),
    "a stack": (spectral(np.log), np.stack([2 * np.eye(2), np.diag([1.0, 2.0])])),
    "polar factor": (polar, 2 * TURN),
    "polar factor, two of three": (polar, TURN @ np.diag([2.0, 2.0, 1.0])),
    "polar factor of tall matrices": (polar, 2 * TURN[:, :2]),
    "sum of singular values": (lambda a: np.sum(np.linalg.svdvals(a)), TURN),
    "odd function, one value 0": (rebuilt, TURN @ np.diag([2.0, 1.0, 0.0])),
    "odd function, two values 0": (rebuilt, np.diag([2.0, 0.0, 0.0])),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_of_values_that_coincide(name):
    f, at = SMOOTH[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_jvp(f, at, order=2)


def test_limits_have_twelve_digits_and_nine_of_a_second_derivative():
    identity = np.eye(3)
    total = lambda a: np.sum(np.linalg.eigvalsh(a))  # noqa: E731
    np.testing.assert_allclose(gradient(total)(identity), identity, atol=1e-12)
    log_det = lambda a: np.sum(np.log(np.linalg.eigvalsh((a + a.T) / 2)))  # noqa: E731
    np.testing.assert_allclose(hvp(log_det, 2 * identity, A), -A / 4, atol=1e-9)
    root = spectral(np.sqrt)
    np.testing.assert_allclose(jvp(root, (4 * identity,), (A,))[1], A / 4, atol=1e-12)
    second = jvp(lambda a: jvp(root, (a,), (A,))[1], (4 * identity,), (A,))[1]
    np.testing.assert_allclose(second, -A @ A / 32, atol=1e-9)  # √ has the slope −1/(4 · 8) at 4
    large = jvp(root, (4 * np.eye(30),), (np.ones((30, 30)),))[1]
    np.testing.assert_allclose(large, 0.25, atol=1e-12)


def test_limits_in_single_precision_and_at_small_scale():
    found = jvp(spectral(np.sqrt), (4 * np.eye(3, dtype=np.float32),), (A.astype(np.float32),))[1]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, A / 4, atol=1e-4)
    scale = 1e-12
    found = jvp(spectral(np.sqrt), (4 * scale * np.eye(3),), (scale * A,))[1]
    np.testing.assert_allclose(found / scale**0.5, A / 4, atol=1e-11)


ONE_BY_ONE = {
    "largest": lambda a: np.linalg.eigvalsh(a)[-1],
    "middle": lambda a: np.linalg.eigvalsh(a)[1],
    "distance": lambda a: np.ptp(np.linalg.eigvalsh(a)),
    "spectral norm": lambda a: np.linalg.norm(a, 2),
    "polar factor at 0": lambda a: polar(a - np.eye(3)),
    "root at 0": lambda a: spectral(np.sqrt)(a - np.eye(3)),
    "beside a large one": lambda a: np.stack(
        [1e9 * np.sum(np.linalg.eigvalsh(a)), np.linalg.eigvalsh(a)[0]]
    )[1],
}


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_functions_that_tell_values_apart_have_no_limit(name):
    f = ONE_BY_ONE[name]
    for function in (f, gradient(lambda a: np.sum(f(a)))):
        with pytest.warns(RuntimeWarning, match=r"np\.linalg\.(eigh|svd): two .* coincide"):
            assert np.isnan(jvp(function, (np.eye(3),), (A,))[1]).any()


def test_a_function_is_run_again_only_where_nan_came_through():
    calls = []

    def f(a):
        calls.append(1)
        values = np.linalg.eigvalsh(a)
        return np.sum(a) + 0 * np.sum(values.primal if hasattr(values, "primal") else values)

    assert jvp(f, (np.eye(2),), (np.ones((2, 2)),)) == (2.0, 4.0)
    assert len(calls) == 1


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


# --- eigenvalues of matrices that are not symmetric -----------------------------------------------

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


COMPLEX_NORMS = {
    "all": lambda z: np.linalg.norm(z),
    "rows": lambda z: np.linalg.norm(z, axis=1),
    "kept": lambda z: np.linalg.norm(z, axis=0, keepdims=True),
    "Frobenius": lambda z: np.linalg.norm(z, "fro", axis=(-2, -1)),
    "sum": lambda z: np.linalg.norm(z, 1, axis=0),
    "third power": lambda z: np.linalg.norm(z, 3, axis=0),
    "largest row": lambda z: np.linalg.norm(z, np.inf),
}


@pytest.mark.parametrize("name", COMPLEX_NORMS)
def test_lengths_of_complex_vectors_to_second_order(name):
    def f(a):
        return COMPLEX_NORMS[name](np.exp(1j * a) + a)

    check_jvp(f, TURNING, order=2, tolerance=1e-6)


def test_an_entry_of_0_in_a_complex_vector_bends_its_length():
    """|(z, 1)| = √(1 + |z|²) is smooth at z = 0, though |z| is not: its second derivative is 1."""
    f = lambda t: np.linalg.norm(np.stack([t + 0j, 1j * t, 1 + 0j * t]))  # noqa: E731
    assert derivative(derivative(f))(0.0) == pytest.approx(2.0)


def test_the_modulus_of_a_complex_number_says_that_0_is_its_kink():
    """|z|² has second derivatives at 0, but |z| has none: they are not 0, as its slope there is."""
    f = lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2)  # noqa: E731
    g = lambda x: np.sum(np.fft.fft(x).real ** 2 + np.fft.fft(x).imag ** 2)  # noqa: E731
    x, v = np.ones(3), np.array([1.0, 2.0, 0.5])  # whose spectrum is 0 beside its mean
    np.testing.assert_allclose(gradient(f)(x), 6 * x)
    np.testing.assert_allclose(hvp(g, x, v), 6 * v, rtol=1e-12)
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(hvp(f, x, v)).any()
