"""What the tests of the kit share."""

import pytest


@pytest.fixture
def sample():
    """Only what needs a widget needs what widgets need."""
    from sample_widget import Sample

    return Sample()
