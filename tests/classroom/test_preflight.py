"""What the preflight finds in a submission, what it mends, and that it leaves good ones alone."""

import json
import os
import threading
import zipfile
from inspect import signature

import nbformat
import pytest
from classwork import ANSWERS, ASSIGNMENTS, CLASSROOM, SOURCES, read
from course import handed_in
from grading import findings, mending, places, preflight, trial
from grading.grade import is_graded
from grading.letters import letter
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
    (folder / f"{assignment}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
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


def lose_ids_and_marks(notebook):
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata = {}


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


@pytest.mark.parametrize(
    ("written", "text"),
    [("...", "first cell"), ("Ada", "first cell"), ("Ada Lovelace", "student is not valid Python")],
)
def test_without_a_name_in_the_first_cell_that_alone_is_said(tmp_path, written, text):
    """Their own numbers are missing then, and each answer that uses them stops at their names."""
    notebook = solved()
    name(f"student = {written}")(notebook)
    report = preflight.examine(submit(tmp_path, notebook), limit=20.0)
    preflight.compare_names([report])
    assert len(report.look) == 1
    assert text in report.look[0]


def test_an_answer_that_stops_at_a_name_is_said_to_its_student(tmp_path):
    notebook = solved()
    use_a_name_from_below(notebook)
    text = letter(preflight.examine(submit(tmp_path, notebook), limit=20.0))
    assert "The cell length-answer asks for the name radius" in text
    assert "only mine defines it, which stands further down. Restart the kernel" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import of_my_own", "needs the module of_my_own, which is not there where it is graded"),
        ("open('my data.txt')", "reads the file my data.txt, which did not come with your"),
        ("n = input()", "asks with input(), and nobody answers while it is graded"),
        ("%reset -f", "calls %reset, which forgets what the cells above it defined. Please"),
    ],
)
def test_what_an_answer_lacks_is_said_to_its_student(tmp_path, line, said):
    notebook = solved()
    rely_on(f"{line}\n")(notebook)
    text = letter(preflight.examine(submit(tmp_path, notebook), limit=20.0))
    assert f"The cell length-answer {said}" in text
    assert not text.count("None")


def test_a_function_that_lacks_a_name_is_said_to_its_student(tmp_path):
    notebook = solved()
    in_a_function("radical(a**2 + c**2)")(notebook)
    text = letter(preflight.examine(submit(tmp_path, notebook), limit=None))
    assert "A function in length-answer asks for the name radical, which no cell of your" in text


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
    folder.rename(folder.with_name("number"))
    (stray,) = places.strays(tmp_path / "submitted", places.RELEASE)
    assert "no assignment is called number" in stray
    assert "rename the folder to numbers" in stray


STRAYS = {
    "numbers.ipynb": "numbers.ipynb lies in no student's folder; move it to <student>/numbers/.",
    "ada/numbers.ipynb": "ada/numbers.ipynb lies in no assignment's folder; move it to "
    "ada/numbers/.",
    "ada/numbers (2).zip": "ada/numbers (2).zip lies in no assignment's folder; move it to "
    "ada/numbers/.",
    "numbers/ada/numbers.ipynb": "numbers/ada/numbers.ipynb lies in a folder called as the "
    "assignment, but the student's folder comes first; move it to ada/numbers/.",
    "ada/Numbers/numbers.ipynb": "no assignment is called Numbers, so nothing in ada/Numbers is "
    "graded; rename the folder to numbers.",
    "ada/homework/1.ipynb": "no assignment is called homework, so nothing in ada/homework is "
    "graded; rename the folder to one of these: chapters, diagnosis, digits, further, numbers.",
    "ada/numbers/numbers.ipynb": None,
    "numbers/numbers/numbers.ipynb": None,
    "__MACOSX/numbers/numbers.ipynb": None,
    ".ipynb_checkpoints/numbers.ipynb": None,
    "ada/numbers/.ipynb_checkpoints/numbers-checkpoint.ipynb": None,
}


@pytest.mark.parametrize("path", STRAYS)
def test_nobody_is_lost_in_a_wrong_folder(tmp_path, path):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(solved(), file)
    said = places.strays(tmp_path, places.RELEASE)
    assert said == ([STRAYS[path]] if STRAYS[path] else [])
    if said:
        assert preflight.main([str(tmp_path)]) == 1


NO_NOTEBOOKS = {
    "{}": "it is data (JSON), but there are no cells in it",
    "[]": "it is data (JSON), but there are no cells in it",
    "null": "it is data (JSON), but there are no cells in it",
    '"text"': "it is data (JSON), but there are no cells in it",
    '{"cells": 1}': "it is data (JSON), but there are no cells in it",
    '{"cells": [1], "nbformat": 4}': "its cells are not those of a notebook",
    '{"cells": [{}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}': "its cells are not",
    '{"cells": [], "nbformat": 99, "nbformat_minor": 5, "metadata": {}}': "its cells are not",
    '{"cells": [': "it is a text, but not that of a notebook, or not all of it",
    "[" * 100_000: "its lists stand one in another without end",
    "": "it is empty",
    "  \n": "it is empty",
    "<!DOCTYPE html>": "it is a web page, and not the notebook itself",
    "%PDF-1.7": "it is a PDF, and not the notebook itself",
    "PK\x03\x04": "it is an archive, and not the notebook itself",
    "Rar!": "it is an archive, and not the notebook itself",
    '{"cells": [], "nbformat": 4}\n}': "it goes on where a notebook ends, as if",
    '{"cells": [' + "[" * 900 + "]" * 900 + "]}": "its lists stand one in another without end",
    "print('hello')": "it is a text, but not that of a notebook",
    '{\n<<<<<<< HEAD\n"cells": [],\n=======\n"cells"': "two versions were merged, and",
    "\0\0\0\0": "it is a text, but not that of a notebook",
}


@pytest.mark.parametrize("content", NO_NOTEBOOKS, ids=lambda text: text[:20])
def test_what_is_no_notebook_is_called_what_it_is(tmp_path, content):
    folder = submit(tmp_path, solved())
    (folder / "numbers.ipynb").write_text(content, encoding="utf-8")
    report = preflight.examine(folder)
    assert not report.gradable
    (look,) = report.look
    assert look.startswith(f"numbers.ipynb cannot be read as a notebook: {NO_NOTEBOOKS[content]}")
    assert look.endswith("; ask for it again.")
    assert not is_graded(folder / "numbers.ipynb", folder / "numbers.ipynb")


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


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("numbers/numbers.ipynb", "but numbers/numbers.ipynb; move it up."),
        ("numbers.zip", "but one in numbers.zip; unpack it."),
        ("NUMBERS.ZIP", "but one in NUMBERS.ZIP; unpack it."),
        ("broken.zip", "but broken.zip, which is no archive or not all of one; unpack it."),
        ("notes.txt", "there is no numbers.ipynb in the folder, but notes.txt; ask for it."),
        ("numbers.html", "there is no numbers.ipynb in the folder, but numbers.html; ask for it."),
        ("._numbers.ipynb", "there is no numbers.ipynb in the folder; ask for it."),
    ],
)
def test_a_notebook_that_is_deeper_is_found(tmp_path, inside, told):
    folder = submit(tmp_path, solved())
    text = (folder / "numbers.ipynb").read_text(encoding="utf-8")
    (folder / "numbers.ipynb").unlink()
    path = folder / inside
    path.parent.mkdir(exist_ok=True)
    if inside.casefold() == "numbers.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("my/Numbers.IPYNB", text)
    else:
        path.write_text(text, encoding="utf-8")
    (look,) = preflight.examine(folder, limit=None).look
    assert look.endswith(told)


@pytest.mark.parametrize(
    "called", ["numbers.ipynb.txt", "Numbers.IPYNB", "numbers.json", "my\nnumbers.ipynb"]
)
def test_a_notebook_under_another_name_is_taken(tmp_path, called):
    """What macOS puts beside it, and a copy that is the same, do not count."""
    folder = submit(tmp_path, solved())
    text = (folder / "numbers.ipynb").read_bytes()
    (folder / "numbers.ipynb").rename(folder / called)
    (folder / "._numbers.ipynb").write_bytes(b"\0\5\x16\7Mac OS X")
    report = preflight.examine(folder, limit=None)
    assert report.look == []
    (mended,) = report.mended
    assert mended == (
        f"the notebook is called {' '.join(called.split())}, and nbgrader grades numbers.ipynb "
        "alone; renamed."
    )
    preflight.repair(report, folder, tmp_path / "originals")
    assert (tmp_path / "originals" / "ada" / "numbers" / called).read_bytes() == text
    assert sorted(path.name for path in folder.iterdir()) == ["._numbers.ipynb", "numbers.ipynb"]
    (folder / "numbers (1).ipynb").write_bytes((folder / "numbers.ipynb").read_bytes())
    report = preflight.examine(folder, limit=None)
    assert (report.mended, report.look) == ([], [])


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


@pytest.mark.parametrize("cells", [[], [new_code_cell("")], [new_code_cell("x = 1")]])
def test_a_notebook_without_anything_of_the_assignment_is_not_graded(tmp_path, cells):
    notebook = nbformat.v4.new_notebook(cells=cells)
    report = preflight.examine(submit(tmp_path, notebook))
    assert report.look == ["there is nothing of numbers in this notebook; ask for it again."]
    assert (report.mended, report.gradable) == ([], False)


@pytest.mark.parametrize("other", sorted(set(ASSIGNMENTS) - {ASSIGNMENT}))
@pytest.mark.parametrize("change", [lambda notebook: None, lose_ids_and_marks])
def test_the_notebook_of_another_assignment_is_not_graded(tmp_path, other, change):
    notebook = handed_in(other)
    change(notebook)
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == [f"this is the notebook of {other}; ask for that of {ASSIGNMENT}."]
    assert (report.mended, report.gradable) == ([], False)


@pytest.mark.parametrize("student", ["a[1]b", "x*y", "ada ", "ada\nlovelace"])
def test_a_name_that_nbgrader_cannot_find_is_said(tmp_path, student):
    report = preflight.examine(submit(tmp_path, solved(), student), limit=None)
    assert "rename" in report.look[0]
    assert repr(student) in report.look[0]
    assert not report.gradable


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
    for module in (mending, findings):
        monkeypatch.setattr(
            module, "plain", lambda text: threads.add(threading.current_thread()) or parse(text)
        )
    submit(tmp_path, solved(), "ada")
    folder = submit(tmp_path, read("release", ASSIGNMENT), "bob")
    preflight.preflight(folder.parents[1])
    assert threads == {threading.main_thread()}


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


def test_what_is_no_file_is_not_copied(tmp_path):
    """And stops nobody: such as a pipe, or a link that leads nowhere, or round in a circle."""
    folder = submit(tmp_path, solved())
    (folder / "data.txt").write_text("42", encoding="utf-8")
    (folder / "round").symlink_to("..")
    (folder / "gone").symlink_to("nowhere")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
    trial.copy_all(folder, tmp_path / "copy")
    copied = sorted(path.name for path in (tmp_path / "copy").iterdir())
    assert copied == ["data.txt", "numbers.ipynb"]
    assert preflight.examine(folder, limit=20.0).look == []


@pytest.mark.parametrize("mark", [True, ["length-answer"], {"grade_id": 7}, {"grade_id": ["x"]}])
def test_a_mark_that_is_none_is_made_anew(tmp_path, mark):
    notebook = solved()
    notebook.cells[at(notebook, "length-answer")].metadata["nbgrader"] = mark
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == []
    assert "1 cell lost nbgrader's marks" in report.mended[0]


def test_two_notebooks_in_one_are_two_sentences(tmp_path):
    """And not one for each cell; what was given is nobody's own definition."""
    notebook = json.loads(json.dumps(solved()))
    notebook["cells"] *= 2
    report = preflight.examine(submit(tmp_path, notebook), limit=None)
    assert report.look == []
    assert "26 cells carry a mark that a later cell carries, too" in report.mended[-1]


def make_pipe(path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes among its files")
    os.mkfifo(path)


def make_link(path):
    path.symlink_to(CLASSROOM / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")


NO_FILES = {
    "a pipe or the like,": make_pipe,
    "a link": make_link,
    "a folder": os.mkdir,
}


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("called", ["numbers.ipynb", "My numbers.ipynb", "numbers.zip"])
def test_what_is_no_file_is_no_notebook(tmp_path, called, kind):
    """Nobody waits at a pipe, and a link does not hand in the solutions."""
    folder = tmp_path / "submitted" / "ada" / ASSIGNMENT
    folder.mkdir(parents=True)
    NO_FILES[kind](folder / called)
    report = preflight.examine(folder, limit=None)
    assert report.look == [
        f"there is no numbers.ipynb in the folder, but {kind} {called}; ask for it."
    ]
    assert (report.mended, report.gradable) == ([], False)
    assert not is_graded(folder / called, folder / called) or kind == "a link"


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_left_out(tmp_path, kind):
    """nbgrader copies what lies beside a notebook: behind a link, the solutions."""
    folder = submit(tmp_path, solved())
    NO_FILES[kind](folder / "more.ipynb")
    (folder / "data").mkdir()
    NO_FILES[kind](folder / "data" / "more.txt")
    report = preflight.examine(folder, limit=None)
    told = [
        "links, pipes and the like are no files of their own, and are left out of the grading: "
        "more.ipynb, data/more.txt."
    ]
    left = kind == "a folder"
    assert (report.mended, report.look) == ([] if left else told, [])
    preflight.preflight(tmp_path / "submitted", mending=True, known=[folder])
    assert (folder / "more.ipynb").exists() == (folder / "data" / "more.txt").exists() == left
    assert (folder / "numbers.ipynb").is_file()


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
