"""Pyodide's lock file: what the pages' list of packages says of each.

The package pyodide-lock writes such entries too; those of its versions that run on Python 3.11 find
no module in a wheel that holds byte code alone, as ours do.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from livebook.python import slim

Packages = dict[str, dict[str, Any]]

PYTHON = {"python_version": "3.12", "sys_platform": "emscripten", "extra": ""}
"""What a dependency's condition is asked about."""

ENTRIES = "packages.json"
"""Beside staged files: their entries."""


class Missing(Exception):
    """A package that pages would ask for and not find: the build must not go on."""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def as_json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()


def closure(roots: Iterable[str], packages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The packages and all that they depend on, once each."""
    found: list[str] = []
    waiting = [*roots]
    while waiting:
        name = slim.normalised(waiting.pop())
        if name not in found:
            if name not in packages:
                raise Missing(f"the lock file has no package {name!r}: pages could not load it")
            found.append(name)
            waiting += packages[name]["depends"]
    return sorted(found)


def entry(path: Path, depends: Iterable[str] | None = None) -> dict[str, Any]:
    """The entry of a wheel of ours, from its metadata where it is not told what it depends on."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        about = next((n for n in names if n.endswith(".dist-info/METADATA")), None)
        fields = HeaderParser().parsestr(archive.read(about).decode() if about else "")
    name = slim.package(path.name)
    if depends is None:
        needed = [Requirement(text) for text in fields.get_all("Requires-Dist", [])]
        depends = [r.name for r in needed if r.marker is None or r.marker.evaluate(PYTHON)]
    tops = {n.split("/")[0].removesuffix(".pyc").removesuffix(".py") for n in names}
    return slim.relieved(
        name,
        {
            "depends": [*depends],
            "file_name": path.name,
            "imports": sorted(top for top in tops if "." not in top) if about else [],
            "install_dir": "site",
            "name": name,
            "package_type": "package",
            "sha256": digest(path),
            "unvendored_tests": False,
            "version": path.name.removesuffix(".zip").split("-")[1],
        },
    )


def entries(folder: Path, depends: Mapping[str, Iterable[str]] | None = None) -> Packages:
    """The entries of all wheels in a folder; `depends` for those that do not state theirs."""
    told = depends or {}
    wheels = {slim.package(path.name): path for path in sorted(folder.iterdir())}
    return {name: entry(path, told.get(name)) for name, path in wheels.items()}


def finish(folder: Path, packages: Packages, note: str | None) -> None:
    """Name the files by their content, and write what the lock file will say about them."""
    made = {}
    for name, value in packages.items():
        path = named_by_content(folder / value["file_name"])
        made[name] = value | {"file_name": path.name, "sha256": digest(path)}
    (folder / ENTRIES).write_text(json.dumps({"note": note, "packages": made}), encoding="utf-8")


def finished(folder: Path) -> tuple[Packages, str | None]:
    """The entries of a staged folder, and why its wheels are not compiled, if so."""
    made = json.loads((folder / ENTRIES).read_text(encoding="utf-8"))
    return made["packages"], made["note"]


def named_by_content(path: Path) -> Path:
    """The file under a name that changes with it, so that no browser takes an old one from its
    cache: a build tag in a wheel's name, which begins with a digit."""
    tag = f"0{digest(path)[:8]}"
    if path.suffix == ".whl":
        name, version, *rest = path.name.split("-")
        return path.rename(path.with_name("-".join([name, version, tag, *rest])))
    return path.rename(path.with_name(f"{path.stem}-{tag}{path.suffix}"))
