"""Spectra and other complex numbers on the way to a real result: Fourier transforms, parts, angles.

All of these are linear over the reals, except for the angle. What else takes complex numbers is
listed at the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualedu.core.dual import finish, unpack
from dualedu.internals.complex_values import COMPLEX, is_complex
from dualedu.internals.registry import optional
from dualedu.internals.shapes import base, ndim
from dualedu.numpy_rules.families import first_only, from_end, implements


def transform(function: Any) -> None:
    """Register a Fourier transform along one axis."""

    @implements("linear", "f(ẋ)", function)
    def rule(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        first_only(function, a)
        level, (x,), _, directions = unpack([a])
        z = function(x, n, axis, norm)
        t = function(a.tangent, n, from_end(axis, ndim(x)), norm)
        return finish(z, t, level, directions)


def transform_several(function: Any, default: Any) -> None:
    """Register a Fourier transform along several axes."""

    @implements("linear", "f(ẋ)", function)
    def rule(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        first_only(function, a)
        level, (x,), _, directions = unpack([a])
        z = function(x, s, axes, norm)
        axes = range(-len(s), 0) if axes is None and s is not None else axes
        t = function(a.tangent, s, from_end(axes, ndim(x)), norm)
        return finish(z, t, level, directions)


ONE_AXIS = (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft)
TWO_AXES = (np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2)
ALL_AXES = (np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
for _one in ONE_AXIS:
    transform(_one)
for _two in TWO_AXES:
    transform_several(_two, (-2, -1))
for _all in ALL_AXES:
    transform_several(_all, None)


@implements("linear", "the imaginary part of ẋ", np.imag)
def imag(val: Any) -> Any:
    if not is_complex(val):
        return np.imag(base(val))
    level, (x,), _, directions = unpack([val])
    return finish(np.imag(x), np.imag(val.tangent), level, directions)


@implements("formula", "Im(x̄ ẋ) / |x|²; that of a real number is constant", np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    if not is_complex(z):
        return np.angle(base(z), deg)
    level, (x,), _, directions = unpack([z])
    turn = np.imag(z.tangent / x)
    return finish(np.angle(x, deg), np.degrees(turn) if deg else turn, level, directions)


COMPLEX |= {
    *(*ONE_AXIS, *TWO_AXES, *ALL_AXES, np.fft.fftshift, np.fft.ifftshift),
    *(np.real, np.imag, np.angle, np.absolute, np.conjugate, "getitem"),
    *(np.add, np.subtract, np.multiply, np.divide, np.power, np.negative, np.positive),
    *(np.reciprocal, np.square, np.sqrt, np.exp, np.log, np.sin, np.cos, np.sinh, np.cosh),
    *(np.tan, np.tanh, np.expm1, np.log1p, np.log2, np.log10),
    *(np.sum, np.mean, np.prod, np.cumsum, np.cumprod, np.trace, np.diff),
    *((np.add, "reduce"), (np.add, "accumulate"), (np.multiply, "reduce"), (np.add, "at")),
    *(np.matmul, np.dot, np.vdot, np.inner, np.outer, np.tensordot, np.einsum, np.kron),
    *(np.convolve, np.polyval, np.linalg.inv, np.linalg.solve, np.linalg.matrix_power),
    *(np.linalg.eig, np.linalg.eigvals, np.linalg.eigvalsh, np.linalg.norm, np.roots),
    *(np.reshape, np.ravel, np.squeeze, np.expand_dims, np.transpose, np.swapaxes, np.moveaxis),
    *(np.flip, np.roll, np.tile, np.repeat, np.broadcast_to, np.copy, np.diag, np.diagonal),
    *(np.linalg.diagonal, np.matrix_transpose, np.linalg.matrix_transpose, np.take_along_axis),
    *(np.concatenate, np.stack, np.hstack, np.vstack, np.append, np.pad, np.split, np.where),
    *(np.take, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.copyto),
    *optional("matvec", "vecmat"),
    *(np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.array, np.asarray),
}
