"""The transformations, against known values, torch and differences."""

from typing import NamedTuple

import numpy as np
import pytest
from rosenbrock import rosenbrock

from dualedu import derivative, gradient, hvp, jacobian, jvp, value_and_gradient

torch = pytest.importorskip("torch")


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


def test_float32_stays_float32():
    x = np.ones(3, np.float32)
    outcome = [gradient(np.sum)(x), jacobian(np.exp)(x), hvp(lambda x: np.sum(x**3), x, x)]
    assert {y.dtype for y in outcome} == {np.dtype(np.float32)}
    assert derivative(np.sin)(np.float32(1)).dtype == np.float32


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
