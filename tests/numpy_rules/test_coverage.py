"""Every public NumPy function has a verdict: a rule with sample calls, a plain value, or a refusal
that names the function and says what to do instead. A new NumPy's new functions fail here."""

import cmath
import inspect
import math

import numpy as np
import pytest
from numpy_calls import CALLS

from dualedu import Dual
from dualedu.internals.registry import RULES, find, of_kind, qualified
from dualedu.numpy_rules import fourier
from dualedu.numpy_rules.coverage import numpy_functions

MADE = {np.zeros_like, np.ones_like, np.empty_like}
"""As creation and assignment, tested in tests/internals/test_memory.py."""

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix

PUBLIC = numpy_functions()
RECORDS = {name: find(function) for name, function in PUBLIC.items()}


def every(kind):
    return pytest.mark.parametrize("name", [n for n, r in RECORDS.items() if r and r.kind == kind])


def test_every_public_function_has_a_verdict():
    assert len(PUBLIC) >= 380
    assert [name for name, record in RECORDS.items() if record is None] == []
    assert all(record.formula for record in RECORDS.values())


def test_an_unlisted_function_is_refused_and_has_no_verdict():
    function = np.testing.overrides.allows_array_function_override
    assert find(function) is None
    with pytest.raises(TypeError, match=r"has no derivative rule .*the book's page 'Every rule'"):
        Dual(1.0, 1.0).__array_function__(function, (), (), {})


COMPLEX_RESULTS = {*fourier.ONE_AXIS, *fourier.TWO_AXES, *fourier.ALL_AXES, np.imag, np.angle}
"""They have a test file of their own, test_fourier.py."""


def test_every_rule_has_sample_calls():
    called = {call.key for call in CALLS} | {"getitem"}
    for key, record in RULES.items():
        if qualified(key).startswith("scipy."):  # loaded by another test, and tested in theirs
            continue
        if record.kind == "elementwise":
            assert len(record.domain) == len(record.partials) > 0
        elif record.kind not in ("constant", "unsupported", "creation", "assignment"):
            assert key in called | MADE | COMPLEX_RESULTS, key


def test_no_function_is_refused_and_has_a_rule():
    for name in of_kind("unsupported"):
        assert name.startswith("np.")
        assert name not in RECORDS or RECORDS[name].kind == "unsupported", name


# --- refusals ------------------------------------------------------------------------------------

SCALAR, VECTOR, MATRIX = Dual(0.5, 1.0), Dual(np.ones(3), np.ones(3)), Dual(np.eye(3), np.eye(3))


def required(function):
    """How many arguments a call needs; one to four where NumPy does not say."""
    if isinstance(function, np.ufunc):
        return [function.nin]
    try:
        kinds = inspect.signature(function).parameters.values()
    except ValueError:
        return [1, 2, 3, 4]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in kinds if p.default is p.empty and p.kind in positional]
    return [max(len(needed), 1), len(needed) + 1]


def creates(name):
    """Functions that look for a type only in like=: their arguments are read, not handed over."""
    return RECORDS[name].formula.startswith("it makes a plain array") and name != "np.ix_"


TAKES_A_SEQUENCE = ("np.lib.recfunctions", "np.poly", "np.roots", "np.ravel_multi_index")


@every("unsupported")
@pytest.mark.parametrize("x", [SCALAR, VECTOR, MATRIX], ids=["scalar", "vector", "matrix"])
def test_refusals_name_the_function_and_the_way_out(name, x):
    function = PUBLIC[name]
    if creates(name):
        count = 2 if name == "np.fromiter" else required(function)[0]
        with pytest.raises(TypeError, match=r"like|has no derivative rule"):
            function(*(([1.0], float) if name == "np.fromiter" else [1] * 2)[:count], like=x)
        return
    messages = []
    for count in required(function):
        with pytest.raises(TypeError) as caught:
            function(*[x] * count)
        messages.append(str(caught.value))
    if x is SCALAR and name.startswith(TAKES_A_SEQUENCE):
        return
    expected = f"{name} has no derivative rule for dual numbers: {RECORDS[name].formula}"
    assert expected in messages


# --- plain values --------------------------------------------------------------------------------

CONSTANTS = {
    "np.can_cast": (np.float32,), "np.searchsorted": (0.5,), "np.digitize": ([0.0, 1.0],),
    "np.allclose": (1.0,), "np.isclose": (1.0,), "np.array_equal": (1.0,), "np.array_equiv": (1.0,),
    "np.isin": ([1.0],), "np.argpartition": (1,),
}  # fmt: skip


@every("constant")
def test_constants_are_numpys_plain_values(name):
    function = PUBLIC[name]
    if name == "np.einsum_path":
        assert function("i,i", VECTOR, VECTOR) == function("i,i", np.ones(3), np.ones(3))
        return
    if name == "np.can_cast":
        args = (VECTOR.dtype, np.float32)
    elif isinstance(function, np.ufunc):
        args = (VECTOR,) * function.nin
    else:
        x = MATRIX if "indices_from" in name or name == "np.linalg.matrix_rank" else VECTOR
        args = (x, *CONSTANTS.get(name, ()))
    outcome = function(*args)
    plain = function(*(a.primal if isinstance(a, Dual) else a for a in args))
    for ours, theirs in zip(np.atleast_1d(outcome), np.atleast_1d(plain), strict=True):
        assert type(ours) is type(theirs)
        if name != "np.empty_like":
            np.testing.assert_array_equal(ours, theirs)


# --- functions that cannot be overridden ---------------------------------------------------------

READING = {
    "np.array": lambda x: np.array(x),
    "np.array of a list": lambda x: np.array([x, x]),
    "np.asarray": np.asarray,
    "np.asanyarray": np.asanyarray,
    "np.asarray_chkfinite": np.asarray_chkfinite,
    "np.ascontiguousarray": np.ascontiguousarray,
    "np.asfortranarray": np.asfortranarray,
    "np.asmatrix": np.asmatrix,
    "np.require": np.require,
    "np.fromiter": lambda x: np.fromiter([x], float),
    "np.full": lambda x: np.full(3, x),
    "np.zeros": np.zeros,
    "np.ones": np.ones,
    "np.empty": np.empty,
    "np.eye": np.eye,
    "np.identity": np.identity,
    "np.arange": np.arange,
    "np.arange with a step": lambda x: np.arange(0.0, 3.0, x),
    "np.bartlett": np.bartlett,
    "np.blackman": np.blackman,
    "np.hamming": np.hamming,
    "np.hanning": np.hanning,
    "np.kaiser": lambda x: np.kaiser(3, x),
    "np.float64": np.float64,
    "np.float32": np.float32,
    "np.int64": np.int64,
    "np.complex128": np.complex128,
    "np.vectorize": lambda x: np.vectorize(math.sin)(x),
    "np.frompyfunc": lambda x: np.frompyfunc(lambda y: y, 1, 1)(x),
    "np.base_repr": np.base_repr,
    "np.binary_repr": np.binary_repr,
    "np.format_float_positional": np.format_float_positional,
    "np.format_float_scientific": np.format_float_scientific,
    "np.nditer": np.nditer,
    "np.ndenumerate": np.ndenumerate,
    "np.broadcast": lambda x: np.broadcast(x, 1.0),
    "np.poly1d": np.poly1d,
    "np.matrix": np.matrix,
    "np.ma.array": np.ma.array,
    "np.ma.sum": np.ma.sum,
    "np.frombuffer": np.frombuffer,
    "np.random.normal": lambda x: np.random.default_rng(0).normal(x),
    "np.random.permutation": lambda x: np.random.default_rng(0).permutation(x),
    "np.strings.upper": lambda x: np.strings.upper(x),
    "np.add.at": lambda x: np.add.at(np.zeros(3), [0], x),
    "np.subtract.reduce": lambda x: np.subtract.reduce(x),
    "np.subtract.accumulate": lambda x: np.subtract.accumulate(x),
    "setting an element": lambda x: np.zeros(3).__setitem__(0, x),
    "filling": lambda x: np.zeros(3).fill(x),
    "in-place addition": lambda x: np.zeros(3).__iadd__(x),
    "float": float,
    "int": int,
    "complex": complex,
    "index": lambda x: [1][x],
    "range": range,
}  # fmt: skip


@pytest.mark.parametrize("x", [SCALAR, VECTOR], ids=["scalar", "vector"])
@pytest.mark.parametrize("name", READING)
def test_what_cannot_be_overridden_raises(name, x):
    # NumPy wraps the refusal in a ValueError of its own where it fills arrays element by element.
    with pytest.raises((TypeError, ValueError)) as caught:
        READING[name](x)
    error = caught.value if isinstance(caught.value, TypeError) else caught.value.__cause__
    assert isinstance(error, TypeError)


MATH = [
    (module, name)
    for module in (math, cmath)
    for name in dir(module)
    if callable(getattr(module, name)) and not name.startswith("_")
]
ITERATING = {"fsum", "dist"}
PLAIN_ARITHMETIC = {"prod", "sumprod"}
"""These add and multiply what they are given, and so keep the tangent."""


@pytest.mark.parametrize(("module", "name"), MATH)
def test_the_functions_of_math_raise(module, name):
    function = getattr(module, name)
    if name in PLAIN_ARITHMETIC:
        return
    x = [SCALAR] if name in ITERATING else SCALAR
    messages = []
    for count in (1, 2, 3):
        with pytest.raises(TypeError) as caught:
            function(*[x] * count)
        messages.append(str(caught.value))
    assert any("dual number" in message for message in messages)


def test_the_arithmetic_of_math_keeps_the_tangent():
    x = Dual(2.0, 1.0)
    assert math.prod([x, x, x]).tangent == 12.0
    if hasattr(math, "sumprod"):  # Python 3.12
        assert math.sumprod([x, 1.0, x], [3.0, 2.0, x]).tangent == 7.0


# --- arguments that NumPy does not look at for overrides -----------------------------------------

PLAIN = np.array([0.7, -1.2, 0.4])
BLIND = {
    "sum, initial": lambda x: np.sum(PLAIN, initial=x),
    "max, initial": lambda x: np.max(PLAIN, initial=x),
    "var, mean": lambda x: np.var(PLAIN, mean=x),
    "nan_to_num, nan": lambda x: np.nan_to_num(PLAIN, nan=x),
    "select, default": lambda x: np.select([PLAIN > 0], [PLAIN], x),
    "interp, left": lambda x: np.interp(PLAIN, [0.0, 1.0], [1.0, 2.0], left=x),
    "interp, period": lambda x: np.interp(PLAIN, [0.0, 1.0], [1.0, 2.0], period=x),
    "full_like": lambda x: np.full_like(PLAIN, x),
    "pad": lambda x: np.pad(PLAIN, 1, constant_values=x),
    "roll, shift": lambda x: np.roll(PLAIN, x),
    "reshape": lambda x: np.reshape(PLAIN, (x, 3)),
    "repeat": lambda x: np.repeat(PLAIN, x),
    "linspace, num": lambda x: np.linspace(0.0, 1.0, x),
    "unwrap, period": lambda x: np.unwrap(PLAIN, period=x),
    "trapezoid, dx": lambda x: np.trapezoid(PLAIN, dx=x),
    "quantile, weights": lambda x: np.quantile(PLAIN, 0.5, weights=x, method="inverted_cdf"),
    "clip, min": lambda x: np.clip(PLAIN, x, None),
    "take": lambda x: np.take(PLAIN, x),
    "delete": lambda x: np.delete(PLAIN, x),
    "index": lambda x: PLAIN[x],
    "tensordot, axes": lambda x: np.tensordot(PLAIN, PLAIN, x),
    "round, decimals": lambda x: np.round(PLAIN, x),
    "matrix_power": lambda x: np.linalg.matrix_power(np.eye(2), x),
    "put": lambda x: PLAIN.copy().put([0], x),
    "ndarray.dot": lambda x: PLAIN.dot(x),
    "ndarray.clip": lambda x: PLAIN.clip(x),
    "ndarray.searchsorted": lambda x: PLAIN.searchsorted(x),
    "ndarray.choose": lambda x: np.array([0]).choose([x]),
    "ndarray.sum": lambda x: PLAIN.sum(initial=x),
    "polynomial": lambda x: np.polynomial.polynomial.polyval(x, PLAIN),
    "fftfreq": lambda x: np.fft.fftfreq(3, d=x),
}


@pytest.mark.parametrize("name", BLIND)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_argument_loses_a_tangent(name):
    """A dual result, or an error that says why; never a plain number."""
    for x in (SCALAR, Dual(np.array([0.2, 0.3, 0.5]), np.ones(3))):
        try:
            outcome = BLIND[name](x)
        except (TypeError, ValueError):
            continue
        assert isinstance(outcome, Dual)


def test_rules_belong_to_functions_that_numpy_offers():
    ours = [f for f in RULES if callable(f) and not qualified(f).startswith("scipy.")]
    extra = [f for f in ours if f not in set(PUBLIC.values())]
    assert extra == []
