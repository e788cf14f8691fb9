"""The pages of a built site in the order of its contents, as they stand in one document."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from bs4.filter import SoupStrainer
from frontdoor.address import address
from frontdoor.packages import ROOT, run
from frontdoor.release import stated
from sphinx_external_toc.parsing import parse_toc_yaml

ARTICLE = "article"
UNPRINTED = (
    "script, noscript, style, button, form, a.headerlink, .frontdoor-foot, .live-room, "
    ".live-here, .toctree-wrapper, .question > [role=status] > .reply:not(.right)"
)
"""What can only be pressed, or says how a site is used."""
STANDIN = ".dualedu-standin"
KEPT = (".explore-title", ".explore-picture", ".explore-words")
"""Of what stands for a widget, all but its controls."""
PACKED = ".tag_check details.above-input"
UNWRAPPED = "details.above-input, a.image-reference"
REFERRING = ("aria-labelledby", "aria-describedby", "aria-controls", "for")
NAME = re.compile(r"[^\w.-]+")
FORMULA = re.compile(r"<mjx-container\b.*?</mjx-container>", re.S)
PLACE = re.compile(r'<mjx-container data-formula="(\d+)">[^<]*</mjx-container>')
MATH = re.compile(r"<math\b.*?</math>", re.S)
TEX = re.compile(r'data-tex="([^"]*)"')
TAG = re.compile(r"<[^>]+>")


@dataclass
class Page:
    """A page's text."""

    name: str
    """As in the contents: its address without `.html`."""
    part: str
    """The part of the book that it is in; the first page is in none."""
    article: Tag

    @property
    def key(self) -> str:
        """Its name as the name of an anchor, which that of each of its own anchors begins with."""
        return NAME.sub("-", self.name)

    @property
    def title(self) -> str:
        heading = self.article.find(["h1", "h2"])  # the PDF lowers all by one level
        return words(heading) if isinstance(heading, Tag) else self.name


@dataclass
class Book:
    """What is to be printed, and what is known of it."""

    root: Path
    site: Path
    title: str
    author: str
    rights: str
    pages: list[Page] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    """As MathJax has set them. They are most of a page, and nothing in them is changed: the text
    has a place for each."""

    @cached_property
    def home(self) -> str:
        """Where the site will stand; "" while that is not known."""
        return address(self.root).site

    @cached_property
    def moment(self) -> datetime:
        """That of the last commit: what is written on a later day is the same."""
        given = os.environ.get("SOURCE_DATE_EPOCH")
        second = int(given or run("git", "log", "-1", "--format=%ct", cwd=self.root))
        return datetime.fromtimestamp(second, UTC)

    @cached_property
    def version(self) -> str:
        """Of the project, as its source has it."""
        return stated(self.root)[1]

    def front(self) -> str:
        """What the book is called, whose it is, where it stands, and of when it is."""
        home = escape(self.home)
        where = f'<p><a href="{home}">{home}</a></p>' if home else ""
        return (
            f"<h1>{escape(self.title)}</h1><p>{escape(self.author)}</p>{where}"
            f"<p>Version {escape(self.version)}, {self.moment.date()}. {escape(self.rights)}.</p>"
        )

    def letters(self, formula: re.Match[str]) -> str:
        """The place of a formula, with its letters for who reads words alone."""
        math = MATH.search(formula[0])
        said = "".join(TAG.sub("", math[0]).split()) if math else ""
        self.formulas.append(formula[0])
        number = len(self.formulas) - 1
        return f'<mjx-container data-formula="{number}">{said}</mjx-container>'

    def html(self, article: Tag, formula: Callable[[str], str]) -> str:
        """A page's text, with what `formula` makes of each that MathJax has set."""
        return PLACE.sub(lambda place: formula(self.formulas[int(place[1])]), str(article))

    def parts(self) -> Iterator[tuple[str, list[Page]]]:
        """The pages by the parts that they are in."""
        for part, pages in groupby(self.pages, lambda page: page.part):
            yield part, list(pages)


def read(root: Path = ROOT, site: Path | None = None) -> Book:
    """The book of this folder as it was built, every link and anchor as in one document."""
    site = site or root / "_build" / "html"
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    book = Book(root, site, config["title"], config["author"], config.get("copyright", ""))
    for name, part in contents(root / "_toc.yml"):
        file = site / f"{name}.html"
        if not file.is_file():
            raise SystemExit(f"{file} is not there: `make book` builds it")
        text = FORMULA.sub(book.letters, file.read_text(encoding="utf-8"))
        soup = BeautifulSoup(text, "html.parser", parse_only=SoupStrainer(ARTICLE))
        article = soup.find(ARTICLE)
        if not isinstance(article, Tag):
            raise SystemExit(f"{file} has no <{ARTICLE}>, which a page's text stands in")
        book.pages.append(Page(name, part, article))
    names = {page.name for page in book.pages}
    for page in book.pages:
        simplify(page.article)
        join(page, names, book)
    lead(book.pages)
    return book


def contents(file: Path) -> Iterator[tuple[str, str]]:
    """The pages in order, each with its part."""
    toc = parse_toc_yaml(file)

    def below(name: str, part: str) -> Iterator[tuple[str, str]]:
        yield name, part
        for tree in toc[name].subtrees:
            for item in tree.files():
                yield from below(str(item), part or tree.caption or "")

    yield from below(toc.root.docname, "")


def words(tag: Tag) -> str:
    """What a heading says, in one line."""
    return " ".join(tag.get_text().split())


def simplify(article: Tag) -> None:
    """Take out what paper cannot do."""
    for tag in article.select(UNPRINTED):
        tag.decompose()
    for standin in article.select(STANDIN):
        for child in standin.find_all(True, recursive=False):
            if not child.css.match(", ".join(KEPT)):
                child.decompose()
    # Its code is unreadable on purpose.
    for details in article.select(PACKED):
        check = tagged("p", "printed-check")
        check.string = "In the notebook, a check stands here."
        details.replace_with(check)
    for tag in article.select(UNWRAPPED):
        if summary := tag.find("summary"):
            summary.extract()
        tag.unwrap()


def tagged(name: str, kind: str, **attributes: str) -> Tag:
    """A new tag of this class."""
    made = BeautifulSoup("", "html.parser").new_tag(name, attrs=dict(attributes))
    if kind:
        made["class"] = kind
    return made


def join(page: Page, names: set[str], book: Book) -> None:
    """Give the page's anchors names that no other page has, and its links their targets' names."""
    seen = set()
    for tag in page.article.find_all(id=True):
        tag["id"] = anchor(page.key, str(tag["id"]))
        if tag["id"] in seen:  # an extension gave it twice: the first is what links lead to
            del tag["id"]
        else:
            seen.add(tag["id"])
    page.article["id"] = page.key
    for name in REFERRING:
        for tag in page.article.select(f"[{name}]"):
            tag[name] = " ".join(anchor(page.key, one) for one in str(tag[name]).split())
    for tag in page.article.find_all("a", href=True):
        target = there(page.name, str(tag["href"]), names, book)
        if target:
            tag["href"] = target
        else:
            tag.unwrap()
    for tag in page.article.find_all("img", src=True):
        tag["src"] = resolved(page.name, str(tag["src"]))


def anchor(key: str, name: str) -> str:
    return f"{key}--{NAME.sub('-', unquote(name))}"


def resolved(page: str, link: str) -> str:
    """The path of a file of the site that a page names."""
    path = unquote(urlsplit(link).path)
    return os.path.normpath(os.path.join(os.path.dirname(page), path)).replace(os.sep, "/")


def there(page: str, link: str, names: set[str], book: Book) -> str:
    """Where a link of a page leads in the document; "" if it leads nowhere without the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return link
    path = resolved(page, link) if parts.path else f"{page}.html"
    name = path.removesuffix(".html")
    if path.endswith(".html") and name in names:
        key = NAME.sub("-", name)
        return "#" + (anchor(key, parts.fragment) if parts.fragment else key)
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{book.home}{path}{fragment}" if book.home else ""


def lead(pages: list[Page]) -> None:
    """Send links whose anchor did not come along to the page that had it."""
    known = {str(tag["id"]) for page in pages for tag in page.article.find_all(id=True)}
    known |= {page.key for page in pages}
    for page in pages:
        for tag in page.article.find_all("a", href=True):
            href = str(tag["href"])
            if href.startswith("#") and href[1:] not in known:
                tag["href"] = href.partition("--")[0]
