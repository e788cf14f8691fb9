"""A page where no JavaScript runs, or not all: the theme's colours, a sentence on what is missing.

The theme's script chooses between light and dark; where it does not run, a page would have neither.
What does not answer then is hidden by `@media (scripting: none)` in the book's style sheet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.config import Config

from livebook.site.folder import Site
from livebook.site.policy import CHARSET

WORDS = (
    "This browser runs no JavaScript here: the text, its formulas and its pictures are whole, but "
    "sliders, questions and code do not answer."
)
INLINE = Path(__file__).with_name("inline")
UNDECIDED, LIGHT = ' data-theme="auto">', ' data-theme="light">'


def configure(config: Config) -> None:
    # Where a book does not say, the theme reports an error on every page, and takes this.
    config.html_context.setdefault("default_mode", "auto")


def tell(context: dict[str, Any]) -> None:
    """Put the sentence above a page's text."""
    context["body"] = f"<noscript><p>{WORDS}</p></noscript>{context['body']}"


def inline(name: str) -> str:
    """A script that stands in the page itself, and so runs where files of scripts do not."""
    return f"<script>{(INLINE / name).read_text(encoding='utf-8').rstrip()}</script>"


def add_inline(site: Site) -> None:
    """Put before the theme's scripts what they lack."""
    lacking = inline("storage.js") + inline("theme.js")

    def first(file: Path, page: str) -> str:
        charset = CHARSET.search(page)
        if not charset or lacking in page:
            return page
        return page[: charset.end()] + lacking + page[charset.end() :]

    site.change(first)


def choose_colours(site: Site) -> None:
    site.change(lambda file, page: page.replace(UNDECIDED, LIGHT, 1))
