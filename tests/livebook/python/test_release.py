"""Pyodide's own files: checked, kept once they are fetched, named when they are missing."""

import hashlib
import json
from pathlib import Path

import pytest
import untested
from livebook import build, settings
from livebook.python import lock, release

SETTINGS, _ = settings.read(Path(__file__).parents[3])
SIX = release.RELEASE["packages"]["six"]


def test_a_file_with_another_hash_is_refused(tmp_path):
    (tmp_path / SIX["file_name"]).write_bytes(b"not six")
    with pytest.raises(release.Refused, match=r"is not the six-1\.16.* sha256 is .*, not f61235"):
        release.official(SIX["file_name"], SIX["sha256"], tmp_path, str(tmp_path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(release.Refused, match=r"DUALEDU_PYODIDE=.* has no six-1\.16\.0"):
        release.official(
            SIX["file_name"], SIX["sha256"], tmp_path / "cache", str(tmp_path), "DUALEDU_PYODIDE"
        )


def test_a_fetched_file_is_kept(address, tmp_path):
    (address / "a.js").write_bytes(b"a")
    sha256 = hashlib.sha256(b"a").hexdigest()
    path = release.official("a.js", sha256, tmp_path / "cache")
    assert path.read_bytes() == b"a"
    (address / "a.js").unlink()
    assert release.official("a.js", sha256, tmp_path / "cache") == path


def test_a_fetched_file_with_another_hash_is_refused_and_not_kept(address, tmp_path):
    (address / "a.js").write_bytes(b"b")
    with pytest.raises(release.Refused, match=r"is not the a\.js of Pyodide"):
        release.official("a.js", hashlib.sha256(b"a").hexdigest(), tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_npm_has_pyodide_without_its_packages(address, tmp_path):
    sha256 = release.RELEASE["sha256"]
    try:
        path = release.official("pyodide.mjs", sha256["pyodide.mjs"], tmp_path / "cache")
    except build.Absent:
        untested.skip("npm")
    for name in release.AT_NPM:
        assert lock.digest(path.with_name(name)) == sha256[name]
    with pytest.raises(build.Absent, match=f"{address.as_uri()}/"):
        release.official(SIX["file_name"], SIX["sha256"], tmp_path / "cache")


def test_pins_are_those_of_the_release():
    try:
        path = release.fetching(SETTINGS)(release.LOCK, release.RELEASE["sha256"][release.LOCK])
    except build.Absent:
        untested.skip("npm")
    assert lock.digest(path) == release.RELEASE["sha256"][release.LOCK]
    listed = json.loads(path.read_text())
    assert release.RELEASE["info"] == listed["info"]
    for name, entry in release.RELEASE["packages"].items():
        assert entry == listed["packages"][name]
