"""The transformations and check_jvp, against known values, torch and differences."""

import os
import platform
import subprocess
import sys
import tracemalloc
from typing import NamedTuple

import numpy as np
import pytest

import dualedu.core.transforms
from dualedu import (
    Dual,
    check_jvp,
    derivative,
    gradient,
    hvp,
    jacobian,
    jvp,
    nn,
    value_and_gradient,
)

torch = pytest.importorskip("torch")


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_torch(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def test_rosenbrock_gradient_hessian_and_products_agree_with_torch():
    x = np.linspace(-1.2, 1.4, 7)
    t = torch.tensor(x, requires_grad=True)
    hessian = torch.autograd.functional.hessian(rosenbrock_torch, t).numpy()
    rosenbrock_torch(t).backward()
    value, slope = value_and_gradient(rosenbrock)(x)
    assert value == rosenbrock(x)
    np.testing.assert_allclose(slope, t.grad.numpy(), rtol=1e-12)
    np.testing.assert_allclose(jacobian(gradient(rosenbrock))(x), hessian, rtol=1e-11, atol=1e-10)
    v = np.cos(np.arange(7.0))
    np.testing.assert_allclose(hvp(rosenbrock, x, v), hessian @ v, rtol=1e-11)
    several = np.stack([v, 2 * v, v**2])
    np.testing.assert_allclose(hvp(rosenbrock, x, several), several @ hessian, rtol=1e-11)


def test_minimum_of_rosenbrock_is_stationary():
    assert np.array_equal(gradient(rosenbrock)(np.ones(5)), np.zeros(5))


def test_jacobian_has_result_axes_first_and_columns_that_are_jvps():
    def f(x):  # shape (2, 3) -> (3, 2)
        return np.sin(x.T @ np.ones((2, 2))) * x.T

    x = np.arange(6.0).reshape(2, 3) / 3
    jac = jacobian(f)(x)
    assert jac.shape == (3, 2, 2, 3)
    for i, j in np.ndindex(2, 3):
        unit = np.zeros((2, 3))
        unit[i, j] = 1
        np.testing.assert_allclose(jac[:, :, i, j], jvp(f, (x,), (unit,))[1], rtol=1e-14)


@pytest.mark.parametrize("numbers", [30, 80])  # a leaf in several passes, or whole in one
def test_unit_directions_run_in_passes_with_the_same_answer(numbers, monkeypatch):
    x = np.linspace(0, 1, 10)
    tree = {"a": x[:4].reshape(2, 2), "b": x[0], "c": x[:0], "d": [x[5:7], x[7:]]}

    def of_tree(p):
        s = np.sum(p["a"] @ p["a"]) * p["b"] + np.sum(p["c"])
        return {"s": s, "v": np.sin(s * p["d"][0]), "m": np.outer(p["d"][0], p["d"][1])}

    def answers():
        return [
            jacobian(np.cumprod)(x),
            gradient(rosenbrock)(x),
            jacobian(gradient(rosenbrock))(x),
            hvp(rosenbrock, x, np.stack([x, x[::-1]])),
            *leaves(jacobian(of_tree)(tree)),
            *leaves(gradient(lambda p: of_tree(p)["s"])(tree)),
            *leaves(hvp(lambda p: of_tree(p)["s"], tree, tree)),
        ]

    whole = answers()
    monkeypatch.setattr(dualedu.core.transforms, "LARGEST_PASS", numbers)
    monkeypatch.setattr(dualedu.core.transforms, "FEWEST", 1)
    for once, again in zip(whole, answers(), strict=True):
        np.testing.assert_array_equal(once, again, strict=True)


def leaves(tree):
    if isinstance(tree, dict | list):
        parts = tree.values() if isinstance(tree, dict) else tree
        return [leaf for part in parts for leaf in leaves(part)]
    return [tree]


@pytest.mark.parametrize(
    "transform",
    [jacobian, lambda f: gradient(lambda x: np.sum(f(x)))],
    ids=["jacobian", "gradient"],
)
def test_passes_take_little_memory_beside_the_result(transform):
    x = np.linspace(0, 1, 4000)  # all unit directions together are 122 MiB
    f = transform(lambda x: np.sin(x) * x)
    tracemalloc.start()
    result = f(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < result.nbytes + 16 * 2**20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="how glibc frees memory")
def test_passes_use_the_same_pages_again():
    program = """
import resource, numpy as np
from dualedu import gradient

def faults(f, x):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    gradient(f)(x)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

x = np.linspace(-1, 1, 4000)
faults(lambda x: np.sum(np.sin(x) * x), x)
print(min(faults(lambda x: np.sum(np.sin(x) * x), x) for _ in range(3)))
"""
    # Dask sets some of glibc's own variables for good, and they forbid it to learn.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 20_000  # of 4 KiB; without, one for each page of a pass


def test_shapes_of_scalars_and_empty_arrays():
    assert gradient(lambda x: x**2)(3.0) == 6.0
    assert np.shape(gradient(lambda x: x**2)(3.0)) == ()
    assert jacobian(lambda x: x * np.ones(3))(2.0).shape == (3,)
    assert gradient(np.sum)(np.ones((0, 2))).shape == (0, 2)
    assert jacobian(lambda x: x)(np.ones(0)).shape == (0, 0)


def test_the_gradient_by_a_plain_number_is_a_number():
    for x in (2.0, np.float64(2.0), np.float32(2.0)):
        for g, right in ((gradient(np.square), 4), (gradient(gradient(lambda x: x**3)), 12)):
            assert isinstance(g(x), np.floating)
            assert g(x) == right
    value, parts = value_and_gradient(lambda p: p["a"] * np.sum(p["b"]))(
        {"a": 2.0, "b": np.ones(2)}
    )
    assert (value, parts["a"]) == (4.0, 2.0)
    assert isinstance(parts["a"], np.floating)


def test_keyword_arguments_are_handed_on_as_constants():
    def f(x, power, *, scale):
        return scale * np.sum(x**power)

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(gradient(f)(x, 3, scale=0.5), 1.5 * x**2)
    np.testing.assert_allclose(gradient(f)(x, scale=0.5, power=3), 1.5 * x**2)
    np.testing.assert_allclose(jacobian(f)(x, 2, scale=2.0), 4 * x)
    assert value_and_gradient(f)(x, 2, scale=1.0)[0] == 5.0
    assert derivative(f)(3.0, 2, scale=2.0) == 12.0
    np.testing.assert_allclose(derivative(lambda x, *, k: k * x * x)(x, k=3.0), 6 * x)


def test_further_arguments_are_constants():
    assert derivative(lambda x, n: x**n)(2.0, 3) == 12.0
    assert gradient(lambda x, a: np.sum(a * x))(np.ones(2), np.array([3.0, 4.0])).tolist() == [3, 4]
    assert jacobian(lambda x, a: a * x)(np.ones(2), 5.0).tolist() == [[5, 0], [0, 5]]


def test_float32_stays_float32():
    x = np.ones(3, np.float32)
    outcome = [gradient(np.sum)(x), jacobian(np.exp)(x), hvp(lambda x: np.sum(x**3), x, x)]
    assert {y.dtype for y in outcome} == {np.dtype(np.float32)}
    assert derivative(np.sin)(np.float32(1)).dtype == np.float32


# --- jvp -----------------------------------------------------------------------------------------


class Pair(NamedTuple):
    first: object
    second: object


def test_structures_of_results_are_kept():
    def f(x):
        return {"a": [x, x**2], "b": (3.0, Pair(x[0], np.ones(2)))}

    value, tangent = jvp(f, (np.array([1.0, 2.0]),), (np.array([1.0, 10.0]),))
    assert value["a"][1].tolist() == [1, 4]
    assert tangent["a"][1].tolist() == [2, 40]
    assert isinstance(tangent["a"], list)
    assert isinstance(tangent["b"], tuple)
    assert tangent["b"][0] == 0.0
    assert isinstance(tangent["b"][1], Pair)
    assert tangent["b"][1].first == 1.0
    assert tangent["b"][1].second.tolist() == [0, 0]


@pytest.mark.parametrize("constant", [2.0, 3, np.ones((2, 2)), np.ones(3, np.float32)])
def test_a_result_that_does_not_depend_has_zero_tangents_of_its_shape(constant):
    _, tangent = jvp(lambda x: constant, (1.0,), (1.0,))
    assert np.shape(tangent) == np.shape(constant)
    assert not np.any(tangent)
    _, tangent = jvp(lambda x: constant, (np.ones(2),), (np.ones((5, 2)),))
    assert tangent.shape == (5, *np.shape(constant))
    assert not np.any(tangent)


def test_results_belong_to_the_caller():
    seed = np.broadcast_to(np.ones(3), (4, 3))
    _, tangent = jvp(lambda x: 2 * x, (np.ones((4, 3)),), (seed,))
    tangent += 1  # writeable, although the seed was a read-only view
    assert tangent.tolist() == [[3.0] * 3] * 4
    seed = np.ones((2, 2))
    for f in (lambda x: x + 1.0, lambda x: x.T, lambda x: {"row": x[0]}, lambda x: np.copy(x)):
        _, tangent = jvp(f, (np.zeros((2, 2)),), (seed,))
        tangent = tangent["row"] if isinstance(tangent, dict) else tangent
        tangent += 1
        assert np.all(tangent == 2)
        assert np.all(seed == 1)


def test_integer_tangents_are_numbers():
    assert jvp(lambda x: x * x, (3.0,), (1,)) == (9.0, 6.0)
    assert jvp(np.sin, (np.zeros(2),), ([1, 0],))[1].tolist() == [1, 0]


def test_three_directions_equal_three_runs():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((4, 3)), rng.standard_normal((3, 2))
    vs, ws = rng.standard_normal((3, 4, 3)), rng.standard_normal((3, 3, 2))

    def f(x, y):
        return np.tanh(x @ y).sum(axis=0) / np.linalg.norm(y)

    _, together = jvp(f, (x, y), (vs, ws))
    apart = [jvp(f, (x, y), (v, w))[1] for v, w in zip(vs, ws, strict=True)]
    np.testing.assert_allclose(together, apart, rtol=1e-13)


# --- derivative of arrays ------------------------------------------------------------------------

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


# --- check_jvp -----------------------------------------------------------------------------------


def test_check_jvp_accepts_right_rules_to_third_order():
    check_jvp(lambda x, y: np.sin(x) @ y + np.exp(x[0]), np.ones(3), np.ones((3, 2)), order=3)


def broken(order):
    """A sine whose tangent is wrong at the given order only."""
    from dualedu.core.dual import apply

    def sine(x):
        return (
            apply(np.sin, (lambda t, z, x: t * slope(x),), (x,))
            if isinstance(x, Dual)
            else np.sin(x)
        )

    def slope(x):
        if order == 1:
            return 1.01 * np.cos(x)
        wrong = (lambda t, z, x: -t * 1.01 * np.sin(x),)
        return apply(np.cos, wrong, (x,)) if isinstance(x, Dual) else np.cos(x)

    return sine


@pytest.mark.parametrize("order", [1, 2])
def test_check_jvp_names_order_entry_and_both_values(order):
    message = (
        rf"derivative of order {order}, entry \(\d,\): dual numbers give .* central differences"
    )
    with pytest.raises(AssertionError, match=message):
        check_jvp(broken(order), np.array([0.4, 0.8]))


def test_check_jvp_sees_nan_and_wrong_shapes():
    from dualedu.core.check import compare

    with pytest.raises(AssertionError, match="nan"):
        compare(np.array([np.nan]), np.array([1.0]), 1, 1e-6)
    with pytest.raises(AssertionError, match="shape"):
        compare(np.ones(2), np.ones(3), 1, 1e-6)
