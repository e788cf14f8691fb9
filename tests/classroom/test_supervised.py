"""What a cell does to its kernel, to the checks and to the disk costs nobody else anything, and
earns nothing.

Each notebook here holds one exercise, so that a kernel has little to do.
"""

import nbformat
import pytest
from grading.judge import seal
from grading.mending import key
from grading.supervised import hold_to_its_result
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade
from supervision import LENGTH, earned, exercise


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (["import threading, time\nthreading.Thread(target=lambda: time.sleep(1e6)).start()"], []),
        (["import os, time\nif os.fork() == 0:\n    time.sleep(1e6)"], []),
        (["import os\nos._exit(0)"], ["quit()", "exit()", "import sys\nsys.exit()"]),
        (["score = 0.9\nchecks = []\nlist = len = any = 3", "from numpy import *"], []),
        (["%reset -f", "import numpy as np"], []),
        (["import io, sys\nsys.stdout = sys.stderr = io.StringIO()\nsys.displayhook = print"], []),
        (["import sys\nsys.stdout.close()\nsys.path.clear()\nsys.setrecursionlimit(80)"], []),
        (["import sys\nsys.modules.pop('numpy')\nsys.modules.pop('dualedu')"], []),
        (["get_ipython().kernel.do_shutdown(True)"], ["get_ipython().kernel.do_shutdown(False)"]),
        (["import logging\nold = np.sqrt", "get_ipython().ast_node_interactivity = 'all'"], []),
    ],
)
def test_an_accident_costs_nobody_anything(tmp_path, first, last):
    """Nor does it keep the grading from its end."""
    marks, said = earned(exercise(*LENGTH, first=first, last=last), tmp_path)
    assert marks == {"length-check": 1.0}, said


NOISY = """\
import logging, sys, warnings
def length(a, b, c, d):
    logging.warning("here")
    warnings.warn("there")
    print("everywhere", file=sys.stderr)
    p = (a * a + c * c) ** 0.5
    return p, (a * b + c * d) / p"""


def test_words_on_stderr_are_no_failure(tmp_path):
    notebook = exercise(*LENGTH, "length-general", answers={"length-answer": NOISY})
    marks, said = earned(notebook, tmp_path)
    assert marks == {"length-check": 1.0, "length-general": 2.0}, said
    assert "everywhere" in said


STUBBORN = """\
def length(a, b, c, d):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass"""


def test_a_loop_that_cannot_be_interrupted_costs_its_own_points(tmp_path):
    cells = "predict-numbers", "predict-answer", "predict-check"
    notebook = exercise(*LENGTH, *cells, answers={"length-answer": STUBBORN})
    # In the order of the notebook, so that the loop comes second.
    marks, said = earned(notebook, tmp_path, limit=2)
    assert marks == {"predict-check": 3.0, "length-check": 0.0}, said
    assert "does not end, and cannot be interrupted" in said


DESTROYS = """\
import pathlib, shutil
for path in pathlib.Path(".").iterdir():
    path.unlink()
pathlib.Path("numbers.ipynb").write_text("gone")
for path in pathlib.Path("..").glob("*/numbers.ipynb"):
    path.write_text("gone")"""


@pytest.fixture(params=["boxed", "in a copy"])
def boxed(request):
    if request.param == "boxed":
        request.getfixturevalue("a_box")
    return request.param == "boxed"


def test_what_was_handed_in_is_out_of_reach(tmp_path, boxed):
    """And a file that was handed in with it can be read."""
    mine, theirs = tmp_path / "ada", tmp_path / "bob"
    for folder in (mine, theirs):
        folder.mkdir()
        nbformat.write(exercise(*LENGTH), folder / "numbers.ipynb")
    (mine / "data.txt").write_text("42", encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    read = "print('read', open('data.txt').read())"
    marks, said = earned(exercise(*LENGTH, first=[read, DESTROYS]), mine, boxed=boxed)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before
    assert marks == {"length-check": 1.0}
    assert "read 42" in said


@pytest.mark.parametrize(
    ("source", "value", "points"), [("x = 1", "None", 2.0), ("1.5", "1.5", 1.5)]
)
def test_a_seal_may_come_in_pieces(source, value, points):
    """As when the kernel sends what is printed in the middle of a line, and a warning between."""
    marks = {"grade": True, "solution": False, "points": 2.0, "cell_type": "code"}
    marks |= {"grade_id": "part", "locked": True, "schema_version": 3, "task": False}
    cell = new_code_cell(source, metadata={"nbgrader": marks})
    said = f"passed\n\n{seal('secret', key(cell), value)} {value}\n"
    for place in range(len(said)):
        pieces = ("stdout", said[:place]), ("stderr", "a warning\n"), ("stdout", said[place:])
        cell.outputs = [new_output("stream", name=name, text=text) for name, text in pieces]
        hold_to_its_result(cell, "secret")
        assert determine_grade(cell)[0] == points, place
        assert "".join(o.get("text", "") for o in cell.outputs) == "passed\na warning\n"
