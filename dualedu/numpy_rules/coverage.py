"""What dualedu does with each public NumPy function: a rule, a plain value, or a refusal.

The table behind the book's page "Every rule". The tests hold it against NumPy itself, so that a
function of a new NumPy cannot go unnoticed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.testing import overrides

from dualedu.core.dual import FUNCTIONS, qualified
from dualedu.core.rules import CONSTANT, RULES
from dualedu.core.unsupported import advice

Kind = Literal["rule", "constant", "refused", "unknown"]


class Verdict(NamedTuple):
    """kind: "rule", "constant" (the result is a plain value), "refused", or "unknown"; text: the
    rule's formula in LaTeX or words, the reason, or the advice."""

    kind: Kind
    text: str


def verdict(function: Any) -> Verdict:
    """What happens when the function is called with a dual number."""
    if function in RULES:
        return Verdict("rule", f"${RULES[function].formula}$")
    if function in CONSTANT:
        return Verdict("constant", CONSTANT[function])
    if function in FUNCTIONS:
        text = FUNCTIONS[function].__doc__ or ""
        return Verdict("constant" if text.startswith("constant:") else "rule", text)
    instead = advice(name(function))
    return Verdict("refused", instead) if instead else Verdict("unknown", "")


def name(function: Any) -> str:
    return f"np.{function.__name__}" if isinstance(function, np.ufunc) else qualified(function)


def numpy_functions() -> dict[str, Any]:
    """Every ufunc and every function that hands over to the types of its arguments, by name."""
    # NumPy lists the functions of these only once they are loaded.
    for lazy in ("lib.recfunctions", "polynomial", "strings", "char"):
        import_module(f"numpy.{lazy}")
    ufuncs: set[Any] = overrides.get_overridable_numpy_ufuncs()
    functions: set[Any] = overrides.get_overridable_numpy_array_functions()
    found = {name(f): f for f in (*ufuncs, *functions) if not f.__name__.startswith("_")}
    return dict(sorted(found.items()))
