"""What the preflight finds in a submission, what it mends, and that it leaves good ones alone."""

import nbformat
import pytest
from classwork import CLASSROOM, SOURCES, read
from grading import preflight
from nbformat.v4 import new_code_cell, new_markdown_cell
from submissions import (
    ASSIGNMENT,
    add_own_cells,
    at,
    in_a_function,
    lose_ids_and_marks,
    name,
    rely_on,
    solved,
    submit,
    use_a_name_from_below,
)

CHECK = next(
    cell.id for cell in SOURCES[ASSIGNMENT].cells if cell.metadata.get("nbgrader", {}).get("grade")
)


# Each change to a good submission: what is mended, and what must be looked at.


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


def answer_after_check(notebook):
    place = at(notebook, "length-answer")
    answer = notebook.cells[place].source
    blank = read("release", ASSIGNMENT)
    notebook.cells[place].source = blank.cells[at(blank, "length-answer")].source
    notebook.cells.insert(at(notebook, "length-general") + 1, new_code_cell(answer))


def merge_answers(notebook):
    answer = notebook.cells.pop(at(notebook, "length-answer"))
    notebook.cells[at(notebook, "predict-answer")].source += "\n\n" + answer.source


def change_line_ends(notebook):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")


def write_half_a_character(notebook):
    notebook.cells.append(new_markdown_cell("a \ud800 b"))


def mark_for_a_thousand(notebook):
    notebook.cells.append(new_code_cell("1000"))
    notebook.cells[-1].metadata["nbgrader"] = {"grade": True, "points": 1000, "grade_id": "bonus"}


def call_it_score(notebook):
    notebook.cells.append(new_code_cell("score = 0.9"))


def take_all_of_numpy(notebook):
    notebook.cells.insert(3, new_code_cell("from numpy import *"))


def call_sys_exit(notebook):
    notebook.cells.append(new_code_cell("import sys\nsys.exit(0)"))


def call_quit(notebook):
    notebook.cells.append(new_code_cell("quit()"))


def leave_a_thread(notebook):
    code = "import threading, time\nthreading.Thread(target=lambda: time.sleep(1e6)).start()"
    notebook.cells.append(new_code_cell(code))


def leave_a_child(notebook):
    code = "import os, time\nif os.f" + "ork() == 0:\n    time.sleep(1e6)"
    notebook.cells.append(new_code_cell(code))


def look_at_the_check(notebook):
    notebook.cells.append(new_code_cell("np.allclose = lambda *a: True\nimport gc; gc.get_objects"))


def use_magics(notebook):
    notebook.cells.append(new_code_cell("%time 1 + 1\n!true"))


def damage_a_check(notebook):
    cell = notebook.cells[at(notebook, "length-check")]
    cell.source = cell.source.replace('"e', '"f', 1)


def write_a_null(notebook):
    notebook.cells.append(new_code_cell("x = 1  # \0"))


def nest_without_end(notebook):
    notebook.cells.append(new_code_cell("x = " + "(" * 1000 + ")" * 1000))


def time_the_answer(notebook):
    cell = notebook.cells[at(notebook, "length-answer")]
    cell.source = f"%%time\n{cell.source}"


def answer_in_markdown(notebook):
    cell = notebook.cells[at(notebook, "length-answer")]
    cell.cell_type, cell.source = "markdown", f"```python\n{cell.source}\n```"
    del cell["outputs"], cell["execution_count"]


def call_them_all(notebook):
    notebook.cells.append(new_code_cell("sum = list = len = 3\nNotYet = 4"))


def use_a_name_of_a_cell_that_stops(notebook):
    rely_on("square = radius**2\n")(notebook)
    notebook.cells.insert(3, new_code_cell("1 / 0\nradius = 2.0", id="mine"))


def use_a_name_that_was_deleted(notebook):
    rely_on("square = radius**2\n")(notebook)
    notebook.cells.insert(3, new_code_cell("radius = 2.0\ndel radius", id="mine"))


def use_a_name_that_is_spelt_otherwise(notebook):
    rely_on("square = radius**2\n")(notebook)
    notebook.cells.insert(3, new_code_cell("radios = 2.0", id="mine"))


def answer_in_a_cell_that_stops(notebook):
    merge_answers(notebook)
    rely_on("square = radius**2\n", "predict-answer")(notebook)


def try_out_a_name(notebook):
    notebook.cells.append(new_code_cell("radius"))


def fail_otherwise(notebook):
    notebook.cells[at(notebook, "length-answer")].source += "\nnp.radius"


def say_name_error(notebook):
    notebook.cells[at(notebook, "length-answer")].source += "\nraise NameError('radius')"


def edit_as_last_term(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.source += "  "
            cell.source = cell.source.replace("globals", "locals")


def keep_two_cells(notebook):
    notebook.cells = [c for c in notebook.cells if c.id in ("student", "setup")]


def forget_all(notebook):
    place = at(notebook, "length-general") + 1
    notebook.cells.insert(place, new_code_cell("%reset -f", id="mine"))


STOPS = "the cell length-answer stops at the name radius (NameError)"

NO_NAME = "is no name in quotes and no number, so the exercises with numbers of one's own earn"

FOUND = [
    (answer_in_markdown, ["the cell length-answer became markdown; turned back"], []),
    (
        call_them_all,
        [],
        ["defines NotYet, len, list, sum, names that the exercise uses as well; the checks keep"],
    ),
    (
        edit_as_last_term,
        ["checks and given cells are not as they were released, as in the notebook of another"],
        [],
    ),
    (
        keep_two_cells,
        ["cells of the release were not there; put back"],
        ["answer cells are missing and nothing looks like them; empty ones are put back"],
    ),
    *(
        (name(f"student = {written}"), [], [f"{written}, {NO_NAME}"])
        for written in ("Ada", "None", "['Ada']", "b'Ada'", "3.5", "True")
    ),
    (name("student = ' '"), [], ["there is no name in the first cell"]),
    *(
        (name(written), [], [])
        for written in (
            "student: str = 'Ada'",
            "%%time\nstudent = 'A' + 'da'",
            "# me\nstudent = 4711\nprint(student)",
        )
    ),
    (damage_a_check, ["the check length-check was edited; put back"], []),
    (write_a_null, [], ["is not valid Python", "null bytes"]),
    (nest_without_end, [], ["is not valid Python", "too many nested parentheses"]),
    (time_the_answer, [], []),
    (add_own_cells, [], []),
    (use_magics, [], []),
    (delete_material, ["the given cell setup was deleted; put back"], []),
    (edit_material, ["the given cell setup was edited; put back"], []),
    (
        delete_answer,
        ["the answer cell length-answer was missing; put back, empty"],
        ["look for the answer in the original"],
    ),
    (
        answer_after_check,
        [],
        ["length is defined after its check length-check, which sees the blank alone"],
    ),
    (merge_answers, ["length-answer is gone, and its answer stands in another cell"], []),
    (change_line_ends, [], []),
    (write_half_a_character, ["there are halves of characters in its text"], []),
    (mark_for_a_thousand, ["the mark bonus, which the release does not have; kept without"], []),
    (call_it_score, [], ["defines score, a name that the exercise uses as well; the checks keep"]),
    (take_all_of_numpy, [], ["holds from numpy import *; see what it is for"]),
    (call_quit, [], ["calls exit() or quit(); the grading goes on after it"]),
    (call_sys_exit, [], ["calls exit() or quit(); the grading goes on after it"]),
    (leave_a_thread, [], []),
    (leave_a_child, [], ["holds fork; see what it is for"]),
    (look_at_the_check, [], ["holds gc.get_, np.allclose; see what it is for"]),
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
    (loop, [], ["the cell length-check does not end within 3 seconds", "endless loop in length"]),
    (loop_at_top_level, [], ["length-answer does not end", "for an endless loop there; nbgrader"]),
    (lose_ids_and_marks, ["lost nbgrader's marks"], []),
    (rely_on("square = radius**2\n"), [], [f"{STOPS}: no cell of the notebook defines it, so its"]),
    (rely_on("print(radius)\nradius = 2\n"), [], [f"{STOPS}: the same cell defines it further"]),
    (rely_on("ε = ρ\n"), [], ["length-answer stops at the name ρ (NameError)"]),
    (use_a_name_from_below, [], [f"{STOPS}: only mine defines it, which stands further"]),
    (use_a_name_of_a_cell_that_stops, [], [f"{STOPS}: mine defines it, but stops with an error"]),
    (use_a_name_that_was_deleted, [], [f"{STOPS}: mine would define it, but has not done so by"]),
    (use_a_name_that_is_spelt_otherwise, [], [f"{STOPS}: no cell", "may now be called radios. W"]),
    (
        answer_in_a_cell_that_stops,
        ["length-answer is gone"],
        ["predict-answer stops at the name radius"],
    ),
    (try_out_a_name, [], []),
    (
        rely_on("import of_my_own.parts\n"),
        [],
        ["length-answer stops at the module of_my_own (ModuleNotFoundError), which is not"],
    ),
    (
        rely_on("text = open('my data.txt').read()\n"),
        [],
        ["length-answer stops at the file my data.txt (FileNotFoundError), which did not"],
    ),
    (
        rely_on("n = int(input('How many? '))\n"),
        [],
        ["length-answer stops at input(), which nobody answers while it is graded"],
    ),
    (
        in_a_function("root(a**2 + c**2)"),
        [],
        ["a function in length-answer asks for the name root, which no cell of the notebook"],
    ),
    (in_a_function("[t for t in [root := 0] if not root][0] + np.hypot(a, c)"), [], []),
    (in_a_function("(lambda root: root**0.5)(a**2 + c**2)"), [], []),
    (rely_on("def use():\n    global ρ\n    ρ = 1\ndef f():\n    return ρ\n"), [], []),
    (forget_all, [], ["mine calls %reset, which forgets what the cells above it defined", "stops"]),
    (fail_otherwise, [], []),
    (say_name_error, [], []),
]


@pytest.mark.parametrize(
    ("change", "mended", "look"), FOUND, ids=lambda case: getattr(case, "__name__", "")
)
def test_found(tmp_path, change, mended, look):
    notebook = solved()
    change(notebook)
    # Of a processor's time: a busy machine does not make a good cell look endless.
    folder = submit(tmp_path, notebook)
    before = [(path.name, path.read_bytes()) for path in tmp_path.rglob("*.ipynb")]
    report = preflight.examine(folder, limit=3.0)
    assert [(path.name, path.read_bytes()) for path in tmp_path.rglob("*.ipynb")] == before
    preflight.compare_names([report])
    for sentences, expected in [(report.mended, mended), (report.look, look)]:
        assert bool(sentences) == bool(expected), sentences
        for text in expected:
            assert any(text in sentence for sentence in sentences), sentences
    assert (report.notebook is None) == (not mended)


def test_a_module_of_the_students_own_lies_beside_the_notebook(tmp_path):
    notebook = solved()
    rely_on("from my_own import plus\n")(notebook)
    folder = submit(tmp_path, notebook)
    (folder / "my_own.py").write_text("def plus(x):\n    return x + 1\n", encoding="utf-8")
    assert preflight.examine(folder, limit=3.0).look == []


def test_a_second_original_gets_a_number(tmp_path):
    folder = submit(tmp_path, solved())
    for _ in range(2):
        preflight.keep_original(folder, tmp_path / "originals")
    nbformat.write(read("release", ASSIGNMENT), folder / f"{ASSIGNMENT}.ipynb")
    preflight.keep_original(folder, tmp_path / "originals")
    kept = sorted(path.name for path in (tmp_path / "originals").rglob("*.ipynb"))
    assert kept == [f"{ASSIGNMENT}.2.ipynb", f"{ASSIGNMENT}.ipynb"]


@pytest.mark.parametrize("student", ["a[1]b", "x*y", "ada ", "ada\nlovelace"])
def test_a_name_that_nbgrader_cannot_find_is_said(tmp_path, student):
    report = preflight.examine(submit(tmp_path, solved(), student), limit=None)
    assert "rename" in report.look[0]
    assert repr(student) in report.look[0]
    assert not report.gradable


def test_a_surprise_in_one_notebook_stops_nobody(tmp_path, monkeypatch):
    """Neither while it is looked at nor while it is run."""
    folder = submit(tmp_path, solved())
    for student in ("bob", "cy"):
        submit(tmp_path, solved(), student)
    mended, run = preflight.mend, preflight.check_run

    def surprised(notebook, blank, report):
        if report.student == "bob":
            raise KeyError("never heard of")
        return mended(notebook, blank, report)

    def lost(notebook, folder, limit, report, boxed):
        if report.student == "cy":
            raise OSError("no room")
        return run(notebook, folder, limit, report, boxed)

    monkeypatch.setattr(preflight, "mend", surprised)
    monkeypatch.setattr(preflight, "check_run", lost)
    ada, bob, cy = preflight.preflight(folder.parents[1])
    assert (ada.gradable, bob.gradable, cy.gradable) == (True, False, True)
    assert bob.look[0].startswith("it could not be looked at: KeyError ('never heard of'); open it")
    assert cy.look[0] == "its cells could not be run here: OSError (no room)."


@pytest.mark.parametrize(
    ("stamp", "good"),
    [(b"2026-11-24 11:00:00 UTC", True), (b"some day", False), (b"", False), (b"\xff\xfe", False)],
)
def test_a_time_that_is_none_is_put_aside(tmp_path, stamp, good):
    """Or nbgrader would not grade, and would not say why."""
    folder = submit(tmp_path, solved())
    (folder / "timestamp.txt").write_bytes(stamp)
    (report,) = preflight.preflight(tmp_path / "submitted", mending=True, known=[folder])
    told = "timestamp.txt holds no time, and nbgrader would stop at it; put aside, so nothing says "
    assert report.mended == ([] if good else [f"{told}when this was handed in."])
    assert (folder / "timestamp.txt").exists() == good
    kept = tmp_path / "originals" / "ada" / ASSIGNMENT / "timestamp.txt"
    assert good or kept.read_bytes() == stamp


def test_what_cannot_be_mended_stops_nobody(tmp_path, monkeypatch):
    notebook = solved()
    del notebook.cells[at(notebook, CHECK)]
    for student in ("ada", "bob"):
        submit(tmp_path, notebook, student)
    store = preflight.store

    def full(notebook, path):
        if "ada" in path.parts:
            raise OSError(28, "No space left on device")
        store(notebook, path)

    monkeypatch.setattr(preflight, "store", full)
    folders = list((tmp_path / "submitted").glob("*/*"))
    ada, bob = preflight.preflight(tmp_path / "submitted", mending=True, known=folders)
    assert (ada.gradable, bob.gradable) == (False, True)
    assert ada.look[0] == "it could not be mended here: No space left on device."


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
