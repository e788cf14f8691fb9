"""Where a site will stand, and what is known of each of its pages."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from frontdoor.address import Address, address
from frontdoor.editions import Edition, earlier

LENGTH = 160
"""About as many letters of a description are shown."""

ENDS = (".", "?", "!")

SENTENCE = re.compile(r"[^\W\d_]{2}[.?!](?= )")
"""The end of one, and not of an initial."""

MARKS = {
    "\\varepsilon": "ε",
    "\\cdot": "·",
    "\\times": "×",
    "\\to": "→",
    "^2": "²",
    "\\,": " ",
    "\\mathbb{E}": "E",
}
MARKS |= {"\\log": "log", "^{\\mathsf T}": "ᵀ"}


@dataclass(frozen=True)
class Page:
    """A page of the book."""

    name: str
    title: str
    """Without its number, as plain text."""
    number: str
    description: str
    changed: str
    """The day, as in 2026-11-29; "" where it is not known."""
    root: bool
    """Whether it is the first page, which stands for the whole book."""


class Place:
    """One build's site: its address, its pages, the history of its sources."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.root = Path(app.confdir)
        self.project = self.root / app.config.frontdoor_project
        self.address: Address = address(self.project)
        self.book = str(app.config.html_title)
        self.authors = str(app.config.author)

        file = tomllib.loads((self.project / "pyproject.toml").read_text(encoding="utf-8"))
        self.name = str(file.get("project", {}).get("name", "book"))

    @cached_property
    def version(self) -> str:
        """Of the project, as it is installed; "" if it is not."""
        try:
            return version(self.name)
        except PackageNotFoundError:
            return ""

    @cached_property
    def editions(self) -> list[Edition]:
        """The earlier ones, the newest first."""
        return earlier(self.version) if self.address.site else []

    @cached_property
    def history(self) -> dict[str, str]:
        """The day when git last saw each file change, by its path; nothing where that is not known.

        A copy that was fetched without its history would have one date for all files."""
        try:
            shallow = self.git("rev-parse", "--is-shallow-repository").strip()
            log = self.git("log", "--format=%x00%ct", "--name-only") if shallow == "false" else ""
        except (OSError, subprocess.CalledProcessError):
            return {}
        found: dict[str, str] = {}
        for commit in log.split("\0")[1:]:
            seconds, _, files = commit.partition("\n")
            for name in filter(None, files.splitlines()):
                day = datetime.fromtimestamp(int(seconds), UTC).date()
                found.setdefault(name, day.isoformat())
        return found

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "core.quotepath=off", *arguments]
        done = subprocess.run(
            command, cwd=self.root, check=True, capture_output=True, encoding="utf-8"
        )
        return done.stdout

    def url(self, name: str) -> str:
        """A page's address; "" while the site has none. The first page stands at the root."""
        if not self.address.site:
            return ""
        if name == self.app.config.root_doc:
            return self.address.site
        return self.address.site + self.app.builder.get_target_uri(name)

    def changed(self, name: str) -> str:
        """The day when a page's source last changed; "" where it is not known."""
        source = Path(self.app.env.doc2path(name)).relative_to(self.root).as_posix()
        return self.history.get(source, "")

    def page(self, name: str, doctree: nodes.document) -> Page:
        """What is known of a page; `doctree` is its text."""
        env = self.app.env
        root = name == self.app.config.root_doc
        title = plain(env.titles[name]) if name in env.titles else ""
        numbers = env.toc_secnumbers.get(name, {}).get("", ())
        described = self.app.config.frontdoor_description
        if not root:
            described = opening(doctree) or described
        number = ".".join(str(part) for part in numbers)
        return Page(name, title, number, described, self.changed(name), root)


def of(app: Sphinx) -> Place:
    """The place of a build."""
    if not hasattr(app, "frontdoor"):
        app.frontdoor = Place(app)  # type: ignore[attr-defined]
    made: Place = app.frontdoor  # type: ignore[attr-defined]
    return made


def opening(doctree: nodes.document) -> str:
    """What a page says of itself first: its first paragraph, or the list that this introduces, cut
    behind a sentence or a word."""
    for section in doctree.findall(nodes.section):
        for block in section.children:
            if isinstance(block, nodes.paragraph) and (said := plain(block)).endswith(ENDS):
                return cut(said)
            if isinstance(block, nodes.bullet_list):
                return cut(" ".join(plain(item) for item in block.children))
    return ""


def plain(node: nodes.Element) -> str:
    """The text of a node in one line, its formulas as letters."""
    said = node.deepcopy()
    for formula in list(said.findall(nodes.math)):
        tex = formula.astext()
        for command, mark in MARKS.items():
            tex = tex.replace(command, mark)
        formula.replace_self(nodes.Text(re.sub(r"[\\{}$]", "", tex)))
    return " ".join(said.astext().split())


def cut(said: str, length: int = LENGTH) -> str:
    """The text, or as much of it as fits: whole sentences, if one is long enough."""
    if len(said) <= length:
        return said
    sentences = [found.end() for found in SENTENCE.finditer(said, 0, length)]
    if sentences and sentences[-1] > length // 3:
        return said[: sentences[-1]]
    return said[: said.rfind(" ", 0, length - 1)].rstrip(" ,;:") + "…"
