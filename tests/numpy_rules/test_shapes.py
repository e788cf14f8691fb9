"""What a shape and an order of memory may be."""

import numpy as np
import pytest
from mistakes import reads_as_in_numpy, refuses

REFUSED = {
    "memory order": (lambda a: np.ravel(a, "K"), "order='C' or 'F'"),
    "memory order by name": (lambda a: np.reshape(a, 9, order="A"), "order='C' or 'F'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


MISTAKES = {
    "reshape": (lambda x: np.reshape(x, (3,)), "cannot reshape"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_in_numpy(name):
    reads_as_in_numpy(*MISTAKES[name])
