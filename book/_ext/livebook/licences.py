"""Third parties' work in the built site: a table with licences, and their texts in one file.

    ```{licences}```   the table, from the metadata of what is really there

Python packages state their licence in their wheel, JavaScript packages in their package.json. Which
of these are in the scripts, the bundler says.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Container, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx

from livebook import build, scripts
from livebook.build import Build
from livebook.generated import Generated
from livebook.lite.app import EXTENSIONS, Lite
from livebook.python.release import RELEASE
from livebook.python.stage import Staged
from livebook.site.folder import Site

TEXTS = "licences.txt"

SITE = ("sphinx", "myst-nb", "pydata-sphinx-theme", "sphinx-book-theme")
"""Packages whose scripts and styles are on the pages, and SHOWN, those that are there where
a book names them."""

SHOWN = {
    "sphinx_copybutton": "sphinx-copybutton",
    "sphinx_design": "sphinx-design",
    "sphinx_exercise": "sphinx-exercise",
    "sphinx_proof": "sphinx-proof",
    "sphinx_togglebutton": "sphinx-togglebutton",
}

PLACE = re.compile(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/]+")
INNER = re.compile(r"^// (?:.*/)?node_modules/((?:@[^/]+/)?[^/]+)/", re.M)

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
}


class Work(NamedTuple):
    name: str
    version: str
    licence: str
    address: str
    text: str = ""


# Parts of other packages, which have no metadata of their own.
INSIDE = (
    Work("MathJax", "3.2.2", "Apache-2.0", "https://www.mathjax.org"),
    Work("Bootstrap", "5", "MIT", "https://getbootstrap.com"),
    Work("Font Awesome Free", "6", "CC-BY-4.0, OFL-1.1, MIT", "https://fontawesome.com"),
    Work("clipboard.js", "2", "MIT", "https://clipboardjs.com"),
)


def python_works(staged: Staged, own: Container[str]) -> Iterator[Work]:
    """Pyodide and the packages of others."""
    info = RELEASE
    yield Work("Pyodide", info["version"], info["licence"], info["home"])
    yield Work("CPython", info["info"]["python"], "PSF-2.0", "https://www.python.org")
    for name, entry in sorted(staged.packages.items()):
        path = staged.files.get(f"pyodide/{entry['file_name']}")
        if name in own:
            continue
        home = f"https://pypi.org/project/{name}/"
        if not isinstance(path, Path):
            yield Work(name, entry["version"], "see its page", home)
            continue
        with zipfile.ZipFile(path) as archive:
            inside = archive.namelist()
            about = next(n for n in inside if n.endswith(".dist-info/METADATA"))
            texts = [n for n in inside if ".dist-info/" in n and is_licence(n)]
            fields = HeaderParser().parsestr(archive.read(about).decode())
            text = "\n".join(archive.read(n).decode("utf-8", "replace") for n in texts)
        yield Work(name, entry["version"], licence(fields), home, text)


def site_works(extensions: Container[str]) -> Iterator[Work]:
    yield from INSIDE
    shown = [package for name, package in SHOWN.items() if name in extensions]
    yield from map(installed, (*SITE, *shown))


def script_works(cache: Path) -> Iterator[Work]:
    """The npm packages that the pages' own scripts are bundled from."""
    folder = scripts.install(cache)
    for place in sorted(bundled(folder, scripts.bundle(cache))):
        about = json.loads((folder / place / "package.json").read_text(encoding="utf-8"))
        older = " or ".join(each["type"] for each in about.get("licenses", []))
        stated = about.get("license") or older or "see its page"
        texts = [p for p in (folder / place).glob("*") if p.is_file() and is_licence(p.name)]
        text = "\n".join(p.read_text(encoding="utf-8", errors="replace") for p in sorted(texts))
        home = f"https://www.npmjs.com/package/{about['name']}"
        yield Work(about["name"], about["version"], stated, home, text)


def bundled(folder: Path, bundle: Path) -> set[str]:
    """Where the packages of a bundle are installed, those among them that a package brings within
    a script of its own: the bundler that made that script left their names in it; and typefaces."""
    files = json.loads((bundle / scripts.INPUTS).read_text(encoding="utf-8"))
    places = {file: found[0] for file in files if (found := PLACE.match(file))}
    inner = {
        f"node_modules/{name}"
        for file in places
        for name in INNER.findall((folder / file).read_text(encoding="utf-8"))
    }
    fonts = {f.relative_to(folder).as_posix() for f in folder.glob("node_modules/@fontsource*/*")}
    return {*places.values(), *inner, *fonts}


def lite_works(lite: Lite) -> Iterator[Work]:
    """JupyterLite, its extensions, and what their scripts are bundled from."""
    for name in ("jupyterlite-core", *EXTENSIONS.values()):
        yield installed(name)
    listed = {}
    for file in lite.app.rglob("third-party-licenses.json"):
        for entry in json.loads(file.read_text(encoding="utf-8"))["packages"]:
            listed[entry["name"], entry["versionInfo"]] = entry
    for (name, version), entry in sorted(listed.items()):
        home = f"https://www.npmjs.com/package/{name}"
        licence = entry["licenseId"] or "see its page"
        yield Work(name, version, licence, home, entry["extractedText"] or "")


def installed(name: str) -> Work:
    """A package of the environment that the site is built in."""
    found = distribution(name)
    texts = [f for f in found.files or () if ".dist-info/" in str(f) and is_licence(str(f))]
    text = "\n".join(Path(str(f.locate())).read_text(encoding="utf-8") for f in texts)
    fields = HeaderParser().parsestr(found.read_text("METADATA") or "")
    return Work(name, found.version, licence(fields), f"https://pypi.org/project/{name}/", text)


def is_licence(file: str) -> bool:
    return bool(re.search(r"licen[cs]e|copying|notice", file.rpartition("/")[2], re.I)) or (
        "/licenses/" in file or "/LICENSE/" in file
    )


def licence(fields: Message) -> str:
    """The expression where there is one, else what the classifiers or one line say."""
    if fields["License-Expression"]:
        return str(fields["License-Expression"])
    line = " ".join((fields["License"] or "").split("\n", 1)[0].split())
    if re.fullmatch(r"[A-Z]+-\d[\w.-]*|MIT|PSF|HPND|Apache 2\.0", line):
        return line
    stated = [c.rpartition(" :: ")[2] for c in fields.get_all("Classifier", []) if "License" in c]
    return " or ".join(CLASSIFIERS.get(c, c) for c in stated) or line or "see its page"


@dataclass(frozen=True)
class Group:
    title: str
    works: list[Work]


def groups(made: Build, extensions: Container[str]) -> list[Group]:
    python = list(python_works(made.python, made.settings.own)) if made.python else []
    bundled = list(script_works(made.settings.cache)) if made.scripts else []
    found = [
        Group("On every page", list(site_works(extensions))),
        Group("Python, when a page is made live", python),
        Group("The scripts that make a page live", bundled),
        Group(
            "JupyterLite, when a notebook is opened in it",
            list(lite_works(made.lite)) if made.lite else [],
        ),
    ]
    return [group for group in found if group.works]


class Licences(Generated):
    def lines(self) -> Iterator[str]:
        app = self.env.app
        for group in groups(build.of(app), app.extensions):
            yield from (f"**{group.title}**", "", "| | version | licence |", "|---|---|---|")
            for work in group.works:
                cells = (f"[{work.name}]({work.address})", work.version, work.licence)
                yield f"| {' | '.join(cells)} |"
            yield ""

    def run(self) -> list[nodes.Node]:
        # Read again at every build: what is staged changes without the page's source.
        self.env.note_reread()
        address = "../" * self.env.docname.count("/") + f"_static/{TEXTS}"
        link = nodes.reference("", "in one file", refuri=address)
        end = nodes.Text("The licences' texts, as far as they came with the packages, are ")
        return [*super().run(), nodes.paragraph("", "", end, link, nodes.Text("."))]


def write(site: Site) -> None:
    """The texts, in one file."""
    parts = []
    for group in groups(site.build, site.app.extensions):
        for work in group.works:
            title = f"{work.name} {work.version} ({work.licence}), {work.address}"
            parts.append(f"{'=' * 79}\n{title}\n\n{work.text.strip()}\n".rstrip() + "\n")
    (site.static / TEXTS).write_text("\n".join(parts), encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.add_directive("licences", Licences)
