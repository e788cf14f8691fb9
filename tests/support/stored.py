"""What a page's cells put out, held against what their notebook stores."""

import math
import re
from pathlib import Path

import nbformat
from living_page import WIDGET

BOOK = Path(__file__).parents[2] / "book"

NUMBER = re.compile(r"-?(?:\d+\.\d*|\.?\d+)(?:e[-+]?\d+)?")


def text(outputs):
    """What the outputs say in words: streams, results and errors, in order."""
    said = []
    for output in outputs:
        if output["output_type"] == "stream":
            said.append("".join(output["text"]))
        elif output["output_type"] == "error":
            said.append(f"{output['ename']}: {output['evalue']}\n")
        elif not any(mime.startswith("image/") for mime in output["data"]):
            said.append("".join(output["data"].get("text/plain", "")) + "\n")
    return "".join(said)


def same(stored, live):
    """Equal, but for the last digits of numbers: a browser's Python adds in another order."""
    if NUMBER.sub("#", stored) != NUMBER.sub("#", live):
        return False
    pairs = zip(NUMBER.findall(stored), NUMBER.findall(live), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-15) for a, b in pairs)


def shown(outputs, mime):
    """How many of the outputs have a kind of data whose name begins so."""
    return sum(any(m.startswith(mime) for m in output.get("data", {})) for output in outputs)


def differences(chapter, sources, outputs):
    """Source, stored and live text of each cell that put out something else than its notebook.

    A picture may be a widget's on a living page.
    """
    notebook = nbformat.read(BOOK / chapter, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in cells] == sources
    return [
        (cell.source, text(cell.outputs), text(live))
        for cell, live in zip(cells, outputs, strict=True)
        if "nbval-ignore-output" not in cell.metadata.get("tags", [])
        if not same(text(cell.outputs), text(live))
        or shown(cell.outputs, "image/") > shown(live, "image/") + shown(live, WIDGET)
    ]
