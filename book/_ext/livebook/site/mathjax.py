"""Mathematics from the book's own files, which Jupyter Book's settings cannot say.

By default a page asks another host for MathJax and shows raw TeX when that host is out of reach.
The package sphinx-mathjax-offline brings MathJax along; the parts that pages load go into the site,
without the menu of the right mouse button, which is more than a third of MathJax.
"""

from __future__ import annotations

import shutil
from importlib.metadata import files
from pathlib import Path

from sphinx.config import Config

from livebook.site.folder import Site

# TeX to HTML with MathML beside it for screen readers, as one file: one request instead of six.
SCRIPT = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
)
FOLDERS = ("output/chtml/fonts/woff-v2", "input/tex/extensions")

SCALE = 1.08
"""The size of a formula's letters, against that of the text around them."""

# Python writes its formulas between dollars; those of the text come with \( and \[.
INLINE = [["$", "$"], ["\\(", "\\)"]]


def source() -> Path:
    """The folder of MathJax in the installed package."""
    found = next(f for f in files("sphinx-mathjax-offline") or () if f.name == "tex-chtml.js")
    return Path(str(found.locate())).parent


def copy(site: Site) -> None:
    target = site.static / "mathjax"
    target.mkdir(parents=True, exist_ok=True)
    parts = [(source() / part).read_text(encoding="utf-8") for part in SCRIPT]
    (target / "mathjax.js").write_text(";\n".join(parts), encoding="utf-8")
    for folder in FOLDERS:
        shutil.copytree(source() / folder, target / folder, dirs_exist_ok=True)


def configure(config: Config) -> None:
    config.mathjax_path = "mathjax/mathjax.js"
    # Nothing is left to load: it all is in the one file.
    config.mathjax3_config = (config.mathjax3_config or {}) | {
        "loader": {"load": []},
        "tex": {"inlineMath": INLINE},
        "chtml": {"scale": SCALE},
    }
