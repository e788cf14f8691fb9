"""Every numeral in the prose of a chapter has a source, and rounds from it."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from thisbook import numerals


@pytest.mark.parametrize("path", numerals.chapters(), ids=lambda path: path.stem)
def test_every_numeral_of_a_chapter_has_a_source(path):
    notebook = nbformat.read(path, as_version=4)
    findings = list(numerals.examine(notebook))
    assert len(findings) > 10
    assert [f"{f.cell}: {f.numeral.written}" for f in findings if not f.source] == []
    assert list(numerals.unused(notebook)) == []


def without_source(prose, output="", code="pass", **given):
    run = new_code_cell(code, outputs=[new_output("stream", text=output)] if output else [])
    text = new_markdown_cell(prose, metadata={"given": given.get("given", {})})
    found = numerals.examine(new_notebook(cells=[run, text]))
    return [f.numeral.written for f in found if not f.source]


@pytest.mark.parametrize(
    ("prose", "output"),
    [
        ("It falls to 2.31.", "2.30702"),
        ("It falls to $2.31$, which is 31 %.", "2.307 0.3052"),
        ("about 40 of them", "41"),
        ("10,000 images, $10{,}000$ and $7\\,000\\,000$", "1e4 7000000"),
        ("at most $1.6 \\cdot 10^{-7}$, near $10^{-8}$", "1.58e-07 1e-8"),
        ("in `float64`, $x^2$, $W_{12}$ and {eq}`eq-12`", "1"),
        ("see [there](page-99.ipynb)", "1"),
    ],
)
def test_a_numeral_that_rounds_from_an_output_is_covered(prose, output):
    assert without_source(prose, output) == []


@pytest.mark.parametrize(
    ("prose", "output", "missed"),
    [
        ("It falls to 2.32.", "2.30702", "2.32"),
        ("It falls to $2.3$.", "2.36", "2.3"),
        ("32 % are right", "0.3052", "32"),
        ("about 50 of them", "41", "50"),
        ("at most $1.6 \\cdot 10^{-7}$", "1.6e-8", "1.6 \\cdot 10^{-7}"),
    ],
)
def test_a_numeral_that_does_not_is_found(prose, output, missed):
    assert without_source(prose, output) == [missed]


def test_an_output_further_down_is_no_source():
    cells = [new_markdown_cell("It will be 77."), new_code_cell("", outputs=[])]
    cells[1].outputs = [new_output("stream", text="77")]
    (finding,) = numerals.examine(new_notebook(cells=cells))
    assert finding.source == ""


@pytest.mark.parametrize(
    ("reason", "covered"),
    [("577 / 10", True), ("587 / 10", False), ("a year", True), ("mnist_full.json", False)],
)
def test_what_is_given_is_computed_or_said(reason, covered):
    assert (without_source("It is 57.7 here.", given={"57.7": reason}) == []) is covered


def test_a_given_number_that_nobody_writes_is_found():
    cell = new_markdown_cell("Nothing here.", metadata={"given": {"12": "a dozen"}})
    (entry,) = numerals.unused(new_notebook(cells=[cell]))
    assert entry.endswith(": 12")


def test_the_numbers_of_an_exercise_are_its_own_and_those_of_its_solution():
    asked = ":::{exercise} Small\n:label: ex-a\n\nTake 17 of 23.\n:::\n\n"
    solved = ":::{solution} ex-a\n\n$17$ of 23, so 6 are left over, and 99 are not.\n:::\n"
    assert without_source(asked + solved, code="6") == ["99"]
