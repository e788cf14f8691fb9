"""What the preflight finds in a submission, what it mends, and that it leaves good ones alone."""

import threading

import nbformat
import pytest
from classwork import ANSWERS, ASSIGNMENTS, CLASSROOM, SOURCES, read
from course import handed_in
from grading import mending, preflight
from nbformat.v4 import new_code_cell, new_markdown_cell

ASSIGNMENT = "numbers"
CHECK = next(
    cell.id for cell in SOURCES[ASSIGNMENT].cells if cell.metadata.get("nbgrader", {}).get("grade")
)


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
    nbformat.write(notebook, folder / f"{assignment}.ipynb")
    return folder


# Each change to a good submission: what is mended, and what must be looked at.


def add_own_cells(notebook):
    notebook.cells.insert(3, new_code_cell("helper = 1"))
    notebook.cells.append(new_markdown_cell("My notes"))


def delete_material(notebook):
    del notebook.cells[at(notebook, "setup")]


def edit_material(notebook):
    notebook.cells[at(notebook, "setup")].source += "\nimport math"


def delete_answer(notebook):
    del notebook.cells[at(notebook, "length-answer")]


def double_answer(notebook):
    place = at(notebook, "length-answer")
    notebook.cells.insert(place, nbformat.from_dict(notebook.cells[place] | {"id": "copied"}))
    notebook.cells[place].source = "length = None"


def rename_function(notebook):
    cell = notebook.cells[at(notebook, "length-answer")]
    cell.source = cell.source.replace("def length", "def lengths")


def break_syntax(notebook):
    notebook.cells[at(notebook, "length-answer")].source = "def length(a, b, c, d):\nreturn 1"


def leave_python(notebook):
    notebook.cells[at(notebook, "length-answer")].source = "import os\nlength = 1\nos._exit(0)"


def loop(notebook):
    cell = notebook.cells[at(notebook, "length-answer")]
    cell.source = (
        "def length(a, b, c, d):\n    while True:\n        try:\n            pass\n"
        "        except BaseException:\n            pass"
    )


def loop_at_top_level(notebook):
    notebook.cells[at(notebook, "length-answer")].source += "\nwhile True:\n    np.exp(1.0)"


def lose_ids_and_marks(notebook):
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata = {}


def use_magics(notebook):
    notebook.cells.append(new_code_cell("%time 1 + 1\n!true"))


FOUND = [
    (add_own_cells, [], []),
    (use_magics, [], []),
    (delete_material, ["the given cell setup was deleted; put back"], []),
    (edit_material, ["the given cell setup was edited; put back"], []),
    (
        delete_answer,
        ["the answer cell length-answer was missing; put back, empty"],
        ["look for the answer in the original"],
    ),
    (double_answer, ["two cells carry the mark length-answer; the last one counts"], []),
    (
        rename_function,
        [],
        [
            "length-answer does not define length, which its check asks for; it may now be called "
            "lengths."
        ],
    ),
    (break_syntax, [], ["length-answer is not valid Python in line 2"]),
    (leave_python, [], ["Python itself ends in the cell length-answer"]),
    (loop, [], ["the cell length-check does not end within 1.5 seconds", "endless loop in length"]),
    (loop_at_top_level, [], ["length-answer does not end", "for an endless loop there; nbgrader"]),
    (lose_ids_and_marks, ["lost nbgrader's marks"], []),
]


@pytest.mark.parametrize(
    ("change", "mended", "look"), FOUND, ids=lambda case: getattr(case, "__name__", "")
)
def test_found(tmp_path, change, mended, look):
    notebook = solved()
    change(notebook)
    report = preflight.examine(submit(tmp_path, notebook), limit=1.5)
    for sentences, expected in [(report.mended, mended), (report.look, look)]:
        assert bool(sentences) == bool(expected), sentences
        for text in expected:
            assert any(text in sentence for sentence in sentences), sentences
    assert (report.notebook is None) == (not mended)


def test_answers_survive_the_mending(tmp_path):
    notebook = solved()
    answers = {cell.id: cell.source for cell in notebook.cells}
    add_own_cells(notebook)
    lose_ids_and_marks(notebook)
    notebook.cells.insert(2, notebook.cells.pop(9))
    folder = submit(tmp_path, notebook)
    original = (folder / f"{ASSIGNMENT}.ipynb").read_bytes()
    (report,) = preflight.preflight(folder.parents[1], mending=True, limit=20.0)
    mended = nbformat.read(folder / f"{ASSIGNMENT}.ipynb", as_version=4)
    nbformat.validate(mended)
    released = [cell for cell in mended.cells if cell.id in answers]
    assert {cell.id: cell.source for cell in released} == answers
    assert [cell.id for cell in released] == list(answers)
    assert "helper = 1" in [cell.source for cell in mended.cells]
    assert (
        tmp_path / "originals" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    ).read_bytes() == original
    (again,) = preflight.preflight(folder.parents[1], mending=True, limit=20.0)
    assert not again.mended, report.mended


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("right_share", []),
        ("seen", ["does not define seen, which its check asks for; ask the student."]),
    ],
)
def test_names_that_no_check_asks_for_are_the_students_own(tmp_path, name, look):
    """And what the checks define is not what a name may be called now."""
    notebook = read("release", "diagnosis")
    cell = notebook.cells[at(notebook, "accuracy-answer")]
    cell.source = cell.source.replace(name, "another")
    found = preflight.examine(submit(tmp_path, notebook, assignment="diagnosis"), limit=None).look
    assert len(found) == len(look)
    assert all(text in sentence for text, sentence in zip(look, found, strict=True)), found


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_another_style_is_left_alone(tmp_path, assignment):
    notebook = handed_in(assignment, ANSWERS[assignment].OTHER_STYLE)
    report = preflight.examine(submit(tmp_path, notebook, assignment=assignment), limit=None)
    assert (report.mended, report.look) == ([], [])


def test_a_second_original_gets_a_number(tmp_path):
    folder = submit(tmp_path, solved())
    for _ in range(2):
        preflight.keep_original(folder, tmp_path / "originals")
    nbformat.write(read("release", ASSIGNMENT), folder / f"{ASSIGNMENT}.ipynb")
    preflight.keep_original(folder, tmp_path / "originals")
    kept = sorted(path.name for path in (tmp_path / "originals").rglob("*.ipynb"))
    assert kept == [f"{ASSIGNMENT}.2.ipynb", f"{ASSIGNMENT}.ipynb"]


def test_files_and_folders_with_wrong_names(tmp_path):
    folder = submit(tmp_path, solved())
    nbformat.write(solved(), folder / "Copy.ipynb")
    (look,) = preflight.examine(folder, limit=None).look
    assert f"only {ASSIGNMENT}.ipynb is graded, and Copy.ipynb lies beside it" in look
    (look,) = preflight.examine(folder.rename(folder.with_name("number"))).look
    assert "no assignment is called number" in look
    assert ASSIGNMENT in look


def test_one_name_for_two(tmp_path):
    submit(tmp_path, solved(), "ada")
    folder = submit(tmp_path, solved(), "bob")
    reports = preflight.preflight(
        folder.parents[1], known=list((tmp_path / "submitted").glob("*/*"))
    )
    assert [report.look for report in reports] == [
        ["bob wrote the same name, 'Ada Lovelace'; ask both."],
        ["ada wrote the same name, 'Ada Lovelace'; ask both."],
    ]


def test_only_the_main_thread_parses(tmp_path, monkeypatch):
    """In Python 3.11 two threads that parse at once make each other fail, now and then."""
    threads = set()
    parse = mending.plain
    for module in (mending, preflight):
        monkeypatch.setattr(
            module, "plain", lambda text: threads.add(threading.current_thread()) or parse(text)
        )
    submit(tmp_path, solved(), "ada")
    folder = submit(tmp_path, read("release", ASSIGNMENT), "bob")
    preflight.preflight(folder.parents[1])
    assert threads == {threading.main_thread()}


def test_without_repair_nothing_changes(tmp_path, capsys):
    notebook = solved()
    del notebook.cells[at(notebook, CHECK)]
    folder = submit(tmp_path, notebook)
    before = (folder / f"{ASSIGNMENT}.ipynb").read_bytes()
    assert preflight.main([str(folder.parents[1])]) == 1
    said = capsys.readouterr().out
    assert f"--repair mends: the check {CHECK} was deleted" in said
    assert "1 submission: 0 in order, 1 to be mended, 0 to look at" in said
    assert (folder / f"{ASSIGNMENT}.ipynb").read_bytes() == before
    assert preflight.main([str(folder.parents[1]), "--repair"]) == 0
    assert preflight.main([str(folder.parents[1])]) == 0
    assert "1 submission: 1 in order" in capsys.readouterr().out


def test_the_limit_is_that_of_the_grading():
    settings = (CLASSROOM / "nbgrader_config.py").read_text(encoding="utf-8")
    assert f"c.Execute.timeout = {preflight.LIMIT:g}\n" in settings
