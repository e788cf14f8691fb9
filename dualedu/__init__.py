"""dualedu: forward-mode automatic differentiation with dual numbers, over NumPy.

    Dual(3.0, 1.0)                a number that carries its derivative
    jvp, derivative, gradient,    transformations of ordinary NumPy functions
    value_and_gradient,
    jacobian, hvp
    implicit                      the derivative of a root that any solver found
    check_jvp                     a derivative held against central differences
    custom_jvp, stop_gradient     a rule of one's own, a value without derivative

Submodules, loaded when they are first used: `nn` (stable functions, MLP), `training`, `mnist`,
`explore` (widgets), `figures`, `teaching`.
"""

from importlib import import_module as _import_module

from dualedu import numpy_rules as _numpy_rules  # registers the rules
from dualedu.core.check import check_jvp
from dualedu.core.dual import Dual
from dualedu.core.transforms import (
    derivative,
    gradient,
    hvp,
    jacobian,
    jvp,
    stop_gradient,
    value_and_gradient,
)
from dualedu.custom_rules.custom_jvp import custom_jvp
from dualedu.custom_rules.implicit import implicit
from dualedu.internals.registry import LATER as _LATER

__version__ = "0.1.0"

__all__ = [
    "Dual",
    "check_jvp",
    "custom_jvp",
    "derivative",
    "gradient",
    "hvp",
    "implicit",
    "jacobian",
    "jvp",
    "stop_gradient",
    "value_and_gradient",
]

_ON_DEMAND = ("doctor", "explore", "figures", "jets", "mnist", "nn", "teaching", "training")

_LATER.update({"scipy": "dualedu.scipy_rules", "scipy.sparse": "dualedu.scipy_rules.sparse"})

del _numpy_rules, _LATER


def __getattr__(name: str) -> object:
    """Load a submodule when it is first asked for (PEP 562, as in Scientific Python's SPEC 1)."""
    if name in _ON_DEMAND:
        return _import_module(f"dualedu.{name}")
    raise AttributeError(f"module 'dualedu' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ON_DEMAND} - {"_import_module"})
