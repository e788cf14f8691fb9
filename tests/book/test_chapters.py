"""What the chapters promise in words: forty lines are forty, and every solution on a page runs."""

import contextlib
import io
import re
from itertools import pairwise

import nbformat
import pytest
from chapters import BOOK, CODE, cells, run

SOLUTION = re.compile(r"^:::\{solution\} (\S+)$(.*?)^:::$", re.MULTILINE | re.DOTALL)


def solutions(path):
    prose = "\n\n".join(cell.source for cell in cells(path, "markdown"))
    return [(name, code) for name, text in SOLUTION.findall(prose) for code in CODE.findall(text)]


CHAPTERS = [p for p in sorted(BOOK.glob("[0-9]-*/*.ipynb")) if solutions(p)]

RAISES = {"ex-confusion-guard": RuntimeError}
"""Solutions whose last line shows an error."""

SHOWS = {
    "ex-algebra-letters": "array([1., 3., 3., 6.])",
    "ex-arrays-variance": "True",
    "ex-arrays-inverse": "True False",
    "ex-arrays-softmax": "True\nFalse",
    "ex-directions-blind": "0.0\n0.0\n0.0",
    "ex-directions-sparse": "True",
    "ex-forty-repairs": "(0.0, 0.0)",
    "ex-small-pixels": "89.0\n796.0",
    "ex-softmax-invariant": "(np.True_, np.True_)",
    "ex-softmax-other": "0\n0\n2\n3\n6\n6",
    "ex-exact-softmax": "True",
    "ex-exact-dense": "1.6 runs",
    "ex-modes-pixels": "787\n11",
    "ex-random-zeros": "True",
    "ex-chance-die": "3.5 2.92 7.0 5.83",
    "ex-chance-scatter": "True",
    "ex-network-linear": "True",
    "ex-workers-late": "True\n9600 bytes of messages\n3880 bytes of weights",
}
"""The end of what a solution shows, where the text beside it says so."""


def test_forty_lines():
    path = BOOK / "1-numbers" / "dual-from-scratch.ipynb"
    (listing,) = [cell.source for cell in cells(path, "code") if cell.id == "forty-code"]
    assert sum(bool(line.strip()) for line in listing.splitlines()) == 40


LISTINGS = {
    "forty-code": "a class of forty lines",
    "code": "the student's notebook, whole",
    "worker-code": "a class",
}
"""Visible cells that are long because what they show is to be read as a whole."""


@pytest.mark.parametrize("path", sorted(BOOK.glob("[0-9]-*/*.ipynb")), ids=lambda path: path.stem)
def test_a_cell_that_is_seen_has_at_most_fifteen_lines(path):
    seen = [c for c in cells(path, "code") if "hide-input" not in c.metadata.get("tags", [])]
    lengths = {c.id: sum(bool(line.strip()) for line in c.source.splitlines()) for c in seen}
    assert {name for name, lines in lengths.items() if lines > 15} <= set(LISTINGS)


def test_every_shown_solution_is_on_a_page():
    assert set(SHOWS) | set(RAISES) <= {name for path in CHAPTERS for name, _ in solutions(path)}


def test_no_answer_stands_open_below_its_prediction():
    asked = [
        code
        for path in CHAPTERS
        for question, code in pairwise(nbformat.read(path, as_version=4).cells)
        if code.get("outputs") and "before you run the" in question.source.lower()
    ]
    assert len(asked) >= 8
    assert [c.source for c in asked if "hide-output" not in c.metadata.get("tags", [])] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_solutions_run(path, page):
    names = page(path)
    for exercise, code in solutions(path):
        printed = io.StringIO()
        error = RAISES.get(exercise)
        outcome = pytest.raises(error) if error else contextlib.nullcontext()
        with contextlib.redirect_stdout(printed), outcome:
            run(code, exercise, names)
        shown = printed.getvalue().strip()
        assert "FAIL" not in shown, f"{exercise}\n{shown}"
        assert shown.endswith(SHOWS.get(exercise, "")), f"{exercise}\n{shown}"
