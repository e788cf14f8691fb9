"""The rules of scipy.special: against mpmath in 75 digits, tails included, and against central
differences for every line of the table."""

# ruff: noqa: E501

import subprocess
import sys

import mpmath as mp
import numpy as np
import pytest
from scipy import special as sp
from scipy.special import _ufuncs

import dualedu.scipy_rules
from dualedu import Dual, check_jvp, derivative, gradient, jvp
from dualedu.internals.registry import of_kind, qualified

assert dualedu.scipy_rules  # loaded, so that the tests can run over its table
TABLE = of_kind("elementwise", library="scipy")


def normal(x):
    return mp.ncdf(x)


def log_normal(x):
    return mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)


def scaled(f):
    return lambda v, x: f(v, x) * mp.exp(-abs(x))


def bessel_k(v, x):
    """Kᵥ(x)eˣ = ∫₀^∞ exp(−x(cosh t − 1)) cosh(vt) dt (DLMF 10.32.9), by the trapezoidal rule, whose
    error falls exponentially here. mpmath's own besselk takes seconds at whole orders."""
    h = 1 / (22 * mp.sqrt(1 + x))
    total, t, term = mp.mpf(1) / 2, h, mp.mpf(1)
    while term > mp.mpf(10) ** -85:
        term = mp.exp(-2 * x * mp.sinh(t / 2) ** 2) * mp.cosh(v * t)
        total, t = total + term, t + h
    return total * h


# Function, the same in mpmath, and points (arguments; the derivative is taken in the last one).
# Among the points: both tails, beside removable zeros, large parameters.
AGAINST_MPMATH = [
    (sp.erf, mp.erf, [0.0, 0.5, -3.0, 8.0]),
    (sp.erfc, mp.erfc, [0.5, -3.0, 26.0]),
    (sp.erfi, mp.erfi, [0.5, -3.0, 20.0]),
    (sp.erfcx, lambda x: mp.exp(x * x) * mp.erfc(x), [-3.0, 0.5, 9.9, 10.1, 1e4, 1e8, 1e12]),
    (sp.dawsn, lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x), [0.0, 0.5, 9.9, 10.1, -1e3, 1e4]),
    (sp.erfinv, mp.erfinv, [0.0, 0.5, -0.999, 1 - 1e-12]),
    (sp.ndtr, normal, [0.0, 1.5, -30.0, 8.0]),
    (sp.log_ndtr, log_normal, [0.0, 1.5, -30.0, -1e4, 8.0, 5.5, 40.0, 100.0]),
    (sp.gamma, mp.gamma, [0.5, 3.0, 20.0, -0.7, -3.3]),
    (sp.gammaln, lambda x: mp.log(abs(mp.gamma(x))), [0.5, 3.0, 1e6, 1e-6]),
    (sp.loggamma, mp.loggamma, [0.5, 3.0, 1e6, 1e-6]),
    (sp.rgamma, mp.rgamma, [0.5, 0.49, 3.0, -0.7, 0.0, -1.0, -3.0]),
    (sp.psi, lambda x: mp.psi(0, x), [0.5, 3.0, 1e6, 1e-6, -0.7, -3.3]),
    (sp.expit, lambda x: 1 / (1 + mp.exp(-x)), [0.0, -40.0, 40.0, -700.0]),
    (sp.logit, lambda p: mp.log(p / (1 - p)), [0.5, 1e-12, 1e-200]),
    (sp.log_expit, lambda x: -mp.log(1 + mp.exp(-x)), [0.0, -40.0, 40.0]),
    (sp.entr, lambda x: -x * mp.log(x), [0.5, 1e-12, 40.0]),
    (sp.exprel, lambda x: mp.expm1(x) / x, [1e-9, 0.5, -1.0, 1.0, 30.0, -700.0]),
    (sp.cosm1, lambda x: mp.cos(x) - 1, [0.0, 1e-9, 2.0]),
    (sp.expi, mp.ei, [0.5, 3.0, -0.5, 30.0]),
    (sp.exp1, mp.e1, [0.5, 3.0, 1e-9, 30.0]),
    (sp.spence, lambda x: mp.polylog(2, 1 - x), [0.5, 1.0 - 1e-9, 1.0 + 1e-9, 0.95, 1.2, 1.7, 1e-12]),
    (sp.wrightomega, lambda x: mp.lambertw(mp.exp(x)), [0.5, -3.0, 30.0]),
    (sp.j0, lambda x: mp.besselj(0, x), [0.0, 0.5, 20.0]),
    (sp.j1, lambda x: mp.besselj(1, x), [0.0, 0.5, 20.0]),
    (sp.y0, lambda x: mp.bessely(0, x), [0.5, 20.0]),
    (sp.y1, lambda x: mp.bessely(1, x), [0.5, 20.0]),
    (sp.i0, lambda x: mp.besseli(0, x), [0.0, 0.5, 20.0]),
    (sp.i1, lambda x: mp.besseli(1, x), [0.0, 0.5, 20.0]),
    (sp.k0, lambda x: bessel_k(0, x) * mp.exp(-x), [1e-3, 0.5, 20.0]),
    (sp.k1, lambda x: bessel_k(1, x) * mp.exp(-x), [1e-3, 0.5, 20.0]),
    (sp.i0e, lambda x: mp.besseli(0, x) * mp.exp(-abs(x)), [0.5, -0.5, 20.0, 49.0, 51.0, 1e6, 1e12, -1e6]),
    (sp.i1e, lambda x: mp.besseli(1, x) * mp.exp(-abs(x)), [0.5, -0.5, 20.0, 49.0, 51.0, 1e6, 1e12, -1e6]),
    (sp.k0e, lambda x: bessel_k(0, x), [0.5, 20.0, 49.0, 51.0, 1e6, 1e12]),
    (sp.k1e, lambda x: bessel_k(1, x), [0.5, 20.0, 49.0, 51.0, 1e6, 1e12]),
    (sp.ellipk, mp.ellipk, [0.0, 1e-9, 0.5, 0.99, -3.0]),
    (sp.ellipe, mp.ellipe, [0.0, 1e-9, 0.5, 0.99, -3.0]),
    (sp.ellipkm1, lambda p: mp.ellipk(1 - p), [0.5, 0.9999, 0.01, 1e-12]),
    (sp.jv, mp.besselj, [(0.5, 2.0), (3.0, 0.7), (7.0, 20.0)]),
    (sp.yv, mp.bessely, [(0.5, 2.0), (3.0, 0.7)]),
    (sp.iv, mp.besseli, [(0.5, 2.0), (3.0, 0.7)]),
    (sp.kv, mp.besselk, [(0.5, 2.0), (3.0, 0.7)]),
    (sp.ive, scaled(mp.besseli), [(0.5, 2.0), (3.0, 0.7), (2.5, 1e6), (3.0, 60.0), (20.0, 900.0)]),
    (sp.kve, bessel_k, [(0.5, 2.0), (3.0, 0.7), (2.5, 1e6), (3.0, 60.0), (20.0, 900.0)]),
    (sp.struve, mp.struveh, [(0.5, 2.0), (3.0, 0.7)]),
    (sp.modstruve, mp.struvel, [(0.5, 2.0), (3.0, 0.7)]),
    (sp.expn, mp.expint, [(1, 0.5), (3, 2.0), (0, 0.7)]),
    (sp.gammainc, lambda a, x: mp.gammainc(a, 0, x, regularized=True), [(0.5, 2.0), (3.0, 0.7), (99.0, 90.0), (101.0, 110.0), (1e4, 1.01e4), (3.0, 60.0)]),
    (sp.gammaincc, lambda a, x: mp.gammainc(a, x, regularized=True), [(0.5, 2.0), (3.0, 0.7), (101.0, 110.0), (3.0, 60.0)]),
    (sp.betainc, lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True), [(0.5, 2.0, 0.3), (3.0, 0.7, 0.9), (30.0, 20.0, 0.6)]),
    (sp.betaln, lambda a, b: mp.log(mp.beta(a, b)), [(0.5, 2.0), (3.0, 0.7), (2.0, 1e6), (30.0, 1e8), (1e-3, 20.0)]),
    (sp.beta, mp.beta, [(0.5, 2.0), (3.0, 0.7), (2.0, 100.0)]),
    (sp.binom, mp.binomial, [(5.5, 2.0), (5.0, 0.7), (5.0, 6.0), (5.0, 7.5)]),
    (sp.poch, mp.rf, [(0.5, 2.0), (3.0, 0.7)]),
    (_ufuncs._zeta, mp.zeta, [(2.0, 0.5), (3.5, 2.0)]),
    (sp.hyp0f1, mp.hyp0f1, [(1.5, 2.0), (0.5, -3.0)]),
    (sp.hyp1f1, mp.hyp1f1, [(1.5, 2.5, 2.0), (0.5, 1.5, -3.0)]),
    (sp.hyp2f1, mp.hyp2f1, [(1.5, 2.5, 3.0, 0.4), (0.5, 1.5, 1.0, -0.7)]),
    (sp.hyperu, mp.hyperu, [(1.5, 2.5, 2.0), (0.5, 1.3, 0.7)]),
    (sp.eval_legendre, mp.legendre, [(0, 0.3), (1, 0.3), (5, 0.3), (4, 1.0), (2.5, 0.3)]),
    (sp.eval_chebyt, mp.chebyt, [(0, 0.3), (5, 0.3), (4, -1.0)]),
    (sp.eval_chebyu, mp.chebyu, [(0, 0.3), (5, 0.3)]),
    (sp.eval_hermite, mp.hermite, [(0, 0.3), (5, 0.3)]),
    (sp.eval_laguerre, lambda n, x: mp.laguerre(n, 0, x), [(0, 0.3), (5, 0.3)]),
    (sp.eval_genlaguerre, mp.laguerre, [(0, 0.5, 0.3), (5, 0.5, 0.3)]),
    (sp.eval_gegenbauer, mp.gegenbauer, [(0, 0.5, 0.3), (5, 1.5, 0.3)]),
    (sp.eval_jacobi, mp.jacobi, [(0, 0.5, 1.5, 0.3), (5, 0.5, 1.5, 0.3)]),
    (sp.boxcox, lambda x, y: (x**y - 1) / y, [(2.0, 1e-9), (2.0, 0.5), (0.3, -1.5)]),
    (sp.boxcox1p, lambda x, y: ((1 + x) ** y - 1) / y, [(1e-9, 0.5), (2.0, 1e-9)]),
    (sp.inv_boxcox, lambda y, c: (c * y + 1) ** (1 / c), [(2.0, 1e-9), (2.0, 0.5), (0.3, -1.5)]),
    (sp.xlogy, lambda x, y: x * mp.log(y), [(2.0, 1e-9), (0.0, 3.0)]),
    (sp.xlog1py, lambda x, y: x * mp.log(1 + y), [(2.0, 1e-9), (0.0, 3.0)]),
    (sp.rel_entr, lambda x, y: x * mp.log(x / y), [(2.0, 1e-9), (0.3, 3.0)]),
    (sp.kl_div, lambda x, y: x * mp.log(x / y) - x + y, [(2.0, 2.0 + 1e-6), (0.3, 3.0)]),
    (sp.pseudo_huber, lambda d, r: d * d * (mp.sqrt(1 + (r / d) ** 2) - 1), [(2.0, 1e-9), (0.3, 3.0)]),
    (sp.agm, mp.agm, [(2.0, 3.0), (2.0, 2.0 + 1e-9), (0.3, 40.0), (1.0, 1e-6)]),
    (sp.owens_t, lambda h, a: mp.quad(lambda x: mp.exp(-h * h * (1 + x * x) / 2) / (1 + x * x), [0, a]) / (2 * mp.pi), [(0.5, 2.0), (3.0, 0.7)]),
]  # fmt: skip
CASES = [
    (f, g, p if isinstance(p, tuple) else (p,)) for f, g, points in AGAINST_MPMATH for p in points
]


def exact(g, point, order):
    """The derivative of g in its last argument, by differences of mpmath's values in 75 digits."""
    with mp.workdps(75):
        *fixed, x = map(mp.mpf, point)
        h = mp.mpf(10) ** -15 * (abs(x) or 1)
        at = [mp.re(g(*fixed, x + k * h)) for k in (-2, -1, 0, 1, 2)]
        weights = {1: (1, -8, 0, 8, -1), 2: (-1, 16, -30, 16, -1)}[order]
        total = sum(w * y for w, y in zip(weights, at, strict=True))
        if abs(total) < mp.mpf(10) ** -72 * max(map(abs, at)):  # rounding alone
            return 0.0
        return float(total / (12 * h**order))


@pytest.mark.parametrize(("f", "g", "point"), CASES, ids=lambda v: getattr(v, "__name__", str(v)))
def test_derivatives_agree_with_mpmath_in_the_middle_and_in_the_tails(f, g, point):
    *fixed, x = point

    def last(x):
        return f(*fixed, x)

    assert derivative(last)(float(x)) == pytest.approx(exact(g, point, 1), rel=2e-11, abs=1e-300)
    second = derivative(derivative(last))(float(x))
    assert second == pytest.approx(exact(g, point, 2), rel=1e-7, abs=1e-14)


def test_the_last_values_of_a_bessel_function_have_whole_slopes():
    """SciPy's kv(2, x) is 0 from x = 698 on, where k1(x) is 3e-305."""
    assert sp.kv(2, 700.0) == 0
    exact = float(mp.diff(lambda x: mp.besselk(1, x), 700))
    assert derivative(sp.k1)(700.0) == pytest.approx(exact, rel=1e-9, abs=0)


BESIDE_BYTES = {
    "owens_t": lambda x, a: sp.owens_t(a, x) + sp.owens_t(x, a),
    "stdtr": lambda x, a: sp.stdtr(a, x),
    "boxcox": lambda x, a: sp.boxcox(a, x) + sp.boxcox1p(a, x),
    "powm1": lambda x, a: sp.powm1(a, x) + sp.xlogy(x, a),
    "a polynomial": lambda x, a: sp.eval_legendre(a, x) + sp.eval_chebyt(a, x),
}


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32])
@pytest.mark.parametrize("name", BESIDE_BYTES)
def test_a_constant_of_few_bits_gives_the_slopes_of_its_value(name, kind):
    """Bytes have no negative, their squares wrap around, and their logarithms have 16 bits."""
    f, a, v = BESIDE_BYTES[name], np.array([3, 20, 7]), np.array([0.3, -0.9, 0.5])
    exact = jvp(lambda x: f(x, a.astype(float)), (v**2,), (v,))[1]
    found = jvp(lambda x: f(x, a.astype(kind)), (v**2,), (v,))[1]
    np.testing.assert_allclose(found, exact, rtol=1e-10)


# --- every line of the table -----------------------------------------------------------------------

every_rule = pytest.mark.parametrize("ufunc", TABLE, ids=qualified)


def split(ufunc):
    """Which arguments may move, and which are fixed."""
    partials = TABLE[ufunc].partials
    fixed = [i for i, p in enumerate(partials) if p is None or "no_partial" in p.__qualname__]
    return [i for i in range(ufunc.nin) if i not in fixed], fixed


def sample(ufunc, shapes, seed=0):
    """(function of the arguments that move, their values). An order is a whole number where SciPy
    asks for one."""
    rng = np.random.default_rng(seed)
    moving, _ = split(ufunc)
    points = [
        rng.uniform(*interval, s) for interval, s in zip(TABLE[ufunc].domain, shapes, strict=True)
    ]
    if ufunc.types[0].startswith("l") or ufunc in (sp.yn, sp.kn):
        points[0] = np.floor(points[0]).astype(int)
    if ufunc in (sp.bdtr, sp.bdtrc):
        points[1] = points[1].astype(int)

    def f(*moved):
        arguments = list(points)
        for i, x in zip(moving, moved, strict=True):
            arguments[i] = x
        return ufunc(*arguments)

    return f, [points[i] for i in moving]


@every_rule
@pytest.mark.parametrize(
    "shapes", [((),) * 4, ((3,),) * 4, ((2, 1), (3,), (2, 3), (1, 1)), ((0,),) * 4]
)
def test_tangents_agree_with_central_differences_to_second_order(ufunc, shapes):
    f, points = sample(ufunc, shapes[: ufunc.nin])
    check_jvp(f, *points, tolerance=1e-6)


@every_rule
def test_values_and_directions_in_both_precisions(ufunc):
    f, points = sample(ufunc, ((2, 1), (3,), (2, 3), (1, 1))[: ufunc.nin])
    rng = np.random.default_rng(5)
    directions = [rng.uniform(-1, 1, (3, *p.shape)) for p in points]
    double = jvp(f, points, directions)[1]
    for dtype in (np.float64, np.float32):
        cast = [p.astype(dtype) for p in points]
        value, together = jvp(f, cast, directions)
        np.testing.assert_array_equal(value, f(*cast))
        assert together.dtype == value.dtype
        for k in range(3):
            np.testing.assert_allclose(
                together[k],
                jvp(f, cast, [v[k] for v in directions])[1],
                rtol=1e-6 if dtype == np.float32 else 1e-14,
            )
    np.testing.assert_allclose(together, double, rtol=2e-4, atol=2e-4 * np.max(np.abs(double)))


@every_rule
def test_arguments_without_a_rule_say_so_by_name(ufunc):
    _, fixed = split(ufunc)
    for i in fixed:
        arguments = [np.float64(np.floor(high)) for _, high in TABLE[ufunc].domain]
        if ufunc in (sp.bdtr, sp.bdtrc):
            arguments[1] = int(arguments[1])
        arguments[i] = Dual(float(arguments[i]), 1.0)
        if TABLE[ufunc].partials[i] is None:
            assert not isinstance(ufunc(*arguments), Dual)
            continue
        if ufunc in (sp.eval_hermite, sp.eval_hermitenorm):  # their degree is never a float
            continue
        with pytest.raises(
            TypeError, match=rf"^{qualified(ufunc)} has no derivative rule for its argument \w+"
        ):
            ufunc(*arguments)


SEVERAL = [
    (sp.sici, 0.7), (sp.sici, 20.0), (sp.shichi, 0.7), (sp.shichi, 3.0), (sp.fresnel, 0.7), (sp.airy, 0.7), (sp.airy, -2.0), (sp.itairy, 0.7),
    (sp.itj0y0, 0.7), (sp.iti0k0, 0.7), (lambda u: sp.ellipj(u, 0.4), 0.7), (lambda x: sp.pbdv(0.5, x), 0.7),
    (lambda x: sp.pbvv(0.5, x), 0.7), (lambda x: sp.pbwa(0.5, x), 0.7),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x"), SEVERAL)
def test_functions_with_several_results(f, x):
    check_jvp(lambda x: np.stack(f(x)), x, tolerance=1e-6)
    check_jvp(lambda x: np.stack(f(x)), np.array([x, x / 2]), tolerance=1e-6)
    np.testing.assert_array_equal(jvp(f, (x,), (1.0,))[0], f(x))


def test_the_record_of_several_results_covers_all_of_them():
    assert len(of_kind("formula", library="scipy")) == 12


def test_an_argument_of_several_without_a_rule():
    with pytest.raises(
        TypeError, match=r"scipy\.special\.ellipj has no derivative rule for its argument m"
    ):
        sp.ellipj(0.7, Dual(0.4, 1.0))


# --- functions of Python in SciPy that reach a rule --------------------------------------------------


def test_the_real_branches_of_lambertw():
    for k, x in ((0, 1.0), (0, 0.0), (0, -0.3), (-1, -0.3), (-1, -1e-9), (0, 1e8)):
        w = mp.lambertw(x, k)
        value, slope = jvp(lambda x, k=k: sp.lambertw(x, k), (x,), (1.0,))
        assert value == pytest.approx(float(w.real), rel=1e-14)
        assert slope == pytest.approx(float(mp.exp(-w).real / (1 + w).real), rel=1e-12)
    check_jvp(lambda x: sp.lambertw(x).real, np.array([0.5, 2.0]))
    assert jvp(sp.lambertw, (np.float32(1),), (np.float32(1),))[1].dtype == np.float32
    for k, x in ((0, -0.5), (-1, 0.5), (1, 2.0)):
        with pytest.raises(TypeError, match="lambertw of a dual number is complex here"):
            sp.lambertw(Dual(x, 1.0), k)


@pytest.mark.parametrize(
    "f",
    [
        sp.softplus,
        lambda x: sp.zeta(2.5, x),
        lambda x: sp.jvp(2, x),
        lambda x: sp.yvp(2, x, 2),
        lambda x: sp.ivp(0.5, x),
        lambda x: sp.kvp(0.5, x),
        sp.digamma,
        lambda x: sp.jn(2, x),
    ],
)
def test_functions_of_python_that_call_a_ufunc(f):
    check_jvp(f, np.array([0.7, 1.3, 4.0]))


def test_the_exponent_of_zeta_has_no_rule():
    for f in (sp.zeta, lambda s: sp.zeta(s, 2.0)):
        with pytest.raises(TypeError, match=r"scipy.special.\w*zeta has no derivative rule"):
            f(Dual(2.5, 1.0))


# --- zero tangents, kinks and constants --------------------------------------------------------------


def test_a_zero_tangent_stays_zero_at_an_infinite_slope():
    for f, x in (
        (sp.logit, 0.0),
        (sp.logit, 1.0),
        (sp.log1p, -1.0),
        (sp.cbrt, 0.0),
        (sp.erfinv, 1.0),
        (sp.ndtri, 0.0),
        (sp.entr, 0.0),
    ):
        with np.errstate(all="ignore"):
            slopes = gradient(lambda x, f=f: f(x[0]) + x[1] ** 2)(np.array([x, 3.0]))
        assert np.isinf(slopes[0]), f
        assert slopes[1] == 6.0, f


def test_zero_times_a_logarithm():
    assert derivative(lambda y: sp.xlogy(0.0, y))(0.0) == 0.0
    assert derivative(lambda y: sp.xlog1py(0.0, y))(-1.0) == 0.0
    p = np.array([0.0, 0.4, 0.6])
    right = np.where(p > 0, p, 0) @ np.zeros(3)
    assert derivative(lambda t: np.sum(sp.xlogy(p, p * t)))(1.0) == pytest.approx(1.0 + right)


def test_kinks_follow_the_table_of_kinks():
    assert derivative(derivative(lambda r: sp.huber(1.0, r)))(1.0) == 0.5  # of np.clip at its bound
    assert derivative(sp.i0e)(0.0) == 0.0
    assert derivative(lambda x: sp.huber(1.0, x))(-3.0) == -1.0


def test_constants():
    for f in (sp.round, sp.gammasgn):
        assert f(Dual(1.3, 1.0)) == f(1.3)
        assert not isinstance(f(Dual(1.3, 1.0)), Dual)


# --- what has no rule -------------------------------------------------------------------------------

WITHOUT = [
    "airye",
    "bdtri",
    "bdtrik",
    "bdtrin",
    "bei",
    "beip",
    "ber",
    "berp",
    "besselpoly",
    "btdtria",
    "btdtrib",
    "chdtriv",
    "chndtr",
    "chndtridf",
    "chndtrinc",
    "chndtrix",
    "elliprc",
    "elliprd",
    "elliprf",
    "elliprg",
    "elliprj",
    "eval_sh_jacobi",
    "fdtridfd",
    "gdtria",
    "gdtrib",
    "gdtrix",
    "hankel1",
    "hankel1e",
    "hankel2",
    "hankel2e",
    "it2i0k0",
    "it2j0y0",
    "it2struve0",
    "kei",
    "keip",
    "kelvin",
    "ker",
    "kerp",
    "kolmogi",
    "kolmogorov",
    "log_wright_bessel",
    "lpmv",
    "mathieu_a",
    "mathieu_b",
    "mathieu_cem",
    "mathieu_modcem1",
    "mathieu_modcem2",
    "mathieu_modsem1",
    "mathieu_modsem2",
    "mathieu_sem",
    "modfresnelm",
    "modfresnelp",
    "nbdtr",
    "nbdtrc",
    "nbdtri",
    "nbdtrik",
    "nbdtrin",
    "ncfdtr",
    "ncfdtri",
    "ncfdtridfd",
    "ncfdtridfn",
    "ncfdtrinc",
    "nctdtr",
    "nctdtridf",
    "nctdtrinc",
    "nctdtrit",
    "nrdtrimn",
    "nrdtrisd",
    "obl_ang1",
    "obl_ang1_cv",
    "obl_cv",
    "obl_rad1",
    "obl_rad1_cv",
    "obl_rad2",
    "obl_rad2_cv",
    "pdtri",
    "pdtrik",
    "pro_ang1",
    "pro_ang1_cv",
    "pro_cv",
    "pro_rad1",
    "pro_rad1_cv",
    "pro_rad2",
    "pro_rad2_cv",
    "smirnov",
    "smirnovi",
    "stdtridf",
    "tklmbda",
    "voigt_profile",
    "wofz",
    "wright_bessel",
    "zetac",
]


def test_every_ufunc_has_a_rule_or_is_listed_here():
    ruled = {*of_kind("elementwise", "formula", "constant", library="scipy")}
    theirs = {f for name in sp.__all__ if isinstance(f := getattr(sp, name), np.ufunc)}
    assert sorted(f.__name__ for f in theirs - ruled) == sorted(WITHOUT)


@pytest.mark.parametrize("name", WITHOUT)
def test_a_ufunc_without_a_rule_is_called_by_its_own_name(name):
    ufunc = getattr(sp, name)
    with pytest.raises(
        TypeError, match=rf"^scipy.special.{name} has no derivative rule for dual numbers: give it"
    ):
        ufunc(*[Dual(0.5, 1.0)] * ufunc.nin)


def test_ufuncs_of_others_are_not_said_to_be_numpys():
    double = np.frompyfunc(lambda x: 2 * x, 1, 1)
    with pytest.raises(TypeError, match=r"^np.frompyfunc hands its function plain numbers"):
        double(Dual(0.5, 1.0))


def test_loaded_only_when_a_dual_number_meets_scipy():
    program = """
import sys
import numpy as np
from dualedu import Dual, derivative
assert "scipy" not in sys.modules
derivative(np.sin)(1.0)
try:
    np.gcd(Dual(1.0, 1.0), 2)
except TypeError:
    pass
assert "scipy" not in sys.modules
import scipy.special
assert "dualedu.scipy_rules" not in sys.modules
print(derivative(scipy.special.erf)(0.0))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(2 / np.sqrt(np.pi))
