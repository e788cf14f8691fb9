"""Every public function of NumPy, to compare the rules with.

The table behind the book's page "Every rule". The tests demand a record for each, so that a
function of a new NumPy cannot go unnoticed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from numpy.testing import overrides

from dualedu.internals.registry import public, qualified


def numpy_functions() -> dict[str, Any]:
    """Every ufunc and every function that hands over to the types of its arguments, by name."""
    # NumPy lists the functions of these only once they are loaded.
    for lazy in ("lib.recfunctions", "polynomial", "strings", "char"):
        import_module(f"numpy.{lazy}")
    ufuncs: set[Any] = overrides.get_overridable_numpy_ufuncs()
    functions: set[Any] = overrides.get_overridable_numpy_array_functions()
    found = {qualified(f): f for f in (*ufuncs, *functions) if not f.__name__.startswith("_")}
    return dict(sorted((name, public(f)) for name, f in found.items()))
