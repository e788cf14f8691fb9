"""One line per ufunc of scipy.special: its derivative rule. Loaded when a dual number meets one.

The table continues `core.rules` and is written as that one is. Its formulas are those of the NIST
Digital Library of Mathematical Functions (dlmf.nist.gov); the chapter stands above each group.
Where the textbook's formula cancels, in a tail or near a removable zero, the slope is a function of
its own, next to the table, with the reason.

An argument for which no closed form is known, such as the order of a Bessel function, has its name
in place of a partial: it may not carry a tangent, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import special as sp
from scipy.special import _ufuncs

from dualedu.core.dual import Dual, apply
from dualedu.core.rules import ANY, DEGREE, INSIDE, LN10, POSITIVE
from dualedu.internals import registry
from dualedu.internals.registry import RULES, Partial, Rule, constant, qualified
from dualedu.internals.shapes import base, widened
from dualedu.internals.slopes import over, power_base, power_exponent
from dualedu.scipy_rules.slopes import (
    ROOT_2,
    ROOT_PI,
    agm_slope,
    beta_density,
    binom_slope,
    choose,
    dawsn_slope,
    digamma_gap,
    ellipkm1_slope,
    erfcx_slope,
    expn_slope,
    exprel_slope,
    f_density,
    gamma_density,
    inverse_boxcox_slope,
    ive_slope,
    kve_slope,
    normal_density,
    normal_over_ndtr,
    rgamma_slope,
    sinhc,
    spence_slope,
    struve_term,
    t_density,
)

Slope = Callable[..., Any]

UNIT, INTEGER = (0.1, 0.9), (1.0, 4.0)


def rule(ufunc: Any, formula: str, *partials: Partial | str | None, domain: Any = ANY) -> None:
    """Enter a rule: one partial an argument, or the argument's name if it has none."""
    ready = [no_partial(ufunc, p) if isinstance(p, str) else p and of_wide(p) for p in partials]
    registry.rule(ufunc, formula, *ready, domain=domain)


def of_wide(partial: Partial) -> Partial:
    """The partial that sees small integers `widened`."""
    return lambda t, z, *args: partial(t, z, *map(widened, args))


def no_partial(ufunc: Any, argument: str) -> Partial:
    """The partial of an argument that may not carry a tangent."""

    def partial(t: Any, z: Any, *args: Any) -> Any:
        name = qualified(ufunc)
        raise TypeError(
            f"{name} has no derivative rule for its argument {argument}, only for others: give a "
            "plain number there, or stop_gradient(...) of it if it is to stay constant"
        )

    return partial


def several(ufunc: Any, formula: str, *slopes: Slope, arguments: Sequence[str] = ("",)) -> None:
    """Enter a ufunc with several results: the slope of each, (*arguments), in the one argument
    that may move; the others have their names in `arguments`."""

    def call(*args: Any) -> Any:
        return tuple(
            apply(
                lambda *args, i=i: ufunc(*args)[i],
                [
                    no_partial(ufunc, name)
                    if name
                    else lambda t, z, *args, i=i: t * slopes[i](*args)
                    for name in arguments
                ],
                args,
            )
            for i in range(len(slopes))
        )

    RULES[ufunc] = Rule("formula", formula, call=call)


def real_lambertw(x: Any, k: Any, tolerance: Any) -> Any:
    """The real branches W₀ and W₋₁. SciPy's own result is complex, with imaginary part 0."""
    values, branches = np.broadcast_arrays(base(x), base(k))
    upper = (branches == 0) & (values >= -1 / math.e)
    lower = (branches == -1) & (values >= -1 / math.e) & (values < 0)
    if not np.all(upper | lower):
        raise TypeError(
            "scipy.special.lambertw of a dual number is complex here, and dual numbers are real: "
            "the real branches are k = 0 for x >= -1/e and k = -1 for -1/e <= x < 0"
        )

    def value(x: Any) -> Any:
        if isinstance(x, Dual):
            return real_lambertw(x, k, tolerance)
        return _ufuncs._lambertw(x, k, tolerance).real.astype(np.result_type(x))

    return apply(value, (lambda t, w, x: t * np.exp(-w) / (1 + w),), (x,))


RULES[_ufuncs._lambertw] = Rule(
    "formula", r"\dot x\, e^{-z} / (1 + z) \text{ on the real branches}", call=real_lambertw
)

# fmt: off
# --- error functions (DLMF 7)
rule(sp.erf,      r"\tfrac{2}{\sqrt\pi} e^{-x^2}\, \dot x",        lambda t, z, x: t * (2 / ROOT_PI * np.exp(-x * x)))
rule(sp.erfc,     r"-\tfrac{2}{\sqrt\pi} e^{-x^2}\, \dot x",       lambda t, z, x: -t * (2 / ROOT_PI * np.exp(-x * x)))
rule(sp.erfi,     r"\tfrac{2}{\sqrt\pi} e^{x^2}\, \dot x",         lambda t, z, x: t * (2 / ROOT_PI * np.exp(x * x)))
rule(sp.erfcx,    r"(2xz - \tfrac{2}{\sqrt\pi})\, \dot x",         lambda t, z, x: t * erfcx_slope(x))
rule(sp.dawsn,    r"(1 - 2xz)\, \dot x",                           lambda t, z, x: t * dawsn_slope(x))
rule(sp.erfinv,   r"\tfrac{\sqrt\pi}{2} e^{z^2}\, \dot x",         lambda t, z, x: t * (ROOT_PI / 2 * np.exp(z * z)), domain=INSIDE)
rule(sp.erfcinv,  r"-\tfrac{\sqrt\pi}{2} e^{z^2}\, \dot x",        lambda t, z, x: -t * (ROOT_PI / 2 * np.exp(z * z)), domain=(0.1, 1.9))
several(sp.fresnel, r"\sin(\pi x^2/2)\, \dot x,\ \cos(\pi x^2/2)\, \dot x", lambda x: np.sin(math.pi / 2 * x * x), lambda x: np.cos(math.pi / 2 * x * x))

# --- the normal distribution, with φ its density
rule(sp.ndtr,      r"\varphi(x)\, \dot x",                         lambda t, z, x: t * normal_density(x))
rule(sp.log_ndtr,  r"\varphi(x) / \Phi(x)\, \dot x",               lambda t, z, x: t * normal_over_ndtr(x))
rule(sp.ndtri,     r"\dot x / \varphi(z)",                         lambda t, z, x: over(t, normal_density(z)), domain=UNIT)
rule(sp.ndtri_exp, r"\Phi(z) / \varphi(z)\, \dot x",               lambda t, z, x: t / normal_over_ndtr(z), domain=(-3.0, -0.2))
rule(sp.owens_t,   r"-\tfrac12 \varphi(x) \operatorname{erf}(xy/\sqrt2)\, \dot x + e^{-x^2(1+y^2)/2} / (2\pi(1+y^2))\, \dot y",
     lambda t, z, h, a: -t * (normal_density(h) * sp.erf(h * a / ROOT_2) / 2),
     lambda t, z, h, a: t * (np.exp(-h * h * (1 + a * a) / 2) / (2 * math.pi * (1 + a * a))))

# --- gamma and beta functions (DLMF 5 and 8), with ψ = digamma
rule(sp.gamma,     r"z\, \psi(x)\, \dot x",                        lambda t, z, x: t * (z * sp.psi(x)), domain=POSITIVE)
rule(sp.gammaln,   r"\psi(x)\, \dot x",                            lambda t, z, x: t * sp.psi(x), domain=POSITIVE)
rule(sp.loggamma,  r"\psi(x)\, \dot x",                            lambda t, z, x: t * sp.psi(x), domain=POSITIVE)
rule(sp.rgamma,    r"-z\, \psi(x)\, \dot x",                       lambda t, z, x: t * rgamma_slope(x))
rule(sp.psi,       r"\zeta(2, x)\, \dot x",                        lambda t, z, x: t * _ufuncs._zeta(2.0, x), domain=POSITIVE)
rule(_ufuncs._zeta, r"-x\, \zeta(x + 1, y)\, \dot y",              "x (the exponent)", lambda t, z, s, q: -t * (s * _ufuncs._zeta(s + 1, q)), domain=((1.5, 4.0), POSITIVE))
rule(sp.beta,      r"z (\psi(x) - \psi(x+y))\, \dot x + z (\psi(y) - \psi(x+y))\, \dot y",
     lambda t, z, a, b: t * (z * digamma_gap(a, b)), lambda t, z, a, b: t * (z * digamma_gap(b, a)), domain=POSITIVE)
rule(sp.betaln,    r"(\psi(x) - \psi(x+y))\, \dot x + (\psi(y) - \psi(x+y))\, \dot y",
     lambda t, z, a, b: t * digamma_gap(a, b), lambda t, z, a, b: t * digamma_gap(b, a), domain=POSITIVE)
rule(sp.binom,     r"z (\psi(x+1) - \psi(x-y+1))\, \dot x + z (\psi(x-y+1) - \psi(y+1))\, \dot y",
     lambda t, z, n, k: -t * (binom_slope(z, n, k) + z * (sp.psi(k + 1) - sp.psi(n + 1))), lambda t, z, n, k: t * binom_slope(z, n, k), domain=((3.2, 5.0), (0.2, 3.0)))
rule(sp.poch,      r"z (\psi(x+y) - \psi(x))\, \dot x + z\, \psi(x+y)\, \dot y",
     lambda t, z, x, m: -t * (z * digamma_gap(x, m)), lambda t, z, x, m: t * (z * sp.psi(x + m)), domain=POSITIVE)
rule(sp.gammainc,  r"y^{x-1} e^{-y} / \Gamma(x)\, \dot y",         "a", lambda t, z, a, x: t * gamma_density(a, x), domain=POSITIVE)
rule(sp.gammaincc, r"-y^{x-1} e^{-y} / \Gamma(x)\, \dot y",        "a", lambda t, z, a, x: -t * gamma_density(a, x), domain=POSITIVE)
rule(sp.gammaincinv,  r"\Gamma(x)\, z^{1-x} e^{z}\, \dot y",       "a", lambda t, z, a, y: over(t, gamma_density(a, z)), domain=(POSITIVE, UNIT))
rule(sp.gammainccinv, r"-\Gamma(x)\, z^{1-x} e^{z}\, \dot y",      "a", lambda t, z, a, y: -over(t, gamma_density(a, z)), domain=(POSITIVE, UNIT))
rule(sp.betainc,   r"w^{x-1} (1-w)^{y-1} / B(x, y)\, \dot w",      "a", "b", lambda t, z, a, b, x: t * beta_density(a, b, x), domain=(POSITIVE, POSITIVE, UNIT))
rule(sp.betaincc,  r"-w^{x-1} (1-w)^{y-1} / B(x, y)\, \dot w",     "a", "b", lambda t, z, a, b, x: -t * beta_density(a, b, x), domain=(POSITIVE, POSITIVE, UNIT))
rule(sp.betaincinv,  r"B(x, y)\, z^{1-x} (1-z)^{1-y}\, \dot w",    "a", "b", lambda t, z, a, b, y: over(t, beta_density(a, b, z)), domain=(POSITIVE, POSITIVE, UNIT))
rule(sp.betainccinv, r"-B(x, y)\, z^{1-x} (1-z)^{1-y}\, \dot w",   "a", "b", lambda t, z, a, b, y: -over(t, beta_density(a, b, z)), domain=(POSITIVE, POSITIVE, UNIT))

# --- other distributions (DLMF 8): their densities, in the last argument
rule(sp.stdtr,     r"f(y)\, \dot y,\ f \text{ Student's density}",    "df", lambda t, z, n, x: t * t_density(n, x), domain=(POSITIVE, ANY))
rule(sp.stdtrit,   r"\dot y / f(z)",                                 "df", lambda t, z, n, p: over(t, t_density(n, z)), domain=(POSITIVE, UNIT))
rule(sp.fdtr,      r"f(w)\, \dot w,\ f \text{ Fisher's density}",     "dfn", "dfd", lambda t, z, m, n, x: t * f_density(m, n, x), domain=POSITIVE)
rule(sp.fdtrc,     r"-f(w)\, \dot w",                                "dfn", "dfd", lambda t, z, m, n, x: -t * f_density(m, n, x), domain=POSITIVE)
rule(sp.fdtri,     r"\dot w / f(z)",                                 "dfn", "dfd", lambda t, z, m, n, p: over(t, f_density(m, n, z)), domain=(POSITIVE, POSITIVE, UNIT))
rule(sp.chdtr,     r"f(y)\, \dot y,\ f \text{ the density of } \chi^2", "v", lambda t, z, v, x: t * (gamma_density(v / 2, x / 2) / 2), domain=POSITIVE)
rule(sp.chdtrc,    r"-f(y)\, \dot y",                                "v", lambda t, z, v, x: -t * (gamma_density(v / 2, x / 2) / 2), domain=POSITIVE)
rule(sp.chdtri,    r"-\dot y / f(z)",                                "v", lambda t, z, v, p: -over(t, gamma_density(v / 2, z / 2) / 2), domain=(POSITIVE, UNIT))
rule(sp.gdtr,      r"f(xw) (w\, \dot x + x\, \dot w),\ f \text{ the gamma density of shape } y",
     lambda t, z, a, b, x: t * (x * gamma_density(b, a * x)), "b", lambda t, z, a, b, x: t * (a * gamma_density(b, a * x)), domain=POSITIVE)
rule(sp.gdtrc,     r"-f(xw) (w\, \dot x + x\, \dot w)",
     lambda t, z, a, b, x: -t * (x * gamma_density(b, a * x)), "b", lambda t, z, a, b, x: -t * (a * gamma_density(b, a * x)), domain=POSITIVE)
rule(sp.pdtr,      r"-y^{\lfloor x \rfloor} e^{-y} / \lfloor x \rfloor!\, \dot y", None, lambda t, z, k, m: -t * gamma_density(np.floor(k) + 1, m), domain=((1.1, 1.9), POSITIVE))
rule(sp.pdtrc,     r"y^{\lfloor x \rfloor} e^{-y} / \lfloor x \rfloor!\, \dot y",  None, lambda t, z, k, m: t * gamma_density(np.floor(k) + 1, m), domain=((1.1, 1.9), POSITIVE))
rule(sp.bdtr,      r"-f(w)\, \dot w,\ f \text{ the density of } \mathrm{Beta}(x+1, y-x)", None, "n", lambda t, z, k, n, p: -t * beta_density(np.floor(k) + 1, n - np.floor(k), p), domain=((1.1, 1.9), (4.0, 4.0), UNIT))
rule(sp.bdtrc,     r"f(w)\, \dot w",                                 None, "n", lambda t, z, k, n, p: t * beta_density(np.floor(k) + 1, n - np.floor(k), p), domain=((1.1, 1.9), (4.0, 4.0), UNIT))

# --- logarithms and exponentials that do not cancel
rule(sp.expit,     r"z \operatorname{expit}(-x)\, \dot x",         lambda t, z, x: t * (z * sp.expit(-x)))
rule(sp.logit,     r"\dot x / (x(1-x))",                           lambda t, z, x: over(t, x * (1 - x)), domain=UNIT)
rule(sp.log_expit, r"\operatorname{expit}(-x)\, \dot x",           lambda t, z, x: t * sp.expit(-x))
rule(sp.xlogy,     r"\log(y)\, \dot x + x/y\, \dot y",             lambda t, z, x, y: t * np.log(y), lambda t, z, x, y: t * over(x, y), domain=(ANY, POSITIVE))
rule(sp.xlog1py,   r"\log(1+y)\, \dot x + x/(1+y)\, \dot y",       lambda t, z, x, y: t * np.log1p(y), lambda t, z, x, y: t * over(x, 1 + y), domain=(ANY, INSIDE))
rule(sp.entr,      r"-(\log(x) + 1)\, \dot x",                     lambda t, z, x: -t * (np.log(x) + 1), domain=POSITIVE)
rule(sp.rel_entr,  r"(\log(x/y) + 1)\, \dot x - x/y\, \dot y",     lambda t, z, x, y: t * (np.log(x / y) + 1), lambda t, z, x, y: -t * over(x, y), domain=POSITIVE)
rule(sp.kl_div,    r"\log(x/y)\, \dot x + (1 - x/y)\, \dot y",     lambda t, z, x, y: t * np.log(x / y), lambda t, z, x, y: t * over(y - x, y), domain=POSITIVE)
rule(sp.exprel,    r"(e^x(x-1) + 1)/x^2\, \dot x",                 lambda t, z, x: t * exprel_slope(x))
rule(sp.boxcox,    r"x^{y-1}\, \dot x + (x^y (y\log(x) - 1) + 1)/y^2\, \dot y",
     lambda t, z, x, y: t * np.power(x, y - 1.0), lambda t, z, x, y: t * (np.log(x) ** 2 * exprel_slope(y * np.log(x))), domain=(POSITIVE, ANY))
rule(sp.boxcox1p,  r"(1+x)^{y-1}\, \dot x + ((1+x)^y (y\log(1+x) - 1) + 1)/y^2\, \dot y",
     lambda t, z, x, y: t * np.exp((y - 1) * np.log1p(x)), lambda t, z, x, y: t * (np.log1p(x) ** 2 * exprel_slope(y * np.log1p(x))), domain=(INSIDE, ANY))
rule(sp.inv_boxcox, r"z/(1+xy)\, \dot x + z x^2 (w/(1+w) - \log(1+w))/w^2\, \dot y,\ w = xy",
     lambda t, z, x, y: t * (z / (1 + x * y)), lambda t, z, x, y: t * (z * x * x * inverse_boxcox_slope(x * y)), domain=INSIDE)
rule(sp.inv_boxcox1p, r"(z+1)/(1+xy)\, \dot x + (z+1) x^2 (w/(1+w) - \log(1+w))/w^2\, \dot y,\ w = xy",
     lambda t, z, x, y: t * ((z + 1) / (1 + x * y)), lambda t, z, x, y: t * ((z + 1) * x * x * inverse_boxcox_slope(x * y)), domain=INSIDE)
rule(sp.powm1,     r"y x^{y-1}\, \dot x + (z+1) \log(x)\, \dot y",  power_base, lambda t, z, x, y: power_exponent(t, z + 1, x, y), domain=(POSITIVE, ANY))
rule(sp.expm1,     r"e^x\, \dot x",                                lambda t, z, x: t * np.exp(x))
rule(sp.log1p,     r"\dot x / (1+x)",                              lambda t, z, x: over(t, 1 + x), domain=INSIDE)
rule(sp.exp2,      r"z \log(2)\, \dot x",                          lambda t, z, x: t * (z * math.log(2)))
rule(sp.exp10,     r"z \log(10)\, \dot x",                         lambda t, z, x: t * (z * LN10))
rule(sp.cbrt,      r"\dot x / (3z^2)",                             lambda t, z, x: over(t, 3 * z * z), domain=POSITIVE)
rule(sp.wrightomega, r"z/(1+z)\, \dot x",                          lambda t, z, x: t * (z / (1 + z)))
rule(sp.spence,    r"\log(x)/(1-x)\, \dot x",                      lambda t, z, x: t * spence_slope(x), domain=POSITIVE)

# --- losses
rule(sp.huber,        r"\max(\lvert y \rvert - x, 0)\, \dot x + \operatorname{clip}(y, -x, x)\, \dot y",
     lambda t, z, d, r: t * np.maximum(np.abs(r) - d, 0), lambda t, z, d, r: t * np.clip(r, -d, d), domain=((0.2, 0.9), (1.0, 2.0)))
rule(sp.pseudo_huber, r"x(s-1)^2/s\, \dot x + y/s\, \dot y,\ s = \sqrt{1+(y/x)^2}",
     lambda t, z, d, r: t * (d * ((r / d) ** 2 / (np.hypot(1, r / d) + 1)) ** 2 / np.hypot(1, r / d)),
     lambda t, z, d, r: t * (r / np.hypot(1, r / d)), domain=(POSITIVE, ANY))

# --- trigonometry in degrees
rule(sp.sindg,     r"\tfrac{\pi}{180} \cos(x)\, \dot x",           lambda t, z, x: t * (sp.cosdg(x) * DEGREE))
rule(sp.cosdg,     r"-\tfrac{\pi}{180} \sin(x)\, \dot x",          lambda t, z, x: -t * (sp.sindg(x) * DEGREE))
rule(sp.tandg,     r"\tfrac{\pi}{180} (1+z^2)\, \dot x",           lambda t, z, x: t * ((1 + z * z) * DEGREE))
rule(sp.cotdg,     r"-\tfrac{\pi}{180} (1+z^2)\, \dot x",          lambda t, z, x: -t * ((1 + z * z) * DEGREE), domain=(20.0, 40.0))
rule(sp.cosm1,     r"-\sin(x)\, \dot x",                           lambda t, z, x: -t * np.sin(x))
rule(sp.radian,    r"\tfrac{\pi}{180} (\dot x + \dot y/60 + \dot w/3600)", lambda t, z, d, m, s: t * DEGREE, lambda t, z, d, m, s: t * (DEGREE / 60), lambda t, z, d, m, s: t * (DEGREE / 3600))

# --- exponential, sine and cosine integrals (DLMF 6)
rule(sp.expi,      r"e^x/x\, \dot x",                              lambda t, z, x: t * (np.exp(x) / x), domain=POSITIVE)
rule(sp.exp1,      r"-e^{-x}/x\, \dot x",                          lambda t, z, x: -t * (np.exp(-x) / x), domain=POSITIVE)
rule(sp.expn,      r"-E_{x-1}(y)\, \dot y",                        "n (the order)", lambda t, z, n, x: t * expn_slope(n, x), domain=(INTEGER, POSITIVE))
several(sp.sici,   r"\sin(x)/x\, \dot x,\ \cos(x)/x\, \dot x",     lambda x: np.sinc(x / math.pi), lambda x: np.cos(x) / x)
several(sp.shichi, r"\sinh(x)/x\, \dot x,\ \cosh(x)/x\, \dot x",   sinhc, lambda x: np.cosh(x) / x)

# --- Bessel functions and their kin (DLMF 10 and 11)
rule(sp.j0,        r"-J_1(x)\, \dot x",                            lambda t, z, x: -t * sp.j1(x))
rule(sp.j1,        r"\tfrac12 (J_0 - J_2)(x)\, \dot x",            lambda t, z, x: t * ((sp.j0(x) - sp.jv(2, x)) / 2))
rule(sp.jv,        r"\tfrac12 (J_{x-1} - J_{x+1})(y)\, \dot y",    "v (the order)", lambda t, z, v, x: t * ((sp.jv(v - 1, x) - sp.jv(v + 1, x)) / 2), domain=POSITIVE)
rule(sp.jve,       r"\tfrac12 (J_{x-1} - J_{x+1})(y)\, \dot y",    "v (the order)", lambda t, z, v, x: t * ((sp.jve(v - 1, x) - sp.jve(v + 1, x)) / 2), domain=POSITIVE)
rule(sp.y0,        r"-Y_1(x)\, \dot x",                            lambda t, z, x: -t * sp.y1(x), domain=POSITIVE)
rule(sp.y1,        r"\tfrac12 (Y_0 - Y_2)(x)\, \dot x",            lambda t, z, x: t * ((sp.y0(x) - sp.yv(2, x)) / 2), domain=POSITIVE)
rule(sp.yn,        r"\tfrac12 (Y_{x-1} - Y_{x+1})(y)\, \dot y",    "n (the order)", lambda t, z, n, x: t * ((sp.yn(n - 1, x) - sp.yn(n + 1, x)) / 2), domain=(INTEGER, POSITIVE))
rule(sp.yv,        r"\tfrac12 (Y_{x-1} - Y_{x+1})(y)\, \dot y",    "v (the order)", lambda t, z, v, x: t * ((sp.yv(v - 1, x) - sp.yv(v + 1, x)) / 2), domain=POSITIVE)
rule(sp.yve,       r"\tfrac12 (Y_{x-1} - Y_{x+1})(y)\, \dot y",    "v (the order)", lambda t, z, v, x: t * ((sp.yve(v - 1, x) - sp.yve(v + 1, x)) / 2), domain=POSITIVE)
rule(sp.i0,        r"I_1(x)\, \dot x",                             lambda t, z, x: t * sp.i1(x))
rule(sp.i1,        r"\tfrac12 (I_0 + I_2)(x)\, \dot x",            lambda t, z, x: t * ((sp.i0(x) + sp.iv(2, x)) / 2))
rule(sp.iv,        r"\tfrac12 (I_{x-1} + I_{x+1})(y)\, \dot y",    "v (the order)", lambda t, z, v, x: t * ((sp.iv(v - 1, x) + sp.iv(v + 1, x)) / 2), domain=POSITIVE)
rule(sp.i0e,       r"(e^{-\lvert x \rvert} I_1(x) - \operatorname{sign}(x) z)\, \dot x",             lambda t, z, x: t * (np.sign(x) * ive_slope(0, np.abs(x), sp.i1e(np.abs(x)) - z)), domain=POSITIVE)
rule(sp.i1e,       r"(\tfrac12 e^{-\lvert x \rvert} (I_0 + I_2)(x) - \operatorname{sign}(x) z)\, \dot x", lambda t, z, x: t * ive_slope(1, np.abs(x), (sp.i0e(x) + sp.ive(2, x)) / 2 - np.sign(x) * z), domain=POSITIVE)
rule(sp.ive,       r"(\tfrac12 e^{-\lvert y \rvert} (I_{x-1} + I_{x+1})(y) - \operatorname{sign}(y) z)\, \dot y", "v (the order)", lambda t, z, v, x: t * ive_slope(v, x, (sp.ive(v - 1, x) + sp.ive(v + 1, x)) / 2 - np.sign(x) * z), domain=POSITIVE)
rule(sp.k0,        r"-K_1(x)\, \dot x",                            lambda t, z, x: -t * sp.k1(x), domain=POSITIVE)
rule(sp.k1,        r"-(K_0(x) + z / x)\, \dot x",                 lambda t, z, x: -t * (sp.k0(x) + z / x), domain=POSITIVE)
rule(sp.kn,        r"-\tfrac12 (K_{x-1} + K_{x+1})(y)\, \dot y",   "n (the order)", lambda t, z, n, x: -t * ((sp.kv(n - 1.0, x) + sp.kv(n + 1.0, x)) / 2), domain=(INTEGER, POSITIVE))
rule(sp.kv,        r"-\tfrac12 (K_{x-1} + K_{x+1})(y)\, \dot y",   "v (the order)", lambda t, z, v, x: -t * ((sp.kv(v - 1, x) + sp.kv(v + 1, x)) / 2), domain=POSITIVE)
rule(sp.k0e,       r"(z - e^x K_1(x))\, \dot x",                   lambda t, z, x: t * kve_slope(0, x, z - sp.k1e(x)), domain=POSITIVE)
rule(sp.k1e,       r"(z - e^x K_0(x) - z / x)\, \dot x",           lambda t, z, x: t * kve_slope(1, x, z - sp.k0e(x) - z / x), domain=POSITIVE)
rule(sp.kve,       r"(z - \tfrac12 e^y (K_{x-1} + K_{x+1})(y))\, \dot y", "v (the order)", lambda t, z, v, x: t * kve_slope(v, x, z - (sp.kve(v - 1, x) + sp.kve(v + 1, x)) / 2), domain=POSITIVE)
rule(sp.struve,    r"\tfrac12 (H_{x-1} - H_{x+1} + (y/2)^x / (\sqrt\pi\, \Gamma(x+\tfrac32)))\, \dot y",    "v (the order)", lambda t, z, v, x: t * ((sp.struve(v - 1, x) - sp.struve(v + 1, x) + struve_term(v, x)) / 2), domain=POSITIVE)
rule(sp.modstruve, r"\tfrac12 (L_{x-1} + L_{x+1} + (y/2)^x / (\sqrt\pi\, \Gamma(x+\tfrac32)))\, \dot y",    "v (the order)", lambda t, z, v, x: t * ((sp.modstruve(v - 1, x) + sp.modstruve(v + 1, x) + struve_term(v, x)) / 2), domain=POSITIVE)
rule(sp.itstruve0, r"H_0(x)\, \dot x",                             lambda t, z, x: t * sp.struve(0, x), domain=POSITIVE)
rule(sp.itmodstruve0, r"L_0(x)\, \dot x",                          lambda t, z, x: t * sp.modstruve(0, x), domain=POSITIVE)
several(sp.itj0y0, r"J_0(x)\, \dot x,\ Y_0(x)\, \dot x",           sp.j0, sp.y0)
several(sp.iti0k0, r"I_0(x)\, \dot x,\ K_0(x)\, \dot x",           sp.i0, sp.k0)
several(sp.airy,   r"\mathrm{Ai}'\, \dot x,\ x\, \mathrm{Ai}\, \dot x,\ \mathrm{Bi}'\, \dot x,\ x\, \mathrm{Bi}\, \dot x",
        lambda x: sp.airy(x)[1], lambda x: x * sp.airy(x)[0], lambda x: sp.airy(x)[3], lambda x: x * sp.airy(x)[2])
several(sp.itairy, r"\mathrm{Ai}(x)\, \dot x,\ \mathrm{Bi}(x)\, \dot x,\ \mathrm{Ai}(-x)\, \dot x,\ \mathrm{Bi}(-x)\, \dot x",
        lambda x: sp.airy(x)[0], lambda x: sp.airy(x)[2], lambda x: sp.airy(-x)[0], lambda x: sp.airy(-x)[2])
several(sp.pbdv,   r"D'_x\, \dot y,\ (y^2/4 - x - \tfrac12) D_x\, \dot y", lambda v, x: sp.pbdv(v, x)[1], lambda v, x: (x * x / 4 - v - 0.5) * sp.pbdv(v, x)[0], arguments=("v (the order)", ""))
several(sp.pbvv,   r"V'_x\, \dot y,\ (y^2/4 - x - \tfrac12) V_x\, \dot y", lambda v, x: sp.pbvv(v, x)[1], lambda v, x: (x * x / 4 - v - 0.5) * sp.pbvv(v, x)[0], arguments=("v (the order)", ""))
several(sp.pbwa,   r"W'\, \dot y,\ (x - y^2/4) W\, \dot y",    lambda a, x: sp.pbwa(a, x)[1], lambda a, x: (a - x * x / 4) * sp.pbwa(a, x)[0], arguments=("a", ""))

# --- elliptic integrals and functions (DLMF 19 and 22), as hypergeometric functions: these nest
rule(sp.ellipk,    r"\tfrac{\pi}{8}\, {}_2F_1(\tfrac32, \tfrac32; 2; x)\, \dot x",     lambda t, z, m: t * (math.pi / 8 * sp.hyp2f1(1.5, 1.5, 2.0, m)), domain=UNIT)
rule(sp.ellipkm1,  r"-\tfrac{\pi}{8}\, {}_2F_1(\tfrac32, \tfrac32; 2; 1-x)\, \dot x",  lambda t, z, p: t * ellipkm1_slope(p), domain=UNIT)
rule(sp.ellipe,    r"-\tfrac{\pi}{8}\, {}_2F_1(\tfrac12, \tfrac32; 2; x)\, \dot x",    lambda t, z, m: -t * (math.pi / 8 * sp.hyp2f1(0.5, 1.5, 2.0, m)), domain=UNIT)
rule(sp.ellipkinc, r"\dot x / \sqrt{1 - y \sin^2 x}",              lambda t, z, phi, m: over(t, np.sqrt(1 - m * np.sin(phi) ** 2)), "m", domain=(ANY, UNIT))
rule(sp.ellipeinc, r"\sqrt{1 - y \sin^2 x}\, \dot x",              lambda t, z, phi, m: t * np.sqrt(1 - m * np.sin(phi) ** 2), "m", domain=(ANY, UNIT))
rule(sp.agm,       r"\text{through } z = \pi (x+y) / 4K(m),\ m = ((x-y)/(x+y))^2", lambda t, z, a, b: t * agm_slope(z, a, b), lambda t, z, a, b: t * agm_slope(z, b, a), domain=POSITIVE)
several(sp.ellipj, r"z_2 z_3\, \dot x,\ -z_1 z_3\, \dot x,\ -y z_1 z_2\, \dot x,\ z_3\, \dot x",
        lambda u, m: sp.ellipj(u, m)[1] * sp.ellipj(u, m)[2], lambda u, m: -sp.ellipj(u, m)[0] * sp.ellipj(u, m)[2],
        lambda u, m: -m * sp.ellipj(u, m)[0] * sp.ellipj(u, m)[1], lambda u, m: sp.ellipj(u, m)[2], arguments=("", "m"))

# --- hypergeometric functions (DLMF 13 and 15)
rule(sp.hyp0f1,    r"{}_0F_1(x+1; y)/x\, \dot y",                  "v", lambda t, z, v, x: t * (sp.hyp0f1(v + 1, x) / v), domain=(POSITIVE, ANY))
rule(sp.hyp1f1,    r"\tfrac{x}{y}\, {}_1F_1(x+1; y+1; w)\, \dot w", "a", "b", lambda t, z, a, b, x: t * (a / b * sp.hyp1f1(a + 1, b + 1, x)), domain=(POSITIVE, POSITIVE, ANY))
rule(sp.hyperu,    r"-x\, U(x+1, y+1, w)\, \dot w",                "a", "b", lambda t, z, a, b, x: -t * (a * sp.hyperu(a + 1, b + 1, x)), domain=POSITIVE)
rule(sp.hyp2f1,    r"\tfrac{xy}{w}\, {}_2F_1(x+1, y+1; w+1; v)\, \dot v", "a", "b", "c", lambda t, z, a, b, c, x: t * (a * b / c * sp.hyp2f1(a + 1, b + 1, c + 1, x)), domain=(POSITIVE, POSITIVE, POSITIVE, INSIDE))

# --- orthogonal polynomials (DLMF 18.9)
FAMILIES: list[tuple[Any, str, list[str], Slope]] = [
    (sp.eval_legendre,    r"C^{(3/2)}_{x-1}(y)\, \dot y",          [], lambda n, x: sp.eval_gegenbauer(n - 1, 1.5, x)),
    (sp.eval_chebyt,      r"x\, U_{x-1}(y)\, \dot y",              [], lambda n, x: n * sp.eval_chebyu(n - 1, x)),
    (sp.eval_chebyu,      r"2 C^{(2)}_{x-1}(y)\, \dot y",          [], lambda n, x: 2 * sp.eval_gegenbauer(n - 1, 2.0, x)),
    (sp.eval_chebyc,      r"x\, U_{x-1}(y/2)\, \dot y",            [], lambda n, x: n * sp.eval_chebyu(n - 1, x / 2)),
    (sp.eval_chebys,      r"C^{(2)}_{x-1}(y/2)\, \dot y",          [], lambda n, x: sp.eval_gegenbauer(n - 1, 2.0, x / 2)),
    (sp.eval_hermite,     r"2x\, H_{x-1}(y)\, \dot y",             [], lambda n, x: 2 * n * sp.eval_hermite(n - 1, x)),
    (sp.eval_hermitenorm, r"x\, He_{x-1}(y)\, \dot y",             [], lambda n, x: n * sp.eval_hermitenorm(n - 1, x)),
    (sp.eval_laguerre,    r"-L^{(1)}_{x-1}(y)\, \dot y",           [], lambda n, x: -sp.eval_genlaguerre(n - 1, 1.0, x)),
    (sp.eval_genlaguerre, r"-L^{(y+1)}_{x-1}(w)\, \dot w",         ["alpha"], lambda n, a, x: -sp.eval_genlaguerre(n - 1, a + 1, x)),
    (sp.eval_gegenbauer,  r"2y\, C^{(y+1)}_{x-1}(w)\, \dot w",     ["alpha"], lambda n, a, x: 2 * a * sp.eval_gegenbauer(n - 1, a + 1, x)),
    (sp.eval_jacobi,      r"\tfrac12 (x+y+w+1) P^{(y+1,w+1)}_{x-1}(v)\, \dot v", ["alpha", "beta"], lambda n, a, b, x: (n + a + b + 1) / 2 * sp.eval_jacobi(n - 1, a + 1, b + 1, x)),
    (sp.eval_sh_legendre, r"2 C^{(3/2)}_{x-1}(2y-1)\, \dot y",     [], lambda n, x: 2 * sp.eval_gegenbauer(n - 1, 1.5, 2 * x - 1)),
    (sp.eval_sh_chebyt,   r"2x\, U_{x-1}(2y-1)\, \dot y",          [], lambda n, x: 2 * n * sp.eval_chebyu(n - 1, 2 * x - 1)),
    (sp.eval_sh_chebyu,   r"4 C^{(2)}_{x-1}(2y-1)\, \dot y",       [], lambda n, x: 4 * sp.eval_gegenbauer(n - 1, 2.0, 2 * x - 1)),
]
# fmt: on


def enter(ufunc: Any, formula: str, parameters: list[str], slope: Slope) -> None:
    """The rule of a family of polynomials; for n = 0 the slope is 0, and its formula has none."""

    def partial(t: Any, z: Any, n: Any, *args: Any) -> Any:
        zero = np.equal(n, 0)
        if not np.any(zero):
            return t * slope(n, *args)
        return t * choose(zero, 0, slope(choose(zero, 1, n), *args))

    domain = (INTEGER, *[POSITIVE] * len(parameters), INSIDE)
    rule(ufunc, formula, "n (the degree)", *parameters, partial, domain=domain)


for family in FAMILIES:
    enter(*family)

constant("piecewise constant: the derivative is 0 between the jumps", sp.round, sp.gammasgn)
