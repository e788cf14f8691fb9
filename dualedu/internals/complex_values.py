"""Complex numbers inside a real function: which functions take them.

A complex number that depends on a real variable has a complex derivative, so a dual number within
a function may be complex, as the spectrum of a signal is. What goes into a differentiation is real,
and so is the result of a function with a gradient. Rules hold for complex numbers where their
formula does: for all that is linear over the reals, and for holomorphic functions and others that
are listed. The rest refuses; np.sign among it, which is not constant for complex numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from dualedu.internals.registry import qualified
from dualedu.internals.shapes import base

LINEAR = frozenset(("linear", "bilinear", "creation", "assignment", "constant"))
"""The kinds of rules that hold for complex numbers as they do for real ones."""

COMPLEX: set[Any] = set()
"""The functions of other kinds, as the registry knows them, whose rules hold for them too."""


def is_complex(x: Any) -> bool:
    if isinstance(x, list | tuple):
        return any(map(is_complex, x))
    x = base(x)
    if type(x) is float or type(x) is np.float64:
        return False
    dtype = getattr(x, "dtype", None)
    return dtype.kind == "c" if isinstance(dtype, np.dtype) else isinstance(x, complex)


def refuse_complex(function: Any, args: Iterable[Any]) -> None:
    if any(map(is_complex, args)):
        raise TypeError(
            f"{qualified(function)} has no derivative rule for complex numbers; take np.real, "
            "np.imag, np.abs or np.angle of them first"
        )
