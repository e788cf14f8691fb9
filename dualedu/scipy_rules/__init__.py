"""Derivative rules of SciPy's functions, loaded when a dual number meets the first of them.

`special` is the table of scipy.special's ufuncs, `slopes` the formulas there that take more than a
line. `unsupported` says what to do instead of SciPy's other functions, which work on plain arrays.
"""

from dualedu.scipy_rules import special, unsupported

__all__ = ["special", "unsupported"]
