"""The book as a PDF, printed by Chromium: read back by qpdf's library."""

from concurrent.futures import ThreadPoolExecutor

import little_book
import pikepdf
import pytest
from browsers import installed
from printed import answers, pages, pdf

DAY = "1600000000"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    installed("chromium")
    folder = tmp_path_factory.mktemp("printed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", DAY)
        root = little_book.build(folder)
        book = pages.read(root)
        book.pages.append(answers.move(book.pages))
        with ThreadPoolExecutor(1) as aside:  # this thread may be driving a browser already
            aside.submit(pdf.write, book, folder / "little.pdf").result()
    with pikepdf.open(folder / "little.pdf") as opened:
        yield opened


def number(printed, place):
    """The page of a destination, counted from 1."""
    return [page.obj.objgen for page in printed.pages].index(place[0].objgen) + 1


def texts(printed):
    """Every alternative text of the tree that is read aloud."""
    found, seen, queue = [], set(), [printed.Root.StructTreeRoot]
    while queue:
        node = queue.pop()
        if isinstance(node, pikepdf.Array):
            queue.extend(node)
        elif isinstance(node, pikepdf.Dictionary) and node.objgen not in seen:
            seen.add(node.objgen)
            found += [str(node.Alt)] if "/Alt" in node else []
            queue += [node.K] if "/K" in node else []
    return found


def test_parts_hold_their_chapters_in_the_outline(printed):
    with printed.open_outline() as outline:
        first = next(item for item in outline.root if item.title == "The first part")
        assert [chapter.title.split()[0] for chapter in first.children] == ["1."]
        assert [section.title for section in first.children[0].children] == ["More"]


def test_contents_name_the_pages_that_the_chapters_are_on(printed):
    found = {str(name).lstrip("/"): place for name, place in printed.Root.Dests.items()}
    pages_of = {name: number(printed, found[name]) for name in ("one-sums", "two-answers")}
    assert 2 < pages_of["one-sums"] < pages_of["two-answers"] <= len(printed.pages)


def test_links_within_the_book_stay_in_it(printed):
    named, away = set(), set()
    for page in printed.pages:
        for note in page.get("/Annots", []):
            action = note.get("/A", {})
            if "/URI" in action:
                away.add(str(action.URI))
            elif "/Dest" in note:
                named.add(str(note.Dest).lstrip("/"))
    assert away == {"https://example.org/"}
    assert "one-sums--more" in named


def test_pictures_and_formulas_have_words(printed):
    assert {"A black dot.", "A dot at 1.", r"\varepsilon^2 < 1"} <= {*texts(printed)}


def test_every_font_is_in_the_file(printed):
    fonts = [
        font
        for page in printed.pages
        for font in page.get("/Resources", {}).get("/Font", {}).values()
        if font.Subtype != "/Type3"  # its letters are drawings, which the file has
    ]
    assert fonts
    for font in fonts:
        (inner,) = font.get("/DescendantFonts", [font])
        assert any(f"/FontFile{kind}" in inner.FontDescriptor for kind in ("", "2", "3"))


def test_the_file_says_what_it_is_and_not_when_it_was_printed(printed):
    assert str(printed.docinfo.Title) == "A little book"
    assert str(printed.docinfo.CreationDate) == "D:20200913122640Z"
    assert str(printed.Root.Lang) == "en"


def test_without_a_chromium_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    monkeypatch.setattr(pdf, "COMMANDS", ())
    with pytest.raises(SystemExit, match="apt install chromium"):
        pdf.write(pages.read(little_book.build(tmp_path)), tmp_path / "little.pdf")
