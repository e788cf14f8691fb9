"""What is asked of operands: tangents that stand for repeated ones, constants of few bits."""

# ruff: noqa: E501

import numpy as np
import pytest

from dualedu import Dual, jvp

BYTES = np.array([3, 200, 120, 7], np.uint8)
BESIDE_BYTES = {
    "arctan2": lambda x, a: np.arctan2(x, a) - np.arctan2(a, x),
    "power": lambda x, a: a**x + np.float_power(a, x),
    "one entry": lambda x, a: np.arctan2(x[0], a[1]) + a[2] ** x[1],
    "interp, values": lambda x, a: np.interp(x, range(4), a),
    "interp, knots": lambda x, a: np.interp(x + 100, np.sort(a), x),
    "gradient": lambda x, a: np.gradient(a, np.cumsum(x)),
    "cov": lambda x, a: np.cov(a, x) + np.cov(x, a, aweights=a),
    "quantile": lambda x, a: np.quantile(a, x / 4) + np.percentile(a, x),
    "lstsq": lambda x, a: np.linalg.lstsq(np.outer(a, [1, 0]) + np.eye(4, 2), x, rcond=None)[0],
    "lstsq, bytes": lambda x, a: np.linalg.lstsq(a.reshape(2, 2), x[:2], rcond=None)[0],
    "polyfit": lambda x, a: np.polyfit(a, x, 1) + np.polyfit(range(4), x, 1),
    "geomspace": lambda x, a: np.geomspace(a, x, 3),
    "logspace": lambda x, a: np.logspace(x, 1, 3, base=a),
    "einsum": lambda x, a: np.einsum("i,i,i", a, a, x) + np.einsum("i,i,i", a > 9, a > 9, x),
    "ufuncs": lambda x, a: x * a + a / x - a + np.hypot(x, a) + np.logaddexp(x, a) + a % x,
}


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint64, np.int64, np.float16])
@pytest.mark.parametrize("name", BESIDE_BYTES)
def test_a_constant_array_of_few_bits_gives_the_slopes_of_its_values(name, kind):
    """Its negative, square or difference wraps around; its logarithm would be one of 16 bits."""
    x, v, a = np.array([0.7, 1.2, 2.1, 2.9]), np.array([0.3, -1.0, 0.5, 0.8]), BYTES.astype(kind)
    if "lstsq" in name and kind is np.float16:  # NumPy's own has no half precision
        return
    exact = jvp(lambda x: BESIDE_BYTES[name](x, a.astype(float)), (x,), (v,))[1]
    value, tangent = jvp(lambda x: BESIDE_BYTES[name](x, a), (x,), (v,))
    np.testing.assert_array_equal(value, BESIDE_BYTES[name](x, a))
    np.testing.assert_allclose(tangent, exact, rtol=2e-3 if kind is np.float16 else 1e-10)


def test_short_axes_of_a_tangent_stand_for_repeated_ones():
    seed = np.broadcast_to(np.eye(3)[:, None, :], (3, 4, 3))
    x = np.random.default_rng(0).standard_normal((4, 3))
    whole = np.array(seed)
    w = np.random.default_rng(1).standard_normal((4, 3))
    for f in (
        lambda x: x @ w.T, lambda x: w.T @ x, lambda x: np.sum(x, axis=0), lambda x: x[1:, ::-1],
        lambda x: np.concatenate([x, w]), lambda x: np.where(w > 0, x, 0), lambda x: x.T @ x,
        lambda x: np.max(x, axis=0), lambda x: np.einsum("ij,ik->jk", x, w), lambda x: np.cumprod(x, 0),
        lambda x: np.broadcast_to(x, (2, 4, 3)).sum(axis=(0, 1)), lambda x: np.linalg.norm(x, axis=0),
        lambda x: x.reshape(2, 6), lambda x: np.outer(x, w), lambda x: np.matmul(w[0], x.T), lambda x: x @ w[0],
    ):  # fmt: skip
        shared, repeated = (jvp(f, (x,), (v,))[1] for v in (seed, whole))
        np.testing.assert_allclose(shared, repeated, rtol=1e-12, atol=1e-15)


def test_a_repeated_seed_is_stored_once_and_shown_whole():
    seed = np.broadcast_to(np.eye(3)[:, None, :], (3, 1000, 3))
    x = Dual(np.ones((1000, 3)), seed)
    assert x._tangent.shape == (3, 1, 3)
    assert x.tangent.shape == (3, 1000, 3)
    y = x @ np.arange(6.0).reshape(3, 2) + np.ones(2)
    assert y._tangent.shape == (3, 1, 2)
    np.testing.assert_array_equal(y.tangent[1], np.tile([2.0, 3.0], (1000, 1)))
    np.testing.assert_array_equal(np.sum(y, axis=0).tangent[1], [2000.0, 3000.0])
