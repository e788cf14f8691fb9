"""Look at submissions before they are graded. What would cost points without a word is said.

    python -m grading.preflight submitted/             one sentence for each thing that is wrong
    python -m grading.preflight submitted/ --repair    and mend what the release can mend
    python -m grading.preflight submitted/ --letters letters    and a letter to each student

Submissions lie in submitted/<student>/<assignment>/, as nbgrader collects them. A mended notebook
takes the place of the original, which is kept in originals/ beside submitted/. What cannot be
mended is left as it is, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import glob
import os
import shutil
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading import box
from grading.course import STAMP, time_in
from grading.findings import (
    belongs_to,
    check_functions,
    check_names,
    check_order,
    check_stops,
    compare_names,
    flag,
    name_in,
)
from grading.letters import send
from grading.mending import Report, count, match, mend
from grading.places import RELEASE, find_notebook, is_own, loose_ends, strays, submissions
from grading.stored import load
from grading.trial import check_run

LIMIT = 30.0
"""Seconds for a cell, as in nbgrader_config.py."""


def examine(folder: Path, release: Path = RELEASE, limit: float | None = LIMIT) -> Report:
    """All that is wrong with the submission in this folder; changes nothing.

    Its cells are run with a limit in seconds each, and not run if `limit` is None.
    """
    report, notebook = without_running(folder, release)
    if notebook is not None and limit is not None:
        check_stops(notebook, check_run(notebook, folder, limit, report), report)
    return report


def without_running(folder: Path, release: Path) -> tuple[Report, NotebookNode | None]:
    """What can be seen without running anything, and the notebook to run, mended."""
    report = Report(student=folder.parent.name, assignment=folder.name)
    given = release / folder.name / f"{folder.name}.ipynb"
    if not given.is_file():
        return report, None  # as `strays` says
    name = folder.parent.name
    if glob.escape(name) != name or name != name.strip() or "\n" in name:
        report.look.append(
            "nbgrader finds no folder with [, ], *, ? or a new line in its name, or a blank at its "
            f"end; rename {name!r}."
        )
        return report, None
    path = find_notebook(folder, report)
    notebook = read(path, report) if path else None
    if is_no_stamp(folder / STAMP):
        report.mended.append(
            f"{STAMP} holds no time, and nbgrader would stop at it; put aside, so nothing says "
            "when this was handed in."
        )
    if notebook is None:
        report.mended.clear()
        return report, None
    report.file = path
    ends = ", ".join(" ".join(p.relative_to(folder).as_posix().split()) for p in loose_ends(folder))
    if ends:
        report.mended.append(
            "links, pipes and the like are no files of their own, and are left out of the "
            f"grading: {ends}."
        )
    blank = nbformat.read(given, as_version=4)
    other = belongs_to(notebook, folder.name, release)
    if other:
        report.mended.clear()
        report.look.append(f"this is the notebook of {other}; ask for that of {folder.name}.")
        return report, None
    if not match(notebook, blank):
        report.mended.clear()
        report.look.append(f"there is nothing of {folder.name} in this notebook; ask for it again.")
        return report, None
    report.gradable = True
    mended = mend(notebook, blank, report)
    report.name = name_in(mended)
    check_names(mended, blank, report)
    check_functions(mended, report)
    check_order(mended, blank, report)
    flag(mended, blank, report)
    if report.mended:
        report.notebook = mended
    return report, mended


def inspect(folder: Path, release: Path) -> tuple[Report, NotebookNode | None]:
    """The same; what nobody has thought of is said of this submission, and stops no other's."""
    try:
        return without_running(folder, release)
    except Exception as error:
        report = Report(student=folder.parent.name, assignment=folder.name)
        report.look.append(
            f"it could not be looked at: {type(error).__name__} ({error}); open it, save it again "
            "in Jupyter, or ask for it again."
        )
        return report, None


def read(path: Path, report: Report) -> NotebookNode | None:
    try:
        return load(path, report.mended)
    except (OSError, ValueError) as error:
        report.look.append(f"{path.name} cannot be read as a notebook: {error}; ask for it again.")
        return None


def spare(copy: Path, original: Path) -> Path:
    """Where an original is kept: under a number if another one has its name."""
    first, number = copy, 1
    while copy.exists() and copy.read_bytes() != original.read_bytes():
        number += 1
        copy = first.with_stem(f"{first.stem}.{number}")
    return copy


def keep_original(folder: Path, originals: Path, file: Path | None = None) -> None:
    """Copy all notebooks of the folder, and this file; a second original of the same name gets a
    number."""
    target = originals / folder.parent.name / folder.name
    target.mkdir(parents=True, exist_ok=True)
    for path in {*folder.glob("*.ipynb"), *([file] if file else [])}:
        if is_own(path):
            shutil.copy2(path, spare(target / path.name, path))


def is_no_stamp(path: Path) -> bool:
    """Whether it is called as nbgrader's file with the time of handing in, and is none."""
    return is_own(path) and time_in(path) is None


def store(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook in a file's place, at once or not at all."""
    new = path.with_suffix(".mended")
    nbformat.write(notebook, new)
    new.replace(path)


def repair(report: Report, folder: Path, originals: Path) -> None:
    """Put the mended notebook in the original's place, at once or not at all."""
    keep_original(folder, originals, report.file)
    for path in list(loose_ends(folder)):
        path.unlink()
    if is_no_stamp(stamp := folder / STAMP):
        kept = spare(originals / folder.parent.name / folder.name / STAMP, stamp)
        shutil.copy2(stamp, kept)
        stamp.unlink()
    right = folder / f"{folder.name}.ipynb"
    store(report.notebook, right)
    if report.file and report.file != right:
        report.file.unlink()


def preflight(
    submitted: Path,
    *,
    assignment: str | None = None,
    release: Path = RELEASE,
    limit: float = LIMIT,
    mending: bool = False,
    known: Collection[Path] = (),
    boxed: bool = True,
) -> list[Report]:
    """Examine all submissions, or those of one assignment, side by side; repair if `mending`.

    The cells of the folders in `known` are not run: they were graded before.
    """
    folders = [
        folder
        for folder in submissions(submitted)
        if (release / folder.name).is_dir() and assignment in (None, folder.name)
    ]
    # Python 3.11's parser fails now and then in two threads at once; only the runs, each a process
    # of its own, go side by side.
    inspected = [inspect(folder, release) for folder in folders]
    reports = [report for report, _ in inspected]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        runs = [
            (report, notebook, pool.submit(check_run, notebook, folder, limit, report, boxed))
            for folder, (report, notebook) in zip(folders, inspected, strict=True)
            if notebook is not None and folder not in known
        ]
    for report, notebook, run in runs:
        if error := run.exception():
            report.look.append(
                f"its cells could not be run here: {type(error).__name__} ({error})."
            )
        else:
            check_stops(notebook, run.result(), report)
    compare_names(reports)
    if mending:
        for report, folder in zip(reports, folders, strict=True):
            if report.notebook is not None:
                try:
                    repair(report, folder, submitted.parent / "originals")
                except OSError as error:
                    report.gradable = False
                    report.look.insert(0, f"it could not be mended here: {error.strerror}.")
    return reports


def show(reports: list[Report], lost: list[str], mending: bool) -> None:
    for sentence in lost:
        print(f"look: {sentence}")
    for report in reports:
        if report.mended or report.look:
            print(f"{report.student}/{report.assignment}")
        for sentence in report.mended:
            print(f"    {'mended' if mending else '--repair mends'}: {sentence}")
        for sentence in report.look:
            print(f"    look: {sentence}")
    good = sum(not report.mended and not report.look for report in reports)
    look = sum(bool(report.look) for report in reports)
    print(
        f"{count(len(reports), 'submission')}: {good} in order, "
        f"{len(reports) - good - look} {'mended' if mending else 'to be mended'}, "
        f"{look} to look at" + (f"; {len(lost)} out of place" if lost else "")
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("submitted", type=Path, help="the folder with a folder for each student")
    parser.add_argument("--repair", action="store_true", help="mend what the release can mend")
    parser.add_argument("--letters", type=Path, help="write what a student should know, there")
    parser.add_argument("--no-box", action="store_true", help="run the cells with your own rights")
    options = parser.parse_args(arguments)
    if not options.submitted.is_dir():
        parser.error(f"{options.submitted}: no such folder")
    submitted = options.submitted.resolve()
    boxed = not options.no_box
    if boxed and not box.works():
        print(f"{box.MISSING}\n")
    reports = preflight(submitted, mending=options.repair, boxed=boxed)
    lost = strays(submitted, RELEASE)
    show(reports, lost, options.repair)
    if options.letters:
        print(f"{count(send(reports, options.letters), 'letter')} in {options.letters}")
    unsolved = any(report.look or (report.mended and not options.repair) for report in reports)
    return int(unsolved or bool(lost))


if __name__ == "__main__":
    sys.exit(main())
