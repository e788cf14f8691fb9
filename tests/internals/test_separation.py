"""The derivative of an array entry by entry, and what is refused because it mixes entries."""

import numpy as np
import pytest

from dualedu import derivative, jacobian, nn

ENTRY_BY_ENTRY = [
    (np.sin, np.cos),
    (lambda x: np.sin(x) - x, lambda x: np.cos(x) - 1),  # cancels near 0
    (lambda x: x**3 / (1 + x * x), lambda x: (3 * x**2 + x**4) / (1 + x * x) ** 2),
    (lambda x: np.where(x > 0.5, x**2, -x), lambda x: np.where(x > 0.5, 2 * x, -1)),
    (lambda x: x[::-1][::-1] * 2, lambda x: np.full_like(x, 2)),
]


@pytest.mark.parametrize(("f", "df"), ENTRY_BY_ENTRY)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_derivative_of_an_array_entry_by_entry(f, df, dtype):
    x = np.linspace(1e-6, 2, 101).astype(dtype)
    slopes = derivative(f)(x)
    assert slopes.dtype == dtype
    tolerance = 100 * np.finfo(dtype).eps
    np.testing.assert_allclose(slopes, df(x.astype(float)), rtol=tolerance, atol=tolerance)


def test_derivative_of_subnormal_results_is_accepted():
    x = np.linspace(-745, -700, 50)
    np.testing.assert_array_equal(derivative(np.exp)(x), np.exp(x))


def test_derivatives_of_arrays_nest():
    x = np.linspace(0.1, 2, 7)
    np.testing.assert_allclose(
        derivative(derivative(derivative(np.sin)))(x), -np.cos(x), rtol=1e-14
    )
    rows = jacobian(derivative(np.sin))(x)
    np.testing.assert_allclose(rows, np.diag(-np.sin(x)), rtol=1e-14, atol=0)


MIXING = {
    "softmax": lambda x: np.exp(x) / np.sum(np.exp(x)),
    "sum": np.sum,
    "cumsum": np.cumsum,
    "reverse": lambda x: x[::-1],
    "roll": lambda x: x * np.roll(x, 1),
    "matrix": lambda x: np.ones((len(x), len(x))) @ x,
    "mean subtracted": lambda x: x - np.mean(x),
}


@pytest.mark.parametrize("name", MIXING)
@pytest.mark.parametrize("n", [2, 3, 40])
def test_derivative_refuses_functions_that_mix_entries(name, n):
    with pytest.raises(ValueError, match="does not act entry by entry"):
        derivative(MIXING[name])(np.linspace(0.5, 1.5, n))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_derivative_refuses_every_swap_of_two_entries(dtype):
    for n in range(2, 301, 7):
        x = np.linspace(0.5, 1.5, n).astype(dtype)
        for i, j in ((0, n - 1), (n // 2 - 1, n // 2), (0, 1), (n - 2, n - 1)):
            order = np.arange(n)
            order[[i, j]] = order[[j, i]]
            with pytest.raises(ValueError, match="does not act entry by entry"):
                derivative(lambda x, order=order: x[order])(x)


def test_derivative_refuses_one_entry_that_looks_at_its_neighbour():
    for n in (17, 21, 29, 32, 47, 200):
        x = np.linspace(0.5, 1.5, n)
        for k in range(0, n, 5):
            at = np.arange(n) == k
            with pytest.raises(ValueError, match="does not act entry by entry"):
                derivative(lambda x, at=at: np.where(at, x * np.roll(x, -1), x))(x)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_derivative_of_networks_that_act_entry_by_entry(dtype, activation):
    for seed in range(20):
        net = nn.MLP((1, 24, 8, 1), activation, rng=seed, dtype=dtype)
        f = lambda t, net=net: net.logits(t[:, None])[:, 0]  # noqa: E731
        for n in (1, 2, 3, 7, 50):
            x = np.linspace(-1.1, 1.3, n).astype(dtype)
            slopes = derivative(f)(x)
            assert slopes.dtype == dtype
            eps = np.finfo(dtype).eps
            np.testing.assert_allclose(
                slopes, np.diag(jacobian(f)(x)), rtol=1e4 * eps, atol=100 * eps
            )


def test_derivative_of_sums_by_einsum():
    for n in range(1, 60, 3):
        for terms in (1, 2, 9, 33):
            c = np.linspace(0.1, 1, terms)
            x = np.linspace(-1, 1, n)
            slopes = derivative(lambda x, c=c: np.einsum("ij,j->i", np.cos(np.outer(x, c)), c))(x)
            np.testing.assert_allclose(slopes, -np.sin(np.outer(x, c)) @ (c * c), atol=1e-12)
