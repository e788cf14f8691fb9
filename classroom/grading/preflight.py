"""Look at submissions before they are graded. What would cost points without a word is said.

    python -m grading.preflight submitted/             one sentence for each thing that is wrong
    python -m grading.preflight submitted/ --repair    and mend what the release can mend

Submissions lie in submitted/<student>/<assignment>/, as nbgrader collects them. A mended notebook
takes the place of the original, which is kept in originals/ beside submitted/. What cannot be
mended is left as it is, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_solution

from grading.mending import Report, count, is_given, key, mend, names, plain

COURSE = Path(__file__).resolve().parents[1]
RELEASE = COURSE / "release"
RUN_CELLS = Path(__file__).resolve().with_name("run_cells.py")
LIMIT = 30.0
"""Seconds for a cell, as in nbgrader_config.py."""


def submissions(submitted: Path) -> list[Path]:
    """The folders of single submissions, sorted."""
    found = [
        folder
        for student in submitted.iterdir()
        if student.is_dir()
        for folder in student.iterdir()
        if folder.is_dir()
    ]
    return sorted(folder for folder in found if not folder.name.startswith("."))


def examine(folder: Path, release: Path = RELEASE, limit: float | None = LIMIT) -> Report:
    """All that is wrong with the submission in this folder; changes nothing.

    Its cells are run with a limit in seconds each, and not run if `limit` is None.
    """
    report, notebook = without_running(folder, release)
    if notebook is not None and limit is not None:
        check_run(notebook, folder, limit, report)
    return report


def without_running(folder: Path, release: Path) -> tuple[Report, NotebookNode | None]:
    """What can be seen without running anything, and the notebook to run, mended."""
    report = Report(student=folder.parent.name, assignment=folder.name)
    given = release / folder.name / f"{folder.name}.ipynb"
    if not given.is_file():
        known = ", ".join(sorted(path.name for path in release.iterdir()))
        report.look.append(
            f"no assignment is called {folder.name}, so nothing here is graded; "
            f"rename the folder to one of these: {known}."
        )
        return report, None
    path = find_notebook(folder, report)
    notebook = read(path, report) if path else None
    if notebook is None:
        return report, None
    blank = nbformat.read(given, as_version=4)
    report.gradable = True
    mended = mend(notebook, blank, report)
    report.name = name_in(mended)
    check_names(mended, blank, report)
    if report.mended:
        report.notebook = mended
    return report, mended


def find_notebook(folder: Path, report: Report) -> Path | None:
    right = folder / f"{folder.name}.ipynb"
    others = sorted(path for path in folder.glob("*.ipynb") if path != right)
    names = ", ".join(path.name for path in others)
    if right.is_file():
        if others:
            report.look.append(
                f"only {right.name} is graded, and {names} lies beside it; "
                "ask which of them is the work that counts."
            )
        return right
    if len(others) == 1:
        report.mended.append(
            f"the notebook is called {names}, and nbgrader grades {right.name} alone; renamed."
        )
        return others[0]
    report.look.append(
        f"there is no {right.name}, only {names}; rename the one that counts."
        if others
        else f"there is no {right.name} in the folder; ask for it."
    )
    return None


def read(path: Path, report: Report) -> NotebookNode | None:
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        report.look.append(
            f"{path.name} cannot be read as a notebook ({reason}); ask for it again, downloaded "
            "as a notebook and not as a page or a text."
        )
        return None
    return notebook


def check_names(notebook: NotebookNode, blank: NotebookNode, report: Report) -> None:
    """Say which answer is not valid Python, and which name that the checks ask for is gone."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    given = [cell.source for cell in blank.cells if is_given(cell) and cell.cell_type == "code"]
    trees = [ast.walk(ast.parse(plain(source))) for source in given]
    asked = {node.id for tree in trees for node in tree if isinstance(node, ast.Name)}
    for cell in code:
        try:
            ast.parse(plain(cell.source))
        except SyntaxError as error:
            report.look.append(
                f"the cell {key(cell)} is not valid Python in line {error.lineno} "
                f"({error.msg}); nothing in it counts."
            )
    defined = set().union(*(names(cell.source) for cell in code))
    own = defined.difference(*map(names, given))
    for cell in blank.cells:
        if not (is_solution(cell) and cell.cell_type == "code"):
            continue
        for name in sorted((names(cell.source) & asked) - defined):
            near = difflib.get_close_matches(name, own, n=1, cutoff=0.75)
            report.look.append(
                f"{key(cell)} does not define {name}, which its check asks for"
                + (f"; it may now be called {near[0]}." if near else "; ask the student.")
            )


def check_run(notebook: NotebookNode, folder: Path, limit: float, report: Report) -> None:
    """Run all cells in a process of their own, and say which one does not end."""
    code = [(key(cell), cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    done = subprocess.run(
        [sys.executable, str(RUN_CELLS), str(limit)],
        input=json.dumps(code),
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    last = done.stdout.splitlines()[-1:] or ["nowhere"]
    if last == ["the end"]:
        return
    if "Timeout" in done.stderr:
        # The innermost frame of a cell: below it, the library may be at work.
        place = re.search(r'"<ipython-input.*", line \d+ in (\w+)', done.stderr)
        where = f"in {place[1]}" if place else "there"
        report.look.append(
            f"the cell {last[0]} does not end within {limit:g} seconds, perhaps for an endless "
            f"loop {where}; nbgrader stops each such cell and counts it 0."
        )
    else:
        report.look.append(
            f"Python itself ends in the cell {last[0]}, and what comes after it does not count; "
            "look for exit() or for very large arrays."
        )


def name_in(notebook: NotebookNode) -> object:
    """What the student wrote into the first cell: `...` if nothing, None if it cannot be told."""
    for cell in notebook.cells:
        if key(cell) == "student":
            with contextlib.suppress(SyntaxError, ValueError, IndexError, AttributeError):
                return ast.literal_eval(ast.parse(cell.source).body[-1].value)  # type: ignore[attr-defined]
    return None


def compare_names(reports: list[Report]) -> None:
    """Say where a name is missing or shared: exercises make a student's own numbers from it."""
    told: dict[tuple[str, str], list[Report]] = {}
    for report in reports:
        if report.name is ...:
            report.look.append(
                "there is no name in the first cell, so the exercises with numbers of one's own "
                "earn nothing; ask for it, or write it there."
            )
        elif isinstance(report.name, (str, int)):
            name = " ".join(str(report.name).casefold().split())
            told.setdefault((report.assignment, name), []).append(report)
    for group in told.values():
        for report in group:
            others = ", ".join(other.student for other in group if other is not report)
            if others:
                report.look.append(f"{others} wrote the same name, {report.name!r}; ask both.")


def keep_original(folder: Path, originals: Path) -> None:
    """Copy all notebooks of the folder; a second original of the same name gets a number."""
    target = originals / folder.parent.name / folder.name
    target.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.ipynb"):
        copy, number = target / path.name, 1
        while copy.exists() and copy.read_bytes() != path.read_bytes():
            number += 1
            copy = target / f"{path.stem}.{number}.ipynb"
        shutil.copy2(path, copy)


def repair(report: Report, folder: Path, originals: Path) -> None:
    """Put the mended notebook in the original's place, at once or not at all."""
    keep_original(folder, originals)
    right = folder / f"{folder.name}.ipynb"
    new = right.with_suffix(".mended")
    nbformat.write(report.notebook, new)
    if not right.exists():
        (wrongly_named,) = folder.glob("*.ipynb")
        wrongly_named.unlink()
    new.replace(right)


def preflight(
    submitted: Path,
    *,
    assignment: str | None = None,
    release: Path = RELEASE,
    limit: float = LIMIT,
    mending: bool = False,
    known: Collection[Path] = (),
) -> list[Report]:
    """Examine all submissions, or those of one assignment, side by side; repair if `mending`.

    The cells of the folders in `known` are not run: they were graded before.
    """
    folders = [f for f in submissions(submitted) if assignment in (None, f.name)]
    # Python 3.11's parser fails now and then in two threads at once; only the runs, each a process
    # of its own, go side by side.
    inspected = [without_running(folder, release) for folder in folders]
    reports = [report for report, _ in inspected]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        runs = [
            pool.submit(check_run, notebook, folder, limit, report)
            for folder, (report, notebook) in zip(folders, inspected, strict=True)
            if notebook is not None and folder not in known
        ]
    for run in runs:
        run.result()
    compare_names(reports)
    if mending:
        for report, folder in zip(reports, folders, strict=True):
            if report.notebook is not None:
                repair(report, folder, submitted.parent / "originals")
    return reports


def show(reports: list[Report], mending: bool) -> None:
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
        f"{look} to look at"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("submitted", type=Path, help="the folder with a folder for each student")
    parser.add_argument("--repair", action="store_true", help="mend what the release can mend")
    options = parser.parse_args(arguments)
    if not options.submitted.is_dir():
        parser.error(f"{options.submitted}: no such folder")
    reports = preflight(options.submitted.resolve(), mending=options.repair)
    show(reports, options.repair)
    return int(any(report.look or (report.mended and not options.repair) for report in reports))


if __name__ == "__main__":
    sys.exit(main())
