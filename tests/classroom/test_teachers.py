"""What the page and the file for teachers say of the assignments is what is in the notebooks, and
what they tell teachers to type takes a class from an archive to its marks.
"""

import ast
import contextlib
import csv
import json
import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from classwork import ASSIGNMENTS, CLASSROOM, SOURCES, is_check, is_manual
from course import THIRTY, copy_course, good, marks_stripped, unreadable
from gradebooks import CANVAS
from nbgrader.api import Gradebook
from thisbook import assignments

PAGE = (CLASSROOM.parent / "book/reference/for-teachers.md").read_text(encoding="utf-8")
README = (CLASSROOM / "README.md").read_text(encoding="utf-8")
REHEARSED = json.loads(assignments.TIMES.read_text(encoding="utf-8"))["assignments"]


def points(name, counts):
    return sum(c.metadata.nbgrader.points for c in SOURCES[name].cells if counts(c))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_points_and_minutes_are_those_of_the_notebook(name):
    told = assignments.read(name)
    prose = [cell.source for cell in SOURCES[name].cells if cell.cell_type == "markdown"]
    assert len(told.exercises) == sum(text.startswith("## ") for text in prose)
    assert told.by_hand == points(name, is_manual)
    assert told.points - told.by_hand == points(name, lambda cell: is_check(cell))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_first_cell_says_what_is_to_come(name):
    told = assignments.read(name)
    first = SOURCES[name].cells[0].source
    assert f"about {told.minutes} minutes" in first
    rows = re.findall(r"^\| (\d) (.+) \| (\w+) \| (\d+) \| (\d+) \|$", first, re.MULTILINE)
    assert rows == [
        (str(e.number), e.title, e.kind.lower(), str(e.minutes), str(e.points))
        for e in told.exercises
    ]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_teachers_are_told_of_each_assignment(name):
    told = assignments.read(name)
    assert f"```{{assignment}} {name}\n```" in PAGE
    row = f"| `{name}` | {told.minutes} minutes | {told.points}, {told.by_hand} of them by hand |"
    assert row in README


@pytest.mark.parametrize("name", sorted(REHEARSED))
def test_grading_times_are_those_of_a_class_of_thirty(name):
    """Everyone in it who can be graded, after a kill; the times are that machine's."""
    row = REHEARSED[name]
    assert name in ASSIGNMENTS
    assert row["submissions"] == len(THIRTY) == 30
    assert row["graded_before_the_kill"] == 9
    assert row["graded_before_the_kill"] + row["graded_after_it"] == 28, "two cannot be graded"
    stages = ["collect", "grade, killed", "grade, resumed", "feedback", "export"]
    assert list(row["seconds"]) == stages


STEPS = [
    (
        "python -m grading.collect numbers",
        1,
        ["104 handed in no notebook", "102 (pascalblaise): LATE"],
    ),
    ("python -m grading.preflight submitted/", 1, ["--repair mends", "103/numbers"]),
    (
        "python -m grading.grade numbers",
        1,
        ["102: 24 of 28, 4 of them", "103: NOT GRADED, numbers.ipynb", "104: NOT GRADED, there is"],
    ),
    ("python -m grading.compare numbers", 0, ["It is no verdict"]),
    ("nbgrader generate_feedback numbers", 0, ["feedback/102/numbers/numbers.html"]),
    ("python -m grading.feedback numbers", 1, ["2 students in feedback/numbers-canvas.zip"]),
    ("python -m grading.marks numbers exported.csv numbers.csv", 0, ["2 marks for Canvas"]),
    ("nbgrader export --to=marks.csv", 0, []),
]
"""Each command for a class, its exit status, and what it tells."""


def test_the_rubric_of_the_project_adds_up():
    text = PAGE.partition("| rubric | points |")[2].partition("\n\n")[0]
    points = [int(row.split("|")[2]) for row in text.splitlines()[2:]]
    assert f"That makes {sum(points)} points." in PAGE
    assert len(points) == 7


def test_make_grader_installs_what_grading_imports():
    """And what the assignments import, with all that these bring along."""
    recipe = (CLASSROOM.parent / "Makefile").read_text(encoding="utf-8")
    (named,) = re.findall(r"\^\(\(([\w|]+)\)==", recipe)
    there, rest = {"dualedu"}, [*named.split("|"), "dualedu"]
    while rest:
        for line in metadata.requires(rest.pop()) or []:
            name = re.match(r"[\w.-]+", line)[0].lower().replace("_", "-")
            if "extra ==" not in line and name not in there:
                with contextlib.suppress(metadata.PackageNotFoundError):
                    there.add(metadata.distribution(name).name.lower().replace("_", "-"))
                    rest.append(name)
    there |= set(named.split("|"))
    texts = [path.read_text("utf-8") for path in (CLASSROOM / "grading").glob("*.py")]
    texts += [c.source for s in SOURCES.values() for c in s.cells if c.cell_type == "code"]
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    modules = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    owners = metadata.packages_distributions()
    for module in {name.partition(".")[0] for name in modules} - sys.stdlib_module_names:
        if module not in ("grading", "dualedu"):
            assert {owner.lower().replace("_", "-") for owner in owners[module]} & there, module


def test_the_page_has_no_other_commands_than_the_file():
    told = " ".join(README.partition("## From a clean machine")[2].split())
    commands = dict.fromkeys(re.findall(r"`((?:python|nbgrader) [^`]+)`", told))
    assert list(commands) == [command for command, *_ in STEPS]
    (block,) = re.findall(r"(?s)in short:\n\n```\n(.+?)```", PAGE)
    assert [line for line in block.splitlines() if line not in told] == []


def test_from_an_archive_to_marks(tmp_path):
    """Three notebooks and a text as Canvas packs them; then the marks by hand are given."""
    copy_course(tmp_path, "numbers")
    (tmp_path / "exported.csv").write_text(CANVAS, encoding="utf-8")
    archive = tmp_path / "downloaded/numbers/archive/submissions.zip"
    archive.parent.mkdir(parents=True)
    kinds = {"lovelaceada_101": good, "pascalblaise_LATE_102": marks_stripped,
             "gausscarl_103": unreadable}  # fmt: skip
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("noetheremil_104_4714_notes.txt", "I forgot")
        for number, (student, kind) in enumerate(kinds.items(), 4711):
            made = tmp_path / "made" / student / "numbers" / "numbers.ipynb"
            made.parent.mkdir(parents=True)
            kind("numbers", number, made)
            (made,) = made.parent.iterdir()
            packed.write(made, f"{student}_{number}_{made.name}")
    scripts = Path(sys.executable).parent
    env = {**os.environ, "PATH": os.pathsep.join([str(scripts), os.environ["PATH"]])}
    for command, status, says in STEPS:
        done = subprocess.run(
            command, cwd=tmp_path, env=env, shell=True, capture_output=True, text=True
        )
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        assert all(sentence in said for sentence in says), said
        if "grading.grade" in command:
            mark_by_hand(tmp_path / "gradebook.db", 3)
    assert [line[-1] for line in table(tmp_path / "numbers.csv")] == [
        "numbers (4711)",
        "28",
        *2 * ["27"],
    ]
    assert {line[3]: line[9] for line in table(tmp_path / "marks.csv")[1:]} == {
        "101": "27.0",
        "102": "27.0",
    }


def mark_by_hand(gradebook, points):
    """As the formgrader does."""
    with Gradebook(f"sqlite:///{gradebook}") as book:
        for submission in book.assignment_submissions("numbers"):
            for mark in submission.notebooks[0].grades:
                if mark.needs_manual_grade:
                    mark.manual_score, mark.needs_manual_grade = points, False
        book.db.commit()


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
