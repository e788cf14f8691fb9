"""Editions: the site as it was at each release, in a folder of its number beside the newest.

Addresses without a number have the newest edition. A course that began with one stays on it under
the edition's own address, where nothing changes any more. FRONTDOOR_EDITIONS names a folder with
the earlier ones while the site is built, so that its pages link to them; `assemble` puts all
together.

The folder has one for each release, by its number, and in it a zip file that holds the site, as
`gh release download` leaves them: 1.2.0/book.zip.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.version import InvalidVersion, Version
from sphinx.errors import ConfigError

SETTING = "FRONTDOOR_EDITIONS"


@dataclass(frozen=True)
class Edition:
    """A release of the site, in its archive."""

    number: str
    archive: Path

    @cached_property
    def names(self) -> list[str]:
        try:
            with zipfile.ZipFile(self.archive) as archive:
                return archive.namelist()
        except zipfile.BadZipFile:
            raise ConfigError(f"{self.archive} is no zip file: download it again") from None

    @cached_property
    def within(self) -> str:
        """The folder of the site in the archive, with a slash at its end."""
        doors = [name for name in self.names if name.rpartition("/")[2] == "index.html"]
        folders = sorted((door.removesuffix("index.html") for door in doors), key=len)
        for folder in folders:
            if any(name.startswith(f"{folder}_static/") for name in self.names):
                return folder
        raise ConfigError(f"{self.archive} holds no site: no index.html beside a folder _static")

    def has(self, file: str) -> bool:
        return self.within + file in self.names

    def unpack(self, target: Path) -> None:
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            with zipfile.ZipFile(self.archive) as archive:
                archive.extractall(scratch)
            shutil.move(Path(scratch, self.within), target)


def earlier(number: str, folder: str | Path = "") -> list[Edition]:
    """The editions in a folder but for this one, the newest first; none where there is no folder:
    before a first release there are none to download."""
    named = folder or os.environ.get(SETTING)
    if not named or not Path(named).is_dir():
        return []
    found = []
    for part in sorted(Path(named).iterdir()):
        archives = sorted(part.glob("*.zip"))
        if len(archives) != 1:
            raise ConfigError(f"{part} holds {len(archives)} zip files; a release has one")
        try:
            Version(part.name)
        except InvalidVersion:
            raise ConfigError(f"{part} is not named by a release's number, as 1.2.0 is") from None
        found.append(Edition(part.name, archives[0]))
    others = [edition for edition in found if edition.number != number]
    return sorted(others, key=lambda edition: Version(edition.number), reverse=True)
