"""Derivative rules of NumPy's functions, by subject: what to look things up in.

`families` has the verbs in which the rules are written; `coverage` lists what NumPy has.
"""

from dualedu.numpy_rules import (
    building,
    calculus,
    creation,
    elementwise,
    fourier,
    functional,
    indexing,
    joining,
    linalg,
    order,
    products,
    reductions,
    shapes,
    spectra,
    writing,
)

__all__ = [
    "building",
    "calculus",
    "creation",
    "elementwise",
    "fourier",
    "functional",
    "indexing",
    "joining",
    "linalg",
    "order",
    "products",
    "reductions",
    "shapes",
    "spectra",
    "writing",
]
