"""What the site's finishing steps make of a page's markup."""

import struct
from pathlib import Path
from types import SimpleNamespace

import pytest
import sphinx
from livebook.site import markup

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 640, 480)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a b.png").write_bytes(PNG)
    (tmp_path / "c.svg").write_text('<svg xmlns="…" viewBox="0 0 480.4 250">')
    return tmp_path / "page.html"


CASES = [
    ('<summary aria-label="Toggle hidden content">\n<p>Show</p>', "<summary>\n<p>Show</p>"),
    ('<div id="id50" role="doc-biblioentry">', '<div id="id50" role="listitem">'),
    ('<section class="x" id="exercise-content">', '<section class="x">'),
    ('<section id="solution-content">', "<section>"),
    ('<section id="another-content">', '<section id="another-content">'),
    ('<tr><th class="head"></th><th>a</th></tr>', '<tr><td class="head"></td><th>a</th></tr>'),
    (
        '<div id="pst-primary-sidebar" class="x">',
        '<div id="pst-primary-sidebar" role="complementary" aria-label="The book" class="x">',
    ),
    ("<th><p></p></th>", "<td></td>"),
    ("<thead><tr><th>a</th></tr></thead>", "<thead><tr><th>a</th></tr></thead>"),
    ('<img alt="x" src="a%20b.png"/>', '<img alt="x" src="a%20b.png" width="640" height="480"/>'),
    ('<img src="c.svg" alt="">', '<img src="c.svg" alt="" width="480" height="250">'),
    ('<img width="3" src="c.svg">', '<img width="3" src="c.svg">'),
    ('<img src="nowhere.png" />', '<img src="nowhere.png" />'),
    ('<img src="data:image/png;base64,AAAA">', '<img src="data:image/png;base64,AAAA">'),
]


@pytest.mark.parametrize(("given", "made"), CASES)
def test_markup(given, made, file):
    assert markup.mended(file, given) == made
    assert markup.mended(file, made) == made  # pages that were not built again are mended again


def test_what_is_found_is_the_page_s_own_text(tmp_path):
    # Of the Sphinx that builds the book: another one may write these lines in another way.
    source = Path(sphinx.__file__).parent / "themes" / "basic" / "static" / "searchtools.js"
    (tmp_path / "searchtools.js").write_bytes(source.read_bytes())
    markup.search_text(SimpleNamespace(static=tmp_path))
    text = (tmp_path / "searchtools.js").read_text(encoding="utf-8")
    for new in markup.FOUND.values():
        assert new in text
