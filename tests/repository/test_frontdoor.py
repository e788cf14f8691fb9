"""How the book is found, shared and cited: with an address, and without one."""

import json
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import frontdoor
import pytest
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from frontdoor import cite, entrance, place
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace
from sphinx.util.inventory import InventoryFile

ROOT = Path(__file__).parents[2]
SITE = "https://example.github.io/little/"
ADDRESSES = Path(__file__).with_name("addresses.txt")

PAGES = {
    "first/start": "# A little book\n\nBegin here. ![A dot](dot.svg) [next](../second/more.md)\n",
    "second/more": "# More of x & y\n\n**Aims**\n\n- Say what $\\varepsilon$ is.\n- Use it.\n",
}
CONF = """
extensions = ["myst_parser", "frontdoor"]
myst_enable_extensions = ["dollarmath"]
root_doc = "first/start"
html_title = "A little book"
author = "A. Author"
html_theme = "basic"
mathjax_path = "mathjax.js"
frontdoor_description = "The whole in a sentence."
frontdoor_licence = "https://creativecommons.org/licenses/by/4.0/"
frontdoor_published = "2026"
frontdoor_moved = {"old/place": "second/more"}
"""


def little(folder, repository):
    """The site of a book of two pages, as soup by its files."""
    source = folder / "little"
    for name, text in PAGES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / f"{name}.md").write_text(text, encoding="utf-8")
    (source / "first" / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (source / "conf.py").write_text(CONF)
    (source / "pyproject.toml").write_text(
        f'[project]\nname = "little"\n[tool.frontdoor]\nrepository = "{repository}"\n'
    )
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all", "--date", "2020-01-01"]):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *who, *command], cwd=source, check=True)
    with docutils_namespace():  # what Sphinx teaches docutils is for this book alone
        app = Sphinx(source, source, folder / "out", folder / "trees", "html", status=None)
        app.build(force_all=True)
    return folder / "out"


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    return little(tmp_path_factory.mktemp("public"), "https://github.com/example/little")


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory):
    return little(tmp_path_factory.mktemp("nowhere"), "")


def soup(file):
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def told(page, name):
    tag = page.find("meta", attrs={"name": name}) or page.find("meta", attrs={"property": name})
    return tag and tag["content"]


def data(page):
    return json.loads(page.find("script", type="application/ld+json").string)


def test_a_page_describes_itself(public):
    page = soup(public / "second" / "more.html")
    assert told(page, "description") == "Say what ε is. Use it."
    assert told(page, "og:description") == "Say what ε is. Use it."
    assert told(page, "og:title") == told(page, "citation_title") == "More of x & y"
    assert told(page, "citation_inbook_title") == "A little book"
    assert told(page, "citation_publication_date") == "2026"


def test_a_page_has_one_address(public):
    page = soup(public / "second" / "more.html")
    there = f"{SITE}second/more.html"
    (canonical,) = page.find_all("link", rel="canonical")
    assert canonical["href"] == there
    assert told(page, "og:url") == told(page, "citation_public_url") == data(page)["url"] == there


def test_the_first_page_stands_at_the_root(public):
    for name in ("index.html", "first/start.html"):
        page = soup(public / name)
        (canonical,) = page.find_all("link", rel="canonical")
        assert canonical["href"] == SITE
        assert data(page)["@type"] == "Book"
    page = soup(public / "index.html")
    linked = [tag.get("href") or tag.get("src") for tag in page.find_all(["a", "img", "link"])]
    files = [link for link in linked if link and ":" not in link and not link.startswith("#")]
    assert "second/more.html" in files
    assert [link for link in files if not (public / link.partition("?")[0]).is_file()] == []
    assert page.html["data-content_root"] == "./"


def test_a_card_is_a_picture_of_the_size_that_is_said(public):
    page = soup(public / "second" / "more.html")
    card = public / told(page, "og:image").removeprefix(SITE)
    size = tuple(str(number) for number in struct.unpack(">II", card.read_bytes()[16:24]))
    assert size == (told(page, "og:image:width"), told(page, "og:image:height"))
    assert told(page, "og:image:alt") == "More of x & y. A little book, by A. Author."
    assert card.stat().st_size < 300_000


def test_the_sitemap_has_every_page_once(public):
    tree = ElementTree.parse(public / "sitemap.xml")
    found = [url.text for url in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert sorted(found) == [SITE, f"{SITE}second/more.html"]
    assert f"Sitemap: {SITE}sitemap.xml" in (public / "robots.txt").read_text()


def test_the_page_of_what_is_not_there_works_from_any_folder(public):
    page = soup(public / "404.html")
    linked = [tag.get("href") or tag.get("src") for tag in page.find_all(["a", "link"])]
    paths = [link for link in linked if link and ":" not in link and link[0] != "#"]
    assert paths
    assert all(link.startswith("/little/") for link in paths)
    assert all((public / p.removeprefix("/little/").partition("?")[0]).exists() for p in paths)
    assert told(page, "robots") == "noindex"


def test_what_moved_leads_on(public):
    page = soup(public / "old" / "place.html")
    assert page.a["href"] == "../second/more.html"
    assert page.find("link", rel="canonical")["href"] == f"{SITE}second/more.html"


def test_last_changed_is_what_git_says(public):
    (changed,) = soup(public / "second" / "more.html").find_all("time")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", changed["datetime"])
    assert data(soup(public / "second" / "more.html"))["dateModified"] == changed["datetime"]


def test_a_citation_is_bibtex(public):
    from pybtex.database import parse_string

    shown = soup(public / "second" / "more.html").find("pre", class_=False).text
    (entry,) = parse_string(shown, "bibtex").entries.values()
    assert entry.type == "incollection"
    assert entry.fields["title"] == r"More of x \& y"
    assert entry.fields["url"] == f"{SITE}second/more.html"
    assert str(entry.persons["author"][0].last_names[0]) == "{A. Author}"


@pytest.mark.parametrize("name", ["index.html", "first/start.html", "second/more.html", "404.html"])
def test_without_an_address_none_is_named(nowhere, name):
    text = (nowhere / name).read_text(encoding="utf-8")
    known = ("https://schema.org", "https://creativecommons.org")
    named = [url for url in re.findall(r"https?://[^\"'<> ]+", text) if not url.startswith(known)]
    assert [url for url in named if "sphinx-doc.org" not in url] == []
    page = soup(nowhere / name)
    assert page.find("link", rel="canonical") is None
    assert told(page, "og:image") is None
    assert not (nowhere / "sitemap.xml").exists()
    assert not (nowhere / "_static" / "cards").exists()


def test_a_preview_asks_to_be_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("FRONTDOOR_PREVIEW", "yes")
    out = little(tmp_path, "https://github.com/example/little")
    for name in ("index.html", "second/more.html", "genindex.html"):
        assert told(soup(out / name), "robots") == "noindex", name
    assert (out / "robots.txt").read_text() == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Short.", "Short."),
        ("One sentence here. Another that is too long", "One sentence here."),
        ("By Y. LeCun and others on the way to it", "By Y. LeCun and others on…"),
    ],
)
def test_a_description_ends_where_something_ends(said, shown):
    assert place.cut(said, 30) == shown


def test_a_copy_without_its_history_dates_nothing(tmp_path):
    for command in (["init", "-q"], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit",
                    "-q", "--allow-empty", "-m", "a"]):  # fmt: skip
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    clone = ["git", "clone", "-q", "--depth=1", f"file://{tmp_path}", "b"]
    subprocess.run(clone, cwd=tmp_path, check=True)
    shallow = SimpleNamespace(root=tmp_path / "b")
    shallow.git = lambda *arguments: place.Place.git(shallow, *arguments)
    assert place.Place.history.func(shallow) == {}


def test_what_is_run_as_a_program_is_not_loaded_with_the_rest():
    """Python warns where `python -m` finds its module loaded already, and runs it a second time."""
    folder = Path(frontdoor.__file__).parent
    programs = {p.stem for p in folder.glob("*.py") if "__main__" in p.read_text("utf-8")}
    code = "import sys, frontdoor; print(*(m for m in sys.modules if m.startswith('frontdoor.')))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in done.stdout.split()}
    assert "packages" in programs
    assert "launch" in loaded
    assert programs & loaded == set()


def test_special_letters_are_tex():
    assert cite.tex("50 % of a_b & ε") == r"50 \% of a\_b \& $\varepsilon$"


def test_a_formula_becomes_letters():
    formula = nodes.math("", "\\varepsilon^2 = 0")
    assert place.plain(nodes.paragraph("", "", nodes.Text("so "), formula)) == "so ε² = 0"


def test_settings_of_a_page_move_with_it():
    page = '<script type="application/json" id="a">{"n": "../_sources/a.ipynb", "m": "b"}</script>'
    moved = entrance.rebased(page, entrance.under("book"))
    assert json.loads(re.search("{.*}", moved)[0]) == {"n": "./_sources/a.ipynb", "m": "b"}


# --- this book ------------------------------------------------------------------------------------


TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
NAMES = [TOC["root"], *(page["file"] for part in TOC["parts"] for page in part["chapters"])]


def test_every_page_has_one_title_and_one_viewport(built):
    for name in (*NAMES, "index", "404", "search", "genindex"):
        text = (built.folder / f"{name}.html").read_text(encoding="utf-8")
        assert text.count('<meta name="viewport"') == 1, name
        (title,) = re.findall("<title>(.*?)</title>", text, re.S)
        assert title.count("Learning with dual numbers") == 1, name


def test_every_page_is_described_in_words_of_its_own(built):
    texts = [(built.folder / f"{name}.html").read_text(encoding="utf-8") for name in NAMES]
    said = [re.search('<meta name="description" content="(.*?)"', text)[1] for text in texts]
    assert all(30 < len(each) <= 200 for each in said)
    assert len(set(said)) == len(said)


def test_the_front_door_is_the_first_page(built):
    door, first = (soup(built.folder / name) for name in ("index.html", "book/intro.html"))
    assert door.find("article").text == first.find("article").text
    assert door.find(id="live-page") is not None


def test_what_was_published_is_still_there(built):
    """Others link to these: a page that moves is named in `frontdoor_moved`, an anchor stays."""
    with (built.folder / "objects.inv").open("rb") as stream:
        inventory = InventoryFile.load(stream, "", lambda base, uri: uri)
    there = {item[2] if isinstance(item, tuple) else item.uri
             for kind in inventory for item in inventory[kind].values()}  # fmt: skip
    there |= {path.relative_to(built.folder).as_posix() for path in built.folder.rglob("*.html")}
    listed = ADDRESSES.read_text(encoding="utf-8").split()
    assert len(listed) > 100
    assert sorted(set(listed) - there) == []


def test_every_page_is_among_the_addresses():
    listed = ADDRESSES.read_text(encoding="utf-8").split()
    assert [name for name in NAMES if f"{name}.html" not in listed] == []
