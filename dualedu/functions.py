"""NumPy functions that are not elementwise ufuncs: shapes, reductions, products, linear algebra.

Most are one line in one of four families.

linear       f(ẋ) is the tangent of f(x). The families below differ in how K directions pass
             through: `same_order` reshapes, `gather` moves elements as f moves their numbers,
             `trailing` makes the axes count from the end.
composed     the tangent of another, longer way to write the function, the primal of NumPy's own.
constant     piecewise constant functions and questions about shape see the primal.
written out  a few with a formula of their own.

The primal of every result is computed by NumPy's function itself and so equals NumPy's to the bit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from dualedu.dual import (
    FUNCTIONS,
    Dual,
    base,
    dtype_of,
    finish,
    lifted,
    make,
    ndim,
    qualified,
    shape,
    unpack,
)
from dualedu.rules import ratio

Function = Callable[..., Any]


def implements(*functions: Any) -> Callable[[Function], Function]:
    def register(implementation: Function) -> Function:
        for function in functions:
            FUNCTIONS[function] = implementation
        return implementation

    return register


def optional(*names: str) -> tuple[Any, ...]:
    """The functions of these dotted names that this NumPy has."""
    found = []
    for name in names:
        function: Any = np
        for part in name.split("."):
            function = getattr(function, part, None)
        if function is not None:
            found.append(function)
    return tuple(found)


# --- linear functions of one array ---------------------------------------------------------------


def linear(over_directions: Function, *functions: Any) -> None:
    """Register functions that are linear in their first argument, the others being constants.

    over_directions(function, x, z, t, args, kwargs) is the tangent for K directions; with a single
    one the tangent is the function of the tangent.
    """
    for function in functions:
        FUNCTIONS[function] = linear_rule(function, over_directions)


def linear_rule(function: Any, over_directions: Function) -> Function:
    def rule(*args: Any, **kwargs: Any) -> Any:
        if not args:
            args = (kwargs.pop(next(iter(kwargs))),)
        x, *rest = args
        for value in (*rest, *kwargs.values()):
            if isinstance(value, Dual) or (isinstance(x, Dual) and isinstance(value, np.ndarray)):
                refuse_extra(function, value, rest)
        if not isinstance(x, Dual):
            raise TypeError(f"{qualified(function)} takes a dual number as its first argument only")
        level, (primal,), _, directions = unpack([x])
        z = function(primal, *rest, **kwargs)
        if directions is None:
            t = function(x.tangent, *rest, **kwargs)
        else:
            t = over_directions(function, primal, z, x.tangent, rest, kwargs)
        return rewrap(z, t, level, directions)

    return rule


def refuse_extra(function: Any, value: Any, rest: Sequence[Any]) -> None:
    if isinstance(value, Dual):
        raise TypeError(f"{qualified(function)} takes a dual number as its first argument only")
    position = OUT.get(function)
    if position is not None and len(rest) >= position and rest[position - 1] is value:
        raise TypeError(
            f"{qualified(function)} would write a dual number into an existing array and lose its "
            "tangent; leave out= away and use the result"
        )


OUT = {np.sum: 3, np.mean: 3, np.cumsum: 3, np.take: 3, np.trace: 5, np.compress: 3}
"""Where `out` stands when it is given by position."""


def rewrap(z: Any, t: Any, level: int, directions: int | None) -> Any:
    """Pair results with their tangents; functions such as split return several."""
    if isinstance(z, list | tuple):
        pairs = [rewrap(a, b, level, directions) for a, b in zip(z, t, strict=True)]
        return type(z)(pairs) if type(z) in (list, tuple) else tuple(pairs)
    return finish(z, t, level, directions)


def same_order(function: Any, x: Any, z: Any, t: Any, args: Any, kwargs: Any) -> Any:
    """For functions that keep the elements in C order."""
    if (kwargs.get("order") or "C") != "C" or any(order in ("F", "A", "K") for order in args):
        return gather(function, x, z, t, args, kwargs)
    if isinstance(z, list | tuple):
        return [np.reshape(t, (shape(t)[0], *shape(part))) for part in z]
    return np.reshape(t, (shape(t)[0], *shape(z)))


def gather(function: Any, x: Any, z: Any, t: Any, args: Any, kwargs: Any) -> Any:
    """For functions that move, repeat or drop elements: let them move the elements' numbers.

    Numbers start at 1; a 0 stands for a zero that the function itself filled in.
    """
    count = shape(t)[0]
    numbers = function(np.arange(1, np.size(base(x)) + 1).reshape(shape(x)), *args, **kwargs)
    flat = np.concatenate([np.zeros((count, 1), dtype_of(t)), np.reshape(t, (count, -1))], axis=1)
    if isinstance(numbers, list | tuple):
        return [flat[:, part] for part in numbers]
    return flat[:, numbers]


def trailing(**defaults: Any) -> Function:
    """For functions of axes: count those from the end, where directions do not disturb them.

    `defaults` gives, in the order of the function's signature, the axis arguments and the others
    up to the last axis. An axis of None means all axes.
    """
    names = list(defaults)

    def over_directions(function: Any, x: Any, z: Any, t: Any, args: Any, kwargs: Any) -> Any:
        given = dict(zip(names, args, strict=False)) | kwargs
        for name, default in defaults.items():
            if name in AXES:
                given[name] = from_end(given.get(name, default), ndim(x))
        return function(t, *args[len(names) :], **given)

    return over_directions


AXES = {"axis", "axis1", "axis2", "source", "destination"}


def from_end(axis: Any, rank: int) -> Any:
    """The same axis or axes as negative numbers, which are valid for a leading K too."""
    if axis is None:
        return tuple(range(-rank, 0))
    if isinstance(axis, tuple | list):
        return tuple(a - rank for a in normalize_axis_tuple(axis, rank))
    return normalize_axis_index(axis, rank) - rank


linear(
    same_order,
    *(np.reshape, np.ravel, np.squeeze, np.expand_dims, np.copy),
    *(np.atleast_1d, np.atleast_2d, np.atleast_3d),
)
linear(
    gather,
    *(np.transpose, np.flip, np.fliplr, np.flipud, np.roll, np.rot90, np.rollaxis),
    *(np.tile, np.repeat, np.take, np.delete, np.compress, np.resize),
    *(np.diag, np.diagflat, np.diagonal, np.triu, np.tril),
    *(np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit),
    *optional("matrix_transpose", "permute_dims", "unstack"),
    *optional("linalg.matrix_transpose", "linalg.diagonal"),
)
linear(trailing(source=None, destination=None), np.moveaxis)
linear(trailing(axis1=None, axis2=None), np.swapaxes)
linear(trailing(axis=None), np.sum, np.mean)
linear(trailing(offset=0, axis1=0, axis2=1), np.trace)


def flattened(function: Any) -> Function:
    """cumsum and its like: without an axis they run over the flattened array."""

    def rule(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        refuse_out(function, out)
        a = np.ravel(a) if axis is None else a
        return cumulative(function, a, normalize_axis_index(axis or 0, ndim(a)), dtype)

    return rule


def refuse_out(function: Any, out: Any) -> None:
    if out is not None:
        raise TypeError(
            f"{qualified(function)} would write a dual number into an existing array and lose its "
            "tangent; leave out= away and use the result"
        )


def cumulative(function: Any, a: Dual, axis: int, dtype: Any) -> Any:
    level, (x,), _, directions = unpack([a])
    z = function(x, axis=axis, dtype=dtype)
    if function is np.cumsum:
        t = np.cumsum(a.tangent, axis=axis - ndim(x), dtype=dtype)
    else:
        t = cumprod_tangent(x, z, a.tangent, axis - ndim(x))
    return finish(z, t, level, directions)


def cumprod_tangent(x: Any, z: Any, t: Any, axis: int) -> Any:
    """Σᵢ ẋᵢ Πⱼ≠ᵢ xⱼ over each beginning of the axis.

    Without zeros this is z · cumsum(ẋ / x). With zeros, the product rule one factor at a time:
    the tangent of p·x is ṗ x + p ẋ.
    """
    if np.all(base(x)):
        return z * np.cumsum(t / x, axis=axis)
    x, z, t = (np.moveaxis(part, axis, -1) for part in (x, z, t))
    carried = t[..., 0]
    steps = [carried]
    for i in range(1, shape(x)[-1]):
        carried = carried * x[..., i] + z[..., i - 1] * t[..., i]
        steps.append(carried)
    return np.moveaxis(np.stack(steps, axis=-1), -1, axis)


FUNCTIONS[np.cumsum] = flattened(np.cumsum)
FUNCTIONS[np.cumprod] = flattened(np.cumprod)


@implements(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """The tangent keeps its short axes: broadcasting costs nothing."""
    level, (x,), (t,), directions = unpack([array])
    z = np.broadcast_to(x, shape)
    return make(z, lifted(t, ndim(z) - ndim(x), directions), level, directions)


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    moves = ("constant", "edge", "reflect", "symmetric", "wrap", "empty")
    if mode not in moves or kwargs.get("reflect_type", "even") != "even":
        raise TypeError(f"np.pad of a dual number takes the modes {', '.join(moves)}, not {mode!r}")
    level, (x,), _, directions = unpack([array])
    z = np.pad(x, pad_width, mode, **kwargs)
    kwargs.pop("constant_values", None)
    if directions is None:
        t = np.pad(array.tangent, pad_width, mode, **kwargs)
    else:
        t = gather(np.pad, x, z, array.tangent, (pad_width, mode), kwargs)
    return finish(z, t, level, directions)


@implements("getitem")
def getitem(x: Dual, index: Any) -> Any:
    """x[index], for every kind of index.

    With K directions the tangent's index gets a leading slice. Only for advanced indices that a
    slice separates is that wrong, because NumPy moves their axes to the front, before K: there
    the elements' numbers are indexed instead.
    """
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, Dual) for part in parts):
        raise TypeError("a dual number cannot be an index; use x.primal.astype(int)")
    level, (primal,), _, directions = unpack([x])
    if not hasattr(primal, "shape"):
        primal = np.float64(primal)
    z = primal[index]
    if directions is None:
        t = x.tangent[index]
    elif any(isinstance(part, list | np.ndarray) for part in parts) and len(parts) > 1:
        t = gather(lambda numbers: numbers[index], primal, z, x.tangent, (), {})
    else:
        t = x.tangent[(slice(None), *parts)]
    return finish(z, t, level, directions)


# --- several arrays into one -----------------------------------------------------------------------


@implements(np.concatenate)
def concatenate(arrays: Any, axis: Any = 0, out: Any = None, dtype: Any = None, **kw: Any) -> Any:
    refuse_out(np.concatenate, out)
    if axis is None:
        return np.concatenate([np.ravel(a) for a in arrays], axis=0, dtype=dtype, **kw)
    level, primals, tangents, directions = unpack(arrays)
    z = np.concatenate(primals, axis=axis, dtype=dtype, **kw)
    lead = () if directions is None else (directions,)
    parts = [
        np.zeros(lead + shape(x), z.dtype) if t is None else np.broadcast_to(t, lead + shape(x))
        for x, t in zip(primals, tangents, strict=True)
    ]
    t = np.concatenate(parts, axis=from_end(axis, z.ndim))
    return finish(z, t, level, directions)


@implements(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, **kwargs: Any) -> Any:
    refuse_out(np.stack, out)
    arrays = list(arrays)
    if len({shape(a) for a in arrays}) != 1:
        raise ValueError(
            f"np.stack needs arrays of one shape, got {sorted({shape(a) for a in arrays})}"
        )
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis=axis, **kwargs)


def joined(prepare: Function, axis: Callable[[list[Any]], int]) -> Function:
    def rule(tup: Any, **kwargs: Any) -> Any:
        arrays = [prepare(a) for a in tup]
        return np.concatenate(arrays, axis=axis(arrays), **kwargs)

    return rule


def column(a: Any) -> Any:
    return np.atleast_2d(a).T if np.ndim(a) < 2 else a


FUNCTIONS[np.vstack] = joined(np.atleast_2d, lambda arrays: 0)
FUNCTIONS[np.hstack] = joined(np.atleast_1d, lambda arrays: 0 if np.ndim(arrays[0]) == 1 else 1)
FUNCTIONS[np.dstack] = joined(np.atleast_3d, lambda arrays: 2)
FUNCTIONS[np.column_stack] = joined(column, lambda arrays: 1)


@implements(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    return np.concatenate(
        [np.asanyarray(a) if isinstance(a, list) else a for a in (arr, values)], axis
    )


@implements(np.where)
def where(condition: Any, *branches: Any) -> Any:
    if not branches:
        return np.where(base(condition))
    x, y = branches
    if not isinstance(x, Dual) and not isinstance(y, Dual):
        return np.where(base(condition), x, y)
    level, primals, tangents, directions = unpack([x, y])
    condition = base(condition)
    z = np.where(condition, *primals)
    terms = [
        0 if t is None else lifted(t, ndim(z) - ndim(p), directions)
        for p, t in zip(primals, tangents, strict=True)
    ]
    return finish(z, np.where(condition, *terms), level, directions)


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    common = np.broadcast_shapes(*map(shape, args))
    return tuple(np.broadcast_to(a, common) for a in args)


# --- products --------------------------------------------------------------------------------------


@implements(np.matmul, *optional("linalg.matmul"))
def matmul(x: Any, y: Any) -> Any:
    """ẋ y + x ẏ, with one term where one factor is a constant."""
    level, (x, y), (dx, dy), directions = unpack(
        [np.asarray(a) if isinstance(a, list) else a for a in (x, y)]
    )
    z = np.matmul(x, y)
    t = None
    if dx is not None:
        t = product(filled(dx, x, -1), ndim(x), y, ndim(y))
    if dy is not None:
        term = product(x, ndim(x), filled(dy, y, -2 if ndim(y) > 1 else -1), ndim(y))
        t = term if t is None else t + term
    return finish(z, t, level, directions)


def filled(t: Any, x: Any, axis: int) -> Any:
    """The tangent t of x with the axis that a product sums over in full length."""
    length = shape(x)[axis]
    if shape(t)[axis] == length:
        return t
    full = list(shape(t))
    full[axis] = length
    return np.broadcast_to(t, tuple(full))


def product(a: Any, rank_a: int, b: Any, rank_b: int) -> Any:
    """np.matmul where a or b may have an axis of directions before the rank given for it."""
    if rank_b == 2 and rank_a == 2:
        rows = shape(a)
        if len(rows) == 3 and ndim(b) == 2:  # one large product instead of K small ones
            return np.reshape(
                np.matmul(np.reshape(a, (-1, rows[-1])), b), (*rows[:-1], shape(b)[-1])
            )
        return np.matmul(a, b)
    leads = ndim(a) - rank_a, ndim(b) - rank_b
    a = a[..., None, :] if rank_a == 1 else a
    b = b[..., :, None] if rank_b == 1 else b
    widest = max(rank_a, rank_b, 2)
    if leads[0]:
        a = lifted(a, widest - max(rank_a, 2), 1)
    if leads[1]:
        b = lifted(b, widest - max(rank_b, 2), 1)
    z = np.matmul(a, b)
    z = z[..., 0] if rank_b == 1 else z
    return z[..., 0] if rank_a == rank_b == 1 else z[..., 0, :] if rank_a == 1 else z


@implements(np.einsum)
def einsum(subscripts: Any, *operands: Any, out: Any = None, **kwargs: Any) -> Any:
    refuse_out(np.einsum, out)
    if not isinstance(subscripts, str):
        raise TypeError("np.einsum of dual numbers takes its subscripts as a string, as in 'ij,jk'")
    level, primals, tangents, directions = unpack(operands)
    z = np.einsum(subscripts, *primals, **kwargs)
    kwargs.setdefault("optimize", True)
    inputs, result = explicit(subscripts)
    k = next(letter for letter in LETTERS if letter not in subscripts)
    total = None
    for i, t in enumerate(tangents):
        if t is None:
            continue
        factors, names = list(primals), list(inputs)
        factors[i] = operands[i].tangent
        output = result
        if directions is not None:
            names[i], output = k + names[i], k + result
        term = np.einsum(f"{','.join(names)}->{output}", *factors, **kwargs)
        total = term if total is None else total + term
    return finish(z, total, level, directions)


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def explicit(subscripts: str) -> tuple[list[str], str]:
    """The inputs and the output of einsum subscripts, an implicit output written out."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    letters = left.replace(",", "").replace(".", "")
    once = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return left.split(","), right if arrow else ("..." if "..." in left else "") + once


# --- functions composed of others ------------------------------------------------------------------


def composed(*functions: Any) -> Callable[[Function], Function]:
    """Register an equal but longer way to write a function, in terms that have rules.

    The tangent comes from there; the primal from the function itself, so that it is NumPy's own.
    """

    def register(definition: Function) -> Function:
        for function in functions:
            FUNCTIONS[function] = composed_rule(function, definition)
        return definition

    return register


def composed_rule(function: Any, definition: Function) -> Function:
    def rule(*args: Any, **kwargs: Any) -> Any:
        refuse_out(function, kwargs.get("out"))
        outcome = definition(*args, **kwargs)
        duals = [x for x in flat([outcome]) if isinstance(x, Dual)]
        if not duals:
            return outcome
        level = max(x.level for x in duals)
        z = function(*stripped(args, level), **stripped(kwargs, level))
        return paired(z, outcome, level)

    return rule


def flat(values: Sequence[Any]) -> list[Any]:
    return list(
        itertools.chain.from_iterable(
            flat(v) if isinstance(v, list | tuple) else [v] for v in values
        )
    )


def stripped(value: Any, level: int) -> Any:
    """Arguments with the duals of this level replaced by their primals."""
    if isinstance(value, Dual):
        return value.primal if value.level == level else value
    if isinstance(value, dict):
        return {key: stripped(v, level) for key, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(stripped(v, level) for v in value)
    return value


def paired(z: Any, outcome: Any, level: int) -> Any:
    if isinstance(outcome, list | tuple):
        return (
            type(z)(*map(paired, z, outcome, itertools.repeat(level)))
            if hasattr(z, "_fields")
            else type(outcome)(paired(a, b, level) for a, b in zip(z, outcome, strict=True))
        )
    if isinstance(outcome, Dual) and outcome.level == level:
        return finish(z, outcome._tangent, level, outcome.directions)
    return z


def axes_of(axis: Any, rank: int) -> tuple[int, ...]:
    return tuple(range(rank)) if axis is None else normalize_axis_tuple(axis, rank)


def count_of(x: Any, axis: Any) -> int:
    return math.prod(shape(x)[a] for a in axes_of(axis, ndim(x)))


@composed(np.var)
def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: bool = False, *, correction: Any = None, mean: Any = None) -> Any:  # fmt: skip
    refuse_out(np.var, out)
    centre = np.mean(a, axis=axis, dtype=dtype, keepdims=True) if mean is None else mean
    freedom = count_of(a, axis) - (ddof if correction is None else correction)
    return np.sum(np.square(a - centre), axis=axis, keepdims=keepdims) / freedom


@composed(np.std)
def std(*args: Any, **kwargs: Any) -> Any:
    return np.sqrt(var(*args, **kwargs))


@composed(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *,
            keepdims: bool = False) -> Any:  # fmt: skip
    if returned:
        raise TypeError("np.average of dual numbers does not take returned=True; sum the weights")
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    weights = np.asarray(weights) if isinstance(weights, list) else weights
    if shape(weights) != shape(a):
        (along,) = axes_of(axis, ndim(a))
        weights = np.reshape(weights, [-1 if i == along else 1 for i in range(ndim(a))])
        weights = np.broadcast_to(weights, shape(a))
    total = np.sum(a * weights, axis=axis, keepdims=keepdims)
    return total / np.sum(weights, axis=axis, keepdims=keepdims)


@composed(np.prod)
def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False
) -> Any:
    refuse_out(np.prod, out)
    axes = axes_of(axis, ndim(a))
    kept = [i for i in range(ndim(a)) if i not in axes]
    flat = np.reshape(
        np.transpose(a, [*kept, *axes]), [*(shape(a)[i] for i in kept), count_of(a, axis)]
    )
    result = np.cumprod(flat, axis=-1)[..., -1] if shape(flat)[-1] else np.ones(shape(flat)[:-1])
    result = result if dtype is None else result.astype(dtype)
    return np.expand_dims(result, axes) if keepdims else result


def extreme(pick: Function) -> Function:
    """max or min. Elements that tie share the tangent equally."""

    def definition(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        refuse_out(pick, out)
        top = pick(base(a), axis=axis, keepdims=True)
        chosen = np.equal(base(a), top) | np.isnan(base(a))
        weight = (chosen / np.sum(chosen, axis=axis, keepdims=True)).astype(dtype_of(a))
        return np.sum(np.where(chosen, a * weight, 0), axis=axis, keepdims=keepdims)

    return definition


composed(np.max, np.amax)(extreme(np.max))
composed(np.min, np.amin)(extreme(np.min))


@composed(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    refuse_out(np.ptp, out)
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


@composed(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *,
         min: Any = None, max: Any = None) -> Any:  # fmt: skip
    refuse_out(np.clip, out)
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@composed(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argsort(base(a), axis=axis, kind="stable"), axis=axis)


@composed(np.median)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
           keepdims: bool = False) -> Any:  # fmt: skip
    refuse_out(np.median, out)
    axes = axes_of(axis, ndim(a))
    kept = [i for i in range(ndim(a)) if i not in axes]
    n = count_of(a, axis)
    ordered = np.sort(
        np.reshape(np.transpose(a, [*kept, *axes]), [*(shape(a)[i] for i in kept), n])
    )
    middle = (ordered[..., (n - 1) // 2] + ordered[..., n // 2]) / 2
    return np.expand_dims(middle, axes) if keepdims else middle


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    level, (x,), _, directions = unpack([arr])
    z = np.take_along_axis(x, indices, axis)
    if directions is None:
        t = np.take_along_axis(arr.tangent, indices, axis)
    else:
        t = gather(np.take_along_axis, x, z, arr.tangent, (indices, axis), {})
    return finish(z, t, level, directions)


def array(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, list | tuple) else x


@composed(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    refuse_out(np.dot, out)
    a, b = array(a), array(b)
    if ndim(a) == 0 or ndim(b) == 0:
        return a * b
    if ndim(b) <= 2:
        return np.matmul(a, b)
    return np.tensordot(a, b, axes=(-1, -2))


@composed(np.tensordot, *optional("linalg.tensordot"))
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = array(a), array(b)
    if isinstance(axes, int):
        over_a: Any = range(ndim(a) - axes, ndim(a))
        over_b: Any = range(axes)
    else:
        over_a, over_b = ((x,) if isinstance(x, int) else x for x in axes)
    names_a, names_b = list(LETTERS[: ndim(a)]), list(LETTERS[ndim(a) : ndim(a) + ndim(b)])
    for i, j in zip(over_a, over_b, strict=True):
        names_b[j] = names_a[i]
    free = [n for n in names_a if n not in names_b] + [n for n in names_b if n not in names_a]
    return np.einsum(f"{''.join(names_a)},{''.join(names_b)}->{''.join(free)}", a, b)


@composed(np.inner)
def inner(a: Any, b: Any) -> Any:
    a, b = array(a), array(b)
    return a * b if ndim(a) == 0 or ndim(b) == 0 else np.tensordot(a, b, axes=(-1, -1))


@composed(np.vdot)
def vdot(a: Any, b: Any) -> Any:
    return np.sum(np.ravel(a) * np.ravel(b))


@composed(np.outer, *optional("linalg.outer"))
def outer(a: Any, b: Any, out: Any = None) -> Any:
    refuse_out(np.outer, out)
    return np.ravel(a)[:, None] * np.ravel(b)[None, :]


@composed(np.kron)
def kron(a: Any, b: Any) -> Any:
    a, b = array(a), array(b)
    rank = max(ndim(a), ndim(b))
    rows, columns = ((1,) * (rank - ndim(x)) + shape(x) for x in (a, b))
    apart_a = np.reshape(a, [n for length in rows for n in (length, 1)])
    apart_b = np.reshape(b, [n for length in columns for n in (1, length)])
    return np.reshape(apart_a * apart_b, [m * n for m, n in zip(rows, columns, strict=True)])


@composed(np.cross, *optional("linalg.cross"))
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(array(a), axisa, -1), np.moveaxis(array(b), axisb, -1)
    if shape(a)[-1] != 3 or shape(b)[-1] != 3:
        raise ValueError("np.cross of dual numbers needs vectors of length 3")
    left, right = [1, 2, 0], [2, 0, 1]
    return np.moveaxis(a[..., left] * b[..., right] - a[..., right] * b[..., left], -1, axisc)


@composed(*optional("vecdot", "linalg.vecdot"))
def vecdot(a: Any, b: Any, *, axis: int = -1) -> Any:
    return np.sum(array(a) * array(b), axis=axis)


@composed(*optional("matvec"))
def matvec(a: Any, b: Any) -> Any:
    return np.matmul(array(a), array(b)[..., None])[..., 0]


@composed(*optional("vecmat"))
def vecmat(a: Any, b: Any) -> Any:
    return np.matmul(array(a)[..., None, :], array(b))[..., 0, :]


@composed(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    edges = []
    for end in (prepend, append):
        if end is not None:
            side = list(shape(a))
            side[axis] = 1 if np.ndim(end) == 0 else shape(end)[axis]
            end = np.broadcast_to(end, tuple(side)) if np.ndim(end) == 0 else end
        edges.append(end)
    parts = [part for part in (edges[0], a, edges[1]) if part is not None]
    a = np.moveaxis(np.concatenate(parts, axis=axis), axis, -1)
    for _ in range(n):
        a = a[..., 1:] - a[..., :-1]
    return np.moveaxis(a, -1, axis)


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    if any(isinstance(x, Dual) for x in varargs):
        raise TypeError("np.gradient takes a dual number as its first argument only")
    level, (x,), _, directions = unpack([f])
    axes = from_end(axes_of(axis, ndim(x)), ndim(x))
    settings = {"axis": axes, "edge_order": edge_order}
    z = np.gradient(x, *varargs, axis=axis, edge_order=edge_order)
    t = np.gradient(f.tangent, *varargs, **settings)
    return rewrap(
        z,
        t if isinstance(z, list | tuple) == isinstance(t, list | tuple) else t[0],
        level,
        directions,
    )


@composed(np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """At a knot the slope is that of the piece to its right, beyond the ends 0."""
    if period is not None:
        raise TypeError("np.interp of dual numbers takes no period=; reduce x with % first")
    xp, fp = array(xp), array(fp)
    i = np.clip(np.searchsorted(base(xp), base(x), side="right") - 1, 0, len(xp) - 2)
    slope = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])
    inside = fp[i] + slope * (x - xp[i])
    below, above = base(x) < base(xp)[0], base(x) > base(xp)[-1]
    value = np.where(below, fp[0] if left is None else left, inside)
    return np.where(above, fp[-1] if right is None else right, value)


@composed(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = np.moveaxis(array(y), axis, -1)
    if x is not None:
        x = array(x)
        dx = np.diff(x if ndim(x) == 1 else np.moveaxis(x, axis, -1))
    return np.sum(dx * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)


# --- linear algebra --------------------------------------------------------------------------------


@implements(np.linalg.inv)
def inv(a: Any) -> Any:
    """d(A⁻¹) = −A⁻¹ Ȧ A⁻¹."""
    level, (x,), _, directions = unpack([a])
    z = np.linalg.inv(x)
    return finish(z, -np.matmul(np.matmul(z, a.tangent), z), level, directions)


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """A z = b gives A ż = ḃ − Ȧ z."""
    level, (a, b), (da, db), directions = unpack([array(a), array(b)])
    z = np.linalg.solve(a, b)
    vector = ndim(b) == 1
    side: Any = 0
    if db is not None:
        full = (() if directions is None else (directions,)) + shape(b)
        db = np.broadcast_to(db, full)
        db = db[..., None] if vector else db
        side = lifted(db, max(ndim(a) - ndim(b), 0) if not vector else ndim(a) - 2, directions)
    if da is not None:
        full = (() if directions is None else (directions,)) + shape(a)
        da = lifted(np.broadcast_to(da, full), max(ndim(b) - ndim(a), 0), directions)
        side = side - np.matmul(da, z[..., None] if vector else z)
    t = np.linalg.solve(a, side)
    return finish(z, t[..., 0] if vector else t, level, directions)


@implements(np.linalg.det)
def det(a: Any) -> Any:
    """Jacobi's formula, tr(adj(A) Ȧ)."""
    level, (x,), _, directions = unpack([a])
    z = np.linalg.det(x)
    return finish(z, np.sum(cofactors(x, z) * a.tangent, axis=(-2, -1)), level, directions)


def cofactors(x: Any, z: Any) -> Any:
    """The matrix of cofactors, adj(A)ᵀ.

    det(A) A⁻ᵀ where A is well conditioned; else determinants of the minors, which stay right for
    a singular A.
    """
    if np.size(base(x)) == 0 or np.all(np.linalg.cond(base(x)) < 1e8):
        return (
            np.asarray(z)[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2)
            if not isinstance(z, Dual)
            else z[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2)
        )
    n = shape(x)[-1]
    if n == 1:
        return np.ones(shape(x), dtype_of(x))
    rest = [[j for j in range(n) if j != i] for i in range(n)]
    rows = [
        np.stack(
            [(-1) ** (i + j) * np.linalg.det(x[..., rest[i], :][..., rest[j]]) for j in range(n)],
            axis=-1,
        )
        for i in range(n)
    ]
    return np.stack(rows, axis=-2)


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """log|det A| has the tangent tr(A⁻¹ Ȧ); the sign is constant."""
    level, (x,), _, directions = unpack([a])
    outcome = np.linalg.slogdet(x)
    sign, z = outcome
    t = np.sum(np.swapaxes(np.linalg.inv(x), -1, -2) * a.tangent, axis=(-2, -1))
    return type(outcome)(base(sign), finish(z, t, level, directions))


@composed(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Vector norms of any order, matrix norms 'fro', 1, -1, inf and -inf. At 0 the tangent is 0."""
    if axis is None and (ord is None or ndim(x) == 1):
        flat = np.ravel(x)
        result = vector_norm(flat, 2 if ord is None else ord, -1, False)
        return np.reshape(result, (1,) * ndim(x)) if keepdims else result
    axes = axes_of(axis, ndim(x))
    if len(axes) == 1:
        return vector_norm(x, 2 if ord is None else ord, axes[0], keepdims)
    rows, columns = axes
    if ord in (None, "fro"):
        return vector_norm(x, 2, axes, keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        summed, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = np.sum(np.abs(x), axis=summed, keepdims=True)
        best = (np.max if ord > 0 else np.min)(sums, axis=other, keepdims=True)
        return best if keepdims else np.squeeze(best, axis=axes)
    raise TypeError(
        f"np.linalg.norm of a dual matrix takes ord 'fro', 1, -1, inf or -inf, not {ord!r}: "
        "the others need singular values, which have no rule"
    )


def vector_norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    if ord in (np.inf, -np.inf):
        return (np.max if ord > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(np.not_equal(x, 0).astype(dtype_of(x)), axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 2:
        length = np.linalg.norm(base(x), axis=axis, keepdims=True)
        return euclidean(x, length, axis, keepdims)
    return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)


def euclidean(x: Any, length: Any, axis: Any, keepdims: bool) -> Any:
    """√Σx². Scaling by the (constant) length keeps squares from overflowing, and a scale of 1 at
    the origin, with sqrt's rule for 0 with a vanishing tangent, gives the kink its 0."""
    scale = np.where(length == 0, 1, length)
    unit = np.sqrt(np.sum(np.square(x / scale), axis=axis, keepdims=True))
    result = unit * scale
    return result if keepdims else np.squeeze(result, axis=axis)


# --- what only looks at the primal -------------------------------------------------------------------


def constant(*functions: Any) -> None:
    """Register functions whose result does not change with the tangent: it is a plain value."""
    for function in functions:
        FUNCTIONS[function] = constant_rule(function)


def constant_rule(function: Any) -> Function:
    def rule(*args: Any, **kwargs: Any) -> Any:
        return function(*map(bare, args), **{key: bare(v) for key, v in kwargs.items()})

    return rule


def bare(value: Any) -> Any:
    """The value with every dual in it replaced by its base."""
    if type(value) in (list, tuple):
        return type(value)(bare(v) for v in value)
    return base(value)


constant(
    *(np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj),
    *(np.argmax, np.argmin, np.argsort, np.searchsorted, np.digitize, np.lexsort),
    *(np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero),
    *(np.any, np.all, np.isclose, np.allclose, np.array_equal, np.array_equiv),
    *(np.round, np.around, np.fix, np.isposinf, np.isneginf),
    *(np.zeros_like, np.ones_like, np.empty_like),
)


@implements(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None, **kwargs: Any) -> Any:
    dtype = dtype_of(a) if dtype is None else dtype
    shape = np.shape(a) if shape is None else shape
    if not isinstance(fill_value, Dual):
        return np.full_like(base(a), fill_value, dtype=dtype, shape=shape, **kwargs)
    return np.broadcast_to(fill_value.astype(dtype), shape)


# --- ufuncs with several results, and methods of ufuncs ------------------------------------------------


@implements(np.divmod)
def divmod_(x: Any, y: Any) -> Any:
    return np.floor_divide(x, y), np.remainder(x, y)


@implements(np.modf)
def modf(x: Any) -> Any:
    """The fractional part moves with x, the integral part is constant."""
    level, (primal,), (t,), directions = unpack([x])
    fraction, integral = np.modf(primal)
    return finish(fraction, t, level, directions), base(integral)


def reduction(function: Any) -> Function:
    """ufunc.reduce: as the function, but over axis 0 unless another is named."""

    def rule(
        array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False
    ) -> Any:
        refuse_out(function, out)
        cast = {} if dtype is None else {"dtype": dtype}
        return function(array, axis=axis, keepdims=keepdims, **cast)

    return rule


def accumulation(function: Any) -> Function:
    def rule(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        return function(array, axis=axis, dtype=dtype, out=out)

    return rule


FUNCTIONS[np.add, "reduce"] = reduction(np.sum)
FUNCTIONS[np.multiply, "reduce"] = reduction(np.prod)
FUNCTIONS[np.maximum, "reduce"] = reduction(np.max)
FUNCTIONS[np.minimum, "reduce"] = reduction(np.min)
FUNCTIONS[np.add, "accumulate"] = accumulation(np.cumsum)
FUNCTIONS[np.multiply, "accumulate"] = accumulation(np.cumprod)
