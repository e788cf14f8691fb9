"""Submissions of `numbers`, and what students do to them."""

import json

from classwork import SOURCES, read
from nbformat.v4 import new_code_cell, new_markdown_cell

ASSIGNMENT = "numbers"


def solved():
    """The released notebook with the source's answers."""
    answers = {cell.id: cell.source for cell in SOURCES[ASSIGNMENT].cells}
    notebook = read("release", ASSIGNMENT)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.id]
    return notebook


def at(notebook, name):
    return next(i for i, cell in enumerate(notebook.cells) if cell.id == name)


def submit(tmp_path, notebook, student="ada", assignment=ASSIGNMENT):
    folder = tmp_path / "submitted" / student / assignment
    folder.mkdir(parents=True)
    (folder / f"{assignment}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def add_own_cells(notebook):
    notebook.cells.insert(3, new_code_cell("helper = 1"))
    notebook.cells.append(new_markdown_cell("My notes"))


def lose_ids_and_marks(notebook):
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata = {}


def rely_on(source, name="length-answer"):
    """The answer needs what a cell held that is not there, or not there yet."""

    def write(notebook):
        cell = notebook.cells[at(notebook, name)]
        cell.source = source + cell.source

    write.__name__ = f"{name} after {source.strip()}"
    return write


def use_a_name_from_below(notebook):
    rely_on("square = radius**2\n")(notebook)
    notebook.cells.append(new_code_cell("radius = 2.0", id="mine"))


def name(written):
    def write(notebook):
        notebook.cells[at(notebook, "student")].source = written

    write.__name__ = f"name is {written}"
    return write


def in_a_function(root):
    """An answer whose function computes a root like this."""

    def write(notebook):
        cell = notebook.cells[at(notebook, "length-answer")]
        cell.source = cell.source.replace("np.sqrt(a**2 + c**2)", root)
        assert root in cell.source

    write.__name__ = root
    return write
