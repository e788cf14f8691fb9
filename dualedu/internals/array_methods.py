"""The methods and attributes of arrays that people write, x.sum() for np.sum(x)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy
from numpy.typing import NDArray

from dualedu.internals.flat import Flat
from dualedu.internals.memory import check_array
from dualedu.internals.messages import NUMPY
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
        """The transpose of the last two axes."""
        return np.matrix_transpose(self)

    @property
    def T(self: Any) -> Dual:
        """The transpose, axes in reverse order."""
        return np.transpose(self)

    @property
    def flat(self: Any) -> Flat:
        """The entries in one row, to walk through and to write into: `numpy.ndarray.flat`."""
        return Flat(self)

    @flat.setter
    def flat(self: Any, value: Any) -> None:
        Flat(self)[:] = value

    @property
    def imag(self: Any) -> Real:
        """The imaginary part: zeros of the primal's shape if it is real."""
        return np.imag(self)

    @imag.setter
    def imag(self: Any, value: Any) -> None:
        check_array(self)
        if self.dtype.kind != "c":
            raise TypeError(
                "this dual array is real; make it with dtype=complex to set imaginary parts"
            )
        np.imag(self)[...] = value

    @property
    def real(self: Any) -> Dual:
        """The real part: the number itself if it is real."""
        return np.real(self)

    @real.setter
    def real(self: Any, value: Any) -> None:
        check_array(self)
        np.real(self)[...] = value

    def tolist(self: Any) -> Any:
        """Nested lists of scalar dual numbers; a scalar itself."""
        return [part.tolist() for part in self] if self.shape else self

    def view(self: Any, dtype: Any = None, type: Any = None) -> Dual:
        """Another name for the same entries; what is written into one is seen in the other.

        Raises TypeError where another dtype or class would read the memory in another way."""
        if dtype in (None, numpy.ndarray) and type in (None, numpy.ndarray):
            return self[...]
        if dtype is numpy.matrix or type is numpy.matrix:
            raise TypeError(f"a dual number makes no np.matrix; {NUMPY['matrix']}")
        raise TypeError(
            "a dual number has two arrays, and x.view(...) would read one in another way; leave "
            "it out, or use x.astype(np.float32) for another precision"
        )

    def sum(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The sum of the entries, all or along an axis: `numpy.sum`."""
        return np.sum(self, *args, **kwargs)

    def mean(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The mean of the entries: `numpy.mean`."""
        return np.mean(self, *args, **kwargs)

    def prod(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The product of the entries: `numpy.prod`."""
        return np.prod(self, *args, **kwargs)

    def cumsum(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The running sums: `numpy.cumsum`."""
        return np.cumsum(self, *args, **kwargs)

    def cumprod(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The running products: `numpy.cumprod`."""
        return np.cumprod(self, *args, **kwargs)

    def var(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The variance of the entries: `numpy.var`."""
        return np.var(self, *args, **kwargs)

    def std(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The standard deviation of the entries: `numpy.std`."""
        return np.std(self, *args, **kwargs)

    def max(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The largest entry; ties share the tangent: `numpy.max`."""
        return np.max(self, *args, **kwargs)

    def min(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The smallest entry; ties share the tangent: `numpy.min`."""
        return np.min(self, *args, **kwargs)

    def argmax(self: Any, *args: Any, **kwargs: Any) -> Places:
        """The plain index of the largest entry: `numpy.argmax`."""
        return np.argmax(self, *args, **kwargs)

    def argmin(self: Any, *args: Any, **kwargs: Any) -> Places:
        """The plain index of the smallest entry: `numpy.argmin`."""
        return np.argmin(self, *args, **kwargs)

    def argsort(self: Any, *args: Any, **kwargs: Any) -> Places:
        """The plain indices that sort the entries: `numpy.argsort`."""
        return np.argsort(self, *args, **kwargs)

    def argpartition(self: Any, *args: Any, **kwargs: Any) -> Places:
        """The plain indices of a partition: `numpy.argpartition`."""
        return np.argpartition(self, *args, **kwargs)

    def searchsorted(self: Any, *args: Any, **kwargs: Any) -> Places:
        """The plain places of values in this sorted array: `numpy.searchsorted`."""
        return np.searchsorted(self, *args, **kwargs)

    def nonzero(self: Any) -> tuple[NDArray[np.intp], ...]:
        """The plain indices of the entries that are not 0: `numpy.nonzero`."""
        return np.nonzero(self)

    def any(self: Any, *args: Any, **kwargs: Any) -> Truth:
        """Whether an entry's primal is not 0: `numpy.any`."""
        return np.any(self, *args, **kwargs)

    def all(self: Any, *args: Any, **kwargs: Any) -> Truth:
        """Whether no entry's primal is 0: `numpy.all`."""
        return np.all(self, *args, **kwargs)

    def clip(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The entries within bounds: `numpy.clip`."""
        return np.clip(self, *args, **kwargs)

    def round(self: Any, *args: Any, **kwargs: Any) -> Real:
        """The rounded primal, a plain number or array: `numpy.round`."""
        return np.round(self, *args, **kwargs)

    def dot(self: Any, other: Any, out: Any = None) -> Dual:
        """The product with a vector or matrix: `numpy.dot`."""
        return np.dot(self, other, out)

    def reshape(self: Any, *new: Any, **kwargs: Any) -> Dual:
        """The entries in another shape: `numpy.reshape`."""
        return np.reshape(self, new[0] if len(new) == 1 else new, **kwargs)

    def ravel(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The entries in one axis: `numpy.ravel`."""
        return np.ravel(self, *args, **kwargs)

    def flatten(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """A copy of the entries in one axis."""
        return np.ravel(self, *args, **kwargs).copy()

    def fill(self: Any, value: Any) -> None:
        """Write one value into every entry."""
        self[...] = value

    def sort(self: Any, axis: int = -1, **kwargs: Any) -> None:
        """Sort the entries in place; `numpy.sort` returns a sorted copy."""
        self[...] = np.sort(self, axis=axis, **kwargs)

    def partition(self: Any, kth: Any, axis: int = -1, **kwargs: Any) -> None:
        """Partition the entries in place; `numpy.partition` returns a copy."""
        self[...] = np.partition(self, kth, axis=axis, **kwargs)

    def put(self: Any, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write values into places of the flattened array: `numpy.put`."""
        np.put(self, indices, values, mode)

    def transpose(self: Any, *axes: Any) -> Dual:
        """The axes in another order: `numpy.transpose`."""
        order = axes[0] if len(axes) == 1 else axes or None
        return np.transpose(self, order)

    def swapaxes(self: Any, axis1: int, axis2: int) -> Dual:
        """Two axes exchanged: `numpy.swapaxes`."""
        return np.swapaxes(self, axis1, axis2)

    def squeeze(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The array without its axes of length 1: `numpy.squeeze`."""
        return np.squeeze(self, *args, **kwargs)

    def repeat(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """Each entry several times: `numpy.repeat`."""
        return np.repeat(self, *args, **kwargs)

    def take(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The entries at the given indices: `numpy.take`."""
        return np.take(self, *args, **kwargs)

    def compress(self: Any, condition: Any, *args: Any, **kwargs: Any) -> Dual:
        """The slices for which a condition holds: `numpy.compress`."""
        return np.compress(condition, self, *args, **kwargs)

    def conj(self: Any) -> Dual:
        """The complex conjugate: the number itself if it is real."""
        return np.conjugate(self)

    conjugate = conj

    def diagonal(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The entries of a diagonal: `numpy.diagonal`."""
        return np.diagonal(self, *args, **kwargs)

    def trace(self: Any, *args: Any, **kwargs: Any) -> Dual:
        """The sum of a diagonal: `numpy.trace`."""
        return np.trace(self, *args, **kwargs)
