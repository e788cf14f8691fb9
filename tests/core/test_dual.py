"""The number itself: construction, the laws of shape and dtype, operators, conversions."""

import copy
import operator
import pickle

import numpy as np
import pytest

from dualedu import Dual, check_jvp, jvp

OPERATORS = [
    (operator.add, lambda x, y: (1, 1)),
    (operator.sub, lambda x, y: (1, -1)),
    (operator.mul, lambda x, y: (y, x)),
    (operator.truediv, lambda x, y: (1 / y, -x / y**2)),
    (operator.pow, lambda x, y: (y * x ** (y - 1), x**y * np.log(x))),
    (operator.mod, lambda x, y: (1, -np.floor(x / y))),
]


@pytest.mark.parametrize(("operation", "partials"), OPERATORS)
@pytest.mark.parametrize(
    "x", [3.7, np.float64(3.7), np.array([3.7, 0.6]), np.array([[3.7], [0.6]])]
)
@pytest.mark.parametrize("y", [1.6, np.float64(1.6), np.array([1.6, 2.2])])
def test_operators_with_duals_and_constants_on_either_side(operation, partials, x, y):
    dx, dy = 0.3 * np.asarray(x), -0.7 * np.asarray(y)
    by_x, by_y = partials(np.asarray(x), np.asarray(y))
    plain = operation(x, y)
    for a, b, expected in [
        (Dual(x, dx), Dual(y, dy), by_x * dx + by_y * dy),
        (Dual(x, dx), y, by_x * dx),
        (x, Dual(y, dy), by_y * dy),
    ]:
        z = operation(a, b)
        np.testing.assert_array_equal(z.primal, plain)
        np.testing.assert_allclose(
            z.tangent, np.broadcast_to(expected, np.shape(plain)), rtol=1e-12
        )
        assert z.tangent.shape == np.shape(plain)


def test_unary_operators():
    x = Dual(np.array([-2.0, 3.0]), np.array([1.0, 10.0]))
    assert (-x).tangent.tolist() == [-1, -10]
    assert (+x).tangent.tolist() == [1, 10]
    assert abs(x).tangent.tolist() == [-1, 10]


def test_algebra_of_the_unit():
    epsilon = Dual(0.0, 1.0)
    assert (epsilon * epsilon).primal == 0
    assert (epsilon * epsilon).tangent == 0
    assert (1 / (2 + epsilon)).tangent == -0.25
    with pytest.raises(ZeroDivisionError):
        1 / epsilon  # a pure ε divides zero: it has no inverse


COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


@pytest.mark.parametrize("compare", COMPARISONS)
def test_comparisons_look_at_the_primal(compare):
    a, b = np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])
    expected = compare(a, b)
    for left, right in [(Dual(a, b), b), (a, Dual(b, a)), (Dual(a, b), Dual(b, 7 * a))]:
        outcome = compare(left, right)
        assert outcome.dtype == bool
        np.testing.assert_array_equal(outcome, expected)


def test_truth_rounding_and_whole_parts_are_plain_values():
    x = Dual(2.75, 1.0)
    assert bool(x)
    assert not Dual(0.0, 1.0)
    assert round(x, 1) == 2.8
    assert not isinstance(round(x), Dual)
    assert x // 1 == 2.0
    assert 7 // x == 2.0
    whole, rest = divmod(x, 2.0)
    assert whole == 1.0
    assert rest.primal == 0.75
    assert rest.tangent == 1.0
    assert divmod(7.0, x)[1].tangent == -2.0


# --- the shape law -------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (2, 0, 3)])
def test_tangent_has_the_shape_of_the_primal_or_k_times_it(shape):
    single = Dual(np.ones(shape), np.ones(shape))
    assert single.directions is None
    assert single.tangent.shape == shape
    several = Dual(np.ones(shape), np.ones((4, *shape)))
    assert several.directions == 4
    assert several.tangent.shape == (4, *shape)


@pytest.mark.parametrize("shape", [(2,), (1,), (4, 2), (3, 1), (2, 2, 3), (3, 3, 3, 3)])
def test_other_tangent_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="does not fit a primal of shape"):
        Dual(np.ones((3,)), np.ones(shape))


def test_directions_of_numbers_that_meet_must_agree():
    x, y = Dual(np.ones(2), np.ones((3, 2))), Dual(np.ones(2), np.ones((4, 2)))
    with pytest.raises(ValueError, match="3 directions and 4 directions"):
        x + y
    with pytest.raises(ValueError, match="one direction and 3 directions"):
        Dual(np.ones(2), np.ones(2)) * x


# --- the dtype law -------------------------------------------------------------------------------

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]


@pytest.mark.parametrize("dtype", FLOATS)
def test_tangent_takes_the_dtype_of_the_primal(dtype):
    x = Dual(np.ones(3, dtype), np.ones(3))
    for y in (
        x,
        x * 2,
        2.5 / x,
        x**2,
        x**0.5,
        np.exp(x),
        x.sum(),
        x.mean(),
        x[1],
        x @ np.ones(3, dtype),
    ):
        assert y.dtype == dtype
        assert y.tangent.dtype == dtype
    assert (x * np.ones(3, np.float64)).tangent.dtype == np.result_type(dtype, np.float64)


def test_a_python_float_is_weak_like_a_literal():
    _, tangent = jvp(lambda s: s * s * np.ones(2, np.float32), (3.0,), (1.0,))
    assert tangent.dtype == np.float32


NOT_REAL_FLOATS = [
    (3, "need floats, use 3.0"),
    (True, "need floats"),
    (np.arange(3), "astype"),
    (np.array([True]), "astype"),
    (1j, "real floats"),
    (np.ones(2, complex), "real floats"),
    (np.array([1.0, None]), "real floats"),
    ("3", "real floats"),
    (None, "real floats"),
    (np.ma.masked_array([1.0]), "MaskedArray"),
    (np.ones((1, 1)).view(np.matrix), "matrix"),
]


@pytest.mark.parametrize(("value", "message"), NOT_REAL_FLOATS)
def test_a_primal_that_is_not_real_floating_point_is_refused(value, message):
    with pytest.raises(TypeError, match=message):
        Dual(value, np.zeros(np.shape(value)))


@pytest.mark.parametrize("tangent", [1j, "1", None])
def test_a_tangent_that_is_not_real_is_refused(tangent):
    with pytest.raises(TypeError, match="the tangent is"):
        Dual(1.0, tangent)


def test_results_that_are_objects_are_refused():
    with pytest.raises(TypeError, match="unsupported"):
        Dual(np.ones(2), np.ones(2)) * np.array([1, None])


@pytest.mark.parametrize("exponent", [0, 0.0, np.float32(0), 1, 2, -1, 0.5])
@pytest.mark.parametrize("x", [2.0, np.float64(2), np.float32(2)])
def test_scalars_have_scalar_tangents(x, exponent):
    power = Dual(x, 1.0) ** exponent
    assert isinstance(power.tangent, np.floating)
    np.testing.assert_allclose(power.tangent, exponent * 2.0 ** (exponent - 1), rtol=1e-6)


def test_a_complex_power_is_refused():
    with pytest.raises(TypeError, match="fractional power"):
        Dual(-8.0, 1.0) ** (1 / 3)


def test_an_unknown_operand_is_refused():
    torch = pytest.importorskip("torch")
    for f in (lambda x, y: x * y, lambda x, y: y * x, lambda x, y: np.multiply(x, y)):
        with pytest.raises(
            TypeError, match=r"Dual|np\.multiply knows no Tensor beside a dual number"
        ):
            f(Dual(1.0, 1.0), torch.ones(2))
    with pytest.raises(TypeError, match="handing x to another array library would drop"):
        torch.tensor(Dual(1.0, 1.0))


@pytest.mark.parametrize("directions", [(), (2,)])
def test_outer_takes_every_pair(directions):
    x, y = np.array([1.0, 2.0, 3.0]), np.array([[4.0, 5.0]])
    v, w = np.full((*directions, 3), 0.5), np.full((*directions, 1, 2), 2.0)
    z = np.multiply.outer(Dual(x, v), Dual(y, w))
    np.testing.assert_array_equal(z.primal, np.multiply.outer(x, y))
    expected = 0.5 * np.ones((3, 1, 1)) * y + 2.0 * x[:, None, None] * np.ones((1, 2))
    np.testing.assert_array_equal(z.tangent, np.broadcast_to(expected, (*directions, 3, 1, 2)))


def test_lists_are_arrays():
    x = Dual([1.0, 2.0], [0.0, 1.0])
    assert x.__add__([1, 2]).tangent.tolist() == [0, 1]
    assert ([3.0, 4.0] * x).tangent.tolist() == [0, 4]


def test_subclasses_that_change_operations_are_refused_and_memory_maps_accepted(tmp_path):
    x = Dual(np.ones(2), np.ones(2))
    with pytest.raises(TypeError, match="MaskedArray"):
        x * np.ma.masked_array([1.0, 2.0], [True, False])
    stored = np.memmap(tmp_path / "x", dtype=np.float64, mode="w+", shape=2)
    assert type(Dual(stored, np.ones(2)).primal) is np.ndarray
    assert type((x * stored).primal) is np.ndarray


# --- nothing is lost, nothing is changed ---------------------------------------------------------


def test_what_the_caller_gave_never_changes():
    values = np.array([1.0, 2.0])
    x = Dual(values, np.ones(2))
    x[0] = 5.0
    x += 1
    assert x.primal.tolist() == [6, 3]
    assert x.tangent.tolist() == [0, 1]
    with pytest.raises(TypeError, match="existing array"):
        values += x
    with pytest.raises(TypeError, match="existing array"):
        np.add(x, 1, out=values)
    assert values.tolist() == [1, 2]


def test_read_only_and_strided_arrays():
    values = np.arange(12.0).reshape(3, 4)[::2, ::-1]
    values.flags.writeable = False
    x = Dual(values, np.ones_like(values))
    np.testing.assert_array_equal(np.sin(x).tangent, np.cos(values))


def test_copies_and_pickles_are_equal_numbers():
    x = Dual(np.array([1.0, 2.0]), np.eye(2))
    for y in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x)), x.copy()):
        assert y.primal is not x.primal
        np.testing.assert_array_equal(y.tangent, x.tangent)


X = np.array([3.0, -1.0, 2.0])

V = Dual(X, np.ones(3))


def test_methods_of_arrays_hand_over_or_refuse():
    a = np.ones(3)
    assert isinstance(a * V, Dual)
    assert isinstance(a @ V, Dual)
    assert isinstance(np.ones((2, 3)) @ V, Dual)
    assert isinstance(a.clip(V), Dual)
    check_jvp(lambda x: a.clip(x - 0.1, x**2), np.array([0.3, 1.2, 1.5]))
    for refused in (lambda: a.dot(V), lambda: a.put([0], V), lambda: a.fill(V)):
        with pytest.raises((TypeError, ValueError)):
            refused()
