"""The book's typeface, STIX Two Text: made for text among formulas. From its npm package, with its
licence beside it; where npm cannot be reached a page takes the reader's own serif.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from livebook import build, scripts
from livebook.build import Absent

PACKAGE = "@fontsource-variable/stix-two-text"
SHEET = "typeface.css"

LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02C6,U+02DC,U+0304,U+0308,U+2000-206F,U+20AC,U+2122,"
    "U+2191,U+2193,U+2212,U+2215"
)
GREEK = "U+0370-03FF"
FACES = (
    ("latin", "normal", LATIN),
    ("latin", "italic", LATIN),
    ("greek", "normal", GREEK),
)
"""What is copied; a browser loads a face when the page has a letter of its range."""

UPRIGHT = "stix-two-text-latin-wght-normal.woff2"


def begin(app: Any) -> None:
    if app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    static.mkdir(parents=True, exist_ok=True)
    sheet = ""
    try:
        folder = scripts.install(build.of(app).settings.cache) / "node_modules" / PACKAGE
        target = static / "fonts"
        target.mkdir(exist_ok=True)
        shutil.copy2(folder / "LICENSE", target / "LICENSE.txt")
        for subset, style, letters in FACES:
            file = f"stix-two-text-{subset}-wght-{style}.woff2"
            shutil.copy2(folder / "files" / file, target)
            sheet += face(file, style, letters)
    except Absent as error:
        build.of(app).say(f"The book's typeface could not be had: {error}")
    (static / SHEET).write_text(sheet, encoding="utf-8")


def face(file: str, style: str, letters: str) -> str:
    """A face that comes with the page, or late not at all: no line moves under a reader's eyes."""
    return (
        '@font-face{font-family:"STIX Two Text";font-weight:400 700;font-display:fallback;'
        f'font-style:{style};src:url(fonts/{file}) format("woff2");unicode-range:{letters}}}\n'
    )


def preload(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """The face of the text is asked for with the page, before its style sheet has been read."""
    if Path(app.outdir, "_static", "fonts", UPRIGHT).is_file():
        href = context["pathto"](f"_static/fonts/{UPRIGHT}", resource=True)
        link = f'<link rel="preload" href="{href}" as="font" type="font/woff2" crossorigin>'
        context["metatags"] = context.get("metatags", "") + link


def setup(app: Any) -> dict[str, bool]:
    app.add_css_file(SHEET)
    app.connect("builder-inited", begin)
    app.connect("html-page-context", preload, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
