"""What the runs of several files train on."""

import pytest

from dualedu import mnist


@pytest.fixture(scope="module")
def digits():
    full = mnist.load(normalised=True)
    return tuple(part[:n] for part, n in zip(full, (1000, 1000, 200, 200), strict=True))
