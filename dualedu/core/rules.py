"""One record for every function that `dualedu` knows, and the rules of NumPy's ufuncs.

`RULES` is the only registry. `dual` looks a function up here, the tests run every record against
independent oracles, the book prints it as a reference page. What is not a ufunc of one formula is
entered by `numpy_rules`, what has no rule by `unsupported`. A line of the table below reads

    rule(ufunc, formula, one partial per argument, sample domain)

A partial is the term that its argument contributes to the tangent of y = ufunc(x₁, x₂, …):
partial(t, y, x₁, x₂, …) is ∂y/∂xᵢ · t. It is linear in t, and `None` where the derivative is zero
everywhere. Partials call NumPy on whatever they receive, plain arrays or duals of an outer
differentiation: that is all it takes for derivatives to nest. Constants are Python floats,
because NumPy promotes float32 to float64 when it meets an np.float64.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np

Partial = Callable[..., Any]
Interval = tuple[float, float]
Kind = Literal[
    "elementwise",
    "linear",
    "bilinear",
    "composed",
    "formula",
    "creation",
    "assignment",
    "constant",
    "unsupported",
]

LN2, LN10, DEGREE = math.log(2), math.log(10), math.pi / 180


@dataclass(frozen=True)
class Rule:
    """What `dualedu` does with one function.

    kind      elementwise: the tangent is the sum of the partials. linear, bilinear: the function
              of the tangents. composed: the tangent of another way to write the function.
              formula: a rule of its own. creation: a new array with a tangent of zeros;
              assignment: entries of an array are written, value and tangent together. constant:
              the result is a plain value. unsupported: it raises
    formula   of the tangent: LaTeX for ufuncs, with x, y the arguments and z the result; words
              elsewhere. The reason if the function is constant, the advice if unsupported
    partials  elementwise alone, one per argument: (t, z, *arguments) -> its term, or None for a
              zero derivative
    domain    elementwise alone: one (low, high) per argument in which tests sample; it lies inside
              the smooth region
    call      the others that have a tangent: the function of duals
    definition  another way to write the function, from which its tangent comes; the tests hold
              it equal to the function
    """

    kind: Kind
    formula: str
    partials: tuple[Partial | None, ...] = ()
    domain: tuple[Interval, ...] = ()
    call: Callable[..., Any] | None = None
    definition: Callable[..., Any] | None = None


RULES: dict[Any, Rule] = {}
"""The record of each function; of a ufunc's method under (ufunc, name), of x[...] under "getitem".
Functions that are unsupported stand here under their dotted names, since many are loaded only when
they are used; so do whole modules of them."""


LATER: dict[str, str] = {}
"""Libraries whose rules are a module of their own, and that module: it is loaded when a dual number
meets the first of their functions."""


def qualified(function: Any) -> str:
    """The name by which users call a function: np.sum, np.linalg.det, np.add.reduce."""
    if isinstance(function, str):
        return function
    if isinstance(function, tuple):
        return f"{qualified(function[0])}.{function[1]}"
    if isinstance(function, np.ufunc):
        return f"{home(function)}{function.__name__.lstrip('_')}"
    module = (getattr(function, "__module__", None) or "numpy").replace("numpy", "np", 1)
    return f"{module}.{getattr(function, '__name__', function)}"


UFUNCS = {
    "numpy._core.umath": "np.",
    "scipy.special": "scipy.special.",
    "scipy.special._ufuncs": "scipy.special.",
}
"""Where ufuncs are found, and what users write before their names."""


def home(ufunc: np.ufunc) -> str:
    """The module of a ufunc, which does not know it itself, as a prefix of its name."""
    for module, prefix in UFUNCS.items():
        if getattr(sys.modules.get(module), ufunc.__name__, None) is ufunc:
            return prefix
    return ""


def lookup(function: Any) -> Rule | None:
    """The record of a function itself; the rules of its library are loaded if need be."""
    found = RULES.get(function)
    if found is None:
        name = qualified(function)
        for library, module in LATER.items():
            if name.startswith(f"{library}."):
                import_module(module)
        found = RULES.get(function)
    return found


def public(function: Any) -> Any:
    """The function that users call: for like= NumPy hands over np.ones and others as functions of
    the same name beside it."""
    ours = getattr(function, "__module__", None) == "numpy"
    return getattr(np, function.__name__, function) if ours else function


def find(function: Any) -> Rule | None:
    """The record of a function, its module's if it has none of its own, or None."""
    found = lookup(function)
    name = qualified(function)
    while found is None and name:
        found = RULES.get(name)
        name = name.rpartition(".")[0]
    return found


def of_kind(*kinds: Kind, library: str = "np") -> dict[Any, Rule]:
    """The records of some kinds, of NumPy's functions or another library's."""
    return {
        function: rule
        for function, rule in RULES.items()
        if rule.kind in kinds and qualified(function).startswith(f"{library}.")
    }


def rule(ufunc: Any, formula: str, *partials: Partial | None, domain: Any = (-2.0, 2.0)) -> None:
    """Enter a ufunc's rule in the table: one partial an argument, and where tests may sample."""
    intervals = domain if isinstance(domain[0], tuple) else (domain,) * len(partials)
    RULES[ufunc] = Rule("elementwise", formula, partials, intervals)


def constant(reason: str, *functions: Any) -> None:
    """Enter functions whose results are plain values: their derivative is zero wherever it exists,
    so they see the primal only."""
    RULES.update(dict.fromkeys(functions, Rule("constant", reason)))


def vanishes(t: Any) -> Any:
    """True where a tangent is zero, and its own tangents with it when it is a dual."""
    if not hasattr(t, "primal"):
        return np.equal(t, 0)
    inner = vanishes(t.tangent)
    return vanishes(t.primal) & (inner if t.directions is None else inner.all(axis=0))


def finite(x: Any) -> bool:
    """Whether every number of x is finite, and every number of its tangents when it is a dual."""
    if isinstance(x, float):
        return math.isfinite(x)
    while hasattr(x, "primal"):
        if not finite(x._tangent):
            return False
        x = x.primal
    return bool(np.isfinite(x).all())


def rest(term: Any, t: Any, z: Any) -> Any:
    """The term of a tangent t, and 0 where t vanishes: what does not move makes nothing move, be
    the slope infinite. `dual` sends every term of every rule through here, so that no rule has to
    think of 0 · ∞. Where the value z is NaN there is no slope to speak of, and NaN stays."""
    if term is t or finite(term):
        return term
    return np.where(vanishes(t) & ~np.isnan(z), 0, term)[()]


def over(t: Any, denominator: Any, z: Any = 0.0) -> Any:
    """t / denominator, without a warning of 0/0 where `rest` will put 0."""
    zero = np.equal(denominator, 0)
    if not zero.any():
        return t / denominator
    return t / np.where(zero & vanishes(t) & ~np.isnan(z), 1, denominator)


def ratio(x: Any, length: Any, root: Callable[[], Any]) -> Any:
    """x / length, one of the slopes of a length.

    At the origin, the kink of every length, it is 0 and has no slope of its own: there stands the
    sum of the cube roots of all that the length is made of, which is 0 too and whose slope is
    infinite wherever one of them moves. So a second derivative is infinite or NaN, never wrong.
    """
    origin = np.equal(length, 0)
    if not origin.any():
        return x / length
    return np.where(origin, root(), x / np.where(origin, 1, length))


def power_base(t: Any, z: Any, x: Any, n: Any) -> Any:
    """n xⁿ⁻¹ t. x⁰ is 1 for every x, 0 included, so there the term is 0."""
    if isinstance(n, int | float):
        if n == 0:
            return np.zeros_like(t)
        if n >= 1:
            return t * (n * np.power(x, n - 1))
    # Base 1 where 0 · ∞ would arise from x = 0: with a vanishing tangent, or with n = 0.
    base = np.where(np.equal(x, 0) & (vanishes(t) | np.equal(n, 0)), 1, x)
    return t * (n * np.power(base, n - 1.0))


def power_exponent(t: Any, z: Any, x: Any, n: Any) -> Any:
    """xⁿ log(x) t. 0ⁿ is the constant 0 for n > 0; at 0⁰ the one-sided limit of 0 is taken. An
    exponent that does not move needs no logarithm: x may be negative then."""
    settled = (np.equal(x, 0) & np.greater_equal(n, 0)) | vanishes(t)
    return t * grown(z, np.log(np.where(settled, 1, x)), lambda: np.power(x, n / 2))


def grown(z: Any, factor: Any, root: Callable[[], Any]) -> Any:
    """z · factor, the slope of a power z. Where z overflows and its slope need not, as for 2ˣ
    with log 2 < 1, it is taken in two steps from the root of z."""
    if not np.isinf(z).any():
        return z * factor
    half = root()
    return np.where(np.isinf(z), half * (half * factor), z * factor)


def double(partial: Partial) -> Partial:
    """The partial with x in double precision, in which np.float_power always computes."""
    return lambda t, z, x, n: partial(t, z, np.float_power(x, 1), n)


def chosen(t: Any, z: Any, x: Any, y: Any) -> Any:
    """t where x is the value z chosen from x and y, half of it in a tie, 0 elsewhere, and NaN where
    z is NaN. An infinite t of what was not chosen is dropped too."""
    mine, other = np.equal(x, z), np.equal(y, z)
    if np.all(mine != other):  # neither ties nor NaN
        return select(t, mine)
    weight = np.where(mine, np.where(other, 0.5, 1.0), 0.0)
    return select(t, np.where(np.isnan(z), np.nan, weight))


def select(t: Any, weight: Any) -> Any:
    """weight · t with a weight of 0 dropping t even where it is infinite; keeps the dtype of t."""
    product = t * weight.astype(t.dtype)
    return product if finite(product) else np.where(np.equal(weight, 0), 0, product)[()]


def swapped(partial: Partial) -> Partial:
    """The partial of a symmetric function's second argument."""
    return lambda t, z, x, y: partial(t, z, y, x)


def outweigh(exp: Any, x: Any, y: Any) -> Any:
    """exp(x) / (exp(x) + exp(y)) from x − y, whose digits the sum has not lost, without overflow.
    Where both are infinite they weigh the same."""
    level = np.isinf(x) & np.equal(x, y)
    lead = np.where(level, 0, x) - np.where(level, 0, y)
    ahead = np.greater_equal(lead, 0)
    less = exp(np.where(ahead, -lead, lead))
    return np.where(ahead, 1, less) / (1 + less)


def sech2(x: Any) -> Any:
    """1 / cosh² x from e^(−2|x|). It is 1 − tanh² x, which cancels far from 0; cosh x overflows."""
    if hasattr(x, "primal"):  # |x| has no second derivative at 0, though this function has
        less = np.exp(np.where(np.less(x, 0), 2 * x, -2 * x))
        return 4 * less / np.square(1 + less)
    slope = np.abs(x)  # from here on in place: fresh memory costs more than the arithmetic
    slope *= -2
    slope = np.exp(slope)
    total = slope + 1
    total *= total
    slope *= 4
    slope /= total
    return slope


def polar(t: Any, x: Any, y: Any, part: Any) -> Any:
    """t · part / (x² + y²), also where the squares would overflow or be lost."""
    squares = x * x + y * y
    plain = np.asarray(base(squares))
    limits = np.finfo(plain.dtype)
    if np.min(plain, initial=1) > limits.tiny / limits.eps and np.max(plain, initial=1) < np.inf:
        return t * (part / squares)
    length = np.hypot(x, y)
    return over(t, length) * (part / np.where(np.equal(length, 0), 1, length))


def base(x: Any) -> Any:
    """The plain value under all levels."""
    while hasattr(x, "primal"):
        x = x.primal
    return x


def multiple(z: Any, x: Any, y: Any) -> Any:
    """The integer n of z = x − n y, for the two kinds of remainder."""
    return np.rint((x - z) / y)


POSITIVE, ANY, INSIDE = (0.2, 3.0), (-2.0, 2.0), (-0.9, 0.9)

# fmt: off
# --- arithmetic
rule(np.add,         r"\dot x + \dot y",                    lambda t, z, x, y: t,      lambda t, z, x, y: t)
rule(np.subtract,    r"\dot x - \dot y",                    lambda t, z, x, y: t,      lambda t, z, x, y: -t)
rule(np.multiply,    r"\dot x\, y + x\, \dot y",            lambda t, z, x, y: t * y,  lambda t, z, x, y: x * t)
rule(np.divide,      r"(\dot x - z\, \dot y) / y",          lambda t, z, x, y: over(t, y, z), lambda t, z, x, y: over(-(t * z), y, z),
     domain=(ANY, POSITIVE))
rule(np.power,       r"y\, x^{y-1}\, \dot x + z \log(x)\, \dot y", power_base, power_exponent, domain=(POSITIVE, ANY))
rule(np.float_power, r"y\, x^{y-1}\, \dot x + z \log(x)\, \dot y", double(power_base), double(power_exponent), domain=(POSITIVE, ANY))
rule(np.remainder,   r"\dot x - \lfloor x/y \rfloor\, \dot y",     lambda t, z, x, y: t,
     lambda t, z, x, y: -t * multiple(z, x, y), domain=((0.1, 0.9), (1.0, 2.0)))
rule(np.fmod,        r"\dot x - \operatorname{trunc}(x/y)\, \dot y", lambda t, z, x, y: t,
     lambda t, z, x, y: -t * multiple(z, x, y), domain=((2.1, 2.9), (1.0, 1.04)))
rule(np.negative,    r"-\dot x",                            lambda t, z, x: -t)
rule(np.positive,    r"\dot x",                             lambda t, z, x: t)
rule(np.conjugate,   r"\dot x",                             lambda t, z, x: t)
rule(np.reciprocal,  r"-z^2\, \dot x",                      lambda t, z, x: -t * z * z,                 domain=POSITIVE)
rule(np.square,      r"2x\, \dot x",                        lambda t, z, x: t * (2 * x))
rule(np.sqrt,        r"\dot x / (2z)",                      lambda t, z, x: over(t, 2 * z),             domain=POSITIVE)
rule(np.cbrt,        r"\dot x / (3z^2)",                    lambda t, z, x: over(t, 3 * z * z),         domain=POSITIVE)
rule(np.ldexp,       r"2^{n}\, \dot x",                     lambda t, z, x, n: np.ldexp(t, n), None,    domain=(ANY, (0, 3)))

# --- exponentials and logarithms
rule(np.exp,         r"z\, \dot x",                         lambda t, z, x: t * z)
rule(np.exp2,        r"z \log(2)\, \dot x",                 lambda t, z, x: t * grown(z, LN2, lambda: np.exp2(x / 2)))
rule(np.expm1,       r"e^{x}\, \dot x",                     lambda t, z, x: t * np.exp(x))
rule(np.log,         r"\dot x / x",                         lambda t, z, x: over(t, x),                      domain=POSITIVE)
rule(np.log2,        r"\dot x / (x \log 2)",                lambda t, z, x: over(t, x * LN2),              domain=POSITIVE)
rule(np.log10,       r"\dot x / (x \log 10)",               lambda t, z, x: over(t, x * LN10),             domain=POSITIVE)
rule(np.log1p,       r"\dot x / (1 + x)",                   lambda t, z, x: over(t, 1 + x),                domain=INSIDE)
rule(np.logaddexp,   r"\frac{\dot x}{1 + e^{y-x}} + \frac{\dot y}{1 + e^{x-y}}",
     lambda t, z, x, y: t * outweigh(np.exp, x, y), lambda t, z, x, y: t * outweigh(np.exp, y, x))
rule(np.logaddexp2,  r"\frac{\dot x}{1 + 2^{y-x}} + \frac{\dot y}{1 + 2^{x-y}}",
     lambda t, z, x, y: t * outweigh(np.exp2, x, y), lambda t, z, x, y: t * outweigh(np.exp2, y, x))

# --- trigonometry
rule(np.sin,         r"\cos(x)\, \dot x",                   lambda t, z, x: t * np.cos(x))
rule(np.cos,         r"-\sin(x)\, \dot x",                  lambda t, z, x: -t * np.sin(x))
rule(np.tan,         r"(1 + z^2)\, \dot x",                 lambda t, z, x: t * (1 + z * z),            domain=INSIDE)
rule(np.arcsin,      r"\dot x / \sqrt{1 - x^2}",            lambda t, z, x: over(t, np.sqrt((1 - x) * (1 + x))),  domain=INSIDE)
rule(np.arccos,      r"-\dot x / \sqrt{1 - x^2}",           lambda t, z, x: over(-t, np.sqrt((1 - x) * (1 + x))), domain=INSIDE)
rule(np.arctan,      r"\dot x / (1 + x^2)",                 lambda t, z, x: t / (1 + x * x))
rule(np.arctan2,     r"(y\, \dot x - x\, \dot y) / (x^2 + y^2)",
     lambda t, z, x, y: polar(t, x, y, y), lambda t, z, x, y: polar(t, x, y, -x), domain=(ANY, POSITIVE))
rule(np.hypot,       r"(x\, \dot x + y\, \dot y) / z",      lambda t, z, x, y: t * ratio(x, z, lambda: np.cbrt(x) + np.cbrt(y)),
     lambda t, z, x, y: t * ratio(y, z, lambda: np.cbrt(x) + np.cbrt(y)), domain=(ANY, POSITIVE))
rule(np.deg2rad,     r"\tfrac{\pi}{180}\, \dot x",          lambda t, z, x: t * DEGREE)
rule(np.radians,     r"\tfrac{\pi}{180}\, \dot x",          lambda t, z, x: t * DEGREE)
rule(np.rad2deg,     r"\tfrac{180}{\pi}\, \dot x",          lambda t, z, x: t / DEGREE)
rule(np.degrees,     r"\tfrac{180}{\pi}\, \dot x",          lambda t, z, x: t / DEGREE)

# --- hyperbolic functions
rule(np.sinh,        r"\cosh(x)\, \dot x",                  lambda t, z, x: t * np.cosh(x))
rule(np.cosh,        r"\sinh(x)\, \dot x",                  lambda t, z, x: t * np.sinh(x))
rule(np.tanh,        r"(1 - z^2)\, \dot x",                 lambda t, z, x: t * sech2(x))
rule(np.arcsinh,     r"\dot x / \sqrt{1 + x^2}",            lambda t, z, x: t / np.hypot(1, x))
rule(np.arccosh,     r"\dot x / \sqrt{x^2 - 1}",            lambda t, z, x: over(t, np.sqrt(x - 1) * np.sqrt(x + 1)), domain=(1.2, 3.0))
rule(np.arctanh,     r"\dot x / (1 - x^2)",                 lambda t, z, x: over(t, (1 - x) * (1 + x)),    domain=INSIDE)

# --- kinks: the value at the kink is a convention, listed in the book's table of kinks
rule(np.absolute,    r"\operatorname{sign}(x)\, \dot x",    lambda t, z, x: t * np.sign(x))
rule(np.fabs,        r"\operatorname{sign}(x)\, \dot x",    lambda t, z, x: t * np.sign(x))
rule(np.copysign,    r"\operatorname{sign}(x) \operatorname{sign}(y)\, \dot x",
     lambda t, z, x, y: t * (np.sign(x) * np.copysign(1, y)), None)
rule(np.maximum,     r"\dot x \text{ if } x > y,\ \dot y \text{ if } y > x,\ \tfrac12(\dot x + \dot y) \text{ if equal}",
     chosen, swapped(chosen))
rule(np.minimum,     r"\dot x \text{ if } x < y,\ \dot y \text{ if } y < x,\ \tfrac12(\dot x + \dot y) \text{ if equal}",
     chosen, swapped(chosen))
rule(np.fmax,        r"\dot x \text{ if } x > y,\ \dot y \text{ if } y > x,\ \tfrac12(\dot x + \dot y) \text{ if equal}",
     chosen, swapped(chosen))
rule(np.fmin,        r"\dot x \text{ if } x < y,\ \dot y \text{ if } y < x,\ \tfrac12(\dot x + \dot y) \text{ if equal}",
     chosen, swapped(chosen))
rule(np.heaviside,   r"[x = 0]\, \dot y",                   None, lambda t, z, x, y: t * np.equal(x, 0))
# fmt: on


constant(
    "piecewise constant: the derivative is 0 between the jumps",
    *(np.sign, np.floor, np.ceil, np.trunc, np.rint, np.floor_divide),
)
constant(
    "a truth value: it looks at the primal",
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.isfinite, np.isnan, np.isinf, np.signbit),
    *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
)
