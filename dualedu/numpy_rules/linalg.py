"""Linear algebra: the rules of np.linalg, each with its formula.

For stacks of matrices every formula holds matrix by matrix. Sources: M. B. Giles, "Collected matrix
derivative results for forward and reverse mode algorithmic differentiation" (2008); for the pseudo-
inverse G. H. Golub and V. Pereyra (1973).
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from dualedu.core.dual import Dual, finish, lifted, unpack
from dualedu.internals.complex_values import is_complex
from dualedu.internals.registry import constant
from dualedu.internals.shapes import base, dtype_of, ndim, shape
from dualedu.internals.slopes import over, ratio
from dualedu.numpy_rules.families import (
    array,
    as_floats,
    composed,
    composed_rule,
    from_end,
    implements,
    size,
)
from dualedu.numpy_rules.reductions import squared

constant("it looks at the primal", np.linalg.matrix_rank)


def adjoint(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def hermitian(x: Any) -> Any:
    return np.conjugate(adjoint(x)) if is_complex(x) else adjoint(x)


@implements("formula", "−A⁻¹ Ȧ A⁻¹", np.linalg.inv)
def inv(a: Any) -> Any:
    level, (x,), _, directions = unpack([a])
    z = np.linalg.inv(x)
    return finish(z, -np.matmul(np.matmul(z, a.tangent), z), level, directions)


@implements("formula", "A⁻¹ (ḃ − Ȧ z), from A z = b", np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    a, b = array(a), array(b)
    level, (x, y), (da, db), directions = unpack([a, b])
    z = np.linalg.solve(x, y)
    vector = ndim(y) == 1
    columns = z[..., None] if vector else z
    side: Any = 0
    if db is not None:
        given = b.tangent[..., None] if vector else b.tangent
        side = lifted(given, ndim(columns) - max(ndim(y), 2), directions)
    if da is not None:
        side = side - np.matmul(lifted(a.tangent, ndim(columns) - ndim(x), directions), columns)
    t = np.linalg.solve(x, side)
    return finish(z, t[..., 0] if vector else t, level, directions)


@implements("formula", "tr(adj(A) Ȧ), Jacobi's formula", np.linalg.det)
def det(a: Any) -> Any:
    level, (x,), _, directions = unpack([a])
    z = np.linalg.det(x)
    return finish(z, np.sum(cofactors(x, z) * a.tangent, axis=(-2, -1)), level, directions)


def cofactors(x: Any, z: Any) -> Any:
    """The matrix of cofactors, adj(A)ᵀ, of matrices whose determinants are z.

    It is det(A) A⁻ᵀ for a matrix that can be inverted, to first order even for an ill-conditioned
    one: the determinant and the inverse come from the same factors, and their errors cancel (G. W.
    Stewart, "On the adjugate matrix", 1998). They do not in its derivative; there, and for a
    singular matrix, the singular value decomposition gives it.
    """
    plain = base(x)
    if shape(x)[-1] == 0 or not np.all(np.isfinite(plain)):
        return np.reshape(z, (*shape(z), 1, 1)) * adjoint(np.linalg.inv(x))
    try:
        inverse = np.linalg.inv(plain)
    except np.linalg.LinAlgError:
        return decomposed_cofactors(x)
    outcome = np.reshape(base(z), (*shape(z), 1, 1)) * adjoint(inverse)
    condition = np.linalg.norm(plain, 1, axis=(-2, -1)) * np.linalg.norm(inverse, 1, axis=(-2, -1))
    limit = np.finfo(dtype_of(x)).eps ** -0.5
    if isinstance(x, Dual):
        if not np.all(condition < limit):
            return decomposed_cofactors(x)
        return np.reshape(z, (*shape(z), 1, 1)) * adjoint(np.linalg.inv(x))
    return outcome if np.all(np.isfinite(outcome)) else decomposed_cofactors(x)


def decomposed_cofactors(x: Any) -> Any:
    """Cofactors from A = U S Vᴴ: det(U) det(Vᴴ) Ū C V̄ᴴ, with Cᵢᵢ the product of the other singular
    values. The cofactors of S + ε N have the tangents Σₖ Nₖₖ Eᵢₖ on the diagonal and −Nⱼᵢ Eᵢⱼ
    beside it, where Eᵢⱼ is the product without i and j."""
    if not isinstance(x, Dual):
        u, s, vh = np.linalg.svd(x)
        return turn(u, without(s)[..., None] * np.eye(shape(s)[-1], dtype=x.dtype), vh)
    level, (p,), _, directions = unpack([x])
    if isinstance(p, Dual):  # beyond the second derivative: from the minors, one by one
        return minors(x)
    u, s, vh = np.linalg.svd(p)
    n = shape(s)[-1]
    diagonal = np.eye(n, dtype=bool)
    pairs = without(np.where(diagonal, 1, s[..., None, :]))
    pairs = np.where(diagonal, 0, pairs)
    inside = np.matmul(np.matmul(hermitian(u), x.tangent), hermitian(vh))
    along = np.matmul(pairs, np.linalg.diagonal(inside)[..., None])
    t = np.where(diagonal, along, -adjoint(inside) * pairs)
    return finish(decomposed_cofactors(p), turn(u, t, vh), level, directions)


def turn(u: Any, inside: Any, vh: Any) -> Any:
    sign = np.linalg.det(u) * np.linalg.det(vh)
    if is_complex(u):
        u, vh = np.conjugate(u), np.conjugate(vh)
    return sign[..., None, None] * np.matmul(np.matmul(u, inside), vh)


def without(s: Any) -> Any:
    """The product of all others, for each of the last axis: without a quotient, so that zeros may
    be among them."""
    ones = np.ones((*shape(s)[:-1], 1), s.dtype)
    before = np.cumprod(np.concatenate([ones, s[..., :-1]], axis=-1), axis=-1)
    behind = np.cumprod(np.concatenate([ones, s[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return before * behind


def minors(x: Any) -> Any:
    n = shape(x)[-1]
    if n == 1:
        return np.ones(shape(x), dtype_of(x))
    found = [
        (-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, axis=-2), j, axis=-1))
        for i in range(n)
        for j in range(n)
    ]
    return np.reshape(np.stack(found, axis=-1), shape(x))


@implements(
    "formula",
    "log|det A|: tr(A⁻¹ Ȧ); the sign is constant, that of a complex matrix turns",
    np.linalg.slogdet,
)
def slogdet(a: Any) -> Any:
    level, (x,), _, directions = unpack([a])
    outcome = np.linalg.slogdet(x)
    sign, z = outcome
    if np.all(base(sign)):
        t = np.sum(adjoint(np.linalg.inv(x)) * a.tangent, axis=(-2, -1))
    else:  # log 0, with an infinite slope
        value = np.linalg.det(x)
        t = over(np.sum(cofactors(x, value) * a.tangent, axis=(-2, -1)), value)
    if not is_complex(x):
        return type(outcome)(base(sign), finish(z, t, level, directions))
    turned = finish(sign, 1j * np.imag(t) * sign, level, directions)
    return type(outcome)(turned, finish(z, np.real(t), level, directions))


@implements(
    "formula",
    "L Φ(L⁻¹ Ȧ L⁻ᴴ), with Φ the lower triangle and half of the diagonal",
    np.linalg.cholesky,
)
def cholesky(a: Any, *, upper: bool = False) -> Any:
    level, (x,), _, directions = unpack([a])
    z = np.linalg.cholesky(x, upper=upper)
    lower = hermitian(z) if upper else z
    inverse = np.linalg.inv(lower)
    da = symmetric(a.tangent, upper)
    inside = np.matmul(np.matmul(inverse, da), hermitian(inverse))
    t = np.matmul(lower, np.tril(inside) * halve_diagonal(shape(x)[-1], dtype_of(x)))
    return finish(z, hermitian(t) if upper else t, level, directions)


def symmetric(t: Any, upper: bool) -> Any:
    """The symmetric matrix that NumPy reads from one triangle; a Hermitian one of complex entries,
    with a diagonal of their real parts."""
    n = shape(t)[-1]
    strict, whole = np.tri(n, k=-1, dtype=bool), np.tri(n, dtype=bool)
    half = hermitian(t) if upper else t
    if is_complex(t):
        half = np.where(np.eye(n, dtype=bool), np.real(half), half)
    return np.where(whole, half, 0) + hermitian(np.where(strict, half, 0))


def halve_diagonal(n: int, dtype: Any) -> Any:
    return np.ones((n, n), dtype) - np.eye(n, dtype=dtype) / 2


@implements(
    "formula",
    "Ṙ = (B − Ω) R and Q̇ = Ȧ R⁻¹ − Q (B − Ω), with B = Qᴴ Ȧ R⁻¹ and Ω the skew-Hermitian matrix "
    "that has the lower triangle of B; the diagonal of R stays real",
    np.linalg.qr,
)
def qr(a: Any, mode: str = "reduced") -> Any:
    rows, columns = shape(a)[-2:]
    if mode not in ("reduced", "r"):
        raise TypeError("np.linalg.qr of a dual number takes the modes 'reduced' and 'r'")
    if rows < columns:
        return wide(a, mode)
    level, (x,), _, directions = unpack([a])
    outcome = np.linalg.qr(x)
    q, r = outcome
    scaled = np.matmul(a.tangent, np.linalg.inv(r))
    inside = np.matmul(hermitian(q), scaled)
    lower = np.where(np.tri(columns, k=-1, dtype=bool), inside, 0)
    upper = inside - (lower - hermitian(lower))
    if is_complex(inside):
        upper = upper - 1j * np.where(np.eye(columns, dtype=bool), np.imag(inside), 0)
    dr = finish(r, np.matmul(upper, r), level, directions)
    if mode == "r":
        return dr
    return type(outcome)(finish(q, scaled - np.matmul(q, upper), level, directions), dr)


def square_first(a: Any, mode: str) -> Any:
    """Of more columns than rows, the square of the first ones has the same Q."""
    rows = shape(a)[-2]
    q, r = np.linalg.qr(a[..., :rows])
    r = np.concatenate([r, np.matmul(hermitian(q), a[..., rows:])], axis=-1)
    return r if mode == "r" else (q, r)


wide = composed_rule(np.linalg.qr, square_first)


@implements(
    "formula",
    "−A⁺ Ȧ A⁺ + A⁺ A⁺ᴴ Ȧᴴ (I − A A⁺) + (I − A⁺ A) Ȧᴴ A⁺ᴴ A⁺, where the rank stays the same",
    np.linalg.pinv,
)
def pinv(a: Any, rcond: Any = None, *, rtol: Any = None) -> Any:
    level, (x,), _, directions = unpack([a])
    rcond = rtol if rcond is None else rcond
    if rcond is not None:
        check_dropped(base(x), np.asarray(rcond))
    z, t = np.linalg.pinv(x, rcond), a.tangent
    outer = np.eye(shape(x)[-2], dtype=dtype_of(z)) - np.matmul(x, z)
    inner = np.eye(shape(x)[-1], dtype=dtype_of(z)) - np.matmul(z, x)
    terms = (
        -np.matmul(np.matmul(z, t), z),
        np.matmul(np.matmul(np.matmul(z, hermitian(z)), hermitian(t)), outer),
        np.matmul(np.matmul(inner, hermitian(t)), np.matmul(hermitian(z), z)),
    )
    return finish(z, sum(terms), level, directions)


def check_dropped(x: Any, rcond: Any) -> None:
    """Refuse an rcond that drops singular values other than 0: A A⁺ A is then no longer A, from
    which the formula starts."""
    values = np.linalg.svdvals(x)
    largest = np.max(values, axis=-1, keepdims=True, initial=0)
    zero = 10 * np.finfo(dtype_of(x)).eps * max(shape(x)[-2:]) * largest
    dropped = (values > zero) & (values <= rcond[..., None] * largest)
    if np.any(dropped):
        raise ValueError(
            f"np.linalg.pinv and lstsq of a dual number: rcond={rcond} drops a singular value, "
            f"{values[dropped][0]:.3g} of {largest.max():.3g}, that is not 0. The rule holds where "
            "only zeros are dropped; lower rcond, or write the product from np.linalg.svd"
        )


@composed("A⁺ b, and the residuals from it", np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = array(a), array(b)
    machine = np.finfo(np.result_type(dtype_of(a), dtype_of(b))).eps
    smallest = machine * max(shape(a)) if rcond is None else machine if rcond == -1 else rcond
    solution = np.dot(np.linalg.pinv(a, smallest), b)
    columns = shape(b)[1] if ndim(b) > 1 else 1
    residuals = np.sum(squared(np.reshape(b - np.dot(a, solution), (len(b), columns))), axis=0)
    given = np.linalg.lstsq(base(a), base(b), rcond)[1]  # none where the fit is exact
    return solution, residuals[: len(given)], None, np.linalg.svdvals(a)


@composed("repeated squaring", np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    if n < 0:
        return np.linalg.matrix_power(np.linalg.inv(a), -n)
    if n < 2:
        return a if n else np.broadcast_to(np.eye(shape(a)[-1]), shape(a))
    power = np.linalg.matrix_power(np.matmul(a, a), n // 2)
    return np.matmul(power, a) if n % 2 else power


@composed("|A| |A⁻¹|, by singular values for p = None, 2 and −2", np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    if p in (None, 2, -2):
        s = np.linalg.svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    norms = [np.linalg.matrix_norm(a, ord=p) for a in (x, np.linalg.inv(x))]
    return norms[0] * norms[1]


@composed("A⁻¹ (ḃ − Ȧ z) of the matrices", np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        a = np.moveaxis(a, axes, range(ndim(a) - len(axes), ndim(a)))
    z = np.linalg.solve(np.reshape(a, (-1, size(b))), np.ravel(b))
    return np.reshape(z, shape(a)[ndim(b) :])


@composed("−A⁻¹ Ȧ A⁻¹ of the matrices", np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    rows = np.reshape(a, (math.prod(shape(a)[:ind]), -1))
    return np.reshape(np.linalg.inv(rows), shape(a)[ind:] + shape(a)[:ind])


@composed("one product after the other", np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    return functools.reduce(np.dot, map(as_floats, arrays))


@composed("sums, maxima and singular values; at 0 the tangent is 0", np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    axes = tuple(range(ndim(x))) if axis is None else axis if np.ndim(axis) else (axis,)
    if ord is None or len(axes) == 1:
        return vectors(x, 2 if ord is None else ord, axes, keepdims)
    return matrices(x, ord, axes, keepdims)


@composed("sums and maxima; at 0 the tangent is 0", np.linalg.vector_norm)
def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return vectors(x, ord, axis, keepdims)


@composed("sums, maxima and singular values; at 0 the tangent is 0", np.linalg.matrix_norm)
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return matrices(x, ord, (-2, -1), keepdims)


def vectors(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    x = np.abs(x) if ord != 2 and is_complex(x) else x
    if ord == 0:
        return np.count_nonzero(x, axis=axis, keepdims=keepdims)
    if abs(ord) == np.inf:
        return (np.max if ord > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    if ord > 1:
        return smooth_norm(x, ord, axis, keepdims)
    total = np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims)
    return total if ord == 1 else total ** (1 / ord)


def matrices(x: Any, ord: Any, axes: Any, keepdims: bool) -> Any:
    if ord == "fro":
        return smooth_norm(x, 2, axes, keepdims)
    x = np.moveaxis(x, axes, (-2, -1))
    x = np.abs(x) if ord not in (2, -2, "nuc") and is_complex(x) else x
    if ord == "nuc":
        result = nuclear(x)
    else:
        columns = -2 if abs(ord) == 1 else -1
        values = np.linalg.svdvals(x) if abs(ord) == 2 else np.sum(np.abs(x), axis=columns)
        result = (np.max if ord > 0 else np.min)(values, axis=-1)
    return np.expand_dims(result, axes) if keepdims else result


def nuclear(x: Any) -> Any:
    """Σ (U Vᵀ) ∘ ẋ, also where singular values coincide: only one by one have they no slope."""
    if not isinstance(x, Dual) or is_complex(x):  # the vectors of a complex matrix have none
        return np.sum(np.linalg.svdvals(x), axis=-1)
    level, (p,), _, directions = unpack([x])
    u, s, vh = np.linalg.svd(p, full_matrices=False)
    slope = np.matmul(u * np.sign(s)[..., None, :], vh)
    return finish(nuclear(p), np.sum(slope * x.tangent, axis=(-2, -1)), level, directions)


def from_end_of_two(axes: Any, rank: int) -> Any:
    """Axes of an array of complex numbers, and that of their two parts, counted from its end."""
    found = from_end(axes, rank)
    return (*(axis - 1 for axis in (found if np.ndim(found) else (found,))), -1)


def smooth_norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    """Σ sign(r) |r|ᵖ⁻¹ ẋ with r = x / |x|, which is x · ẋ / |x| for p = 2; 0 at the origin."""
    if np.ndim(axis) and len(axis) == ndim(x):
        axis = None  # NumPy is quicker then
    if not isinstance(x, Dual):
        return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
    if is_complex(x):
        parts = np.stack([np.real(x), np.imag(x)], axis=-1)
        lengths = smooth_norm(parts, ord, from_end_of_two(axis, ndim(x)), keepdims)
        return lengths[..., 0] if keepdims else lengths
    level, (p,), _, directions = unpack([x])
    z = smooth_norm(p, ord, axis, keepdims)
    along = from_end(axis, ndim(p))
    if ord == 2 and axis is None and not keepdims and within_range(z):
        t = np.vecdot(
            np.reshape(x.tangent, (*shape(x.tangent)[: ndim(x.tangent) - ndim(p)], size(p))),
            np.ravel(p),
        )
        if within_range(t):
            return finish(z, t / z, level, directions)
    length = z if keepdims else np.expand_dims(z, along)
    unit = ratio(p, length, lambda: np.sum(np.cbrt(p), axis=along, keepdims=True))
    if ord != 2:
        unit = np.sign(unit) * np.abs(unit) ** (ord - 1)
    t = np.sum(unit * x.tangent, axis=along, keepdims=keepdims)
    return finish(z, t, level, directions)


def within_range(x: Any) -> bool:
    """Whether no product of numbers of this size overflows or is lost."""
    sizes, limits = np.abs(base(x)), np.finfo(dtype_of(x))
    lowest, highest = limits.tiny**0.4, limits.max**0.4
    return bool(np.all((sizes > lowest) & (sizes < highest)))
