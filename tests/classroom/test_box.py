"""A box for students' code: what it keeps out, where it ends, and that good notebooks earn all."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import untested
from classwork import CLASSROOM, SOURCES, points
from course import handed_in
from grading import box
from supervision import LENGTH, earned, exercise


@pytest.fixture
def a_box():
    if not box.works():
        untested.skip("bubblewrap")


PATIENCE = 60
"""Seconds to look through a whole disk, with much on it and others at work."""

OUTSIDE = """\
import dualedu, os, pathlib, socket
found = []
for folder, folders, files in os.walk("/"):
    # A machine's own programs and processes are many, and whether they can be read is no secret.
    folders[:] = [f for f in folders if f != "site-packages"]
    if folder == "/":
        folders[:] = [f for f in folders if f not in ("proc", "sys", "tmp")]
    found += [os.path.join(folder, f) for f in files if f.endswith(".ipynb")]
print("notebooks", found)
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
        marks, said = earned(exercise(*LENGTH, first=[code]), folder, boxed=True, limit=PATIENCE)
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
