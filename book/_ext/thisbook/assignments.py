"""The assignments, as the page for teachers tells them: read from their notebooks when it is built.

```{assignment} numbers```   its exercises, each with its kind, its minutes and its points
```{rehearsal}```            how long a submission takes to grade, as it was measured
```{mutants}```              how many small mistakes in the solutions the checks find
```{variants}```             what answers to the first variant earn in the second
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import nbformat
from livebook.generated import Generated
from nbformat import NotebookNode

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "classroom" / "source"
TIMES = ROOT / "benchmarks" / "rehearsal.json"
MUTANTS = ROOT / "benchmarks" / "mutants.json"
VARIANTS = ROOT / "classroom" / "variants" / "kept.json"
HEAD = re.compile(r"## (\d) (.+)\n\n\*(\w+), (\d+) minutes, (\d+) points(, marked by hand)?\.\*")


@dataclass(frozen=True)
class Exercise:
    """One exercise, as its first lines say it."""

    number: int
    title: str
    kind: str
    minutes: int
    points: int
    by_hand: bool


@dataclass(frozen=True)
class Assignment:
    title: str
    exercises: list[Exercise]

    @property
    def minutes(self) -> int:
        return sum(exercise.minutes for exercise in self.exercises)

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def by_hand(self) -> int:
        return sum(exercise.points for exercise in self.exercises if exercise.by_hand)


def read(name: str) -> Assignment:
    """The assignment `name` of classroom/source."""
    notebook: NotebookNode = nbformat.read(SOURCES / name / f"{name}.ipynb", as_version=4)
    told = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    heads = [match for text in told if (match := HEAD.match(text))]
    return Assignment(
        told[0].splitlines()[0].removeprefix("# "),
        [Exercise(int(n), title, kind, int(minutes), int(points), bool(by_hand))
         for n, title, kind, minutes, points, by_hand in (head.groups() for head in heads)],
    )  # fmt: skip


def assignment(name: str) -> Iterable[str]:
    told = read(name)
    by_hand = f"{told.by_hand} of them given by hand" if told.by_hand else "all given by checks"
    page = f"[{told.title}](../../classroom/release/{name}/{name}.ipynb)"
    yield f"`{name}`: **{page}**, {told.minutes} minutes, {told.points} points, {by_hand}."
    yield ""
    yield "| exercise | kind | minutes | points |"
    yield "|---|---|---|---|"
    for e in told.exercises:
        yield f"| {e.number} {e.title} | {e.kind.lower()} | {e.minutes} | {e.points} |"


def rehearsal() -> Iterable[str]:
    record = json.loads(TIMES.read_text(encoding="utf-8"))
    rows, versions, cores = (record[name] for name in ("assignments", "versions", "cores"))
    yield "| assignment | grading one | of that, work of a core | a page of feedback | all thirty |"
    yield "|---|---|---|---|---|"
    for name, row in sorted(rows.items(), key=lambda item: read(item[0]).title):
        before, after = row["graded_before_the_kill"], row["graded_after_it"]
        seconds = row["seconds"]
        grading = seconds["grade, resumed"]
        one, work = grading["clock"] / after, grading["core"] / after
        page = seconds["feedback"]["clock"] / (before + after)
        whole = sum(stage["clock"] for stage in seconds.values()) / 60
        yield f"| `{name}` | {one:.1f} s | {work:.1f} s | {page:.1f} s | {whole:.0f} min |"
    yield ""
    looks = record["processes"]["preflight"]
    yield (
        f"nbgrader {versions['nbgrader']} and Python {versions['python']}, on {cores} cores. The "
        f"preflight runs {looks} notebooks at a time, the grading one; the seconds have both in "
        "them."
    )
    load = mean(row["load"] for row in rows.values())
    if load > cores:
        yield (
            f"The machine had other work as well: on average, {load:.0f} programs wanted its "
            f"{cores} cores. So the times are upper bounds."
        )


def mutants() -> Iterable[str]:
    table = json.loads(MUTANTS.read_text(encoding="utf-8"))
    yield "| assignment | exercise | mutants | lose points | keep all |"
    yield "|---|---|---|---|---|"
    for name in sorted(table, key=lambda name: read(name).title):
        rows = sorted(table[name].items(), key=lambda row: place(name, row[0]))
        for exercise, row in rows:
            made, kept = row["mutants"], len(row["survivors"])
            number = place(name, exercise)
            yield f"| `{name}` | {number} | {made} | {made - kept} | {kept} |"
    made = sum(row["mutants"] for rows in table.values() for row in rows.values())
    kept = sum(len(row["survivors"]) for rows in table.values() for row in rows.values())
    yield f"| all | | {made:,} | {made - kept:,} | {kept} |"


def variants() -> Iterable[str]:
    yield "| assignment | automatic points | of these with the first variant's answers |"
    yield "|---|---|---|"
    table = json.loads(VARIANTS.read_text(encoding="utf-8"))
    for name in sorted(table, key=lambda name: read(name).title):
        told = read(name)
        kept = sum(table[name].values())
        yield f"| `{name}` | {told.points - told.by_hand} | {kept:g} |"


def place(name: str, exercise: str) -> int:
    """The number of an exercise, by the first word of its cells' ids."""
    notebook: NotebookNode = nbformat.read(SOURCES / name / f"{name}.ipynb", as_version=4)
    heads = [cell.id for cell in notebook.cells if HEAD.match(cell.source)]
    return heads.index(exercise) + 1


class Told(Generated):
    """What one of the functions above says of an assignment, or of all."""

    optional_arguments = 1

    def lines(self) -> Iterable[str]:
        whole = {"rehearsal": rehearsal, "mutants": mutants, "variants": variants}
        return whole[self.name]() if self.name in whole else assignment(self.arguments[0])


def setup(app: Any) -> dict[str, Any]:
    for name in ("assignment", "rehearsal", "mutants", "variants"):
        app.add_directive(name, Told)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
