"""What a notebook in JupyterLite has at hand: the book's results, and packages once it names them.

Stands in for JupyterLite's piplite, which would ask PyPI. The kernel sets the two
first names.
"""

import ast
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyodide_js
from pyodide.ffi import to_js

_PIPLITE_DISABLE_PYPI = True
_PIPLITE_URLS: list[str] = []

REFUSAL = (
    "Nothing can be installed here: the book asks no other host. "
    "It has dualedu, NumPy, matplotlib and ipywidgets; import what you need."
)
HERE = Path(__file__).parent
PACKAGES = json.loads((HERE / "imports.json").read_text())


async def install(*args: object, **options: object) -> None:
    raise RuntimeError(REFUSAL)


async def load(code: str) -> None:
    """The packages that a cell imports, before it runs."""
    wanted = {package for name in imported(code) for package in PACKAGES.get(name, ())}
    await pyodide_js.loadPackage(to_js(sorted(wanted)))
    await pyodide_js.loadPackagesFromImports(code)


def imported(code: str) -> Iterator[str]:
    try:
        tree = ast.parse(code)
    except SyntaxError:  # the kernel will say so
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def settle(book: Path) -> None:
    """Chapters read ../results: a folder beside them."""
    shutil.copytree(HERE / "results", book / "results")
    os.makedirs(book / "notebook")
    os.chdir(book / "notebook")


settle(Path("/book"))
