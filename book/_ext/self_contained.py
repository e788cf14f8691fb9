"""What Jupyter Book's settings cannot say: mathematics from the book's own files, one search field.

By default a page asks another host for MathJax and shows raw TeX when that host is out of reach.
The package sphinx-mathjax-offline brings MathJax along; the parts that pages load, or that a
reader's choice in MathJax's menu may load, go into the site.
"""

from __future__ import annotations

import shutil
from importlib.metadata import files
from pathlib import Path
from typing import Any

# The typesetter for the TeX on the pages, its fonts and packages, and speech in English.
PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions", "a11y", "sre")
LANGUAGES = {"base.json", "en.json"}


def mathjax() -> Path:
    """The folder of MathJax in the installed package."""
    found = next(f for f in files("sphinx-mathjax-offline") or () if f.name == "tex-chtml.js")
    return Path(str(found.locate())).parent


def copy_mathjax(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        source, target = mathjax(), Path(app.outdir, "_static", "mathjax")
        for part in PARTS:
            if (source / part).is_file():
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source / part, target / part)
            else:
                shutil.copytree(
                    source / part, target / part, dirs_exist_ok=True, ignore=other_languages
                )


def other_languages(folder: str, names: list[str]) -> set[str]:
    return set(names) - LANGUAGES if Path(folder).name == "mathmaps" else set()


def configure(app: Any, config: Any) -> None:
    config.mathjax_path = "mathjax/tex-chtml.js"
    # The sidebar has a search field; the theme would put a second one above the page.
    config.html_theme_options["navbar_persistent"] = []


def setup(app: Any) -> dict[str, bool]:
    app.connect("config-inited", configure)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
