"""The words of a page, beside it: what the glossary says of each term that the page links there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from docutils import nodes
from sphinx.util.osutil import relative_uri

Words = dict[str, tuple[str, nodes.definition]]
"""Of each term's id: the term, and what it says."""


def configure(app: Any, config: Any) -> None:
    config.templates_path = [*config.templates_path, str(Path(__file__).with_name("templates"))]
    config.html_theme_options["secondary_sidebar_items"] = ["page-toc.html", "words.html"]


class Beside:
    """Gives each page's template its words; glossaries are read once a build."""

    def __init__(self) -> None:
        self.glossaries: dict[str, Words] | None = None

    def context(
        self, app: Any, page: str, template: str, context: dict[str, Any], doctree: Any
    ) -> None:
        if doctree:
            if self.glossaries is None:
                self.glossaries = glossaries(app)
            context["words"] = list(words(app, page, doctree, self.glossaries))


def words(
    app: Any, page: str, doctree: nodes.document, known: dict[str, Words]
) -> Iterator[tuple[str, str]]:
    """Term and definition as HTML, in the order of the page."""
    here = app.builder.get_target_uri(page)
    seen = set()
    for link in doctree.findall(nodes.reference):
        home, anchor = urldefrag(urljoin(here, link.get("refuri", "")))
        if home != here and anchor in known.get(home, {}) and anchor not in seen:
            seen.add(anchor)
            term, said = known[home][anchor]
            yield term, html(app.builder, said, home, here)


def glossaries(app: Any) -> dict[str, Words]:
    """What each page with terms says of them, by its address."""
    homes = {
        home for _, _, kind, home, _, _ in app.env.domains["std"].get_objects() if kind == "term"
    }
    found = {}
    for home in homes:
        tree = app.env.get_and_resolve_doctree(home, app.builder)
        found[app.builder.get_target_uri(home)] = {
            key: (term.astext(), item[-1])
            for item in tree.findall(nodes.definition_list_item)
            for term in item.findall(nodes.term)
            for key in term["ids"]
        }
    return found


def html(builder: Any, definition: nodes.definition, home: str, here: str) -> str:
    """What a definition says, with links that lead from this page where they led from its own."""
    parts = [part.deepcopy() for part in definition.children]
    for part in parts:
        for link in part.findall(nodes.reference):
            link["refuri"] = moved(link.get("refuri", f"#{link.get('refid')}"), home, here)
            link.attributes.pop("refid", None)
    return "".join(builder.render_partial(part)["fragment"] for part in parts)


def moved(address: str, home: str, here: str) -> str:
    """A link on the page `home`, as the page `here` has to write it."""
    if urlsplit(address).scheme:
        return address
    path, anchor = urldefrag(urljoin(home, address))
    # A page's own address is the empty one to relative_uri.
    return (relative_uri(here, path) if path != here else "") + (f"#{anchor}" if anchor else "")


def setup(app: Any) -> dict[str, bool]:
    app.connect("config-inited", configure)
    app.connect("html-page-context", Beside().context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
