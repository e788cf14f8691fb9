"""The rules of NumPy's functions, on every call of the table: against central differences to second
order, torch, single runs for K directions, mixed derivatives, and NumPy's own value to the bit."""

import numpy as np
import pytest
from numpy_calls import CALLS

from dualedu import Dual, check_jvp, jvp
from dualedu.dual import base

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NaN and empty samples warn

every_call = pytest.mark.parametrize("call", CALLS, ids=str)


def leaves(outcome):
    if isinstance(outcome, list | tuple):
        return [x for part in outcome for x in leaves(part)]
    return [outcome]


def floats(outcome):
    """All results of a call as one vector."""
    parts = [np.ravel(x) for x in leaves(outcome) if np.result_type(base(x)).kind == "f"]
    return np.concatenate(parts) if parts else np.zeros(0)


def directions(variables, *lead, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.uniform(-1, 1, (*lead, *np.shape(x))) for x in variables)


def frozen(x):
    x = np.array(x)
    x.flags.writeable = False
    return x if x.ndim else x[()]


@every_call
def test_tangents_agree_with_central_differences_to_second_order(call):
    check_jvp(lambda *xs: floats(call(xs)), *call.variables, order=2, tolerance=3e-6)


@every_call
def test_values_are_numpys_and_arguments_stay_as_they_were(call):
    variables = tuple(map(frozen, call.variables))
    expected = leaves(call(variables))
    values, tangents = jvp(lambda *xs: call(xs), variables, directions(variables))
    for plain, value, tangent in zip(expected, leaves(values), leaves(tangents), strict=True):
        np.testing.assert_array_equal(value, plain)
        assert np.signbit(value).tolist() == np.signbit(plain).tolist()
        assert type(value) is type(plain)
        assert value.dtype == plain.dtype
        assert tangent.shape == plain.shape


@every_call
def test_three_directions_at_once_are_three_runs(call):
    variables = call.variables
    together = directions(variables, 3)
    _, tangents = jvp(lambda *xs: call(xs), variables, together)
    for k in range(3):
        _, single = jvp(lambda *xs: call(xs), variables, tuple(v[k] for v in together))
        for several, one in zip(leaves(tangents), leaves(single), strict=True):
            assert several.shape == (3, *one.shape)
            np.testing.assert_allclose(several[k], one, rtol=1e-11, atol=1e-12)
    none = tuple(np.zeros((0, *np.shape(x))) for x in variables)
    for value, tangent in zip(
        *map(leaves, jvp(lambda *xs: call(xs), variables, none)), strict=True
    ):
        assert tangent.shape == (0, *np.shape(value))


@every_call
def test_float32_stays_float32(call):
    variables = tuple(x.astype(np.float32) for x in call.variables)
    v = directions(variables)
    expected = leaves(call(variables))
    values, tangents = jvp(lambda *xs: call(xs), variables, v)
    _, exact = jvp(lambda *xs: call(xs), call.variables, v)
    for plain, value, tangent, wide in zip(
        expected, leaves(values), leaves(tangents), leaves(exact), strict=True
    ):
        np.testing.assert_array_equal(value, plain)
        assert value.dtype == plain.dtype
        assert tangent.dtype == (plain.dtype if plain.dtype.kind == "f" else np.float64)
        np.testing.assert_allclose(tangent, wide, rtol=2e-3, atol=2e-3)


@every_call
def test_layout_in_memory_does_not_matter(call):
    variables, v = call.variables, directions(call.variables)
    _, expected = jvp(lambda *xs: call(xs), variables, v)
    spread = tuple(
        np.repeat(np.copy(x, order="F"), 2, axis=-1)[..., ::2] if x.ndim else x for x in variables
    )
    _, tangents = jvp(lambda *xs: call(xs), spread, tuple(np.copy(w, order="F") for w in v))
    for one, other in zip(leaves(tangents), leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


@every_call
def test_levels_in_different_arguments_do_not_mix(call):
    if len(call.variables) < 2:
        return
    x, y, *rest = call.variables
    (v, w) = directions((x, y))

    def inner(x, y):
        return jvp(lambda x: floats(call([x, y, *rest])), (x,), (v,))[1]

    def other(x, y):
        return jvp(lambda y: floats(call([x, y, *rest])), (y,), (w,))[1]

    one = jvp(lambda y: inner(x, y), (y,), (w,))[1]
    two = jvp(lambda x: other(x, y), (x,), (v,))[1]
    np.testing.assert_allclose(one, two, rtol=1e-7, atol=1e-9)


@every_call
def test_results_are_duals_wherever_they_move(call):
    """A plain result for something that depends on the tangent would be silently wrong."""
    variables = call.variables
    duals = [Dual(x, v) for x, v in zip(variables, directions(variables), strict=True)]
    outcome = call(duals)
    if np.any(floats(jvp(lambda *xs: call(xs), variables, directions(variables))[1])):
        assert any(isinstance(x, Dual) for x in leaves(outcome))
