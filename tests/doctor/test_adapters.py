"""Adapters: the rules of another library are examined as one's own."""

import sys
import types

import numpy as np
import pytest

from dualedu.doctor import adapters, examine


class WithRules:
    """A function with rules of its own, as one with jax.custom_vjp and jax.custom_jvp."""

    def __init__(self, run, backward, push):
        self.run, self.backward, self.push = run, backward, push

    def __call__(self, *arguments):
        return self.run(*arguments)


@pytest.fixture
def jax(monkeypatch):
    """As much of JAX as the adapters call: jax.vjp, jax.jvp and jax.numpy.asarray, whose answers
    are as its documentation has them. JAX itself is not among the requirements."""

    def vjp(function, *primals):
        out = function(*primals)

        def pull(cotangent):
            assert cotangent.dtype == out.dtype  # as JAX insists
            assert cotangent.shape == out.shape
            found = function.backward(*primals, cotangent)
            assert isinstance(found, tuple)
            return found

        return out, pull

    def jvp(function, primals, tangents):
        assert len(primals) == len(tangents)
        return function(*primals), function.push(*primals, *tangents)

    library = types.SimpleNamespace(vjp=vjp, jvp=jvp, numpy=np)
    monkeypatch.setitem(sys.modules, "jax", library)


@pytest.mark.parametrize(
    ("slope", "kinds"),
    [
        (lambda t: 1 - t * t, ()),
        (lambda t: 1, ("slope missing",)),
        (lambda t: 2 - 2 * t * t, ("constant factor",)),
    ],
)
def test_the_rules_of_jax_are_examined(jax, slope, kinds):
    def run(x, w):
        return np.tanh((x @ w).astype(np.float32))  # whatever it is given, as JAX does

    def backward(x, w, g):
        d = g * slope(run(x, w))
        return d @ w.T, x.T @ d

    def push(x, w, v, u):
        return slope(run(x, w)) * (v @ w + x @ u)

    rng = np.random.default_rng(0)
    at = rng.standard_normal((4, 3)), rng.standard_normal((3, 2))
    function = WithRules(run, backward, push)
    assert examine(*adapters.jax_vjp(function), at, kind="vjp").kinds == kinds
    assert examine(*adapters.jax_jvp(function), at, kind="jvp").kinds == kinds


WRONG_RULES = {
    "slope missing": lambda x: np.ones_like(x),
    "slope twice": lambda x: (1 - np.tanh(x) ** 2) ** 2,
    "slope at the wrong place": lambda x: 1 - np.tanh(np.tanh(x)) ** 2,
    "sign": lambda x: np.tanh(x) ** 2 - 1,
    "unknown": lambda x: x**2,
}


@pytest.mark.parametrize("kind", WRONG_RULES)
def test_an_activation_of_jax_whose_steps_cannot_be_followed(jax, kind):
    slope = WRONG_RULES[kind]

    def run(x):
        return np.frombuffer(np.tanh(np.array(x, float)).tobytes()).reshape(np.shape(x))

    function = WithRules(run, lambda x, g: (g * slope(x),), lambda x, v: slope(x) * v)
    at = np.random.default_rng(0).standard_normal(5)
    assert examine(*adapters.jax_vjp(function), at, kind="vjp").kinds == (kind,)
    assert examine(*adapters.jax_jvp(function), at, kind="jvp").kinds == (kind,)


def test_a_backward_may_give_none_for_what_was_left_to_a_default():
    torch = pytest.importorskip("torch")

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, by=3.0):
            ctx.by = by
            return x * by

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.by, None

    f, backward = adapters.torch(Scaled.apply)
    x = torch.tensor([0.5, -1.0], dtype=torch.float64)
    assert examine(f, backward, (x,), kind="vjp").healthy
