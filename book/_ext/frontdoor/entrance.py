"""The files by which one arrives: the first page at the root, one for what is not there, one of all
editions, maps."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from posixpath import join, normpath
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.errors import ConfigError

from frontdoor import place
from frontdoor.address import GITHUB
from frontdoor.head import PREVIEW

RELATIVE = re.compile(r'(\s(?:href|src|action|data-content_root)=")([^"#:?]*)(?=[#?"])')
IN_JSON = re.compile(r'(?<=")(?:\.\./)+(?=[^"]*")')
JSON = re.compile(r'(<script type="application/json"[^>]*>)(.*?)(</script>)', re.S)
VIEWPORT = re.compile(r'\s*<meta name="viewport"[^>]*>')
TITLE = re.compile(r"<title>(.*?)</title>", re.S)
DASH = " &#8212; "


def rebased(page: str, move: Callable[[str], str]) -> str:
    """The page with the path of each link to a file of the site by what `move` makes of it."""

    def link(found: re.Match[str]) -> str:
        before, path = found.groups()
        # A link within the page, or one to a whole address, which the pattern ends before.
        return before + (move(path) if path else path)

    def data(found: re.Match[str]) -> str:
        start, text, end = found.groups()
        return start + IN_JSON.sub(lambda up: move(up[0]), text) + end

    return JSON.sub(data, RELATIVE.sub(link, page))


def under(folder: str) -> Callable[[str], str]:
    """For a page that stood in this folder and stands at the root; or, if the folder is a path of
    the host, for one that is read from anywhere."""

    def move(path: str) -> str:
        moved = normpath(join(folder, path))
        return moved.rstrip("/") + "/" if path.endswith("/") else moved

    return move


def lost(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page that a host shows in place of one that is not there."""
    if app.builder.format != "html":
        return
    target = app.builder.get_target_uri(app.config.root_doc)
    words = (
        "<h1>There is no such page</h1>"
        "<p>The address may have been copied in part, or it is one that this book never had: pages "
        "keep theirs.</p>"
        f'<p><a href="{target}">Begin at the first page</a>, look at the contents beside this '
        f'text, or <a href="{app.builder.get_target_uri("search")}">search the book</a>.</p>'
    )
    yield "404", {"title": "There is no such page", "body": words}, "page.html"


def editions(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page of all editions; a site without an address has none to tell apart."""
    here = place.of(app)
    site = escape(here.address.site)
    if app.builder.format != "html" or not site or not here.version:
        return
    numbers = [here.version, *(edition.number for edition in here.editions)]
    links = [f'<a href="{site}{number}/">{number}</a>' for number in map(escape, numbers)]
    items = "".join(f"<li>{link}</li>" for link in [f"{links[0]}, the newest", *links[1:]])
    words = (
        f'<h1>Editions</h1><p>The newest edition is at <a href="{site}">{site}</a>. Each edition '
        "also has an address with its number, where nothing changes any more: a course stays on "
        f"the one with which it began.</p><ul>{items}</ul>"
    )
    if GITHUB.fullmatch(here.address.repository):
        releases = f"{escape(here.address.repository)}/releases"
        words += (
            f'<p>All can be <a href="{releases}">downloaded</a>, and read without a network.</p>'
        )
    yield "editions", {"title": "Editions", "body": words}, "page.html"


def write(app: Sphinx, error: Exception | None) -> None:
    """Everything beside the pages, and their heads once more."""
    if error is not None or app.builder.format != "html":
        return
    here = place.of(app)
    folder = Path(app.outdir)
    names = sorted(app.env.found_docs)
    for file in sorted(folder.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        mended = once(text, here.book)
        if mended != text:
            file.write_text(mended, encoding="utf-8")
    root = app.config.root_doc
    first = folder / app.builder.get_target_uri(root)
    if first != folder / "index.html":
        text = rebased(first.read_text(encoding="utf-8"), under(root.rpartition("/")[0]))
        (folder / "index.html").write_text(text, encoding="utf-8")
    for old, new in app.config.frontdoor_moved.items():
        file = folder / app.builder.get_target_uri(old)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(moved(here, old, new), encoding="utf-8")
    (folder / "robots.txt").write_text(robots(here), encoding="utf-8")
    if here.address.site:
        (folder / "sitemap.xml").write_text(sitemap(here, names), encoding="utf-8")
    else:
        (folder / "sitemap.xml").unlink(missing_ok=True)


def once(page: str, book: str) -> str:
    """The page with one viewport, and with the book's name once in its title."""
    tags = VIEWPORT.findall(page)
    for tag in tags[1:]:
        before, _, after = page.rpartition(tag)
        page = before + after
    name = escape(book)

    def title(found: re.Match[str]) -> str:
        said = found[1].strip().replace(f" - {name}", DASH + name)
        return f"<title>{name if said == name + DASH + name else said}</title>"

    return TITLE.sub(title, page, count=1)


def root_the_lost(app: Sphinx, error: Exception | None) -> None:
    """Links from the root of the host: the page is shown in place of one in any folder."""
    if error is not None or app.builder.format != "html":
        return
    file = Path(app.outdir, "404.html")
    base = urlsplit(place.of(app).address.site).path or "/"
    text = file.read_text(encoding="utf-8")
    if f'data-content_root="{base}"' not in text:
        file.write_text(rebased(text, under(base)), encoding="utf-8")


def moved(here: place.Place, old: str, new: str) -> str:
    """What stands at the old address of a page: a way to the new one, and no script."""
    if new not in here.app.env.found_docs:
        raise ConfigError(f"frontdoor_moved: {old} leads to {new}, which is no page")
    target = escape(here.app.builder.get_relative_uri(old, new))
    canonical = f'<link rel="canonical" href="{escape(here.url(new))}">' if here.url(new) else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<title>This page has moved</title><meta http-equiv="refresh" content="0; url={target}">'
        f'{canonical}</head><body><p>This page has moved: <a href="{target}">here it is</a>.</p>'
        "</body></html>\n"
    )


def robots(here: place.Place) -> str:
    if os.environ.get(PREVIEW):
        return "User-agent: *\nDisallow: /\n"
    site = here.address.site
    return "User-agent: *\nAllow: /\n" + (f"\nSitemap: {site}sitemap.xml\n" if site else "")


def sitemap(here: place.Place, names: list[str]) -> str:
    """https://www.sitemaps.org/protocol.html"""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines += ['<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    for name in names:
        changed = here.changed(name)
        dated = f"<lastmod>{changed}</lastmod>" if changed else ""
        lines.append(f"<url><loc>{escape(here.url(name))}</loc>{dated}</url>")
    return "\n".join([*lines, "</urlset>\n"])
