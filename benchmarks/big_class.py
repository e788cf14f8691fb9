"""A class of 150, from Canvas' archive to marks: everyone is accounted for, or it says who is not.

    python benchmarks/big_class.py            writes big_class.json
    python benchmarks/big_class.py 15         so many students, prints and writes nothing

Fifteen kinds of submissions, good and bad, those of tests/support/course.py and some that once
stopped everything: JSON that is no notebook, a thread that never ends, quit(), UTF-16, a notebook
in a zip, another assignment's notebook. Each fifth is late. A cell has the tests' seconds and not a
course's 30. Nothing is stored unless every student has
the marks that they should have, or the reason why there are none, and every file that came in still
exists, byte for byte.
"""

import contextlib
import io
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests/support", "classroom", "book/_ext")]

import nbformat  # noqa: E402
from classwork import SOURCES, points  # noqa: E402
from course import (  # noqa: E402
    another_style,
    blank,
    checks_deleted,
    copy_course,
    endless,
    good,
    handed_in,
    limit_cells,
    marks_stripped,
    missing,
    partly_wrong,
    unreadable,
    with_name,
)  # fmt: skip
from nbformat.v4 import new_code_cell  # noqa: E402
from nbgrader.api import Gradebook  # noqa: E402

ASSIGNMENT = "numbers"
STUDENTS = 150


def with_cell(path, code):
    notebook = with_name(handed_in(ASSIGNMENT), path.parts[-3])
    notebook.cells.append(new_code_cell(code))
    nbformat.write(notebook, path)


def no_notebook(assignment, number, path):
    path.write_text("{}", encoding="utf-8")
    return None, ["there are no cells in it"]


def thread_left(assignment, number, path):
    with_cell(
        path, "import threading, time\nthreading.Thread(target=time.sleep, args=(1e6,)).start()"
    )
    return 0.0, []


def calls_quit(assignment, number, path):
    with_cell(path, "quit()")
    return 0.0, ["calls exit() or quit()"]


def utf_16(assignment, number, path):
    good(assignment, number, path)
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-16")
    return 0.0, ["stored in UTF-16"]


def zipped(assignment, number, path):
    good(assignment, number, path)
    with zipfile.ZipFile(path.with_name("work.zip"), "w") as packed:
        packed.write(path, path.name)
    path.unlink()
    return 0.0, []


def another(assignment, number, path):
    nbformat.write(handed_in("further"), path)
    return None, ["this is the notebook of further"]


KINDS = [
    good, partly_wrong, another_style, checks_deleted, marks_stripped, blank, zipped, utf_16,
    calls_quit, thread_left, unreadable, no_notebook, missing, another, endless,
    *[good, partly_wrong, partly_wrong, another_style, good] * 3,
]  # fmt: skip
"""The first fifteen are all kinds."""


def submissions(folder, students):
    """Canvas' archive of the class, and what is expected of each student, by their number."""
    expected, archive = {}, folder / "submissions.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for number in range(students):
            kind, student = KINDS[number % len(KINDS)], str(1000 + number)
            path = folder / "made" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            path.parent.mkdir(parents=True)
            late = number % 5 == 0
            lost, says = kind(ASSIGNMENT, number, path)
            # Collecting calls a single notebook by its right name already.
            says = [sentence for sentence in says if sentence != "(1).ipynb"]
            expected[student] = kind.__name__, late, lost, says
            for i, file in enumerate(sorted(path.parent.iterdir())):
                mark = "LATE_" if late else ""
                packed.write(
                    file, f"student{number}_{mark}{student}_{9000 + 10 * number + i}_{file.name}"
                )
    return archive, expected


def course(folder):
    copy_course(folder, ASSIGNMENT)
    for part in ("source", "release"):
        (folder / part / "further").symlink_to(ROOT / "classroom" / part / "further")
    limit_cells(folder)
    settings = f"[{ASSIGNMENT}]\ndue = 2026-11-23T12:00:00Z\nper_day = 10\n"
    (folder / "course.toml").write_text(settings, encoding="utf-8")


def command(folder, log, *arguments):
    """Run a module of grading as a teacher does; its seconds."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    print(f"$ python -m {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}", file=log)
    return time.perf_counter() - start


def hold(folder, archive, expected, said):
    """Everyone is accounted for; how many of each kind were graded."""
    assert "Traceback" not in said, said
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        scores = {s.student.id: s.score for s in book.assignment_submissions(ASSIGNMENT)}
    marks = said.rpartition("\nMarks")[2]
    kinds = Counter()
    total = points(SOURCES[ASSIGNMENT].cells)
    for student, (kind, late, lost, says) in expected.items():
        (line,) = re.findall(rf"^    {student}: (.*)", marks, re.MULTILINE)
        told = re.search(rf"^{student}/.*\n((?:    .*\n)*)", said, re.MULTILINE)
        for sentence in says:
            assert sentence in (told[1] if told else "") + line, (student, kind, sentence)
        if lost is None:
            assert line.startswith("NOT GRADED, "), (student, kind, line)
        else:
            assert scores[student] == total - lost, (student, kind, scores[student], total - lost)
        # Late, and when is not known: told, and nothing taken off.
        assert (f"{student} is late by Canvas" in marks) == (late and lost is not None), student
        kinds[kind, "graded" if lost is not None else "not graded, and the reason told"] += 1
    kept = {p.read_bytes() for p in folder.rglob("*") if p.is_file() and "made" not in p.parts}
    with zipfile.ZipFile(archive) as packed:
        assert all(packed.read(name) in kept for name in packed.namelist()), "a file was lost"
    return {f"{kind}: {what}": number for (kind, what), number in sorted(kinds.items())}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder, log = Path(name), io.StringIO()
        course(folder)
        students = int(sys.argv[1]) if sys.argv[1:] else STUDENTS
        archive, expected = submissions(folder, students)
        seconds = {
            "collect": command(folder, log, "grading.collect", ASSIGNMENT, archive),
            "grade": command(folder, log, "grading.grade", ASSIGNMENT),
            "compare": command(folder, log, "grading.compare", ASSIGNMENT),
        }
        said = log.getvalue()
        with contextlib.suppress(OSError):
            (ROOT / "_build" / "big_class.log").write_text(said, encoding="utf-8")
        kinds = hold(folder, archive, expected, said)
    record = {
        "command": "python benchmarks/big_class.py",
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[2], 1),
        "versions": {"python": platform.python_version(), "nbgrader": metadata.version("nbgrader")},
        "students": len(expected),
        "late": sum(late for _, late, *_ in expected.values()),
        "seconds": {stage: round(took) for stage, took in seconds.items()},
        "kinds": kinds,
    }
    print(json.dumps(record, indent=1))
    if sys.argv[1:]:
        return
    path = ROOT / "benchmarks" / "big_class.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
