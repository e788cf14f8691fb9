"""What the tests of what a build fetches share."""

from pathlib import Path

import pytest
import untested
from livebook import build, settings
from livebook.python import release, stage

SETTINGS, _ = settings.read(Path(__file__).parents[2])


@pytest.fixture
def address(tmp_path, monkeypatch):
    """A folder that stands at Pyodide's address."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setitem(release.RELEASE, "base", folder.as_uri() + "/")
    return folder


@pytest.fixture(scope="module")
def staged(built):  # which stages too: two at once would get in each other's way
    try:
        staged = stage.stage(SETTINGS)
    except build.Absent:
        untested.skip("wheels")
    if staged.manifest["pyodide"]["elsewhere"]:
        untested.skip("pyodide")
    return staged


@pytest.fixture(scope="module")
def live(staged, tmp_path_factory):
    """The folder as it is in the site."""
    folder = tmp_path_factory.mktemp("live")
    stage.put(staged, folder)
    return folder
