"""What a site needs to be found, shared and cited.

    frontdoor_project: .                     the folder whose pyproject.toml has [tool.frontdoor]:
                                             `address` says what stands there
    frontdoor_description: A book on …       of the whole, in a sentence or two
    frontdoor_keywords: [calculus]
    frontdoor_licence: https://…             of the text
    frontdoor_level: undergraduate           whom it is for
    frontdoor_published: "2026"              the year to cite it by
    frontdoor_moved: {old/page: new/page}    pages that once had another address
    frontdoor_motif: mine.motif:draw         draws into the axes of each page's card (default: none)

Without an address nothing is printed that needs one: no canonical address, no card, no sitemap, no
button for Binder or Codespaces.
FRONTDOOR_EDITIONS names a folder with the site's earlier editions (`editions`).
With FRONTDOOR_PREVIEW in the environment, search engines are asked to leave the site alone.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from frontdoor import cite, entrance, head, launch, place

DEFAULTS: dict[str, Any] = {
    "project": ".",
    "description": "",
    "keywords": [],
    "licence": "",
    "level": "",
    "published": "",
    "moved": {},
    "motif": "",
}


def setup(app: Sphinx) -> dict[str, bool]:
    for name, default in DEFAULTS.items():
        app.add_config_value(f"frontdoor_{name}", default, "html", [type(default)])
    app.connect("config-inited", configure)
    app.connect("builder-inited", cite.register)
    app.connect("html-collect-pages", entrance.lost)
    app.connect("html-collect-pages", entrance.editions)
    app.connect("html-page-context", cite.context, priority=650)
    app.connect("html-page-context", launch.context, priority=740)
    app.connect("html-page-context", head.context, priority=750)  # after what else changes a page
    # Before an extension that works on whole sites, if there is one; then after it.
    app.connect("build-finished", entrance.write, priority=850)
    app.connect("build-finished", entrance.root_the_lost, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def configure(app: Sphinx, config: Config) -> None:
    site = place.of(app).address.site
    if site:
        config.html_baseurl = site
