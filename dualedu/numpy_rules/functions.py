"""NumPy functions that are not elementwise ufuncs: shapes, reductions, products.

Most are one line in one of these families.

linear     the tangent is f(ẋ). The variants differ in how K directions pass through: `same_order`
           reshapes, `along` counts axes from the end, `flattening` does so unless axis is None,
           `gather` moves elements as f moves their numbers
bilinear   the tangent is f(ẋ, y) + f(x, ẏ)
composed   the tangent is that of another, longer way to write f, in functions that have rules
constant   f does not change with the tangent: the result is a plain value

A few have a formula of their own. The primal of every result is computed by NumPy's function
itself, with the caller's own arguments, and so equals NumPy's to the bit. Linear algebra lives in
`linalg`; what has no rule is listed in `refused`.
"""

from __future__ import annotations

import inspect
import math
import operator
import string
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dualedu.core.dual import (
    FUNCTIONS,
    Dual,
    base,
    dtype_of,
    finish,
    lifted,
    make,
    ndim,
    operand,
    qualified,
    shape,
    unpack,
)

Function = Callable[..., Any]


# --- registering -----------------------------------------------------------------------------------


def implements(*functions: Any) -> Callable[[Function], Function]:
    """Register a rule written out. Its signature is NumPy's, less the keywords it refuses."""

    def register(rule: Function) -> Function:
        for function in functions:
            FUNCTIONS[function] = checked(function, rule, rule)
        return rule

    return register


def checked(function: Any, rule: Function, definition: Function) -> Function:
    """The rule, behind a check of its arguments against the definition's signature."""
    known = inspect.signature(definition).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in known.values())
    positional = [name for name, p in known.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    place = positional.index("out") if "out" in positional else None

    def with_check(*args: Any, **kwargs: Any) -> Any:
        if kwargs and not open_ended and not kwargs.keys() <= known.keys():
            raise TypeError(
                f"{qualified(function)} of a dual number takes no "
                f"{', '.join(sorted(kwargs.keys() - known.keys()))}=; "
                "leave it away, or prepare the argument with functions that have a rule"
            )
        if place is not None and len(args) > place:
            refuse_out(function, args[place])
        return rule(*args, **kwargs)

    with_check.__doc__ = definition.__doc__
    return with_check


def refuse_out(function: Any, out: Any) -> None:
    if out is not None:
        raise TypeError(
            f"{qualified(function)} would write a dual number into an existing array and lose its "
            "tangent; leave out= away and use the result"
        )


def optional(*names: str) -> list[Any]:
    """The functions of these dotted names that this NumPy has."""
    found = []
    for name in names:
        function: Any = np
        for part in name.split("."):
            function = getattr(function, part, None)
        if function is not None:
            found.append(function)
    return found


def array(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, list | tuple) else x


# --- linear functions of one array -----------------------------------------------------------------


def linear(over_directions: Function, *functions: Any) -> None:
    """Register functions that are linear in their first argument, the others being constants.

    over_directions(function, x, z, t, options, axes) is the tangent for K directions; with a single
    one the tangent is the function of the tangent.
    """
    for function in functions:
        FUNCTIONS[function] = linear_rule(function, over_directions)


AXES = ("axis", "axis1", "axis2", "axes", "source", "destination")


def linear_rule(function: Any, over_directions: Function) -> Function:
    signature = inspect.signature(function)
    defaults = {a: signature.parameters[a].default for a in AXES if a in signature.parameters}

    def rule(*args: Any, **kwargs: Any) -> Any:
        """linear: f(ẋ)"""
        options = dict(signature.bind(*args, **kwargs).arguments)
        x = options.pop(next(iter(signature.parameters)))
        refuse_out(function, options.pop("out", None))
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
        raise TypeError(f"{qualified(function)} takes a dual number as its first argument only")


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


def transposed(function: Any, x: Any, z: Any, t: Any, options: Any, axes: Any) -> Any:
    order = axes["axes"]
    order = range(ndim(x))[::-1] if order is None else normalize_axis_tuple(order, ndim(x))
    return np.transpose(t, (0, *(axis + 1 for axis in order)))


def from_end(axis: Any, rank: int) -> Any:
    """The same axis or axes as negative numbers, which are valid with K in front too. A number has
    none, though ufuncs let its axis be called 0 or −1."""
    if axis is None or not rank:
        return tuple(range(-rank, 0))
    if np.ndim(axis):
        return tuple(a - rank for a in normalize_axis_tuple(axis, rank, allow_duplicate=True))
    return operator.index(axis) % rank - rank


def size(x: Any) -> int:
    return math.prod(shape(x))


linear(same_order, np.reshape, np.ravel, np.squeeze, np.expand_dims)
linear(transposed, np.transpose)
linear(
    along,
    *(np.sum, np.mean, np.trace, np.diagonal, np.swapaxes, np.moveaxis, np.flip, np.rot90),
    *(np.split, np.array_split, np.lib.stride_tricks.sliding_window_view),
    *(np.fft.fftshift, np.fft.ifftshift, np.matrix_transpose),
    *(np.linalg.matrix_transpose, np.linalg.diagonal, np.linalg.trace),
    *optional("unstack"),
)
linear(flattening, np.cumsum, np.roll, np.repeat, np.take, np.delete, *optional("cumulative_sum"))
linear(
    gather,
    *(np.tile, np.resize, np.diag, np.diagflat, np.triu, np.tril, np.rollaxis),
    *(np.fliplr, np.flipud, np.hsplit, np.vsplit, np.dsplit),
)


def by_index(function: Any) -> None:
    """Refuse orders "A" and "K": they follow the layout in memory, which a value and its tangent
    need not share."""
    rule = FUNCTIONS[function]

    def with_order(*args: Any, **kwargs: Any) -> Any:
        """linear: f(ẋ)"""
        if any(isinstance(option, str) and option in "AK" for option in (*args, *kwargs.values())):
            raise TypeError(f"{qualified(function)} of a dual number takes the order 'C' or 'F'")
        return rule(*args, **kwargs)

    FUNCTIONS[function] = with_order


by_index(np.reshape)
by_index(np.ravel)


def unchanged(*functions: Any) -> None:
    """Register functions that copy, or add a piecewise constant: the tangent is ẋ."""
    for function in functions:
        FUNCTIONS[function] = unchanged_rule(function)


def unchanged_rule(function: Any) -> Function:
    signature = inspect.signature(function)

    def rule(*args: Any, **kwargs: Any) -> Any:
        """linear up to constants: ẋ"""
        options = dict(signature.bind(*args, **kwargs).arguments)
        x = options.pop(next(iter(signature.parameters)))
        first_only(function, x, options.values())
        level, (primal,), _, directions = unpack([x])
        return finish(function(primal, **options), x.tangent, level, directions)

    return rule


unchanged(np.copy, np.real, np.real_if_close, np.unwrap)


@implements(np.astype)
def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> Any:
    """linear: f(ẋ)"""
    return x.astype(dtype)


def at_least(function: Any) -> Function:
    def rule(*arys: Any) -> Any:
        """linear: f(ẋ)"""
        if len(arys) != 1:
            return tuple(map(function, arys))
        return np.reshape(arys[0], shape(function(np.empty(shape(arys[0]), bool))))

    return rule


for _function in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    FUNCTIONS[_function] = at_least(_function)


@implements(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """linear: f(ẋ)"""
    level, (x,), (t,), directions = unpack([array])
    z = np.broadcast_to(x, shape)
    # The tangent keeps its short axes: broadcasting it costs nothing.
    return make(z, lifted(t, ndim(z) - ndim(x), directions), level, directions)


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """linear: f(ẋ)"""
    common = np.broadcast_shapes(*map(shape, args))
    return tuple(np.broadcast_to(a, common) for a in args)


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """linear: f(ẋ)"""
    first_only(np.take_along_axis, arr, [indices])
    if axis is None:
        return np.take(np.ravel(arr), indices)
    level, (x,), _, directions = unpack([arr])
    z = np.take_along_axis(x, indices, axis)
    if directions is None:
        t = np.take_along_axis(arr.tangent, indices, axis)
    else:
        t = np.take_along_axis(arr.tangent, indices[None], from_end(axis, ndim(x)))
    return finish(z, t, level, directions)


MOVING_PADS = ("constant", "edge", "reflect", "symmetric", "wrap")


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0) -> Any:
    """linear: f(ẋ), with zeros where constants are filled in"""
    if mode not in MOVING_PADS or isinstance(constant_values, Dual):
        raise TypeError(
            f"np.pad of a dual number takes the modes {', '.join(MOVING_PADS)}, with plain "
            "constant_values; build others with np.concatenate"
        )
    level, (x,), _, directions = unpack([array])
    fill = {"constant_values": constant_values} if mode == "constant" else {}
    z = np.pad(x, pad_width, mode, **fill)
    if directions is None:
        t = np.pad(array.tangent, pad_width, mode)
    else:
        t = gather(np.pad, x, z, array.tangent, {"pad_width": pad_width, "mode": mode}, {})
    return finish(z, t, level, directions)


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    """linear: f(ẋ)"""
    first_only(np.gradient, f, varargs)
    level, (x,), _, directions = unpack([f])
    z = np.gradient(x, *varargs, axis=axis, edge_order=edge_order)
    t = np.gradient(f.tangent, *varargs, axis=from_end(axis, ndim(x)), edge_order=edge_order)
    return rewrap(z, t, level, directions)


@implements("getitem")
def getitem(x: Dual, index: Any) -> Any:
    """linear: ẋ[index], for every kind of index"""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, Dual) for part in parts):
        raise TypeError("a dual number cannot be an index; use x.primal.astype(int)")
    level, (primal,), _, directions = unpack([x])
    if not hasattr(primal, "shape"):
        primal = np.float64(primal)
    z = primal[index]
    if directions is None:
        t = x.tangent[index]
    elif separated(parts):
        t = gather(lambda numbers: numbers[index], primal, z, x.tangent, {}, {})
    else:
        t = x.tangent[(slice(None), *parts)]
    return finish(z, t, level, directions)


def separated(parts: tuple[Any, ...]) -> bool:
    """Whether a slice stands between advanced indices. NumPy then moves their axes to the front,
    where the directions are."""
    slices = [part is None or part is Ellipsis or isinstance(part, slice) for part in parts]
    numbers = [isinstance(part, int | np.integer) and type(part) is not bool for part in parts]
    if all(map(operator.or_, slices, numbers)):
        return False
    last = len(slices) - 1 - slices[::-1].index(False)
    return any(slices[slices.index(False) : last])


# --- several arrays into one -----------------------------------------------------------------------


@implements(np.concatenate)
def concatenate(
    arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    """linear: f(ẋ, ẏ, …)"""
    if axis is None:
        arrays, axis = [np.ravel(a) for a in arrays], 0
    level, primals, tangents, directions = unpack(list(arrays))
    z = np.concatenate(primals, axis=axis, dtype=dtype, casting=casting)
    lead = () if directions is None else (directions,)
    parts = [
        np.zeros(lead + shape(x), z.dtype) if t is None else np.broadcast_to(t, lead + shape(x))
        for x, t in zip(primals, tangents, strict=True)
    ]
    return finish(z, np.concatenate(parts, axis=from_end(axis, ndim(z))), level, directions)


@implements(np.stack)
def stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    """linear: f(ẋ, ẏ, …)"""
    arrays = list(arrays)
    if len({shape(a) for a in arrays}) != 1:
        raise ValueError(
            f"np.stack needs arrays of one shape, got {sorted({shape(a) for a in arrays})}"
        )
    parts = [np.expand_dims(a, axis) for a in arrays]
    return np.concatenate(parts, axis=axis, dtype=dtype, casting=casting)


def joined(prepare: Function, axis: Callable[[int], int]) -> Function:
    def rule(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
        """linear: f(ẋ, ẏ, …)"""
        arrays = [prepare(a) for a in tup]
        return np.concatenate(arrays, axis=axis(ndim(arrays[0])), dtype=dtype, casting=casting)

    return rule


def column(a: Any) -> Any:
    return np.atleast_2d(a).T if np.ndim(a) < 2 else a


implements(np.vstack)(joined(np.atleast_2d, lambda rank: 0))
implements(np.hstack)(joined(np.atleast_1d, lambda rank: 0 if rank == 1 else 1))
implements(np.dstack)(joined(np.atleast_3d, lambda rank: 2))
implements(np.column_stack)(joined(column, lambda rank: 1))


@implements(np.block)
def block(arrays: Any) -> Any:
    """linear: f(ẋ, ẏ, …)"""
    depth, rank = nesting(arrays), max(ndim(a) for a in leaves(arrays))
    rank = max(depth, rank)

    def join(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return np.concatenate([join(p, level + 1) for p in part], axis=level - depth)
        return np.reshape(part, (1,) * (rank - ndim(part)) + shape(part))

    return join(arrays, 0)


def nesting(arrays: Any) -> int:
    return 1 + nesting(arrays[0]) if isinstance(arrays, list) else 0


def leaves(value: Any) -> Iterator[Any]:
    """What stands in nested lists, tuples and dictionaries."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)
    elif isinstance(value, dict):
        yield from leaves(list(value.values()))
    else:
        yield value


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """linear: f(ẋ, ẏ, …)"""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"np.meshgrid: indexing is {indexing!r}; it can be 'xy' or 'ij'")
    order = [1, 0, *range(2, len(xi))] if indexing == "xy" and len(xi) > 1 else range(len(xi))
    sides = [[-1 if i == axis else 1 for axis in order] for i in range(len(xi))]
    grids = tuple(np.reshape(x, side) for x, side in zip(xi, sides, strict=True))
    return grids if sparse else np.broadcast_arrays(*grids)


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """linear: f(ẋ, ẏ); the condition looks at the primal"""
    condition = base(condition)
    if x is None and y is None:
        return np.where(condition)
    if not isinstance(x, Dual) and not isinstance(y, Dual):
        return np.where(condition, x, y)
    level, primals, tangents, directions = unpack([x, y])
    z = np.where(condition, *primals)
    terms = [
        0 if t is None else lifted(t, ndim(z) - ndim(p), directions)
        for p, t in zip(primals, tangents, strict=True)
    ]
    return finish(z, np.where(condition, *terms), level, directions)


# --- products --------------------------------------------------------------------------------------


@implements(np.matmul, np.linalg.matmul)
def matmul(x: Any, y: Any) -> Any:
    """ẋ y + x ẏ, with one term where one factor is a constant"""
    level, (x, y), (dx, dy), directions = unpack([x, y])
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
            flat = np.matmul(np.reshape(a, (math.prod(rows[:-1]), rows[-1])), b)
            return np.reshape(flat, (*rows[:-1], shape(b)[-1]))
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


def bilinear(*functions: Any) -> None:
    """Register functions that are linear in each of their first two arguments."""
    for function in functions:
        FUNCTIONS[function] = bilinear_rule(function)


def bilinear_rule(function: Any) -> Function:
    def rule(*args: Any, **kwargs: Any) -> Any:
        """bilinear: f(ẋ, y) + f(x, ẏ)"""
        if len(args) < 2:
            bound = inspect.signature(function).bind(*args, **kwargs)
            args, kwargs = bound.args, bound.kwargs
        x, y, *options = args
        if function is np.outer and options:
            refuse_out(function, options.pop())
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


def each(f: Function, x: Dual, z: Any) -> Any:
    """f of the tangent, direction by direction."""
    if x.directions is None:
        return f(x.tangent)
    if not x.directions:
        return np.zeros((0, *shape(z)), dtype_of(z))
    return np.stack([f(t) for t in x.tangent])


bilinear(
    *(np.inner, np.outer, np.vdot, np.kron, np.cross, np.tensordot, np.convolve, np.correlate),
    *(np.linalg.outer, np.linalg.cross, np.linalg.tensordot),
)


# In the order of their codes, which is that of the axes of an output not written out.
LETTERS = string.ascii_uppercase + string.ascii_lowercase


@implements(np.einsum)
def einsum(*operands: Any, out: Any = None, **kwargs: Any) -> Any:
    """multilinear: Σᵢ f(x₁, …, ẋᵢ, …, xₙ)"""
    subscripts, *arrays = operands if isinstance(operands[0], str) else spelled(operands)
    level, primals, tangents, directions = unpack(arrays)
    z = np.einsum(subscripts, *primals, **kwargs)
    kwargs.setdefault("optimize", True)
    inputs, result = explicit(subscripts)
    k = next(letter for letter in LETTERS if letter not in subscripts)
    total = None
    for i, t in enumerate(tangents):
        if t is not None:
            factors, names, output = list(primals), list(inputs), result
            factors[i] = arrays[i].tangent
            if directions is not None:
                names[i], output = k + names[i], k + result
            term = np.einsum(f"{','.join(names)}->{output}", *factors, **kwargs)
            total = term if total is None else total + term
    return finish(z, total, level, directions)


def spelled(operands: Any) -> list[Any]:
    """The form einsum(x, [0, 1], y, [1, 2], [0, 2]) in the letters of einsum("AB,BC->AC", x, y)."""
    arrays, lists = operands[: len(operands) // 2 * 2 : 2], operands[1::2]
    words = ["".join("..." if i is Ellipsis else LETTERS[i] for i in part) for part in lists]
    subscripts = ",".join(words)
    if len(operands) % 2:
        output = "".join("..." if i is Ellipsis else LETTERS[i] for i in operands[-1])
        subscripts += f"->{output}"
    return [subscripts, *arrays]


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
            FUNCTIONS[function] = checked(function, composed_rule(function, definition), definition)
        return definition

    return register


def composed_rule(function: Any, definition: Function) -> Function:
    def rule(*args: Any, **kwargs: Any) -> Any:
        operands = list(map(operand, leaves([args, kwargs])))
        level = max(x.level for x in operands if isinstance(x, Dual))
        args_below, kwargs_below = stripped(args, level), stripped(kwargs, level)
        # NumPy looks for duals of an outer level in some arguments only; this rule does in all.
        nested = any(isinstance(x, Dual) for x in leaves([args_below, kwargs_below]))
        z = (rule if nested else function)(*args_below, **kwargs_below)
        outcome = definition(*args, **kwargs)
        if not nested and differ(z, outcome):
            raise TypeError(
                f"{qualified(function)} gives another value for these arguments than the way on "
                "which its tangent is computed, so that tangent cannot be trusted; write the "
                "function out with others that have a rule"
            )
        return paired(z, outcome, level)

    return rule


def stripped(value: Any, level: int) -> Any:
    """Arguments with the duals of this level replaced by their primals."""
    if isinstance(value, Dual):
        return value.primal if value.level == level else value
    if isinstance(value, dict):
        return {key: stripped(v, level) for key, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(stripped(v, level) for v in value)
    return value


def differ(z: Any, outcome: Any) -> bool:
    """Whether NumPy's primal and that of the longer way are apart by more than their rounding."""
    if isinstance(z, tuple):
        return any(map(differ, z, outcome))
    if not isinstance(outcome, Dual):
        return False
    a, b = np.asarray(z), np.asarray(base(outcome))
    if a.shape != b.shape or a.dtype.kind != "f" or (a == b).all():  # most ways agree to the bit
        return a.shape != b.shape
    finite = np.isfinite(a) & np.isfinite(b)
    size = np.max(np.abs(a), initial=1.0, where=finite)
    return bool(np.any(np.abs(a - b) > size * np.finfo(a.dtype).eps ** 0.25, where=finite))


def paired(z: Any, outcome: Any, level: int) -> Any:
    """NumPy's primal with the tangent of the longer way."""
    if isinstance(z, tuple):
        parts = [paired(a, b, level) for a, b in zip(z, outcome, strict=True)]
        return type(z)(*parts) if hasattr(z, "_fields") else tuple(parts)
    if isinstance(outcome, Dual) and outcome.level == level:
        return finish(z, outcome.tangent, level, outcome.directions)
    return z


# --- what only looks at the primal -------------------------------------------------------------------


def constant(*functions: Any) -> None:
    """Register functions whose result does not change with the tangent: it is a plain value."""
    for function in functions:
        FUNCTIONS[function] = constant_rule(function)


def constant_rule(function: Any) -> Function:
    def rule(*args: Any, **kwargs: Any) -> Any:
        """constant: it looks at the primal"""
        return function(*bare(args), **bare(kwargs))

    return rule


def bare(value: Any) -> Any:
    """The value with every dual in it replaced by its base."""
    if isinstance(value, dict):
        return {key: bare(v) for key, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(bare(v) for v in value)
    return base(value)


constant(
    *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.common_type),
    *(np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal, np.imag, np.angle),
    *(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort),
    *(np.searchsorted, np.digitize, np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero),
    *(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.einsum_path),
    *(np.any, np.all, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin),
    *(np.round, np.around, np.fix, np.isposinf, np.isneginf, np.linalg.matrix_rank),
    *(np.zeros_like, np.ones_like, np.empty_like),
)


@implements(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True,
              shape: Any = None, *, device: Any = None) -> Any:  # fmt: skip
    """linear in the value filled in, constant in the array it copies the shape of"""
    dtype = dtype_of(a) if dtype is None else dtype
    shape = np.shape(a) if shape is None else shape
    if not isinstance(fill_value, Dual):
        return np.full_like(base(a), fill_value, dtype=dtype, shape=shape)
    return np.broadcast_to(fill_value.astype(dtype), shape)


# --- ufuncs with several results, and methods of ufuncs ----------------------------------------------


@implements(np.divmod)
def divmod_(x: Any, y: Any) -> Any:
    """constant, and as np.remainder"""
    return np.floor_divide(x, y), np.remainder(x, y)


@implements(np.modf)
def modf(x: Any) -> Any:
    """the fraction moves with ẋ, the integral part is constant"""
    level, (primal,), (t,), directions = unpack([x])
    fraction, integral = np.modf(primal)
    return finish(fraction, t, level, directions), base(integral)


def reduction(function: Any) -> Function:
    def rule(array: Any, axis: Any = 0, dtype: Any = None, out: Any = None,
             keepdims: bool = False, **options: Any) -> Any:  # fmt: skip
        """as the function of the same name, over axis 0 unless another is given"""
        first_only(function, array)
        if dtype is not None:
            options["dtype"] = dtype
        return function(array, axis=axis, keepdims=keepdims, **options)

    return rule


def accumulation(function: Any) -> Function:
    def rule(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        """as the function of the same name, over axis 0 unless another is given"""
        return function(array, axis=axis, dtype=dtype)

    return rule


def method(name: str, ufunc: Any, function: Any, form: Callable[[Any], Function]) -> None:
    FUNCTIONS[ufunc, name] = checked(function, form(function), form(function))


method("reduce", np.add, np.sum, reduction)
method("reduce", np.multiply, np.prod, reduction)
method("reduce", np.maximum, np.max, reduction)
method("reduce", np.minimum, np.min, reduction)
method("accumulate", np.add, np.cumsum, accumulation)
method("accumulate", np.multiply, np.cumprod, accumulation)
