"""A page where no JavaScript runs: the theme's light colours, and a sentence on what is missing.

The theme's script chooses between light and dark; where it does not run, a page would have neither.
What does not answer then is hidden by `@media (scripting: none)` in the book's style sheet.
"""

from __future__ import annotations

from typing import Any

from sphinx.config import Config

from livebook.site.folder import Site

WORDS = (
    "This browser runs no JavaScript here: the text and its pictures are whole, but formulas are "
    "shown as TeX, and sliders, questions and code do not answer."
)
UNDECIDED, LIGHT = ' data-theme="auto">', ' data-theme="light">'


def configure(config: Config) -> None:
    # Where a book does not say, the theme reports an error on every page, and takes this.
    config.html_context.setdefault("default_mode", "auto")


def tell(context: dict[str, Any]) -> None:
    """Put the sentence above a page's text."""
    context["body"] = f"<noscript><p>{WORDS}</p></noscript>{context['body']}"


def choose_colours(site: Site) -> None:
    site.change(lambda file, page: page.replace(UNDECIDED, LIGHT, 1))
