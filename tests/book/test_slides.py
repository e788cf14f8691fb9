"""The slides: made of the book's own figures, described, whole in one file, ninety minutes long."""

import itertools
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from thisbook import slides

LECTURES = sorted((slides.BOOK / "slides").glob("*.md"))
MINUTES = re.compile(r"(\d+) to (\d+)(?: minutes)?\. ")


@pytest.fixture(params=LECTURES, ids=lambda path: path.stem)
def text(request):
    return request.param.read_text(encoding="utf-8")


@pytest.fixture
def shown(text):
    return BeautifulSoup(slides.page(text), "html.parser")


def test_there_are_slides():
    assert LECTURES


def test_every_figure_is_described_and_is_data(shown):
    for picture in shown.find_all("img"):
        assert len(picture["alt"].split()) >= 8
        assert picture["src"].startswith("data:image/")


def test_nothing_is_asked_of_anybody(shown):
    assert not shown.find_all(["iframe", "object", "video", "base"])
    assert [link["href"] for link in shown.find_all(href=True)] == ["data:,"]
    assert not [script for script in shown.find_all("script") if script.get("src")]
    assert "url(" not in shown.style.text
    assert "@import" not in shown.style.text


def test_every_slide_has_one_heading_and_a_note(shown):
    for section in shown.find_all("section"):
        assert len(section.find_all(["h1", "h2"])) == 1
        assert section.aside.text.strip()


def test_the_minutes_add_up(text):
    spans = [(int(start), int(end)) for start, end in MINUTES.findall(text)]
    assert spans[0][0] == 0
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(spans))
    assert spans[-1][1] == 90


def test_a_figure_is_what_its_page_stores():
    path = "1-numbers/no-limit.ipynb"
    cells = nbformat.read(slides.BOOK / path, as_version=4).cells
    (figure,) = [cell for cell in cells if cell.id == "v-figure"]
    page = slides.page(f"# Title\n\n---\n\n## V\n\n![]({path}#v-figure)\n")
    image = BeautifulSoup(page, "html.parser").img
    assert image["src"].partition(",")[2] == "".join(figure.outputs[0].data["image/png"].split())
    assert image["alt"] == figure.metadata.mystnb.image.alt


@pytest.mark.parametrize(
    ("cell", "complaint"), [("gone", "has no cell 'gone'"), ("setup", "neither a picture nor text")]
)
def test_a_figure_that_is_not_there(cell, complaint):
    with pytest.raises(ValueError, match=complaint):
        slides.page(f"# Title\n\n![](1-numbers/no-limit.ipynb#{cell})\n")
