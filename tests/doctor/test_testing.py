"""The helper for tests."""

import numpy as np
import pytest

from dualedu.doctor import assert_gradient


def test_the_failure_of_a_test_is_the_diagnosis():
    w = np.array([0.3, -1.2])
    assert assert_gradient(lambda w: np.sum(w**3), lambda w: 3 * w**2, w).healthy
    with pytest.raises(AssertionError, match="the sign is turned round"):
        assert_gradient(lambda w: np.sum(w**3), lambda w: -3 * w**2, w)
