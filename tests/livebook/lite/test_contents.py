"""The notebooks that JupyterLite gets: code and outputs are kept."""

import logging

import nbformat
from livebook.lite import contents

PAGE = "part/page"


def test_a_notebook_keeps_its_code_and_outputs(book, tmp_path):
    v4 = nbformat.v4
    code = v4.new_code_cell("{eq}`eq-rule`", outputs=[v4.new_output("stream", text="a\nb\n")])
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("{eq}`eq-rule`"), code])
    nbformat.write(notebook, tmp_path / "page.ipynb")
    made = nbformat.reads(contents.notebook(tmp_path / "page.ipynb", PAGE, book).decode(), 4)
    nbformat.validate(made)
    assert made.cells[0].source == "[(2.5)](page.html#equation-eq-rule)"
    assert (made.cells[1].source, made.cells[1].outputs) == (code.source, code.outputs)


def test_a_notebook_that_has_not_run_has_no_numbers(book, tmp_path):
    v4 = nbformat.v4
    outputs = [v4.new_output("execute_result", {"text/plain": "2"}, execution_count=7)]
    cell = v4.new_code_cell("1 + 1", execution_count=7, outputs=outputs)
    nbformat.write(v4.new_notebook(cells=[cell]), tmp_path / "page.ipynb")
    made = nbformat.reads(contents.notebook(tmp_path / "page.ipynb", PAGE, book).decode(), 4)
    nbformat.validate(made)
    assert made.cells[0].execution_count is made.cells[0].outputs[0].execution_count is None
    assert made.cells[0].outputs[0].data == {"text/plain": "2"}


def test_a_notebook_with_what_is_not_known_stays_as_it_is_typed_and_a_warning_says_so(
    book, tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr(logging.getLogger("sphinx"), "propagate", True)
    text = ":::{margin}\nb\n:::"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    nbformat.write(notebook, tmp_path / "page.ipynb")
    made = nbformat.reads(contents.notebook(tmp_path / "page.ipynb", PAGE, book).decode(), 4)
    assert made.cells[0].source == text
    assert f"{PAGE}: JupyterLite cannot show {{margin}}" in caplog.text
