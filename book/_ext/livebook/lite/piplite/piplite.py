"""What a notebook in JupyterLite has at hand: the book's data, and packages once it names them.

Stands in for JupyterLite's piplite, which would ask PyPI. The kernel sets the two
first names.
"""

import json
import os
import shutil
from pathlib import Path

import pyodide_js
from pyodide.ffi import to_js

from .imports import imports

_PIPLITE_DISABLE_PYPI = True
_PIPLITE_URLS: list[str] = []

HERE = Path(__file__).parent
ABOUT = json.loads((HERE / "about.json").read_text())
*OTHERS, LAST = ABOUT["has"]
REFUSAL = (
    "Nothing can be installed here: the book asks no other host. "
    f"It has {', '.join(OTHERS)} and {LAST}; import what you need."
)


async def install(*args: object, **options: object) -> None:
    raise RuntimeError(REFUSAL)


async def load(code: str) -> None:
    """The packages that a cell imports, before it runs."""
    table = ABOUT["imports"]
    wanted = {package for name in imports(code) for package in table.get(name, ())}
    await pyodide_js.loadPackage(to_js(sorted(wanted)))
    await pyodide_js.loadPackagesFromImports(code)


def settle(book: Path) -> None:
    """Notebooks read ../data: a folder beside theirs, as in the project."""
    if (HERE / "data").is_dir():
        shutil.copytree(HERE / "data", book)
    os.makedirs(book / "notebook")
    os.chdir(book / "notebook")


settle(Path("/book"))
