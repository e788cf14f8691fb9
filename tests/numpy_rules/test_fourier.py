"""Complex numbers on the way to a real result: spectra, waves, impedances, against differences."""

import numpy as np
import pytest

from dualedu import check_jvp, jvp

RNG = np.random.default_rng(0)
V, X, M = RNG.normal(size=6), RNG.normal(size=(3, 8)), RNG.normal(size=(3, 3))


def parts(*numbers):
    """Real and imaginary parts of all of them in one row."""
    rows = [np.ravel(z) for z in numbers]
    return np.concatenate([f(row) for row in rows for f in (np.real, np.imag)])


def filtered(x):
    spectrum = np.fft.rfft(x)
    spectrum[:, 3:] = 0
    spectrum[:, 0] *= 2
    spectrum *= np.exp(-1j * np.arange(5))
    turned = np.zeros_like(spectrum)
    turned[...] = spectrum.conj()
    return np.fft.irfft(turned + spectrum)


def made(x):
    z = np.zeros(8, dtype=complex, like=x)
    z[:] = x[0]
    z[1] += 1j * x[1, 1]
    return np.abs(z) ** 2 + np.angle(z + 2) + np.angle(z + 2, deg=True)


def wave(x):
    """Some split steps of a Schrödinger equation."""
    psi = np.exp(-(np.linspace(-1, 1, 6) ** 2) * x[0] ** 2 + 1j * x[1])
    k = np.fft.fftfreq(6) * 6
    for _ in range(3):
        psi = np.fft.ifft(np.exp(-0.05j * k**2) * np.fft.fft(psi))
        psi *= np.exp(-0.1j * x)
        psi /= np.sqrt(np.sum(np.abs(psi) ** 2))
    return np.abs(psi) ** 2


def elementwise(x):
    z = x * (1 + 0.5j) + 2
    return parts(
        *(np.exp(z), np.log(z), np.sqrt(z), np.sin(z), np.cos(z), np.sinh(z), np.cosh(z)),
        *(z**2, z**1.5, 2**z, z ** (1 + 1j), z**-2, (1j) ** x, np.abs(x) ** 1j, (-np.abs(x)) ** 1j),
        *(1 / z, np.reciprocal(z), np.square(z), -z, z / (z + 1j), np.conj(z) * z, z - 1j, +z),
        *(np.abs(z), abs(z), z.real * z.imag, np.angle(z), x + 0.0 * z),
    )


def products(m):
    z = m * (1 + 1j) + 3 * np.eye(3)
    return parts(
        *(z @ z, np.dot(z, m), np.vdot(z, m), np.vdot(m, z), np.einsum("ij,jk", z, m + 1j)),
        *(np.outer(z, z), np.kron(z, z), np.tensordot(z, z), np.inner(z, z), z.T.conj() @ z),
        *(np.linalg.inv(z), np.linalg.solve(z, np.ones(3)), np.linalg.matrix_power(z, 3)),
    )


def arranged(x):
    z = np.exp(1j * x)
    return parts(
        *(z.sum(), z.mean(), np.prod(z), np.cumsum(z), np.cumprod(z), np.convolve(z, z)),
        *(np.polyval(z, 0.5), np.diff(z), np.concatenate([z, z]), np.where(x > 0, z, 1j)),
        *(np.pad(z, 1), z[::-1], np.roll(z, 1), np.array([z[0], 1.0, 1j], like=x), z.reshape(2, 3)),
        *(np.trace(z.reshape(2, 3)), np.stack([z, x]), np.fft.fftshift(z), np.repeat(z, 2)),
    )


SAMPLES = {
    "rfft, axis 0": (lambda x: parts(np.fft.rfft(x, axis=0)), X),
    "fft, n": (lambda x: parts(np.fft.fft(x, n=12, norm="ortho"), np.fft.fft(x, n=5)), X),
    "ifft": (lambda x: parts(np.fft.ifft(x)), X),
    "hfft": (lambda x: np.concatenate([np.fft.hfft(x)[0], parts(np.fft.ihfft(x))]), X),
    "fft2": (lambda x: parts(np.fft.fft2(x), np.fft.ifft2(x)), X),
    "fftn, s": (lambda x: parts(np.fft.fftn(x, s=(4, 4), axes=(0, 1)), np.fft.fftn(x)), X),
    "ifftn": (lambda x: parts(np.fft.ifftn(x, axes=(0,)), np.fft.ifftn(x)), X),
    "rfft2": (lambda x: np.fft.irfft2(np.fft.rfft2(x) ** 2), X),
    "rfftn": (lambda x: np.fft.irfftn(np.fft.rfftn(x, axes=(0, 1)), s=(3, 8), axes=(0, 1)), X),
    "power": (lambda x: np.abs(np.fft.fft(x)) ** 2, X),
    "derivative": (lambda x: np.fft.ifft(2j * np.pi * np.fft.fftfreq(8) * np.fft.fft(x)).real, X),
    "convolution": (lambda x: np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(np.ones(3), 8), 8), X),
    "filtered": (filtered, X),
    "made": (made, X),
    "wave": (wave, V),
    "elementwise": (elementwise, V),
    "products": (products, M),
    "arranged": (arranged, V),
    "impedance": (lambda x: abs(1 / (x[0] ** 2 + 1j * x[1])), V),
    "one number": (lambda x: np.exp(1j * x).real + (2j * x).imag, np.float64(0.3)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_derivatives(name):
    f, x = SAMPLES[name]
    check_jvp(f, x, order=2, tolerance=1e-5)
    v = np.stack([np.cos(x), np.ones_like(x), x])
    value, tangents = jvp(f, (x,), (v,))
    np.testing.assert_allclose(value, f(x), rtol=1e-14, atol=1e-14)
    for direction, tangent in zip(v, tangents, strict=True):
        single = jvp(f, (x,), (direction,))[1]
        np.testing.assert_allclose(tangent, single, rtol=1e-10, atol=1e-12)


def test_single_precision_stays_single():
    value, tangent = jvp(np.fft.rfft, (V.astype(np.float32),), (V.astype(np.float32),))
    assert value.dtype == tangent.dtype == np.complex64
    np.testing.assert_array_equal(value, tangent)
