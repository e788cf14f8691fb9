"""What a page weighs: one style sheet for a dozen, no script, rule or icon that nothing uses.

The theme is made for every book. Of its two thousand icons this one shows some twenty, its script
that draws them again is larger than all else together, and its style sheets are a dozen requests.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

STYLE = re.compile(r'\s*<link href="([^"]+)" rel="stylesheet"[^>]*/?>|'
                   r'\s*<link rel="stylesheet"[^>]* href="([^"]+)"[^>]*/?>')  # fmt: skip
# The theme draws its icons by font, and then once more by this script of a megabyte and a half.
ICONS = re.compile(r"\s*<script[^>]*/fontawesome\.js[^>]*></script>")
# The theme loads the index on every page, for a search while typing that this book does not use.
SEARCH = re.compile(
    r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>'
)
LOADED = re.compile(r'<(?:script|img|link|source)\b[^>]*?\s(?:src|href)="([^"]+)"[^>]*>')
NOT_LOADED = re.compile(r'rel="(?:index|search|next|prev|canonical|author)"|loading="lazy"')

RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
WORD = re.compile(r"[A-Za-z][\w-]*")
CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
# Made for every book. What else there is was written for this one, or is small.
LARGE = {"styles/pydata-sphinx-theme.css", "sphinx-design.min.css"}
ADDRESS = re.compile(r"""url\((["']?)(?!data:|#)([^"')]+)\1\)""")
IMPORT = re.compile(r"""@import\s+["']([^"']+)["'];""")
GLYPH = re.compile(r"""["']\\([ef][0-9a-f]{3})["']""")

# What widgets may ask for once a page is live: Play and FileUpload.
WIDGET_ICONS = {f"fa-{name}" for name in ("play", "pause", "stop", "repeat", "upload")}
FONT = "vendor/fontawesome/webfonts/fa-solid-900"

MOST_BYTES, MOST_REQUESTS = 2_000_000, 40
# Faces that formulas load; which ones, only the browser knows.
FACES = ("Main-Regular", "Math-Italic", "AMS-Regular", "Size1-Regular", "Size2-Regular",
         "Size3-Regular", "Size4-Regular", "Zero")  # fmt: skip


def setup(app: Any) -> dict[str, bool]:
    app.connect("build-finished", lighten, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def lighten(app: Any, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = {file: file.read_text(encoding="utf-8") for file in written(app)}
    sheet = make_sheet(site, pages.values())
    for file, page in pages.items():
        light = ICONS.sub("", page)
        if file.name != "search.html":
            light = SEARCH.sub("", light)
        path = os.path.relpath(site, file.parent).replace(os.sep, "/")
        light = one_sheet(light, f"{path}/{sheet}")
        if light != page:
            file.write_text(light, encoding="utf-8")
            pages[file] = light
    report(site, pages)


def written(app: Any) -> list[Path]:
    """The pages of the site, as files."""
    pages = [*app.env.found_docs, "index", "search", "genindex", "py-modindex", "prf-prf"]
    names = {Path(app.builder.get_outfilename(page)) for page in pages}
    return sorted(name for name in names if name.is_file())


# --- one style sheet ------------------------------------------------------------------------------


def make_sheet(site: Path, pages: Iterable[str]) -> str:
    """Write the style sheets of all pages into one, and return its address below the site."""
    target = site / "_static" / "site.css"
    lists = [sheets_of(page) for page in pages]
    if target.is_file():  # a page that was not built again names only this one
        lists.append(target.read_text(encoding="utf-8").partition("*/")[0].split()[1:])
    names = max(lists, key=len)
    used = set(WORD.findall("".join(pages))) | set(WORD.findall(scripts(site))) | WIDGET_ICONS
    sheet, rest = "", ""
    for name in names:
        part = COMMENT.sub("", absolute(site / "_static", name))
        if name in LARGE:
            part, icons = sort_out(part, used)
            rest += icons
        sheet += part
    sheet += icon_face(site, sheet)
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


def icon_face(site: Path, sheet: str) -> str:
    """A font of the icons that are used. For any other the browser loads the whole one."""
    import logging

    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    codes = sorted({int(code, 16) for code in GLYPH.findall(sheet)})
    options = subset.Options(flavor="woff", layout_features=[])
    font = subset.load_font(str(site / "_static" / f"{FONT}.woff2"), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    subset.save_font(font, str(site / "_static" / "icons.woff"), options)
    ranges = ",".join(f"U+{code:X}" for code in codes)
    return (
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;'
        f'font-weight:900;src:url(icons.woff) format("woff");unicode-range:{ranges}}}\n'
    )


# --- the budget -----------------------------------------------------------------------------------


def report(site: Path, pages: dict[Path, str]) -> None:
    """Say what the heaviest page weighs before it is live; a test measures all in a browser."""
    weights = {file: weigh(site, file, page) for file, page in pages.items()}
    file = max(weights, key=lambda file: max(relative(weights[file])))
    size, requests = weights[file]
    name = file.relative_to(site).with_suffix("").as_posix()
    print(
        f"The heaviest page before it is live, {name}: {size / 1e6:.2f} MB in {requests} requests "
        f"(allowed: {MOST_BYTES / 1e6:.0f} MB, {MOST_REQUESTS})"
    )


def relative(weight: tuple[int, int]) -> tuple[float, float]:
    return weight[0] / MOST_BYTES, weight[1] / MOST_REQUESTS


def weigh(site: Path, file: Path, page: str) -> tuple[int, int]:
    """Bytes and requests of a page with all that it names; of formulas the usual fonts."""
    loaded = {file, *local(file, page)}
    if "mathjax" in page:
        fonts = site / "_static/mathjax/output/chtml/fonts/woff-v2"
        loaded |= {fonts / f"MathJax_{face}.woff" for face in FACES}
    loaded.add(site / "_static" / "icons.woff")
    present = [path.stat().st_size for path in loaded if path.is_file()]
    return sum(present), len(present)


def local(file: Path, page: str) -> Iterator[Path]:
    for match in LOADED.finditer(page):
        if not NOT_LOADED.search(match[0]):
            yield Path(os.path.normpath(file.parent / unquote(urlsplit(unescape(match[1])).path)))
