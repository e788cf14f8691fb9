"""One list of all packages: each is there with its hash, and what it depends on."""

from itertools import chain
from pathlib import Path

import pytest
from livebook.python import lock, release, slim


def test_every_package_is_there_with_its_hash_and_all_it_depends_on(live, manifest, packages):
    folder = live / manifest["pyodide"]["base"]
    for entry in packages.values():
        assert lock.digest(folder / entry["file_name"]) == entry["sha256"]
        assert {slim.normalised(name) for name in entry["depends"]} <= set(packages)
    assert {*manifest["core"], *chain(*manifest["imports"].values())} <= set(packages)


def test_nothing_is_shipped_that_no_page_can_load(manifest, packages):
    names = {entry["file_name"] for entry in packages.values()}
    alone = {*release.ENGINE, Path(manifest["lock"]).name}
    packed = {name for name in manifest["pyodide"]["integrity"] if name.endswith(".zst")}
    assert len(packed) == 3
    assert set(manifest["files"]) == names | alone | packed
    wanted = [*manifest["core"], *chain(*manifest["imports"].values())]
    assert lock.closure(wanted, packages) == sorted(packages)


def test_a_package_that_is_missing_is_named():
    with pytest.raises(lock.Missing, match="no package 'comm'"):
        lock.closure(["a"], {"a": {"depends": ["comm"]}})
