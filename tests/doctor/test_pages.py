"""The pages that a diagnosis points to."""

import json
from pathlib import Path

import pytest

from dualedu.doctor import pages


@pytest.mark.parametrize("page", pages.TITLES)
def test_the_pages_are_there_and_bear_their_titles(page):
    path = Path(__file__).parents[2] / page.replace(".html", ".ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    title = "".join(notebook["cells"][0]["source"]).splitlines()[0]
    assert title == f"# {pages.TITLES[page]}"
