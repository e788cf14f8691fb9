"""The unit directions of a large x, in passes that fit into the cache, and what they give."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np

from dualedu.internals.shapes import is_dual
from dualedu.internals.trees import is_container, map_leaves


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
