"""The book as one PDF, by the Chromium that is installed, from the files of the site alone.

It is printed until the numbers of pages in it are right: each time has those of the time before.
"""

from __future__ import annotations

import json
import mimetypes
import re
import shutil
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pikepdf
from bs4 import BeautifulSoup, Tag

from printed.pages import TEX, Book

HOST = "http://book.invalid/"
"""No host has this name: what is asked of it is a file of the site."""
SHEET = Path(__file__).with_name("paper.css")
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "The PDF is printed by Chromium, and none is installed: on Debian, apt install chromium; "
    "Google Chrome does as well"
)
ALOUD = re.compile(r"<mjx-assistive-mml\b.*?</mjx-assistive-mml>", re.S)
PATIENCE = 600_000
ROUNDS = 4
"""How often the book is printed, until the page numbers in it are right."""
WIDE = """
[...document.querySelectorAll("article *")]
  .filter((tag) => tag.scrollWidth > tag.clientWidth + 2 && tag.clientWidth > 0
    && !tag.closest("svg, mjx-container, span.math") && getComputedStyle(tag).display !== "inline")
  .map((tag) => `${tag.closest("article").id}: ${tag.textContent.trim().slice(0, 60)}`)
"""
"""What does not fit between the margins, and would be cut. An accent may stand out of a formula in
a line; what makes such a formula too long makes its paragraph so."""
FILL = """(pages) => {
  for (const tag of document.querySelectorAll("[data-page]"))
    tag.textContent = pages[tag.dataset.page] ?? "";
}"""


def write(book: Book, target: Path) -> int:
    """Print the book; the number of its pages."""
    chromium = next(filter(None, map(shutil.which, COMMANDS)), None)
    if not chromium:
        raise SystemExit(MISSING)
    target.parent.mkdir(parents=True, exist_ok=True)
    raw = target.with_suffix(".part")
    try:
        print_out(chromium, document(book), book.site, raw)
        return finish(book, raw, target)
    finally:
        raw.unlink(missing_ok=True)


# --- the document ---------------------------------------------------------------------------------


def document(book: Book) -> str:
    """One page of HTML that has them all."""
    for page in book.pages:
        lower_headings(page.article)
    sheets = "".join(f'<link rel="stylesheet" href="{name}">' for name in styles(book))
    parts = [front(book), listed(book)]
    for number, (part, pages) in enumerate(book.parts()):
        if part:
            parts.append(f'<h1 class="printed-part" id="part-{number}">{escape(part)}</h1>')
        parts += [book.html(page.article, spoken) for page in pages]
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{escape(book.title)}</title>{sheets}"
        f"<style>{SHEET.read_text(encoding='utf-8')}{running(book)}</style></head>"
        f"<body>{''.join(parts)}</body></html>"
    )


def styles(book: Book) -> list[str]:
    """The style sheets of the site's first page."""
    file = book.site / f"{book.pages[0].name}.html"
    head = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser").find_all("link")
    links = [str(tag["href"]) for tag in head if "stylesheet" in tag.get_attribute_list("rel")]
    return [urljoin(f"{HOST}{book.pages[0].name}", link) for link in links]


def spoken(formula: str) -> str:
    """A formula is drawn once, and read aloud as the letters that it is written with.

    What is hidden from those who listen would hide the formula's words too."""
    once = ALOUD.sub("", formula).replace(' aria-hidden="true"', "")
    tex = TEX.search(once)
    return once.replace(" ", f' role="img" aria-label="{tex[1]}" ', 1) if tex else once


def lower_headings(article: Tag) -> None:
    """By one level: above the chapters are the parts."""
    for level in range(5, 0, -1):
        for heading in article.find_all(f"h{level}"):
            heading.name = f"h{level + 1}"


def front(book: Book) -> str:
    return (
        f'<header class="printed-front">{book.front()}'
        "<p>As a site, the pages of this book run their own code, and what stands here as a "
        "picture can be moved. Answers are at the end.</p></header>"
    )


def listed(book: Book) -> str:
    """The contents."""
    lines = []
    for number, (part, pages) in enumerate(book.parts()):
        if part:
            lines.append(line(f"part-{number}", part, "printed-in-part"))
        lines += [line(page.key, page.title, "printed-in-chapter") for page in pages]
    return f'<nav class="printed-contents"><h1 id="contents">Contents</h1>{"".join(lines)}</nav>'


def line(key: str, title: str, kind: str) -> str:
    return (
        f'<p class="{kind}"><a href="#{key}">{escape(title)}</a>'
        f'<span class="printed-number" data-page="{key}"></span></p>'
    )


def running(book: Book) -> str:
    """Rules that print a chapter's title above each of its pages."""
    rules = []
    for page in book.pages:
        title = json.dumps(page.title, ensure_ascii=False).replace("</", "<\\/")
        rules.append(
            f'article[id="{page.key}"]{{page:{page.key.replace(".", "-")}}}'
            f"@page {page.key.replace('.', '-')}{{@top-left{{content:{title}}}}}"
        )
    return "".join(rules)


# --- on paper -------------------------------------------------------------------------------------


def print_out(chromium: str, text: str, site: Path, target: Path) -> None:
    from playwright.sync_api import Route, sync_playwright

    def answer(route: Route) -> None:
        """A file of the site, and nothing else: no other host is asked."""
        url = route.request.url
        file = site / unquote(urlsplit(url).path).lstrip("/")
        if url == HOST:
            route.fulfill(body=text, content_type="text/html; charset=utf-8")
        elif url.startswith(HOST) and file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            route.fulfill(path=file, content_type=kind)
        else:
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 620, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.emulate_media(media="screen", color_scheme="light", reduced_motion="reduce")
        page.route("**/*", answer)
        page.goto(HOST)
        page.evaluate("document.fonts.ready.then(() => null)")
        for cut in page.evaluate(WIDE):
            print(f"wider than the page: {cut}")
        options: dict[str, Any] = {
            "path": target,
            "prefer_css_page_size": True,
            "print_background": True,
            "outline": True,
            "tagged": True,
        }
        found = None
        for _ in range(ROUNDS):  # a number written in may move what comes after it
            page.pdf(**options)
            if (now := numbers(target)) == found:
                break
            page.evaluate(FILL, found := now)
        else:
            raise SystemExit("the contents name other pages than those that they are on")
        browser.close()


def numbers(file: Path) -> dict[str, int]:
    """On which page each anchor is that something leads to, counted from 1."""
    with pikepdf.open(file) as pdf:
        counted = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        places = pdf.Root.get("/Dests", pikepdf.Dictionary())
        return {name.lstrip("/"): counted[place[0].objgen] for name, place in places.items()}


def finish(book: Book, raw: Path, target: Path) -> int:
    """Say in the file what it is, and write it small; when it was printed is no matter."""
    moment = book.moment.strftime("D:%Y%m%d%H%M%SZ")
    with pikepdf.open(raw) as pdf:
        pdf.docinfo = pdf.make_indirect(
            pikepdf.Dictionary(
                Title=book.title, Author=book.author, CreationDate=moment, ModDate=moment
            )
        )
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
        pdf.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
            deterministic_id=True,
        )
        return len(pdf.pages)
