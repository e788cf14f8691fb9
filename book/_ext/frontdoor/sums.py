"""Checksums of the files of a release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

SUMS = "SHA256SUMS"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checksums(files: Iterable[Path], target: Path) -> None:
    """The sums of files in the folder `target`, in the form of `sha256sum --check`."""
    lines = [f"{digest(path)}  {path.name}\n" for path in sorted(files)]
    (target / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
