"""The border: livebook knows nothing of this book, which it serves by values of `_config.yml`."""

import re
from pathlib import Path

LIVEBOOK = Path(__file__).parents[2] / "book" / "_ext" / "livebook"
OURS = re.compile(r"dualedu|thisbook|frontdoor|mnist|\bduals?\b|primal|tangent|explore-", re.I)
TEXT = {".py", ".js", ".mjs", ".ts", ".css", ".html", ".json", ".txt"}


def test_nothing_of_this_book_is_in_livebook():
    files = [path for path in LIVEBOOK.rglob("*") if path.suffix in TEXT]
    assert len(files) > 60
    for path in files:
        assert OURS.findall(path.read_text("utf-8")) == [], path
