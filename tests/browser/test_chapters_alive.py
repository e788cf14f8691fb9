"""Each page with cells in the browser: it comes alive and runs all of them to the stored outputs,
and then axe finds nothing on it against the rules of WCAG that a program can check."""

import math
import re
from pathlib import Path

import nbformat
import pytest
from accessibility import violations
from living_page import LivingPage

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = sorted(path.relative_to(BOOK).as_posix() for path in BOOK.rglob("*.ipynb"))

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


def pictures(outputs):
    data = [output.get("data", {}) for output in outputs]
    return sum(any(mime.startswith("image/") for mime in one) for one in data)


def run_to_the_stored_outputs(chapter, book, page):
    notebook = nbformat.read(BOOK / chapter, as_version=4)
    stored = [cell for cell in notebook.cells if cell.cell_type == "code"]
    living = LivingPage(page, f"{book}/book/{chapter.replace('.ipynb', '.html')}")
    living.start()
    living.run_all()
    assert [cell.source for cell in stored] == living.sources()
    different = [
        (cell.source, text(cell.outputs), text(live))
        for cell, live in zip(stored, living.outputs(), strict=True)
        if "nbval-ignore-output" not in cell.metadata.get("tags", [])
        if not same(text(cell.outputs), text(live))
        or pictures(cell.outputs) > pictures(live) + len(living.widgets(live))
    ]
    assert different == []
    living.at_rest()
    living.assert_quiet()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_runs_to_the_stored_outputs(chapter, book, new_page):
    page = new_page()
    run_to_the_stored_outputs(chapter, book, page)
    assert violations(page) == []


@pytest.mark.browsers("firefox")
@pytest.mark.parametrize("chapter", ["1-numbers/no-limit.ipynb", "2-diagnosis/softmax.ipynb"])
def test_some_run_to_the_stored_outputs_in_another_browser(chapter, book, new_page):
    run_to_the_stored_outputs(chapter, book, new_page())
