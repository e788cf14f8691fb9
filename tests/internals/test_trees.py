"""Parameters in lists, tuples, dicts and dataclasses, and argnums, against the same by hand."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

from dualedu import derivative, gradient, hvp, jacobian, jvp, nn, stop_gradient, value_and_gradient

W, B = np.array([[0.3, -0.2], [0.1, 0.5]]), np.array([0.4, -0.7])


@dataclasses.dataclass(frozen=True)
class Layer:
    w: Any
    b: Any


class Pair(NamedTuple):
    w: Any
    b: Any


FORMS = {
    "list": (lambda w, b: [w, b], lambda p: (p[0], p[1])),
    "tuple": (lambda w, b: (w, b), lambda p: (p[0], p[1])),
    "dict": (lambda w, b: {"w": w, "b": b}, lambda p: (p["w"], p["b"])),
    "ordered": (
        lambda w, b: collections.OrderedDict(w=w, b=b),
        lambda p: (p["w"], p["b"]),
    ),
    "defaultdict": (
        lambda w, b: collections.defaultdict(list, w=w, b=b),
        lambda p: (p["w"], p["b"]),
    ),
    "named": (Pair, lambda p: (p.w, p.b)),
    "dataclass": (Layer, lambda p: (p.w, p.b)),
    "nested": (lambda w, b: {"layers": [(w, {"bias": b}), None]}, lambda p: (p["layers"][0][0],
               p["layers"][0][1]["bias"])),
}  # fmt: skip


def loss(w, b):
    return np.sum(np.tanh(w @ b + b) ** 2)


@pytest.mark.parametrize("form", FORMS)
def test_gradients_come_in_the_form_of_the_parameters(form):
    build, parts = FORMS[form]
    f = lambda p: loss(*parts(p))  # noqa: E731
    value, got = value_and_gradient(f)(build(W, B))
    assert type(got) is type(build(W, B))
    assert value == loss(W, B)
    for ours, theirs in zip(parts(got), gradient(loss, argnums=(0, 1))(W, B), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(parts(got)[0], gradient(lambda w: loss(w, B))(W))
    product = hvp(f, build(W, B), build(W, 2 * B))
    h = 1e-6
    ahead, behind = (gradient(f)(build(W + s * W, B + s * 2 * B)) for s in (h, -h))
    for ours, a, b in zip(parts(product), parts(ahead), parts(behind), strict=True):
        np.testing.assert_allclose(ours, (a - b) / (2 * h), atol=1e-8)
    value, tangent = jvp(f, (build(W, B),), (build(W, B),))
    np.testing.assert_allclose(tangent, np.sum(parts(got)[0] * W) + np.sum(parts(got)[1] * B))


def test_the_jacobian_of_a_list_is_a_list_of_jacobians():
    rows = jacobian(lambda x: [x[0] * x[1], x[0] ** 2])(B)
    assert type(rows) is list
    np.testing.assert_allclose(rows, [[B[1], B[0]], [2 * B[0], 0]])
    nested = jacobian(lambda p: {"y": p["w"] @ p["b"], "one": 1.0})({"w": W, "b": B})
    np.testing.assert_allclose(nested["y"]["b"], W)
    assert nested["y"]["w"].shape == (2, 2, 2)
    assert nested["one"]["b"].tolist() == [0, 0]
    constant = jacobian(lambda x: [1.0, 2.0])(B)
    assert [row.tolist() for row in constant] == [[0, 0], [0, 0]]


def test_a_list_of_numbers_is_an_array():
    assert gradient(lambda x: np.sum(x**2))([1.0, 2.0]).tolist() == [2, 4]
    assert jacobian(lambda x: x**2)((1.0, 2.0)).tolist() == [[2, 0], [0, 4]]


def test_a_networks_parameters_as_it_holds_them():
    model = nn.MLP((2, 3, 2), "tanh", rng=0, dtype=np.float64)
    images, labels = np.array([[0.2, -0.4], [1.0, 0.3]]), np.array([0, 1])
    got = gradient(lambda p: model.loss(images, labels, p))(model.parameters)
    for i, (g, p) in enumerate(zip(got, model.parameters, strict=True)):

        def of_one(q, i=i):
            return model.loss(images, labels, [q if j == i else r for j, r in
                                               enumerate(model.parameters)])  # fmt: skip

        assert g.shape == p.shape
        np.testing.assert_allclose(g, gradient(of_one)(p), rtol=1e-12)


REFUSED = {
    "an integer leaf": (
        lambda: gradient(lambda p: p["w"])({"w": 1.0, "n": 3}),
        r"gradient: x\['n'\] is int64: derivatives need floats",
    ),
    "text in a record": (
        lambda: gradient(lambda p: p.w)(Layer(1.0, "relu")),
        r"gradient: x\.b is <U4",
    ),
    "a tangent of another form": (
        lambda: jvp(lambda p: p["w"], ({"w": 1.0},), ({"b": 1.0},)),
        "does not have the form of the primal",
    ),
    "the derivative of a dict": (
        lambda: derivative(lambda p: p["w"])({"w": 1.0}),
        "x is a dict",
    ),
    "the gradient of a list": (
        lambda: gradient(lambda x: [x, x])(1.0),
        "this one returned a list",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why(name):
    call, message = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_stop_gradient_is_a_constant_at_every_order():
    table = np.array([0.0, 1.0, 4.0, 9.0])

    def lookup(x):
        i = stop_gradient(x).astype(int)
        return np.sum((1 - (x - i)) * table[i] + (x - i) * table[i + 1])

    x = np.array([0.3, 1.6])
    assert gradient(lookup)(x).tolist() == [1, 3]
    assert hvp(lookup, x, np.ones(2)).tolist() == [0, 0]
    assert derivative(derivative(lambda t: t**2 * stop_gradient(t)))(3.0) == 6.0
    kept = stop_gradient({"x": x})["x"]
    kept[0] = 7.0
    assert x[0] == 0.3
