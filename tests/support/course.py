"""A class for nbgrader: good and bad submissions, graded, killed and resumed, and held
to account.
"""

import csv
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from types import SimpleNamespace

import nbformat
from classwork import (
    ANSWERS,
    CLASSROOM,
    SOURCES,
    edited,
    exercise_of,
    graded,
    is_check,
    points,
    read,
)
from nbgrader.api import Gradebook
from nbgrader.utils import is_solution

LIMIT = 8
"""Seconds for a cell: a good one takes one, on a busy machine a few, and an endless loop all."""


def handed_in(assignment, answers=None):
    """The released notebook with these answers; with the source's own if there are none."""
    notebook = read("release", assignment)
    own = {cell.id: cell.source for cell in SOURCES[assignment].cells if is_solution(cell)}
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = (own | (answers or {}))[cell.id]
    return notebook


def mistaken(assignment, number):
    """A submission with one mistake of the tables, and the least that it costs."""
    wrong = ANSWERS[assignment].WRONG
    mistakes = [(exercise, *mistake) for exercise in wrong for mistake in wrong[exercise]]
    exercise, edits, earns, _ = mistakes[(5 * number) % len(mistakes)]
    cells = [cell for cell in SOURCES[assignment].cells if exercise_of(cell) == exercise]
    return handed_in(assignment, edited(cells, edits)), points(cells) - earns


def with_name(notebook, student):
    for cell in notebook.cells:
        if cell.id == "student":
            cell.source = f"student = {student!r}"
    return notebook


# Each kind of submission: (assignment, number, notebook's path) -> the points that it loses, or
# None if it cannot be graded; and what the preflight says about it.


def good(assignment, number, path):
    nbformat.write(with_name(handed_in(assignment), path.parts[-3]), path)
    return 0.0, []


def another_style(assignment, number, path):
    notebook = handed_in(assignment, ANSWERS[assignment].OTHER_STYLE)
    nbformat.write(with_name(notebook, path.parts[-3]), path)
    return 0.0, []


def partly_wrong(assignment, number, path):
    """A mistake may cost something in a later exercise, too, which goes on from its answer."""
    notebook, least = mistaken(assignment, number)
    nbformat.write(with_name(notebook, path.parts[-3]), path)
    answers = {cell.id: cell.source for cell in notebook.cells if is_solution(cell)}
    cells = SOURCES[assignment].cells
    lost = points(cells) - graded(cells, {}, answers)[0]
    assert lost >= least > 0
    return lost, []


def blank(assignment, number, path):
    nbformat.write(read("release", assignment), path)
    return points(SOURCES[assignment].cells), ["there is no name in the first cell"]


def checks_deleted(assignment, number, path):
    """Deleted checks, others edited to give points away, and a cell of the student's own."""
    notebook = with_name(handed_in(assignment), path.parts[-3])
    first, second, *_ = [cell for cell in notebook.cells if is_check(cell)]
    notebook.cells.remove(first)
    second.source, second.metadata.nbgrader["points"] = "100.0", 100.0
    notebook.cells.insert(0, nbformat.v4.new_code_cell("mine = 1"))
    nbformat.write(notebook, path)
    return 0.0, ["was deleted, with its", "was edited; put back", "marks of"]


def marks_stripped(assignment, number, path):
    """As another editor leaves it: no metadata, another kernel, another name, another order."""
    notebook = with_name(handed_in(assignment), path.parts[-3])
    for cell in notebook.cells:
        cell.metadata = {}
    notebook.metadata = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
    notebook.cells.append(notebook.cells.pop(-3))
    nbformat.write(notebook, path.with_name(f"{assignment} (1).ipynb"))
    return 0.0, ["lost nbgrader's marks", "the kernel 'ir'", "(1).ipynb", "out of order"]


def endless(assignment, number, path):
    """An endless loop for the last exercise's first answer: the exercise earns nothing."""
    exercise = exercise_of([cell for cell in SOURCES[assignment].cells if is_check(cell)][-1])
    theirs = [c for c in read("release", assignment).cells if exercise_of(c) == exercise]
    blanks = {c.id: c.source for c in theirs if is_solution(c) and c.cell_type == "code"}
    loop = {next(iter(blanks)): "while True:\n    pass"}
    notebook = handed_in(assignment, blanks | loop)
    nbformat.write(with_name(notebook, path.parts[-3]), path)
    return points(theirs), [f"does not end within {LIMIT} seconds"]


def unreadable(assignment, number, path):
    path.write_text("<html>the page instead of the notebook</html>", encoding="utf-8")
    return None, ["cannot be read as a notebook"]


def missing(assignment, number, path):
    path.with_name("notes.txt").write_text("I forgot", encoding="utf-8")
    return None, ["there is no"]


def copy_course(folder, assignment):
    """A course of one assignment in `folder`, of its own: settings, package, source and release."""
    shutil.copy(CLASSROOM / "nbgrader_config.py", folder)
    shutil.copytree(CLASSROOM / "grading", folder / "grading")
    for part in ("source", "release"):
        shutil.copytree(CLASSROOM / part / assignment, folder / part / assignment)


def limit_cells(folder):
    """A cell of this course may take LIMIT seconds."""
    config = folder / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"(Execute.timeout =) \d+", rf"\1 {LIMIT}", text), encoding="utf-8")


def a_class(folder, assignment, kinds):
    """A course in `folder`, with one submission of each of these kinds."""
    copy_course(folder, assignment)
    limit_cells(folder)
    expected = {}
    for number, kind in enumerate(kinds):
        student = f"{number:02}-{kind.__name__}"
        path = folder / "submitted" / student / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True)
        expected[student] = kind(assignment, number, path)
    return expected


def grade(folder, assignment, stop_after=None):
    """What grading.grade prints; killed without a warning once it has graded `stop_after`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "grading.grade", assignment],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if stop_after is not None and sum(": graded, " in line for line in lines) == stop_after:
            time.sleep(0.7)  # into the next one
            process.kill()
            break
    process.stdout.close()
    process.wait()
    return "".join(lines)


def nbgrader(folder, *arguments):
    """What a command of nbgrader's logs, as a teacher types it there; it has to end well."""
    scripts = Path(sys.executable).parent
    path = os.pathsep.join([str(scripts), os.environ["PATH"]])
    command = [scripts / "nbgrader", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def hand_in(folder, assignment):
    """All that was submitted lies in an exchange, where `nbgrader submit` would have left it."""
    inbound = folder / "exchange" / "dualedu" / "inbound"
    inbound.mkdir(parents=True)
    stamp = "2026-11-23 09:00:00.000000 UTC"
    for path in (folder / "submitted").glob(f"*/{assignment}"):
        (path / "timestamp.txt").write_text(stamp, encoding="utf-8")
        path.rename(inbound / f"{path.parent.name}+{assignment}+{stamp}")
    shutil.rmtree(folder / "submitted")
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write(f"\nc.Exchange.root = {str(folder / 'exchange')!r}\n")
        settings.write("c.ExchangeCollect.check_owner = False\n")


@contextmanager
def timed(seconds, stage):
    """Store the clock's seconds, and those that a core worked for processes which have ended."""

    def now():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter(), used.ru_utime + used.ru_stime

    clock, core = now()
    yield
    seconds[stage] = {"clock": now()[0] - clock, "core": now()[1] - core}


def rehearse(folder, assignment, kinds, stop_after, whole=False):
    """Grade a class, killed after some; if `whole`, collect it first and hand it back at last."""
    expected = a_class(folder, assignment, kinds)
    originals = {p: p.read_bytes() for p in (folder / "submitted").rglob("*.ipynb")}
    seconds = {}
    if whole:
        hand_in(folder, assignment)
        with timed(seconds, "collect"):
            nbgrader(folder, "collect", assignment)
    with timed(seconds, "grade, killed"):
        first = grade(folder, assignment, stop_after)
    done = re.findall(r"^    (\S+): graded, ", first, re.MULTILINE)
    stamps = {s: (folder / "autograded" / s / assignment).stat().st_mtime_ns for s in done}
    with timed(seconds, "grade, resumed"):
        second = grade(folder, assignment)
    if whole:
        with timed(seconds, "feedback"):
            nbgrader(folder, "generate_feedback", assignment)
        with timed(seconds, "export"):
            nbgrader(folder, "export", "--to=marks.csv")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        scores = {s.student.id: s.score for s in book.assignment_submissions(assignment)}
    return SimpleNamespace(**locals())


def hold_account(rehearsal):
    """Every submission has the marks that it should have, or the reason why it has none."""
    r = rehearsal
    total = points(SOURCES[r.assignment].cells)
    report = r.first.partition("\nGrading")[0]
    marks = r.second.partition("\nMarks")[2]
    for student, (lost, says) in r.expected.items():
        told = re.search(rf"^{student}/.*\n((?:    .*\n)*)", report, re.MULTILINE)
        for sentence in says:
            assert sentence in (told[1] if told else ""), (student, report)
        assert bool(told) == bool(says), (student, report)
        (line,) = re.findall(rf"^    {student}: (.*)", marks, re.MULTILINE)
        if lost is None:
            assert line.startswith("NOT GRADED, ")
            assert says[0] in line
        else:
            assert r.scores[student] == total - lost, (student, r.first, r.second)
            assert line.startswith(f"{total - lost:g} of "), marks
    assert "Traceback" not in r.first + r.second


def hold_resumed(rehearsal):
    """What was graded before the kill was not graded again, and what was begun was."""
    r = rehearsal
    assert len(r.done) == r.stop_after
    assert "Marks" not in r.first
    for student in r.done:
        assert f"    {student}: graded before" in r.second
        folder = r.folder / "autograded" / student / r.assignment
        assert folder.stat().st_mtime_ns == r.stamps[student]
    gradable = [student for student, (lost, _) in r.expected.items() if lost is not None]
    again = re.findall(r"^    (\S+): graded, ", r.second, re.MULTILINE)
    assert sorted(r.done + again) == sorted(gradable)


def hold_release(rehearsal):
    """A teacher's own `nbgrader generate_assignment` makes the release that is stored."""
    name = f"{rehearsal.assignment}/{rehearsal.assignment}.ipynb"
    made, stored = rehearsal.folder / "release" / name, CLASSROOM / "release" / name
    assert made.read_text(encoding="utf-8") == stored.read_text(encoding="utf-8")


def hold_originals(rehearsal):
    """What a student handed in still exists, byte for byte."""
    r = rehearsal
    kept = [
        p.read_bytes()
        for part in ("submitted", "originals")
        for p in (r.folder / part).rglob("*.ipynb")
    ]
    assert all(text in kept for text in r.originals.values())


def hold_handed_back(rehearsal):
    """Whoever was graded has a page of feedback, and the same marks in the table."""
    r = rehearsal
    gradable = {student for student, (lost, _) in r.expected.items() if lost is not None}
    assert {page.parts[-3] for page in r.folder.glob("feedback/*/*/*.html")} == gradable
    with (r.folder / "marks.csv").open(encoding="utf-8", newline="") as file:
        marks = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert marks == r.scores
    assert set(marks) == gradable


def hold(rehearsal):
    hold_account(rehearsal)
    hold_resumed(rehearsal)
    hold_originals(rehearsal)
    hold_release(rehearsal)


KINDS = [good, partly_wrong, checks_deleted, marks_stripped, blank, endless]
RARE = [another_style, unreadable, missing]
THIRTY = [*KINDS, *RARE, *islice(cycle([partly_wrong, good, partly_wrong]), 21)]
