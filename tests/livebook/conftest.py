"""What the tests of what a build fetches share."""

import pytest
from livebook.python import release


@pytest.fixture
def address(tmp_path, monkeypatch):
    """A folder that stands at Pyodide's address."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setitem(release.RELEASE, "base", folder.as_uri() + "/")
    return folder
