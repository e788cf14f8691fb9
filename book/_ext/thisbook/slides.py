"""Slides of the book's own figures: a Markdown file becomes one HTML file that needs nothing else.

In `book/slides/<name>.md`, `---` parts the slides and `???` begins the notes of one. A picture
`![](1-numbers/algebra.ipynb#product-figure)` is what that cell of a notebook shows: its drawing or
figure with the alternative text stored there, or the text that it prints. So a slide is never older
than its page. The site gets `book/slides/<name>.html`, for any browser and without a network.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from markdown_it import MarkdownIt
from markdown_it.token import Token

HERE = Path(__file__).parent
BOOK = HERE.parents[1]
PICTURES = ("image/svg+xml", "image/png")
FIGURE = re.compile(r"<p>(<img [^>]*>|<pre .*?</pre>)</p>", re.S)


def setup(app: Any) -> dict[str, bool]:
    app.connect("build-finished", write, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        for source in sorted((BOOK / "slides").glob("*.md")):
            target = Path(app.outdir, "book", "slides", f"{source.stem}.html")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(page(source.read_text(encoding="utf-8")), encoding="utf-8")


def page(text: str) -> str:
    """The whole HTML file for the text of some slides."""
    slides = re.split(r"^---$", text, flags=re.MULTILINE)
    title = slides[0].strip().partition("\n")[0].lstrip("# ")
    style = (HERE / "slides.css").read_text(encoding="utf-8")
    script = (HERE / "slides.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(slide(each, number) for number, each in enumerate(slides, start=1))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def slide(text: str, number: int) -> str:
    shown, _, notes = text.partition("\n???\n")
    html = MARKDOWN.render(shown)
    pictures = "".join(f"<figure>{picture}</figure>" for picture in FIGURE.findall(html))
    words = FIGURE.sub("", html)
    heading, _, rest = words.partition("\n")
    kind = "both" if pictures and rest.strip() else "one"
    return (
        f'<section id="{number}" aria-label="Slide {number}" class="{kind}">\n{heading}\n'
        f'<div class="words">{rest.strip()}</div>\n<div class="pictures">{pictures}</div>\n'
        f'<aside aria-label="Notes to slide {number}">{MARKDOWN.render(notes)}</aside>\n</section>'
    )


def picture(self: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    """What a cell shows, for the address `notebook#cell` of a picture in Markdown."""
    address = str(tokens[index].attrs["src"])
    path, _, name = address.partition("#")
    cells = nbformat.read(BOOK / path, as_version=4).cells
    cell = next((cell for cell in cells if cell.id == name), None)
    if cell is None:
        raise ValueError(f"slides: {path} has no cell {name!r}; name one that is there")
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        for kind in PICTURES:
            if kind in data:
                alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
                return image(kind, data[kind], alt or data.get("text/plain", ""))
    printed = "".join(output.get("text", "") for output in cell.get("outputs", []))
    if not printed.strip():
        raise ValueError(f"slides: the cell {address} shows neither a picture nor text")
    return f'<pre tabindex="0">{escape(printed.rstrip())}</pre>'


def image(kind: str, content: str, alt: str) -> str:
    encoded = base64.b64encode(content.encode()).decode() if kind.endswith("xml") else content
    return f'<img src="data:{kind};base64,{"".join(encoded.split())}" alt="{escape(alt)}">'


MARKDOWN = MarkdownIt("commonmark")
MARKDOWN.add_render_rule("image", picture)
# The addresses are data by now, and were checked above.
MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]
