"""What a cell does to its kernel, to the checks and to the disk costs nobody else anything, and
earns nothing.

Each notebook here holds one exercise, so that a kernel has little to do.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pytest
import untested
from classwork import CLASSROOM, SOURCES, is_check, points
from course import handed_in
from grading import box
from grading.supervised import Supervised
from nbformat.v4 import new_code_cell
from nbgrader.utils import determine_grade

LIMIT = 8
"""Seconds for a cell."""


def exercise(*names, answers=None, first=(), last=()):
    """The solved notebook of `numbers` with these cells alone, and cells of the student's own."""
    notebook = handed_in("numbers", answers)
    checks = {c.id: c.source for c in SOURCES["numbers"].cells}
    notebook.cells = [c for c in notebook.cells if c.id in ("student", "setup", *names)]
    for cell in notebook.cells:
        if is_check(cell):
            cell.source = checks[cell.id]
    own = [[new_code_cell(source) for source in sources] for sources in (first, last)]
    notebook.cells = [*notebook.cells[:2], *own[0], *notebook.cells[2:], *own[1]]
    return notebook


LENGTH = "length-answer", "length-check"


def earned(notebook, folder, boxed=False, limit=LIMIT):
    """The points of each check, and all outputs, as nbgrader would see them."""
    step = Supervised(release=str(CLASSROOM / "release"), box=boxed, timeout=limit)
    step.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=50"]
    here = {"assignment": "numbers", "notebook": "numbers", "student": "ada"}
    resources = {"nbgrader": here, "metadata": {"path": str(folder)}}
    written = [cell.source for cell in notebook.cells]
    ran, _ = step.preprocess(notebook, resources)
    assert [cell.source for cell in ran.cells] == written, "what was handed in stays readable"
    marks = {cell.id: determine_grade(cell)[0] for cell in ran.cells if is_check(cell)}
    outputs = [output for c in ran.cells if c.cell_type == "code" for output in c.outputs]
    return marks, "\n".join(o.get("text", "") + o.get("evalue", "") for o in outputs)


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


@pytest.fixture
def a_box():
    if not box.works():
        untested.skip("bubblewrap")


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


BLANK = {
    "length-answer": "def length(a, b, c, d):\n    ...",
    "predict-answer": "product_tangent = 1",
}

TRICKS = {
    "shadowed": "import contextlib\n"
    "score = lambda w, *parts: float(sum(points for points, _ in parts))\n"
    "checks = lambda which: contextlib.suppress(BaseException)\n"
    "check_function = check_number = check_choice = lambda *a, **k: None",
    "replaced in the module": "import dualedu.teaching.checks as c\n"
    "c._same = c._named = lambda *a, **k: True\n"
    "c.score = lambda *a: 9.0\n"
    "c.checks = c.check_function = lambda *a, **k: print('checks passed')",
    "replaced in place": "import dualedu.teaching.checks as c\n"
    "c.score.__code__ = (lambda which, *parts: 9.0).__code__\n"
    "c._same.__code__ = (lambda a, b, rtol, atol: True).__code__",
    "NumPy": "np.allclose = np.isclose = lambda *a, **k: True\n"
    "np.hypot = lambda *a: LibraryDual(1.0, 1.0)",
    "built in": "import builtins\nbuiltins.all = builtins.callable = lambda *a: True",
    "silent": "get_ipython().ast_node_interactivity = 'none'",
    "rewritten": "import ast\n"
    "class Empty(ast.NodeTransformer):\n"
    "    def visit_Module(self, node):\n"
    "        return ast.Module([ast.parse('print(\"checks passed\")').body[0]], [])\n"
    "get_ipython().ast_transformers.append(Empty())",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_earns_nothing(tmp_path, trick):
    cells = "predict-numbers", "predict-answer", "predict-check"
    notebook = exercise(*cells, *LENGTH, answers=BLANK, first=[TRICKS[trick]])
    marks, said = earned(notebook, tmp_path)
    assert marks == {"predict-check": 0.0, "length-check": 0.0}, said


LOOKS = {
    "calls the judge": "def length(*arrow):\n    return judge(*arrow)",
    "looks at its caller": "import sys\n"
    "def length(*arrow):\n"
    "    return sys._getframe(3).f_locals['right'](*arrow)",
    "looks by way of inspect": "import inspect\n"
    "def length(*arrow):\n"
    "    for frame in inspect.stack():\n"
    "        if 'right' in frame[0].f_locals:\n"
    "            return frame[0].f_locals['right'](*arrow)",
    "looks by way of an error": "def length(*arrow):\n"
    "    try:\n"
    "        1 / 0\n"
    "    except ZeroDivisionError as error:\n"
    "        frame = error.__traceback__.tb_frame\n"
    "    while 'right' not in frame.f_locals:\n"
    "        frame = frame.f_back\n"
    "    return frame.f_locals['right'](*arrow)",
    "equals everything": "class Yes:\n"
    "    __eq__ = __le__ = lambda self, other: True\n"
    "    __array_ufunc__ = __array_function__ = lambda *a, **k: True\n"
    "def length(*arrow):\n"
    "    return Yes(), Yes()",
}


@pytest.mark.parametrize("look", LOOKS)
def test_an_answer_cannot_be_read_off_the_check(tmp_path, look):
    marks, said = earned(exercise(*LENGTH, answers={"length-answer": LOOKS[look]}), tmp_path)
    assert marks == {"length-check": 0.0}, said


OUTSIDE = """\
import dualedu, os, pathlib, socket
found = [str(p) for p in pathlib.Path("/").rglob("*.ipynb") if "site-packages" not in str(p)]
print("notebooks", [p for p in found if not p.startswith("/tmp/")])
root = pathlib.Path(dualedu.__file__).parents[1]
print("project", sorted({p.name for p in root.iterdir()} - {".venv", "dualedu"}))
print("secret", os.environ.get("DUALEDU_SECRET"))
for path in {paths}:
    try:
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_text("mine")
        print("written", path)
    except OSError:
        pass
try:
    socket.create_connection(("127.0.0.1", {port}), 2)
    print("connected")
except OSError:
    pass
if os.fork() == 0:
    os.setsid()
    import time
    time.sleep(1.5)
    pathlib.Path({late!r}).write_text("still alive")
    os._exit(0)"""


def test_python_may_be_called_by_a_way_round(a_box, tmp_path, monkeypatch):
    """As in ../.venv/bin/python, out of a folder that the box does not have."""
    way_round = os.path.join(tmp_path, os.path.relpath(sys.executable, tmp_path))
    monkeypatch.setattr(sys, "executable", way_round)
    for argv in ([way_round, "-c", "import dualedu"], ["python", "-c", "import dualedu"]):
        assert subprocess.run(box.command(argv)).returncode == 0


def test_what_python_needs_may_lie_in_tmp(a_box, monkeypatch):
    """The box has a /tmp of its own; a project that was cloned there is seen in it all the same."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        needed = Path(name, "venv", "part.txt")
        needed.parent.mkdir()
        needed.write_text("here")
        Path(name, "solutions.txt").write_text("hidden")
        monkeypatch.setattr(box, "needed", lambda: [str(needed.parent)])
        script = f"cat {needed}; ls {name}; echo spoilt > {needed} || echo kept; touch /tmp/own"
        argv = box.command(["sh", "-c", script], limits={})
        done = subprocess.run(argv, capture_output=True, text=True)
        assert done.stdout.split() == ["herevenv", "kept"]
        assert done.returncode == 0, done.stderr


def test_what_a_box_keeps_out(a_box, tmp_path, monkeypatch):
    """The solutions, the gradebook, others' folders, the network, secrets; and nobody stays."""
    monkeypatch.setenv("DUALEDU_SECRET", "told")
    folder, late = tmp_path / "ada", tmp_path / "late"
    folder.mkdir()
    wanted = [str(tmp_path / "gradebook.db"), str(tmp_path / "bob/numbers.ipynb"), "/usr/mine",
              str(CLASSROOM / "source/mine"), box.__file__]  # fmt: skip
    before = Path(box.__file__).read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = OUTSIDE.replace("{paths}", repr(wanted)).replace("{port}", str(port))
        code = code.replace("{late!r}", repr(str(late)))
        marks, said = earned(exercise(*LENGTH, first=[code]), folder, boxed=True)
    assert "notebooks []" in said
    assert "project []" in said
    assert "secret None" in said
    assert "connected" not in said
    assert marks == {"length-check": 1.0}, said
    time.sleep(2)
    assert sorted(tmp_path.iterdir()) == [folder]
    assert not (CLASSROOM / "source/mine").exists()
    assert Path(box.__file__).read_bytes() == before


FILLS = """\
kept = []
try:
    while True:
        kept.append(np.ones(10**6))
except MemoryError:
    print("memory ends at", len(kept))
kept.clear()
try:
    with open("/tmp/one", "wb") as file:
        for _ in range(100):
            file.write(bytes(10**5))
except OSError as error:
    print("a file ends")
try:
    for number in range(100):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(10**6 - 1))
except OSError:
    print("the disk ends at", number)"""


def test_memory_and_disk_end(a_box, tmp_path, monkeypatch):
    monkeypatch.setattr(box, "MEMORY", 1_500_000_000)
    monkeypatch.setattr(box, "FILE", 1_000_000)
    monkeypatch.setattr(box, "DISK", 20_000_000)
    marks, said = earned(exercise(*LENGTH, first=[FILLS]), tmp_path, boxed=True)
    assert "memory ends at" in said
    assert "a file ends" in said
    assert "the disk ends at" in said
    assert marks == {"length-check": 1.0}, said


def test_a_good_notebook_keeps_its_marks_in_a_box(a_box, tmp_path):
    notebook = handed_in("numbers")
    marks, said = earned(notebook, tmp_path, boxed=True)
    assert sum(marks.values()) == points(SOURCES["numbers"].cells), said
