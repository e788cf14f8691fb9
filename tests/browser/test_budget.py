"""What a page weighs before it is live, measured in a browser: at most 2 MB in 40 requests."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from browsers import settled
from livebook.site.budget import MOST_BYTES, MOST_REQUESTS


def test_every_page_is_light(new_page, pages, built):
    weights = {}
    for file in sorted(built.folder.rglob("*.html")):
        name = file.relative_to(built.folder).as_posix()
        if name.startswith(("_static/", "_sources/", "lite/")):
            continue
        if name == "index.html":  # leads to the first page before it has asked for anything
            continue
        page = new_page()
        asked = set()
        page.on("request", lambda request, asked=asked: asked.add(urlsplit(request.url).path))
        page.goto(f"{pages}/{name}")
        settled(page)
        files = [Path(built.folder, unquote(path).lstrip("/")) for path in asked if path != "/"]
        weights[name] = sum(f.stat().st_size for f in files if f.is_file()), len(asked)
        assert page.external == []
        assert page.errors == []
        page.context.close()
    heavy = {n: w for n, w in weights.items() if w[0] > MOST_BYTES or w[1] > MOST_REQUESTS}
    assert weights
    assert heavy == {}
