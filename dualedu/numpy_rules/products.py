"""Products of arrays: matrix products, inner and outer ones, convolutions, np.einsum."""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np

from dualedu.core.dual import finish, lifted, unpack
from dualedu.internals.complex_values import is_complex
from dualedu.internals.registry import constant, optional
from dualedu.internals.shapes import dtype_of, ndim, shape
from dualedu.numpy_rules.families import (
    BILINEAR,
    Function,
    array,
    bilinear,
    bilinear_rule,
    implements,
)


@implements(
    "bilinear",
    "ẋ y + x ẏ, with one term where one factor is a constant",
    *(np.matmul, np.linalg.matmul),
)
def matmul(x: Any, y: Any) -> Any:
    return multiply_matrices(np.matmul, x, y)


def multiply_matrices(function: Function, x: Any, y: Any) -> Any:
    """function(x, y), which is np.matmul(x, y), with the tangent ẋ y + x ẏ."""
    level, (x, y), (dx, dy), directions = unpack([x, y])
    z = function(x, y)
    t = None
    if dx is not None:
        t = product(fill_axis(dx, x, -1), ndim(x), y, ndim(y))
    if dy is not None:
        term = product(x, ndim(x), fill_axis(dy, y, -2 if ndim(y) > 1 else -1), ndim(y))
        t = term if t is None else t + term
    return finish(z, t, level, directions)


def fill_axis(t: Any, x: Any, axis: int) -> Any:
    """The tangent t of x with the axis that a product sums over in full length."""
    length = shape(x)[axis]
    if shape(t)[axis] == length:
        return t
    full = list(shape(t))
    full[axis] = length
    return np.broadcast_to(t, tuple(full))


def product(a: Any, rank_a: int, b: Any, rank_b: int) -> Any:
    """np.matmul where a or b may have an axis of directions before the rank given for it."""
    if rank_b == 2 and rank_a == 2:
        rows = shape(a)
        if len(rows) == 3 and ndim(b) == 2:  # one large product instead of K small ones
            flat = np.matmul(np.reshape(a, (math.prod(rows[:-1]), rows[-1])), b)
            return np.reshape(flat, (*rows[:-1], shape(b)[-1]))
        return np.matmul(a, b)
    leads = ndim(a) - rank_a, ndim(b) - rank_b
    a = a[..., None, :] if rank_a == 1 else a
    b = b[..., :, None] if rank_b == 1 else b
    widest = max(rank_a, rank_b, 2)
    if leads[0]:
        a = lifted(a, widest - max(rank_a, 2), 1)
    if leads[1]:
        b = lifted(b, widest - max(rank_b, 2), 1)
    z = np.matmul(a, b)
    z = z[..., 0] if rank_b == 1 else z
    return z[..., 0] if rank_a == rank_b == 1 else z[..., 0, :] if rank_a == 1 else z


bilinear(
    *(np.inner, np.outer, np.vdot, np.kron, np.cross, np.tensordot, np.convolve, np.correlate),
    *(np.linalg.outer, np.linalg.cross, np.linalg.tensordot),
)


direction_by_direction = bilinear_rule(np.dot)


@implements("bilinear", BILINEAR, np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    a, b = array(a), array(b)
    if 0 < ndim(b) <= 2 and ndim(a):
        return multiply_matrices(np.dot, a, b)
    return direction_by_direction(a, b)  # by a number, or of a stack: not what np.matmul does


def multiply_stacks(function: Any, core_a: int, core_b: int, multiply: Function) -> Function:
    """The rule of a product of the last axes of stacks: core_a and core_b of them are multiplied,
    multiply(a, b) broadcasts the others."""

    def rule(a: Any, b: Any) -> Any:
        level, (x, y), (dx, dy), directions = unpack([array(a), array(b)])
        z = function(x, y)
        stack = max(ndim(x) - core_a, ndim(y) - core_b)
        t = None
        if dx is not None:
            missing = stack + core_a - ndim(x)
            t = multiply(lifted(fill_axis(dx, x, -1), missing, directions), y)
        if dy is not None:
            missing = stack + core_b - ndim(y)
            term = multiply(x, lifted(fill_axis(dy, y, -core_b), missing, directions))
            t = term if t is None else t + term
        return finish(z, t, level, directions)

    return rule


multiply_vectors = multiply_stacks(np.vecdot, 1, 1, np.vecdot)


@implements("bilinear", BILINEAR, np.vecdot, np.linalg.vecdot)
def vecdot(a: Any, b: Any, *, axis: int = -1) -> Any:
    return multiply_vectors(np.moveaxis(array(a), axis, -1), np.moveaxis(array(b), axis, -1))


def matrix_by_vector(a: Any, b: Any) -> Any:
    return np.matmul(a, b[..., None])[..., 0]


def vector_by_matrix(a: Any, b: Any) -> Any:
    """aᴴ b: like np.vecdot, np.vecmat takes the conjugate of a complex vector."""
    a = np.conjugate(a) if is_complex(a) else a
    return np.matmul(a[..., None, :], b)[..., 0, :]


for _function in optional("matvec"):
    implements("bilinear", BILINEAR, _function)(multiply_stacks(_function, 2, 1, matrix_by_vector))
for _function in optional("vecmat"):
    implements("bilinear", BILINEAR, _function)(multiply_stacks(_function, 1, 2, vector_by_matrix))


# In the order of their codes, which is that of the axes of an output not written out.
LETTERS = string.ascii_uppercase + string.ascii_lowercase


@implements("formula", "multilinear: Σᵢ f(x₁, …, ẋᵢ, …, xₙ)", np.einsum)
def einsum(*operands: Any, out: Any = None, **kwargs: Any) -> Any:
    subscripts, *arrays = operands if isinstance(operands[0], str) else spell_out(operands)
    level, primals, tangents, directions = unpack(arrays)
    z = np.einsum(subscripts, *primals, **kwargs)
    primals = [cast_whole(x, dtype_of(z)) for x in primals]
    kwargs.setdefault("optimize", True)
    inputs, result = write_output(subscripts)
    k = next(letter for letter in LETTERS if letter not in subscripts)
    total = None
    for i, t in enumerate(tangents):
        if t is not None:
            factors, names, output = list(primals), list(inputs), result
            factors[i] = arrays[i].tangent
            if directions is not None:
                names[i], output = k + names[i], k + result
            term = np.einsum(f"{','.join(names)}->{output}", *factors, **kwargs)
            total = term if total is None else total + term
    return finish(z, total, level, directions)


constant("it looks at the primal", np.einsum_path)


def cast_whole(x: Any, dtype: Any) -> Any:
    """x, truth values and integers as the numbers in which np.einsum multiplies them: two factors
    at a time they would be multiplied as what they are, and wrap around."""
    return x.astype(dtype) if dtype_of(x).kind in "biu" else x


def spell_out(operands: Any) -> list[Any]:
    """The form einsum(x, [0, 1], y, [1, 2], [0, 2]) in the letters of einsum("AB,BC->AC", x, y)."""
    arrays, lists = operands[: len(operands) // 2 * 2 : 2], operands[1::2]
    words = ["".join("..." if i is Ellipsis else LETTERS[i] for i in part) for part in lists]
    subscripts = ",".join(words)
    if len(operands) % 2:
        output = "".join("..." if i is Ellipsis else LETTERS[i] for i in operands[-1])
        subscripts += f"->{output}"
    return [subscripts, *arrays]


def write_output(subscripts: str) -> tuple[list[str], str]:
    """The inputs and the output of einsum subscripts, an implicit output written out."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    letters = left.replace(",", "").replace(".", "")
    once = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return left.split(","), right if arrow else ("..." if "..." in left else "") + once
