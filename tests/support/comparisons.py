"""A program whose result is chosen by comparisons alone."""


def bisected(p):
    """The square root, by bisection."""
    low, high = 0.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if middle**2 > p else (middle, high)
    return low
