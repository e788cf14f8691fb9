"""Grade a class: look at the submissions, mend them, hand them to nbgrader, and account for each.

    python -m grading.grade numbers

Started again after it was stopped, it goes on where it was: what is graded stays graded, and a
submission that was only begun is graded anew. One that was handed in again is graded again.
Marks given by hand are never touched. `--course` names another folder than the package's, with an
nbgrader_config.py and a source/ of its own.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from grading.mending import count, is_given
from grading.preflight import COURSE, preflight, show

# nbgrader's own, about its database: nothing that a teacher could do anything about.
warnings.filterwarnings("ignore", module="nbgrader")
# For a new gradebook nbgrader calls alembic, which lies beside this interpreter.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def nbgrader(course: Path) -> NbGraderAPI:
    """nbgrader with the settings of the course in this folder."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.NbGraderAPI.log_level = logging.ERROR
    return NbGraderAPI(config=config)


def is_graded(submission: Path, graded: Path) -> bool:
    """Whether nbgrader came to the end with this submission, as it is now.

    nbgrader writes the notebook twice: without outputs before it is run, and with outputs after
    its marks are in the gradebook. A run that was stopped leaves the first, and nbgrader itself
    would then take the submission for graded.

    What the student wrote decides, and not the files' times: collecting keeps the time at which a
    student saved, and that may lie before the grading of an earlier version.
    """
    try:
        theirs, ours = (nbformat.read(path, as_version=4).cells for path in (submission, graded))
    except (OSError, ValueError):
        return False
    ran = any(cell.get("execution_count") for cell in ours)
    return ran and written(theirs) == written(ours)


def written(cells: list[NotebookNode]) -> list[str]:
    """What is a student's own in a notebook; the rest nbgrader takes from the source."""
    return [cell.source for cell in cells if not is_given(cell)]


@contextmanager
def unheard() -> Iterator[None]:
    """What programs started here write as errors goes nowhere.

    A kernel that is interrupted in an endless loop may report its own interruption, with a
    traceback. nbgrader's reasons do not come that way.
    """
    heard = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(heard, 2)
        os.close(heard)
        os.close(nowhere)


def grade(api: NbGraderAPI, assignment: str, student: str) -> str:
    """Why the submission could not be graded; an empty string if it was."""
    with unheard():
        done = api.autograde(assignment, student)
    if done["success"]:
        return ""
    error = [line for line in done.get("error", "").splitlines() if line.strip()]
    return error[-1] if error else "nbgrader did not say why"


def account(book: Gradebook, assignment: str, student: str) -> str:
    """The marks of one submission in one line."""
    try:
        submission = book.find_submission(assignment, student)
    except MissingEntry:
        return "nothing in the gradebook"
    by_hand = sum(
        g.max_score for n in submission.notebooks for g in n.grades if g.needs_manual_grade
    )
    marks = f"{submission.score:g} of {submission.max_score:g}"
    return f"{marks}, {by_hand:g} of them still to be marked by hand" if by_hand else marks


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("assignment")
    parser.add_argument("--course", type=Path, default=COURSE, help="the folder with submitted/")
    options = parser.parse_args(arguments)
    course, assignment = options.course.resolve(), options.assignment
    submitted = course / "submitted"
    if not (course / "source" / assignment).is_dir():
        parser.error(f"{course / 'source' / assignment}: no such assignment")
    if not list(submitted.glob(f"*/{assignment}")):
        parser.error(f"{submitted}: no submissions of {assignment}")

    api = nbgrader(course)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
        known = any(entry.name == assignment for entry in book.assignments)
    if not known:
        made = api.generate_assignment(assignment)
        if not made["success"]:
            parser.error(f"the release cannot be made: {made.get('error', made)}")

    print("Looking at the submissions")
    timeout = float(api.config.Execute.timeout)
    name = f"{assignment}.ipynb"
    graded = {
        folder
        for folder in submitted.glob(f"*/{assignment}")
        if is_graded(folder / name, course / "autograded" / folder.parent.name / assignment / name)
    }
    reports = preflight(
        submitted,
        assignment=assignment,
        release=course / "release",
        limit=timeout,
        mending=True,
        known=graded,
    )
    show(reports, mending=True)

    print("\nGrading")
    failed: dict[str, str] = {}
    for report in reports:
        folder = submitted / report.student / assignment
        if folder in graded:
            print(f"    {report.student}: graded before", flush=True)
            continue
        if not report.gradable:
            failed[report.student] = report.look[0]
            continue
        start = time.perf_counter()
        why = grade(api, assignment, report.student)
        if why:
            failed[report.student] = why
        verdict = "NOT GRADED" if why else "graded"
        seconds = time.perf_counter() - start
        print(f"    {report.student}: {verdict}, {seconds:.1f} s", flush=True)

    print("\nMarks")
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
        for report in reports:
            why = failed.get(report.student)
            marks = account(book, assignment, report.student)
            print(f"    {report.student}: {f'NOT GRADED, {why}' if why else marks}")
        silent = {student.id for student in book.students} - {r.student for r in reports}
    for student in sorted(silent):
        print(f"    {student}: handed nothing in")
    print(f"{count(len(reports), 'submission')}, {len(failed)} not graded")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
