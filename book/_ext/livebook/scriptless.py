"""A page where no JavaScript runs: the theme's light colours, and a sentence on what is missing.

The theme's script chooses between light and dark; where it does not run, a page would have neither.
What does not answer then is hidden by `@media (scripting: none)` in book.css.
"""

from __future__ import annotations

from typing import Any

from livebook.light import written

WORDS = (
    "This browser runs no JavaScript here: the text and its pictures are whole, but formulas are "
    "shown as TeX, and sliders, questions and code do not answer."
)
UNDECIDED, LIGHT = ' data-theme="auto">', ' data-theme="light">'


def setup(app: Any) -> dict[str, bool]:
    app.connect("html-page-context", tell)
    app.connect("build-finished", colour, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def tell(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree:
        context["body"] = f"<noscript><p>{WORDS}</p></noscript>{context['body']}"


def colour(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        for file in written(app):
            page = file.read_text(encoding="utf-8")
            file.write_text(page.replace(UNDECIDED, LIGHT, 1), encoding="utf-8")
