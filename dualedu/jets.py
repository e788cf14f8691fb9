"""Truncated Taylor arithmetic: numbers a₀ + a₁ε + … + aₙεⁿ, whose ε has εⁿ⁺¹ = 0.

A dual number is the case n = 1. One pass along a direction v gives the Taylor coefficients of
t ↦ f(x + t v) at t = 0, up to any order. Differentiating again and again gives them too, and
doubles the work with each order; here it grows with a small power of the order.

A rule is a function's slope again, a line of the table below. With z = f(x) and a dot for d/dε it
says ż = f′(x) ẋ, so the coefficients of z follow from those of f′(x) one order lower:

    k zₖ = Σ j xⱼ · f′(x)ₖ₋ⱼ,   j = 1 … k

What f′(x) is made of, z and other functions of x, is known one order lower as well.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from dualedu.core.dual import Dual, floating
from dualedu.internals.registry import find, qualified
from dualedu.internals.shapes import shape

SLOPES: dict[Any, Callable[[Any, Any], Any]] = {
    np.exp: lambda z, x: z,
    np.exp2: lambda z, x: z * math.log(2),
    np.expm1: lambda z, x: np.exp(x),
    np.log: lambda z, x: 1 / x,
    np.log2: lambda z, x: 1 / (x * math.log(2)),
    np.log10: lambda z, x: 1 / (x * math.log(10)),
    np.log1p: lambda z, x: 1 / (1 + x),
    np.sqrt: lambda z, x: 0.5 / z,
    np.cbrt: lambda z, x: 1 / (3 * z * z),
    np.sin: lambda z, x: np.cos(x),
    np.cos: lambda z, x: -np.sin(x),
    np.tan: lambda z, x: 1 + z * z,
    np.arcsin: lambda z, x: 1 / np.sqrt((1 - x) * (1 + x)),
    np.arccos: lambda z, x: -1 / np.sqrt((1 - x) * (1 + x)),
    np.arctan: lambda z, x: 1 / (1 + x * x),
    np.sinh: lambda z, x: np.cosh(x),
    np.cosh: lambda z, x: np.sinh(x),
    np.tanh: lambda z, x: (1 - z) * (1 + z),
    np.arcsinh: lambda z, x: 1 / np.sqrt(1 + x * x),
    np.arccosh: lambda z, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)),
    np.arctanh: lambda z, x: 1 / ((1 - x) * (1 + x)),
    np.absolute: lambda z, x: np.sign(x),
    np.fabs: lambda z, x: np.sign(x),
}
"""f′(x) of each function z = f(x), in functions that jets pass through."""

TERMWISE = {
    *(np.negative, np.positive, np.sum, np.mean, np.cumsum, np.diff, np.trace, np.reshape),
    *(np.ravel, np.transpose, np.squeeze, np.expand_dims, np.broadcast_to, np.flip, np.roll),
}
"""Linear functions of their first argument: they act on each coefficient."""

PRODUCTS = {np.multiply, np.matmul, np.dot, np.inner, np.outer, np.vecdot, np.kron}


class Jet(NDArrayOperatorsMixin):
    """A number a₀ + a₁ε + … + aₙεⁿ, or an array of them, with εⁿ⁺¹ = 0.

    Operators and NumPy's functions work on it. Comparisons look at a₀.

    Parameters
    ----------
    coefficients : sequence of float or ndarray
        From a₀ on, all of one shape.

    Attributes
    ----------
    coefficients : list of float or ndarray
        a₀, a₁, … aₙ.

    Examples
    --------
    >>> x = Jet([3.0, 1.0, 0.0])
    >>> [float(a) for a in (x * x).coefficients]
    [9.0, 6.0, 1.0]
    """

    def __init__(self, coefficients: Iterable[Any]) -> None:
        self.coefficients = list(coefficients)
        self.known: dict[Any, Jet] = {}  # of the functions below, by function and order

    @property
    def order(self) -> int:
        """The highest power n, an int."""
        return len(self.coefficients) - 1

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of each coefficient, a tuple of int."""
        return shape(self.coefficients[0])

    def cut(self, order: int) -> Jet:
        """The same number without its higher powers; what is known of its functions stays known."""
        lower = Jet(self.coefficients[: order + 1])
        lower.known = self.known
        return lower

    def moved(self) -> Jet:
        """The derivative by ε, one order lower."""
        return Jet(k * a for k, a in enumerate(self.coefficients[1:], start=1))

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc is np.add:
            return termwise(np.sum, args[0], **kwargs)
        if method != "__call__" or kwargs:
            raise no_rule(f"{qualified(ufunc)} with {', '.join(kwargs) or method}")
        return called(ufunc, args)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in TERMWISE and isinstance(args[0], Jet):
            return termwise(func, *args, **kwargs)
        if kwargs:
            raise no_rule(f"{qualified(func)} with {', '.join(kwargs)}")
        return called(func, args)

    def __getitem__(self, index: Any) -> Jet:
        return Jet(a[index] for a in self.coefficients)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a jet is no array of plain numbers: its powers of ε would be lost")

    def __float__(self) -> float:
        raise TypeError("float() would lose the powers of ε; take np.sin in place of math.sin")

    def __repr__(self) -> str:
        return f"Jet({self.coefficients})"


def called(function: Any, args: Any) -> Any:
    """A function of jets and constants, all brought to one order."""
    if any(isinstance(a, Dual) for a in args):
        raise TypeError("a jet and a dual number cannot be mixed: take jet, or jvp within jvp")
    order = min(a.order for a in args if isinstance(a, Jet))
    args = [a.cut(order) if isinstance(a, Jet) else a for a in args]
    if function is np.subtract and isinstance(args[1], Jet):
        return added(args[0], -args[1])
    if function in (np.add, np.subtract):
        return added(args[0], args[1], function)
    if function in TERMWISE:
        return termwise(function, *args)
    if function in PRODUCTS:
        return product(function, *args)
    if function is np.square:
        return args[0] * args[0]
    if function in (np.divide, np.reciprocal):
        return quotient(*args) if len(args) == 2 else quotient(1.0, *args)
    if function is np.power:
        return power(*args)
    if function in SLOPES:
        return by_slope(function, *args)
    rule = find(function)
    if rule is not None and rule.kind == "constant":
        return function(*(a.coefficients[0] if isinstance(a, Jet) else a for a in args))
    raise no_rule(qualified(function))


def termwise(function: Any, x: Jet, *args: Any, **kwargs: Any) -> Jet:
    return Jet(function(a, *args, **kwargs) for a in x.coefficients)


def added(x: Any, y: Any, function: Any = np.add) -> Jet:
    """x + y, or x − y of a jet and a constant: −y of an unsigned one would be another number."""
    if not isinstance(x, Jet):
        x, y = y, x
    if isinstance(y, Jet):
        return Jet(a + b for a, b in zip(x.coefficients, y.coefficients, strict=True))
    first, *rest = x.coefficients
    total = function(first, y)
    return Jet([total, *(np.broadcast_to(a, shape(total)) for a in rest)])


def product(function: Any, x: Any, y: Any) -> Jet:
    """Of powers of ε: those of one sum are collected."""
    if not isinstance(x, Jet):
        return Jet(function(x, b) for b in y.coefficients)
    if not isinstance(y, Jet):
        return Jet(function(a, y) for a in x.coefficients)
    a, b = x.coefficients, y.coefficients
    return Jet(
        sum(function(a[j], b[k - j]) for j in range(1, k + 1)) + function(a[0], b[k])
        for k in range(len(a))
    )


def quotient(x: Any, y: Any) -> Jet:
    """From x = z y, solved for one coefficient of z after the other."""
    if not isinstance(y, Jet):
        return Jet(a / y for a in x.coefficients)
    b = y.coefficients
    a = x.coefficients if isinstance(x, Jet) else [x] + [0.0] * y.order
    z: list[Any] = []
    for k in range(len(b)):
        z.append((a[k] - sum(z[j] * b[k - j] for j in range(k))) / b[0])
    return Jet(z)


def power(x: Any, y: Any) -> Jet:
    if isinstance(y, Jet) or shape(y):
        return np.exp(y * np.log(x))  # type: ignore[no-any-return]
    if float(y).is_integer() and abs(y) <= 64:  # by products, which have no trouble at 0
        if not y:
            ones = np.ones_like(x.coefficients[0])
            return Jet([ones] + [0 * ones] * x.order)
        z, left = x, abs(int(y))
        while left % 2 == 0:
            z, left = z * z, left // 2
        square = z
        while left := left // 2:
            square = square * square
            if left % 2:
                z = z * square
        return z if y > 0 else quotient(1.0, z)
    # x ż = y z ẋ, one coefficient after the other
    a = x.coefficients
    found = [a[0] ** y]
    for k in range(1, len(a)):
        terms = (((y + 1) * j - k) * a[j] * found[k - j] for j in range(1, k + 1))
        found.append(sum(terms) / (k * a[0]))
    return Jet(found)


def by_slope(function: Any, x: Jet) -> Jet:
    """z = f(x) by ż = f′(x) ẋ: its powers up to n from f′(x) up to n − 1."""
    n = x.order
    if (function, n) not in x.known:
        z = [function(x.coefficients[0])]
        if n:
            lower = x.cut(n - 1)
            moved = (SLOPES[function](by_slope(function, lower), lower) * x.moved()).coefficients
            z += [a / k for k, a in enumerate(moved, start=1)]
        x.known[function, n] = Jet(z)
    return x.known[function, n]


def no_rule(what: str) -> TypeError:
    return TypeError(
        f"a jet has no rule for {what}; write it in elementwise functions, sums and products, or "
        "nest derivative, which has a rule for nearly all of NumPy"
    )


def jet(f: Callable[[Any], Any], x: Any, order: int, direction: Any = 1.0) -> Any:
    """The Taylor coefficients of t ↦ f(x + t v) at t = 0, from one pass.

    Parameters
    ----------
    f : callable
        A function of a number or an array, in NumPy's elementwise functions, sums and products.
    x : float or array_like of float
        Where.
    order : int
        The highest power of t, 0 or more.
    direction : float or array_like, optional
        The v, of x's shape or one that is broadcast to it.

    Returns
    -------
    coefficients : ndarray
        Of shape `(order + 1, *f(x).shape)`, from f(x) on. The k-th derivative along v is k! times
        the k-th.

    Raises
    ------
    TypeError
        x is not a float, or f calls a function without a rule for jets.
    ValueError
        The order is negative, or the direction does not fit x.

    Notes
    -----
    With z = f(x) and a dot for the derivative by ε, ż = f′(x) ẋ gives each coefficient of z from
    lower ones. Products of two series cost some n²/2 products of numbers, and a function such as
    exp or sin takes one for each order.

    Examples
    --------
    >>> jet(np.exp, 0.0, 4) * [1, 1, 2, 6, 24]
    array([1., 1., 1., 1., 1.])
    >>> jet(lambda x: 1 / (1 - x), 0.0, 3)
    array([1., 1., 1., 1.])
    """
    n = operator.index(order)
    if n < 0:
        raise ValueError(f"order is {order}; it must be 0 or more")
    x = floating(x, "jet: x")
    try:
        v = np.broadcast_to(np.asarray(direction, np.asarray(x).dtype), shape(x))[()]
    except ValueError as error:
        raise ValueError(
            f"jet: the direction has shape {shape(direction)}, and x has shape {shape(x)}"
        ) from error
    z = f(Jet([x, v, *(np.zeros_like(v) for _ in range(n - 1))][: n + 1]))
    if not isinstance(z, Jet):
        z = Jet([z, *(np.zeros_like(z, dtype=float) for _ in range(n))])
    return np.array(np.broadcast_arrays(*z.coefficients))


__all__ = ["Jet", "jet"]
