"""Marks for Canvas or Moodle: from the table that their gradebook exported, one that it imports.

    python -m grading.marks numbers exported.csv numbers.csv
    python -m grading.marks numbers exported.csv numbers.csv --column 4711

Students are found by a column of `exported.csv` that holds their names in submitted/, or their
addresses if nbgrader knows them. What lateness costs by course.toml is taken off; who is excused
there gets EX in Canvas, and no mark in Moodle. Only finished marks are written, and nobody else's
row: an import changes nothing but the marks of this one assignment.

Canvas reads the columns from Student to Section, one for each assignment, and a row of points
(lib/gradebook_importer.rb of instructure/canvas-lms). Moodle reads any columns, asks what they
are, and takes nothing if one row names nobody (grade/import/csv/classes/load_data.php of
moodle/moodle).
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from grading.course import read as read_course
from grading.course import settle
from grading.grade import nbgrader
from grading.mending import count
from grading.places import COURSE


@dataclass
class Table:
    """A table of text, and the sign between its columns."""

    header: list[str]
    rows: list[list[str]]
    sign: str = ","

    @property
    def is_canvas(self) -> bool:
        return self.header[0] in ("Student", "LastName") and "Section" in self.header


def read(path: Path) -> Table:
    """The table in this file. Which of the usual signs parts its columns, the first line shows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        sign = max(",;\t", key=first.count)
        file.seek(0)
        header, *rows = [row for row in csv.reader(file, delimiter=sign) if any(row)] or [[]]
    if len(header) < 2:
        raise ValueError("no table with a line of headings")
    return Table(header, [row + [""] * (len(header) - len(row)) for row in rows], sign)


def write(table: Table, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=table.sign).writerows([table.header, *table.rows])


def finished(book: Gradebook, assignment: str) -> tuple[dict[str, float], list[str], list[str]]:
    """The final marks; who is still to be marked by hand; of whom nothing is graded."""
    marks: dict[str, float] = {}
    pending, silent = [], []
    for student in book.students:
        try:
            submission = book.find_submission(assignment, student.id)
        except MissingEntry:
            silent.append(student.id)
            continue
        if submission.needs_manual_grade:
            pending.append(student.id)
        else:
            marks[student.id] = max(0.0, submission.score - submission.late_submission_penalty)
    return marks, pending, silent


def places(table: Table, names: dict[str, str]) -> tuple[int, dict[str, list[str]]]:
    """The column by which most students are known, and the row of each who is found there.

    `names` tells for each name or address, in small letters, which student it stands for. Of two
    columns that know as many, addresses are better: first names may be two students' one day.
    """
    last = table.header.index("Section") if table.is_canvas else len(table.header)
    best = (0, 0, False)
    place, found = 0, []
    for column in range(last):
        cells = [(names.get(row[column].strip().casefold()), row) for row in table.rows]
        known = [(student, row) for student, row in cells if student]
        students = {student for student, _ in known}
        addresses = any("@" in row[column] for _, row in known)
        rank = (len(students), len(students) - len(known), addresses)
        if students and rank > best:
            best, place, found = rank, column, known
    rows = dict(found)
    if len(rows) < len(found):
        twice = next(student for student, row in found if rows[student] is not row)
        raise ValueError(
            f"{twice} stands in two rows under {table.header[place]!r}; take one of them out"
        )
    return place, rows


def title(table: Table, assignment: str, wanted: str | None) -> str:
    """What the column of marks is called; `wanted` is its title, or Canvas' number for it."""
    if not table.is_canvas:
        return wanted or assignment
    own = table.header[table.header.index("Section") + 1 :]
    if wanted is None:
        # Canvas knows an assignment by the number in brackets; a title without one makes a new one.
        known = re.compile(rf"{re.escape(assignment)}( \(\d+\))?")
        return next((title for title in own if known.fullmatch(title)), assignment)
    for title in own:
        number = re.fullmatch(r"(.*) \((\d+)\)", title)
        if number and wanted in (title, *number.groups()):
            return title
    there = ", ".join(title for title in own if re.fullmatch(r".* \(\d+\)", title))
    raise ValueError(f"there is no column {wanted!r}; there are {there or 'none with a number'}")


def filled(table: Table, column: str, most: float, names: dict[str, str],
           marks: dict[str, float | str]) -> tuple[Table, list[str]]:  # fmt: skip
    """What the gradebook imports, and the students with a mark whom it does not know."""
    key, rows = places(table, names)
    found = [(rows[student], f"{mark:g}" if isinstance(mark, float) else mark)
             for student, mark in marks.items() if student in rows]  # fmt: skip
    unknown = [student for student in marks if student not in rows]
    if not table.is_canvas:
        header = [table.header[key], column]
        return Table(header, [[row[key], mark] for row, mark in found], table.sign), unknown
    last = table.header.index("Section") + 1
    points = ["    Points Possible", *[""] * (last - 1), f"{most:g}"]
    lines = [[*row[:last], mark] for row, mark in found]
    return Table([*table.header[:last], column], [points, *lines], table.sign), unknown


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("assignment")
    parser.add_argument("exported", type=Path, help="the gradebook, as Canvas or Moodle export it")
    parser.add_argument("to", type=Path, help="the file to write")
    parser.add_argument("--column", help="the column's title there, or Canvas' number for it")
    parser.add_argument("--course", type=Path, default=COURSE, help="the folder with submitted/")
    options = parser.parse_args(arguments)
    try:
        table = read(options.exported)
    except (OSError, ValueError, csv.Error) as error:
        parser.error(f"{options.exported}: {error}; export it again as a text file with commas")
    course = options.course.resolve()
    try:
        excused = [who for who, names in read_course(course).excused.items()
                   if options.assignment in names]  # fmt: skip
    except ValueError as error:
        parser.error(str(error))
    coursedir = nbgrader(course).coursedir
    with Gradebook(coursedir.db_url, coursedir.course_id) as book:
        try:
            most = book.find_assignment(options.assignment).max_score
        except MissingEntry:
            parser.error(f"{options.assignment}: nothing of it is graded yet; grade it first")
        settle(book, options.assignment, course)
        marks, pending, silent = finished(book, options.assignment)
        names = {s.email.casefold(): s.id for s in book.students if s.email}
        names |= {student.id.casefold(): student.id for student in book.students}
    given: dict[str, float | str] = {who: mark for who, mark in marks.items() if who not in excused}
    if table.is_canvas:
        given |= dict.fromkeys(excused, "EX")
    try:
        column = title(table, options.assignment, options.column)
        result, unknown = filled(table, column, most, names, given)
    except ValueError as error:
        parser.error(f"{options.exported}: {error}")
    for student in unknown:
        print(f"{student}: not in {options.exported.name}; give nbgrader the address used there")
    for student in excused:
        print(f"{student}: excused by course.toml")
    for student in sorted(set(pending) - set(excused)):
        print(f"{student}: left out, because something is still to be marked by hand")
    for student in sorted(set(silent) - set(excused)):
        print(f"{student}: left out, because nothing of theirs is graded")
    written = len(given) - len(unknown)
    if written:
        write(result, options.to)
    kind = "Canvas" if table.is_canvas else "Moodle"
    print(f"{count(written, 'mark')} for {kind}, of at most {most:g}"
          + (f", in {options.to}" if written else "; nothing written"))  # fmt: skip
    return int(bool(unknown or set(pending) - set(excused)))


if __name__ == "__main__":
    sys.exit(main())
