"""The dual number a + bε over NumPy arrays, a value with its derivative. Three ideas carry it.

Shape law. `tangent.shape == primal.shape`, or `(K, *primal.shape)` for K directions at once. The
directions lead, so that NumPy's broadcasting of trailing axes lets one rule `g * tangent` serve
both. Inside, `_tangent` may keep axes of length 1 along which it does not vary: a seed shared by
a batch then costs nothing per sample.

Levels. Every differentiation opens a level of its own. In any operation the highest level wins
and everything else is a constant, be it a float, an array or a dual of an outer differentiation.
Rules call NumPy on whatever they receive, so derivatives nest to any order.

Never silently wrong. A NumPy function without a rule raises, and so does every conversion that
would drop a tangent.
"""

from __future__ import annotations

import numbers
import operator
from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Any, TypeAlias, Union

import numpy as np

from dualedu.core import rules  # noqa: F401, it enters the rules that INFIX takes
from dualedu.internals.appearance import appearance
from dualedu.internals.array_methods import ArrayMethods
from dualedu.internals.complex_values import COMPLEX, LINEAR, is_complex, refuse_complex
from dualedu.internals.conversions import NoConversions
from dualedu.internals.keywords import with_keywords, without_out
from dualedu.internals.levels import BY_HAND, OPEN_LEVELS
from dualedu.internals.memory import (
    VIEWS,
    Memory,
    assign,
    in_place,
    is_view,
    kept,
    linked,
    reshape_in_place,
    written,
)
from dualedu.internals.messages import mixed_directions, no_method, no_rule, outlived
from dualedu.internals.registry import RULES, Partial, lookup, public, qualified
from dualedu.internals.shapes import base, dtype_of, is_array, join, ndim, plain, shape, unrepeated
from dualedu.internals.slopes import rest
from dualedu.typing import Number, Real, Truth

Given: TypeAlias = Union[Real, "Dual", Sequence[float], Sequence[Sequence[float]]]
"""What Dual(primal, tangent) takes."""


class Dual(ArrayMethods, NoConversions):
    """A number a + bε, or an array of them: `primal` is a, `tangent` is b, and ε² = 0.

    Operators, indexing and NumPy's functions work on it as on an array, and carry the tangent along
    by the chain rule. A number made by hand belongs to the outermost differentiation: to
    differentiate within a function that is being differentiated, call `jvp`.

    Parameters
    ----------
    primal : float or array_like of float
        The value. Its dtype is kept.
    tangent : float or array_like
        The value's derivative along one direction, of the primal's shape, or along K directions at
        once, of shape `(K, *primal.shape)`. It takes the primal's dtype.

    Attributes
    ----------
    primal : float or ndarray
        The value; a Dual again inside a second derivative.
    directions : int or None
        The number of directions K, or None for one direction without an axis of its own.
    level : int
        The differentiation that the number belongs to; an inner one has a higher level.

    Raises
    ------
    TypeError
        The primal or the tangent is not real floating-point: an integer, complex or an object.
    ValueError
        The tangent's shape is neither the primal's nor that with one axis in front.

    Examples
    --------
    >>> x = Dual(3.0, 1.0)
    >>> x * x
    9.0 + 6.0ε
    >>> np.sin(Dual(np.zeros(2), np.eye(2))).tangent
    array([[1., 0.],
           [0., 1.]])
    """

    __slots__ = ("_tangent", "directions", "level", "memory", "primal")
    primal: Number
    _tangent: Any
    level: int
    directions: int | None
    memory: Memory | None

    def __init__(self, primal: Given, tangent: Given) -> None:
        self.level = 0
        for part in (primal, tangent):
            if isinstance(part, Dual):
                if part.level >= BY_HAND:
                    raise TypeError(
                        "Dual(...) was given a number that is being differentiated; "
                        "to differentiate again inside a function, call jvp there"
                    )
                self.level = max(self.level, part.level + 1)
        self.primal, self._tangent, self.directions = seeded(primal, tangent)
        self.memory = None

    @property
    def tangent(self) -> Number:
        """The derivative part, in full shape: the primal's, or K directions in front of it."""
        t, lead = self._tangent, () if self.directions is None else (self.directions,)
        full = lead + self.shape
        return t if shape(t) == full else np.broadcast_to(t, full)

    # --- what NumPy asks an array-like ---------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs and ORDINARY.issuperset(map(type, args)):
            if (found := lookup(ufunc)) and found.partials:  # a fresh result, linked to nothing
                return call(ufunc, args)
            return linked(lambda: call(ufunc, args), args, view=False)
        out = kwargs.pop("out", None)
        if kwargs and method == "__call__" and (found := lookup(ufunc)) and found.call is None:
            return with_keywords(ufunc, args, kwargs, out)
        if out is not None and all(isinstance(y, Dual) for y in out):
            return written(out, getattr(ufunc, method)(*args, **kwargs))
        if out is not None:
            raise TypeError(
                f"{qualified(ufunc)} would write a dual number into an existing array and lose "
                "its tangent; write y = y + x in place of y += x or out=, or make that array with "
                "like=, np.zeros(n, like=x)"
            )
        if others := strangers(args):
            if any(getattr(x, "__array_ufunc__", None) is not None for x in others):
                return NotImplemented
            raise TypeError(
                f"{qualified(ufunc)} knows no {type(others[0]).__name__} beside a dual number; "
                "make an array of it first"
            )
        if method == "__call__":
            return linked(lambda: call(ufunc, args, kwargs), args, view=False)
        if method == "outer":
            return outer(ufunc, *args, **kwargs)
        if (ufunc, method) not in RULES:
            raise no_method(ufunc, method)
        return call((ufunc, method), args, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func not in RULES:
            func = public(func)
        if (found := RULES.get(func)) is not None and found.kind == "creation":
            return call(func, (self, *args), kwargs)
        args, out = without_out(func, args, kwargs)
        if isinstance(out, Dual):
            return written((out,), func(*args, **kwargs))
        if out is not None:
            raise TypeError(
                f"{qualified(func)} would write a dual number into an existing array and lose "
                "its tangent; call it without out= and use the result"
            )
        return linked(lambda: call(func, args, kwargs), (*args, *kwargs.values()), func in VIEWS)

    __hash__ = NoConversions.__hash__  # a class with __eq__ alone would have none

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.level >= BY_HAND:
            raise TypeError(
                "a dual number that is being differentiated cannot be sent to another process or "
                "stored: it means nothing outside its differentiation. Differentiate in the "
                "process that computes, and send plain numbers; or use threads"
            )
        return make, (self.primal, self._tangent, self.level, self.directions)

    def __deepcopy__(self, memo: Any) -> Dual:
        return self.copy()

    __class__ = property(appearance)  # what isinstance takes it for, besides Dual

    # --- shape ---------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The primal's shape, a tuple of int."""
        return shape(self.primal)

    @shape.setter
    def shape(self, new: tuple[int, ...]) -> None:
        reshape_in_place(self, new)

    @property
    def ndim(self) -> int:
        """The number of axes of the primal."""
        return ndim(self.primal)

    @property
    def size(self) -> int:
        """The number of entries of the primal."""
        return int(np.size(base(self.primal)))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The floating-point dtype that primal and tangent share."""
        return dtype_of(self.primal)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a scalar dual number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Dual]:
        if not self.shape:
            raise TypeError("a scalar dual number cannot be iterated over")
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Dual:
        return linked(lambda: call("getitem", (self, index)), (self,), is_view(self, index))

    def __setitem__(self, index: Any, value: Any) -> None:
        assign(
            self, index, np.array(value, like=self) if isinstance(value, list | tuple) else value
        )

    def __bool__(self) -> bool:
        return bool(base(self))

    def __copy__(self) -> Dual:
        return self.copy()

    # --- arithmetic: methods rather than a mixin, which costs three to four times as much --------

    # fmt: off
    def __add__(self, other: Any) -> Dual: return binary(operator.add, self, other)
    def __radd__(self, other: Any) -> Dual: return binary(operator.add, other, self)
    def __sub__(self, other: Any) -> Dual: return binary(operator.sub, self, other)
    def __rsub__(self, other: Any) -> Dual: return binary(operator.sub, other, self)
    def __mul__(self, other: Any) -> Dual: return binary(operator.mul, self, other)
    def __rmul__(self, other: Any) -> Dual: return binary(operator.mul, other, self)
    def __truediv__(self, other: Any) -> Dual: return binary(operator.truediv, self, other)
    def __rtruediv__(self, other: Any) -> Dual: return binary(operator.truediv, other, self)
    def __pow__(self, other: Any) -> Dual: return binary(operator.pow, self, other)
    def __rpow__(self, other: Any) -> Dual: return binary(operator.pow, other, self)
    def __mod__(self, other: Any) -> Dual: return binary(operator.mod, self, other)
    def __rmod__(self, other: Any) -> Dual: return binary(operator.mod, other, self)
    def __floordiv__(self, other: Any) -> Real: return base(self) // base(other)
    def __rfloordiv__(self, other: Any) -> Real: return base(other) // base(self)
    def __divmod__(self, other: Any) -> tuple[Real, Dual]: return self // other, self % other
    def __rdivmod__(self, other: Any) -> tuple[Real, Dual]: return other // self, other % self
    def __matmul__(self, other: Any) -> Dual: return matmul(self, other)
    def __rmatmul__(self, other: Any) -> Dual: return matmul(other, self)
    def __iadd__(self, other: Any) -> Dual: return in_place(operator.add, self, other)
    def __isub__(self, other: Any) -> Dual: return in_place(operator.sub, self, other)
    def __imul__(self, other: Any) -> Dual: return in_place(operator.mul, self, other)
    def __itruediv__(self, other: Any) -> Dual: return in_place(operator.truediv, self, other)
    def __ipow__(self, other: Any) -> Dual: return in_place(operator.pow, self, other)
    def __imod__(self, other: Any) -> Dual: return in_place(operator.mod, self, other)
    def __ifloordiv__(self, other: Any) -> Dual: return in_place(operator.floordiv, self, other)
    def __imatmul__(self, other: Any) -> Dual: return in_place(operator.matmul, self, other)
    def __neg__(self) -> Dual: return call(np.negative, (self,))
    def __pos__(self) -> Dual: return call(np.positive, (self,))
    def __abs__(self) -> Dual: return call(np.absolute, (self,))
    def __round__(self, digits: int | None = None) -> Real: return np.round(base(self), digits or 0)
    def __lt__(self, other: Any) -> Truth: return base(self) < base(other)
    def __le__(self, other: Any) -> Truth: return base(self) <= base(other)
    def __gt__(self, other: Any) -> Truth: return base(self) > base(other)
    def __ge__(self, other: Any) -> Truth: return base(self) >= base(other)
    def __eq__(self, other: Any) -> Truth: return base(self) == base(other)  # type: ignore[override]
    def __ne__(self, other: Any) -> Truth: return base(self) != base(other)  # type: ignore[override]
    # fmt: on

    # --- copies ----------------------------------------------------------------------------------

    def copy(self, order: Any = "C") -> Dual:
        """A new array with entries of its own, which may be written into.

        Parameters
        ----------
        order : str, optional
            How the entries lie in memory, as in NumPy.

        Returns
        -------
        copy : Dual
            Primal and tangent copied.
        """
        primal = self.primal.copy(order) if hasattr(self.primal, "copy") else self.primal
        return make(primal, self._tangent.copy(), self.level, self.directions)

    def item(self, *index: Any) -> Dual:
        """One element as a scalar dual number.

        Parameters
        ----------
        *index : int
            Its place in the flattened array, or one number an axis; none for a single element.

        Returns
        -------
        element : Dual
            Without axes.

        Raises
        ------
        ValueError
            There is no index and more than one element.
        """
        index = index[0] if len(index) == 1 and isinstance(index[0], tuple) else index
        if not index and self.size != 1:
            raise ValueError(f"item() needs an index: this dual number has {self.size} elements")
        flat = np.ravel(self)
        return flat[0] if not index else flat[index] if len(index) == 1 else self[index]

    def astype(self, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True,
               copy: bool = True) -> Dual:  # fmt: skip
        """The same number in another floating-point dtype, primal and tangent alike.

        Parameters
        ----------
        dtype : dtype
            A floating-point dtype.
        order : str, optional
            How the entries lie in memory, as in NumPy.
        casting : str, optional
            Accepted for NumPy's sake, and without effect.
        subok : bool, optional
            See `casting`.
        copy : bool, optional
            False returns the number itself if it has this dtype already.

        Returns
        -------
        x : Dual
            Of the same shape.

        Raises
        ------
        TypeError
            The dtype is not a floating-point one, and would drop the tangent.
        """
        if not copy and np.dtype(dtype) == self.dtype:
            return self
        if is_complex(self) and np.dtype(dtype).kind == "f":
            raise TypeError(f"astype({np.dtype(dtype)}) would drop imaginary parts; use np.real(x)")
        if np.dtype(dtype).kind not in "fc":
            raise TypeError(
                f"astype({np.dtype(dtype)}) would drop the tangent; "
                "use stop_gradient(x).astype(...) if you want the value alone"
            )
        primal: Any = self.primal if hasattr(self.primal, "astype") else np.float64(self.primal)
        cast = primal.astype(dtype, order)
        return make(cast, self._tangent.astype(dtype), self.level, self.directions)

    # --- how it prints -------------------------------------------------------------------------

    def __repr__(self) -> str:
        from dualedu.core import printing

        return printing.text(self)

    def __format__(self, spec: str) -> str:
        from dualedu.core import printing

        return printing.text(self, spec)

    def _repr_latex_(self) -> str | None:
        from dualedu.core import printing

        return printing.latex(self)


# --- building duals ------------------------------------------------------------------------------


def make(primal: Any, tangent: Any, level: int, directions: int | None) -> Dual:
    """A Dual from parts known to be right, without the checks of the public constructor."""
    x = object.__new__(Dual)
    x.primal, x._tangent, x.level, x.directions = primal, tangent, level, directions
    x.memory = None
    return x


def seeded(primal: Any, tangent: Any, name: str = "") -> tuple[Any, Any, int | None]:
    """Check a primal and its tangent from outside: (primal, tangent, directions)."""
    if type(primal) is type(tangent) is float:
        return primal, np.float64(tangent), None
    where = f"{name}: " if name else ""
    ready = type(primal) is type(tangent) is np.ndarray and primal.dtype == tangent.dtype
    if not (ready and primal.dtype.kind == "f"):
        primal = floating(primal, f"{where}the primal")
        tangent = like(primal, tangent, f"{where}the tangent")
    inner = shape(primal)
    outer = shape(tangent)
    if outer == inner:
        return primal, unrepeated(tangent, 0), None
    if len(outer) == len(inner) + 1 and outer[1:] == inner:
        return primal, unrepeated(tangent, 1), outer[0]
    raise ValueError(
        f"{where}a tangent of shape {outer} does not fit a primal of shape {inner}: it must have "
        f"that shape, or {('K', *inner)} for K directions at once".replace("'K'", "K")
    )


def like(primal: Any, tangent: Any, what: str) -> Any:
    """The tangent in the primal's dtype."""
    dtype = dtype_of(primal)
    if isinstance(tangent, Dual):
        return tangent if tangent.dtype == dtype else tangent.astype(dtype)
    given = plain(tangent, what)
    if given.dtype.kind not in "fiub":
        raise TypeError(f"{what} is {given.dtype}; the derivative of a real number is real")
    return given.astype(dtype, copy=False)[()]


def floating(x: Any, what: str) -> Any:
    """x as a float, an array of floats or a Dual; anything else raises and says what to do."""
    if isinstance(x, float | Dual) or (type(x) is np.ndarray and x.dtype.kind == "f"):
        if not is_complex(x):
            return x
        x = base(x)
    array = plain(x, what)
    if array.dtype.kind in "iub":
        example = f"{float(array):.1f}" if array.ndim == 0 else "x.astype(float)"
        raise TypeError(f"{what} is {array.dtype}: derivatives need floats, use {example}")
    if isinstance(x, dict):
        raise TypeError(
            f"{what} is a dict; give each number or array in it as an argument of its own, "
            "jvp(f, (a, b), (v, w))"
        )
    if array.dtype.kind != "f":
        raise TypeError(
            f"{what} is {'None' if x is None else array.dtype}: dual numbers are real floats "
            "(complex numbers, objects and strings are not supported)"
        )
    return array if isinstance(x, np.ndarray) else array[()]


# --- looking at duals ----------------------------------------------------------------------------


def bare(value: Any) -> Any:
    """The value with every dual in it replaced by its base."""
    if isinstance(value, dict):
        return {key: bare(v) for key, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(bare(v) for v in value)
    return base(value)


ARRAYS = (Dual, np.ndarray, np.generic)
SEQUENCES = (list, tuple)
ORDINARY = frozenset((float, int, bool, np.ndarray, np.float64, np.float32, Dual))
"""Types that are operands as they are: one look spares most calls the way to `operand`."""


def operand(x: Any) -> Any:
    """An operand: lists become arrays, of duals if they hold some; subclasses become `plain`,
    unless their class says that it computes as ndarray does (`dual_operand = True`)."""
    if isinstance(x, list | tuple):
        return join(x)
    if isinstance(x, numbers.Real) and not isinstance(x, numbers.Integral | float | np.generic):
        return float(x)
    if not is_array(x) or getattr(type(x), "dual_operand", False):
        return x
    return plain(x, "an operand")


def strangers(args: Sequence[Any]) -> list[Any]:
    """The operands that are neither numbers nor arrays nor sequences of them, such as a Series:
    their types have a say in what an operation means."""
    return [x for x in args if type(x) not in ORDINARY and not isinstance(x, KNOWN)]


KNOWN = (numbers.Complex, np.generic, np.ndarray, Dual, list, tuple, range)


def unpack(args: Sequence[Any]) -> tuple[int, list[Any], list[Any], int | None]:
    """Split arguments at their highest level: (level, primals, tangents or None, directions)."""
    level, wanted = -1, None
    for x in args:
        if isinstance(x, Dual):
            if x.level > level:
                level, wanted = x.level, x.directions
        elif isinstance(x, SEQUENCES):
            return unpack([operand(y) if isinstance(y, SEQUENCES) else y for y in args])
    if level not in OPEN_LEVELS and level >= 0:
        raise outlived()
    primals: list[Any] = []
    tangents: list[Any] = []
    for x in args:
        if isinstance(x, Dual) and x.level == level:
            if x.directions != wanted:
                raise mixed_directions(wanted, x.directions)
            primals.append(x.primal)
            tangents.append(x._tangent)
        else:
            primals.append(x if type(x) in ORDINARY else operand(x))
            tangents.append(None)
    return level, primals, tangents, wanted


# --- applying rules ------------------------------------------------------------------------------


def call(function: Any, args: Sequence[Any], kwargs: dict[str, Any] | None = None) -> Any:
    """function(*args, **kwargs) by its rule, where at least one argument holds a Dual."""
    found = lookup(function)
    if found is None:
        raise no_rule(function)
    if function not in COMPLEX and (found.kind not in LINEAR or function is np.sign):
        refuse_complex(function, (*args, *kwargs.values()) if kwargs else args)
    if found.call is not None:
        return found.call(*args, **(kwargs or {}))
    if found.kind == "constant":
        return function(*bare(args), **bare(kwargs or {}))
    return apply(function, found.partials, args)


INFIX = {
    operator.add: RULES[np.add],
    operator.sub: RULES[np.subtract],
    operator.mul: RULES[np.multiply],
    operator.truediv: RULES[np.divide],
    operator.pow: RULES[np.power],
    operator.mod: RULES[np.remainder],
}


def binary(operation: Callable[..., Any], x: Any, y: Any) -> Any:
    """An infix operator. Python's own operation on the primals keeps plain floats weak: like a
    literal, a Python float does not widen a float32 array."""
    if not (type(x) in ORDINARY and type(y) in ORDINARY) and strangers((x, y)):
        return NotImplemented
    return apply(operation, INFIX[operation].partials, (x, y))


def matmul(x: Any, y: Any) -> Any:
    """x @ y, by a rule of the type of one of them if it has one."""
    others = strangers((x, y))
    if not others:
        return np.matmul(x, y)
    found = lookup(type(others[0]))
    return NotImplemented if found is None or found.call is None else found.call(x, y)


def apply(function: Callable[..., Any], partials: Sequence[Partial | None], args: Any) -> Any:
    """function(*args) with its tangent Σ partialᵢ(ẋᵢ), for a function that acts elementwise or
    at least keeps the rank of its broadcast arguments."""
    level, primals, tangents, directions = unpack(args)
    z = function(*primals)
    rank = 0 if type(z) is float or type(z) is np.float64 else ndim(z)
    total = None
    for partial, primal, t in zip(partials, primals, tangents, strict=True):
        if t is not None and partial is not None:
            given = lifted(t, rank - ndim(primal), directions) if rank else t
            term = partial(given, z, *primals)
            if type(term) is not np.float64 or not isfinite(term):
                # Passed on, it is a copy if its owner may write into it.
                term = kept(given, args) if term is given else rest(term, given, z)
            total = term if total is None else total + term
    return z if total is None else finish(z, total, level, directions)


def finish(z: Any, tangent: Any, level: int, directions: int | None) -> Any:
    """A Dual from a fresh result: checks its kind, gives the tangent the primal's dtype."""
    kind = type(z)
    if type(tangent) is np.float64 and (kind is np.float64 or kind is float):
        return make(z, tangent, level, directions)
    if kind is type(tangent) is np.ndarray and z.dtype == tangent.dtype and z.dtype.kind == "f":
        return make(z, tangent, level, directions)
    tangent = np.complex128(tangent) if type(tangent) is complex else tangent
    if isinstance(z, ARRAYS):
        if is_array(z):
            z = plain(z, "the result")
        dtype = z.dtype
        if dtype.kind not in "fc" or (dtype.kind == "f" and tangent.dtype.kind == "c"):
            raise TypeError(
                f"the result is {dtype}, and dual numbers are real floats or complex: no tangent "
                "follows into integers, objects, strings; of objects np.array(list(o), like=x)"
            )
        if tangent.dtype != dtype:
            tangent = tangent.astype(dtype)
    elif isinstance(z, complex):  # Python's own
        if np.isnan(base(tangent)).any():
            raise TypeError(f"the result {z} is complex: it is no real fractional power")
        z, tangent = np.complex128(z), tangent + 0j
    elif not isinstance(z, float):
        raise TypeError(
            "a dual number was combined with something that is not a number or an array; the "
            f"result is of type {type(z).__name__}"
        )
    if is_array(tangent) and tangent.ndim == 0 and not is_array(z):
        tangent = tangent[()]
    return make(z, tangent, level, directions)


def lifted(t: Any, missing: int, directions: int | None) -> Any:
    """Give a tangent `missing` leading axes of length 1, behind the axis of directions."""
    if not missing:
        return t
    full = t.shape
    lead = 0 if directions is None else 1
    return t.reshape(full[:lead] + (1,) * missing + full[lead:])


def outer(ufunc: Any, x: Any, y: Any, **kwargs: Any) -> Any:
    """ufunc.outer(x, y): every element of x with every element of y."""
    return ufunc(np.reshape(x, np.shape(x) + (1,) * np.ndim(y)), y, **kwargs)
