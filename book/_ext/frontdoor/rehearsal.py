"""A publication, played through here: everything but the sending. python -m frontdoor.rehearsal

While the project has no address, an example plays it. Each step says what it found; the first that
fails ends the rehearsal.
"""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import sys
import tempfile
import threading
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from html import unescape
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.request import Request, urlopen

from frontdoor import editions, packages, sums
from frontdoor.address import Address, address
from frontdoor.assemble import assemble
from frontdoor.packages import ROOT, run
from frontdoor.release import stated

EXAMPLE = "https://github.com/example/dualedu"
TARGET = ROOT / "_build" / "publish"
LINK = re.compile(r'\s(?:href|src)="([^"]+)"')
CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)"')
USE = """
import numpy as np
from dualedu import Dual, __file__ as home, derivative
assert "site-packages" in home, home
assert abs(derivative(lambda x: x * np.sin(x))(1.0) - (np.sin(1.0) + np.cos(1.0))) < 1e-15
print(Dual(1.0, 1.0) * 2)
"""


def say(sentence: str) -> None:
    print(sentence, flush=True)


def refuse(sentence: str, found: object) -> None:
    if found:
        raise SystemExit(f"Not to be published: {sentence}: {found}")


def try_packages() -> list[Path]:
    """Wheel and source distribution: the same bytes twice, in order, installed and used."""
    made = packages.twice(TARGET)
    say(f"Built twice to the same bytes: {', '.join(path.name for path in made)}")
    run(sys.executable, "-m", "twine", "check", "--strict", *made)
    say("twine check --strict: passed")
    (wheel,) = (path for path in made if path.suffix == ".whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        text = str(message_from_bytes(archive.read(name)).get_payload())
    links = re.findall(r"\]\((?!https://|#)([^)]+)\)", re.sub(r"(`+).+?\1", "", text, flags=re.S))
    refuse("the README on PyPI has links that lead nowhere", links)
    say("The README's links are whole addresses")
    for package in made:
        use(package)
        say(f"Installed in a clean environment, and used: {package.name}")
    return made


def use(package: Path) -> None:
    """Install a package where nothing else is, with the pinned NumPy, and compute with it."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "Scripts" if os.name == "nt" else "bin", "python")
        pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        numpy = next(line for line in pins if line.startswith("numpy=="))
        quiet = ["--quiet", "--disable-pip-version-check"]
        run(python, "-m", "pip", "install", *quiet, numpy, package)
        run(python, "-I", "-c", USE, cwd=folder)


def try_site(here: Address) -> Path:
    """The site as its host will have it, in a folder of the host."""
    folder = TARGET / "site"
    book = Path(sys.executable).with_name("jupyter-book")
    run(book, "build", ROOT, "--quiet", "-W", "--path-output", folder)
    site = folder / "_build" / "html"
    wrong = []
    # JupyterLite's own pages are another program's, and the theme keeps templates among its files.
    pages = [p for p in site.rglob("*.html") if not {"lite", "_static"} & {*p.parts}]
    for path in pages:
        for canonical in CANONICAL.findall(path.read_text(encoding="utf-8")):
            name = path.relative_to(site).as_posix()
            if canonical not in (here.site, here.site + name):
                wrong.append((name, canonical))
    refuse("canonical addresses are not the pages' own", wrong)
    base = urlsplit(here.site).path
    with served(site, base) as host:
        asked = dict(answers(host, base, pages, site))
    refuse("links lead nowhere", {url: code for url, code in asked.items() if code != 200})
    say(f"The site stands under {base}: {len(pages)} pages, {len(asked)} links answered")
    return site


def example() -> Path:
    """A folder with one earlier edition, of two pages."""
    archive = TARGET / "editions" / "0.0.1" / "book.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as made:
        for name in ("index.html", "book/intro.html", "_static/style.css"):
            made.writestr(f"book/{name}", "<h1>As it was</h1>")
    return archive.parents[1]


def try_editions(site: Path, here: Address) -> None:
    """The site and its earlier editions together: what the page of editions names is there."""
    number = stated(ROOT)[1]
    target = TARGET / "all"
    assemble(site, editions.earlier(number), number, target)
    base = urlsplit(here.site).path
    text = (site / "editions.html").read_text(encoding="utf-8")
    named = re.findall(f'href="{re.escape(here.site)}([0-9][^"]*/)"', text)
    refuse("the page of editions names none", not named)
    with served(target, base) as host:
        asked = {}
        for part in named:
            with urlopen(Request(host + base + part, method="HEAD")) as answer:
                asked[part] = answer.status
    refuse("editions lead nowhere", {part: code for part, code in asked.items() if code != 200})
    say(f"Editions under addresses of their own: {', '.join(named)}")


@contextmanager
def served(site: Path, base: str) -> Iterator[str]:
    """The site under a path of a host that is this machine."""
    with tempfile.TemporaryDirectory() as root:
        place = Path(root, base.strip("/"))
        place.parent.mkdir(parents=True, exist_ok=True)
        if place != Path(root):
            place.symlink_to(site, target_is_directory=True)
        kind = functools.partial(Silent, directory=root if base != "/" else str(site))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def answers(host: str, base: str, pages: list[Path], site: Path) -> Iterator[tuple[str, int]]:
    """What the host answers to each link of the pages that stays on it."""
    asked = set()
    for path in pages:
        here = host + base + path.relative_to(site).as_posix()
        for link in LINK.findall(path.read_text(encoding="utf-8")):
            url = urldefrag(urljoin(here, unescape(link)))[0].partition("?")[0]
            if url.startswith(host) and url not in asked:
                asked.add(url)
                try:
                    with urlopen(Request(url, method="HEAD")) as answer:
                        yield url.removeprefix(host), answer.status
                except HTTPError as error:
                    yield url.removeprefix(host), error.code


def main() -> None:
    if not address(ROOT).repository:
        os.environ["FRONTDOOR_REPOSITORY"] = EXAMPLE
        say(f"The project has no address yet; {EXAMPLE} plays it")
    here = address(ROOT)
    shutil.rmtree(TARGET, ignore_errors=True)
    if not os.environ.get(editions.SETTING):
        os.environ[editions.SETTING] = str(example())
    made = try_packages()
    try_editions(try_site(here), here)
    sums.checksums(made, TARGET)
    for line in (TARGET / sums.SUMS).read_text(encoding="utf-8").splitlines():
        say(line)
        digest, name = line.split("  ")
        refuse("a checksum is wrong", sums.digest(TARGET / name) != digest)
    say(f"Everything but the sending is done: {TARGET}")


if __name__ == "__main__":
    main()
