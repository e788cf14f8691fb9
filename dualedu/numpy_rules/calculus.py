"""Calculus and curves: differences, slopes, integrals, interpolation, polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualedu.core.dual import Dual, finish, unpack
from dualedu.internals.shapes import base, dtype_of, ndim, shape
from dualedu.numpy_rules.families import (
    array,
    as_floats,
    composed,
    composed_rule,
    first_only,
    from_end,
    implements,
    rewrap,
)


@implements("linear", "f(ẋ)", np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    if not isinstance(f, Dual) or any(isinstance(x, Dual) for x in varargs):
        return by_quotients(f, *varargs, axis=axis, edge_order=edge_order)
    level, (x,), _, directions = unpack([f])
    z = np.gradient(x, *varargs, axis=axis, edge_order=edge_order)
    t = np.gradient(f.tangent, *varargs, axis=from_end(axis, ndim(x)), edge_order=edge_order)
    return rewrap(z, t, level, directions)


def difference_quotients(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    f = as_floats(f)
    axes = range(ndim(f)) if axis is None else np.atleast_1d(axis)
    spacings = varargs if len(varargs) > 1 else [*(varargs or (1.0,))] * len(axes)
    found = tuple(
        slope_along(f, as_floats(h), int(i), edge_order)
        for h, i in zip(spacings, axes, strict=True)
    )
    return found if len(found) > 1 else found[0]


def slope_along(f: Any, x: Any, axis: int, edge_order: int) -> Any:
    """The slopes along one axis; x is the distance of its points, or where they lie. Within, they
    are those of the parabola through three points, which weighs the two quotients."""
    f = np.moveaxis(f, axis, -1)
    n = shape(f)[-1]
    h = np.diff(x) if ndim(x) else x * np.ones(n - 1)
    slopes = (f[..., 1:] - f[..., :-1]) / h
    left, right = h[:-1], h[1:]
    bends = (slopes[..., 1:] - slopes[..., :-1]) / (left + right)
    inside = slopes[..., :-1] + bends * left
    first, last = slopes[..., :1], slopes[..., -1:]
    if edge_order == 2:
        first, last = first - bends[..., :1] * h[:1], last + bends[..., -1:] * h[-1:]
    return np.moveaxis(np.concatenate([first, inside, last], axis=-1), -1, axis)


by_quotients = composed_rule(np.gradient, difference_quotients)


@implements("linear", "ẋ, for what is added is constant between its jumps", np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    first_only(np.unwrap, p, [discont, period])
    level, (x,), _, directions = unpack([p])
    z = np.unwrap(x, discont, axis, period=period)
    return finish(z, p.tangent, level, directions)


@implements("linear", "f(ẋ)", np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    ends = {"prepend": prepend, "append": append}
    given = {name: end for name, end in ends.items() if end is not None}
    if given:
        return extended(a, n, axis, **given)
    level, (x,), _, directions = unpack([a])
    z = np.diff(x, n, axis)
    return finish(z, np.diff(a.tangent, n, from_end(axis, ndim(x))), level, directions)


def join_and_subtract(a: Any, n: int, axis: int, prepend: Any = None, append: Any = None) -> Any:
    if n == 0:  # then NumPy adds nothing before or behind
        return a
    a = np.moveaxis(array(a), axis, -1)
    parts = []
    for part in (prepend, a, append):
        if part is not None and ndim(part) == 0:
            parts.append(np.broadcast_to(part, (*shape(a)[:-1], 1)))
        elif part is not None:
            parts.append(part if part is a else np.moveaxis(array(part), axis, -1))
    a = np.concatenate(parts, axis=-1)
    for _ in range(n):
        a = a[..., 1:] - a[..., :-1]
    return np.moveaxis(a, -1, axis)


extended = composed_rule(np.diff, join_and_subtract)


@composed("f(ẋ)", np.ediff1d, kind="linear")
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    flat = np.ravel(ary)
    parts = (to_begin, flat[1:] - flat[:-1], to_end)
    return np.concatenate([np.ravel(part) for part in parts if part is not None])


@implements("formula", "Σ (xᵢ₊₁ − xᵢ) (yᵢ + yᵢ₊₁) / 2, linear in y", np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    if not isinstance(y, Dual) or isinstance(x, Dual) or isinstance(dx, Dual) or np.ndim(dx):
        return by_strips(y, x, dx, axis)
    level, (plain,), _, directions = unpack([y])
    z = np.trapezoid(plain, x, dx, axis)
    t = np.trapezoid(y.tangent, x, dx, from_end(axis, ndim(plain)))
    return finish(z, t, level, directions)


def sum_of_strips(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = array(y)
    if x is not None:
        x = array(x)
        dx = np.diff(x, axis=axis if ndim(x) > 1 else 0)
        if ndim(x) == 1:
            dx = np.reshape(dx, np.where(np.arange(ndim(y)) == axis % ndim(y), -1, 1))
    before, after = [slice(None)] * ndim(y), [slice(None)] * ndim(y)
    before[axis], after[axis] = slice(None, -1), slice(1, None)
    return np.sum(dx * (y[tuple(after)] + y[tuple(before)]) / 2, axis=axis)


by_strips = composed_rule(np.trapezoid, sum_of_strips)


@composed("the straight line between two knots; at a knot the one to its right", np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    x, xp, fp = as_floats(x), as_floats(xp), as_floats(fp)
    if period is not None:
        x, xp = x % abs(period), xp % abs(period)
        order = np.argsort(base(xp))
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - abs(period), xp, xp[:1] + abs(period)])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    i = np.clip(np.searchsorted(base(xp), base(x), side="right") - 1, 0, max(len(xp) - 2, 0))
    j = np.minimum(i + 1, len(xp) - 1)
    length = np.where(np.equal(base(xp)[j], base(xp)[i]), 1, xp[j] - xp[i])
    inside = fp[i] + (fp[j] - fp[i]) / length * (x - xp[i])
    value = np.where(np.less(x, xp[0]), fp[0] if left is None else left, inside)
    return np.where(np.greater(x, xp[-1]), fp[-1] if right is None else right, value)


@composed("Horner's scheme", np.polyval)
def polyval(p: Any, x: Any) -> Any:
    x = array(x)
    value = np.zeros(shape(x))
    for coefficient in array(p):
        value = value * x + coefficient
    return value


@composed("the least squares of np.vander(x) c = y", np.polyfit)
def polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False,
            w: Any = None, cov: bool = False) -> Any:  # fmt: skip
    if full or cov or np.ndim(deg):
        raise TypeError(
            "np.polyfit of a dual number takes a degree and neither full= nor cov=; write "
            "np.linalg.lstsq(np.vander(x, deg + 1), y) for more"
        )
    x, y = as_floats(x), as_floats(y)
    powers = np.vander(x, int(deg) + 1)
    if w is not None:
        w = array(w)
        powers, y = powers * w[:, None], y * (w if ndim(y) == 1 else w[:, None])
    scale = np.sqrt(np.sum(np.square(powers), axis=0))
    rcond = len(x) * np.finfo(dtype_of(x)).eps if rcond is None else rcond
    solution = np.linalg.lstsq(powers / scale, y, rcond)[0]
    return solution / (scale if ndim(y) == 1 else scale[:, None])


@implements("formula", "−ṗ(z) / p′(z)", np.roots)
def roots(p: Any) -> Any:
    p = array(p)  # NumPy looks for dual numbers within a list here
    level, (x,), _, directions = unpack([p])
    z, n = np.roots(x), len(x)
    powers = z[:, None] ** np.arange(n - 1, -1, -1)
    slopes = np.matmul(powers[:, 1:], x[:-1] * np.arange(n - 1, 0, -1))
    return finish(z, -np.matmul(p.tangent, np.transpose(powers)) / slopes, level, directions)


# --- polynomials by their coefficients, the highest power first ----------------------------------


@composed("f(ẋ, y) + f(x, ẏ)", np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(array(a1), array(a2))


def in_line(a1: Any, a2: Any) -> tuple[Any, Any]:
    a1, a2 = np.atleast_1d(array(a1)), np.atleast_1d(array(a2))
    n = max(len(a1), len(a2))
    return np.pad(a1, (n - len(a1), 0)), np.pad(a2, (n - len(a2), 0))


@composed("ẋ + ẏ", np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    a1, a2 = in_line(a1, a2)
    return a1 + a2


@composed("ẋ − ẏ", np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    a1, a2 = in_line(a1, a2)
    return a1 - a2


@composed("f(ẋ)", np.polyder, kind="linear")
def polyder(p: Any, m: int = 1) -> Any:
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@composed("f(ẋ), linear in the constants too", np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    constants = np.broadcast_to(0.0 if k is None else array(k), m)
    for i in range(m):
        p = np.append(array(p) / np.arange(len(p), 0, -1), constants[i])
    return p


@composed("the product of (x − zᵢ), by np.convolve", np.poly)
def poly(seq_of_zeros: Any) -> Any:
    if ndim(seq_of_zeros) != 1:
        raise TypeError(
            "np.poly takes zeros; the characteristic polynomial of a matrix has no derivative rule "
            "here: np.linalg.det(x * np.eye(n) - A) is its value at x"
        )
    coefficients = np.ones(1, like=seq_of_zeros)
    for zero in seq_of_zeros:
        coefficients = np.convolve(coefficients, np.array([1.0, -zero], like=zero))
    return coefficients
