"""Every page before it is live, in a browser: it weighs at most 2 MB in 40 requests, axe finds
nothing against the rules of WCAG that a program can check, and nothing goes over a narrow edge."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from accessibility import violations
from browsers import settled
from livebook.site.budget import MOST_BYTES, MOST_REQUESTS

NARROW = 320  # pixels: a usual screen at 400 %


class Visit(NamedTuple):
    size: int
    requests: int
    faults: list[tuple[str, str, str]]
    width: int


@pytest.fixture(scope="module")
def visits(open_page, pages, built):
    found = {}
    for file in sorted(built.folder.rglob("*.html")):
        name = file.relative_to(built.folder).as_posix()
        if name.startswith(("_static/", "_sources/", "lite/")):
            continue
        if name == "index.html":  # leads to the first page before it has asked for anything
            continue
        page = open_page()
        asked = set()
        page.on("request", lambda request, asked=asked: asked.add(urlsplit(request.url).path))
        page.goto(f"{pages}/{name}")
        settled(page)
        files = [Path(built.folder, unquote(path).lstrip("/")) for path in asked if path != "/"]
        size, requests = sum(f.stat().st_size for f in files if f.is_file()), len(asked)
        faults = violations(page)
        page.set_viewport_size({"width": NARROW, "height": 640})
        width = page.evaluate("document.documentElement.scrollWidth")
        found[name] = Visit(size, requests, faults, width)
        assert page.external == []
        assert page.errors == []
        page.context.close()
    return found


def test_every_page_is_light(visits):
    heavy = {n: v for n, v in visits.items() if v.size > MOST_BYTES or v.requests > MOST_REQUESTS}
    assert len(visits) > 30
    assert heavy == {}


def test_axe_finds_nothing_on_any_page(visits):
    assert {name: visit.faults for name, visit in visits.items() if visit.faults} == {}


def test_at_320_pixels_nothing_goes_over_the_edge(visits):
    assert {name: visit.width for name, visit in visits.items() if visit.width > NARROW} == {}
