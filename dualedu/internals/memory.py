"""Which dual arrays may be written into, and which of them share their memory.

A dual array that the function made itself is written into as NumPy's arrays are: y[i] = …, y += …,
through views, rows, transposes. Value and tangent are two arrays; a write changes both or neither.

    fresh       the result of an operation: nobody looks at its arrays through another dual
    owned       written into, or looked at through a view; owner and views share one `Memory`
    read-only   an argument of the function being differentiated, and every view of one

Where NumPy would share memory and a dual number cannot, writing raises.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from dualedu.internals.levels import OPEN_LEVELS
from dualedu.internals.registry import optional
from dualedu.internals.shapes import base, is_array, is_dual, shape

if TYPE_CHECKING:
    from dualedu.core.dual import Dual


class Memory:
    """What a dual array and its views share; `refusal` says why none of them may change.

    `moved` is the part last written into and the part that it was read from, where both are parts
    of this memory and no view has been taken since.
    """

    __slots__ = ("moved", "refusal")

    def __init__(self, refusal: str | None = None) -> None:
        self.refusal = refusal
        self.moved: tuple[Any, Any] | None = None


ARGUMENT = Memory(
    "it is an argument of the function being differentiated, or a view of one, and the caller's "
    "arrays never change; begin with x = x.copy()"
)

PARTED = (
    "NumPy's result would share memory with it and that of a dual number could not; write into a "
    "copy, y = y.copy(), before taking views of it"
)


READ_ONLY = (
    "NumPy keeps it read-only, as the results of np.broadcast_to and np.diagonal and arrays that "
    "were set so; take a copy first, y = y.copy()"
)


class _Probe:
    __slots__ = ("primal",)
    primal: Any


def _references_of_one_owner() -> int:
    probe = _Probe()
    probe.primal = np.empty(1)
    return sys.getrefcount(probe.primal)


ALONE = _references_of_one_owner()
"""What sys.getrefcount says of an array that one attribute holds and nobody else."""


def own(x: Any) -> None:
    """Make sure that nobody else sees the two arrays of x, unless x has an owner already.

    Rules pass tangents on (that of x + 1 is that of x), and broadcasting keeps them short. So the
    arrays are copied here, once, unless x alone refers to them.
    """
    if x.memory is not None:
        return
    if is_array(x.primal) and not x.primal.flags.writeable:
        x.memory = Memory(READ_ONLY)
        return
    full = x.shape if x.directions is None else (x.directions, *x.shape)
    if is_dual(x.primal):
        x.primal = laid_out(x.primal, base(x))
    elif not (alone(x.primal) and sys.getrefcount(x.primal) <= ALONE):
        x.primal = np.array(x.primal)
    if is_dual(x._tangent) or not (
        np.shape(x._tangent) == full
        and alone(x._tangent)
        and sys.getrefcount(x._tangent) <= ALONE
        and x._tangent.strides[len(full) - x.ndim :] == base(x).strides
    ):
        x._tangent = laid_out(np.broadcast_to(x._tangent, full), base(x))
    inner = levels(x.primal) | levels(x._tangent)
    if inner:  # both halves take numbers of all the levels that one of them has
        x.primal = with_levels(x.primal, inner)
        x._tangent = with_levels(x._tangent, inner)
    x.memory = Memory()


def laid_out(t: Any, like: Any) -> Any:
    """A copy of t with its last axes in memory as those of `like`, so that a reshape of both is a
    view of both or of neither."""
    if is_dual(t):
        return twin(t, laid_out(t.primal, like), laid_out(t.tangent, like))
    lead = t.ndim - like.ndim
    order = [*range(lead), *(lead + np.argsort([-n for n in like.strides], kind="stable"))]
    made = np.empty([t.shape[i] for i in order], t.dtype).transpose(np.argsort(order))
    made[...] = t
    return made


def levels(x: Any) -> dict[int, Dual]:
    """The levels in a number, each with a dual of that level."""
    return {x.level: x} | levels(x.primal) | levels(x._tangent) if is_dual(x) else {}


def with_levels(a: Any, wanted: dict[int, Dual]) -> Any:
    """a as a dual of all these levels, constant in those that it had not."""
    if not wanted:
        return a
    level = max(wanted)
    rest = {other: like for other, like in wanted.items() if other != level}
    like = wanted[level]
    if level_of(a) == level:
        primal, tangent = a.primal, a.tangent
    else:
        lead = () if like.directions is None else (like.directions,)
        primal, tangent = a, np.zeros((*lead, *np.shape(a)), like.dtype)
    return twin(like, with_levels(primal, rest), with_levels(tangent, rest))


def twin(like: Any, primal: Any, tangent: Any) -> Any:
    """A dual of like's level and directions, of these two halves."""
    dual: Any = object.__new__(type(like))
    dual.primal, dual._tangent = primal, tangent
    dual.level, dual.directions, dual.memory = like.level, like.directions, None
    return dual


def level_of(x: Any) -> int:
    return x.level if is_dual(x) else -1


def alone(array: Any) -> bool:
    """Whether an array has its memory to itself, as far as the array knows."""
    return type(array) is np.ndarray and array.base is None and bool(array.flags.writeable)


# --- views ---------------------------------------------------------------------------------------

NAMES = """reshape ravel squeeze expand_dims transpose matrix_transpose swapaxes moveaxis rollaxis
flip fliplr flipud rot90 split array_split hsplit vsplit dsplit unstack diagonal diag broadcast_to
broadcast_arrays atleast_1d atleast_2d atleast_3d real imag real_if_close astype
einsum diff polyder polyint meshgrid nan_to_num linalg.diagonal linalg.matrix_power
linalg.matrix_transpose lib.stride_tricks.sliding_window_view"""
VIEWS = set(optional(*NAMES.split()))
"""NumPy functions whose result may show entries of their argument: both then share memory."""


def linked(function: Callable[..., Any], arguments: Iterable[Any], view: bool) -> Any:
    """function() with the memory of its result settled; `view`: it may show entries of arguments.

    Before a view is taken its source gets an owner, so that later writes are seen through both.
    """
    sources = [x for x in arguments if is_dual(x) and (view or x.memory is not None)]
    for source in sources:
        if source.memory is None and is_array(base(source)):
            own(source)
        if view and source.memory is not None:
            source.memory.moved = None
    result = function()
    for source in sources:
        if source.memory is not None:
            link(result, source)
    return result


def link(result: Any, source: Dual) -> None:
    """Tell the duals in a result that they share the source's memory, or part them from it."""
    if isinstance(result, list | tuple):
        for part in result:
            link(part, source)
    elif is_dual(result) and result is not source:
        value = overlap(result.primal, source.primal)
        empty = not np.size(base(result._tangent))  # along no direction
        tangent = empty or overlap(result._tangent, source._tangent)
        if source.memory is ARGUMENT:  # its arrays never change: what shows them cannot either
            result.memory = ARGUMENT if value else result.memory
        elif value and tangent:
            result.memory = source.memory
        elif value and source.memory is not None:
            source.memory.refusal = PARTED
            result.memory = Memory(PARTED)
        elif tangent:  # a rule passed it on; the source may be written into
            result._tangent = result._tangent.copy()


def overlap(a: Any, b: Any) -> bool:
    if is_dual(a) and is_dual(b):
        return a is b or (a.memory is not None and a.memory is b.memory)
    return is_array(a) and is_array(b) and np.may_share_memory(a, b)


def kept(tangent: Any, args: Iterable[Any]) -> Any:
    """A tangent that a rule passes on unchanged, safe from writes into the array it belongs to."""
    for x in args:
        if is_dual(x) and x.memory is not None and x.memory is not ARGUMENT:
            return tangent.copy()
    return tangent


# --- writing -------------------------------------------------------------------------------------


def check_writable(x: Any) -> None:
    """Raise unless value and tangent of x, down to the plain arrays, may be written into."""
    if not is_dual(x):
        if not isinstance(x, np.ndarray):
            raise TypeError(
                "a scalar dual number has no entries to assign to; give its name a new value, x = …"
            )
        if not x.flags.writeable:
            raise ValueError(f"this dual array cannot be written into: {READ_ONLY}")
        return
    if x.level not in OPEN_LEVELS:
        raise RuntimeError(
            "this dual array has outlived its differentiation and cannot be written into; build "
            "the array inside the function that is differentiated, and return it"
        )
    own(x)
    refusal = x.memory.refusal if x.memory is not None else None
    if refusal is not None:
        error = ValueError if refusal is READ_ONLY else TypeError
        raise error(f"this dual array cannot be written into: {refusal}")
    check_writable(x.primal)
    check_writable(x._tangent)


def assign(x: Any, index: Any, value: Any) -> None:
    """Write x[index] = value, for the value and its tangent together.

    Parameters
    ----------
    x : Dual
        The array written into.
    index : object
        Of any kind that NumPy knows.
    value : number, array, Dual or nested list of them
        A constant, or a dual number of x's level or below, that broadcasts to x[index].

    Raises
    ------
    TypeError
        x is read-only, the value belongs to an inner differentiation or is complex, or the index
        carries a tangent.
    ValueError
        The value does not fit the shape of x[index].
    """
    parts = index if isinstance(index, tuple) else (index,)
    if any(map(is_dual, parts)):
        raise TypeError(
            "a dual number cannot be an index: its tangent would be lost; use "
            "np.floor(x).astype(int)"
        )
    check_writable(x)
    target = np.shape(np.broadcast_to(0.0, x.shape)[index])
    primal, tangent = halves(x, value)
    if is_dual(value) and value.memory is x.memory is not None:
        check_no_swap(x.memory, base(x)[index], base(value))
    primal, tangent = fitted(primal, tangent, x.directions, target)
    x.primal[index] = primal
    if x.directions is None:
        x._tangent[index] = tangent
    elif separated(parts):
        # NumPy moves the axes of these indices to the front, where the directions are.
        for k in range(x.directions):
            x._tangent[k][index] = tangent[k] if np.ndim(tangent) else tangent
    else:
        x._tangent[(slice(None), *parts)] = tangent


def check_no_swap(memory: Memory, target: Any, source: Any) -> None:
    """Raise where rows change places by x[i], x[j] = x[j], x[i]: what is written second has been
    overwritten by the first. A plain array loses a row so without a word, and np.random's shuffle,
    which has another way for plain arrays, would do it to a dual one."""
    moved = memory.moved
    if moved and same_part(target, moved[1]) and same_part(source, moved[0]):
        raise ValueError(
            "x[i], x[j] = x[j], x[i] does not swap rows: x[i] is a view, and is overwritten before "
            "it is read. Write x[[i, j]] = x[[j, i]]; in place of rng.shuffle(x) write "
            "x = x[rng.permutation(len(x))]"
        )
    memory.moved = None if same_part(target, source) else (target, source)


def same_part(a: Any, b: Any) -> bool:
    """Whether two arrays show the same entries of one memory."""
    if not (is_array(a) and is_array(b)):
        return False
    return a.__array_interface__["data"] == b.__array_interface__["data"] and a.shape == b.shape


def halves(x: Dual, value: Any) -> tuple[Any, Any]:
    """The value and the tangent (0 for a constant) that go into the two arrays of x."""
    if not is_dual(value):
        value = np.asarray(value)
        check_kind(x, value)
        return value, 0.0
    check_kind(x, value)
    if value.level > x.level:
        raise TypeError(
            "a number of an inner differentiation cannot be stored in an array that an outer one "
            "made: its tangent would be lost. Make the array inside the inner function, with "
            "like=: np.zeros(n, like=x), where x is what that function differentiates"
        )
    if value.level == x.level:
        if value.directions != x.directions:
            raise ValueError(
                f"the value carries {value.directions or 'one'} and the array "
                f"{x.directions or 'one'} direction(s): numbers that meet must be seeded alike"
            )
        primal, tangent = value.primal, value._tangent
    else:
        primal, tangent = value, 0.0
    if level_of(primal) > level_of(x.primal) or level_of(tangent) > level_of(x._tangent):
        raise TypeError(
            "this array was made from numbers that are constant in an outer differentiation, and "
            "the value assigned is not: make the array like the value, np.zeros(n, like=value)"
        )
    return primal, tangent


def check_kind(x: Dual, value: Any) -> None:
    if value.dtype.kind == "c" and x.dtype.kind != "c":
        raise TypeError(
            "the value assigned is complex, and the array is real; take np.real of the value, or "
            "make the array with dtype=complex"
        )


def fitted(primal: Any, tangent: Any, directions: int | None, target: tuple[int, ...]) -> Any:
    """The halves of a value, with as many axes as x[index] has, behind that of the directions."""
    inner = np.shape(primal)
    surplus = len(inner) - len(target)
    fits = all(a in (1, b) for a, b in zip(inner[::-1], target[::-1], strict=False))
    if not fits or any(length != 1 for length in inner[: max(surplus, 0)]):
        raise ValueError(f"a value of shape {inner} does not fit into a part of shape {target}")
    if surplus > 0:
        primal = np.reshape(primal, inner[surplus:])
    if np.ndim(tangent):
        lead = 0 if directions is None else 1
        shape = np.shape(tangent)
        kept = shape[lead:][max(surplus, 0) :]
        tangent = np.reshape(tangent, shape[:lead] + (1,) * max(-surplus, 0) + kept)
    return primal, tangent


def separated(parts: tuple[Any, ...]) -> bool:
    """Whether a slice stands between advanced indices, whose axes NumPy then moves to the front."""
    slices = [part is None or part is Ellipsis or isinstance(part, slice) for part in parts]
    numbers = [isinstance(part, int | np.integer) and type(part) is not bool for part in parts]
    if all(map(operator.or_, slices, numbers)):
        return False
    last = len(slices) - 1 - slices[::-1].index(False)
    return any(slices[slices.index(False) : last])


def written(out: tuple[Any, ...], result: Any) -> Any:
    """The result of a function, written into the dual arrays that its out= named."""
    results = result if isinstance(result, tuple) else (result,)
    for y, z in zip(out, results, strict=True):
        if shape(z) != y.shape:
            raise ValueError(f"out= has the shape {y.shape}, and the result {shape(z)}")
        assign(y, ..., z)
    return out if isinstance(result, tuple) else out[0]


def in_place(operation: Callable[..., Any], x: Dual, other: Any) -> Any:
    """x += other and its like: an array changes, without axes too; a scalar, which is no array,
    gives its name a new value."""
    scalar = not is_array(base(x))
    if not scalar:
        check_writable(x)
    z = operation(x, other)
    if scalar:
        return z
    if shape(z) != x.shape:
        raise ValueError(
            f"an array of shape {x.shape} cannot be changed in place into one of shape {shape(z)}; "
            "give the result a name of its own"
        )
    assign(x, ..., z)
    return x


def check_array(x: Dual) -> None:
    """Raise for a scalar: as NumPy's, it has no parts that can be set."""
    if not is_array(base(x)):
        raise AttributeError("this dual number is a scalar; its shape and parts cannot be set")


def reshape_in_place(x: Dual, new: Any) -> None:
    """x.shape = new: the same memory in another shape; arrays that would be copied raise."""
    check_array(x)
    seen: Any = np.reshape(x, new)
    if seen.memory is not x.memory:
        raise AttributeError(
            "y.shape = … works where no entry has to move in memory; write y = y.reshape(…)"
        )
    x.primal, x._tangent = seen.primal, seen._tangent


def is_view(x: Dual, index: Any) -> bool:
    """Whether x[index] is an array that shows entries of x, as NumPy's basic indices give."""
    parts = index if isinstance(index, tuple) else (index,)
    numbers = 0
    for part in parts:
        if isinstance(part, int | np.integer) and type(part) is not bool:
            numbers += 1
        elif not (part is None or part is Ellipsis or isinstance(part, slice)):
            return False
    return numbers < x.ndim or len(parts) > numbers
