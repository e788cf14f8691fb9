"""Put the archive of all submissions, as Canvas or Moodle give it, into submitted/.

    python -m grading.collect numbers submissions.zip
    python -m grading.collect numbers submissions.zip --students worksheet.csv
    python -m grading.collect numbers                 all archives in downloaded/numbers/archive/

Nothing is lost: what belongs to nobody is kept in downloaded/numbers/unmatched/, and what a student
had handed in before is kept in originals/. Each file and each student is accounted for by name.

The names in an archive follow lib/content_zipper.rb of instructure/canvas-lms and mod/assign of
moodle/moodle. `--students` is Moodle's grading worksheet, Canvas' exported gradebook, or nbgrader's
own list (id,first_name,last_name,email): it tells people of one name apart, knows when Moodle's
students handed in, and names who handed nothing in.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import functools
import hashlib
import io
import json
import re
import shutil
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.api import Gradebook

from grading.course import STAMP, record, recorded
from grading.grade import nbgrader
from grading.marks import Table, read
from grading.mending import count
from grading.places import COURSE, is_called_notebook, is_nobody
from grading.preflight import spare

CANVAS = re.compile(
    r"(?P<name>(?!LATE_|anon_).+?_)?(?P<late>LATE_)?"
    r"(?:(?P<number>\d+)|(?P<anonymous>anon_[0-9A-Za-z]+))_(?:\d+_(?P<file>.+)|(?P<text>text|link)\.html)",
    re.DOTALL,
)
"""lovelaceada_LATE_101_4711_numbers.ipynb: a name of letters, digits and _, the student, the file's
number, the file. Without the name if the students are anonymous."""

MOODLE = re.compile(
    r"(?P<name>[^_]*)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>.*)", re.DOTALL
)
"""Ada Lovelace_4711_assignsubmission_file/numbers.ipynb, or with a _ in place of the /; in a name
Moodle itself makes a blank of each _."""

LARGEST = 200_000_000
"""Bytes of one file. What is larger is no notebook."""


@dataclass
class Member:
    """A file in an archive."""

    name: str
    size: int
    read: Callable[[], bytes]


@dataclass
class Person:
    """A line of the list of students."""

    number: str = ""
    name: str = ""
    address: str = ""
    own: str = ""
    """An ID number or a login: what tells two people of one name apart."""
    time: datetime | None = None


@dataclass
class HandIn:
    """All that one student has in the archives."""

    system: str
    name: str
    number: str
    late: bool = False
    person: Person | None = None
    """Who that is in the list of students."""
    files: dict[str, bytes] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    folder: str = ""

    @property
    def notebooks(self) -> list[str]:
        return sorted(file for file in self.files if is_called_notebook(file))


def members(archive: Path) -> Iterator[Member]:
    """The files in an archive, or in the folder that a browser has made of it."""
    if archive.is_dir():
        for path in sorted(archive.rglob("*")):
            if path.is_file():
                name = path.relative_to(archive).as_posix()
                yield Member(name, path.stat().st_size, path.read_bytes)
        return
    with zipfile.ZipFile(archive) as packed:
        for info in packed.infolist():
            if not info.is_dir():
                name = info.filename.replace("\\", "/")
                yield Member(name, info.file_size, functools.partial(packed.read, info))


def parse(name: str) -> tuple[dict[str, Any], str] | None:
    """Whose file this is by its name in the archive, and what it was called; None if nobody's."""
    parts = PurePosixPath(name).parts
    for place, part in enumerate(parts):
        if found := MOODLE.fullmatch(part):
            rest = [found["file"], *parts[place + 1 :]]
            file = "/".join(piece for piece in rest if piece not in ("", ".", ".."))
            return {"system": "Moodle"} | found.groupdict(), file or f"{found['kind']}.html"
    if found := CANVAS.fullmatch(parts[-1]):
        who = found.groupdict() | {"system": "Canvas"}
        who["name"] = (found["name"] or "").rstrip("_")
        who["number"] = found["number"] or found["anonymous"]
        return who, found["file"] or f"{found['text']}.html"
    return None


def sort(found: Iterable[Member]) -> tuple[dict[str, HandIn], dict[str, bytes], list[str]]:
    """The files by students, those that are nobody's, and a sentence for each without content."""
    people: dict[str, HandIn] = {}
    nobodys: dict[str, bytes] = {}
    said = []
    for member in found:
        parts = PurePosixPath(member.name).parts
        told = parse(member.name)
        is_junk = any(is_nobody(Path(part)) for part in parts if part != "..")
        system = told[0]["system"] if told and not is_nobody(Path(parts[0])) else ""
        if told and (system == "Moodle" or (system and not is_junk)):
            belonging(people, told[0])  # who handed in nothing that can be read is not lost
        if is_junk:
            continue
        if member.size > LARGEST:
            said.append(f"{member.name} has {member.size / 1e6:.0f} MB and is left out.")
            continue
        try:
            content = member.read()
        except Exception as error:  # a broken member has many ways to say so
            said.append(f"{member.name} cannot be unpacked ({error}); ask for it again.")
            continue
        if told is None:
            nobodys[member.name] = content
            continue
        who, file = told
        person = belonging(people, who)
        person.late |= bool(who.get("late"))
        while file in person.files and person.files[file] != content:
            file = str(PurePosixPath(file).with_stem(f"{PurePosixPath(file).stem}-again"))
        person.files[file] = content
        person.members[file] = member.name
    return people, nobodys, said


def belonging(people: dict[str, HandIn], who: dict[str, Any]) -> HandIn:
    """The one whose file has such a name, perhaps a new one."""
    name = unicodedata.normalize("NFC", who["name"])
    hand_in = HandIn(who["system"], name, who["number"])
    return people.setdefault(f"{who['system']} {who['number']}", hand_in)


def unpack(person: HandIn) -> list[str]:
    """Take the notebooks out of a student's own archive, and out of archives in it."""
    if person.notebooks:
        return []
    for file, content in list(person.files.items()):
        if not is_archive(file):
            continue
        try:
            inside = notebooks_in(content)
        except Exception:  # the preflight says what is wrong with it
            continue
        if inside:
            person.files |= inside
            person.members |= dict.fromkeys(inside, person.members[file])
            were = "was" if len(inside) == 1 else "were"
            return [f"{', '.join(inside)} {were} taken out of {file}"]
    return []


def is_archive(name: str) -> bool:
    return name.strip().casefold().endswith(".zip")


def notebooks_in(archive: bytes, deeper: int = 2) -> dict[str, bytes]:
    """The notebooks in an archive, each once, and in archives that it holds."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        for info in packed.infolist():
            path = PurePosixPath(info.filename)
            if info.file_size > LARGEST or any(is_nobody(Path(part)) for part in path.parts):
                continue
            if is_archive(path.name) and deeper:
                inside = notebooks_in(packed.read(info), deeper - 1)
            elif is_called_notebook(path.name):
                inside = {path.name: packed.read(info)}
            else:
                continue
            for name, content in inside.items():
                while name in found and found[name] != content:
                    name = f"again-{name}"
                if content not in found.values():
                    found[name] = content
    return found


def roster(table: Table) -> list[Person]:
    """The people in Moodle's worksheet, Canvas' gradebook or nbgrader's list."""
    header = [title.strip().casefold() for title in table.header]

    def column(*names: str) -> int | None:
        return next((header.index(name) for name in names if name in header), None)

    if table.is_canvas:
        places = {"number": column("id"), "name": column("student"), "own": column("sis login id")}
    elif "first_name" in header:
        places = {"own": column("id"), "address": column("email")}
    else:
        # Moodle's worksheet is in the teacher's language: its first column ends in numbers.
        places = {"number": 0, "name": 1, "own": column("id number", "id-nummer", "username")}
    people = []
    for row in table.rows:
        values: dict[str, Any] = {
            name: row[at].strip() for name, at in places.items() if at is not None
        }
        person = Person(**values)
        if "first_name" in header:
            first, last = column("first_name"), column("last_name")
            names = [row[at] for at in (first, last) if at is not None]
            person.name = " ".join(filter(None, names))
        if not person.address:
            person.address = next((cell.strip() for cell in row if "@" in cell), "")
        if places.get("number") == 0:
            person.number = "".join(re.findall(r"\d+$", person.number))
            submitted = column("last modified (submission)")
            person.time = moment(row[submitted]) if submitted is not None else None
        elif table.is_canvas and not person.number.isdigit():
            continue  # the line of points
        people.append(person)
    return people


def moment(text: str) -> datetime | None:
    """A time such as 'Monday, 23 November 2026, 9:00 AM', in this machine's zone."""
    for form in ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%Y-%m-%d %H:%M:%S"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(text.strip(), form).astimezone()
    return None


def clean(name: str) -> str:
    """A name that may be a folder's, for nbgrader too."""
    name = " ".join(re.sub(r"[\[\]*?/\\:<>|\"\x00-\x1f]", " ", name).split()).strip(".")
    return "" if is_nobody(Path(name or "x")) else name


def name_folders(
    people: dict[str, HandIn], listed: list[Person], before: dict[str, dict[str, Any]]
) -> list[str]:
    """Give each hand-in its student's folder; a sentence for each that is not sure."""
    said = []
    numbered = {("Moodle", p.number): p for p in listed if p.number}
    # nbgrader's list has no numbers; by what it calls a student, Canvas does.
    numbered |= {("Canvas", p.number or p.own): p for p in listed if p.number or p.own}
    named: dict[str, list[Person]] = {}
    for person in listed:
        named.setdefault(person.name.casefold(), []).append(person)
    earlier = {f"{r['system']} {r['number']}": folder for folder, r in before.items()}
    shared = Counter(p.name.casefold() for p in people.values() if p.system == "Moodle")
    shared |= Counter({name: len(same) for name, same in named.items()})
    for key, hand_in in people.items():
        # Who has another number is somebody else of that name.
        same = [p for p in named.get(hand_in.name.casefold(), []) if not p.number]
        only = same[0] if len(same) == 1 else None
        own = hand_in.person = numbered.get((hand_in.system, hand_in.number), only)
        if listed and own is None:
            said.append(
                f"{hand_in.name or hand_in.number} ({hand_in.number}) is not in the list of "
                "students; collected all the same. Who joined late is in a newer list."
            )
        if hand_in.system == "Canvas":
            hand_in.folder = hand_in.number
            continue
        if own and own.own and not own.number:
            hand_in.folder = own.own  # nbgrader's list says what the folder is called
            continue
        hand_in.folder = clean(hand_in.name)
        login = own and (own.own or own.address.partition("@")[0])
        if shared[hand_in.name.casefold()] > 1 or not hand_in.folder:
            hand_in.folder = clean(f"{hand_in.folder} ({login or hand_in.number})")
            if not login and key not in earlier:
                said.append(
                    f"{hand_in.name or 'somebody'} is the name of several; this one is "
                    f"{hand_in.folder!r}, by Moodle's number, which is another one in the next "
                    "assignment. --students with the grading worksheet tells them apart for good."
                )
        hand_in.folder = earlier.get(key, hand_in.folder)
    taken = {folder.casefold(): f"{r['system']} {r['number']}" for folder, r in before.items()}
    for key, hand_in in people.items():
        owner = taken.setdefault(hand_in.folder.casefold(), key)
        if owner != key:
            other, hand_in.folder = hand_in.folder, f"{hand_in.folder} ({hand_in.number})"
            said.append(
                f"{other!r} is the folder of another student already; this one is collected as "
                f"{hand_in.folder!r}. Rename the folder if they are the same."
            )
    return said


def digest(hand_in: HandIn) -> dict[str, str]:
    return {file: hashlib.sha256(text).hexdigest() for file, text in sorted(hand_in.files.items())}


def keep(folder: Path, originals: Path) -> None:
    """Move all that is in a submission's folder to originals/, under a number if need be."""
    target = originals / folder.parent.name / folder.name
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        copy = spare(target / path.relative_to(folder), path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        path.replace(copy)
    shutil.rmtree(folder)


def place(hand_in: HandIn, assignment: str, course: Path, known: dict[str, Any] | None) -> str:
    """Write a hand-in to submitted/; what happened, in words. What was there before is kept."""
    folder = course / "submitted" / hand_in.folder / assignment
    if known and known["files"] == digest(hand_in) and folder.is_dir():
        return "unchanged"
    again = folder.is_dir()
    if again:
        keep(folder, course / "originals")
    folder.mkdir(parents=True)
    for file, content in hand_in.files.items():
        path = folder / file
        if hand_in.notebooks == [file]:
            path = folder / f"{assignment}.ipynb"
        elif file == STAMP:  # nbgrader would take it for the time of handing in
            path = folder / f"{hand_in.folder}-{STAMP}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return "handed in again; the earlier version is in originals/" if again else ""


def stamp(hand_in: HandIn, assignment: str, course: Path) -> None:
    """When it was handed in, where nbgrader looks for it."""
    if hand_in.person and (time := hand_in.person.time):
        path = course / "submitted" / hand_in.folder / assignment / STAMP
        path.write_text(f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")


def in_the_book(course: Path, people: Iterable[HandIn]) -> list[str]:
    """Write names and addresses into the gradebook; everybody whom it knew before."""
    known = [(hand_in.folder, hand_in.person) for hand_in in people if hand_in.person]
    if not known and not (course / "gradebook.db").is_file():
        return []
    api = nbgrader(course)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
        before = [student.id for student in book.students]
        for student, person in known:
            if person.address:
                last, _, first = person.name.rpartition(", ")
                if not last:
                    first, _, last = person.name.rpartition(" ")
                book.update_or_create_student(
                    student, email=person.address, first_name=first, last_name=last
                )
    return before


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("assignment")
    parser.add_argument("archives", type=Path, nargs="*", help="as Canvas or Moodle give them")
    parser.add_argument("--students", type=Path, help="a worksheet, a gradebook, or a list (CSV)")
    parser.add_argument("--course", type=Path, default=COURSE, help="the folder with submitted/")
    options = parser.parse_args(arguments)
    course, assignment = options.course.resolve(), options.assignment
    if not (course / "source" / assignment).is_dir():
        parser.error(f"{course / 'source' / assignment}: no such assignment")
    own = course / "downloaded" / assignment
    archives = options.archives or sorted(
        (own / "archive").glob("*.zip"), key=lambda path: path.stat().st_mtime
    )
    if not archives:
        parser.error(f"no archive; name one, or put it into {own / 'archive'}")
    listed: list[Person] = []
    if options.students:
        try:
            listed = roster(read(options.students))
        except (OSError, ValueError, csv.Error) as error:
            parser.error(f"{options.students}: {error}; export it again as a text file")

    people: dict[str, HandIn] = {}
    nobodys: dict[str, bytes] = {}
    look: list[str] = []
    for archive in archives:
        try:
            found, unknown, said = sort(members(archive))
        except (OSError, zipfile.BadZipFile) as error:
            parser.error(f"{archive}: {error}; download it again")
        # The later archive counts.
        people |= found
        nobodys |= unknown
        look += said
    before = recorded(course, assignment)
    look += name_folders(people, listed, before)

    table = dict(before)
    for hand_in in sorted(people.values(), key=lambda h: h.folder.casefold()):
        notes = unpack(hand_in)
        known = before.get(hand_in.folder)
        try:
            notes += filter(None, [place(hand_in, assignment, course, known)])
            stamp(hand_in, assignment, course)
        except OSError as error:
            look.append(
                f"what {hand_in.folder} handed in could not be written here: {error.strerror}; "
                f"put it into submitted/{hand_in.folder}/{assignment}/ by hand."
            )
            notes.append("NOT COLLECTED")
        if hand_in.late:
            notes.append("LATE")
        if not hand_in.notebooks:
            others = ", ".join(sorted(hand_in.files)) or "nothing else that can be read"
            notes.append(f"no notebook, but {others}")
            look.append(f"{hand_in.folder} handed in no notebook; ask for it.")
        elif len(hand_in.notebooks) > 1:
            notes.append(f"several notebooks: {', '.join(hand_in.notebooks)}")
        who = f" ({hand_in.name})" if hand_in.name not in ("", hand_in.folder) else ""
        print(f"    {hand_in.folder}{who}: {'; '.join(notes) or 'collected'}")
        table[hand_in.folder] = {
            "system": hand_in.system,
            "name": hand_in.name,
            "number": hand_in.number,
            "late": hand_in.late,
            "members": hand_in.members,
            "files": digest(hand_in),
        }
        if "NOT COLLECTED" in notes:
            del table[hand_in.folder]  # so that it is tried again
    for name, content in nobodys.items():
        path = own / "unmatched" / "/".join(p for p in PurePosixPath(name).parts if p not in "/..")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        look.append(
            f"{name} is called neither as in Canvas nor as in Moodle, so it is nobody's; it is in "
            f"{path.relative_to(course)}."
        )
    own.mkdir(parents=True, exist_ok=True)
    text = json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False)
    record(course, assignment).write_text(text + "\n", encoding="utf-8")

    class_before = in_the_book(course, people.values())
    if class_before:
        for folder in sorted({h.folder for h in people.values()} - set(class_before)):
            look.append(f"{folder} was not in the class before; they joined, or were renamed.")
    for folder in sorted(set(before) - {h.folder for h in people.values()}):
        print(f"    {folder}: not in this archive; what was collected before stays")
    came = [hand_in.person for hand_in in people.values()]
    earlier = {*before, *(row["number"] for row in before.values())}
    for person in listed:
        if person in came or {person.number, person.own} & earlier:
            continue
        print(f"    {person.name or person.own}: handed nothing in")
    for sentence in look:
        print(f"look: {sentence}")
    late = sum(h.late for h in people.values())
    print(f"{count(len(people), 'student')} handed in, {late} late; "
          f"{count(len(nobodys), 'file')} of nobody, {len(look)} to look at")  # fmt: skip
    return int(bool(look))


if __name__ == "__main__":
    sys.exit(main())
