"""Operands that are no arrays: their types have their say, and a refusal is short."""

# ruff: noqa: E501

import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from dualedu import Dual, check_jvp, gradient, jvp

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.matmul]  # fmt: skip
VECTOR = Dual(np.array([0.5, 1.0]), np.ones(2))


class Answering:
    """A type of its own that knows what to do with anything."""

    def answer(self, other):
        return "its own result"

    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __rmod__ = __rmatmul__ = answer


class Silent:
    def __repr__(self):
        raise AssertionError("a message printed the operand")


@pytest.mark.parametrize("operation", OPERATORS, ids=lambda f: f.__name__)
def test_another_type_has_its_say(operation):
    assert operation(VECTOR, Answering()) == "its own result"
    for x, y in ((VECTOR, Silent()), (Silent(), VECTOR), (VECTOR, None)):
        with pytest.raises(TypeError, match=r"^unsupported operand type\(s\) for .*'Dual'"):
            operation(x, y)


def test_a_ufunc_leaves_types_that_take_part_to_themselves():
    class Taking(Silent):
        def __array_ufunc__(self, ufunc, method, *args, **kwargs):
            return "its own result"

    assert np.multiply(VECTOR, Taking()) == "its own result"
    assert np.multiply(Taking(), VECTOR) == "its own result"
    with pytest.raises(TypeError, match=r"^np.multiply knows no Silent beside a dual number"):
        np.multiply(VECTOR, Silent())


def test_fractions_are_numbers_and_decimals_are_as_for_floats():
    for f in (
        lambda x: x * Fraction(1, 2) + Fraction(1, 3),
        lambda x: Fraction(1, 2) / x - Fraction(1, 3),
        lambda x: x ** Fraction(3, 2),
    ):
        check_jvp(f, np.array([0.5, 1.5]))
        check_jvp(f, 0.5)
    value, tangent = jvp(lambda x: x * Fraction(1, 2), (np.float32(3),), (np.float32(1),))
    assert value.dtype == tangent.dtype == np.float32
    for x, y in ((VECTOR, Decimal(2)), (Decimal(2), VECTOR)):
        with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \*: .*Decimal"):
            x * y


def test_sequences_of_numbers_are_arrays():
    np.testing.assert_array_equal((VECTOR * range(1, 3)).tangent, [1.0, 2.0])
    np.testing.assert_array_equal((VECTOR * (2, 3)).tangent, [2.0, 3.0])


def test_pandas_refuses_in_a_short_sentence():
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1.0, 2.0], name="printed")
    frame = pandas.DataFrame({"printed": [1.0, 2.0], "b": [3.0, 4.0]})
    scalar = Dual(0.5, 1.0)
    for f in (
        lambda: VECTOR * series,
        lambda: series * VECTOR,
        lambda: scalar * series,
        lambda: series - scalar,
        lambda: scalar**series,
        lambda: np.multiply(VECTOR, series),
        lambda: VECTOR @ frame,
        lambda: frame @ VECTOR,
        lambda: gradient(lambda w: (w[0] * frame["printed"]).sum())(np.ones(2)),
        lambda: pandas.Series(VECTOR),
    ):
        with pytest.raises(
            TypeError, match=r"pandas\.\w+ works on plain numbers; .*\.to_numpy"
        ) as e:
            f()
        assert "printed" not in str(e.value)
        assert len(str(e.value)) < 300
    np.testing.assert_array_equal((VECTOR * series.to_numpy()).tangent, [1.0, 2.0])


@pytest.mark.parametrize("operation", OPERATORS[:5], ids=lambda f: f.__name__)
def test_xarray_holds_dual_numbers(operation):
    xarray = pytest.importorskip("xarray")
    field = xarray.DataArray([1.0, 2.0], dims="x")
    for x, y, right in (
        (VECTOR, field, operation(VECTOR, field.values)),
        (field, VECTOR, operation(field.values, VECTOR)),
    ):
        got = operation(x, y)
        assert got.dims == ("x",)
        np.testing.assert_array_equal(got.data.primal, right.primal)
        np.testing.assert_array_equal(got.data.tangent, right.tangent)
