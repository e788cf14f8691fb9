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
    *(np.angle, np.absolute, np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power),
    *(np.negative, np.positive, np.conjugate, np.reciprocal, np.square, np.sqrt, np.sinc),
    *(np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan),
    *(np.sinh, np.cosh, np.tanh, np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh),
    *(np.arctanh, np.prod, np.cumprod, np.nansum, np.nanprod, np.nanmean, np.nancumsum),
    *(np.nancumprod, np.average, np.var, np.std, np.nanvar, np.nanstd, np.cov, np.corrcoef),
    *((np.add, "reduce"), (np.add, "accumulate"), (np.multiply, "reduce")),
    *((np.multiply, "accumulate"), np.einsum, np.polyval, np.polyfit, np.polymul, np.polyadd),
    *(np.polysub, np.polyint, np.roots, np.vander, np.trapezoid, np.interp, np.logspace),
    *(np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.piecewise),
    *(np.apply_along_axis, np.apply_over_axes, np.linalg.inv, np.linalg.solve, np.linalg.pinv),
    *(np.linalg.lstsq, np.linalg.tensorsolve, np.linalg.tensorinv, np.linalg.matrix_power),
    *(np.linalg.multi_dot, np.linalg.det, np.linalg.slogdet, np.linalg.cholesky, np.linalg.qr),
    *(np.linalg.eig, np.linalg.eigvals, np.linalg.eigvalsh, np.linalg.eigh, np.linalg.svd),
    *(np.linalg.svdvals, np.linalg.cond, np.linalg.norm, np.linalg.vector_norm),
    *(np.linalg.matrix_norm, *optional("cumulative_prod")),
}
