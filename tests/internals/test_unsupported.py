"""Functions without a rule: each refusal names the function and the way out."""

import inspect

import numpy as np
import pytest
from verdicts import PUBLIC, RECORDS, every

from dualedu import Dual
from dualedu.internals.registry import of_kind

SCALAR, VECTOR, MATRIX = Dual(0.5, 1.0), Dual(np.ones(3), np.ones(3)), Dual(np.eye(3), np.eye(3))

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix


def test_no_function_is_refused_and_has_a_rule():
    for name in of_kind("unsupported"):
        assert name.startswith("np.")
        assert name not in RECORDS or RECORDS[name].kind == "unsupported", name


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
