"""What Jupyter Book's settings cannot say: mathematics from the book's own files, one search field.

By default a page asks another host for MathJax and shows raw TeX when that host is out of reach.
The package sphinx-mathjax-offline brings MathJax along; the parts that pages load go into the site,
without the menu of the right mouse button, which is more than a third of MathJax.
"""

from __future__ import annotations

import shutil
from importlib.metadata import files
from pathlib import Path
from typing import Any

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


def mathjax() -> Path:
    """The folder of MathJax in the installed package."""
    found = next(f for f in files("sphinx-mathjax-offline") or () if f.name == "tex-chtml.js")
    return Path(str(found.locate())).parent


def copy_mathjax(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        source, target = mathjax(), Path(app.outdir, "_static", "mathjax")
        target.mkdir(parents=True, exist_ok=True)
        parts = [(source / part).read_text(encoding="utf-8") for part in SCRIPT]
        (target / "mathjax.js").write_text(";\n".join(parts), encoding="utf-8")
        for folder in FOLDERS:
            shutil.copytree(source / folder, target / folder, dirs_exist_ok=True)


def configure(app: Any, config: Any) -> None:
    config.mathjax_path = "mathjax/mathjax.js"
    # Nothing is left to load: it all is in the one file.
    config.mathjax3_config = (config.mathjax3_config or {}) | {"loader": {"load": []}}
    # The sidebar has a search field; the theme would put a second one above the page.
    config.html_theme_options["navbar_persistent"] = []


def setup(app: Any) -> dict[str, bool]:
    app.connect("config-inited", configure)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
