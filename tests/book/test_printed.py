"""The book as an EPUB, and what it shares with the PDF: nothing is lost, no link leads nowhere."""

import xml.etree.ElementTree as ElementTree
import zipfile
from posixpath import dirname, join, normpath

import little_book
import pytest
from printed import answers, epub, pages

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DAY = "1600000000"


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    read = pages.read(little_book.build(tmp_path))
    read.pages.append(answers.move(read.pages))
    return read


def article(book, name):
    return next(page.article for page in book.pages if page.name == name)


def links(book):
    return {str(a["href"]) for page in book.pages for a in page.article.find_all("a", href=True)}


def test_pages_come_in_the_order_of_the_contents(book):
    assert [(page.name, page.part) for page in book.pages] == [
        ("start", ""),
        ("one/sums", "The first part"),
        ("two/answers", "The second part"),
        ("answers", ""),
    ]
    assert book.version == "1.2"


def test_a_page_that_is_not_built_is_named(tmp_path):
    little_book.build(tmp_path)
    (tmp_path / "_build/html/two/answers.html").unlink()
    with pytest.raises(SystemExit, match=r"two/answers\.html is not there: `make book`"):
        pages.read(tmp_path)


def test_every_link_within_the_book_has_its_target(book):
    ids = {str(tag["id"]) for page in book.pages for tag in page.article.find_all(id=True)}
    ids |= {str(page.article["id"]) for page in book.pages}
    inside = {link[1:] for link in links(book) if link.startswith("#")}
    assert "one-sums--more" in inside
    assert inside <= ids


def test_no_anchor_stands_twice(book):
    found = [str(tag["id"]) for page in book.pages for tag in page.article.find_all(id=True)]
    assert len(found) == len(set(found))


def test_a_link_that_needs_the_site_is_one_only_where_the_site_is_known(book, tmp_path):
    assert {link for link in links(book) if not link.startswith("#")} == {"https://example.org/"}
    assert "an index" in article(book, "start").get_text()
    public = little_book.build(tmp_path / "public", "https://github.com/example/little")
    assert "https://example.github.io/little/genindex.html" in links(pages.read(public))


def test_a_widget_is_its_picture_and_its_sentence(book):
    (widget,) = article(book, "one/sums").select(".dualedu-standin")
    assert widget.get_text(" ", strip=True) == "A dot The dot is at 1."
    assert widget.svg["aria-label"] == "A dot at 1."
    assert not article(book, "start").find("button")


def test_what_answers_is_at_the_end_and_code_is_not(book):
    here = " ".join(article(book, "one/sums").get_text().split())
    there = " ".join(article(book, "answers").get_text().split())
    for answer in ("It comes out as 42.", "Less than eight.", "It is seven.", "Three is right."):
        assert answer not in here
        assert answer in there
    for kept in ("1 + 1", "Choose.", "Show what comes out", "This stays."):
        assert kept in here
    assert "Two is wrong." not in here + there


def test_each_answer_leads_back_to_where_it_was_asked_for(book):
    boxes = article(book, "answers").select(".printed-answer")
    asked = {str(line["id"]): line for line in article(book, "one/sums").select(".printed-asked")}
    assert len(boxes) == len(asked) == 4
    for box in boxes:
        line = asked[box.select_one(".printed-question a")["href"][1:]]
        assert line.a["href"] == f"#{box['id']}"


@pytest.fixture
def archive(book, tmp_path):
    epub.write(book, tmp_path / "little.epub")
    with zipfile.ZipFile(tmp_path / "little.epub") as opened:
        yield opened


def chapters(archive):
    return {n: archive.read(n).decode() for n in archive.namelist() if n.endswith(".xhtml")}


def test_an_epub_says_what_it_is_in_its_first_bytes(archive):
    first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert archive.read(first) == b"application/epub+zip"


def test_the_package_names_every_file_and_reads_every_chapter(archive):
    package = ElementTree.fromstring(archive.read("book/package.opf"))
    items = {i.get("id"): i for i in package.iter(f"{OPF}item")}
    named = {f"book/{item.get('href')}" for item in items.values()}
    others = {"mimetype", "META-INF/container.xml", "book/package.opf"}
    assert named == {*archive.namelist()} - others
    read = [items[i.get("idref")].get("href") for i in package.iter(f"{OPF}itemref")]
    assert {f"book/{name}" for name in read} == {*chapters(archive)}
    sums = next(i for i in items.values() if i.get("href") == "one-sums.xhtml")
    assert {*sums.get("properties").split()} == {"mathml", "svg"}


def test_chapters_are_xml_whose_links_lead_to_files_and_anchors(archive):
    trees = {name: ElementTree.fromstring(text) for name, text in chapters(archive).items()}
    anchors = {name: {tag.get("id") for tag in tree.iter()} for name, tree in trees.items()}
    asked = 0
    for name, tree in trees.items():
        for tag in tree.iter():
            link = tag.get("href") or tag.get("src")
            if link and "://" not in link:
                path, _, fragment = link.partition("#")
                target = normpath(join(dirname(name), path))
                assert target in archive.namelist()
                assert not fragment or fragment in anchors[target]
                asked += 1
    assert asked > 10


def test_formulas_are_mathml_with_their_letters(archive):
    tree = ElementTree.fromstring(archive.read("book/one-sums.xhtml"))
    found = list(tree.iter("{http://www.w3.org/1998/Math/MathML}math"))
    assert [math.get("display") for math in found] == [None, "block"]
    assert {math.get("alttext") for math in found} == {r"\varepsilon^2 < 1"}
    assert "ε² is small" not in "".join(tree.itertext())


def test_pictures_have_words_and_drawings_their_capitals(archive):
    tree = ElementTree.fromstring(archive.read("book/one-sums.xhtml"))
    assert [image.get("alt") for image in tree.iter(f"{XHTML}img")] == ["A black dot."]
    (svg,) = tree.iter("{http://www.w3.org/2000/svg}svg")
    assert (svg.get("viewBox"), svg.get("aria-label")) == ("0 0 9 9", "A dot at 1.")
    assert svg[0].get("fill") == "#ffffff"


def test_an_epub_is_the_same_bytes_each_time(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    root, made = little_book.build(tmp_path), []
    for name in ("one.epub", "two.epub"):
        epub.write(pages.read(root), tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
