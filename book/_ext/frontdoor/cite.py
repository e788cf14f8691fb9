"""The foot of a page: how to cite it, when it was last changed, and where other versions are."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from frontdoor import place
from frontdoor.place import Page, Place

STYLE = "frontdoor.css"
SPECIAL = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "$": r"\$"}
SPECIAL |= {"{": r"\{", "}": r"\}", "ε": r"$\varepsilon$"}


def register(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.config.html_static_path.append(str(Path(__file__).with_name("static")))
        app.add_css_file(STYLE)


def bibtex(here: Place, page: Page) -> str:
    """The page as an entry of BibTeX; the first page stands for the whole book."""
    kind = "book" if page.root else "incollection"
    chapter = page.name.rpartition("/")[2].lower()
    key = re.sub(r"[^a-z0-9-]+", "-", here.name if page.root else f"{here.name}-{chapter}")
    told = {
        "author": "{" + tex(here.authors) + "}",
        "title": tex(here.book if page.root else page.title),
        "booktitle": "" if page.root else tex(here.book),
        "chapter": "" if page.root else page.number,
        "year": here.app.config.frontdoor_published,
        "edition": f"version {here.version}" if here.version else "",
        "url": here.url(page.name),
    }
    width = max(len(name) for name, value in told.items() if value)
    lines = [f"  {name:{width}} = {{{value}}}," for name, value in told.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def tex(said: str) -> str:
    return "".join(SPECIAL.get(letter, letter) for letter in said)


def edition(here: Place, name: str) -> str:
    """Which version this is and, once the site has an address, where each one is: a class stays
    with its own."""
    if not here.version:
        return ""
    said, site = f"Version {escape(here.version)}", escape(here.address.site)
    if not site:
        return said
    file = here.app.builder.get_target_uri(name)
    others = [each.number for each in here.editions if each.has(file)]
    links = [f'<a href="{site}{each}/{escape(file)}">{each}</a>' for each in others]
    return (
        f'{said} (<a href="{site}editions.html">all editions</a>'
        + (f"; this page in {', '.join(links)}" if links else "")
        + ")"
    )


def context(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if doctree is None:
        return
    here = place.of(app)
    page = here.page(name, doctree)
    what = "this book" if page.root else "this chapter" if page.number else "this page"
    # No title of a date in words: months have other names elsewhere, numbers do not.
    day = page.changed
    dated = f'Last changed <time datetime="{day}">{day}</time>' if day else ""
    said = [each for each in (dated, edition(here, name)) if each]
    stated = f"<p>{'. '.join(said)}.</p>" if said else ""
    context["body"] += (
        f'<div class="frontdoor-foot">{stated}<details><summary>Cite {what}</summary>'
        f"<pre>{escape(bibtex(here, page))}</pre></details></div>"
    )
