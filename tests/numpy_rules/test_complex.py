"""Rules that hold for complex numbers, against differences along a real curve of them."""

import numpy as np
import pytest

from dualedu import check_jvp, jvp

RNG = np.random.default_rng(0)
A, B, V = RNG.normal(size=(3, 4, 4))
TALL = np.linalg.qr(B)[0]


def curve(x):
    return x + 1j * B + 0.3j * x.T


def definite(x):
    return curve(x) @ curve(x).conj().T + np.eye(4)


def singular(x):
    """Of rank 3 everywhere."""
    return curve(x)[:, :3] @ curve(x)[:3]


def written(x):
    z = curve(x) + 0
    np.fill_diagonal(z, z[0])
    np.put(z, [1, 2], z[1, :2])
    np.subtract.at(z, (0, 0), z[1, 1])
    np.multiply.at(z, (0, 1), z[1, 1])
    return z


HOLDS = {
    "det": lambda x: np.linalg.det(curve(x)),
    "det of rank 3": lambda x: np.linalg.det(singular(x)),
    "det beside rank 3": lambda x: np.linalg.det(singular(A) + (x - A) * (1 + 2j)),
    "slogdet": lambda x: np.linalg.slogdet(np.stack([curve(x), 2j * curve(x)])),
    "cholesky": lambda x: np.linalg.cholesky(definite(x)),
    "cholesky, upper": lambda x: np.linalg.cholesky(definite(x), upper=True),
    "qr": lambda x: np.linalg.qr(curve(x)),
    "qr, r of a stack": lambda x: np.linalg.qr(np.stack([curve(x), x + 0j])[..., :3], "r"),
    "pinv": lambda x: np.linalg.pinv(curve(x)[:2]),
    "lstsq": lambda x: np.linalg.lstsq(curve(x)[:, :2], curve(x), rcond=None)[:2],
    "svdvals": lambda x: np.linalg.svdvals(curve(x)),
    "svd, values": lambda x: np.linalg.svd(curve(x)[:, :2], compute_uv=False),
    "nuclear norm": lambda x: np.linalg.norm(curve(x), "nuc"),
    "nuclear norm of equal values": lambda x: np.linalg.norm(
        curve(x) @ np.linalg.inv(curve(A)), "nuc"
    ),
    "spectral norm": lambda x: np.linalg.matrix_norm(curve(x), ord=2),
    "vector norms": lambda x: (
        np.linalg.vector_norm(curve(x), axis=0),
        np.linalg.vector_norm(curve(x), axis=1, ord=3, keepdims=True),
    ),
    "matrix norms": lambda x: (np.linalg.matrix_norm(curve(x)), np.linalg.norm(curve(x), 1)),
    "cond": lambda x: (np.linalg.cond(curve(x)), np.linalg.cond(curve(x), "fro")),
    "tensorsolve": lambda x: np.linalg.tensorsolve(curve(x), B[0]),
    "multi_dot": lambda x: np.linalg.multi_dot([curve(x), B, curve(x)]),
    "var": lambda x: (np.var(curve(x)), np.std(curve(x), axis=0, ddof=1)),
    "var of real numbers about a complex one": lambda x: (
        np.var(x.real, axis=0, mean=curve(x)[:1]),
        np.std(B.real, mean=np.sum(curve(x))),
    ),
    "cov": lambda x: np.cov(curve(x)),
    "corrcoef": lambda x: np.corrcoef(curve(x)),
    "nan": lambda x: np.nanvar(np.where(A > 1, np.nan, curve(x)), axis=0),
    "average": lambda x: np.average(curve(x), axis=0, weights=np.abs(A)),
    "polyfit": lambda x: np.polyfit(np.arange(4.0), curve(x), 2),
    "interp": lambda x: np.interp(x.real, [-3, 3], curve(x)[0, :2]),
    "inverse functions": lambda x: [
        f(curve(x)) for f in (np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh)
    ],
    "arcsin at its cut": lambda x: [
        f(s * (x + 5 + 0j)) for s in (1, -1) for f in (np.arcsin, np.arccos, np.arccosh)
    ],
    "arcsin below its cut": lambda x: [
        f(np.conjugate(s * (x + 5 + 0j))) for s in (1, -1) for f in (np.arcsin, np.arccosh)
    ],
    "powers": lambda x: (np.exp2(curve(x)), np.float_power(curve(x), 1.5), np.sinc(curve(x))),
    "vecdot": lambda x: (np.vecdot(curve(x), 1j * x), np.linalg.vecdot(B, curve(x), axis=0)),
    "cross": lambda x: np.cross(curve(x)[:, :3], curve(x)[:, 1:]),
    "correlate": lambda x: np.correlate(curve(x)[0], curve(x)[1], "full"),
    "calculus": lambda x: (np.gradient(curve(x)), np.trapezoid(curve(x), B[0])),
    "sort": lambda x: np.sort(curve(x), axis=0),
    "arranged": lambda x: (np.tril(curve(x)), np.rot90(curve(x)), np.dstack([curve(x), x])),
    "written": written,
}
if hasattr(np, "vecmat"):  # NumPy 2.2
    HOLDS["vecmat"] = lambda x: (np.vecmat(curve(x)[0], curve(x)), np.matvec(curve(x), x[0]))


def parts(outcome):
    """Real and imaginary parts of all numbers of a result in one row."""
    if isinstance(outcome, tuple | list):
        return np.concatenate([parts(z) for z in outcome])
    row = np.ravel(outcome)
    return np.concatenate([np.real(row), np.imag(row) * np.ones(len(row))])


@pytest.mark.parametrize("f", [np.linalg.eigvals, lambda z: np.linalg.eig(z)[1]])
def test_the_spectrum_of_nothing_is_nothing(f):
    value, tangent = jvp(lambda x: f(1j * x), (np.zeros((2, 0, 0)),), (np.zeros((2, 0, 0)),))
    assert value.shape == tangent.shape == f(1j * np.zeros((2, 0, 0))).shape


@pytest.mark.parametrize("name", HOLDS)
def test_rules_that_hold_for_complex_numbers(name):
    f = lambda x: parts(HOLDS[name](x))  # noqa: E731
    check_jvp(f, A, order=2, tolerance=1e-5)
    tangents = jvp(f, (A,), (np.stack([V, B]),))[1]
    for direction, tangent in zip((V, B), tangents, strict=True):
        value, single = jvp(f, (A,), (direction,))
        np.testing.assert_allclose(value, f(A), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(tangent, single, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", ["det", "slogdet", "cholesky", "qr", "pinv", "svdvals", "norm"])
def test_single_precision_stays_single(name):
    def f(x):
        return getattr(np.linalg, name)(definite(x).astype(np.complex64))

    outcome, tangent = jvp(f, (A.astype(np.float32),), (V.astype(np.float32),))
    plain = f(A.astype(np.float32))
    for parts in (outcome, tangent):
        parts = parts if isinstance(parts, tuple) else (parts,)
        for part, exact in zip(parts, plain if len(parts) > 1 else (plain,), strict=True):
            assert part.dtype == exact.dtype
