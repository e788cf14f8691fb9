"""One build of a book, as the parts of livebook share it: its settings, and what was made for it.

What cannot be had on a machine is no mistake of the book: it is said, and the site does without.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.application import Sphinx
from sphinx.util import logging

from livebook import settings
from livebook.settings import Settings

if TYPE_CHECKING:
    from livebook.lite.app import Lite
    from livebook.python.stage import Staged

REPORT = "report.txt"
"""In the cache: what the last build had to say."""

log = logging.getLogger(__name__)


class Absent(Exception):
    """Why something cannot be had on this machine, in one line."""


@dataclass
class Build:
    """What is known while a site is made."""

    settings: Settings
    scripts: Path | None = None
    """The folder of the pages' scripts."""
    python: Staged | None = None
    missing: str = ""
    """Why there is none."""
    lite: Lite | None = None
    said: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """A sentence for who builds: in Sphinx's log, and kept for the end of a quiet build."""
        log.info("%s", sentence)
        self.said.append(sentence)

    def keep_report(self) -> None:
        """Leave what was said in the cache, for who built without a word."""
        self.settings.cache.mkdir(parents=True, exist_ok=True)
        lines = [f"{sentence}\n" for sentence in self.said]
        (self.settings.cache / REPORT).write_text("".join(lines), encoding="utf-8")


def of(app: Sphinx) -> Build:
    """The build that an application does."""
    if not hasattr(app, "livebook"):
        app.livebook = Build(settings.of(app))  # type: ignore[attr-defined]
    made: Build = app.livebook  # type: ignore[attr-defined]
    return made


# --- what is made once for each state of what it is made from -------------------------------------


def key(*parts: bytes) -> str:
    """A name for these parts, which changes with any of them."""
    sums = (hashlib.sha256(part).digest() for part in parts)
    return hashlib.sha256(b"".join(sums)).hexdigest()[:12]


def once(cache: Path, kind: str, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills for this key, made if it is not there; older ones go."""
    folder = cache / f"{kind}-{name}"
    if not folder.is_dir():
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


# --- files of the site ----------------------------------------------------------------------------


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


def size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size
