"""The rules of NumPy's functions, on every call of the table: against central differences to
second order, single runs for K directions, mixed levels, and NumPy's own value to the bit."""

import inspect

import numpy as np
import pytest
from numpy_calls import CALLS, fill, leaves

from dualedu import Dual, check_jvp, jvp
from dualedu.internals.registry import RULES
from dualedu.internals.shapes import base

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NaN and empty samples warn

every_call = pytest.mark.parametrize("call", CALLS, ids=str)


def floats(outcome):
    """All results of a call as one vector."""
    parts = [np.ravel(x) for x in leaves(outcome) if np.result_type(base(x)).kind == "f"]
    return np.concatenate(parts) if parts else np.zeros(0)


def directions(variables, *lead):
    rng = np.random.default_rng(0)
    return tuple(rng.uniform(-1, 1, (*lead, *np.shape(x))) for x in variables)


def frozen(x, dtype):
    x = np.array(x, dtype)
    x.flags.writeable = False
    return x if x.ndim else x[()]


def scattered(x):
    """The same numbers in Fortran's order and with gaps between them."""
    return np.repeat(np.copy(x, order="F"), 2, axis=-1)[..., ::2] if x.ndim else x


@every_call
def test_tangents_agree_with_central_differences_to_second_order(call):
    check_jvp(lambda *xs: floats(call(xs)), *call.variables, order=2, tolerance=3e-6)


@every_call
def test_values_are_numpys_in_both_precisions_and_arguments_stay_as_they_were(call):
    v = directions(call.variables)
    _, exact = jvp(
        lambda *xs: call(xs), tuple(map(scattered, call.variables)), tuple(map(scattered, v))
    )
    for dtype, tolerance in ((np.float64, 1e-9), (np.float32, 2e-3)):
        variables = tuple(frozen(x, dtype) for x in call.variables)
        expected = leaves(call(variables))
        values, tangents = jvp(lambda *xs: call(xs), variables, v)
        for plain, value, tangent, wide in zip(
            expected, leaves(values), leaves(tangents), leaves(exact), strict=True
        ):
            np.testing.assert_array_equal(value, plain)
            assert np.signbit(value).tolist() == np.signbit(plain).tolist()
            assert type(value) is type(plain)
            assert value.dtype == plain.dtype
            assert tangent.dtype == (plain.dtype if plain.dtype.kind == "f" else np.float64)
            assert tangent.shape == plain.shape
            np.testing.assert_allclose(tangent, wide, rtol=tolerance, atol=tolerance)


@every_call
def test_directions_at_once_are_single_runs_and_results_that_move_are_duals(call):
    variables = call.variables
    together = directions(variables, 3)
    values, tangents = jvp(lambda *xs: call(xs), variables, together)
    for k in range(3):
        v = tuple(w[k] for w in together)
        _, single = jvp(lambda *xs: call(xs), variables, v)
        for several, one in zip(leaves(tangents), leaves(single), strict=True):
            assert several.shape == (3, *one.shape)
            np.testing.assert_allclose(several[k], one, rtol=1e-11, atol=1e-12)
    outcome = call([Dual(x, w) for x, w in zip(variables, v, strict=True)])
    for result, tangent in zip(leaves(outcome), leaves(single), strict=True):
        assert isinstance(result, Dual) or not np.any(tangent)
    none = tuple(np.zeros((0, *np.shape(x))) for x in variables)
    _, empty = jvp(lambda *xs: call(xs), variables, none)
    for value, tangent in zip(leaves(values), leaves(empty), strict=True):
        assert tangent.shape == (0, *np.shape(value))


@pytest.mark.parametrize("call", [call for call in CALLS if len(call.variables) > 1], ids=str)
def test_levels_in_different_arguments_do_not_mix(call):
    x, y, *rest = call.variables
    v, w = directions((x, y))

    def by_x(x, y):
        return jvp(lambda x: floats(call([x, y, *rest])), (x,), (v,))[1]

    def by_y(x, y):
        return jvp(lambda y: floats(call([x, y, *rest])), (y,), (w,))[1]

    one = jvp(lambda y: by_x(x, y), (y,), (w,))[1]
    two = jvp(lambda x: by_y(x, y), (x,), (v,))[1]
    np.testing.assert_allclose(one, two, rtol=1e-7, atol=1e-9)


def apart(call, definition):
    """Whether NumPy's results and those of the longer way differ by more than their rounding."""
    moving = []

    def run(*xs):
        queue = iter(xs)
        parts = leaves(definition(*fill(call.args, queue), **fill(call.kwargs, queue)))
        moving[:] = [isinstance(part, Dual) for part in parts]
        return tuple(part for part in parts if isinstance(part, Dual))

    ours, _ = jvp(run, call.variables, directions(call.variables))
    theirs = [part for part, moves in zip(leaves(call()), moving, strict=True) if moves]
    pairs = list(zip(ours, theirs, strict=True))
    assert all(np.shape(a) == np.shape(b) for a, b in pairs)
    return not all(np.allclose(a, b, rtol=1e-10, atol=1e-10, equal_nan=True) for a, b in pairs)


@pytest.mark.parametrize("call", [c for c in CALLS if RULES[c.key].definition], ids=str)
def test_a_longer_way_gives_numpys_value(call):
    """The tangent of a composed function comes from another way to write it: it must be equal."""
    assert not apart(call, RULES[call.key].definition)


def test_a_longer_way_that_gives_another_value_is_found():
    (call, *_) = (call for call in CALLS if call.function is np.trapezoid)
    assert apart(call, lambda y: np.sum(y[1:] + y[:-1]) / 4)


FREE = inspect.Parameter.POSITIONAL_OR_KEYWORD


def reversed_by_name(call, variables):
    """A call's arguments by name, in reverse, where NumPy's signature allows that."""
    signature = inspect.signature(call.function)
    queue = iter(variables)
    given = signature.bind(*fill(call.args, queue), **fill(call.kwargs, queue)).arguments
    if any(signature.parameters[name].kind is not FREE for name in given):
        return None
    return {name: given[name] for name in reversed(given)}


def takes_names(call):
    python = inspect.isfunction(inspect.unwrap(call.function))
    return python and reversed_by_name(call, call.variables) is not None


@pytest.mark.parametrize("call", list(filter(takes_names, CALLS)), ids=str)
def test_arguments_may_be_given_by_name_in_any_order(call):
    variables, v = call.variables, directions(call.variables)
    _, expected = jvp(lambda *xs: call(xs), variables, v)
    _, tangents = jvp(lambda *xs: call.function(**reversed_by_name(call, xs)), variables, v)
    for one, other in zip(leaves(tangents), leaves(expected), strict=True):
        np.testing.assert_array_equal(one, other)
