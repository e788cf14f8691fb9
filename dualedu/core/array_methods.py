"""The methods and attributes of arrays that people write, x.sum() for np.sum(x)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy
from numpy.typing import NDArray

from dualedu.typing import Places, Real, Truth

if TYPE_CHECKING:
    from dualedu.core.dual import Dual

# NumPy's own types say that its functions return arrays; of a dual number they return duals.
np: Any = numpy


class ArrayMethods:
    """Each hands over to NumPy's function of its name, which finds the rule."""

    __slots__ = ()

    @property
    def mT(self: Any) -> Dual:
        return np.matrix_transpose(self)

    @property
    def T(self: Any) -> Dual:
        return np.transpose(self)

    @property
    def imag(self: Any) -> Real:
        return np.imag(self)

    @property
    def real(self: Any) -> Dual:
        return np.real(self)

    def sum(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.sum(self, *args, **kwargs)

    def mean(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.mean(self, *args, **kwargs)

    def prod(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.prod(self, *args, **kwargs)

    def cumsum(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.cumsum(self, *args, **kwargs)

    def cumprod(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.cumprod(self, *args, **kwargs)

    def var(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.var(self, *args, **kwargs)

    def std(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.std(self, *args, **kwargs)

    def max(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.max(self, *args, **kwargs)

    def min(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.min(self, *args, **kwargs)

    def argmax(self: Any, *args: Any, **kwargs: Any) -> Places:
        return np.argmax(self, *args, **kwargs)

    def argmin(self: Any, *args: Any, **kwargs: Any) -> Places:
        return np.argmin(self, *args, **kwargs)

    def argsort(self: Any, *args: Any, **kwargs: Any) -> Places:
        return np.argsort(self, *args, **kwargs)

    def argpartition(self: Any, *args: Any, **kwargs: Any) -> Places:
        return np.argpartition(self, *args, **kwargs)

    def searchsorted(self: Any, *args: Any, **kwargs: Any) -> Places:
        return np.searchsorted(self, *args, **kwargs)

    def nonzero(self: Any) -> tuple[NDArray[np.intp], ...]:
        return np.nonzero(self)

    def any(self: Any, *args: Any, **kwargs: Any) -> Truth:
        return np.any(self, *args, **kwargs)

    def all(self: Any, *args: Any, **kwargs: Any) -> Truth:
        return np.all(self, *args, **kwargs)

    def clip(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.clip(self, *args, **kwargs)

    def round(self: Any, *args: Any, **kwargs: Any) -> Real:
        return np.round(self, *args, **kwargs)

    def dot(self: Any, other: Any) -> Dual:
        return np.dot(self, other)

    def reshape(self: Any, *new: Any, **kwargs: Any) -> Dual:
        return np.reshape(self, new[0] if len(new) == 1 else new, **kwargs)

    def ravel(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.ravel(self, *args, **kwargs)

    def flatten(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.ravel(self, *args, **kwargs).copy()

    def fill(self: Any, value: Any) -> None:
        self[...] = value

    def sort(self: Any, axis: int = -1, **kwargs: Any) -> None:
        self[...] = np.sort(self, axis=axis, **kwargs)

    def partition(self: Any, kth: Any, axis: int = -1, **kwargs: Any) -> None:
        self[...] = np.partition(self, kth, axis=axis, **kwargs)

    def put(self: Any, indices: Any, values: Any, mode: str = "raise") -> None:
        np.put(self, indices, values, mode)

    def transpose(self: Any, *axes: Any) -> Dual:
        order = axes[0] if len(axes) == 1 else axes or None
        return np.transpose(self, order)

    def swapaxes(self: Any, axis1: int, axis2: int) -> Dual:
        return np.swapaxes(self, axis1, axis2)

    def squeeze(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.squeeze(self, *args, **kwargs)

    def repeat(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.repeat(self, *args, **kwargs)

    def take(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.take(self, *args, **kwargs)

    def compress(self: Any, condition: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.compress(condition, self, *args, **kwargs)

    def conj(self: Any) -> Dual:
        return np.conjugate(self)

    conjugate = conj

    def diagonal(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.diagonal(self, *args, **kwargs)

    def trace(self: Any, *args: Any, **kwargs: Any) -> Dual:
        return np.trace(self, *args, **kwargs)
