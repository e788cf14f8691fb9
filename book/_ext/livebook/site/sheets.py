"""What a page weighs: one style sheet for a dozen, no script, rule or icon that nothing uses.

The theme is made for every book. Of its two thousand icons this one shows some twenty, its script
that draws them again is larger than all else together, and its style sheets are a dozen requests.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from sphinx.config import Config

from livebook.site import icons
from livebook.site.folder import Site

STYLE = re.compile(r'\s*<link href="([^"]+)" rel="stylesheet"[^>]*/?>|'
                   r'\s*<link rel="stylesheet"[^>]* href="([^"]+)"[^>]*/?>')  # fmt: skip
# The theme draws its icons by font, and then once more by this script of a megabyte and a half.
ICONS = re.compile(r"\s*<script[^>]*/fontawesome\.js[^>]*></script>")
# The theme loads the index on every page, for a search while typing that this book does not use.
SEARCH = re.compile(
    r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>'
)
# Made for tabs, and loaded on every page.
TABS = re.compile(r"\s*<script[^>]*/design-tabs\.js[^>]*></script>")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
WORD = re.compile(r"[A-Za-z][\w-]*")
CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
# Made for every book. What else there is was written for this one, or is small.
LARGE = {"styles/pydata-sphinx-theme.css", "sphinx-design.min.css"}
ADDRESS = re.compile(r"""url\((["']?)(?!data:|#)([^"')]+)\1\)""")
IMPORT = re.compile(r"""@import\s+["']([^"']+)["'];""")


def configure(config: Config) -> None:
    # The sidebar has a search field; the theme would put a second one above the page.
    config.html_theme_options["navbar_persistent"] = []


def drop_scripts(site: Site) -> None:
    """Take out of the pages the scripts that they do not use."""

    def without(file: Path, page: str) -> str:
        page = ICONS.sub("", page)
        if "sd-tab-set" not in page:
            page = TABS.sub("", page)
        return page if file.name == "search.html" else SEARCH.sub("", page)

    site.change(without)


def merge(site: Site) -> None:
    """One style sheet for all pages, of the rules that they use."""
    address = make_sheet(site.folder, site.pages.values())

    def with_one(file: Path, page: str) -> str:
        path = os.path.relpath(site.folder, file.parent).replace(os.sep, "/")
        return one_sheet(page, f"{path}/{address}")

    site.change(with_one)


def make_sheet(site: Path, pages: Iterable[str]) -> str:
    """Write the style sheets of all pages into one, and return its address below the site."""
    target = site / "_static" / "site.css"
    lists = [sheets_of(page) for page in pages]
    if target.is_file():  # a page that was not built again names only this one
        lists.append(target.read_text(encoding="utf-8").partition("*/")[0].split()[1:])
    names = max(lists, key=len)
    used = set(WORD.findall("".join(pages))) | set(WORD.findall(scripts(site))) | icons.WIDGETS
    sheet, rest = "", ""
    for name in names:
        part = COMMENT.sub("", absolute(site / "_static", name))
        if name in LARGE:
            part, unused = sort_out(part, used)
            rest += unused
        sheet += part
    sheet += icons.face(site / "_static", sheet)
    target.write_text(f"/* {' '.join(names)} */\n{sheet}", encoding="utf-8")
    live = site / "_static" / "live"
    if live.is_dir():  # a reader's own widget may show any icon
        (live / "icons.css").write_text(rest, encoding="utf-8")
    return f"_static/site.css?v={hashlib.sha256(sheet.encode()).hexdigest()[:8]}"


def sheets_of(page: str) -> list[str]:
    addresses = [unescape(first or second) for first, second in STYLE.findall(page)]
    paths = [urlsplit(address).path.partition("_static/")[2] for address in addresses]
    return [] if paths == ["site.css"] else paths


def one_sheet(page: str, address: str) -> str:
    links = list(STYLE.finditer(page))
    if not links:
        return page
    link = f'\n  <link href="{address}" rel="stylesheet" />'
    head, tail = page[: links[0].start()], page[links[0].start() :]
    return head + link + STYLE.sub("", tail)


def absolute(static: Path, name: str) -> str:
    """The sheet's text, with addresses as seen from the static folder."""

    def move(match: re.Match[str]) -> str:
        return f"url({os.path.normpath(Path(name).parent / match[2]).replace(os.sep, '/')})"

    def whole(match: re.Match[str]) -> str:
        return absolute(static, os.path.normpath(Path(name).parent / match[1]))

    text = (static / name).read_text(encoding="utf-8")
    return IMPORT.sub(whole, ADDRESS.sub(move, text)) + "\n"


def scripts(site: Path) -> str:
    files = (site / "_static").glob("**/*.js")
    others = {"mathjax", "pyodide", "fontawesome.js"}
    parts = [file for file in files if not others & set(file.parts)]
    return "".join(file.read_text(encoding="utf-8") for file in parts)


def sort_out(sheet: str, used: set[str]) -> tuple[str, str]:
    """The rules for classes that some page or script names, and of the others those of icons."""
    rest: list[str] = []

    def keep(match: re.Match[str]) -> str:
        selectors, body = match[1], match[2]
        if "(" in selectors or "@" in selectors:
            return match[0]
        kept = [one for one in selectors.split(",") if set(CLASS.findall(one)) <= used]
        dropped = [one for one in selectors.split(",") if one not in kept and ".fa-" in one]
        if dropped:
            rest.append(f"{','.join(dropped)}{{{body}}}")
        return f"{','.join(kept)}{{{body}}}" if kept else ""

    return RULE.sub(keep, sheet), "\n".join(rest)
