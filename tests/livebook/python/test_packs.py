"""What a start loads as packs: nothing is lost, and what comes first is what every page loads."""

import base64
import hashlib
import json
import zipfile

from livebook.python import lock

SITE = "python3.12/site-packages"


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_part_is_what_the_manifest_says(live, unpacked):
    folder, told = unpacked
    manifest = json.loads((live / "manifest.json").read_text())
    for part in (part for pack in manifest["packs"] for part in pack["parts"]):
        data = (folder / part["name"]).read_bytes()
        assert len(data) == part["size"]
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        assert part["sum"] == f"sha256-{digest}"
    assert hashlib.sha256((folder / told["file"]).read_bytes()).hexdigest() == told["sum"]
    for name in ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm"):
        assert (folder / name).read_bytes() == (live / "pyodide" / name).read_bytes()


def test_first_and_rest_are_all_of_the_archives(live, unpacked):
    folder, told = unpacked
    rest = members(folder / told["file"])
    archives = [folder / "python_stdlib.zip", *folder.glob("*.whl")]
    whole = {}
    for path in archives:
        home = SITE if path.suffix == ".whl" else "python312.zip"
        expected = {f"{home}/{n}": b for n, b in members(live / "pyodide" / path.name).items()}
        whole |= expected
        for name, data in members(path).items():
            where = f"{home}/{name}"
            if where in rest:  # the fields of metadata
                assert where.endswith("/METADATA")
                assert rest[where].startswith(data)
            elif where not in expected:  # byte code without its source yet
                parent, _, file = where.rpartition("/")
                cached = f"{parent}/__pycache__/{file.removesuffix('.pyc')}.cpython-312.pyc"
                assert expected.pop(cached) == data
                assert f"{where.removesuffix('c')}" in rest
            else:
                assert expected.pop(where) == data
        assert {name: rest[name] for name in expected} == expected
    assert set(rest) <= set(whole)


def test_a_folder_that_comes_first_brings_its_package(live, unpacked):
    """Python would take it for a package without a module of its own."""
    for path in unpacked[0].glob("*.whl"):
        whole, first = members(live / "pyodide" / path.name), members(path)
        folders = {name.rpartition("/")[0] for name in first if ".dist-info/" not in name}
        for folder in folders:
            cached = f"{folder}/__pycache__/__init__.cpython-312.pyc"
            if f"{folder}/__init__.pyc" in whole or cached in whole:
                assert f"{folder}/__init__.pyc" in first


def test_what_nobody_says_that_they_open_comes_first(unpacked):
    folder, told = unpacked
    for name in members(folder / told["file"]):
        assert name.endswith((".py", ".pyc", ".so")) or ".dist-info/" in name


def test_the_packs_hold_what_every_page_loads(live, unpacked):
    folder, _ = unpacked
    manifest = json.loads((live / "manifest.json").read_text())
    packages = json.loads((live / manifest["lock"]).read_text())["packages"]
    for name in lock.closure(manifest["core"], packages):
        assert (folder / packages[name]["file_name"]).is_file()
