"""What the runs of several files train on, and what Ctrl-C does in them."""

import signal

import pytest

from dualedu import mnist


@pytest.fixture(scope="module")
def digits():
    full = mnist.load(normalised=True)
    return tuple(part[:n] for part, n in zip(full, (1000, 1000, 200, 200), strict=True))


@pytest.fixture
def pythons_handler():
    """Test runners may ignore SIGINT in their workers; a user's Python does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
