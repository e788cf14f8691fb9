"""x.flat: the entries of an array in one row, to walk through and to write into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from dualedu.core.dual import Dual

# NumPy's own types say that its functions return arrays; of a dual number they return duals.
np: Any = numpy


class Flat:
    """The entries of a dual array in C order, as `numpy.flatiter` gives those of a plain one.

    Parameters
    ----------
    x : Dual
        The array. What is written here is written into it.
    """

    __slots__ = ("x",)

    def __init__(self, x: Dual) -> None:
        self.x = x

    def __len__(self) -> int:
        return self.x.size

    def __iter__(self) -> Iterator[Dual]:
        return iter(np.ravel(self.x))

    def __getitem__(self, index: Any) -> Dual:
        return np.ravel(self.x)[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        places = np.arange(self.x.size)[index]
        if isinstance(value, list | tuple):
            value = np.array(value, like=self.x)
        if np.ndim(value):  # as in NumPy, few values are written again and again
            value = np.resize(value, np.shape(places))
        self.x[np.unravel_index(places, self.x.shape)] = value
