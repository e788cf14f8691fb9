"""The derivative rules of NumPy's elementwise functions (ufuncs), one line each.

A line of the table reads

    rule(ufunc, formula, one partial per argument, sample domain)

A partial is the term that its argument contributes to the tangent of y = ufunc(x₁, x₂, …):
partial(t, y, x₁, x₂, …) is ∂y/∂xᵢ · t. It is linear in t, and `None` where the derivative is zero
everywhere. Partials call NumPy on whatever they receive, plain arrays or duals of an outer
differentiation: that is all it takes for derivatives to nest. Constants are Python floats,
because NumPy promotes float32 to float64 when it meets an np.float64. In the formulas x, y are the
arguments and z the result; the tests sample the domain, which lies inside the smooth region.
"""

from __future__ import annotations

import math

import numpy as np

from dualedu.internals.registry import constant, rule
from dualedu.internals.slopes import (
    chord,
    chosen,
    double,
    grown,
    leg,
    modulus,
    multiple,
    outweigh,
    over,
    polar,
    power_base,
    power_exponent,
    ratio,
    sech2,
    swapped,
)

LN2, LN10, DEGREE = math.log(2), math.log(10), math.pi / 180
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
rule(np.conjugate,   r"\bar{\dot x}",                       lambda t, z, x: np.conjugate(t))
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
rule(np.arcsin,      r"\dot x / \sqrt{1 - x^2}",            lambda t, z, x: over(t, chord(x)),  domain=INSIDE)
rule(np.arccos,      r"-\dot x / \sqrt{1 - x^2}",           lambda t, z, x: over(-t, chord(x)), domain=INSIDE)
rule(np.arctan,      r"\dot x / (1 + x^2)",                 lambda t, z, x: t / (1 + x * x))
rule(np.arctan2,     r"(y\, \dot x - x\, \dot y) / (x^2 + y^2)",
     lambda t, z, x, y: polar(t, z, x, y, y), lambda t, z, x, y: polar(-t, z, x, y, x), domain=(ANY, POSITIVE))
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
rule(np.arcsinh,     r"\dot x / \sqrt{1 + x^2}",            lambda t, z, x: t / leg(x))
rule(np.arccosh,     r"\dot x / \sqrt{x^2 - 1}",            lambda t, z, x: over(t, np.sqrt(x - 1) * np.sqrt(x - -1)), domain=(1.2, 3.0))  # x + 1: see chord
rule(np.arctanh,     r"\dot x / (1 - x^2)",                 lambda t, z, x: over(t, (1 - x) * (1 + x)),    domain=INSIDE)

# --- kinks: the value at the kink is a convention, listed in the book's table of kinks
rule(np.absolute,    r"\operatorname{sign}(x)\, \dot x",    modulus)
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
