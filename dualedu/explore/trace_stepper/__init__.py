"""A computation, line by line: each tangent is made from numbers that are already there."""
