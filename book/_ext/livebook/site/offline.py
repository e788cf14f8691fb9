"""The book without a network: a service worker that keeps visited pages, and one archive of it all.

python -m livebook.site.offline [BOOK]     pack the built site of the book in this folder
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import zipfile
from html import escape
from pathlib import Path

from sphinx.application import Sphinx

from livebook import settings
from livebook.site import budget
from livebook.site.folder import Site

HERE = Path(__file__).with_name("offline")
WORKER = "sw.js"
REGISTER = "offline.js"
REDIRECT = re.compile(r'http-equiv="Refresh"[^>]*url=([^"]+)"', re.I)
TITLE = "BOOK TITLE"
"""What stands for the book's title in the texts that open an archive."""

# What Sphinx keeps for other builds is for no reader, and neither is what hosts and robots ask for;
# the worker cannot know its own sum.
UNKEPT = (".buildinfo", "objects.inv", "404.html", "robots.txt", "sitemap.xml", WORKER)


def site_files(site: Path) -> dict[str, Path]:
    """The files of the site by their names, as in an address."""
    found = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*"))}
    return {name: path for name, path in found.items() if path.is_file()}


def first(site: Path) -> list[str]:
    """What a reader may ask for without having visited it: the front door, and the search."""
    found: set[Path] = set()
    pages = [site / "index.html", site / "search.html"]
    if (site / "index.html").is_file():
        door = REDIRECT.search((site / "index.html").read_text(encoding="utf-8"))
        pages += [site / door[1]] if door else []
    for page in pages:
        if page.is_file():
            found |= {page, *budget.local(page, page.read_text(encoding="utf-8"))}
    found.add(site / "searchindex.js")
    return sorted(f.relative_to(site).as_posix() for f in found if f.is_file())


def worker(site: Path) -> str:
    """The service worker for this state of the site."""
    sums = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for name, path in site_files(site).items()
        if not name.startswith(UNKEPT)
    }
    listed = json.dumps(sums, separators=(",", ":"))
    kept = json.dumps([name for name in first(site) if name in sums], separators=(",", ":"))
    build = hashlib.sha256(listed.encode()).hexdigest()[:12]
    source = (HERE / WORKER).read_text(encoding="utf-8")
    return f'const BUILD = "{build}";\nconst FILES = {listed};\nconst FIRST = {kept};\n{source}'


def pack(site: Path, target: Path, title: str, setting: str) -> None:
    """The site in one archive, with a page and a text that say how to open it.

    A site that has to fetch its Python is refused: what it promises would fail at the reader's.
    `setting` names what says where Pyodide's files are.
    """
    if not (site / "index.html").is_file():
        raise SystemExit(f"no book in {site}: `make book` builds it")
    if not (site / "_static" / "live" / "pyodide" / "pyodide.js").is_file():
        raise SystemExit(
            f"the book in {site} has no Python of its own, so its cells would not run without a "
            f"network: set {setting} to a folder with Pyodide's files, or build where the address "
            " named above can be reached"
        )
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(HERE.glob("START-HERE.*")):
            text = path.read_text(encoding="utf-8")
            shown = escape(title) if path.suffix == ".html" else title
            archive.writestr(f"{target.stem}/{path.name}", text.replace(TITLE, shown))
        for name, path in site_files(site).items():
            archive.write(path, f"{target.stem}/book/{name}")
    part.replace(target)


def register(app: Sphinx) -> None:
    """Let every page ask for the worker."""
    if app.builder.format == "html":
        app.add_js_file(REGISTER, loading_method="defer")


def write_worker(site: Site) -> None:
    shutil.copyfile(HERE / "register.js", site.static / REGISTER)
    (site.folder / WORKER).write_text(worker(site.folder), encoding="utf-8")


if __name__ == "__main__":
    root = Path(*sys.argv[1:2])
    made, title = settings.read(root)
    archive = root / "_build" / f"{made.archive}.zip"
    pack(root / "_build" / "html", archive, title, made.pyodide_setting)
    size = archive.stat().st_size / 1e6
    print(f"The book without a network: {archive} ({size:.0f} MB)")
