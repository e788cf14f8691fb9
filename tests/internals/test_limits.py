"""Values that coincide, in functions that treat them alike: the limit, or NaN."""

import warnings

import numpy as np
import pytest

from dualedu import check_jvp, gradient, hvp, jvp

A = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])

TURN = np.linalg.qr(A)[0]


def spectral(f):
    """V f(λ) Vᵀ of the symmetric part."""

    def function(a):
        values, vectors = np.linalg.eigh((a + np.swapaxes(a, -1, -2)) / 2)
        return (vectors * f(values)[..., None, :]) @ np.swapaxes(vectors, -1, -2)

    return function


def polar(a):
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return u @ vh


def rebuilt(a):
    u, s, vh = np.linalg.svd(a)
    return (u * s**3) @ vh


def entropy(a):
    p = np.linalg.eigvalsh((a + a.T) / 2)
    p = p / np.sum(p)
    return -np.sum(p * np.log(p))


TWO_OF_THREE = TURN @ np.diag([2.0, 2.0, 5.0]) @ TURN.T
SMOOTH = {
    "trace by eigenvalues": (lambda a: np.sum(np.linalg.eigvalsh(a)), 2 * np.eye(3)),
    "entropy": (entropy, TWO_OF_THREE),
    "root": (spectral(np.sqrt), TWO_OF_THREE),
    "exponential at 0": (spectral(np.exp), np.zeros((2, 2))),
    "exponential, two of three 0": (spectral(np.exp), TWO_OF_THREE - 2 * np.eye(3)),
    "projector on the third": (spectral(lambda values: values > 3), TWO_OF_THREE),
    "a stack": (spectral(np.log), np.stack([2 * np.eye(2), np.diag([1.0, 2.0])])),
    "polar factor": (polar, 2 * TURN),
    "polar factor, two of three": (polar, TURN @ np.diag([2.0, 2.0, 1.0])),
    "polar factor of tall matrices": (polar, 2 * TURN[:, :2]),
    "sum of singular values": (lambda a: np.sum(np.linalg.svdvals(a)), TURN),
    "odd function, one value 0": (rebuilt, TURN @ np.diag([2.0, 1.0, 0.0])),
    "odd function, two values 0": (rebuilt, np.diag([2.0, 0.0, 0.0])),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_of_values_that_coincide(name):
    f, at = SMOOTH[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_jvp(f, at, order=2)


def test_limits_have_twelve_digits_and_nine_of_a_second_derivative():
    identity = np.eye(3)
    total = lambda a: np.sum(np.linalg.eigvalsh(a))  # noqa: E731
    np.testing.assert_allclose(gradient(total)(identity), identity, atol=1e-12)
    log_det = lambda a: np.sum(np.log(np.linalg.eigvalsh((a + a.T) / 2)))  # noqa: E731
    np.testing.assert_allclose(hvp(log_det, 2 * identity, A), -A / 4, atol=1e-9)
    root = spectral(np.sqrt)
    np.testing.assert_allclose(jvp(root, (4 * identity,), (A,))[1], A / 4, atol=1e-12)
    second = jvp(lambda a: jvp(root, (a,), (A,))[1], (4 * identity,), (A,))[1]
    np.testing.assert_allclose(second, -A @ A / 32, atol=1e-9)  # √ has the slope −1/(4 · 8) at 4
    large = jvp(root, (4 * np.eye(30),), (np.ones((30, 30)),))[1]
    np.testing.assert_allclose(large, 0.25, atol=1e-12)


def test_limits_in_single_precision_and_at_small_scale():
    found = jvp(spectral(np.sqrt), (4 * np.eye(3, dtype=np.float32),), (A.astype(np.float32),))[1]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, A / 4, atol=1e-4)
    scale = 1e-12
    found = jvp(spectral(np.sqrt), (4 * scale * np.eye(3),), (scale * A,))[1]
    np.testing.assert_allclose(found / scale**0.5, A / 4, atol=1e-11)


ONE_BY_ONE = {
    "largest": lambda a: np.linalg.eigvalsh(a)[-1],
    "middle": lambda a: np.linalg.eigvalsh(a)[1],
    "distance": lambda a: np.ptp(np.linalg.eigvalsh(a)),
    "spectral norm": lambda a: np.linalg.norm(a, 2),
    "polar factor at 0": lambda a: polar(a - np.eye(3)),
    "root at 0": lambda a: spectral(np.sqrt)(a - np.eye(3)),
    "beside a large one": lambda a: np.stack(
        [1e9 * np.sum(np.linalg.eigvalsh(a)), np.linalg.eigvalsh(a)[0]]
    )[1],
}


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_functions_that_tell_values_apart_have_no_limit(name):
    f = ONE_BY_ONE[name]
    for function in (f, gradient(lambda a: np.sum(f(a)))):
        with pytest.warns(RuntimeWarning, match=r"np\.linalg\.(eigh|svd): two .* coincide"):
            assert np.isnan(jvp(function, (np.eye(3),), (A,))[1]).any()


def test_a_function_is_run_again_only_where_nan_came_through():
    calls = []

    def f(a):
        calls.append(1)
        values = np.linalg.eigvalsh(a)
        return np.sum(a) + 0 * np.sum(values.primal if hasattr(values, "primal") else values)

    assert jvp(f, (np.eye(2),), (np.ones((2, 2)),)) == (2.0, 4.0)
    assert len(calls) == 1
