"""What a page may weigh before it is live; a test measures all pages in a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from livebook.site.folder import Site

MOST_BYTES, MOST_REQUESTS = 2_000_000, 40

LOADED = re.compile(r'<(?:script|img|link|source)\b[^>]*?\s(?:src|href)="([^"]+)"[^>]*>')
NOT_LOADED = re.compile(r'rel="(?:index|search|next|prev|canonical|author)"|loading="lazy"')
# Faces that formulas load; which ones, only the browser knows.
FACES = ("Main-Regular", "Math-Italic", "AMS-Regular", "Size1-Regular", "Size2-Regular",
         "Size3-Regular", "Size4-Regular", "Zero")  # fmt: skip


def report(site: Site) -> None:
    """Say what the heaviest page weighs."""
    weights = {file: weigh(site.folder, file, page) for file, page in site.pages.items()}
    file = max(weights, key=lambda file: max(relative(weights[file])))
    size, requests = weights[file]
    name = file.relative_to(site.folder).with_suffix("").as_posix()
    site.build.say(
        f"The heaviest page before it is live, {name}: {size / 1e6:.2f} MB in {requests} requests "
        f"(allowed: {MOST_BYTES / 1e6:.0f} MB, {MOST_REQUESTS})"
    )


def relative(weight: tuple[int, int]) -> tuple[float, float]:
    return weight[0] / MOST_BYTES, weight[1] / MOST_REQUESTS


def weigh(site: Path, file: Path, page: str) -> tuple[int, int]:
    """Bytes and requests of a page with all that it names; of formulas the usual fonts."""
    loaded = {file, *local(file, page)}
    if "mathjax" in page:
        fonts = site / "_static/mathjax/output/chtml/fonts/woff-v2"
        loaded |= {fonts / f"MathJax_{face}.woff" for face in FACES}
    loaded.add(site / "_static" / "icons.woff")
    present = [path.stat().st_size for path in loaded if path.is_file()]
    return sum(present), len(present)


def local(file: Path, page: str) -> Iterator[Path]:
    for match in LOADED.finditer(page):
        if not NOT_LOADED.search(match[0]):
            yield Path(os.path.normpath(file.parent / unquote(urlsplit(unescape(match[1])).path)))
