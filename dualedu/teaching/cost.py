"""Count the multiplications in matrix products: a cost that is the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualedu.internals.shapes import is_array, is_dual

PRODUCTS = {getattr(np, name, None) for name in ("matmul", "vecdot", "matvec", "vecmat")}


def multiplications(f: Callable[..., Any], *arrays: Any) -> int:
    """How many multiplications f spends on the matrix products of the given arrays.

    Parameters
    ----------
    f : callable
        A function of arrays, written with @, np.matmul or np.vecdot.
    *arrays : array_like
        Its arguments. Products are counted where one of them, or anything computed from one, takes
        part. Dual numbers are followed in their tangents, not in their primals: pass every constant
        that multiplies them, such as all weights when inputs are seeded.

    Returns
    -------
    count : int
        For a product of shapes (..., n, k) and (..., k, m), the entries of the result times k.
        Elementwise work is left out; in a network it is a small part.

    Raises
    ------
    TypeError
        f multiplies with np.dot, np.inner, np.vdot or np.einsum, which are not counted.
    ValueError
        No product was seen at all.

    Examples
    --------
    >>> multiplications(lambda a, b: a @ b, np.ones((2, 3)), np.ones((3, 5)))
    30
    """
    tally = [0]
    f(*(watched(np.asarray(array), tally) for array in arrays))
    if not tally[0]:
        raise ValueError(
            "no matrix product of the given arrays was seen: pass the arrays that f multiplies "
            "with @, and as constants of what f differentiates"
        )
    return tally[0]


class Watched(np.ndarray):
    """An array that adds the cost of its matrix products to a tally, as does what comes of them."""

    tally: list[int]
    dual_operand = True
    """Rules turn arrays of any class but NumPy's own into plain ones. A watched array must stay
    what it is, or the products that follow would not be counted."""

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        known = np.ndarray | np.generic | int | float
        if not all(isinstance(a, known) and not is_dual(a) for a in args):
            return NotImplemented
        out = kwargs.pop("out", None)
        if out is not None:
            kwargs["out"] = tuple(map(plain, out))
        if ufunc in PRODUCTS and "axes" in kwargs:
            raise TypeError(f"np.{ufunc.__name__} with axes= is not counted; move the axes first")
        result = getattr(ufunc, method)(*map(plain, args), **kwargs)
        if ufunc in PRODUCTS:
            self.tally[0] += int(np.size(result)) * args[0].shape[kwargs.get("axis", -1)]
        if isinstance(result, tuple):
            return tuple(watched(part, self.tally) for part in result)
        return watched(result, self.tally)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in (np.dot, np.vdot, np.inner, np.einsum):
            raise TypeError(f"np.{func.__name__} is not counted; write the product with @")
        return super().__array_function__(func, types, args, kwargs)

    def __array_finalize__(self, parent: Any) -> None:
        self.tally = getattr(parent, "tally", None) or [0]


def watched(x: Any, tally: list[int]) -> Any:
    if not is_array(x):
        return x
    view = x.view(Watched)
    view.tally = tally
    return view


def plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, Watched) else x
