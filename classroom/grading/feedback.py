"""Feedback for everybody in one archive, which Canvas or Moodle gives to each student.

    nbgrader generate_feedback numbers
    python -m grading.feedback numbers

Moodle takes the pages that nbgrader made (mod/assign/feedback/file/importziplib.php of
moodle/moodle): each lies under the name that the submission had in Moodle's archive.

Canvas shows a file under the name of the one that was handed in, whatever is in it
(infer_comment_context_from_filename of instructure/canvas-lms). So there each student gets a
notebook: their own, with its outputs, points and comments, and with the checks as released.
"""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.utils import is_grade, is_solution

from grading.collect import MOODLE
from grading.course import recorded, settle
from grading.grade import nbgrader
from grading.mending import count, key
from grading.places import COURSE


def in_moodle(member: str, page: str) -> str:
    """What a page is called in an archive that Moodle reads, after a file of the submission."""
    parts = PurePosixPath(member).parts
    place, found = next((i, m) for i, part in enumerate(parts) if (m := MOODLE.fullmatch(part)))
    if found["file"]:  # all in one folder
        start = parts[place].removesuffix(found["file"])
        return f"{start}{page}"
    return f"{parts[place]}/{page}"


def annotated(
    notebook: NotebookNode, blank: NotebookNode, submission: SubmittedAssignment
) -> NotebookNode:
    """The graded notebook with its points and comments, and without the hidden checks."""
    given = {key(cell): cell.source for cell in blank.cells}
    (graded,) = submission.notebooks
    grades = {grade.name: grade for grade in graded.grades}
    comments = {comment.name: comment.comment for comment in graded.comments}
    total = f"**{submission.score:g} of {submission.max_score:g} points**"
    if submission.late_submission_penalty:
        total += f", less {submission.late_submission_penalty:g} for being late"
    cells = [new_markdown_cell(f"{total}.", id="feedback")]
    for cell in notebook.cells:
        name = key(cell)
        said = []
        if name in grades:
            said.append(f"**{grades[name].score:g} of {grades[name].max_score:g} points.**")
        if comments.get(name):
            said.append(comments[name])
        if said:
            cells.append(new_markdown_cell(" ".join(said), id=f"feedback-{len(cells)}"))
        if is_grade(cell) and not is_solution(cell) and name in given:
            cell.source = given[name]
        cells.append(cell)
    notebook.cells = cells
    return notebook


def bundle(
    course: Path, assignment: str, book: Gradebook
) -> tuple[dict[str, dict[str, bytes]], list[str]]:
    """For each system the files of its archive; a sentence for each student who gets nothing."""
    archives: dict[str, dict[str, bytes]] = {}
    said = []
    release = course / "release" / assignment / f"{assignment}.ipynb"
    blank = nbformat.read(release, as_version=4)
    for student, row in sorted(recorded(course, assignment).items()):
        try:
            submission = book.find_submission(assignment, student)
        except MissingEntry:
            said.append(f"{student}: left out, because nothing of theirs is graded")
            continue
        if submission.needs_manual_grade:
            said.append(f"{student}: left out, because something is still to be marked by hand")
            continue
        files = archives.setdefault(row["system"], {})
        work = [name for name in row["members"].values() if re.search(r"\.(ipynb|zip)$", name)]
        member = sorted(work or row["members"].values())[0]
        if row["system"] == "Moodle":
            page = course / "feedback" / student / assignment / f"{assignment}.html"
            if not page.is_file():
                said.append(f"{student}: no page; run nbgrader generate_feedback {assignment}")
                continue
            files[in_moodle(member, page.name)] = page.read_bytes()
        else:
            path = course / "autograded" / student / assignment / f"{assignment}.ipynb"
            notebook = annotated(nbformat.read(path, as_version=4), blank, submission)
            files[PurePosixPath(member).name] = nbformat.writes(notebook).encode()
    return archives, said


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("assignment")
    parser.add_argument("--course", type=Path, default=COURSE, help="the folder with submitted/")
    options = parser.parse_args(arguments)
    course, assignment = options.course.resolve(), options.assignment
    if not recorded(course, assignment):
        parser.error(
            f"nothing of {assignment} was collected by grading.collect, so it is not known what "
            "the files are called in Canvas or Moodle"
        )
    api = nbgrader(course)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
        try:
            settle(book, assignment, course)  # marks may have been given since
        except MissingEntry:
            parser.error(f"{assignment}: nothing of it is graded yet; grade it first")
        archives, said = bundle(course, assignment, book)
    for sentence in said:
        print(sentence)
    for system, files in archives.items():
        path = course / "feedback" / f"{assignment}-{system.casefold()}.zip"
        path.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in files.items():
                packed.writestr(name, content)
        print(f"{count(len(files), 'student')} in {path.relative_to(course)}, for {system}")
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
