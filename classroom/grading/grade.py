"""Grade a class: look at the submissions, mend them, hand them to nbgrader, and account for each.

    python -m grading.grade numbers
    python -m grading.grade numbers --again          after a check was mended: everybody anew
    python -m grading.grade numbers --student 4711   this one anew, and nobody else

Started again after it was stopped, it goes on where it was: what is graded stays graded, and a
submission that was only begun is graded anew. One that was handed in again is graded again.
Marks given by hand stay, and stay counted unless the answer was changed. `--course` names another
folder than the package's, with an nbgrader_config.py and a source/ of its own.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from grading import box
from grading.course import read as read_course
from grading.course import settle
from grading.mending import count, is_given
from grading.places import COURSE, strays
from grading.preflight import preflight, show
from grading.stored import load

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
        theirs, ours = (load(path, []).cells for path in (submission, graded))
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
    said = f"{done.get('log', '')}\n{done.get('error', '')}"
    lines = [line for line in said.splitlines() if line.strip()]
    # The line of an exception says more than the advice to read the traceback above it.
    reasons = [line for line in lines if re.match(r"[\w.]*(?:Error|Failed)\b", line)]
    return (reasons or lines or ["nbgrader did not say why"])[-1]


def by_hand(book: Gradebook, assignment: str, student: str) -> dict[str, float]:
    """The marks that were given by hand, by the names of their cells."""
    try:
        submission = book.find_submission(assignment, student)
    except MissingEntry:
        return {}
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return {
        grade.name: grade.manual_score
        for grade in grades
        if grade.manual_score is not None and not grade.needs_manual_grade
    }


def keep_by_hand(book: Gradebook, assignment: str, student: str, marks: dict[str, float]) -> None:
    """Let marks by hand count again, which nbgrader asks for anew whenever it has graded."""
    for notebook in book.find_submission(assignment, student).notebooks:
        for grade in notebook.grades:
            if grade.name in marks:
                grade.manual_score, grade.needs_manual_grade = marks[grade.name], False
    book.db.commit()


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
    if submission.late_submission_penalty:
        marks += f", less {submission.late_submission_penalty:g} for being late"
    return f"{marks}, {by_hand:g} of them still to be marked by hand" if by_hand else marks


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("assignment")
    parser.add_argument("--course", type=Path, default=COURSE, help="the folder with submitted/")
    parser.add_argument("--again", action="store_true", help="grade also what was graded before")
    parser.add_argument("--student", help="grade this student's submission, and again if it was")
    parser.add_argument("--no-box", action="store_true", help="run the cells with your own rights")
    options = parser.parse_args(arguments)
    course, assignment = options.course.resolve(), options.assignment
    submitted = course / "submitted"
    if not (course / "source" / assignment).is_dir():
        parser.error(f"{course / 'source' / assignment}: no such assignment")
    if not submitted.is_dir():
        parser.error(f"{submitted}: no such folder")
    if options.student and not (submitted / options.student / assignment).is_dir():
        parser.error(f"{submitted / options.student / assignment}: no such folder")
    try:
        read_course(course)
    except ValueError as error:
        parser.error(str(error))
    boxed = not options.no_box
    if boxed and not box.works():
        print(f"{box.MISSING}\n")

    api = nbgrader(course)
    api.config.Supervised.box = boxed
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
        known = any(entry.name == assignment for entry in book.assignments)
    # nbgrader takes the checks from its gradebook: there, too, a mended one has to arrive.
    if not known or options.again:
        made = api.generate_assignment(assignment, force=True)
        if not made["success"]:
            parser.error(f"the release cannot be made: {made.get('error', made)}")
    lost = strays(submitted, course / "release")
    if not list(submitted.glob(f"*/{assignment}")):
        parser.error("\n".join([f"{submitted}: no submissions of {assignment}", *lost]))

    print("Looking at the submissions")
    timeout = float(api.config.Execute.timeout)
    name = f"{assignment}.ipynb"
    unchanged = {
        folder
        for folder in submitted.glob(f"*/{assignment}")
        if is_graded(folder / name, course / "autograded" / folder.parent.name / assignment / name)
    }
    if options.student:
        graded = {f for f in submitted.glob(f"*/{assignment}") if f.parent.name != options.student}
    else:
        graded = set() if options.again else unchanged
    reports = preflight(
        submitted,
        assignment=assignment,
        release=course / "release",
        limit=timeout,
        mending=True,
        known=graded,
        boxed=boxed,
    )
    show(reports, lost, mending=True)

    print("\nGrading")
    failed: dict[str, str] = {}
    for report in reports:
        folder = submitted / report.student / assignment
        if folder in graded:
            if not options.student:
                print(f"    {report.student}: graded before", flush=True)
            continue
        if not report.gradable:
            failed[report.student] = report.look[0]
            continue
        start = time.perf_counter()
        with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
            kept = by_hand(book, assignment, report.student) if folder in unchanged else {}
        why = grade(api, assignment, report.student)
        if why:
            failed[report.student] = why
        elif kept:
            with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
                keep_by_hand(book, assignment, report.student, kept)
        verdict = "NOT GRADED" if why else "graded"
        seconds = time.perf_counter() - start
        print(f"    {report.student}: {verdict}, {seconds:.1f} s", flush=True)

    print("\nMarks")
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
        late = settle(book, assignment, course)
        for report in reports:
            marks = account(book, assignment, report.student)
            if report.student in failed:
                marks = f"NOT GRADED, {failed[report.student]}"
            print(f"    {report.student}: {marks}")
        silent = {student.id for student in book.students} - {r.student for r in reports}
    for sentence in lost:
        print(f"    NOT GRADED: {sentence}")
    for student in sorted(silent):
        print(f"    {student}: handed nothing in")
    for sentence in late:
        print(f"    {sentence}")
    print(
        f"{count(len(reports), 'submission')}, {len(failed)} not graded"
        + (f"; {len(lost)} out of place" if lost else "")
    )
    return 1 if failed or lost else 0


if __name__ == "__main__":
    sys.exit(main())
