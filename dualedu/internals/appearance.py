"""What `isinstance` takes a dual number for: its primal's type, and Dual.

A program that asks `isinstance(x, np.ndarray)` or `isinstance(x, (int, float))` must go the way it
goes with plain numbers, or what is differentiated is another function. mpmath alone is told the
truth: it takes a float apart, and makes NaN of one that refuses.
"""

from __future__ import annotations

import sys
from typing import Any

from dualedu.internals.shapes import base


def appearance(x: Any) -> type:
    """The class that the dual number x has in the eyes of `isinstance`."""
    if "mpmath" in sys.modules:  # else nobody needs to look at who asks, which takes time
        asks = sys._getframe(1).f_globals.get("__name__", "")
        if asks.startswith("mpmath."):
            return type(x)
    kind = type(base(x))
    return SEEN.get(kind) or SEEN.setdefault(kind, seen_as(kind))


def seen_as(kind: type) -> type:
    """A subclass of a primal's type, which no object ever has in earnest: what asks for the real
    type, as NumPy and Python do where they read the memory, is not deceived.

    IPython asks it whether its objects print themselves."""
    return type("Dual", (kind,), {"__repr__": object.__repr__, "__module__": "dualedu"})


SEEN: dict[type, type] = {}
