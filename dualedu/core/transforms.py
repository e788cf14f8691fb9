"""Transformations of functions: choose seeds, run once, read tangents.

    jvp         one run along given directions      ẏ = J(x) ẋ
    derivative  seed 1                               f′(x)
    gradient    the n unit directions at once        ∇f(x)
    jacobian    the same, for vector-valued f        J(x), one column a direction
    hvp         jvp of gradient                      H(x) v

Functions to be differentiated are ordinary Python using NumPy. They are pure: what they compute
depends on their arguments, and they return it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualedu.core.dual import BY_HAND, OPEN_LEVELS, Dual, floating, make, seeded, shape

Function = Callable[..., Any]

_levels = itertools.count(BY_HAND)

LARGEST_PASS = 2**22
"""How many seed entries one pass holds; more directions than fit go in several passes."""


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value f(*primals) and its tangent, the Jacobian-vector product (pushforward).

    Parameters
    ----------
    f : function of as many arguments as there are primals
    primals : tuple of floats or arrays of floats
    tangents : tuple of the same length; each of its primal's shape, or (K, *shape) for K
        directions at once (all arguments then with the same K)

    Returns
    -------
    value, tangent : f's result and its derivative along the directions, of the value's shape or
        (K, *shape). If f returns a tuple, list or dict, both have that structure. A result that
        does not depend on the primals has a tangent of zeros.

    >>> jvp(lambda x, y: x * y, (3.0, 2.0), (1.0, 0.0))
    (6.0, np.float64(2.0))
    """
    primals, tangents = arguments(primals, "primals"), arguments(tangents, "tangents")
    if len(primals) != len(tangents):
        raise ValueError(
            f"jvp got {len(primals)} primals and {len(tangents)} tangents; each primal needs one "
            "(a tangent of zeros for an argument that stays fixed)"
        )
    level = next(_levels)
    seeds = []
    directions: int | None = None
    for i, (primal, tangent) in enumerate(zip(primals, tangents, strict=True)):
        p, t, k = seeded(primal, tangent, f"jvp, argument {i}" if len(primals) > 1 else "jvp")
        if i and k != directions:
            raise ValueError(
                f"jvp: argument {i} carries {k or 'no axis of'} directions, the ones before it "
                f"{directions or 'none'}; seed all arguments with the same number"
            )
        directions = k
        seeds.append(make(p, t, level, k))
    OPEN_LEVELS.add(level)
    try:
        outcome = f(*seeds)
    finally:
        OPEN_LEVELS.discard(level)
    return split(outcome, level, directions, [seed._tangent for seed in seeds])


def arguments(given: Any, name: str) -> Sequence[Any]:
    if not isinstance(given, tuple | list):
        raise TypeError(
            f"jvp takes its {name} as a tuple, one entry an argument of f: jvp(f, (x,), (v,)); "
            f"got {type(given).__name__}"
        )
    return given


def split(
    outcome: Any, level: int, directions: int | None, seeds: Sequence[Any]
) -> tuple[Any, Any]:
    """Take a result of this level apart into (value, tangent), through tuples, lists and dicts."""
    if isinstance(outcome, dict):
        parts = {key: split(value, level, directions, seeds) for key, value in outcome.items()}
        return {k: p[0] for k, p in parts.items()}, {k: p[1] for k, p in parts.items()}
    if isinstance(outcome, tuple | list):
        pairs = [split(value, level, directions, seeds) for value in outcome]
        make_one = outcome._make if hasattr(outcome, "_make") else type(outcome)
        return make_one([p[0] for p in pairs]), make_one([p[1] for p in pairs])
    check_open(outcome, level)
    if isinstance(outcome, Dual) and outcome.level == level:
        t = outcome.tangent
        # A rule may pass a seed on (x + 1, x.T): what the caller then changes must not be the seed.
        if isinstance(t, np.ndarray) and (
            t is not outcome._tangent or any(np.may_share_memory(t, seed) for seed in seeds)
        ):
            t = t.copy()
        return outcome.primal, t
    dtype = outcome.dtype if isinstance(outcome, Dual) else np.asarray(outcome).dtype
    if dtype.kind not in "fiub":
        raise TypeError(
            f"the function returned {described(outcome)}, which has no derivative; "
            "return a number, an array, or a tuple, list or dict of them"
        )
    lead = () if directions is None else (directions,)
    zeros = np.zeros(lead + shape(outcome), dtype if dtype.kind == "f" else np.float64)
    return outcome, zeros[()]


def described(outcome: Any) -> str:
    """What it is, without its repr: a function's holds an address, and others have no end."""
    if outcome is None:
        return "None"
    if isinstance(outcome, np.ndarray):
        return f"an array of {outcome.dtype}"
    return f"an object of type {type(outcome).__name__}"


def check_open(x: Any, level: int) -> None:
    """A result may contain levels outside this differentiation, never one that has ended."""
    if isinstance(x, Dual):
        if x.level != level and x.level not in OPEN_LEVELS:
            raise RuntimeError(
                "the function returned a dual number of a differentiation that has ended: a value "
                "stored inside another call of jvp was used here. Return values, do not store them"
            )
        check_open(x.primal, level)
        check_open(x._tangent, level)


def derivative(f: Function) -> Function:
    """The derivative f′ of a function of one number; of an array, entry by entry.

    derivative(f)(x, *rest, **options) differentiates with respect to x; what follows x is constant.
    For an array x the function must act on each entry alone (its Jacobian is diagonal; then, and
    only then, a seed of ones reads all of it). That is checked with a second direction.

    Raises ValueError if f mixes the entries of an array: use `gradient` or `jacobian` there.

    >>> derivative(lambda x: x**3)(2.0)
    np.float64(12.0)
    """

    def df(x: Any, *rest: Any, **options: Any) -> Any:
        of_x = first_argument(f, rest, options)
        x = floating(x, "derivative: x")
        size = shape(x)
        if not size:
            return jvp(of_x, (x,), (1.0,))[1]
        powers = distinct_powers(size)
        value, tangent = jvp(of_x, (x,), (np.stack([np.ones(size), powers]),))
        if shape(value) != size or not proportional(tangent, powers):
            raise ValueError(
                f"derivative: f maps an array of shape {size} to one of shape {shape(value)} and "
                "does not act entry by entry, so one number an entry is not its derivative; "
                "use gradient (one result) or jacobian (several)"
            )
        return tangent[0]

    return df


def first_argument(f: Function, rest: Sequence[Any], options: dict[str, Any]) -> Function:
    """f as a function of its first argument alone."""
    return lambda x: f(x, *rest, **options)


def distinct_powers(size: tuple[int, ...]) -> Any:
    """A direction of powers of two, neighbours differing. Multiplying by them is exact in floating
    point, so where f acts entry by entry they scale its tangent to the bit."""
    n = int(np.prod(size))
    return np.exp2(np.random.default_rng(0).permutation(n) % 16).reshape(size)


def proportional(tangent: Any, direction: Any) -> bool:
    """Whether row 1 of the tangent is row 0 times the direction, at every level."""
    if isinstance(tangent, Dual):
        inner = tangent.tangent
        rows_first = inner if tangent.directions is None else np.swapaxes(inner, 0, 1)
        return proportional(tangent.primal, direction) and proportional(rows_first, direction)
    expected = tangent[0] * direction.astype(tangent.dtype)
    slack = np.finfo(tangent.dtype).tiny * direction  # subnormal numbers do round
    agree = (np.abs(tangent[1] - expected) <= slack) | (tangent[1] == expected)
    return bool(np.all(agree | np.isnan(expected)))


def value_and_gradient(f: Function) -> Function:
    """The pair (f(x), ∇f(x)) of a function with one real result, from the same passes.

    value_and_gradient(f)(x, *rest, **options) differentiates with respect to x, an array of any
    shape; the gradient has that shape. The n unit directions run at once, in chunks when n is
    large.

    Raises ValueError if f's result is not a scalar.
    """

    def vg(x: Any, *rest: Any, **options: Any) -> tuple[Any, Any]:
        value, tangents = unit_passes(first_argument(f, rest, options), x, "gradient")
        if shape(value):
            raise ValueError(
                f"gradient needs a function with one real result; this one returned shape "
                f"{shape(value)}. Use jacobian, or sum or average the result"
            )
        return value, np.reshape(tangents, shape(x))

    return vg


def gradient(f: Function) -> Function:
    """The gradient ∇f of a function with one real result.

    gradient(f)(x, *rest, **options) has x's shape; what follows x is constant.

    Raises ValueError if f's result is not a scalar.

    >>> gradient(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    both = value_and_gradient(f)
    return lambda x, *rest, **options: both(x, *rest, **options)[1]


def jacobian(f: Function) -> Function:
    """The matrix of partial derivatives.

    jacobian(f)(x, *rest, **options) has shape (*f(x).shape, *x.shape); what follows x is constant.
    Column j is the jvp along the j-th unit direction.

    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    def jac(x: Any, *rest: Any, **options: Any) -> Any:
        value, tangents = unit_passes(first_argument(f, rest, options), x, "jacobian")
        return np.reshape(np.moveaxis(tangents, 0, -1), shape(value) + shape(x))

    return jac


def unit_passes(f: Function, x: Any, name: str) -> tuple[Any, Any]:
    """f(x) and its tangents along the unit directions, of shape (x.size, *f(x).shape)."""
    x = floating(x, f"{name}: x")
    size = shape(x)
    n = int(np.prod(size))
    chunk = max(1, LARGEST_PASS // max(n, 1))
    parts = []
    for start in range(0, max(n, 1), chunk):
        count = min(chunk, n - start)
        seeds = np.eye(count, n, start).reshape(count, *size)
        value, tangent = jvp(f, (x,), (seeds,))
        if isinstance(value, tuple | list | dict):
            raise TypeError(
                f"{name} needs a function that returns one number or array, got a "
                f"{type(value).__name__}; join its parts with np.concatenate, or use jvp"
            )
        parts.append(tangent)
    return value, parts[0] if len(parts) == 1 else np.concatenate(parts)


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of f at x times v: the gradient's derivative along v, of x's shape.

    v may hold K directions, of shape (K, *x.shape); so has the result then.

    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    return jvp(gradient(f), (x,), (v,))[1]
