"""Wheels: refused, split, made small."""

import zipfile

import pytest
from livebook.python import wheels
from livebook.settings import Wheel
from sphinx.errors import ConfigError
from wheels_made import pure_wheels


def test_a_wheel_from_pypi_with_another_hash_is_refused(monkeypatch, tmp_path):
    wrong = wheels.LIST.read_text().replace(
        "comm==0.2.3 --hash=sha256:c", "comm==0.2.3 --hash=sha256:0"
    )
    only = tmp_path / "wheels.txt"
    only.write_text("\n".join(line for line in wrong.splitlines() if line.startswith("comm")))
    monkeypatch.setattr(wheels, "LIST", only)
    with pytest.raises(ValueError, match="was refused"):
        wheels.fetch(tmp_path)


def test_wheels_keep_their_sources_without_node(tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    target.mkdir()
    pure_wheels(source)
    assert wheels.shrink(source, target, None) == "Pyodide's files are not here"
    with zipfile.ZipFile(target / "anywidget-1.0-py3-none-any.whl") as archive:
        assert archive.read("anywidget/__init__.py") == b"x = 1\n"


def test_parts_of_a_wheel_go_into_archives_of_their_own(tmp_path):
    whole = {"mine/__init__.py": "x = 1\n", "mine/a.npz": "a", "mine/b.npz": "b"}
    wheel = tmp_path / "mine-1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in whole.items():
            archive.writestr(name, text)
    own = Wheel(tmp_path, "mine", {"mine-data": ["mine/a.npz", "mine/b.npz"]})
    wheels.split(wheel, own)
    found = {}
    for path in tmp_path.iterdir():
        with zipfile.ZipFile(path) as archive:
            found[path.name] = {name: archive.read(name).decode() for name in archive.namelist()}
    assert found == {
        "mine-1.2-py3-none-any.whl": {"mine/__init__.py": "x = 1\n"},
        "mine_data-1.2.zip": {"mine/a.npz": "a", "mine/b.npz": "b"},
    }
    with pytest.raises(ConfigError, match="the wheel of mine has no mine/c"):
        wheels.split(wheel, Wheel(tmp_path, "mine", {"other": ["mine/c"]}))
