"""What can be joined, split and padded, and what cannot."""

import numpy as np
import pytest
from mistakes import reads_as_in_numpy, refuses

REFUSED = {
    "pad, left empty": (lambda a: np.pad(a, 1, "empty"), "takes the modes"),
    "out by position, concatenate": (
        lambda a: np.concatenate([a, a], 0, np.zeros((6, 3))),
        "existing array",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])


MISTAKES = {
    "stack": (lambda x: np.stack([x, x[:1]]), r"one shape, got \[\(1,\), \(2,\)\]"),
    "concatenate": (lambda x: np.concatenate([x, np.ones((2, 2))]), "same number of dimensions"),
    "split": (lambda x: np.split(x, 3), "equal division"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_in_numpy(name):
    reads_as_in_numpy(*MISTAKES[name])
