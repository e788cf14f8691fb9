"""What a teacher sets for a course, in course.toml: the term, due dates, and what lateness costs.

    term = "2027"                            other numbers for each student than last year's

    [numbers]
    due = 2026-11-23T23:59:00                this machine's time, unless a zone stands behind it
    grace = 15                               minutes that cost nothing
    per_day = 10                             percent of the marks, for each day that has begun
    days = 5                                 later than that, nothing counts

    [numbers.extensions]                     due dates of single students, by their folder's name
    "101" = 2026-11-30T23:59:00

    [numbers.handed_in]                      when, where the archive does not say it
    "102" = 2026-11-24T08:30:00

    [accommodations]                         in every assignment
    "103" = {days = 3}                       so much more time
    "104" = {excused = ["further"]}          these do not count for them

Without this file, nothing is late.
"""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.utils import parse_utc

NAME = "course.toml"


@dataclass
class Rules:
    """Of one assignment; without a due date, nothing of it is late."""

    due: datetime | None = None
    grace: float = 0.0
    per_day: float = 0.0
    days: float = math.inf
    extensions: dict[str, datetime] = field(default_factory=dict)
    handed_in: dict[str, datetime] = field(default_factory=dict)

    def penalty(self, score: float, late: timedelta) -> float:
        """What is taken off these marks, for a submission that is so much too late."""
        if late <= timedelta(minutes=self.grace):
            return 0.0
        begun = math.ceil(late / timedelta(days=1))
        share = 1.0 if begun > self.days else min(1.0, self.per_day / 100 * begun)
        return score * share


@dataclass
class Course:
    term: str = ""
    rules: dict[str, Rules] = field(default_factory=dict)
    more: dict[str, timedelta] = field(default_factory=dict)
    excused: dict[str, list[str]] = field(default_factory=dict)

    def of(self, assignment: str) -> Rules:
        return self.rules.get(assignment, Rules())

    def due(self, assignment: str, student: str) -> datetime | None:
        """When this student has to hand in: what was said to them alone, or else with more time."""
        rules = self.of(assignment)
        if student in rules.extensions:
            return rules.extensions[student]
        return rules.due and rules.due + self.more.get(student, timedelta())

    def named(self, assignment: str) -> set[str]:
        """Everybody of whom the file says something that concerns this assignment."""
        rules = self.of(assignment)
        return {*rules.extensions, *rules.handed_in, *self.more, *self.excused}


def read(folder: Path) -> Course:
    """The settings in this folder's course.toml; a ValueError says what is wrong with them.

    Parameters
    ----------
    folder : Path
        The course; without such a file in it, nothing is set.

    Returns
    -------
    course : Course
        Assignments are those of source/: another name is an error, and not a rule for nobody.
    """
    path = folder / NAME
    if not path.is_file():
        return Course()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{NAME} cannot be read: {error}") from None
    assignments = sorted(source.name for source in (folder / "source").glob("*/"))
    known(told, ["term", "accommodations", *assignments], NAME)
    course = Course(str(told.pop("term", "")))
    for student, given in table(told.pop("accommodations", {}), "accommodations").items():
        where = f"accommodations.{student!r}"
        known(table(given, where), ["days", "excused"], where)
        course.more[student] = timedelta(days=number(given.get("days", 0), f"{where}.days"))
        course.excused[student] = list(given.get("excused", []))
        known(dict.fromkeys(course.excused[student]), assignments, f"{where}.excused")
    for assignment, given in told.items():
        known(table(given, assignment), list(Rules.__dataclass_fields__), assignment)
        rules = Rules()
        for name, value in given.items():
            where = f"{assignment}.{name}"
            if name == "due":
                rules.due = moment(value, where)
            elif name in ("extensions", "handed_in"):
                people = table(value, where).items()
                setattr(rules, name, {who: moment(t, f"{where}.{who!r}") for who, t in people})
            else:
                setattr(rules, name, number(value, where))
        course.rules[assignment] = rules
    return course


def known(given: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    names = list(names)
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
            raise ValueError(f"{NAME}: nothing is called {name!r} in {where}; {hint}")


def table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{NAME}: {where} is {value!r}, but should be a table, as in [{where}]")
    return value


def number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ValueError(f"{NAME}: {where} is {value!r}, but should be a number, 0 or more")
    return float(value)


def moment(value: Any, where: str) -> datetime:
    """A time with its zone; a day alone means its last second."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59, 59))
    if not isinstance(value, datetime):
        raise ValueError(
            f"{NAME}: {where} is {value!r}, but should be a time without quotes, as in "
            "2026-11-23T23:59:00"
        )
    return value.astimezone()


STAMP = "timestamp.txt"
"""Where nbgrader looks for the time at which something was handed in."""


def record(course: Path, assignment: str) -> Path:
    """Where grading.collect writes down who handed in what, by which name in which archive."""
    return course / "downloaded" / assignment / "collected.json"


def recorded(course: Path, assignment: str) -> dict[str, dict[str, Any]]:
    path = record(course, assignment)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def plain(value: datetime) -> datetime:
    """As nbgrader keeps times: in UTC, and without saying so."""
    return value.astimezone(UTC).replace(tzinfo=None)


def time_in(stamp: Path) -> datetime | None:
    """The time that stands in such a file; None if it holds none."""
    try:
        return parse_utc(stamp.read_text(encoding="utf-8").strip())
    except (OSError, ValueError, OverflowError):
        return None


def settle(book: Gradebook, assignment: str, folder: Path) -> list[str]:
    """Write due dates, extensions and what lateness costs into the gradebook, from the marks as
    they are now; so it is done again when marks by hand were given.

    Parameters
    ----------
    book : nbgrader.api.Gradebook
        Open, with the assignment in it.
    assignment : str
        Its name.
    folder : Path
        The course, with a course.toml or without.

    Returns
    -------
    sentences : list of str
        One for each who is late, and for each name that is nobody's.
    """
    course, said = read(folder), []
    rules = course.of(assignment)
    marked = {who for who, row in recorded(folder, assignment).items() if row["late"]}
    found = book.find_assignment(assignment)
    found.duedate = rules.due and plain(rules.due)
    for submission in sorted(found.submissions, key=lambda s: s.student.id):
        stamp = folder / "submitted" / submission.student.id / assignment / STAMP
        if stamp.is_file():  # nbgrader reads it when it grades, and it may have come since
            if moment := time_in(stamp):
                submission.timestamp = moment
            else:
                said.append(
                    f"{submission.student.id} has a {STAMP} that holds no time; {NAME} can say "
                    f"when it was handed in, under [{assignment}.handed_in]."
                )
        said += settled(submission, assignment, course, marked)
    book.db.commit()
    students = {student.id for student in book.students}
    for name in sorted(course.named(assignment) - students):
        near = difflib.get_close_matches(name, students, n=1)
        said.append(f"{NAME} names {name!r}, and nobody is called so"
                    + (f"; did you mean {near[0]!r}?" if near else "."))  # fmt: skip
    return said


def settled(
    submission: SubmittedAssignment, assignment: str, course: Course, marked: set[str]
) -> list[str]:
    rules, student = course.of(assignment), submission.student.id
    if student in rules.handed_in:
        submission.timestamp = plain(rules.handed_in[student])
    due = course.due(assignment, student)
    # nbgrader adds an extension to the date for all.
    submission.extension = due - rules.due if due and rules.due else None
    late = timedelta()
    if due and submission.timestamp:
        late = max(timedelta(), submission.timestamp - plain(due))
    for notebook in submission.notebooks:
        notebook.late_submission_penalty = rules.penalty(notebook.score, late)
    if late:
        lost = sum(notebook.late_submission_penalty for notebook in submission.notebooks)
        taken = f"{lost:g} points are taken off" if lost else "nothing is taken off"
        return [f"{student} is {in_words(late)} late; {taken}."]
    if student in marked and not submission.timestamp and rules.due:
        return [
            f"{student} is late by Canvas, whose archive does not say by how much; nothing is "
            f"taken off until {NAME} says when, under [{assignment}.handed_in]."
        ]
    return []


def in_words(late: timedelta) -> str:
    minutes = math.ceil(late / timedelta(minutes=1))
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
