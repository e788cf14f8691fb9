"""Slopes of special functions whose textbook formula cancels, in a tail or near a removable zero.

Each calls functions that have rules, so that second derivatives are right there too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import special as sp

from dualedu.core.dual import Dual, apply

Slope = Callable[..., Any]

ROOT_PI, ROOT_2 = math.sqrt(math.pi), math.sqrt(2)


def polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """c₀ + c₁x + c₂x² + … by Horner's scheme."""
    total = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


def choose(condition: Any, x: Any, y: Any) -> Any:
    """np.where, with a number for numbers."""
    chosen: Any = np.where(condition, x, y)
    return chosen[()]


def pieces(near: Any, x: Any, inside: Slope, outside: Slope, stand_in: float) -> Any:
    """inside(x) where `near`, outside(x) elsewhere; neither sees the other's x but a stand-in."""
    return choose(near, inside(choose(near, x, 0)), outside(choose(near, stand_in, x)))


DOUBLE_FACTORIALS = [float(math.prod(range(1, 2 * n, 2))) for n in range(1, 18)]


def shortfall(x: Any, sign: float) -> Any:
    """Σₙ (2n−1)!! signⁿ⁻¹ / (2x²)ⁿ, for |x| ≥ 10. It is 1 − √π x erfcx(x) with sign −1 and
    2x dawsn(x) − 1 with sign 1 (DLMF 7.12), where those subtractions lose every digit."""
    u = sign / (2 * x * x)
    return polynomial(DOUBLE_FACTORIALS, u) / (2 * x * x)


def erfcx_slope(x: Any) -> Any:
    """2x erfcx(x) − 2/√π."""
    return pieces(
        np.less(x, 10), x,
        lambda x: 2 * x * sp.erfcx(x) - 2 / ROOT_PI,
        lambda x: -2 / ROOT_PI * shortfall(x, -1.0), 10.0,
    )  # fmt: skip


def dawsn_slope(x: Any) -> Any:
    """1 − 2x dawsn(x)."""
    return pieces(
        np.less(np.abs(x), 10), x,
        lambda x: 1 - 2 * x * sp.dawsn(x),
        lambda x: -shortfall(x, 1.0), 10.0,
    )  # fmt: skip


def normal_density(x: Any) -> Any:
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def normal_over_ndtr(x: Any) -> Any:
    """φ(x) / Φ(x), right where both underflow; for x > 37 erfcx would overflow."""
    return pieces(
        np.less(x, 5), x,
        lambda x: math.sqrt(2 / math.pi) / sp.erfcx(-x / ROOT_2),
        lambda x: normal_density(x) / sp.ndtr(x), 5.0,
    )  # fmt: skip


def rgamma_slope(x: Any) -> Any:
    """(1/Γ)′ = −ψ/Γ; from the reflection Γ(x)Γ(1−x) = π/sin πx below ½, where ψ has its poles."""
    return pieces(
        np.less(x, 0.5), x,
        lambda x: sp.gamma(1 - x) * (np.cos(np.pi * x) - np.sinc(x) * x * sp.psi(1 - x)),
        lambda x: -sp.rgamma(x) * sp.psi(x), 1.0,
    )  # fmt: skip


STIRLING = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12]
"""B₂ₖ / 2k, of ψ(x) ~ log x − 1/2x − Σ B₂ₖ/(2k x²ᵏ)  (DLMF 5.11.2)."""


def digamma_gap(a: Any, b: Any) -> Any:
    """ψ(a) − ψ(a + b). For large a the two agree in most digits: there from their series."""
    large = np.greater_equal(a, 15) & np.greater_equal(b, 0)
    c = choose(large, a, 15)
    u, w = 1 / c, 1 / (c + choose(large, b, 0))
    # u²ᵏ − w²ᵏ = (u² − w²)(u²ᵏ⁻² + u²ᵏ⁻⁴w² + … + w²ᵏ⁻²), and u − w = b u w
    gap = choose(large, b, 0) * u * w
    total: Any = 0.0
    factor: Any = 1.0
    power: Any = 1.0
    for coefficient in STIRLING:
        total = total + coefficient * factor
        power = power * w * w
        factor = factor * u * u + power
    series = -np.log1p(choose(large, b, 0) * u) - gap * (0.5 + (u + w) * total)
    near = choose(large, 1, a)
    return choose(large, series, sp.psi(near) - sp.psi(near + choose(large, 1, b)))


def binom_slope(z: Any, n: Any, k: Any) -> Any:
    """z (ψ(n−k+1) − ψ(k+1)), with 1/Γ's slope where n−k+1 may be a pole of ψ."""
    c = n - k + 1
    beyond = np.less(c, 0.5)
    m = choose(beyond, n, 0)
    pole = -sp.gamma(m + 1) * sp.rgamma(k + 1) * rgamma_slope(choose(beyond, c, 0))
    return choose(beyond, pole, z * sp.psi(choose(beyond, 1, c))) - z * sp.psi(k + 1)


def gamma_density(a: Any, x: Any) -> Any:
    """xᵃ⁻¹ e⁻ˣ / Γ(a). For large a by Stirling's series, since the factors lose log₁₀(a) digits."""
    large = np.greater_equal(a, 100)
    c = choose(large, a, 100)
    mu = (choose(large, x, 100) - c) / c
    tail = polynomial([1 / 12, -1 / 360, 1 / 1260, -1 / 1680], 1 / (c * c)) / c
    stirling = -c * mu + (c - 1) * np.log1p(mu) - np.log(2 * math.pi * c) / 2 - tail
    b = choose(large, 1, a)
    direct = sp.xlogy(b - 1, x) - x - sp.gammaln(b)
    return np.exp(choose(large, stirling, direct))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """xᵃ⁻¹ (1−x)ᵇ⁻¹ / B(a, b)."""
    return np.exp(sp.xlogy(a - 1, x) + sp.xlog1py(b - 1, -x) - sp.betaln(a, b))


def t_density(n: Any, x: Any) -> Any:
    """Student's density with n degrees of freedom."""
    return np.exp(-(n + 1) / 2 * np.log1p(x * x / n)) / (np.sqrt(n) * sp.beta(n / 2, 0.5))


def f_density(m: Any, n: Any, x: Any) -> Any:
    """Fisher's density with m and n degrees of freedom."""
    total = m * x + n
    return beta_density(m / 2, n / 2, m * x / total) * m * n / (total * total)


EXPREL = [(k + 1) / math.factorial(k + 2) for k in range(18)]
INVERSE_BOXCOX = [(-1) ** (k + 1) * (k + 1) / (k + 2) for k in range(16)]
LOG_RATIO = [-((-1) ** k) / (k + 1) for k in range(16)]


def exprel_slope(w: Any) -> Any:
    """(eʷ(w − 1) + 1) / w², which is ½ at 0: the slope of (eʷ − 1)/w."""
    return pieces(
        np.less(np.abs(w), 1), w,
        lambda w: polynomial(EXPREL, w),
        lambda w: (np.exp(w) * (w - 1) + 1) / (w * w), 1.0,
    )  # fmt: skip


def inverse_boxcox_slope(w: Any) -> Any:
    """(w/(1 + w) − log(1 + w)) / w², which is −½ at 0."""
    return pieces(
        np.less(np.abs(w), 0.1), w,
        lambda w: polynomial(INVERSE_BOXCOX, w),
        lambda w: (w / (1 + w) - np.log1p(w)) / (w * w), 1.0,
    )  # fmt: skip


def spence_slope(x: Any) -> Any:
    """log(x) / (1 − x), which is −1 at 1."""
    near = np.less(np.abs(x - 1), 0.1)
    far = choose(near, 2, x)
    series = polynomial(LOG_RATIO, choose(near, x - 1, 0))
    return choose(near, series, np.log(far) / (1 - far))


def sinhc(x: Any) -> Any:
    """sinh(x) / x, which is 1 at 0."""
    return pieces(
        np.less(np.abs(x), 1), x,
        lambda x: polynomial([1 / math.factorial(2 * k + 1) for k in range(10)], x * x),
        lambda x: np.sinh(x) / x, 1.0,
    )  # fmt: skip


def expn_slope(n: Any, x: Any) -> Any:
    """−Eₙ₋₁(x), with E₋₁ written out since SciPy has none."""
    first = np.equal(n, 0)
    before = -np.exp(-x) * (1 + 1 / x) / x
    return choose(first, before, -sp.expn(choose(first, 0, n - 1), x))


def asymptotic_slope(v: Any, x: Any, sign: float) -> Any:
    """√x times the slope of x^(−½) Σ signᵏ aₖ(v) x⁻ᵏ (DLMF 10.40), for x well beyond v²."""
    term, total = 1.0, 0.5
    for k in range(1, 16):
        term = term * sign * (4 * v * v - (2 * k - 1) ** 2) / (8 * k * x)
        total = total + (k + 0.5) * term
    return -total / x


def beyond(v: Any, x: Any) -> Any:
    return np.greater(x, 50) & np.greater(x, np.multiply(2 * v, v))


def ive_slope(v: Any, x: Any, slope: Any) -> Any:
    """The slope of e⁻ˣ Iᵥ(x): `slope`, and its series for large x, where it cancels."""
    far = beyond(v, x)
    y = choose(far, x, 100)
    return choose(far, asymptotic_slope(v, y, -1.0) / np.sqrt(2 * math.pi * y), slope)


def kve_slope(v: Any, x: Any, slope: Any) -> Any:
    """The slope of eˣ Kᵥ(x), likewise."""
    far = beyond(v, x)
    y = choose(far, x, 100)
    return choose(far, asymptotic_slope(v, y, 1.0) * np.sqrt(math.pi / (2 * y)), slope)


def struve_term(v: Any, x: Any) -> Any:
    """(x/2)ᵛ / (√π Γ(v + 3/2))."""
    return np.power(x / 2, v) * (sp.rgamma(v + 1.5) / ROOT_PI)


def ellipem1(p: Any) -> Any:
    """E(1 − p), whose slope (K − E) / 2(1 − p) goes like log p: with p itself, not 1 − p, in it."""
    if isinstance(p, Dual):
        slope = lambda t, z, p: t * ((sp.ellipkm1(p) - z) / (2 * (1 - p)))  # noqa: E731
        return apply(ellipem1, (slope,), (p,))
    return sp.ellipe(1 - p)


def ellipkm1_slope(p: Any) -> Any:
    """The slope of K(1 − p) in p, −(E − pK) / 2p(1 − p) (DLMF 19.4.1). Towards p = 1 that cancels,
    and the slope is −π/8 ₂F₁(3/2, 3/2; 2; 1 − p)."""
    small = np.less(p, 0.5)
    q, r = choose(small, p, 0.25), choose(small, 1, p)
    legendre = -(ellipem1(q) - q * sp.ellipkm1(q)) / (2 * q * (1 - q))
    return choose(small, legendre, -math.pi / 8 * sp.hyp2f1(1.5, 1.5, 2.0, 1 - r))


def agm_slope(z: Any, a: Any, b: Any) -> Any:
    """∂/∂a of M(a, b) = π(a + b) / 4K(1 − p), where p = 4ab / (a + b)²."""
    s = a + b
    p = 4 * a * b / (s * s)
    return z / s * (1 - ellipkm1_slope(p) / sp.ellipkm1(p) * 4 * b * (b - a) / (s * s))
