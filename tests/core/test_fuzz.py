"""A search for holes: random programs of up to six calls deep against central differences.

DUALEDU_FUZZ=100000 tries more of them, DUALEDU_FUZZ_SEED others.
"""

import os
import re

import numpy as np
import pytest
from fuzzer import pool, search

from dualedu.internals.registry import RULES, Rule
from dualedu.internals.shapes import base


def test_random_programs():
    count = int(os.environ.get("DUALEDU_FUZZ", 2000))
    used = search(count, int(os.environ.get("DUALEDU_FUZZ_SEED", 0)))
    assert count < 2000 or len(used) > 0.95 * len(pool())


PLANTED = {
    "a wrong slope": (np.tanh, Rule("elementwise", "", (lambda t, z, x: t * (1 - z),), ((-2, 2),))),
    "a dropped tangent": (np.kron, Rule("bilinear", "", call=lambda a, b: np.kron(base(a), b))),
    "a wrong axis": (np.flip, Rule("linear", "", call=lambda m, axis=None: np.positive(m))),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_and_shrunk_to_one_call(name, monkeypatch):
    function, rule = PLANTED[name]
    monkeypatch.setitem(RULES, function, rule)
    with pytest.raises(AssertionError) as caught:
        search(5000, 1)
    message = str(caught.value)
    assert len(re.findall(r"^    x\d+ = ", message, re.MULTILINE)) == 1
    assert f"np.{function.__name__}(" in message
    assert "check_jvp(f, " in message
