"""check_jvp: compare a derivative with central differences, in a random direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualedu.core.transforms import jvp
from dualedu.internals.untraced import unwatched


@unwatched()
def check_jvp(
    f: Callable[..., Any],
    *primals: Any,
    order: int = 2,
    rng: np.random.Generator | int = 0,
    tolerance: float = 1e-6,
) -> None:
    """Compare f's tangent with central differences, up to derivatives of a given order.

    Parameters
    ----------
    f : callable
        A function of the primals that returns a float or an array.
    *primals : float or array_like
        Its arguments, inside the region where f is smooth; computed in float64.
    order : int, optional
        1 checks the first derivative, 2 the second as well, and so on.
    rng : numpy.random.Generator or int, optional
        The generator that the directions come from, or its seed.
    tolerance : float, optional
        The largest allowed error, relative to the tangent's largest entry or, if that is smaller,
        to 1.

    Raises
    ------
    AssertionError
        The two differ; the message names the order, the entry, both values and the error.

    Notes
    -----
    The reference is the central difference (f(x + hv) − f(x − hv)) / 2h along a random direction v,
    extrapolated from h and h/2 (Richardson), so that its truncation error is of order h⁴. One
    direction is enough to expose a wrong rule: a random v misses an error in the Jacobian with
    probability 0.

    Examples
    --------
    >>> check_jvp(np.sin, 0.3)
    >>> check_jvp(lambda x: x @ x, np.array([1.0, 2.0]), order=3)
    """
    rng = np.random.default_rng(rng)
    points = tuple(np.asarray(p, dtype=np.float64) for p in primals)
    for k in range(1, order + 1):
        v = tuple(rng.choice([-1.0, 1.0], p.shape) * rng.uniform(0.5, 1, p.shape) for p in points)
        _, tangent = jvp(f, points, v)
        compare(np.asarray(tangent), np.asarray(central_difference(f, points, v)), k, tolerance)
        f = tangent_along(f, v)


def tangent_along(f: Callable[..., Any], direction: tuple[Any, ...]) -> Callable[..., Any]:
    return lambda *xs: jvp(f, xs, direction)[1]


def central_difference(f: Callable[..., Any], points: Any, directions: Any) -> Any:
    """The derivative of f along the directions, by central differences with one extrapolation."""

    def slope(h: float) -> Any:
        ahead = f(*(p + h * v for p, v in zip(points, directions, strict=True)))
        behind = f(*(p - h * v for p, v in zip(points, directions, strict=True)))
        return (np.asarray(ahead) - np.asarray(behind)) / (2 * h)

    step = 1e-3  # h⁴ truncation and ε/h rounding meet near ε^(1/5)
    return (4 * slope(step / 2) - slope(step)) / 3


def compare(tangent: Any, reference: Any, order: int, tolerance: float) -> None:
    if tangent.shape != reference.shape:
        raise AssertionError(
            f"derivative of order {order}: the tangent has shape {tangent.shape}, "
            f"the function's result {reference.shape}"
        )
    scale = max(1.0, float(np.max(np.abs(reference), initial=0)))
    error = np.abs(tangent - reference) / scale
    if not np.all(error <= tolerance):
        worst = np.unravel_index(int(np.argmax(np.nan_to_num(error, nan=np.inf))), error.shape)
        entry = f", entry {tuple(map(int, worst))}" if worst else ""
        raise AssertionError(
            f"derivative of order {order}{entry}: dual numbers give "
            f"{tangent[worst]:.10g}, central differences {reference[worst]:.10g} "
            f"(error {error[worst]:.1e}, allowed {tolerance:.0e})"
        )
