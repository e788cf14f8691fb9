"""Wheels made small: edits that fit, byte code that needs no source."""

import zipfile

import pytest
from livebook.python import slim

MAGIC = (3531).to_bytes(2, "little") + b"\r\n"
"""Byte code of Python 3.12."""


def test_the_code_is_compiled_and_needs_no_source(live, packages):
    for entry in packages.values():
        with zipfile.ZipFile(live / "pyodide" / entry["file_name"]) as archive:
            names = archive.namelist()
            sources = [n for n in names if n.endswith(".py")]
            assert not sources or entry["name"].startswith("dualedu")
            for name in (n for n in names if n.endswith(".pyc")):
                # Flag 1: valid by a hash that is not looked at.
                assert archive.read(name)[:8] == MAGIC + (1).to_bytes(4, "little"), name


def test_an_edit_that_does_not_fit_is_refused():
    member, ((old, _), *_) = next(iter(slim.EDITS.items()))
    with pytest.raises(ValueError, match="2 times, not once"):
        slim.edited(member, (old * 2).encode())
