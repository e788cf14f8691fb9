"""Transformations of functions: choose seeds, run once, read tangents.

    jvp         one run along given directions      ẏ = J(x) ẋ
    derivative  seed 1                               f′(x)
    gradient    the n unit directions at once        ∇f(x)
    jacobian    the same, for vector-valued f        J(x), one column a direction
    hvp         jvp of gradient                      H(x) v

Functions to be differentiated are ordinary Python using NumPy, and pure: they return what they
compute from their arguments. These are numbers and arrays of floats, or lists, tuples, dicts and
dataclasses of them; derivatives come back in the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

import numpy as np

from dualedu.core.dual import Dual, floating, make, seeded
from dualedu.internals.arguments import check_function, in_form, like_tree, moving
from dualedu.internals.complex_values import is_complex
from dualedu.internals.levels import NEW_LEVELS, OPEN_LEVELS, check_open
from dualedu.internals.limits import limit
from dualedu.internals.memory import ARGUMENT
from dualedu.internals.messages import described
from dualedu.internals.passes import Columns, collect, columns, keep_pages, numbers, same_value
from dualedu.internals.separation import proportional, separating_directions
from dualedu.internals.shapes import dtype_of, is_array, is_float, shape
from dualedu.internals.trees import is_container, is_tree, leaves, map_leaves, same_form
from dualedu.internals.untraced import check_plain, constant

Function = Callable[..., Any]
X = TypeVar("X")
Y = TypeVar("Y")
P = ParamSpec("P")

LARGEST_PASS = 2**18
"""How many numbers the seeds of one pass hold, 2 MiB of float64; more directions than fit go in
several passes. With 8 MiB a gradient of 4,000 numbers took 1.4 times as long, with 64 MiB 3 times
(benchmarks/growth.py): out of the cache, fresh pages."""

FEWEST = 8
"""The least number of directions in a pass, as each pass computes the value anew."""


def jvp(f: Callable[..., Y], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Y, Y]:
    """The value `f(*primals)` and its tangent, the Jacobian-vector product (pushforward).

    Parameters
    ----------
    f : callable
        A function of as many arguments as there are primals.
    primals : tuple
        Its arguments: floats, arrays of floats, or lists, tuples, dicts and dataclasses of them.
    tangents : tuple
        As many; each of its primal's form and shape, or with `(K, *shape)` in place of each shape
        for K directions at once (all arguments then with the same K).

    Returns
    -------
    value : float, array or container
        What f returns.
    tangent : of the value's form
        Its derivative along the directions, of the value's shape or `(K, *shape)`. A result that
        does not depend on the primals has a tangent of zeros.

    Raises
    ------
    TypeError
        A primal is not a float (an integer, complex, an object), primals or tangents are not a
        tuple, or f returns something that has no derivative.
    ValueError
        The tangents do not fit the primals in number, form or shape.
    RuntimeError
        f returned a dual number that an earlier differentiation left behind.

    Examples
    --------
    >>> jvp(lambda x, y: x * y, (3.0, 2.0), (1.0, 0.0))
    (6.0, np.float64(2.0))
    """
    primals, tangents = arguments(primals, "primals"), arguments(tangents, "tangents")
    if len(primals) != len(tangents):
        raise ValueError(
            f"jvp got {len(primals)} primals and {len(tangents)} tangents; each primal needs one "
            "(a tangent of zeros for an argument that stays fixed)"
        )
    keep_pages()
    seeding = Seeding(next(NEW_LEVELS))
    seeds = [
        seeding.argument(f"jvp, argument {i}" if len(primals) > 1 else "jvp", i, primal, tangent)
        for i, (primal, tangent) in enumerate(zip(primals, tangents, strict=True))
    ]

    def run() -> tuple[Any, Any]:
        OPEN_LEVELS.add(seeding.level)
        try:
            outcome = f(*seeds)
        finally:
            OPEN_LEVELS.discard(seeding.level)
        check_plain(outcome, seeding.level, lambda *at: jvp(f, *at)[0], primals, tangents)
        return split(outcome, seeding.level, seeding.directions, seeding.given)

    return limit(run)


class Seeding:
    """The seeds of one differentiation: all of one level and one number of directions."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.directions: int | None = None
        self.given: list[Any] = []

    def argument(self, name: str, i: int, primal: Any, tangent: Any) -> Any:
        if not is_tree(primal):
            return self.seed(name, i, primal, tangent)
        if not same_form(primal, tangent):
            raise ValueError(
                f"{name}: the tangent does not have the form of the primal; give it the same "
                "lists, dicts and keys, with an array for each array"
            )
        return map_leaves(lambda p, t: self.seed(name, i, p, t), primal, tangent)

    def seed(self, name: str, i: int, primal: Any, tangent: Any) -> Dual:
        p, t, k = seeded(primal, tangent, name)
        if self.given and k != self.directions:
            raise ValueError(
                f"jvp: the tangent of argument {i} holds {counted(k)}, and those before it "
                f"{counted(self.directions)}; give all tangents the same number of directions"
            )
        self.directions = k
        self.given.append(t)
        seed = make(p, t, self.level, k)
        seed.memory = None if is_float(p) else ARGUMENT
        return seed


def counted(directions: int | None) -> str:
    return "one direction" if directions is None else f"an axis of {directions} directions"


def arguments(given: Any, name: str) -> Sequence[Any]:
    if not isinstance(given, tuple | list):
        raise TypeError(
            f"jvp takes its {name} as a tuple, one for each argument of f: jvp(f, (x,), (v,)); "
            f"got {type(given).__name__}"
        )
    return given


def split(
    outcome: Any, level: int, directions: int | None, seeds: Sequence[Any]
) -> tuple[Any, Any]:
    """Take a result of this level apart into (value, tangent), through containers."""
    if outcome is None or not is_container(outcome):
        return halves(outcome, level, directions, seeds)
    pairs: list[tuple[Any, Any]] = []

    def value(leaf: Any) -> Any:
        pairs.append(halves(leaf, level, directions, seeds))
        return pairs[-1][0]

    values = map_leaves(value, outcome, branches=is_container)
    rest = iter(pairs)
    return values, map_leaves(lambda leaf: next(rest)[1], outcome, branches=is_container)


def halves(
    outcome: Any, level: int, directions: int | None, seeds: Sequence[Any]
) -> tuple[Any, Any]:
    """The value and the tangent of one number or array."""
    check_open(outcome, level)
    if isinstance(outcome, Dual) and outcome.level == level:
        t = outcome.tangent
        # A rule may pass a seed on (x + 1, x.T): what the caller then changes must not be the seed.
        if is_array(t) and (
            t is not outcome._tangent or any(np.may_share_memory(t, seed) for seed in seeds)
        ):
            t = t.copy()
        return outcome.primal, t
    dtype = outcome.dtype if isinstance(outcome, Dual) else np.asarray(outcome).dtype
    if dtype.kind not in "fiubc":
        raise TypeError(
            f"the function returned {described(outcome)}, which has no derivative; "
            "return a number, an array, or a tuple, list or dict of them"
        )
    lead = () if directions is None else (directions,)
    zeros = np.zeros(lead + shape(outcome), dtype if dtype.kind in "fc" else np.float64)
    return outcome, zeros[()]


@overload
def derivative(f: Callable[Concatenate[X, P], Y]) -> Callable[Concatenate[X, P], Y]: ...
@overload
def derivative(f: Function, argnums: int) -> Function: ...
def derivative(f: Function, argnums: int = 0) -> Function:
    """The derivative f′ of a function of one number; of an array, entry by entry.

    Parameters
    ----------
    f : callable
        A function of a float or an array; further arguments are constant.
    argnums : int
        Which argument to differentiate by; the first unless another is given.

    Returns
    -------
    df : callable
        `df(x, *rest, **options)` is f′(x), of the shape of x.

    Raises
    ------
    ValueError
        f mixes the entries of an array x: `gradient` and `jacobian` are for such functions. That
        is checked with two random directions v: where each entry acts alone the Jacobian is
        diagonal, and then alone is J v = v · J 1, up to rounding.

    Examples
    --------
    >>> derivative(lambda x: x**3)(2.0)
    np.float64(12.0)
    """
    check_function("derivative", f, argnums)

    def df(*args: Any, **options: Any) -> Any:
        of_x, x = moving("derivative", f, argnums, args, options)
        if is_tree(x):
            raise TypeError(
                f"derivative: x is a {type(x).__name__}; derivative is for one number or array, "
                "gradient takes containers of them"
            )
        x = floating(x, "derivative: x")
        size = shape(x)
        if not size:
            return jvp(of_x, (x,), (1.0,))[1]
        others = separating_directions(size)
        value, tangent = jvp(of_x, (x,), (np.concatenate([np.ones((1, *size)), others]),))
        if shape(value) != size or not proportional(tangent, others):
            raise ValueError(
                f"derivative: f maps an array of shape {size} to one of shape {shape(value)} and "
                "does not act entry by entry, so one number an entry is not its derivative; "
                "use gradient (one result) or jacobian (several)"
            )
        return tangent[0]

    return df


@overload
def value_and_gradient(
    f: Callable[Concatenate[X, P], Y],
) -> Callable[Concatenate[X, P], tuple[Y, X]]: ...
@overload
def value_and_gradient(f: Function, argnums: int | Sequence[int]) -> Function: ...
def value_and_gradient(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The pair (f(x), ∇f(x)) of a function with one real result, from the same passes.

    Parameters
    ----------
    f : callable
        A function whose result is a scalar.
    argnums : int or tuple of int
        Which arguments to differentiate by, as in JAX; the first unless others are given. With a
        tuple the gradient is a tuple.

    Returns
    -------
    vg : callable
        `vg(x, *rest, **options)` is the pair of f's value and its gradient by x: an array of x's
        shape, or a container of x's form. The n unit directions run in passes of up to 2¹⁸ / n, 8
        at least, so that memory does not grow with their number. Each calls f: where it gives
        another value, as of other random numbers, there is a warning.

    Raises
    ------
    ValueError
        f's result is not a scalar.
    TypeError
        x, or a leaf of it, is not a float.
    """
    check_function("value_and_gradient", f, argnums)

    def vg(*args: Any, **options: Any) -> tuple[Any, Any]:
        of_x, x = moving("gradient", f, argnums, args, options)
        value, tangents = unit_passes(of_x, x, "gradient")
        if is_complex(value):
            raise ValueError(
                "gradient needs a function with one real result; this one returned a complex "
                "number. Use np.real, np.imag or np.abs of it, or jacobian"
            )
        if is_container(value) or shape(value):
            what = f"a {type(value).__name__}" if is_container(value) else f"shape {shape(value)}"
            raise ValueError(
                f"gradient needs a function with one real result; this one returned {what}. "
                "Use jacobian, or sum or average the result"
            )
        return value, in_form(
            x, tangents, lambda t, leaf: np.reshape(t, shape(leaf)) if shape(leaf) else t[0]
        )

    return vg


@overload
def gradient(f: Callable[Concatenate[X, P], Any]) -> Callable[Concatenate[X, P], X]: ...
@overload
def gradient(f: Function, argnums: int | Sequence[int]) -> Function: ...
def gradient(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The gradient ∇f of a function with one real result.

    Parameters
    ----------
    f : callable
        A function whose result is a scalar.
    argnums : int or tuple of int
        Which arguments to differentiate by, as in JAX; the first unless others are given. With a
        tuple the gradient is a tuple.

    Returns
    -------
    df : callable
        `df(x, *rest, **options)` is the gradient by x: an array of x's shape, or a list, tuple,
        dict or dataclass of arrays like x. What follows x is constant.

    Raises
    ------
    ValueError
        f's result is not a scalar.
    TypeError
        x, or a leaf of it, is not a float.

    Examples
    --------
    >>> gradient(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> gradient(lambda p: p["a"] @ p["a"] * p["b"])({"a": np.array([1.0, 2.0]), "b": 3.0})
    {'a': array([ 6., 12.]), 'b': np.float64(5.0)}
    """
    check_function("gradient", f, argnums)
    both = value_and_gradient(f, argnums)
    return lambda *args, **options: both(*args, **options)[1]


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The matrix of partial derivatives.

    Parameters
    ----------
    f : callable
        A function whose result is a number or an array, or a container of them.
    argnums : int or tuple of int
        Which arguments to differentiate by, as in JAX; the first unless others are given.

    Returns
    -------
    jac : callable
        `jac(x, *rest, **options)` has shape `(*f(x).shape, *x.shape)`; column j is the jvp along
        the j-th unit direction. If f returns a container, so does jac, with one Jacobian for each
        array in it; if x is a container, each of these is one of x's form. Beside the result it
        takes the memory of one pass, of up to 2¹⁸ / n of the n directions, 8 at least.

    Raises
    ------
    TypeError
        x, or a leaf of it, is not a float, or f returns something without a derivative.

    Examples
    --------
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    check_function("jacobian", f, argnums)

    def jac(*args: Any, **options: Any) -> Any:
        of_x, x = moving("jacobian", f, argnums, args, options)
        value, tangents = unit_passes(of_x, x, "jacobian")

        def block(value: Any, *parts: Any) -> Any:
            return in_form(
                x, list(parts), lambda t, leaf: np.reshape(t, shape(value) + shape(leaf))
            )

        return map_leaves(block, value, *tangents, branches=is_container)

    return jac


def unit_passes(f: Function, x: Any, name: str) -> tuple[Any, list[Any]]:
    """f(x) and, for each leaf of x, the tangents along its unit directions, (*f(x).shape, size)."""
    found = leaves(x) if is_tree(x) else [("", x)]
    at = [floating(leaf, f"{name}: x{path}") for path, leaf in found]
    x = like_tree(x, at)
    sizes = [int(np.prod(shape(leaf))) for leaf in at]
    starts = [sum(sizes[:i]) for i in range(len(sizes) + 1)]
    n = starts[-1]
    chunk = max(FEWEST, LARGEST_PASS // max(sum(map(numbers, at)), 1))
    results: list[Any] = []
    value: Any = None
    for start in range(0, max(n, 1), chunk):
        count = min(chunk, n - start)
        seeds = [
            np.eye(count, size, start - first, dtype_of(leaf)).reshape(count, *shape(leaf))
            for leaf, size, first in zip(at, sizes, starts, strict=False)
        ]
        found, tangent = jvp(f, (x,), (like_tree(x, seeds),))
        value = same_value(name, value, found) if results else found
        results = results or [columns(tangent, size) for size in sizes]
        collect(tangent, results, starts, start)
    return value, [map_leaves(Columns.whole, result, branches=is_container) for result in results]


def hvp(f: Callable[[X], Any], x: X, v: Any) -> X:
    """The Hessian of f at x times v: the gradient's derivative along v, of x's form and shape.

    Parameters
    ----------
    f : callable
        A function of x with one real result.
    x : float, array or container
        Where.
    v : of x's form and shape
        The direction; or K of them, of shape `(K, *shape)`, which the result has then too.

    Returns
    -------
    product : of x's form and shape
        H v; for K directions of shape `(K, *shape)`.

    Examples
    --------
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    return jvp(gradient(f), (x,), (v,))[1]


def stop_gradient(x: Any) -> Any:
    """The plain value beneath all differentiations: a constant for each of them.

    Parameters
    ----------
    x : float, array_like, Dual or container
        What is to be constant; containers are lists, tuples, dicts and dataclasses of numbers and
        arrays.

    Returns
    -------
    value : float or ndarray, or a container of them
        A copy, which the caller may change. Unlike x.primal, which is a dual number still inside a
        second derivative, it can be turned into an index, a size, a print or an outside solver's
        argument at every order.

    Examples
    --------
    >>> derivative(lambda x: x * stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    if is_tree(x):
        return map_leaves(stop_gradient, x)
    value = constant(x)
    return value.copy() if isinstance(value, np.ndarray) else value
