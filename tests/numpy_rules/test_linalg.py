"""Linear algebra where it is hard: determinants near 0, singular matrices, lengths of 0."""

# ruff: noqa: E501

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from mistakes import reads_as_in_numpy, refuses
from units import tangents

from dualedu import check_jvp, derivative, gradient, hvp, jacobian, jvp

NAN, INF = np.nan, np.inf


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


TURNING = np.array([[0.3, -1.2, 0.4], [0.9, 0.2, -0.5], [0.1, 0.7, 1.6]])
"""It has one real eigenvalue and two that are complex."""


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


def test_norms_rest_element_by_element():
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    slopes = tangents(lambda x: np.linalg.norm(x, axis=1), x)
    np.testing.assert_allclose(slopes, [[0, 0], [0, 0], [0, 0.6], [0, 0.8]])
    assert np.all(jvp(lambda x: np.linalg.norm(x, axis=1), (x,), (np.zeros((2, 2)),))[1] == 0)
    assert tangents(lambda x: np.linalg.norm(x), np.zeros((2, 2))).tolist() == [0, 0, 0, 0]


SINGULAR = [
    np.zeros((1, 1)), np.zeros((2, 2)), np.zeros((3, 3)), np.ones((3, 3)),
    np.array([[1.0, 2.0], [2.0, 4.0]]), np.arange(9.0).reshape(3, 3), np.diag([1.0, 0.0, 2.0]),
    np.diag([1e-9, 1.0, 1e9]),
]  # fmt: skip


def adjugate(a):
    n = len(a)
    minors = [
        [np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for i in range(n)] for j in range(n)
    ]
    return (
        np.array(minors) * (-1.0) ** np.add.outer(range(n), range(n)) if n > 1 else np.ones((1, 1))
    )


@pytest.mark.parametrize("a", SINGULAR)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_determinants_of_singular_matrices(a):
    np.testing.assert_allclose(gradient(np.linalg.det)(a), adjugate(a).T, rtol=1e-9, atol=1e-13)
    check_jvp(np.linalg.det, a, order=2)
    stack = np.stack([a, a + np.eye(len(a))])
    np.testing.assert_allclose(jacobian(np.linalg.det)(stack)[0, 0], adjugate(a).T, atol=1e-12)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_determinant_that_is_nan_has_a_slope_that_is_nan():
    assert np.isnan(gradient(np.linalg.det)(np.array([[1.0, NAN], [0.0, 1.0]]))).all()


def test_determinants_in_single_precision():
    a = np.array([[1.0, 2.0], [3.0, 6.001]], np.float32)
    np.testing.assert_allclose(gradient(np.linalg.det)(a), adjugate(a).T, rtol=1e-6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_logarithm_of_a_vanishing_determinant_has_an_infinite_slope():
    a = np.diag([1.0, 0.0])
    (sign, log), (dsign, dlog) = jvp(np.linalg.slogdet, (a,), (np.eye(2),))
    assert (sign, log, dsign, dlog) == (0, -INF, 0, INF)


@pytest.mark.parametrize("f", [np.linalg.inv, lambda a: np.linalg.solve(a, np.ones(2))])
def test_singular_systems_raise_as_in_numpy(f):
    with pytest.raises(np.linalg.LinAlgError):
        jvp(f, (np.ones((2, 2)),), (np.eye(2),))


NEARLY = np.diag([3.0, 1.0, 0.01])[:, [1, 0, 2]]
CUTTING = {
    "pinv": lambda a: np.linalg.pinv(a, 0.1),
    "a stack": lambda a: np.linalg.pinv(np.stack([a, np.eye(3)]), np.array([0.1, 0.1])),
    "lstsq": lambda a: np.linalg.lstsq(a, np.ones(3), 0.1)[0],
    "nested": lambda a: jvp(lambda b: np.linalg.pinv(b, 0.1), (a,), (a,))[1],
}


@pytest.mark.parametrize("name", CUTTING)
def test_a_pseudoinverse_that_drops_more_than_zeros_is_refused(name):
    with pytest.raises(ValueError, match=r"rcond.* 0\.01 of 3"):
        jvp(CUTTING[name], (NEARLY,), (np.eye(3),))


def test_a_pseudoinverse_that_drops_zeros_alone_is_taken():
    flat = np.outer([1.0, 2.0, 2.0], [0.6, 0.8])  # of rank one, and so is every multiple
    for rcond in (None, 0.1):
        value, tangent = jvp(partial(np.linalg.pinv, rcond=rcond), (flat,), (flat,))
        np.testing.assert_allclose(tangent, -value, rtol=1e-12)
    # What the solver drops, the slope must drop too: this matrix's condition is 1e15.
    a, b = np.diag([1.0, 1e-15]), np.ones(2)
    solution, tangent = jvp(lambda b: np.linalg.lstsq(a, b)[0], (b,), (b,))
    np.testing.assert_allclose(tangent, solution)
    for rcond in (None, -1, 1e-20):
        fit = partial(np.linalg.lstsq, NEARLY, rcond=rcond)
        (solution, *_), (tangent, *_) = jvp(fit, (np.ones(3),), (np.ones(3),))
        np.testing.assert_allclose(tangent, solution)


def test_the_nuclear_norm_has_a_slope_where_singular_values_are_equal():
    nuclear = gradient(lambda a: np.linalg.norm(a, "nuc"))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    np.testing.assert_allclose(nuclear(2 * turn), turn, atol=1e-14)
    np.testing.assert_allclose(nuclear(np.diag([1.0, 1.0, 3.0])), np.eye(3), atol=1e-14)
    assert not nuclear(np.zeros((2, 3))).any()


REFUSED = {
    "qr, complete": (lambda a: np.linalg.qr(a, "complete"), "'reduced' and 'r'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


MISTAKES = {
    "det": (lambda x: np.linalg.det(x), "two-dimensional"),
    "norm": (lambda x: np.linalg.norm(x, "fro"), "Invalid norm order"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_in_numpy(name):
    reads_as_in_numpy(*MISTAKES[name])


LENGTHS = {
    "norm": np.linalg.norm, "vector_norm": np.linalg.vector_norm, "3-norm": lambda x: np.linalg.norm(x, 3),
    "1.5-norm": lambda x: np.linalg.norm(x, 1.5), "Frobenius": lambda x: np.linalg.norm(x * np.eye(2)),
    "hypot": lambda x: np.hypot(x[0], x[1]), "along an axis": lambda x: np.linalg.norm(np.stack([x, x]), axis=1)[0],
    "kept": lambda x: np.linalg.norm(x, keepdims=True)[0],
}  # fmt: skip


@pytest.mark.parametrize("name", LENGTHS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_second_derivative_at_the_origin_of_a_length_is_not_a_number(name, dtype):
    """|x| has none there, for it bends without bound: no finite answer is right."""
    length, origin = LENGTHS[name], np.zeros(2, dtype)
    assert gradient(length)(origin).tolist() == [0, 0]
    assert not np.isfinite(jacobian(gradient(length))(origin)).any()
    # Of its square, which has the Hessian 2 I: that, or NaN.
    square = jacobian(gradient(lambda x: length(x) ** 2))(origin)
    assert (np.isnan(square) | np.isclose(square, 2 * np.eye(2))).all() or "1.5" in name


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_length_that_rests_at_its_origin_has_no_second_derivative():
    """Distances of a cloud from itself: those of a point from itself stay 0 and move nothing."""
    rng = np.random.default_rng(0)
    points = rng.standard_normal((4, 2))

    def energy(flat):
        cloud = flat.reshape(4, 2)
        return np.sum(np.linalg.norm(cloud[:, None] - cloud, axis=-1) ** 3)

    x, v = points.ravel(), rng.standard_normal(8)
    step = 1e-5
    slope = (gradient(energy)(x + step * v) - gradient(energy)(x - step * v)) / (2 * step)
    np.testing.assert_allclose(hvp(energy, x, v), slope, rtol=1e-7)
    check_jvp(lambda x: np.linalg.norm(x, 3), np.array([0.4, -0.7, 1.1]), order=3)
