"""Where a project is at home, from one table that says so: `[tool.frontdoor]` of pyproject.toml.

    repository = "https://github.com/OWNER/NAME"    "" until the project is public
    site = "https://example.org/book/"              "" is the repository's GitHub Pages
    contact = "somebody@example.org"                an address that may be printed, or ""
    authors = "The authors"                         as they are to be named

FRONTDOOR_REPOSITORY and the like in the environment stand before the table: so a rehearsal can play
that the project is public.

Only Python's own library is used here: a source distribution is built with this file alone.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)/?")
WEB = re.compile(r"https://[\w.-]+(:\d+)?(/[^\s?#]*)?")
LINK = re.compile(
    r"(?P<before>!?\[(?:[^\[\]]|!?\[[^\]]*\]\([^)]*\))*\]\()(?!https?:|#|mailto:)(?P<file>[^)\s]+)(?=\))"
    r"|(?P<code>`+).+?(?P=code)",
    re.DOTALL,
)
"""A link or picture of Markdown whose target is a file; its text may hold code, or a picture. Or
code that is in no link, where a link would be none."""


@dataclass(frozen=True)
class Address:
    """The addresses, each without a slash at its end but the site's."""

    repository: str = ""
    site: str = ""
    contact: str = ""
    authors: str = ""

    def file(self, path: str, tag: str, kind: str = "blob") -> str:
        """Where a file of the repository can be read, as it was at a tag."""
        return f"{self.repository}/{kind}/{tag}/{path}"

    def absolute(self, markdown: str, tag: str) -> str:
        """A text of the repository with its links to files as links to their addresses; as it is,
        while there is no address."""
        if not self.repository:
            return markdown

        def there(link: re.Match[str]) -> str:
            if link["code"]:
                return link[0]
            kind = "raw" if link["before"].startswith("!") else "blob"
            return link["before"] + self.file(link["file"], tag, kind)

        # Twice: a picture may be the text of a link.
        return LINK.sub(there, LINK.sub(there, markdown))


def address(project: Path, environment: Mapping[str, str] = os.environ) -> Address:
    """The addresses of the project in this folder."""
    file = project / "pyproject.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("frontdoor", {})
    known = Address.__dataclass_fields__
    if strange := sorted(table.keys() - known):
        raise ValueError(
            f"[tool.frontdoor] in {file} has {', '.join(strange)}; it knows {', '.join(known)}"
        )
    given = {k: environment.get(f"FRONTDOOR_{k.upper()}", table.get(k, "")).strip() for k in known}
    for name in ("repository", "site"):
        if given[name] and not WEB.fullmatch(given[name]):
            raise ValueError(
                f"[tool.frontdoor] {name} = {given[name]!r} is no address: write it whole, as in "
                f"https://example.org/book, without ? and #, or leave it empty"
            )
    repository, site = given["repository"].rstrip("/"), given["site"]
    if site and not repository:
        raise ValueError("[tool.frontdoor] has a site and no repository: set both, or none")
    if repository and not site:
        found = GITHUB.fullmatch(repository)
        if not found:
            raise ValueError(
                f"[tool.frontdoor] repository = {repository!r} is not on GitHub, so its site "
                "cannot be guessed: set site too"
            )
        site = f"https://{found[1].lower()}.github.io/{found[2]}"
    site = site.rstrip("/") + "/" if site else ""
    return Address(repository, site, given["contact"], given["authors"])
