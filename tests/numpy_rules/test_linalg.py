"""Spectra at the limits: equal values, tiny and huge scales, determinants near 0."""

import warnings

import numpy as np
import pytest

from dualedu import gradient, hvp, jacobian, jvp

A = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])


def hessian(f):
    return jacobian(gradient(f))


@pytest.mark.parametrize("scale", [1e-170, 1e-100, 1.0, 1e100, 1e150])
def test_singular_vectors_at_every_scale(scale):
    """The sum of singular values scales, so its Hessian does by 1 / scale."""
    total = lambda a: np.sum(np.linalg.svd(a, compute_uv=False))  # noqa: E731
    expected = hessian(total)(A)
    np.testing.assert_allclose(hessian(total)(A * scale) * scale, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
def test_singular_vectors_at_every_scale_in_single_precision(scale):
    total = lambda a: np.sum(np.linalg.svd(a, compute_uv=False))  # noqa: E731
    found = hessian(total)((A * scale).astype(np.float32)).astype(float) * scale
    np.testing.assert_allclose(found, hessian(total)(A), atol=1e-5)


COINCIDING = {
    "np.linalg.eigh": lambda a: np.linalg.eigh(a)[1],
    "np.linalg.eigh of eigvalsh": np.linalg.eigvalsh,
    "np.linalg.svd": lambda a: np.linalg.svd(a)[0],
    "np.linalg.svd of svdvals": np.linalg.svdvals,
}


@pytest.mark.parametrize("name", COINCIDING)
def test_values_that_coincide_give_nan_and_a_warning_that_names_the_function(name):
    with pytest.warns(RuntimeWarning, match=rf"{name.split(' of ')[0]}: two .* coincide"):
        tangent = jvp(COINCIDING[name], (np.eye(3),), (A,))[1]
    assert np.isnan(tangent).any()


def test_values_that_stand_alone_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in COINCIDING.values():
            assert np.isfinite(jvp(f, (A,), (A,))[1]).all()


def test_what_the_warning_names_keeps_its_slope_at_equal_values():
    identity = np.eye(2)
    for f in (np.trace, np.linalg.det, lambda a: np.linalg.norm(a, "nuc")):
        np.testing.assert_allclose(gradient(f)(identity), identity, atol=1e-15)
    np.testing.assert_allclose(hvp(np.linalg.det, identity, identity), identity, atol=1e-15)
