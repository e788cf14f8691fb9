"""The notebooks where JupyterLite looks for them, and lists of what is in each folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from sphinx.errors import ExtensionError
from sphinx.util import logging

from livebook import build
from livebook.lite.plain import Plain
from livebook.python.lock import as_json

log = logging.getLogger(__name__)


def files(notebooks: dict[str, Path], plain: Plain) -> dict[str, Path | bytes]:
    """All of these files, by their names in the app."""
    made: dict[str, Path | bytes] = {
        f"files/{name}": notebook(path, name.removesuffix(".ipynb"), plain)
        for name, path in notebooks.items()
    }
    items: dict[PurePosixPath, dict[str, Any]] = {}
    for name, path in notebooks.items():
        time = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
        size = build.size(made[f"files/{name}"])
        items[PurePosixPath(name)] = item(name, "notebook", time, size)
        for folder in PurePosixPath(name).parents:
            items.setdefault(folder, item(folder.as_posix(), "directory", time))
    for folder, about in items.items():
        if about["type"] == "directory":
            inside = [i for p, i in sorted(items.items()) if p.parent == folder and p != folder]
            listed = as_json(about | {"content": inside, "format": "json"})
            made[(PurePosixPath("api/contents") / folder / "all.json").as_posix()] = listed
    return made


def notebook(path: Path, page: str, plain: Plain) -> bytes:
    """A notebook whose stored outputs are shown: trusted, being the book's own, and in whole texts,
    for JupyterLite puts commas between the lines of a list. Its Markdown is Jupyter's, save where a
    warning says that something of MyST's stays as it is typed."""
    made = nbformat.read(path, as_version=4)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.metadata["trusted"] = True
            # What the book has run has no number in a kernel that has run nothing.
            cell.execution_count = None
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = None
        elif cell.cell_type == "markdown":
            try:
                cell.source = plain.cell(cell.source, page)
            except ExtensionError as error:
                log.warning("%s", error, type="livebook", subtype="lite")
    return (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode()


def item(path: str, kind: str, time: str, size: int | None = None) -> dict[str, Any]:
    """An entry of Jupyter's contents, without the content."""
    path = "" if path == "." else path
    return {
        "name": PurePosixPath(path).name,
        "path": path,
        "type": kind,
        "created": time,
        "last_modified": time,
        "content": None,
        "format": None,
        "mimetype": None,
        "size": size,
        "writable": True,
    }
