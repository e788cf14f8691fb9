"""Spectra: eigenvalues and singular values with their vectors, also where values coincide.

The formulas divide by the distances of the values; where two coincide they give NaN, and report it
to `internals.limits`, by which `jvp` runs the function again beside the point. There the rules
below add a matrix to A that parts the values of each cluster, within the cluster's own space.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from dualedu.core.dual import Dual, finish, unpack
from dualedu.internals.complex_values import is_complex
from dualedu.internals.limits import beside, meet, step
from dualedu.internals.shapes import base, dtype_of, shape
from dualedu.numpy_rules.families import composed, implements, size
from dualedu.numpy_rules.linalg import hermitian, symmetric


def nearness(values: Any) -> Any:
    """The distance at which two of the values count as one: what rounding makes of equal ones."""
    n, largest = shape(values)[-1], np.max(np.abs(values), axis=-1, keepdims=True, initial=0)
    return 32 * np.finfo(dtype_of(values)).eps * n * largest


def distances(name: str, values: Any) -> tuple[Any, Any]:
    """(λⱼ − λᵢ as a matrix, 1 for the values that stand alone), with NaN in place of 0.

    On the diagonal the distance is infinite, for a vector does not turn towards itself.
    """
    plain, diagonal = base(values), np.eye(shape(values)[-1], dtype=bool)
    apart = np.abs(plain[..., None, :] - plain[..., :, None]) > nearness(plain)[..., None]
    alone = np.all(apart | diagonal, axis=-1)
    if not np.all(alone):
        meet(name)
    gap = np.where(apart, values[..., None, :] - values[..., :, None], np.nan)
    single = np.where(alone, 1.0, np.nan).astype(dtype_of(values))
    return np.where(diagonal, np.inf, gap), single


def clusters(values: Any, singular: bool) -> Iterator[tuple[slice, float, float]]:
    """The places of ordered values that coincide; how far they may move, a part of the way to 0
    or to the next value; and from where in (−1, 1) to 1 they are spread. A singular value of 0
    coincides with its own negative, and stays on one side of it; its two vectors turn apart."""
    near = float(nearness(values)[0])
    ends = [0, *np.nonzero(np.abs(np.diff(values)) > near)[0] + 1, len(values)]
    for start, stop in itertools.pairwise(ends):
        zero = bool(abs(values[start]) <= near)
        if stop - start > 1 or (zero and singular):
            room = [] if zero else [abs(values[start])]
            room += [abs(values[start] - values[start - 1])] if start else []
            room += [abs(values[stop] - values[stop - 1])] if stop < len(values) else []
            low = 0.5 if zero and singular else -1.0
            yield slice(start, stop), float(min(room, default=1.0)), low


def parting(left: Any, values: Any, right: Any, singular: bool = False) -> Any:
    """The matrix that parts values which coincide when it is added to L diag(values) R, in a run
    beside the point; None in other runs and where none coincide."""
    rng = beside()
    if rng is None or not np.isfinite(values).all():
        return None
    inside = np.zeros((*shape(values), shape(values)[-1]), dtype_of(values))
    for place in np.ndindex(shape(values)[:-1]):
        for part, room, low in clusters(values[place], singular):
            count = part.stop - part.start
            turn, back = np.linalg.qr(rng.normal(size=(2, count, count)))[0]
            moved = (turn * np.linspace(low, 1, count)) @ (turn if low < 0 else back).T
            inside[(*place, part, part)] = step(room, count, values.dtype) * moved
    return np.matmul(np.matmul(left, inside), right) if inside.any() else None


def diagonal(x: Any) -> Any:
    return np.linalg.diagonal(x)


def phases(function: str, advice: str) -> TypeError:
    return TypeError(
        f"{function} of a complex matrix has no derivative: LAPACK turns each vector by some "
        f"phase. Use {advice}"
    )


@implements(
    "formula",
    "vᵢᵀ Ȧ vᵢ for the eigenvalues and V (F ∘ Vᵀ Ȧ V) for the vectors, with Fᵢⱼ = 1 / (λⱼ − λᵢ)",
    np.linalg.eigh,
)
def eigh(a: Any, UPLO: Any = "L") -> Any:
    if is_complex(a):
        raise phases(
            "np.linalg.eigh",
            "np.linalg.eigvalsh for the values, np.linalg.eig for vectors whose largest entry is "
            "real",
        )
    return eigen(a, UPLO)


def eigen(a: Any, UPLO: Any) -> Any:
    level, (x,), _, directions = unpack([a])
    outcome = eigen(x, UPLO) if isinstance(x, Dual) else np.linalg.eigh(x, UPLO)
    values, vectors = outcome
    parts = parting(base(vectors), base(values), hermitian(base(vectors)))
    if parts is not None:
        return eigen(a + parts, UPLO)
    da = symmetric(a.tangent, UPLO.upper() == "U")
    inside = np.matmul(np.matmul(hermitian(vectors), da), vectors)
    gap, alone = distances("np.linalg.eigh", values)
    with np.errstate(invalid="ignore"):  # a complex number by the NaN of equal values
        turning = inside / gap
    return type(outcome)(
        finish(values, np.real(diagonal(inside)) * alone, level, directions),
        finish(vectors, np.matmul(vectors, turning), level, directions),
    )


@composed("vᵢᵀ Ȧ vᵢ", np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: Any = "L") -> Any:
    return eigen(a, UPLO)[0]


@implements(
    "formula",
    "the diagonal of V⁻¹ Ȧ V for the eigenvalues and V (F ∘ V⁻¹ Ȧ V) for the vectors, with "
    "Fᵢⱼ = 1 / (λⱼ − λᵢ), kept at length 1 and their largest entry real",
    np.linalg.eig,
)
def eig(a: Any) -> Any:
    level, (x,), _, directions = unpack([a])
    outcome = np.linalg.eig(x)
    values, vectors = outcome
    inside = np.matmul(np.matmul(np.linalg.inv(vectors), a.tangent), vectors)
    gap, alone = distances("np.linalg.eig", values)
    turned = np.matmul(vectors, inside / gap)
    along = np.sum(np.real(np.conjugate(vectors) * turned), axis=-2, keepdims=True)
    if is_complex(vectors) and size(vectors):
        sizes = np.abs(base(vectors))
        largest = np.arange(shape(x)[-1])[:, None] == np.argmax(sizes, axis=-2, keepdims=True)
        entry, moved = (
            np.sum(np.where(largest, part, 0), axis=-2, keepdims=True) for part in (vectors, turned)
        )
        along = along + 1j * np.imag(moved / entry)
    return type(outcome)(
        finish(values, diagonal(inside) * alone, level, directions),
        finish(vectors, turned - vectors * along, level, directions),
    )


@implements("formula", "the diagonal of V⁻¹ Ȧ V", np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    found, plain = np.linalg.eig(a)[0], np.linalg.eigvals(base(a))
    if not plain.size:
        return found
    # The two routines of LAPACK need not find them in one order.
    apart = np.abs(plain[..., :, None] - base(found)[..., None, :])
    chosen = np.argmin(apart, axis=-1)[..., None] == np.arange(shape(plain)[-1])
    return np.sum(np.where(chosen, found[..., None, :], 0), axis=-1)


@implements(
    "formula",
    "uᵢᵀ Ȧ vᵢ for the singular values; for the vectors U (F ∘ (P S + S Pᵀ)) + (I − U Uᵀ) Ȧ V S⁻¹ "
    "and likewise V, with P = Uᵀ Ȧ V and Fᵢⱼ = 1 / (σⱼ² − σᵢ²)",
    np.linalg.svd,
)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if compute_uv and full_matrices and len({*shape(a)[-2:]}) > 1:
        raise TypeError(
            "np.linalg.svd of a dual number takes full_matrices=False: the vectors that complete "
            "a basis are arbitrary and have no derivative"
        )
    if compute_uv and is_complex(a):
        raise phases(
            "np.linalg.svd",
            "np.linalg.svdvals for the values, np.linalg.eig of a.conj().T @ a for vectors whose "
            "largest entry is real",
        )
    return singular(a, compute_uv)


def singular(a: Any, compute_uv: bool) -> Any:
    undefined = ~np.isfinite(base(a)).all(axis=(-2, -1))
    if undefined.any() and not compute_uv:  # LAPACK may look for their vectors for ever
        rows, columns = shape(a)[-2:]
        plain = np.eye(rows, columns, dtype=dtype_of(a)) * np.arange(1, columns + 1)
        found = singular(np.where(undefined[..., None, None], plain, a), compute_uv)
        return found * np.where(undefined, np.nan, 1)[..., None].astype(dtype_of(found))
    level, (x,), _, directions = unpack([a])
    outcome = singular(x, True) if isinstance(x, Dual) else np.linalg.svd(x, full_matrices=False)
    u, s, vh = outcome
    parts = parting(base(u), base(s), base(vh), singular=compute_uv)
    if parts is not None:
        return singular(a + parts, compute_uv)
    v, t = hermitian(vh), a.tangent
    inside = np.matmul(np.matmul(hermitian(u), t), v)
    gap, alone = distances("np.linalg.svd", s)
    ds = np.real(diagonal(inside)) * alone
    if not compute_uv:
        return finish(np.linalg.svd(x, compute_uv=False), ds, level, directions)
    row, column = s[..., None, :], s[..., :, None]
    zero = base(row) <= nearness(base(s))[..., None]
    if zero.any():
        meet("np.linalg.svd")
    # σⱼ² − σᵢ² as a product, for squares may overflow or be lost where the distance is not.
    both = row + column
    share, other = (part / np.where(np.equal(both, 0), 1, both) for part in (row, column))
    with np.errstate(invalid="ignore"):  # a complex number by the NaN of equal values
        du = np.matmul(u, (inside * share + other * hermitian(inside)) / gap)
        dv = np.matmul(v, (other * inside + hermitian(inside) * share) / gap)
    length = np.where(zero, np.nan, row)
    du = du + (np.matmul(t, v) - np.matmul(u, inside)) / length
    dv = dv + (np.matmul(hermitian(t), u) - np.matmul(v, hermitian(inside))) / length
    if is_complex(inside):  # what u and v turn by beside each other
        du = du + u * (1j * np.imag(diagonal(inside))[..., None, :] / length)
    return type(outcome)(
        finish(u, du, level, directions),
        finish(s, ds, level, directions),
        finish(vh, hermitian(dv), level, directions),
    )


@composed("uᵢᵀ Ȧ vᵢ", np.linalg.svdvals)
def svdvals(x: Any) -> Any:
    return np.linalg.svd(x, compute_uv=False)
