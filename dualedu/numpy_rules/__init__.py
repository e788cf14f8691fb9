"""Derivative rules of NumPy's functions, by subject: what to look things up in."""

from dualedu.numpy_rules import compositions, functions, linalg

__all__ = ["compositions", "functions", "linalg"]
