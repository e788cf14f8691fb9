"""How a NumPy function gets its rule: the few verbs in which the files beside this one are written.

implements   a rule written out: (kind, formula, *functions)
linear       the tangent is f(ẋ). Its first argument says how K directions pass through:
             `same_order` reshapes, `along` counts axes from the end, `flattening` does so unless
             axis is None, `gather` moves elements as f moves their numbers
bilinear     the tangent is f(ẋ, y) + f(x, ẏ)
composed     the tangent is that of another, longer way to write f, in functions that have rules
constant     f does not change with the tangent: the result is a plain value (`core.rules`)

Each enters one record a function in `core.rules.RULES`. The primal of every result is computed by
NumPy's function itself, with the caller's own arguments, and so equals NumPy's to the bit.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dualedu.core.dual import Dual, finish, operand, unpack
from dualedu.internals.limits import beside
from dualedu.internals.registry import RULES, Kind, Rule, qualified
from dualedu.internals.shapes import dtype_of, ndim, shape

Function = Callable[..., Any]


# --- a rule written out --------------------------------------------------------------------------


def implements(kind: Kind, formula: str, *functions: Any) -> Callable[[Function], Function]:
    """Register a rule written out. Its signature is NumPy's, without the keywords it refuses."""

    def register(rule: Function) -> Function:
        for function in functions:
            call = check_arguments(function, rule, rule)
            RULES[function] = Rule(kind, formula, call=call)
        return rule

    return register


def check_arguments(function: Any, rule: Function, definition: Function) -> Function:
    """The rule, behind a check of its arguments against the definition's signature."""
    known = inspect.signature(definition).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in known.values())

    @functools.wraps(definition)
    def with_check(*args: Any, **kwargs: Any) -> Any:
        if kwargs and not open_ended and not kwargs.keys() <= known.keys():
            raise TypeError(
                f"{qualified(function)} of a dual number takes no "
                f"{', '.join(sorted(kwargs.keys() - known.keys()))}=; "
                "leave it out, or prepare the argument with functions that have a rule"
            )
        return rule(*args, **kwargs)

    return with_check


def array(x: Any) -> Any:
    return operand(x) if isinstance(x, list | tuple) else np.asarray(x) if type(x) is range else x


def as_floats(x: Any) -> Any:
    """The array x, with integers as the floats in which NumPy's function computes: differences and
    products of small ones wrap around."""
    x = array(x)
    whole = isinstance(x, np.ndarray | np.generic) and dtype_of(x).kind in "biu"
    return x.astype(np.float64) if whole else x


def size(x: Any) -> int:
    return math.prod(shape(x))


def leaves(value: Any) -> Iterator[Any]:
    """The entries of nested lists, tuples and dictionaries."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)
    elif isinstance(value, dict):
        yield from leaves(list(value.values()))
    else:
        yield value


# --- linear functions of one array ---------------------------------------------------------------


def linear(over_directions: Function, *functions: Any) -> None:
    """Register functions that are linear in their first argument, the others being constants.

    over_directions(function, x, z, t, options, axes) is the tangent for K directions; with a single
    one the tangent is the function of the tangent.
    """
    for function in functions:
        RULES[function] = Rule("linear", "f(ẋ)", call=linear_rule(function, over_directions))


AXES = ("axis", "axis1", "axis2", "axes", "source", "destination")


def linear_rule(function: Any, over_directions: Function) -> Function:
    signature = inspect.signature(function)
    defaults = {a: signature.parameters[a].default for a in AXES if a in signature.parameters}

    def rule(*args: Any, **kwargs: Any) -> Any:
        options = dict(signature.bind(*args, **kwargs).arguments)
        x = options.pop(next(iter(signature.parameters)))
        options.pop("out", None)
        if options.get("order") in ("A", "K"):
            raise TypeError(
                f"{qualified(function)} of a dual number takes order='C' or 'F'; 'A' and 'K' "
                "depend on the layout in memory, in which a value and its tangent may differ"
            )
        first_only(function, x, options.values())
        level, (primal,), _, directions = unpack([x])
        z = function(primal, **options)
        options.pop("initial", None)  # a constant: the tangent starts at 0
        if directions is None:
            t = function(x.tangent, **options)
        else:
            axes = {name: options.get(name, default) for name, default in defaults.items()}
            t = over_directions(function, primal, z, x.tangent, options, axes)
        return rewrap(z, t, level, directions)

    return rule


def first_only(function: Any, x: Any, others: Iterable[Any] = ()) -> None:
    if not isinstance(x, Dual) or any(isinstance(value, Dual) for value in others):
        raise TypeError(
            f"{qualified(function)} takes a dual number as its first argument only; do what the "
            "others are for in a step of its own, as in np.sum(x) + initial, or give "
            "stop_gradient(x)"
        )


def rewrap(z: Any, t: Any, level: int, directions: int | None) -> Any:
    """Pair results with their tangents; functions such as split return several."""
    if isinstance(z, list | tuple):
        return type(z)(rewrap(a, b, level, directions) for a, b in zip(z, t, strict=True))
    return finish(z, t, level, directions)


def same_order(function: Any, x: Any, z: Any, t: Any, options: Any, axes: Any) -> Any:
    """For functions that keep the elements in C order, unless they are asked for Fortran's."""
    if options.get("order") == "F":
        return gather(function, x, z, t, options, axes)
    return np.reshape(t, (shape(t)[0], *shape(z)))


def along(function: Any, x: Any, z: Any, t: Any, options: Any, axes: Any) -> Any:
    """For functions of axes: counted from the end, they are the same with K in front."""
    return function(t, **(options | {name: from_end(a, ndim(x)) for name, a in axes.items()}))


def flattening(function: Any, x: Any, z: Any, t: Any, options: Any, axes: Any) -> Any:
    """For functions that flatten the array where axis is None, and a number whatever it is."""
    if axes["axis"] is not None and ndim(x):
        return along(function, x, z, t, options, axes)
    rows = np.reshape(t, (shape(t)[0], size(x)))
    return np.reshape(function(rows, **(options | {"axis": -1})), (shape(t)[0], *shape(z)))


def gather(function: Any, x: Any, z: Any, t: Any, options: Any, axes: Any) -> Any:
    """For functions that move, repeat or drop elements: let them move the elements' numbers.

    Numbers start at 1; a 0 stands for a zero that the function itself filled in.
    """
    count = shape(t)[0]
    numbers = function(np.arange(1, size(x) + 1).reshape(shape(x)), **options)
    rows = np.reshape(t, (count, size(x)))
    flat = np.concatenate([np.zeros((count, 1), dtype_of(t)), rows], axis=1)
    return [flat[:, part] for part in numbers] if isinstance(numbers, list) else flat[:, numbers]


def from_end(axis: Any, rank: int) -> Any:
    """The same axis or axes as negative numbers, which are valid with K in front too. A scalar has
    no axes, although ufuncs accept axis=0 and axis=-1 for it."""
    if axis is None or not rank:
        return tuple(range(-rank, 0))
    if np.ndim(axis):
        return tuple(a - rank for a in normalize_axis_tuple(axis, rank, allow_duplicate=True))
    return operator.index(axis) % rank - rank


# --- bilinear functions --------------------------------------------------------------------------


BILINEAR = "f(ẋ, y) + f(x, ẏ)"


def bilinear(*functions: Any) -> None:
    """Register functions that are linear in each of their first two arguments."""
    for function in functions:
        RULES[function] = Rule("bilinear", BILINEAR, call=bilinear_rule(function))


def bilinear_rule(function: Any) -> Function:
    def rule(*args: Any, **kwargs: Any) -> Any:
        if len(args) < 2:
            bound = inspect.signature(function).bind(*args, **kwargs)
            args, kwargs = bound.args, bound.kwargs
        x, y, *options = args
        level, (a, b), (dx, dy), directions = unpack([x, y])
        z = function(a, b, *options, **kwargs)
        t = None
        if dx is not None:
            t = each(lambda da: function(da, b, *options, **kwargs), x, z)
        if dy is not None:
            term = each(lambda db: function(a, db, *options, **kwargs), y, z)
            t = term if t is None else t + term
        return finish(z, t, level, directions)

    return rule


def each(f: Function, x: Any, z: Any) -> Any:
    """f of the tangent, direction by direction."""
    if x.directions is None:
        return f(x.tangent)
    if not x.directions:
        return np.zeros((0, *shape(z)), dtype_of(z))
    return np.stack([f(t) for t in x.tangent])


# --- functions composed of others ----------------------------------------------------------------


def composed(
    formula: str, *functions: Any, kind: Kind = "composed"
) -> Callable[[Function], Function]:
    """Register an equal but longer way to write a function, in terms that have rules.

    The tangent comes from there; the primal from the function itself, so that it is NumPy's own.
    That the two are equal is held by the tests, on every sample call; here only their shapes are
    compared, for the values would cost as much again.
    """

    def register(definition: Function) -> Function:
        for function in functions:
            call = check_arguments(function, composed_rule(function, definition), definition)
            RULES[function] = Rule(kind, formula, call=call, definition=definition)
        return definition

    return register


def composed_rule(function: Any, definition: Function) -> Function:
    run = getattr(*function) if isinstance(function, tuple) else function

    def rule(*args: Any, **kwargs: Any) -> Any:
        if beside() is not None:  # where the primal is not NumPy's, but near it
            return definition(*args, **kwargs)
        operands = list(map(operand, leaves([args, kwargs])))
        level = max(x.level for x in operands if isinstance(x, Dual))
        args_below, kwargs_below = strip_level(args, level), strip_level(kwargs, level)
        # A dual of an outer level may be any argument, and NumPy's own function would find it in
        # some of them only. So the rule calls itself until all arguments are plain.
        nested = any(isinstance(x, Dual) for x in leaves([args_below, kwargs_below]))
        z = (rule if nested else run)(*args_below, **kwargs_below)
        return pair(function, z, definition(*args, **kwargs), level)

    return rule


def strip_level(value: Any, level: int) -> Any:
    """Arguments with the duals of this level replaced by their primals."""
    if isinstance(value, Dual):
        return value.primal if value.level == level else value
    if isinstance(value, dict):
        return {key: strip_level(v, level) for key, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(strip_level(v, level) for v in value)
    return value


def pair(function: Any, z: Any, outcome: Any, level: int) -> Any:
    """NumPy's primal with the tangent of the longer way."""
    if isinstance(z, tuple):
        parts = [pair(function, a, b, level) for a, b in zip(z, outcome, strict=True)]
        return type(z)(*parts) if hasattr(z, "_fields") else tuple(parts)
    if not isinstance(outcome, Dual) or outcome.level != level:
        return z
    if shape(z) != shape(outcome):
        raise TypeError(
            f"{qualified(function)} has no derivative for these arguments: NumPy's result has "
            f"shape {shape(z)}, and that of its derivative rule {shape(outcome)}. Write it with "
            "other functions that have a rule"
        )
    return finish(z, outcome.tangent, level, outcome.directions)
