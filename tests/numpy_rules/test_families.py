"""The verbs in which rules are written: operands of every kind, axes from the end, a longer way."""

# ruff: noqa: E501

import numpy as np
import pytest

from dualedu import Dual, jvp
from dualedu.numpy_rules.families import composed_rule, from_end

X = np.array([3.0, -1.0, 2.0])

V = Dual(X, np.ones(3))
OPERANDS = {
    "integers": np.arange(3), "small integers": np.arange(3, dtype=np.int8),
    "unsigned": np.arange(3, dtype=np.uint8), "booleans": np.array([True, False, True]),
    "a list": [1, 2, 3], "a tuple": (1.0, 2.0, 3.0), "a number": 2, "a truth value": True,
    "0-d": np.array(2.0), "float32": np.ones(3, np.float32), "float16": np.ones(3, np.float16),
}  # fmt: skip
JOINING = {
    "multiply": lambda x, c: np.multiply(x, c), "maximum": lambda x, c: np.maximum(c, x),
    "where": lambda x, c: np.where([True, False, True], x, c), "power": lambda x, c: np.power(x, c),
    "dot": lambda x, c: np.dot(x, c), "outer": np.outer, "append": np.append, "inner": np.inner,
    "concatenate": lambda x, c: np.concatenate([x, np.atleast_1d(c)]),
    "convolve": lambda x, c: np.convolve(x, np.atleast_1d(c)),
}  # fmt: skip


@pytest.mark.parametrize("kind", OPERANDS)
@pytest.mark.parametrize("name", JOINING)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_constants_of_every_kind(kind, name):
    c, f = OPERANDS[kind], JOINING[name]
    for x in (np.array([3.0, 1.0, 2.0]), np.array([3.0, 1.0, 2.0], np.float32)):
        value, tangent = jvp(lambda x: f(x, c), (x,), (np.ones(3),))
        plain = f(x, c)
        np.testing.assert_array_equal(value, plain)
        assert value.dtype == tangent.dtype == plain.dtype
        h = 1e-3
        wide = x.astype(float)
        slope = (np.asarray(f(wide + h, c)) - f(wide - h, c)) / (2 * h)
        np.testing.assert_allclose(tangent, slope, rtol=1e-4, atol=1e-4)


STRANGE = {
    "objects": np.array([1, None, 2]),
    "strings": np.array(["a", "b", "c"]), "a string": "a", "dates": np.array(["2000-01-01"], "M8[D]"),
    "None": None, "masked": np.ma.masked_array([1.0, 2, 3], [0, 1, 0]), "matrix": np.ones((1, 3)).view(np.matrix),
}  # fmt: skip


@pytest.mark.parametrize("constant", [np.array([1j, 2, 3]), 1j], ids=["array", "number"])
@pytest.mark.parametrize("name", JOINING)
def test_complex_operands_give_complex_derivatives(name, constant):
    def f(s):
        return np.asarray(JOINING[name](V.primal + s * V.tangent, constant))

    if name == "maximum":  # complex numbers have no order
        with pytest.raises(TypeError, match="no derivative rule for complex numbers"):
            JOINING[name](V, constant)
        return
    result, h = JOINING[name](V, constant), 1e-6
    np.testing.assert_array_equal(result.primal, f(0.0))
    np.testing.assert_allclose(result.tangent, (f(h) - f(-h)) / (2 * h), rtol=1e-8, atol=1e-9)
    assert result.dtype == result.tangent.dtype == complex


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("name", JOINING)
def test_operands_that_are_no_real_numbers_are_refused(kind, name):
    # ValueError is what plain NumPy answers to a product with strings or dates.
    with pytest.raises(
        (TypeError, ValueError) if kind in ("strings", "a string", "dates") else TypeError
    ):
        JOINING[name](V, STRANGE[kind])


def test_axes_from_the_end():
    assert from_end(None, 3) == (-3, -2, -1)
    assert from_end(1, 3) == from_end(-2, 3) == -2
    assert from_end((0, -1), 3) == (-3, -1)
    assert from_end(np.int64(0), 2) == -2


@pytest.mark.parametrize("x", [np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 4.0], np.float32)])
def test_a_way_that_gives_another_shape_than_numpy_is_not_trusted(x):
    """The net below all functions written in terms of others, cut open by a planted fault. That
    their values agree is held for every call of the table, in test_functions."""
    shorter = composed_rule(np.diff, lambda y: y[1:-1] - y[:-2])
    with pytest.raises(
        TypeError,
        match=r"np\.diff has no derivative .* NumPy's result has shape \(2,\), .* rule \(1,\)\. Write",
    ):
        shorter(Dual(x, np.ones(3)))
