"""Packs: what every start loads, in two files, which the worker unpacks while they come.

A start reads half of what the archives hold: that half is sent first, and the rest after the first
answer, or when it is imported. Which half, one start at the build shows. Together the members of
all archives compress better than each by itself, and zstd does so better than zip.

A pack is the bytes of its parts, one after the other; `packs.json` says their names, sizes and
sums. The archives in it are not compressed themselves. The wheels stay beside it, for JupyterLite.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from livebook import scripts
from livebook.python.lock import Packages, as_json, named_by_content
from livebook.python.release import ENGINE, LOCK, RELEASE

HERE = Path(__file__).parent
SCRIPTS = scripts.SOURCE / "src"
LIST = "packs.json"
WASM, LIBRARY = "pyodide.asm.wasm", "python_stdlib.zip"
FIRST = ("pyodide.js", "pyodide.asm.js")
REST = "rest.json"
"""A part that says what the rest holds."""

SITE, ZIP = "python3.12/site-packages", "python312.zip"
"""Where wheels and the standard library are in Python's `/lib`."""

CELLS = (("print(1)", "ok"), ("1 / 0", "error"), ("unknown", "error"))
"""What a reader may run first, beside the book's own code."""

Members = dict[str, bytes]
Pack = dict[str, Any]


def make(
    folder: Path, engine: Path, archives: Mapping[str, Path], packages: Packages, code: str
) -> None:
    """Pack Pyodide's other files in `engine` and the archives of these packages, after a start that
    runs `code`. What is needed first comes first."""
    read = record(engine, archives, packages, code)
    kept, rest = split(engine / LIBRARY, ZIP, read)
    first: Members = {name: (engine / name).read_bytes() for name in FIRST}
    first[LIBRARY] = stored(kept)
    there = modules(kept)
    sources: list[str] = []
    for archive in archives.values():
        kept, others = split(archive, SITE, read)
        first[archive.name] = stored(kept)
        there |= modules(kept)
        rest |= others
        sources += [n.removeprefix(f"{SITE}/") for n in others if n.endswith(".py")]
    whole = stored(rest)
    later = pack(folder, "rest", {"": whole})
    # A module is looked for only when its package has been found.
    missing = {n for n in modules(rest) - there if n.rpartition(".")[0] in {"", *there}}
    told = {
        "file": later["file"],
        "sum": hashlib.sha256(whole).hexdigest(),
        "modules": sorted(missing),
        "sources": sources,
    }
    made = [pack(folder, "first", {REST: as_json(told), **first}), later]
    (folder / LIST).write_text(json.dumps(made), encoding="utf-8")


def make_engine(folder: Path, engine: Path) -> None:
    """Pack the WebAssembly, which is compiled while it comes, and so comes alone."""
    made = [pack(folder, "engine", {WASM: (engine / WASM).read_bytes()})]
    (folder / LIST).write_text(json.dumps(made), encoding="utf-8")


def record(engine: Path, archives: Mapping[str, Path], packages: Packages, code: str) -> set[str]:
    """The files below Python's `/lib` that a start reads."""
    with tempfile.TemporaryDirectory() as name:
        box, target = Path(name, "box"), Path(name, "read.json")
        box.mkdir()
        for path in (*(engine / file for file in ENGINE), *archives.values()):
            shutil.copyfile(path, box / path.name)
        listed = {n: packages[n] for n in archives}
        (box / LOCK).write_bytes(as_json({"info": RELEASE["info"], "packages": listed}))
        cells = [{"code": text, "status": status} for text, status in ((code, "ok"), *CELLS)]
        options = json.dumps({"packages": [*archives], "cells": cells})
        given = ("record.mjs", str(box), str(SCRIPTS), options, str(target))
        scripts.run(HERE, *given)
        read = json.loads(target.read_text(encoding="utf-8"))
    return {path.removeprefix("/lib/") for path in read}


def split(archive: Path, home: str, read: set[str]) -> tuple[Members, Members]:
    """What is sent first of an archive, by its names in it, and the rest, by its names in `/lib`.

    Data come first, for nobody says beforehand which file is opened; of metadata the fields, which
    say the version. Byte code that stands beside its source comes alone, the source later.
    """
    first: Members = {}
    rest: Members = {}
    with zipfile.ZipFile(archive) as opened:
        members = {member: opened.read(member) for member in opened.namelist()}
        sent = folders(m for m in members if f"{home}/{m}" in read or not is_code(m))
        for member, data in members.items():
            path = PurePosixPath(member)
            there = f"{home}/{member}" in read or is_package(path, sent)
            if path.parts[0].endswith(".dist-info") and not there:
                if path.name == "METADATA":
                    first[member] = data.partition(b"\n\n")[0]
                rest[f"{home}/{member}"] = data
            elif path.parent.name == "__pycache__" and there:
                first[f"{path.parents[1]}/{path.name.partition('.')[0]}.pyc"] = data
            elif there or not is_code(member):
                first[member] = data
            else:
                rest[f"{home}/{member}"] = data
    return first, rest


def is_code(member: str) -> bool:
    return member.endswith((".py", ".pyc", ".so"))


def folders(members: Iterable[str]) -> set[PurePosixPath]:
    return {parent for member in members for parent in PurePosixPath(member).parents}


def is_package(path: PurePosixPath, sent: Container[PurePosixPath]) -> bool:
    """Whether it is the byte code of a package whose folder comes first for something in it: an
    import would find that folder, and take it for the whole package."""
    cached = path.parent.name == "__pycache__"
    folder = path.parents[1] if cached else path.parent
    return path.suffix == ".pyc" and path.name.startswith("__init__.") and folder in sent


def modules(members: Iterable[str]) -> set[str]:
    """The full names of the modules among them, and of all that these are in."""
    return {".".join(parts[:end]) for parts in named(members) for end in range(1, len(parts) + 1)}


def named(members: Iterable[str]) -> Iterator[list[str]]:
    for member in members:
        path = PurePosixPath(member.removeprefix(f"{SITE}/").removeprefix(f"{ZIP}/"))
        if is_code(member):
            parts = [part for part in path.parent.parts if part != "__pycache__"]
            stem = path.name.partition(".")[0]
            yield parts if stem == "__init__" else [*parts, stem]


def pack(folder: Path, name: str, parts: Members) -> Pack:
    raw, target = folder / name, folder / f"{name}.zst"
    raw.write_bytes(b"".join(parts.values()))
    scripts.run(HERE, "packs.mjs", str(raw), str(target))
    raw.unlink()
    file = named_by_content(target)
    listed = [{"name": n, "size": len(part), "sum": sha256(part)} for n, part in parts.items()]
    return {"file": file.name, "sum": sha256(file.read_bytes()), "parts": listed}


def stored(members: Members) -> bytes:
    """An archive without compression, ordered so that like stands by like."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(members, key=lambda m: (PurePosixPath(m).suffix, m)):
            archive.writestr(zipfile.ZipInfo(name), members[name])
    return made.getvalue()


def listed(folder: Path) -> list[Pack]:
    made: list[Pack] = json.loads((folder / LIST).read_text(encoding="utf-8"))
    return made


def sha256(data: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()
