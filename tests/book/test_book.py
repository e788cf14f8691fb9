"""The site: it builds without a warning, its links lead somewhere, its pictures are described."""

import os
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
import untested
import yaml
from bs4 import BeautifulSoup
from thisbook import notebooks, pictures

import dualedu

ROOT = notebooks.ROOT


def toc_files(entry):
    """Every page that _toc.yml names, however deep."""
    if isinstance(entry, list):
        return [file for item in entry for file in toc_files(item)]
    if not isinstance(entry, dict):
        return []
    own = [entry[key] for key in ("root", "file") if key in entry]
    return own + [file for value in entry.values() for file in toc_files(value)]


PAGES = toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def site(built):
    """The folder of the site, whether or not its pages can run Python."""
    return built.folder


@pytest.fixture(scope="module")
def pages(site):
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(
            path.read_text(encoding="utf-8"), "html.parser"
        )
        for path in sorted(site.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def articles(pages):
    return {
        page: pages[f"{page}.html"].find("article") for page in PAGES if f"{page}.html" in pages
    }


def test_every_notebook_is_in_the_table_of_contents():
    known = {ROOT / f"{page}.ipynb" for page in PAGES}
    forgotten = [notebooks.name(p) for p in notebooks.find([notebooks.BOOK]) if p not in known]
    assert forgotten == []


def test_builds_without_a_warning(built):
    assert built.status == 0, built.said


def test_every_page_is_built(site):
    assert [page for page in PAGES if not (site / f"{page}.html").is_file()] == []


def test_the_front_door_opens(site):
    assert (site / "index.html").is_file()


PARTS = dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2)
PARTS |= {"msubsup": 3, "munderover": 3}
"""How many children an element of MathML Core has: https://www.w3.org/TR/mathml-core/."""


def test_formulas_have_all_their_parts(articles):
    found = [
        (page, element)
        for page, article in articles.items()
        for element in article.find_all(list(PARTS))
    ]
    if not found:
        untested.skip("scripts")
    for page, element in found:
        assert len(element.find_all(recursive=False)) == PARTS[element.name], (page, element)


def test_each_page_says_which_version_it_is_of(pages):
    for page in PAGES:
        foot = pages[f"{page}.html"].select_one(".frontdoor-foot").text
        assert f"Version {dualedu.__version__}" in foot, page


def test_pictures_are_described(articles):
    bare = []
    for page, article in articles.items():
        for image in article.find_all("img"):
            # Where a picture has no alternative text, docutils writes its file's name.
            if image.get("alt", "").strip() in ("", image["src"], Path(image["src"]).name):
                bare.append((page, image["src"]))
            elif "/" in image["alt"] and Path(image["alt"]).suffix in (".png", ".svg", ".jpeg"):
                bare.append((page, image["alt"]))
    assert bare == []


def test_drawings_are_described(articles):
    bare = [
        (page, str(svg)[:80])
        for page, article in articles.items()
        for svg in article.find_all("svg")
        if not svg.find_parent("svg")  # a part of a picture, which is described as a whole
        and svg.get("aria-hidden") != "true"
        and not svg.find_parent(attrs={"aria-hidden": "true"})
        and not (svg.get("role") == "img" and svg.get("aria-label", "").strip())
    ]
    assert bare == []


def test_links_lead_somewhere(site, pages):
    ids = {page: {tag["id"] for tag in soup.find_all(id=True)} for page, soup in pages.items()}
    broken = []
    for page, soup in pages.items():
        for link in soup.find_all("a", href=True):
            target, fragment = urldefrag(link["href"])
            target = target.partition("?")[0]  # what a page is asked for is its own business
            if ":" in target.partition("/")[0]:
                continue
            # What a host shows for a page that is not there has links from the host's root.
            home = site if target.startswith("/") else (site / page).parent
            path = home / unquote(target).lstrip("/") if target else site / page
            name = Path(os.path.normpath(path)).relative_to(site).as_posix()
            if not path.exists() or (fragment and name in ids and fragment not in ids[name]):
                broken.append((page, link["href"]))
    assert broken == []


def test_the_page_where_a_word_is_at_home_leads_back_to_it(pages, articles):
    glossary = "book/reference/glossary.html"
    homeless, one_way = [], []
    for term in pages[glossary].select("dl.glossary dt[id]"):
        links = term.find_next_sibling("dd").find_all("a", href=True)
        homes = [link["href"] for link in links if not link["href"].startswith("#")]
        if not homes:
            homeless.append(term["id"])
        for home in homes:
            page = os.path.normpath(Path(glossary).parent / home).removesuffix(".html")
            back = {link["href"] for link in articles[page].find_all("a", href=True)}
            if not any(href.endswith(f"glossary.html#{term['id']}") for href in back):
                one_way.append((term["id"], home))
    assert (homeless, one_way) == ([], [])


def test_the_words_of_a_page_stand_beside_it_as_the_glossary_has_them(pages, articles):
    glossary = "book/reference/glossary.html"
    said = {
        term["id"]: (term.find(string=True), term.find_next_sibling("dd").get_text().split())
        for term in pages[glossary].select("dl.glossary dt[id]")
    }
    found = {}
    for page, article in articles.items():
        links = [link["href"].partition("glossary.html#") for link in article.select("a[href]")]
        here = page.startswith(glossary.removesuffix(".html"))
        terms = dict.fromkeys(term for _, at, term in links if at and term in said and not here)
        beside = [
            (word.summary.text, "".join(part.text for part in word.select("p")).split())
            for word in pages[f"{page}.html"].select(".words details")
        ]
        assert beside == [said[term] for term in terms], page
        found[page] = len(terms)
    assert sum(count > 3 for count in found.values()) > 15


def test_no_full_stop_can_stand_alone_behind_a_formula(articles):
    loose = [
        (page, formula.text, str(formula.next_sibling)[:20])
        for page, article in articles.items()
        for formula in article.select("span.math")
        if str(formula.next_sibling or "").startswith((".", ",", ";", ":", "!", "?", ")"))
        and "kept" not in formula.parent.get("class", [])
    ]
    assert loose == []


def test_formulas_are_set_and_a_screen_reader_has_them(pages, articles):
    formulas = {
        page: article.select("span.math, div.math") for page, article in articles.items() if article
    }
    assert sum(map(len, formulas.values())) > 1000
    wrong = [
        (page, formula.text)
        for page, each in formulas.items()
        for formula in each
        if not formula.select_one("mjx-container[data-tex] math")
        or formula.select_one("[data-mjx-error]")
    ]
    assert wrong == []
    scripts = [page for page in articles if pages[f"{page}.html"].select('script[src*="mathjax"]')]
    assert scripts == []


@pytest.mark.parametrize("file", pictures.PICTURES)
def test_stored_pictures_are_what_their_code_draws(file):
    stored = (pictures.ASSETS / file).read_text(encoding="utf-8")
    assert stored == pictures.PICTURES[file]()
