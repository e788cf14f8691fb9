"""What is claimed: in which forms it may come, and what is said where it cannot be taken."""

import functools

import numpy as np
import pytest

from dualedu.doctor import examine

W = np.array([0.3, -1.2, 2.0])


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((3, len, W), {}, "must be a function"),
        ((np.sum, np.ones_like, np.arange(3)), {}, "nothing to differentiate"),
        ((np.sum, np.ones_like, W), {"kind": "slope"}, "it can be 'gradient', 'jacobian'"),
        ((np.sin, np.cos, W), {"kind": "gradient"}, "has no gradient; sum it"),
        ((np.sum, lambda w, v: v, W), {}, "kind='jvp'"),
        ((np.sum, lambda w: (w, w, w), W), {}, "say with wrt="),
        ((np.sum, lambda w: W, [1.0, 2.0]), {}, "for a vector give np.array"),
        ((lambda a, b: a + b, lambda a, b: (1.0, 1.0), 2.0), {}, "at= must be a tuple"),
        ((lambda w: None, np.ones_like, W), {}, "returns None"),
        ((np.sum, lambda w: 1j * w, W), {}, "claim returns an array of complex128"),
        ((np.sum, lambda: W, W), {}, r"kind='gradient', gets one argument, and takes \(\)"),
        ((np.sin, np.cos, W), {}, "np.diag"),
        ((np.sum, np.ones_like, W), {"wrt": 5}, "wrt is 5"),
        ((np.sum, np.zeros_like, W), {"kind": "update", "learning_rate": 0}, "must be positive"),
    ],
)
def test_a_message_leads_out(arguments, options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        examine(*arguments, **options)


def one_jvp_of_many(fault):
    """tanh(x W + b) of 2,440 parameters: too many to ask a jvp for them one by one."""
    rng = np.random.default_rng(0)
    x, at = rng.standard_normal((6, 60)), (0.2 * rng.standard_normal((60, 40)), np.zeros(40))

    def push(w, b, w_dot, b_dot):
        t = np.tanh(x @ w + b)
        z_dot = x @ w_dot + (0 if fault == "bias" else b_dot)
        slope = {"slope": 1, "nan": np.nan}.get(fault, 1 - t * t)
        noise = np.random.default_rng().normal(size=t.shape) if fault == "noise" else 0
        return {"two": 2, "": 1}.get(fault, 1) * slope * z_dot + noise

    return examine(lambda w, b: np.tanh(x @ w + b), push, at, kind="jvp")


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("", set()),
        ("bias", {("zeros", ("b",))}),
        ("two", {("constant factor", ("w", "b"))}),
        ("slope", {("slope missing", ("w", "b"))}),
        ("nan", {("overflow", ("w",))}),
        ("noise", {("random estimate", ("w",)), ("random estimate", ("b",))}),
    ],
)
def test_a_jvp_of_many_numbers_is_asked_along_directions_alone(fault, found):
    assert {(x.kind, x.arrays) for x in one_jvp_of_many(fault).findings} == found


def test_a_decorated_function_takes_what_it_takes_itself():
    def with_data(f):
        @functools.wraps(f)
        def g(w):
            return f(w, np.ones(3))

        return g

    f = with_data(lambda w, x: np.sum(w * w * x))
    assert examine(f, with_data(lambda w, x: 2 * w * x), np.arange(3.0)).healthy


def test_f_and_its_gradient_exchanged():
    with pytest.raises(TypeError, match="are f and its gradient exchanged"):
        examine(lambda w: 2 * w, lambda w: np.sum(w * w), W)
