"""Conversions that would drop a tangent: each is refused, with what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dualedu.internals.messages import conversion, dropped
from dualedu.internals.unsupported import METHODS


class NoConversions:
    """Dual's answers where Python or NumPy asks for a plain number or array."""

    __slots__ = ()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise conversion("a plain array")

    def __dlpack__(self, **kwargs: Any) -> Any:
        raise TypeError(dropped("handing x to another array library", "NumPy's functions"))

    __dlpack_device__ = __dlpack__

    @property
    def flags(self) -> Any:
        """Refused: primal and tangent each have flags of their own."""
        raise TypeError("a dual number is two arrays; ask x.primal.flags or x.tangent.flags")

    if not TYPE_CHECKING:  # so that a checker knows which attributes there are

        def __getattr__(self, name: str) -> Any:  # called for what is not found in another way
            reason = f"; {METHODS[name]}" if name in METHODS else ""
            raise AttributeError(f"a dual number has no attribute {name!r}{reason}")

    def __float__(self) -> float:
        raise conversion("a plain number")

    def as_integer_ratio(self) -> Any:
        """Refused: the modules statistics and fractions ask for it."""
        raise conversion("a fraction")

    def _mpmath_(self, precision: int, rounding: str) -> Any:
        raise conversion("a number of mpmath")

    def __int__(self) -> int:
        raise TypeError(dropped("int(x)", "np.floor(x)"))

    def __trunc__(self) -> int:
        raise TypeError(dropped("math.trunc(x)", "np.trunc(x)"))

    def __floor__(self) -> int:
        raise TypeError(dropped("math.floor(x)", "np.floor(x)"))

    def __ceil__(self) -> int:
        raise TypeError(dropped("math.ceil(x)", "np.ceil(x)"))

    def __complex__(self) -> complex:
        raise TypeError(
            dropped(
                "complex(x)", "x + 0j, x + 1j * y, and NumPy's functions in place of those of cmath"
            )
        )

    def __index__(self) -> int:
        raise TypeError(
            "a dual number cannot be an index or a size: its tangent would be lost; use "
            "np.floor(x).astype(int) for an index, int(stop_gradient(x)) for a size"
        )

    def __hash__(self) -> int:
        raise TypeError(
            "a dual number cannot be a key of a dictionary, a member of a set or an argument of a "
            "function that remembers results (functools.lru_cache): equal values may carry other "
            "tangents. Use a name or a position as the key, and do without the cache"
        )
