"""dualedu: forward-mode automatic differentiation with dual numbers, over NumPy.

    Dual(3.0, 1.0)                a number that carries its derivative
    jvp, derivative, gradient,    transformations of ordinary NumPy functions
    value_and_gradient,
    jacobian, hvp
    check_jvp                     a derivative held against central differences

Submodules, imported on demand: `nn` (stable functions, MLP), `training`, `mnist`.
"""

from dualedu import compositions as _compositions  # registers rules, as does linalg
from dualedu import linalg as _linalg
from dualedu.check import check_jvp
from dualedu.dual import Dual
from dualedu.transforms import derivative, gradient, hvp, jacobian, jvp, value_and_gradient

__version__ = "0.1.0"

__all__ = [
    "Dual",
    "check_jvp",
    "derivative",
    "gradient",
    "hvp",
    "jacobian",
    "jvp",
    "value_and_gradient",
]

del _compositions, _linalg
