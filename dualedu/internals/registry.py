"""The registry: one record for every function that `dualedu` knows.

`RULES` is the only one. `core.dual` looks a function up here, the tests run every record against
independent oracles, the book prints it as a reference page. The ufuncs of one formula are entered
by `core.rules`, other functions by `numpy_rules` and `scipy_rules`, what has no rule by
`unsupported`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np

Partial = Callable[..., Any]
Interval = tuple[float, float]
Kind = Literal[
    "elementwise",
    "linear",
    "bilinear",
    "composed",
    "formula",
    "creation",
    "assignment",
    "constant",
    "unsupported",
]


@dataclass(frozen=True)
class Rule:
    """What `dualedu` does with one function.

    kind      elementwise: the tangent is the sum of the partials. linear, bilinear: the function
              of the tangents. composed: the tangent of another way to write the function.
              formula: a rule of its own. creation: a new array with a tangent of zeros;
              assignment: entries of an array are written, value and tangent together. constant:
              the result is a plain value. unsupported: it raises
    formula   of the tangent: LaTeX for ufuncs, with x, y the arguments and z the result; words
              elsewhere. The reason if the function is constant, the advice if unsupported
    partials  elementwise alone, one per argument: (t, z, *arguments) -> its term, or None for a
              zero derivative
    domain    elementwise alone: one (low, high) per argument in which tests sample; it lies inside
              the smooth region
    call      the others that have a tangent: the function of duals
    definition  another way to write the function, from which its tangent comes; the tests hold
              it equal to the function
    """

    kind: Kind
    formula: str
    partials: tuple[Partial | None, ...] = ()
    domain: tuple[Interval, ...] = ()
    call: Callable[..., Any] | None = None
    definition: Callable[..., Any] | None = None


RULES: dict[Any, Rule] = {}
"""The record of each function; of a ufunc's method under (ufunc, name), of x[...] under "getitem".
Functions that are unsupported stand here under their dotted names, since many are loaded only when
they are used; so do whole modules of them."""


LATER: dict[str, str] = {}
"""Libraries whose rules are a module of their own, and that module: it is loaded when a dual number
meets the first of their functions."""


def qualified(function: Any) -> str:
    """The name by which users call a function: np.sum, np.linalg.det, np.add.reduce."""
    if isinstance(function, str):
        return function
    if isinstance(function, tuple):
        return f"{qualified(function[0])}.{function[1]}"
    if isinstance(function, np.ufunc):
        return f"{home(function)}{function.__name__.lstrip('_')}"
    module = (getattr(function, "__module__", None) or "numpy").replace("numpy", "np", 1)
    return f"{module}.{getattr(function, '__name__', function)}"


UFUNCS = {
    "numpy._core.umath": "np.",
    "scipy.special": "scipy.special.",
    "scipy.special._ufuncs": "scipy.special.",
}
"""Where ufuncs are found, and what users write before their names."""


def home(ufunc: np.ufunc) -> str:
    """The module of a ufunc, which does not know it itself, as a prefix of its name."""
    for module, prefix in UFUNCS.items():
        if getattr(sys.modules.get(module), ufunc.__name__, None) is ufunc:
            return prefix
    return ""


def lookup(function: Any) -> Rule | None:
    """The record of a function itself; the rules of its library are loaded if need be."""
    found = RULES.get(function)
    if found is None:
        name = qualified(function)
        for library, module in LATER.items():
            if name.startswith(f"{library}."):
                import_module(module)
        found = RULES.get(function) or RULES.get(public(function))
    return found


def public(function: Any) -> Any:
    """The function that users call: for like= NumPy hands over np.ones and others as functions of
    the same name beside it, and for the method clip a ufunc."""
    if isinstance(function, np.ufunc):
        ours = home(function) == "np."
    else:
        ours = getattr(function, "__module__", None) == "numpy"
    return getattr(np, function.__name__, function) if ours else function


def find(function: Any) -> Rule | None:
    """The record of a function, its module's if it has none of its own, or None."""
    found = lookup(function)
    name = qualified(function)
    while found is None and name:
        found = RULES.get(name)
        name = name.rpartition(".")[0]
    return found


def optional(*names: str) -> list[Any]:
    """The functions of these dotted names that this NumPy has."""
    found = []
    for name in names:
        function: Any = np
        for part in name.split("."):
            function = getattr(function, part, None)
        if function is not None:
            found.append(function)
    return found


def of_kind(*kinds: Kind, library: str = "np") -> dict[Any, Rule]:
    """The records of some kinds, of NumPy's functions or another library's."""
    return {
        function: rule
        for function, rule in RULES.items()
        if rule.kind in kinds and qualified(function).startswith(f"{library}.")
    }


def rule(ufunc: Any, formula: str, *partials: Partial | None, domain: Any = (-2.0, 2.0)) -> None:
    """Enter a ufunc's rule in the table: one partial an argument, and where tests may sample."""
    intervals = domain if isinstance(domain[0], tuple) else (domain,) * len(partials)
    RULES[ufunc] = Rule("elementwise", formula, partials, intervals)


def constant(reason: str, *functions: Any) -> None:
    """Enter functions whose results are plain values: their derivative is zero wherever it exists,
    so they see the primal only."""
    RULES.update(dict.fromkeys(functions, Rule("constant", reason)))
