"""The book as an EPUB 3: text that flows, formulas as MathML, pictures as the site has them.

https://www.w3.org/TR/epub-33/
"""

from __future__ import annotations

import mimetypes
import re
import uuid
import zipfile
from html import escape
from pathlib import Path

from bs4 import Tag
from bs4.element import AttributeValueList

from printed.pages import MATH, TEX, Book, Page, words

SHEET = Path(__file__).with_name("epub.css")
# HTML knows no capitals in these names, and the parser of HTML takes them away; XML asks for them.
CAPITALS = """
viewBox preserveAspectRatio clipPath clipPathUnits linearGradient radialGradient textPath
gradientUnits gradientTransform patternUnits patternTransform markerWidth markerHeight
markerUnits refX refY textLength lengthAdjust startOffset spreadMethod stdDeviation
"""
DRAWN = {name.lower(): name for name in CAPITALS.split()}
VARIABLE = re.compile(r"var\(--[\w-]+,\s*([^()]+)\)")
"""A colour that the site gives, and the one in place of it where there is no site."""
XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
CONTAINER = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>\n"
)
KINDS = {".xhtml": "application/xhtml+xml", ".css": "text/css", ".svg": "image/svg+xml"}
PROPERTIES = {"math": "mathml", "svg": "svg"}
ACCESS = (
    ("accessMode", "textual"),
    ("accessMode", "visual"),
    ("accessModeSufficient", "textual"),
    ("accessibilityFeature", "alternativeText"),
    ("accessibilityFeature", "MathML"),
    ("accessibilityFeature", "tableOfContents"),
    ("accessibilityHazard", "none"),
    ("accessibilitySummary", "Pictures have words, formulas are MathML."),
)
NO_HTML = ("name", "align", "valign", "border", "unselectable")
"""Attributes that HTML has had, or that only browsers know."""


def write(book: Book, target: Path) -> int:
    """Write the book; the number of its chapters."""
    files: dict[str, bytes] = {}
    for page in book.pages:
        strict(page.article)
        for picture in page.article.find_all("img", src=True):
            source = str(picture["src"])
            picture["src"] = flat(source)
            files[flat(source)] = (book.site / source).read_bytes()
    lead(book.pages)
    texts = {
        f"{page.key}.xhtml": text(page.title, book.html(page.article, spoken))
        for page in book.pages
    }
    texts |= {"title.xhtml": text(book.title, book.front()), "nav.xhtml": contents(book)}
    texts["book.css"] = SHEET.read_text(encoding="utf-8") + highlighting(book)
    texts["package.opf"] = package(book, [*texts, *files], texts)
    files |= {name: made.encode() for name, made in texts.items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    day = book.moment.timetuple()[:6]
    with zipfile.ZipFile(target, "w") as archive:
        # First, and as it is: its bytes at the beginning of the file say what the file is.
        kind = zipfile.ZipInfo("mimetype", day)
        archive.writestr(kind, b"application/epub+zip", zipfile.ZIP_STORED)
        entries = {f"book/{name}": content for name, content in sorted(files.items())}
        for name, content in {"META-INF/container.xml": CONTAINER.encode(), **entries}.items():
            archive.writestr(zipfile.ZipInfo(name, day), content, zipfile.ZIP_DEFLATED)
    return len(book.pages)


# --- a page as XML --------------------------------------------------------------------------------


def strict(article: Tag) -> None:
    """Make of a page's HTML what XML and every reader of EPUB takes."""
    for svg in article.find_all("svg"):
        for tag in (svg, *svg.find_all(True)):
            tag.name = DRAWN.get(tag.name, tag.name)
            told = {DRAWN.get(name, name): drawn(value) for name, value in tag.attrs.items()}
            order = told.pop("paint-order", None)
            if order:  # younger than EPUB's SVG as an attribute, and not as a style
                told["style"] = f"paint-order: {order}; {told.get('style', '')}"
            tag.attrs = {
                name: value for name, value in told.items() if not name.startswith("data-")
            }
    for tag in article.find_all(True):
        for name in NO_HTML:
            tag.attrs.pop(name, None)
    for span in article.select(".printed-page"):
        span.extract()


def spoken(formula: str) -> str:
    """Its MathML, with the letters that it is written with."""
    math, tex = MATH.search(formula), TEX.search(formula)
    if not math or not tex:
        return formula
    return math[0].replace("<math", f'<math alttext="{tex[1]}"', 1)


def drawn(value: str | AttributeValueList) -> str | AttributeValueList:
    return VARIABLE.sub(r"\1", value) if isinstance(value, str) else value


def lead(pages: list[Page]) -> None:
    """Put before each link within the book the file that has its target."""
    where = {page.key: page.key for page in pages}
    for page in pages:
        where |= dict.fromkeys((str(t["id"]) for t in page.article.find_all(id=True)), page.key)
    for page in pages:
        for tag in page.article.find_all("a", href=True):
            href = str(tag["href"])
            if href.startswith("#"):
                tag["href"] = f"{where[href[1:]]}.xhtml{href}"


def flat(source: str) -> str:
    """Where a picture of the site lies in the EPUB: in one folder, whatever folder it had."""
    return "pictures/" + source.replace("/", "-").lstrip("-_.")


# --- the files ------------------------------------------------------------------------------------


def text(title: str, body: str) -> str:
    return (
        f'{HEAD}<html {XHTML} lang="en" xml:lang="en"><head><title>{escape(title)}</title>'
        f'<link rel="stylesheet" href="book.css"/></head><body>{body}</body></html>\n'
    )


def contents(book: Book) -> str:
    lines = []
    for part, pages in book.parts():
        entries = "".join(entry(page) for page in pages)
        lines.append(f"<li><span>{escape(part)}</span><ol>{entries}</ol></li>" if part else entries)
    return text(
        "Contents", f'<nav epub:type="toc"><h1>Contents</h1><ol>{"".join(lines)}</ol></nav>'
    )


def entry(page: Page) -> str:
    """A chapter and its sections."""
    sections = [
        (str(part["id"]), words(heading))
        for part in page.article.find_all("section", id=True)
        if isinstance(heading := part.find(["h1", "h2"]), Tag) and heading.name == "h2"
    ]
    below = "".join(
        f'<li><a href="{page.key}.xhtml#{key}">{escape(said)}</a></li>' for key, said in sections
    )
    listed = f"<ol>{below}</ol>" if below else ""
    return f'<li><a href="{page.key}.xhtml">{escape(page.title)}</a>{listed}</li>'


def highlighting(book: Book) -> str:
    """The colours of code, as the site has them."""
    file = book.site / "_static" / "pygments.css"
    rules = file.read_text(encoding="utf-8") if file.is_file() else ""
    light = [line for line in rules.splitlines() if line.startswith('html[data-theme="light"]')]
    return "\n".join(line.removeprefix('html[data-theme="light"] ') for line in light)


def package(book: Book, names: list[str], texts: dict[str, str]) -> str:
    """What is in the EPUB, in which order it is read, and what it is."""
    moment = book.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    # A name that stays over all versions, and needs nobody who gives it.
    key = uuid.uuid5(uuid.NAMESPACE_URL, book.home or f"https://book.invalid/{book.title}")
    items, order = [], {}
    for number, name in enumerate(names):
        kind = KINDS.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
        has = [told for word, told in PROPERTIES.items() if f"<{word}" in texts.get(name, "")]
        told = ["nav"] if name == "nav.xhtml" else has
        properties = f' properties="{" ".join(told)}"' if told else ""
        items.append(f'<item id="i{number}" href="{name}" media-type="{kind}"{properties}/>')
        order[name] = f'<itemref idref="i{number}"/>'
    read = ["title.xhtml", "nav.xhtml", *(f"{page.key}.xhtml" for page in book.pages)]
    spine = "".join(order[name] for name in read)
    about = "".join(f'<meta property="schema:{name}">{value}</meta>' for name, value in ACCESS)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" '
        'xml:lang="en"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{key}</dc:identifier>'
        f"<dc:title>{escape(book.title)}</dc:title><dc:creator>{escape(book.author)}</dc:creator>"
        f"<dc:language>en</dc:language><dc:rights>{escape(book.rights)}</dc:rights>"
        f'<meta property="dcterms:modified">{moment}</meta>{about}</metadata>'
        f"<manifest>{''.join(items)}</manifest><spine>{spine}</spine></package>\n"
    )
