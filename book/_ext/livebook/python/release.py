"""Pyodide's own files: which release, where they come from, and that they are the right ones."""

from __future__ import annotations

import base64
import json
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

from livebook import scripts
from livebook.build import Absent
from livebook.python.lock import digest
from livebook.settings import Settings

RELEASE = json.loads(Path(__file__).with_name("pyodide.json").read_text(encoding="utf-8"))
LOCK = "pyodide-lock.json"
ENGINE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")

AT_NPM = (*ENGINE, LOCK)
"""What npm's registry has too, in its package of the same version: all but the Python packages."""

Fetch = Callable[[str, str], Path]
"""Of a file's name and sha256, the file."""


class Refused(Exception):
    """A file that is missing or is not the one it should be: the build must not go on."""


def official(
    name: str, sha256: str, cache: Path, folder: str | None = None, setting: str = ""
) -> Path:
    """A file of Pyodide's release, from a folder or from its address or npm's registry, checked.

    `setting` names what says which folder."""
    path = Path(folder or cache, name)
    if folder is None and not path.is_file():
        try:
            download(name, path)
        except Absent:
            if name not in AT_NPM:
                raise
            from_npm(path.parent)
    if not path.is_file():
        raise Refused(
            f"{setting}={folder} has no {name}. It must hold the files of "
            f"Pyodide {RELEASE['version']}, {RELEASE['base']}; without it the build fetches them"
        )
    found = digest(path)
    if found != sha256:
        if folder is None:
            path.unlink()
        raise Refused(
            f"{path} is not the {name} of Pyodide {RELEASE['version']}: its sha256 is {found}, "
            f"not {sha256}. The right one is at {RELEASE['base']}{name}"
        )
    return path


silent: set[str] = set()
"""Addresses that did not answer while this process runs: nobody waits for them twice."""


def download(name: str, path: Path) -> None:
    if RELEASE["base"] in silent:
        raise Absent(f"{RELEASE['base']} does not answer")
    try:
        with urllib.request.urlopen(RELEASE["base"] + name, timeout=20) as answer:
            data = answer.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        if not isinstance(error, urllib.error.HTTPError):
            silent.add(RELEASE["base"])
        raise Absent(f"{RELEASE['base']}{name}: {error}") from error
    keep(path, data)


def from_npm(folder: Path) -> None:
    """Pyodide without its packages, by npm, which checks what it gets; `official` does it again."""
    with tempfile.TemporaryDirectory() as name:
        package = f"pyodide@{RELEASE['version']}"
        scripts.run(Path(name), scripts.npm(), "pack", package, "--loglevel=error")
        with tarfile.open(next(Path(name).glob("*.tgz"))) as archive:
            for file in AT_NPM:
                inside = archive.extractfile(f"package/{file}")
                if inside:
                    keep(folder / file, inside.read())


def keep(path: Path, data: bytes) -> None:
    """The file, there at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def fetching(settings: Settings) -> Fetch:
    return partial(
        official,
        cache=settings.cache / RELEASE["version"],
        folder=settings.pyodide,
        setting=settings.pyodide_setting,
    )


def integrity(name: str, engine: Path | None) -> str:
    sha256 = digest(engine / name) if engine else RELEASE["sha256"][name]
    return "sha256-" + base64.b64encode(bytes.fromhex(sha256)).decode()
