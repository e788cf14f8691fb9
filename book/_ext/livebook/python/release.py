"""Pyodide's own files: which release, where they come from, and that they are the right ones."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

from livebook.build import Absent
from livebook.python.lock import digest
from livebook.settings import Settings

RELEASE = json.loads(Path(__file__).with_name("pyodide.json").read_text(encoding="utf-8"))
LOCK = "pyodide-lock.json"
ENGINE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")

Fetch = Callable[[str, str], Path]
"""Of a file's name and sha256, the file."""


class Refused(Exception):
    """A file that is missing or is not the one it should be: the build must not go on."""


def official(
    name: str, sha256: str, cache: Path, folder: str | None = None, setting: str = ""
) -> Path:
    """A file of Pyodide's release, from a folder or from its address, checked.

    `setting` names what says which folder."""
    path = Path(folder or cache, name)
    if folder is None and not path.is_file():
        download(name, path)
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


def download(name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(RELEASE["base"] + name, timeout=20) as answer:
            data = answer.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise Absent(f"{RELEASE['base']}{name}: {error}") from error
    part = path.with_name(f"{name}.part")
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
