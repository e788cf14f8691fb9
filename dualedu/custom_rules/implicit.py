"""implicit: the derivative of a root, however it was found.

The root x of F(x, a) = 0 moves with a by the implicit function theorem: F_x ẋ = −F_a ȧ. So the
steps of the solver need no derivative, and the solver may be anything, compiled or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualedu.core.dual import Dual, floating
from dualedu.core.transforms import jvp
from dualedu.internals.shapes import base, shape

LARGEST_NUMBER_OF_STEPS = 12
"""Newton's method doubles the digits with each step: from the tolerance, three steps do."""


def implicit(F: Callable[..., Any], x: Any, *args: Any, tolerance: float = 1e-4) -> Any:
    """The root x of `F(x, *args) = 0` as a function of the numbers in F that carry tangents.

    Find the root with any solver, on plain numbers (`stop_gradient` makes them); `implicit` then
    gives it its derivatives, of every order that is asked for. For a fixed point x = g(x, a) take
    F(x, a) = g(x, a) − x, for a minimum the gradient.

    Parameters
    ----------
    F : callable
        A function of x and of `args`, written with functions that have derivative rules. Its result
        has x's shape: an array, a number, or a list or tuple of numbers.
    x : float or array_like of floats
        The root as a solver found it, at the values of `args`. A tangent of its own is ignored.
    *args : float, array_like or Dual
        What else F takes. Numbers that F takes from the function around it count as well.
    tolerance : float, optional
        How far Newton's first step may move x, relative to its largest entry, or to 1 if that is
        larger.

    Returns
    -------
    float, ndarray or Dual
        The root, improved by Newton's method to the last digits, with its tangents.

    Raises
    ------
    ValueError
        F's result does not have x's shape, or x is not a root.
    numpy.linalg.LinAlgError
        ∂F/∂x is singular at x, so that the root has no derivative.
    TypeError
        x is not a number or array but, for example, the whole result of `scipy.optimize.root`.

    Notes
    -----
    x ← x − J⁻¹ F(x, a), with the plain Jacobian J = ∂F/∂x at the root and F in dual numbers, gets
    the tangents of one more level right with each step (A. Griewank and A. Walther, Evaluating
    Derivatives, 2nd ed., SIAM 2008, chapter 15). J is computed once.

    Examples
    --------
    >>> from dualedu import derivative
    >>> derivative(lambda a: implicit(lambda x, a: x**2 - a, 2.0, a))(4.0)
    np.float64(0.25)
    """
    if not isinstance(x, Dual | float | int | list | tuple | np.ndarray | np.generic):
        raise TypeError(
            f"implicit: x is of type {type(x).__name__}; give the number or array in it, such as "
            "result.x or result.root"
        )

    def residual(x: Any) -> Any:
        r = F(x, *args)
        r = np.stack(r) if isinstance(r, list | tuple) else r
        if shape(r) != shape(x):
            raise ValueError(
                f"implicit: F returned shape {shape(r)} for a root of shape {shape(x)}; it needs "
                "one equation for each unknown"
            )
        return r

    root, slope = polished(residual, floating(base(x), "implicit: x"), tolerance)
    r = residual(root)
    rest = base(r)  # rounding, which is not to move the root
    moving = root
    for _ in levels(r):
        moving = moving - newton_step(slope, r - rest)
        r = residual(moving)
    return moving


def polished(residual: Callable[..., Any], x: Any, tolerance: float) -> tuple[Any, Any]:
    """The root by Newton's method from x, and the matrix ∂F/∂x there, both plain."""
    before, last = None, np.inf
    for _ in range(LARGEST_NUMBER_OF_STEPS):
        r, slope = linearised(residual, x)
        step = newton_step(slope, r)
        size, scale = largest(step), max(1.0, largest(x))
        rounding = np.finfo(np.result_type(r)).eps
        if before is None:
            astray = not size <= tolerance * scale
        else:
            if largest(newton_step(slope, slope - before)) > 0.25:  # it halves at a double root
                raise singular()
            astray = size > last / 2 and size > np.sqrt(rounding) * scale
        if astray:
            raise ValueError(
                f"implicit: x does not solve F(x) = 0. F is {largest(r):.3g} there, and Newton's "
                f"step from it is {size:.3g}. Give the solver's result and F's own arguments; "
                "ask the solver for a smaller tolerance if x is only rough"
            )
        x = x - step
        if size <= 4 * rounding * largest(x) or size > last / 2:
            return x, slope
        before, last = slope, size
    raise singular()


def linearised(residual: Callable[..., Any], x: Any) -> tuple[Any, Any]:
    """F(x) and the matrix ∂F/∂x (a number for a number x), without any tangents."""
    n = int(np.prod(shape(x)))
    seed = np.eye(n).reshape(n, *shape(x)) if shape(x) else 1.0
    r, slopes = jvp(residual, (x,), (seed,))
    r, slopes = base(r), base(slopes)
    if not (np.all(np.isfinite(r)) and np.all(np.isfinite(slopes))):
        raise ValueError("implicit: F or its derivative at x is infinite or NaN")
    return r, slopes.reshape(n, n).T if shape(x) else slopes


def newton_step(slope: Any, r: Any) -> Any:
    """slope⁻¹ r, of r's shape."""
    if not np.ndim(slope):
        if slope == 0:
            raise singular()
        return r / slope
    try:
        flat = np.reshape(r, (len(slope), -1))
        return np.reshape(np.linalg.solve(slope, flat), shape(r))
    except np.linalg.LinAlgError:
        raise singular() from None


def largest(x: Any) -> float:
    return float(np.max(np.abs(x), initial=0))


def singular() -> np.linalg.LinAlgError:
    return np.linalg.LinAlgError(
        "implicit: ∂F/∂x is singular at the root, so the root has no derivative: it is a double "
        "root, or an equation says nothing new about x"
    )


def levels(x: Any) -> set[int]:
    """The levels of differentiation that a number belongs to."""
    return {x.level} | levels(x.primal) | levels(x._tangent) if isinstance(x, Dual) else set()
