"""What extensions write that readers by ear, by keyboard or by search would stumble over."""

from __future__ import annotations

import os
import re
import struct
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from livebook.site.folder import Site

# A name of its own would hide the words that the summary shows.
SUMMARY = '<summary aria-label="Toggle hidden content">'
# Sphinx writes the entries of a list of sources without saying that they are its items.
ENTRY = 'role="doc-biblioentry"'
# The theme leaves the book's mark and its search outside of every landmark.
SIDEBAR = '<div id="pst-primary-sidebar"'
LANDMARK = f'{SIDEBAR} role="complementary" aria-label="The book"'
# sphinx-exercise and sphinx-proof give the same id to each of theirs.
REPEATED = re.compile(r' id="(?:exercise|solution|proof)-content"')
EMPTY_HEADER = re.compile(r"<th([^>]*)>\s*(?:<p>\s*</p>)?\s*</th>")
IMAGE = re.compile(r"<img\b(?![^>]*\b(?:width|height)=)([^>]*?)\ssrc=\"([^\"]+)\"([^>]*?)(\s*/?)>")
VIEW = re.compile(r"<svg[^>]*\bviewBox=\"[\d.+-]+ [\d.+-]+ ([\d.]+) ([\d.]+)\"")


def mend(site: Site) -> None:
    site.change(mended)


def mended(file: Path, page: str) -> str:
    page = page.replace(SUMMARY, "<summary>").replace(ENTRY, 'role="listitem"')
    if LANDMARK not in page:
        page = page.replace(SIDEBAR, LANDMARK)
    page = EMPTY_HEADER.sub(r"<td\1></td>", REPEATED.sub("", page))
    return IMAGE.sub(lambda image: sized(file, image), page)


def sized(file: Path, image: re.Match[str]) -> str:
    """An image with its size, for which a page then leaves room while it loads."""
    before, address, after, end = image.groups()
    path = Path(os.path.normpath(file.parent / unquote(urlsplit(unescape(address)).path)))
    found = size(path) if path.is_file() else None
    if not found:
        return image[0]
    width, height = found
    return f'<img{before} src="{address}"{after} width="{width}" height="{height}"{end}>'


def size(path: Path) -> tuple[int, int] | None:
    """Width and height of a PNG or an SVG, in pixels."""
    if path.suffix == ".png":
        width, height = struct.unpack(">II", path.read_bytes()[16:24])
        return width, height
    if path.suffix == ".svg":
        found = VIEW.search(path.read_text(encoding="utf-8"))
        return (round(float(found[1])), round(float(found[2]))) if found else None
    return None


# Of a page, Sphinx's search shows all that its main part has: its contents, buttons, notes to those
# without JavaScript. And browsers report each handler that stands in what it parses as a breach of
# the pages' policy, though none is run.
FOUND = {
    r"""parseFromString\(\s*htmlString,\s*['"]text/html['"],?\s*\)""": (
        "parseFromString(htmlString.replace(/(<[^>]*?) on\\w+=\"[^\"]*\"/g, '$1'), 'text/html')"
    ),
    r"""\["\.headerlink", "script", "style"\]""": (
        '[".headerlink", "script", "style", "noscript", "summary", ".eqno"]'
    ),
    r"""`\[role="main"\] \$\{anchor\}`""": "`article ${anchor}`",
    r"""'\[role="main"\]'""": "'article'",
}
"""What Sphinx writes, in 7 and in 9, and what stands in its place."""


def search_text(site: Site) -> None:
    """Let the search quote a page's own text."""
    file = site.static / "searchtools.js"
    text = file.read_text(encoding="utf-8")
    for old, new in FOUND.items():
        text = re.sub(old, new.replace("\\", r"\\"), text)
    file.write_text(text, encoding="utf-8")
