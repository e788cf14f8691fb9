"""The records: their signatures are NumPy's, and each has a formula."""

import inspect

import numpy as np

from dualedu.internals.registry import RULES, of_kind


def test_signatures_of_rules_follow_numpys():
    """Arguments given by position land where NumPy puts them."""
    compared = 0
    for theirs, record in RULES.items():
        function = inspect.unwrap(record.call) if record.call else None
        written_out = function and hasattr(record.call, "__wrapped__")
        # Some have no signature in NumPy 2.0, a ufunc's methods never.
        if not written_out or not inspect.isfunction(inspect.unwrap(theirs)) or theirs is np.dot:
            continue
        compared += 1
        ours, numpys = (inspect.signature(f).parameters.values() for f in (function, theirs))
        for one, other in zip(ours, numpys, strict=False):
            if other.kind.name == "POSITIONAL_OR_KEYWORD" == one.kind.name:
                assert one.name == other.name or theirs is np.clip, theirs
    assert compared > 60


def test_constants_know_no_tangent():
    assert all(record.formula for record in of_kind("constant").values())
