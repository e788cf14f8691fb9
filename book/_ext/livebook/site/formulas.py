"""Formulas set when the book is built: no script of MathJax's on a page that only is read.

Under Node, MathJax makes of each formula what it would make in the browser, with MathML beside it
for screen readers. A page keeps the script where something is left to set, or Node is not there;
living pages fetch it when an output has a formula.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path

from sphinx.config import Config
from sphinx.util import logging

from livebook import build, scripts
from livebook.build import Absent, once
from livebook.site import mathjax
from livebook.site.folder import Site

log = logging.getLogger(__name__)

SHEET = "formulas.css"
SCRIPT = Path(__file__).with_suffix(".mjs")

Formula = tuple[str, bool]
"""TeX, and whether it stands on lines of its own."""

OPEN = r'<(?P<tag>span|div)\b[^>]*\bclass="(?:[^"]* )?math(?: [^"]*)?"[^>]*>'
RAW = re.compile(
    rf"(?P<head>{OPEN}(?:\s|<span class=\"eqno\">.*?</span>)*)"
    r"(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\])(?P<tail>\s*</(?P=tag)>)",
    re.S,
)
SET = re.compile(
    r'<mjx-container data-tex="(?P<tex>[^"]*)" data-display="(?P<lines>true|false)"'
    r".*?</mjx-container>",
    re.S,
)
MISTAKE = re.compile(r'data-mjx-error="([^"]*)"')
LEFT = re.compile(r"\\\(|\\\[|class=\"[^\"]*(?:tex2jax_process|output_area)")
LOADED = re.compile(
    r"\s*<script[^>]*mathjax/mathjax\.js[^>]*></script>|\s*<script>window\.MathJax = [^<]*</script>"
)


def configure(config: Config) -> None:
    config.html_css_files = [*config.html_css_files, SHEET]


def write(site: Site) -> None:
    """Set what there is to set, and give the site the style sheet of it all."""
    formulas = sorted({each for page in site.pages.values() for each in found(page)})
    html: dict[Formula, str] = {}
    sheet = ""
    try:
        if formulas:
            book = site.build.settings
            html, sheet = set_all(book.cache, formulas, book.formulas)
    except Absent as error:
        site.build.say(f"Formulas are set in the browser: {error}")
    for (tex, _), done in html.items():
        if mistake := MISTAKE.search(done):
            log.warning("the formula %s cannot be set: %s", tex, unescape(mistake[1]))
    target = site.static / SHEET
    if html or not target.is_file():
        target.write_text(sheet, encoding="utf-8")
    if html:
        site.change(lambda file, page: with_formulas(page, html))


def found(page: str) -> Iterator[Formula]:
    """The formulas of a page, and those that an earlier build has set: one sheet is for all."""
    for match in RAW.finditer(page):
        yield formula(match)
    for match in SET.finditer(page):
        yield unescape(match["tex"]), match["lines"] == "true"


def formula(match: re.Match[str]) -> Formula:
    display = match["display"]
    return unescape(match["inline"] if display is None else display).strip(), display is not None


def with_formulas(page: str, html: dict[Formula, str]) -> str:
    def done(tex: str, display: bool) -> str:
        marks = f'data-tex="{escape(tex)}" data-display="{str(display).lower()}"'
        return html[tex, display].replace("<mjx-container", f"<mjx-container {marks}", 1)

    page = SET.sub(lambda match: done(unescape(match["tex"]), match["lines"] == "true"), page)
    page = RAW.sub(lambda match: match["head"] + done(*formula(match)) + match["tail"], page)
    return page if LEFT.search(page.partition("<body")[2]) else LOADED.sub("", page)


def classed(tex: str, pattern: re.Pattern[str]) -> str:
    """The TeX with the named groups of each match in classes of their names."""

    def marked(match: re.Match[str]) -> str:
        done, end = "", match.start()
        for name in pattern.groupindex:
            start, stop = match.span(name)
            if start >= end:
                done += f"{tex[end:start]}\\class{{{name}}}{{{match[name]}}}"
                end = stop
        return done + tex[end : match.end()]

    return pattern.sub(marked, tex)


def set_all(
    cache: Path, formulas: list[Formula], pattern: re.Pattern[str] | None = None
) -> tuple[dict[Formula, str], str]:
    """What MathJax makes of each, and the style sheet for all."""
    fonts = {"fontURL": "mathjax/output/chtml/fonts/woff-v2"}
    options = {"chtml": fonts | {"scale": mathjax.SCALE}}
    told = [[classed(tex, pattern) if pattern else tex, display] for tex, display in formulas]
    given = json.dumps({"options": options, "formulas": told})

    def make(folder: Path) -> None:
        (folder / "given.json").write_text(given, encoding="utf-8")
        places = [folder / "given.json", folder / "made.json"]
        scripts.run(folder, str(SCRIPT), str(mathjax.source()), *map(str, places))

    folder = once(cache, "formulas", build.key(given.encode(), SCRIPT.read_bytes()), make)
    made = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    return dict(zip(formulas, made["html"], strict=True)), made["css"]
