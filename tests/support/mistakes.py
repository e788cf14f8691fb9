"""Calls that cannot go on, and what they say."""

import numpy as np
import pytest

from dualedu import Dual


def refuses(f, message):
    """f of a dual matrix raises: its rule does not take what f gives it beside the matrix."""
    with pytest.raises((TypeError, IndexError), match=message):
        f(Dual(np.arange(1.0, 10).reshape(3, 3), np.ones((3, 3))))


def reads_as_in_numpy(f, message):
    """f of two dual numbers in a row raises as NumPy does, along one direction and three."""
    for tangent in (np.ones(2), np.ones((3, 2))):
        with pytest.raises((ValueError, IndexError), match=message):
            f(Dual(np.ones(2), tangent))
