"""A notebook as a file, whatever program stored it: its encoding, its line ends, its form."""

from __future__ import annotations

import codecs
import json
import re
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode


def load(path: Path, mended: list[str]) -> NotebookNode:
    """The notebook in this file, whatever program stored it; a ValueError says why there is none.

    What nbgrader could not read as it stands goes to `mended`.
    """
    if path.exists() and not path.is_file():
        raise ValueError("it is no file")  # and whoever reads from a pipe may wait for ever
    text, encoding = decoded(path.read_bytes())
    if encoding:
        mended.append(f"the file was stored in {encoding}; stored in UTF-8, as notebooks are.")
    try:
        content = json.loads(text)
    except ValueError as error:
        if re.search(r"^(?:<{7}|>{7}) ", text, re.MULTILINE):
            raise ValueError(
                "two versions were merged, and their conflict is marked in it"
            ) from None
        if str(error).startswith("Extra data"):
            raise ValueError(
                "it goes on where a notebook ends, as if it were there twice"
            ) from None
        raise ValueError("it is a text, but not that of a notebook, or not all of it") from None
    except RecursionError:
        raise ValueError("its lists stand one in another without end") from None
    kind = content.get("cells", content.get("worksheets")) if isinstance(content, dict) else None
    if not isinstance(kind, list):
        raise ValueError("it is data (JSON), but there are no cells in it")
    if "nbformat" not in content:
        content |= {"nbformat": 4, "nbformat_minor": 5}
        mended.append("the notebook does not say its format; taken for the usual one.")
    try:
        whole, lost = repaired(content)
    except RecursionError:
        raise ValueError("its lists stand one in another without end") from None
    for cell in whole.get("cells", []):
        unmark(cell)
    if lost:
        mended.append("there are halves of characters in its text, which no file can hold; marked.")
    if [cell for cell in whole.get("cells", []) if joined(cell)]:
        mended.append("the lines of a cell stood without their ends; put one below the other.")
    try:
        return read(whole)
    except Exception as error:
        reason = str(error).partition("\n")[0]
    try:
        notebook = read(shaped(whole))
    except Exception:
        why = f" ({reason})" if len(reason) < 100 else ""
        raise ValueError(f"its cells are not those of a notebook{why}") from None
    mended.append(
        "its cells were not in the form that Jupyter stores; brought into it, without their "
        "outputs, which the grading makes anew."
    )
    return notebook


def read(content: dict[str, Any]) -> NotebookNode:
    """The notebook, in the newest format; what is no valid one raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ids that are missing or double are made
        notebook = nbformat.reads(json.dumps(content), as_version=4)
        nbformat.validate(notebook)
    return notebook


def unmark(cell: Any) -> None:
    """Without a mark of nbgrader's that has not its form, and would stop it."""
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    mark = metadata.get("nbgrader", {}) if isinstance(metadata, dict) else {}
    if not isinstance(mark, dict) or not isinstance(mark.get("grade_id", ""), str):
        del cell["metadata"]["nbgrader"]


def joined(cell: Any) -> bool:
    """Whether the lines of the cell had lost their ends; now they have them again."""
    lines = cell.get("source") if isinstance(cell, dict) else None
    if not isinstance(lines, list) or len(lines) < 2 or not all(isinstance(x, str) for x in lines):
        return False
    if any(line.endswith("\n") for line in lines):
        return False
    cell["source"] = "\n".join(lines)
    return True


def shaped(content: dict[str, Any]) -> dict[str, Any]:
    """What cells hold, in the form of nbformat 4.5: editors leave out parts, and add their own."""
    cells = []
    for cell in content["cells"]:
        if cell is None:
            continue
        source, kind = cell["source"] or "", cell["cell_type"]
        kind = kind if kind in ("code", "markdown") else "raw"
        metadata = cell.get("metadata")
        new = {
            "cell_type": kind,
            "metadata": metadata if isinstance(metadata, dict) else {},
            "source": "".join(source),
        }
        if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(cell.get("id", ""))):
            new["id"] = str(cell["id"])
        if kind == "code":
            new |= {"outputs": [], "execution_count": None}
        cells.append(new)
    metadata = content.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = kernel.get("name") if isinstance(kernel, dict) else None
    spec = {"kernelspec": {"name": name, "display_name": name}} if isinstance(name, str) else {}
    return {
        "cells": cells,
        "metadata": spec,
        "nbformat": int(content["nbformat"]),
        "nbformat_minor": 5,
    }


def decoded(raw: bytes) -> tuple[str, str]:
    """The text in these bytes, and its encoding if it is not plain UTF-8."""
    archives = dict.fromkeys((b"PK", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"), "it is an archive")
    beginnings = archives | {b"%PDF": "it is a PDF", b"<": "it is a web page"}
    for sign, what in beginnings.items():
        if raw.lstrip().startswith(sign):
            raise ValueError(f"{what}, and not the notebook itself")
    if not raw.strip():
        raise ValueError("it is empty")
    if raw.startswith(codecs.BOM_UTF8):
        return raw.decode("utf-8-sig", "replace"), "UTF-8 with a mark (BOM)"
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return raw.decode("utf-32", "replace"), "UTF-32"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace"), "UTF-16"
    if b"\0" in raw[:2]:
        return raw.decode("utf-16-le" if raw[1:2] == b"\0" else "utf-16-be", "replace"), "UTF-16"
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "another encoding, and read as Latin-1"


def repaired(content: Any) -> tuple[Any, bool]:
    """The same with Unix line ends and without halves of characters; whether one was lost."""
    if isinstance(content, str):
        text = content.replace("\r\n", "\n").replace("\r", "\n")
        whole = text.encode("utf-8", "replace").decode("utf-8")
        return whole, whole != text
    if isinstance(content, list):
        parts = [repaired(part) for part in content]
        return [part for part, _ in parts], any(lost for _, lost in parts)
    if isinstance(content, dict):
        pairs = {name: repaired(part) for name, part in content.items()}
        return {name: part for name, (part, _) in pairs.items()}, any(
            lost for _, lost in pairs.values()
        )
    return content, False
