"""The book without a network: a service worker that keeps visited pages, and one archive of it all.

python book/_ext/livebook/offline.py [SITE]     pack the built site, for `make offline`
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).with_name("offline")
ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "_build" / "html"
WORKER = "sw.js"
REGISTER = "offline.js"
ARCHIVE = "dualedu-book.zip"
# What Sphinx keeps for other builds is for no reader; the worker cannot know its own sum.
UNKEPT = (".buildinfo", "objects.inv", WORKER)


def site_files(site: Path) -> dict[str, Path]:
    """The files of the site by their names, as in an address."""
    found = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*"))}
    return {name: path for name, path in found.items() if path.is_file()}


def worker(site: Path) -> str:
    """The service worker for this state of the site."""
    sums = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for name, path in site_files(site).items()
        if not name.startswith(UNKEPT)
    }
    listed = json.dumps(sums, separators=(",", ":"))
    build = hashlib.sha256(listed.encode()).hexdigest()[:12]
    source = (HERE / WORKER).read_text(encoding="utf-8")
    return f'const BUILD = "{build}";\nconst FILES = {listed};\n{source}'


def pack(site: Path, target: Path) -> None:
    """The site in one archive, with a page and a text that say how to open it.

    A site that has to fetch its Python is refused: what it promises would fail at the reader's.
    """
    if not (site / "index.html").is_file():
        raise SystemExit(f"no book in {site}: `make book` builds it")
    if not (site / "_static" / "live" / "pyodide" / "pyodide.js").is_file():
        raise SystemExit(
            f"the book in {site} has no Python of its own, so its cells would not run without a "
            "network: set DUALEDU_PYODIDE to a folder with Pyodide's files, or build where the "
            "address named above can be reached"
        )
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(HERE.glob("START-HERE.*")):
            archive.write(path, f"dualedu-book/{path.name}")
        for name, path in site_files(site).items():
            archive.write(path, f"dualedu-book/book/{name}")
    part.replace(target)


def register(app: Any) -> None:
    if app.builder.format == "html":
        app.add_js_file(REGISTER, loading_method="defer")


def write(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        site = Path(app.outdir)
        shutil.copyfile(HERE / "register.js", site / "_static" / REGISTER)
        (site / WORKER).write_text(worker(site), encoding="utf-8")


def setup(app: Any) -> None:
    app.connect("builder-inited", register)
    app.connect("build-finished", write, priority=950)  # after all that writes into the site


if __name__ == "__main__":
    built = Path(sys.argv[1]) if sys.argv[1:] else SITE
    pack(built, built.parent / ARCHIVE)
    size = (built.parent / ARCHIVE).stat().st_size / 1e6
    print(f"The book without a network: {built.parent / ARCHIVE} ({size:.0f} MB)")
