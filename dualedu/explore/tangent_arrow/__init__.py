"""The tangent of a dual number is an arrow one unit long, not a small step."""
