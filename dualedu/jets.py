"""Truncated Taylor arithmetic: numbers a₀ + a₁ε + … + aₙεⁿ, whose ε has εⁿ⁺¹ = 0.

A dual number is the case n = 1. One pass along a direction v gives the Taylor coefficients of
t ↦ f(x + t v) at t = 0, up to any order. Differentiating again and again gives them too, and
doubles the work with each order; here it grows with a small power of the order.

A rule is a function's slope again, a line of the table below. With z = f(x) and a dot for d/dε it
says ż = f′(x) ẋ, so the coefficients of z follow from those of f′(x) one order lower:

    k zₖ = Σ j xⱼ · f′(x)ₖ₋ⱼ,   j = 1 … k

What f′(x) is made of, z and other functions of x, grows along with z, one order behind it.
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
from dualedu.internals.shapes import dtype_of, shape


def bell(x: Any) -> Any:
    """1 / cosh² x, without the cancellation of 1 − tanh² x far from 0."""
    less = np.exp(x * np.where(np.less(x, 0), 2.0, -2.0).astype(dtype_of(x.at(0))))
    return 4 * less / np.square(1 + less)


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
    np.tanh: lambda z, x: bell(x),
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
    order : int
        The highest power n.

    Examples
    --------
    >>> x = Jet([3.0, 1.0, 0.0])
    >>> [float(a) for a in (x * x).coefficients]
    [9.0, 6.0, 1.0]
    """

    def __init__(self, coefficients: Iterable[Any]) -> None:
        self.found = list(coefficients)
        self.order = len(self.found) - 1
        self.rule: Callable[[int, list[Any]], Any] | None = None
        self.known: dict[Any, Jet] = {}  # of the functions below

    @property
    def coefficients(self) -> list[Any]:
        """a₀, a₁, … aₙ, a list."""
        self.at(self.order)
        return self.found

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of each coefficient, a tuple of int."""
        return shape(self.found[0])

    def at(self, k: int) -> Any:
        """The coefficient aₖ: a rule gives it, from the lower ones."""
        while len(self.found) <= k:
            assert self.rule is not None
            self.found.append(self.rule(len(self.found), self.found))
        if not growing(self):
            self.rule = None  # and let go of what it was computed from
        return self.found[k]

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

    # fmt: off
    def __iadd__(self, other: Any) -> Any: return rebound(np.add, self, other)
    def __isub__(self, other: Any) -> Any: return rebound(np.subtract, self, other)
    def __imul__(self, other: Any) -> Any: return rebound(np.multiply, self, other)
    def __itruediv__(self, other: Any) -> Any: return rebound(np.divide, self, other)
    def __ipow__(self, other: Any) -> Any: return rebound(np.power, self, other)
    # fmt: on

    def __getitem__(self, index: Any) -> Jet:
        return termwise(operator.getitem, self, index)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a jet is no array of plain numbers: its powers of ε would be lost")

    def __float__(self) -> float:
        raise TypeError("float() would lose the powers of ε; take np.sin in place of math.sin")

    def __repr__(self) -> str:
        return f"Jet({self.coefficients})"


def rebound(ufunc: Any, x: Jet, other: Any) -> Any:
    """x += other and the like give a number's name a new value, as for Python's floats."""
    if x.shape:
        raise TypeError("an array of jets is not written into; write y = y + x in place of y += x")
    return ufunc(x, other)


def called(function: Any, args: Any) -> Any:
    """A function of jets and constants, all brought to one order."""
    if not any(isinstance(a, Jet) for a in args):
        raise no_rule(f"a list of jets, as {qualified(function)} takes")
    if any(isinstance(a, Dual) for a in args):
        raise TypeError("a jet and a dual number cannot be mixed: take jet, or jvp within jvp")
    order = min(a.order for a in args if isinstance(a, Jet))
    args = [
        Jet(a.found[: order + 1]) if isinstance(a, Jet) and a.order > order else a for a in args
    ]
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
        return function(*(a.at(0) if isinstance(a, Jet) else a for a in args))
    raise no_rule(qualified(function))


def growing(x: Any) -> bool:
    return isinstance(x, Jet) and len(x.found) <= x.order


def made(rule: Callable[[int, list[Any]], Any], *of: Any) -> Jet:
    """The jet whose k-th coefficient is rule(k, lower ones): all at once, or each when it is asked
    for, where one of the jets that it is made of is still growing."""
    z = Jet([rule(0, [])])
    z.rule, z.order = rule, next(x.order for x in of if isinstance(x, Jet))
    if not any(map(growing, of)):
        z.at(z.order)
    return z


def termwise(function: Any, x: Jet, *args: Any, **kwargs: Any) -> Jet:
    return made(lambda k, z: function(x.at(k), *args, **kwargs), x)


def added(x: Any, y: Any, function: Any = np.add) -> Jet:
    """x + y, or x − y of a jet and a constant: −y of an unsigned one would be another number."""
    if not isinstance(x, Jet):
        x, y = y, x
    if isinstance(y, Jet):
        return made(lambda k, z: x.at(k) + y.at(k), x, y)
    return made(
        lambda k, z: np.broadcast_to(x.at(k), shape(z[0])) if k else function(x.at(0), y), x
    )


def product(function: Any, x: Any, y: Any) -> Jet:
    """Of powers of ε: those of one sum are collected."""
    if not isinstance(x, Jet):
        return made(lambda k, z: function(x, y.at(k)), y)
    if not isinstance(y, Jet):
        return made(lambda k, z: function(x.at(k), y), x)

    def rule(k: int, z: list[Any]) -> Any:
        first = function(x.at(0), y.at(k))
        return sum(function(x.at(j), y.at(k - j)) for j in range(1, k + 1)) + first

    return made(rule, x, y)


def quotient(x: Any, y: Any) -> Jet:
    """From x = z y, solved for one coefficient of z after the other."""
    if not isinstance(y, Jet):
        return termwise(np.divide, x, y)

    def rule(k: int, z: list[Any]) -> Any:
        above = x.at(k) if isinstance(x, Jet) else 0.0 if k else x
        return (above - sum(z[j] * y.at(k - j) for j in range(k))) / y.at(0)

    return made(rule, x, y)


def power(x: Any, y: Any) -> Jet:
    if isinstance(y, Jet) or shape(y):
        return np.exp(y * np.log(x))  # type: ignore[no-any-return]
    if float(y).is_integer() and abs(y) <= 64:  # by products, which have no trouble at 0
        if not y:
            return added(termwise(np.zeros_like, x), 1)
        z, left = x, abs(int(y))
        while left % 2 == 0:
            z, left = z * z, left // 2
        square = z
        while left := left // 2:
            square = square * square
            if left % 2:
                z = z * square
        return z if y > 0 else quotient(1.0, z)

    def rule(k: int, z: list[Any]) -> Any:  # from x ż = y z ẋ
        if not k:
            return x.at(0) ** y
        return sum(((y + 1) * j - k) * x.at(j) * z[k - j] for j in range(1, k + 1)) / (k * x.at(0))

    return made(rule, x)


def by_slope(function: Any, x: Jet) -> Jet:
    """z = f(x) by ż = f′(x) ẋ. All functions of x that f′(x) is made of grow together."""
    if function not in x.known:
        grows = x
        if not growing(x):
            grows = Jet([x.at(0)])
            grows.rule, grows.order, grows.known = lambda k, _: x.at(k), x.order, x.known

        def rule(k: int, z: list[Any]) -> Any:
            if not k:
                return function(x.at(0))
            if not isinstance(slope, Jet):
                return slope * x.at(k)
            return sum(slope.at(k - j) * (j * x.at(j)) for j in range(1, k + 1)) / k

        x.known[function] = made(rule, grows)
        slope = SLOPES[function](x.known[function], grows) if x.order else 0.0
    for z in () if growing(x) else x.known.values():
        z.at(z.order)
    return x.known[function]


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
    lower ones. A product of two series costs some n²/2 products of numbers, and a function such as
    exp or sin a few times that.

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
