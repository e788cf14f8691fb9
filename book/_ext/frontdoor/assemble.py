"""The site with all its editions: python -m frontdoor.assemble SITE EDITIONS TARGET

TARGET gets the site as it is, once more under its own number, and each earlier edition under its.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from sphinx.errors import ConfigError

from frontdoor.editions import Edition, earlier
from frontdoor.packages import ROOT
from frontdoor.release import stated

ROOM = 10**9
"""Bytes that GitHub Pages has for a site:
https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits"""


def assemble(site: Path, editions: list[Edition], number: str, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(site, target)
    shutil.copytree(site, target / number)
    for edition in editions:
        edition.unpack(target / edition.number)
    numbers = [number, *(edition.number for edition in editions)]
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    if size > ROOM:
        raise ConfigError(
            f"the site with its editions takes {size / 1e9:.2f} GB, and GitHub Pages has room for "
            f"{ROOM / 1e9:g}: leave out the oldest, {numbers[-1]}"
        )
    print(f"{target}: the newest edition, and by number {', '.join(numbers)} ({size / 1e6:.0f} MB)")


def main() -> None:
    if len(sys.argv) != 4:
        raise SystemExit("python -m frontdoor.assemble SITE EDITIONS TARGET")
    site, editions, target = map(Path, sys.argv[1:])
    if not (site / "index.html").is_file():
        raise SystemExit(f"no site in {site}: `make book` builds it")
    number = stated(ROOT)[1]
    try:
        assemble(site, earlier(number, editions), number, target)
    except ConfigError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
