"""What a user reads when something is wrong: every message of the core, whole."""

import numpy as np
import pytest

from dualedu import Dual, check_jvp, derivative, gradient, jvp, nn

X = Dual(np.array([1.0, 2.0]), np.ones(2))
S = Dual(2.0, 1.0)
MODEL = nn.MLP((4, 3), rng=0)


def half_a_square(x):
    """x², where only one of the two factors is differentiated."""
    return x * (x.primal if isinstance(x, Dual) else x)


MESSAGES = {
    "jvp without tuples": (
        lambda: jvp(np.sin, 1.0, 1.0),
        "jvp takes its primals as a tuple, one for each argument of f: jvp(f, (x,), (v,)); "
        "got float",
    ),
    "one tangent missing": (
        lambda: jvp(np.add, (1.0, 2.0), (1.0,)),
        "jvp got 2 primals and 1 tangents; each primal needs one "
        "(a tangent of zeros for an argument that stays fixed)",
    ),
    "tangent of another shape": (
        lambda: jvp(np.sin, (np.ones(3),), (np.ones(2),)),
        "jvp: a tangent of shape (2,) does not fit a primal of shape (3,): it must have that "
        "shape, or (K, 3) for K directions at once",
    ),
    "different numbers of directions": (
        lambda: jvp(np.add, (1.0, 2.0), (np.ones(3), np.ones(4))),
        "jvp: the tangent of argument 1 holds an axis of 4 directions, and those before it an axis "
        "of 3 directions; give all tangents the same number of directions",
    ),
    "directions for one argument only": (
        lambda: jvp(np.add, (1.0, 2.0), (np.ones(3), 1.0)),
        "jvp: the tangent of argument 1 holds one direction, and those before it an axis of 3 "
        "directions; give all tangents the same number of directions",
    ),
    "integer": (
        lambda: derivative(np.sin)(2),
        "derivative: x is int64: derivatives need floats, use 2.0",
    ),
    "integer array": (
        lambda: gradient(np.sum)(np.arange(3)),
        "gradient: x is int64: derivatives need floats, use x.astype(float)",
    ),
    "complex": (
        lambda: jvp(np.sin, (1j,), (1.0,)),
        "jvp: the primal is complex128: dual numbers are real floats "
        "(complex numbers, objects and strings are not supported)",
    ),
    "an attribute of memory": (
        lambda: X.nbytes,
        "a dual number has no attribute 'nbytes'; it is two arrays; "
        "stop_gradient(x) has that of its value",
    ),
    "nothing": (
        lambda: gradient(np.sum)(None),
        "gradient: x is None: dual numbers are real floats "
        "(complex numbers, objects and strings are not supported)",
    ),
    "a result without a derivative": (
        lambda: jvp(lambda x: None, (1.0,), (1.0,)),
        "the function returned None, which has no derivative; "
        "return a number, an array, or a tuple, list or dict of them",
    ),
    "a function as result": (
        lambda: derivative(lambda x: lambda y: x * y)(1.0),
        "the function returned an object of type function, which has no derivative; "
        "return a number, an array, or a tuple, list or dict of them",
    ),
    "an array of objects as result": (
        lambda: jvp(lambda x: np.array([None]), (1.0,), (1.0,)),
        "the function returned an array of object, which has no derivative; "
        "return a number, an array, or a tuple, list or dict of them",
    ),
    "gradient of a vector": (
        lambda: gradient(np.sin)(np.ones(2)),
        "gradient needs a function with one real result; this one returned shape (2,). "
        "Use jacobian, or sum or average the result",
    ),
    "derivative of a mixture": (
        lambda: derivative(nn.softmax)(np.ones(3)),
        "derivative: f maps an array of shape (3,) to one of shape (3,) and does not act entry "
        "by entry, so one number an entry is not its derivative; "
        "use gradient (one result) or jacobian (several)",
    ),
    "in-place operator on an array": (
        lambda: np.ones(2).__iadd__(X),
        "np.add would write a dual number into an existing array and lose its tangent; "
        "write y = y + x in place of y += x or out=, or make that array with "
        "like=, np.zeros(n, like=x)",
    ),
    "out": (
        lambda: np.sum(X, out=np.ones(())),
        "np.sum would write a dual number into an existing array and lose its tangent; "
        "call it without out= and use the result",
    ),
    "where": (
        lambda: np.sin(X, where=np.array([True, False])),
        "np.sin of a dual number takes where= together with one array out= that can hold dual "
        "numbers, as the other entries have no value otherwise: out=np.zeros_like(x), or "
        "np.where(condition, ..., ...) in place of where=",
    ),
    "array": (
        lambda: np.array([S, S]),
        "a dual number does not become a plain array, where its tangent would be lost: say which "
        "array the new one is like, np.array(…, like=x); stop_gradient(x) is the value alone",
    ),
    "float": (
        lambda: float(S),
        "a dual number does not become a plain number, where its tangent would be lost: leave "
        "float out and use x itself; stop_gradient(x) is the value alone",
    ),
    "no rule": (
        lambda: np.polydiv(X, X),
        "np.polydiv has no derivative rule for dual numbers: write it with np.polymul for "
        "products, np.polyval for values and np.polyfit for fits",
    ),
    "no rule for a method": (
        lambda: np.power.reduce(X),
        "np.power.reduce has no derivative rule; write functools.reduce(np.power, x)",
    ),
    "index": (
        lambda: [1, 2, 3][S],
        "a dual number cannot be an index or a size: its tangent would be lost; use "
        "np.floor(x).astype(int) for an index, int(stop_gradient(x)) for a size",
    ),
    "astype": (
        lambda: X.astype(int),
        "astype(int64) would drop the tangent; "
        "use stop_gradient(x).astype(...) if you want the value alone",
    ),
    "directions that differ": (
        lambda: Dual(1.0, np.ones(2)) + Dual(1.0, np.ones(3)),
        "these dual numbers carry 2 directions and 3 directions: numbers that meet must be "
        "seeded with the same number of directions",
    ),
    "labels out of range": (
        lambda: nn.cross_entropy(np.ones((2, 3)), np.array([0, 3])),
        "label 3 is outside 0 … 2, the range of the logits",
    ),
    "labels that are floats": (
        lambda: nn.cross_entropy(np.ones((1, 3)), np.array([1.0])),
        "labels are float64; give class numbers as integers",
    ),
    "labels of another shape": (
        lambda: nn.cross_entropy(np.ones((2, 3)), np.array([1])),
        "labels of shape (1,) do not fit logits of shape (2, 3): expected (2,)",
    ),
    "reduction": (
        lambda: nn.cross_entropy(np.ones((1, 3)), np.array([1]), reduction="avg"),
        "reduction is 'avg'; it can be 'mean', 'sum' or 'none'",
    ),
    "images of another size": (
        lambda: MODEL.logits(np.ones((2, 5))),
        "inputs of shape (2, 5) do not fit a network with 4 inputs; expected (batch, 4)",
    ),
    "parameters of another network": (
        lambda: MODEL.logits(np.ones((2, 4)), [1]),
        "1 parameters given; this network has 2",
    ),
    "sizes": (
        lambda: nn.MLP((784,)),
        "sizes is (784,); it needs two or more positive integers",
    ),
    "activation": (
        lambda: nn.MLP((2, 2), "gelu"),
        "activation is 'gelu'; it can be 'relu', 'sigmoid', 'tanh'",
    ),
    "dtype": (
        lambda: nn.MLP((2, 2), dtype=int),
        "dtype is int64; parameters need a floating-point dtype",
    ),
    "a wrong derivative of a number": (
        lambda: check_jvp(half_a_square, 3.0, rng=0),
        "derivative of order 1: dual numbers give 1.904680071, "
        "central differences 3.809360141 (error 5.0e-01, allowed 1e-06)",
    ),
    "a wrong derivative of an array": (
        lambda: check_jvp(half_a_square, np.array([0.0, 3.0]), rng=0),
        "derivative of order 1, entry (1,): dual numbers give 1.561460286, "
        "central differences 3.122920572 (error 5.0e-01, allowed 1e-06)",
    ),
    "a tangent of another shape than the result": (
        lambda: check_jvp(lambda x: np.sum(x) if isinstance(x, Dual) else x, np.ones(2)),
        "derivative of order 1: the tangent has shape (), the function's result (2,)",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name):
    provoke, expected = MESSAGES[name]
    with pytest.raises((TypeError, ValueError, AttributeError, AssertionError)) as caught:
        provoke()
    assert str(caught.value) == expected
