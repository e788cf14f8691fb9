"""SciPy's functions that refuse a dual number: each is called by its name, and its advice works."""

# ruff: noqa: E501

import re
from pathlib import Path

import numpy as np
import pytest
import scipy
from scipy import fft, integrate, interpolate, linalg, optimize, signal, special, stats
from scipy.sparse import csc_array
from scipy.sparse.linalg import spsolve
from scipy.spatial import distance

import dualedu
from dualedu import Dual, check_jvp, custom_jvp, derivative
from dualedu.scipy_rules.unsupported import STATISTICS

PAGE = Path(__file__).parents[2] / "book" / "reference" / "recipes.md"
VECTOR, MATRIX = np.array([0.5, 1.2]), np.array([[2.0, 0.3], [0.3, 1.5]])


def refusal(f, *args):
    """The sentence with which f refuses dual numbers of these values."""
    with pytest.raises(TypeError, match="works on plain numbers; ") as error:
        f(*(Dual(x, np.ones_like(x)) for x in args))
    return str(error.value)


Y = np.array([0.3, 2.1, -0.4, 1.0, 0.8])
X = np.array([0.5, 1.2, 2.0, 0.9, 3.1])

PAIRED = ("pearsonr", "linregress")

# function, the same as a function of x alone, value, other names in the advice
WRITTEN_OUT = [
    ("logsumexp", special.logsumexp, VECTOR, {}),
    ("softmax", special.softmax, VECTOR, {}),
    ("log_softmax", special.log_softmax, VECTOR, {}),
    ("polygamma", lambda x: special.polygamma(3, x), VECTOR, {"n": 3}),
    ("multigammaln", lambda x: special.multigammaln(x, 3), 2.5, {"p": 3}),
    ("factorial", special.factorial, VECTOR, {}),
    ("comb", lambda x: special.comb(x, 0.3), VECTOR, {"k": 0.3}),
    ("perm", lambda x: special.perm(x, 0.3), VECTOR, {"k": 0.3}),
    ("spherical_jn", lambda x: special.spherical_jn(2, x), VECTOR, {"n": 2}),
    ("spherical_yn", lambda x: special.spherical_yn(2, x), VECTOR, {"n": 2}),
    ("spherical_in", lambda x: special.spherical_in(2, x), VECTOR, {"n": 2}),
    ("spherical_kn", lambda x: special.spherical_kn(2, x), VECTOR, {"n": 2}),
    *[(name, getattr(stats, name), X, {}) for name in STATISTICS if name not in PAIRED],
    ("pearsonr", lambda x: stats.pearsonr(x, Y)[0], X, {"y": Y}),
    ("linregress", lambda x: stats.linregress(x, Y)[:2], X, {"y": Y}),
    ("convolve", lambda x: signal.convolve(x, Y), X, {"y": Y}),
    ("fftconvolve", lambda x: signal.fftconvolve(x, Y), X, {"y": Y}),
    ("correlate", lambda x: signal.correlate(x, Y), X, {"y": Y}),
    ("cosine", lambda x: distance.cosine(x, Y), X, {"y": Y}),
    ("trapezoid", integrate.trapezoid, X, {}),
]


@pytest.mark.parametrize(("name", "f", "x", "names"), WRITTEN_OUT, ids=[w[0] for w in WRITTEN_OUT])
def test_the_advice_is_the_same_function_and_has_a_derivative(name, f, x, names):
    sentence = refusal(f, x)
    assert f".{name} works on plain numbers; " in sentence
    code = re.search(r"; (?:use|write) (.+?)(?:; of weighted .*)?$", sentence)[1]

    def advised(x):
        return eval(code, {"np": np, "scipy": scipy, "dualedu": dualedu, **names}, {"x": x})

    np.testing.assert_allclose(advised(x), f(x), rtol=1e-12)
    check_jvp(advised, x)


@pytest.mark.parametrize("name", ["fft", "irfft", "ifft2", "rfftn"])
def test_fourier_transforms_are_numpys(name):
    sentence = refusal(getattr(fft, name), MATRIX)
    assert sentence.endswith(f"scipy.fft.{name} works on plain numbers; use np.fft.{name}")
    np.testing.assert_allclose(getattr(np.fft, name)(MATRIX), getattr(fft, name)(MATRIX))


@pytest.mark.parametrize("name", ["inv", "det", "cholesky", "svd", "eigh", "qr", "norm", "pinv"])
def test_linear_algebra_is_numpys(name):
    sentence = refusal(getattr(linalg, name), MATRIX)
    assert f"scipy.linalg.{name} works on plain numbers; use np.linalg.{name}" in sentence
    ours = eval(re.search(r"use (np\.linalg\.\w+)$", sentence)[1], {"np": np})
    ours(Dual(MATRIX, MATRIX))


NAMES = [
    (lambda a: linalg.solve_triangular(a, VECTOR), MATRIX, "scipy.linalg.solve_triangular", "np.linalg.solve(A, b)"),
    (linalg.expm, MATRIX, "scipy.linalg.expm", "custom_jvp"),
    (linalg.cho_factor, MATRIX, "scipy.linalg.cho_factor", "custom_jvp"),
    (lambda x: optimize.minimize(np.sum, x), VECTOR, "scipy.optimize.minimize", "dualedu.implicit"),
    (lambda s: optimize.minimize(lambda x: np.sum((x - s) ** 2), [0.0]), 0.5, "scipy.optimize.minimize", "dualedu.implicit"),
    (lambda s: integrate.quad(lambda x: s * x, 0, 1), 0.5, "scipy.integrate.quad", "together with the function"),
    (lambda x: integrate.solve_ivp(lambda t, y: -y, (0, 1), x), VECTOR, "scipy.integrate.solve_ivp", "together"),
    (lambda s: integrate.solve_ivp(lambda t, y: -s * y, (0, 1), [1.0]), 0.5, "scipy.integrate.solve_ivp", "together"),
    (lambda x: interpolate.CubicSpline([0.0, 1.0], x), VECTOR, "scipy.interpolate.CubicSpline", "custom_jvp"),
    (interpolate.CubicSpline([0.0, 1.0, 2.0], [0.0, 1.0, 4.0]), 0.5, "scipy.interpolate.CubicSpline", "custom_jvp"),
    (stats.norm.pdf, 0.5, "scipy.stats", "ndtr(x) for stats.norm.cdf(x) or stdtr(df, x)"),
    (fft.dct, VECTOR, "scipy.fft.dct", "custom_jvp"),
    (signal.detrend, VECTOR, "scipy.signal.detrend", "custom_jvp"),
    (lambda x: csc_array(MATRIX) @ x, VECTOR, "scipy.sparse.csc_array", "x @ A.T is A @ x"),
    (lambda s: s * csc_array(MATRIX), 0.5, "scipy.sparse.csc_array", "s * (x @ A.T) is (s * A) @ x"),
    (lambda b: spsolve(csc_array(MATRIX), b), VECTOR, "scipy.sparse.linalg.spsolve", "custom_jvp"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "name", "way_out"), NAMES)
def test_a_function_of_scipy_is_called_by_its_name(f, x, name, way_out):
    sentence = refusal(f, x)
    assert f": {name}" in sentence
    assert way_out in sentence
    assert len(sentence) < 400
    if "the page" in sentence:
        title = re.search("the page '(.+?)'", sentence)[1]
        assert PAGE.read_text("utf-8").startswith(f"# {title}\n")


def test_the_distributions_that_the_advice_names():
    assert special.ndtr(0.3) == stats.norm.cdf(0.3)
    assert special.stdtr(4.0, 0.3) == pytest.approx(stats.t.cdf(0.3, 4.0), rel=1e-14)
    assert derivative(special.ndtr)(0.3) == pytest.approx(stats.norm.pdf(0.3), rel=1e-14)
    t = derivative(lambda x: special.stdtr(4.0, x))(0.3)
    assert t == pytest.approx(stats.t.pdf(0.3, 4.0), rel=1e-14)


def test_the_rule_for_a_sparse_solver_that_the_advice_names():
    A = csc_array(MATRIX)
    code = re.search(r"solve = (.+)$", refusal(lambda b: spsolve(A, b), VECTOR))[1]
    scope = {"dualedu": dualedu, "scipy": scipy, "A": A}
    scope["solve"] = eval(code, scope)
    check_jvp(lambda b: scope["solve"](b * b), VECTOR)


def test_a_rule_of_ones_own_for_a_ufunc_without_one():
    with pytest.raises(TypeError, match=r"scipy\.special\.ber .* with dualedu\.custom_jvp"):
        special.ber(Dual(0.5, 1.0))
    ber = custom_jvp(special.ber, lambda t, z, x: t * special.berp(x))
    check_jvp(ber, VECTOR, order=1)


def test_brentq_says_in_the_cause_why_it_fails():
    with pytest.raises((SystemError, TypeError)) as error:
        optimize.brentq(lambda x: x - Dual(0.5, 1.0), 0, 1)
    chain, sentences = error.value, []
    while chain is not None:
        sentences.append(str(chain))
        chain = chain.__cause__ or chain.__context__
    assert any("scipy.optimize.brentq works on plain numbers" in s for s in sentences)
