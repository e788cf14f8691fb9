"""What the chapters promise in words: forty lines are forty, and every solution on a page runs."""

import contextlib
import io
import re
from pathlib import Path

import matplotlib
import nbformat
import pytest

BOOK = Path(__file__).parents[1] / "book"
SOLUTION = re.compile(r"^:::\{solution\} (\S+)$(.*?)^:::$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def solutions(path):
    prose = "\n\n".join(cell.source for cell in cells(path, "markdown"))
    return [(name, code) for name, text in SOLUTION.findall(prose) for code in CODE.findall(text)]


# Where nothing is trained: elsewhere the cells that a solution builds on take minutes to run again.
PARTS = ("1-numbers", "4-further")
CHAPTERS = [p for part in PARTS for p in sorted((BOOK / part).glob("*.ipynb")) if solutions(p)]

RAISES = {"ex-confusion-guard": RuntimeError}
"""Solutions whose last line shows an error."""


def test_forty_lines():
    path = BOOK / "1-numbers" / "dual-from-scratch.ipynb"
    (listing,) = [cell.source for cell in cells(path, "code") if cell.id == "forty-code"]
    assert sum(bool(line.strip()) for line in listing.splitlines()) == 40


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_solutions_run(path):
    matplotlib.use("agg")
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells(path, "code"):
            fails = "raises-exception" in cell.metadata.get("tags", [])
            with contextlib.suppress(Exception) if fails else contextlib.nullcontext():
                exec(compile(cell.source, cell.id, "exec"), names)
    for exercise, code in solutions(path):
        printed = io.StringIO()
        error = RAISES.get(exercise)
        outcome = pytest.raises(error) if error else contextlib.nullcontext()
        with contextlib.redirect_stdout(printed), outcome:
            exec(compile(code, exercise, "exec"), names)
        assert "FAIL" not in printed.getvalue(), f"{exercise}\n{printed.getvalue()}"
