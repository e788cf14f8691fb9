"""Notebooks as other programs store them: encodings, forms of cells, line ends."""

import json
from inspect import signature

import nbformat
import pytest
from grading import preflight
from submissions import solved, submit


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8-sig", "UTF-8 with a mark (BOM)"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
def test_a_notebook_in_another_encoding_is_mended(tmp_path, encoding, told):
    folder = submit(tmp_path, solved())
    path = folder / "numbers.ipynb"
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    report = preflight.examine(folder, limit=None)
    assert report.mended == [f"the file was stored in {told}; stored in UTF-8, as notebooks are."]
    preflight.repair(report, folder, tmp_path / "originals")
    assert nbformat.read(path, as_version=4).cells[0].source == solved().cells[0].source
    assert preflight.examine(folder, limit=None).mended == []


def no_metadata(cell):
    del cell["metadata"]


def a_number_for_an_id(cell):
    cell["id"] = 7


def a_long_id(cell):
    cell["id"] = f"cell ü {'x' * 80}"


def an_old_output(cell):
    cell["outputs"] = [{"output_type": "pyout", "text": "3"}]


def a_count_in_quotes(cell):
    cell["execution_count"] = "7"


def a_key_of_its_own(cell):
    cell["language"] = "python"


def a_kernel_in_a_word(cell, notebook):
    notebook["metadata"]["kernelspec"] = "python3"


def a_cell_that_is_nothing(cell, notebook):
    notebook["cells"].insert(3, None)


@pytest.mark.parametrize(
    "change",
    [
        no_metadata,
        a_number_for_an_id,
        a_long_id,
        an_old_output,
        a_count_in_quotes,
        a_key_of_its_own,
        a_kernel_in_a_word,
        a_cell_that_is_nothing,
    ],
)
def test_cells_in_another_form_are_brought_into_that_of_jupyter(tmp_path, change):
    notebook = json.loads(json.dumps(solved()))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    change(*[cell, notebook][: len(signature(change).parameters)])
    notebook["cells"].append({"cell_type": "sql", "source": "SELECT 1"})
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == []
    assert "its cells were not in the form that Jupyter stores; brought" in report.mended[0]
    theirs = {cell.source for cell in report.notebook.cells}
    assert {cell["source"] for cell in filter(None, notebook["cells"])} <= theirs


def test_ids_in_an_older_format_are_kept(tmp_path):
    """As VS Code writes them."""
    notebook = solved()
    notebook.nbformat_minor = 2
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == []
    assert [cell.id for cell in report.notebook.cells] == [cell.id for cell in notebook.cells]


def test_lines_without_their_ends_stand_one_below_the_other(tmp_path):
    notebook = json.loads(json.dumps(solved()))
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines()
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == []
    assert report.mended == [
        "the lines of a cell stood without their ends; put one below the other."
    ]
    assert [c.source for c in report.notebook.cells] == [c.source for c in solved().cells]
