"""Every public NumPy function has a verdict: a rule with sample calls, a plain value, or a refusal
(tests/internals/test_unsupported.py). A new NumPy's new functions fail here."""

import numpy as np
import pytest
from numpy_calls import CALLS
from verdicts import PUBLIC, RECORDS, every

from dualedu import Dual
from dualedu.internals.registry import RULES, find, qualified
from dualedu.numpy_rules import fourier

MADE = {np.zeros_like, np.ones_like, np.empty_like}
"""As creation and assignment, tested in tests/internals/test_memory.py."""

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix


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


VECTOR, MATRIX = Dual(np.ones(3), np.ones(3)), Dual(np.eye(3), np.eye(3))


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


def test_rules_belong_to_functions_that_numpy_offers():
    ours = [f for f in RULES if callable(f) and not qualified(f).startswith("scipy.")]
    extra = [f for f in ours if f not in set(PUBLIC.values())]
    assert extra == []
