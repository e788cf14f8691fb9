"""A product's tangent is two strips of a rectangle; its ε² is zero by rule, not by rounding."""
