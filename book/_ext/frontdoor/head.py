"""What the head of a page says to search engines, to chats in which it is shared, and to Zotero."""

from __future__ import annotations

import json
import os
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from frontdoor import cards, place
from frontdoor.place import Page, Place

PREVIEW = "FRONTDOOR_PREVIEW"
UNLISTED = ("404", "search")
"""Pages that nobody should arrive at."""


def context(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if os.environ.get(PREVIEW) or name in UNLISTED:
        context["metatags"] = (
            context.get("metatags", "") + '\n<meta name="robots" content="noindex">'
        )
    if doctree is None:
        return
    here = place.of(app)
    page = here.page(name, doctree)
    told = context.get("metatags", "")
    lines = [] if 'name="description"' in told else [meta("description", page.description)]
    lines += [*shared(here, page), *scholarly(here, page), linked(here, page)]
    context["metatags"] = "\n".join([told, *lines])
    if url := here.url(name):
        context["pageurl"] = url


def meta(name: str, content: str, kind: str = "name") -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">'


def shared(here: Place, page: Page) -> list[str]:
    """Open Graph: https://ogp.me. A picture's address must be whole: without one there is none."""
    told = {
        "og:type": "book" if page.root else "article",
        "og:site_name": here.book,
        "og:title": page.title,
        "og:description": page.description,
        "og:locale": "en",
    }
    if url := here.url(page.name):
        picture = cards.draw(here, page)
        told |= {
            "og:url": url,
            "og:image": here.address.site + picture,
            "og:image:width": str(cards.SIZE[0]),
            "og:image:height": str(cards.SIZE[1]),
            "og:image:alt": cards.words(here, page),
        }
    lines = [meta(name, content, "property") for name, content in told.items()]
    return [
        *lines,
        meta("twitter:card", "summary_large_image" if "og:image" in told else "summary"),
    ]


def scholarly(here: Place, page: Page) -> list[str]:
    """Highwire Press tags, which Google Scholar and reference managers read."""
    told = {
        "citation_title": page.title,
        "citation_author": here.authors,
        "citation_language": "en",
    }
    if here.app.config.frontdoor_published:
        told["citation_publication_date"] = here.app.config.frontdoor_published
    if not page.root:
        told["citation_inbook_title"] = here.book
    if url := here.url(page.name):
        told["citation_public_url"] = url
    return [meta(name, content) for name, content in told.items()]


def linked(here: Place, page: Page) -> str:
    """schema.org's description of the page, as JSON-LD."""
    config = here.app.config
    whole = {"@type": "Book", "name": here.book}
    author = {"@type": "Organization", "name": here.authors}
    said: dict[str, Any] = {"@context": "https://schema.org"}
    if page.root:
        said |= whole | {"bookFormat": "https://schema.org/EBook"}
    else:
        said |= {"@type": "LearningResource", "name": page.title}
        said["isPartOf"] = whole | ({"url": here.address.site} if here.address.site else {})
        if page.number:
            said |= {"learningResourceType": "chapter", "position": page.number}
    said |= {
        "description": page.description,
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "author": author,
        "license": config.frontdoor_licence,
        "keywords": list(config.frontdoor_keywords),
        "educationalLevel": config.frontdoor_level,
        "datePublished": config.frontdoor_published,
        "dateModified": page.changed,
        "url": here.url(page.name),
        "version": here.version,
    }
    known = {name: value for name, value in said.items() if value}
    text = json.dumps(known, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'
