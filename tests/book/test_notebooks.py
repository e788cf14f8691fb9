"""Chapters and solutions are in normal form, and the tool that says so finds what is not."""

import base64

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from thisbook import notebooks

STORED = notebooks.find([notebooks.BOOK, notebooks.EXERCISES])
PNG = base64.b64encode(b"\x89PNG").decode()


def written(path, *cells, **metadata):
    """A notebook file as some editor leaves it."""
    nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
    return path


def executed(*cells):
    """A notebook whose cells ran in order."""
    notebook = new_notebook(cells=list(cells))
    for count, cell in enumerate(notebooks.code_cells(notebook), start=1):
        cell.execution_count = count
    notebook.metadata["dualedu"] = {"executed": notebooks.fingerprint(notebook)}
    return notebook


def problems(path, notebook):
    path.write_text(notebooks.normal_form(notebook), encoding="utf-8")
    return list(notebooks.problems(path))


@pytest.mark.parametrize("path", STORED, ids=notebooks.name)
def test_normal_form(path):
    assert list(notebooks.problems(path)) == []


@pytest.fixture(scope="module")
def renewed(tmp_path_factory):
    """A notebook with everything that varies, executed twice: its path and the two texts."""
    notebooks.isolate()
    path = written(
        tmp_path_factory.mktemp("renewed") / "page.ipynb",
        new_markdown_cell("# A page\n"),
        new_code_cell("print(1)\nprint(2)", execution_count=7, metadata={"scrolled": True}),
        new_code_cell("import ipywidgets\nipywidgets.IntSlider()"),
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception"], "collapsed": False}),
        new_code_cell("  \n"),
        kernelspec={"name": "mine", "display_name": "Mine", "language": "python"},
        colab={"provenance": []},
    )
    texts = []
    for _ in range(2):
        assert notebooks.main([str(path)]) == 0
        texts.append(path.read_text(encoding="utf-8"))
    return path, texts


def test_a_second_run_changes_nothing(renewed):
    _, (first, second) = renewed
    assert first == second


def test_the_result_is_in_normal_form(renewed, capsys):
    path, _ = renewed
    assert notebooks.main(["--check", str(path)]) == 0
    assert "1 notebooks in normal form" in capsys.readouterr().out


def test_an_explorable_is_stored_as_its_picture(tmp_path):
    path = written(
        tmp_path / "page.ipynb",
        new_code_cell("from dualedu.explore import TangentArrow\nTangentArrow()"),
    )
    assert notebooks.main([str(path)]) == 0
    notebook = notebooks.read(path)
    (output,) = notebook.cells[0].outputs
    assert sorted(output.data) == [notebooks.STANDIN, "image/svg+xml", "text/plain"]
    assert "widgets" not in notebook.metadata


def test_cells_are_counted_and_blank_ones_dropped(renewed):
    cells = notebooks.code_cells(notebooks.read(renewed[0]))
    assert [cell.execution_count for cell in cells] == [1, 2, 3]


def test_only_metadata_that_matters_is_kept(renewed):
    notebook = notebooks.read(renewed[0])
    assert sorted(notebook.metadata) == ["dualedu", "kernelspec", "language_info", "widgets"]
    assert notebook.metadata.kernelspec.name == "python3"
    assert [dict(c.metadata) for c in notebook.cells if c.metadata] == [
        {"tags": ["raises-exception"]}
    ]


def test_outputs_are_stored_plainly(renewed):
    printed, slider, error = (c.outputs for c in notebooks.code_cells(notebooks.read(renewed[0])))
    assert [o.text for o in printed] == ["1\n2\n"]
    model = slider[0].data["application/vnd.jupyter.widget-view+json"]["model_id"]
    state = notebooks.read(renewed[0]).metadata.widgets[notebooks.WIDGET_STATE]["state"]
    assert model in state
    assert sorted(state) == [f"{n:032x}" for n in range(1, len(state) + 1)]
    assert "division by zero" in error[0].traceback[-1]
    assert "line 1" not in "".join(error[0].traceback)


def test_stale_is_edited_code_not_edited_prose(renewed, tmp_path, capsys):
    def edit(kind, source):
        notebook = notebooks.read(renewed[0])
        next(c for c in notebook.cells if c.cell_type == kind).source = source
        (tmp_path / "page.ipynb").write_text(notebooks.normal_form(notebook), encoding="utf-8")
        return notebook

    assert not notebooks.is_stale(edit("markdown", "# Another title"))
    assert notebooks.main(["--stale", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    assert notebooks.is_stale(edit("code", "print(3)"))
    assert notebooks.main(["--stale", str(tmp_path)]) == 0
    assert "page.ipynb: changed" in capsys.readouterr().out
    assert notebooks.code_cells(notebooks.read(tmp_path / "page.ipynb"))[0].outputs[0].text == "3\n"


def test_a_failing_notebook_stays_as_it_was_and_others_get_their_turn(tmp_path, capsys):
    notebooks.isolate()
    bad = written(tmp_path / "a.ipynb", new_code_cell("raise ValueError('seed 3')"))
    before = bad.read_bytes()
    good = written(tmp_path / "b.ipynb", new_code_cell("print('b')"))
    assert notebooks.main([str(tmp_path)]) == 1
    assert bad.read_bytes() == before
    assert "seed 3" in capsys.readouterr().err
    assert list(notebooks.problems(good)) == []


def test_a_path_that_is_not_there(tmp_path, capsys):
    with pytest.raises(SystemExit):
        notebooks.main([str(tmp_path / "none.ipynb")])
    assert "none.ipynb: no such notebook or folder" in capsys.readouterr().err


def test_a_good_notebook_has_no_problem(tmp_path):
    notebook = executed(new_markdown_cell("# A"), new_code_cell("1"))
    assert problems(tmp_path / "a.ipynb", notebook) == []


def test_a_notebook_never_executed(tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    found = problems(path, new_notebook(cells=[new_code_cell("x = 1")]))
    assert len(found) == 2
    assert "since it was last executed" in found[0]
    assert found[1].startswith("code cell 1 (x = 1) has execution count None")
    assert notebooks.main(["--check", str(path)]) == 1
    assert "make notebooks" in capsys.readouterr().out


def test_a_file_an_editor_wrote(tmp_path):
    path = written(tmp_path / "a.ipynb", *executed(new_code_cell("1")).cells, toc={"base": 1})
    assert "is not in normal form" in notebooks.problems(path)


@pytest.mark.parametrize(
    ("given", "kept"),
    [(("first", "second"), (True, True)), (("first", "first"), (True, False)), ((None, None), ())],
)
def test_ids_stay_and_are_unique(given, kept):
    notebook = new_notebook(cells=[new_code_cell("x"), new_code_cell("x")])
    for cell, name in zip(notebook.cells, given, strict=True):
        del cell["id"]
        if name:
            cell.id = name
    texts = {notebooks.normal_form(notebook) for _ in range(2)}
    assert len(texts) == 1
    ids = [cell.id for cell in nbformat.reads(texts.pop(), as_version=4).cells]
    assert len(set(ids)) == 2
    for name, before, stays in zip(ids, given, kept, strict=False):
        assert (name == before) == stays


@pytest.mark.parametrize(
    ("output", "metadata", "problem"),
    [
        (new_output("error", ename="KeyError", evalue="k", traceback=[]), {}, "ends in KeyError"),
        (
            new_output("error", ename="KeyError", evalue="k", traceback=[]),
            {"tags": ["raises-exception"]},
            None,
        ),
        (new_output("stream", name="stderr", text="99%"), {}, "writes to stderr"),
        (new_output("stream", name="stdout", text="99%"), {}, None),
        (new_output("stream", name="stdout", text="/home/ada/x.py"), {}, "path of the machine"),
        (new_output("stream", name="stdout", text="C:\\Users\\ada"), {}, "path of the machine"),
        (new_output("stream", name="stdout", text="Result A:\n1"), {}, None),
        (
            new_output("execute_result", data={"text/plain": "<f at 0x7f3a20b1c0d0>"}),
            {},
            "address in memory",
        ),
        (new_output("display_data", data={"image/png": PNG}), {}, "without alternative text"),
        (
            new_output("display_data", data={"image/png": PNG}),
            {"mystnb": {"image": {"alt": "  "}}},
            "without alternative text",
        ),
        (
            new_output("display_data", data={"image/png": PNG}),
            {"mystnb": {"image": {"alt": "A curve."}}},
            None,
        ),
        (
            new_output("display_data", data={"image/svg+xml": "<!-- https://matplotlib.org/ -->"}),
            {"mystnb": {"image": {"alt": "A curve."}}},
            "matplotlib figure as SVG",
        ),
    ],
)
def test_what_a_cell_must_not_show(tmp_path, output, metadata, problem):
    notebook = executed(new_code_cell("f()", metadata=metadata, outputs=[output]))
    found = problems(tmp_path / "a.ipynb", notebook)
    assert len(found) == (problem is not None)
    if problem:
        assert problem in found[0]


def test_sizes_of_pictures_are_kept():
    output = new_output(
        "display_data",
        data={"image/png": PNG},
        metadata={"image/png": {"width": 300, "height": 200}, "needs_background": "light"},
    )
    notebook = nbformat.reads(
        notebooks.normal_form(executed(new_code_cell("f()", outputs=[output]))), as_version=4
    )
    (stored,) = notebook.cells[0].outputs
    assert stored.metadata == {"image/png": {"width": 300, "height": 200}}
