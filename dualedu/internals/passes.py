"""The unit directions of a large x, in passes that fit into the cache, and what they give."""

from __future__ import annotations

import sys
import warnings
from functools import cache
from typing import Any

import numpy as np

from dualedu.internals.shapes import base, is_dual
from dualedu.internals.trees import is_container, leaves, map_leaves


class Columns:
    """The tangents along n directions side by side, (*shape, n), as they come pass by pass.

    Plain ones are written into one array at once: beside the result a pass takes memory, and not
    all of them together. The directions are its first axis in memory, so that each pass fills a
    piece of it; as columns it would write a little into every row. Those with tangents of an outer
    differentiation are joined in the end.
    """

    def __init__(self, n: int) -> None:
        self.n, self.count = n, 0
        self.array: Any = None
        self.parts: list[Any] = []

    def add(self, tangents: Any) -> None:
        """The tangents along the next directions, (k, *shape)."""
        first, self.count = self.count, self.count + len(tangents)
        if self.count - first == self.n:
            self.array = tangents
        elif is_dual(tangents) and self.count > first:
            self.parts.append(tangents)
        elif self.count > first:
            if self.array is None:
                self.array = np.empty((self.n, *tangents.shape[1:]), tangents.dtype)
            self.array[first : self.count] = tangents

    def whole(self) -> Any:
        """The array of all."""
        found: Any = np.concatenate(self.parts) if self.parts else self.array
        return np.moveaxis(found, 0, -1) if found.ndim > 1 else found


def collect(tangent: Any, results: list[Any], starts: list[int], start: int) -> None:
    """Add the tangents of a pass, whose first direction has the number `start`, to the columns of
    the leaves, whose first directions have the numbers `starts`."""
    for result, first, last in zip(results, starts, starts[1:], strict=False):
        part = slice(max(first - start, 0), max(last - start, 0))
        map_leaves(lambda t, c, part=part: c.add(t[part]), tangent, result, branches=is_container)


def same_value(name: str, value: Any, found: Any) -> Any:
    """The value of the first pass; a warning where that of another one differs."""
    for (_, a), (_, b) in zip(leaves(value), leaves(found), strict=False):
        a, b = np.asarray(base(a)), np.asarray(base(b))
        rtol = np.sqrt(np.finfo(a.dtype).eps) if a.dtype.kind in "fc" else 0
        if a.shape != b.shape or not np.allclose(a, b, rtol=rtol, atol=0, equal_nan=True):
            warnings.warn(ANOTHER.format(name=name), RuntimeWarning, stacklevel=4)
            break
    return value


ANOTHER = (
    "{name}: the function gave another value in another pass, for the same x: the derivative mixes "
    "several functions. So many directions run in several passes, and each calls the function. "
    "Draw random numbers, take data from an iterator and count outside of it, and give it what "
    "came as a further argument"
)


def columns(tangent: Any, n: int) -> Any:
    """Of a tangent's form, with empty columns for n directions in the place of each array."""
    return map_leaves(lambda t: Columns(n), tangent, branches=is_container)


def numbers(x: Any) -> int:
    """How many numbers x holds, with those of its tangents at every level."""
    return numbers(x.primal) + numbers(x._tangent) if is_dual(x) else int(np.size(x))


@cache
def keep_pages() -> None:
    """Have freed memory kept for the next operation or pass, up to 64 MiB.

    glibc gives arrays of a megabyte back to the system, and the next one begins with a page fault
    for each 4 KiB: most of the time of a pass. It keeps twice the largest array that it has seen
    freed. One of nearly 32 MiB, the most it looks at, is enough, and no page of it is touched.
    Where the environment sets MALLOC_TRIM_THRESHOLD_ or its like, as for Dask's workers, glibc
    learns nothing and does what it is told there.
    """
    if sys.platform == "linux":
        np.empty(2**25 - 2**13, np.uint8)
