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
import ast
import builtins
import codecs
import contextlib
import difflib
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import symtable
import sys
import tempfile
import zipfile
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from grading import box
from grading.letters import send
from grading.mending import Report, count, is_given, key, mend, names, plain

COURSE = Path(__file__).resolve().parents[1]
RELEASE = COURSE / "release"
RUN_CELLS = Path(__file__).resolve().with_name("run_cells.py")
LIMIT = 30.0
"""Seconds for a cell, as in nbgrader_config.py."""


def submissions(submitted: Path) -> list[Path]:
    """The folders of single submissions, sorted."""
    return sorted(
        folder
        for student in submitted.iterdir()
        if student.is_dir() and not is_nobody(student)
        for folder in student.iterdir()
        if folder.is_dir() and not is_nobody(folder)
    )


def is_nobody(folder: Path) -> bool:
    """What other programs leave behind: .ipynb_checkpoints, __MACOSX."""
    return folder.name.startswith((".", "__MACOSX"))


def strays(submitted: Path, release: Path) -> list[str]:
    """A sentence for each submission that lies where nobody looks for it, and so would be lost."""
    assignments = sorted(path.name for path in release.iterdir() if path.is_dir())
    found = []
    for path in sorted([*submitted.rglob("*.ipynb"), *submitted.rglob("*.zip")]):
        *folders, file = path.relative_to(submitted).parts
        if any(is_nobody(Path(folder)) for folder in folders):
            continue
        named = [a for a in assignments if a in Path(file).stem.casefold()]
        name = max(named, key=len, default="<assignment>")
        if not folders:
            found.append(f"{file} lies in no student's folder; move it to <student>/{name}/.")
        elif folders[0] in assignments and not set(folders[1:2]) & set(assignments):
            right = f"{folders[1]}/{folders[0]}" if folders[1:] else f"<student>/{folders[0]}"
            found.append(
                f"{'/'.join([*folders, file])} lies in a folder called as the assignment, but the "
                f"student's folder comes first; move it to {right}/."
            )
        elif len(folders) == 1:
            found.append(
                f"{folders[0]}/{file} lies in no assignment's folder; move it to "
                f"{folders[0]}/{name}/."
            )
    for folder in submissions(submitted):
        if folder.name not in assignments and folder.parent.name not in assignments:
            near = difflib.get_close_matches(folder.name.casefold(), assignments, n=1, cutoff=0.6)
            found.append(
                f"no assignment is called {folder.name}, so nothing in "
                f"{folder.parent.name}/{folder.name} is graded; rename the folder to "
                f"{near[0] if near else 'one of these: ' + ', '.join(assignments)}."
            )
    return found


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
        return report, None  # as `strays` says
    if glob.escape(folder.parent.name) != folder.parent.name or (
        folder.parent.name != folder.parent.name.strip()
    ):
        report.look.append(
            "nbgrader finds no folder with [, ], * or ? in its name, or a blank at its end; rename "
            f"{folder.parent.name!r}."
        )
        return report, None
    path = find_notebook(folder, report)
    notebook = read(path, report) if path else None
    if notebook is None:
        return report, None
    blank = nbformat.read(given, as_version=4)
    other = belongs_to(notebook, folder.name, release)
    if other:
        report.mended.clear()
        report.look.append(f"this is the notebook of {other}; ask for that of {folder.name}.")
        return report, None
    report.gradable = True
    mended = mend(notebook, blank, report)
    report.name = name_in(mended)
    check_names(mended, blank, report)
    check_order(mended, blank, report)
    flag(mended, blank, report)
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
    elsewhere = [path for path in sorted(folder.rglob("*.ipynb")) if path.parent != folder]
    if others:
        report.look.append(f"there is no {right.name}, only {names}; rename the one that counts.")
    elif elsewhere:
        inside = elsewhere[0].relative_to(folder)
        report.look.append(f"there is no {right.name} in the folder, but {inside}; move it up.")
    elif packed := first_packed(folder):
        report.look.append(f"there is no {right.name} in the folder, but {packed}; unpack it.")
    else:
        report.look.append(f"there is no {right.name} in the folder; ask for it.")
    return None


def first_packed(folder: Path) -> str:
    """A notebook in an archive, in words."""
    for path in sorted(folder.glob("*.zip")):
        try:
            with zipfile.ZipFile(path) as archive:
                inside = [name for name in archive.namelist() if name.endswith(".ipynb")]
        except (OSError, zipfile.BadZipFile):
            return f"{path.name}, which is no archive or not all of one"
        if inside:
            return f"one in {path.name}"
    return ""


def belongs_to(notebook: NotebookNode, assignment: str, release: Path) -> str:
    """The other assignment whose notebook this is; an empty string if it is no other's."""
    theirs = {key(cell) for cell in notebook.cells} - {""}
    texts = {cell.source.strip() for cell in notebook.cells}
    shares = {}
    for path in release.glob("*/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        known = sum(key(cell) in theirs or cell.source.strip() in texts for cell in cells)
        exact = sum(cell.source.strip() in texts for cell in cells)
        shares[path.parent.name] = (exact / len(cells), known / len(cells))
    best = max(shares, key=lambda name: shares[name])
    own = shares.get(assignment, (0.0, 0.0))
    return best if best != assignment and shares[best][0] > 0.3 and own[0] < 0.15 else ""


def read(path: Path, report: Report) -> NotebookNode | None:
    try:
        return load(path, report.mended)
    except (OSError, ValueError) as error:
        report.look.append(f"{path.name} cannot be read as a notebook: {error}; ask for it again.")
        return None


def load(path: Path, mended: list[str]) -> NotebookNode:
    """The notebook in this file, whatever program stored it; a ValueError says why there is none.

    What nbgrader could not read as it stands goes to `mended`.
    """
    text, encoding = decoded(path.read_bytes())
    if encoding:
        mended.append(f"the file was stored in {encoding}; stored in UTF-8, as notebooks are.")
    try:
        content = json.loads(text)
    except ValueError:
        raise ValueError("it is a text, but not that of a notebook, or not all of it") from None
    except RecursionError:
        raise ValueError("its lists stand one in another without end") from None
    kind = content.get("cells", content.get("worksheets")) if isinstance(content, dict) else None
    if not isinstance(kind, list):
        raise ValueError("it is data (JSON), but there are no cells in it")
    if "nbformat" not in content:
        content |= {"nbformat": 4, "nbformat_minor": 5}
        mended.append("the notebook does not say its format; taken for the usual one.")
    whole, lost = repaired(content)
    if lost:
        mended.append("there are halves of characters in its text, which no file can hold; marked.")
    try:
        notebook = nbformat.reads(json.dumps(whole), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"its cells are not those of a notebook ({reason})") from None
    return notebook


def decoded(raw: bytes) -> tuple[str, str]:
    """The text in these bytes, and its encoding if it is not plain UTF-8."""
    beginnings = {b"PK": "it is an archive", b"%PDF": "it is a PDF", b"<": "it is a web page"}
    for sign, what in beginnings.items():
        if raw.lstrip().startswith(sign):
            raise ValueError(f"{what}, and not the notebook itself")
    if not raw.strip():
        raise ValueError("it is empty")
    if raw.startswith(codecs.BOM_UTF8):
        return raw.decode("utf-8-sig", "replace"), "UTF-8 with a mark (BOM)"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace"), "UTF-16"
    if b"\0" in raw[:2]:
        return raw.decode("utf-16-le" if raw[1:2] == b"\0" else "utf-16-be", "replace"), "UTF-16"
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "Latin-1"


def repaired(content: Any) -> tuple[Any, bool]:
    """The same with Unix line ends and without halves of characters; whether one was lost."""
    if isinstance(content, str):
        text = content.replace("\r\n", "\n").replace("\r", "\n")
        whole = text.encode("utf-8", "replace").decode("utf-8")
        return whole, whole != text
    if isinstance(content, list):
        parts = [repaired(part) for part in content]
        return [part for part, _ in parts], any(lost for _, lost in parts)
    if isinstance(content, dict):
        pairs = {name: repaired(part) for name, part in content.items()}
        return {name: part for name, (part, _) in pairs.items()}, any(
            lost for _, lost in pairs.values()
        )
    return content, False


def check_names(notebook: NotebookNode, blank: NotebookNode, report: Report) -> None:
    """Say which answer is not valid Python, and which name that the checks ask for is gone."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    given = [cell.source for cell in blank.cells if is_given(cell) and cell.cell_type == "code"]
    asked = set().union(*map(asked_in, given))
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


def check_order(notebook: NotebookNode, blank: NotebookNode, report: Report) -> None:
    """Say which answer stands in a cell of its own after the check that asks for it."""
    blanks = {key(cell): cell.source for cell in blank.cells if is_solution(cell)}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    wanted = {name for source in blanks.values() for name in names(source)}
    for place, cell in enumerate(code):
        if not (is_given(cell) and is_grade(cell)):
            continue
        asked = asked_in(cell.source)
        before = [c for c in code[:place] if c.source != blanks.get(key(c))]
        after = [c for c in code[place:] if not is_given(c) and c.source != blanks.get(key(c))]
        late = asked & wanted & defined_in(after) - defined_in(before)
        for name in sorted(late):
            if told(report, f" {name} is defined"):
                continue
            report.look.append(
                f"{name} is defined after its check {key(cell)}, which sees the blank alone; ask, "
                "or move the cell up."
            )


def told(report: Report, words: str) -> bool:
    return any(words in f" {sentence}" for sentence in report.look)


def defined_in(cells: list[NotebookNode]) -> set[str]:
    return set().union(*(names(cell.source) for cell in cells))


def asked_in(source: str) -> set[str]:
    """What a cell looks up among the notebook's names: not its functions' own arguments."""
    tables = [symtable.symtable(plain(source), "cell", "exec")]
    for table in tables:
        tables += table.get_children()
    return {
        symbol.get_name()
        for table in tables
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module")
    }


SUSPECT = re.compile(
    r"_getframe|_current_frames|currentframe|inspect\.stack|gc\.get_|ast_node_interactivity"
    r"|ast_transformers|input_transformers|__code__|__builtins__|addaudithook|sys\.modules"
    r"|gradebook|classroom[/\\]|submitted|autograded|__array_function__"
    r"|(?:np|numpy|dualedu\w*|training|nn|checks)(?:\.\w+)+ *=(?!=)|setattr\("
    r"|from \w+ import \*|\b(?:fork|Popen|subprocess|socket|urllib|requests|ctypes)\b"
)


def flag(notebook: NotebookNode, blank: NotebookNode, report: Report) -> None:
    """Name what a teacher may want to look at. It is no judgement: most of it is innocent."""
    released = [cell for cell in blank.cells if cell.cell_type == "code"]
    tools = set(dir(builtins)).union(*(names(c.source) for c in released if key(c) == "setup"))
    asked = set().union(*(names(c.source) for c in released if is_solution(c)))
    sources = {key(cell): cell.source for cell in released}
    for cell in notebook.cells:
        own = cell.cell_type == "code" and key(cell) != "student"
        if not own or cell.source == sources.get(key(cell)):
            continue
        for name in sorted((names(cell.source) & tools) - asked):
            if f"import {name}" not in cell.source and f" as {name}" not in cell.source:
                report.look.append(
                    f"{key(cell)} defines {name}, a name that the exercise uses as well; the "
                    "checks keep their own, but other cells may stop there."
                )
        found = sorted({match[0].strip(" =(") for match in SUSPECT.finditer(cell.source)})
        if found:
            report.look.append(
                f"{key(cell)} holds {', '.join(found)}; see what it is for, before it earns marks."
            )
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(
            r"^\s*(?:exit|quit)\(", cell.source, re.MULTILINE
        ):
            report.look.append(
                f"{key(cell)} calls exit() or quit(); the grading goes on after it, and what "
                "stands below it in the cell does not run."
            )


def check_run(
    notebook: NotebookNode, folder: Path, limit: float, report: Report, boxed: bool = True
) -> None:
    """Run all cells in a process of their own, in a copy, and say which one does not end."""
    code = [(key(cell), cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    with tempfile.TemporaryDirectory(prefix="run-") as room:
        files, here = Path(room, "files"), Path(room, "here")
        shutil.copytree(folder, files, symlinks=True)
        script = Path(shutil.copy(RUN_CELLS, files.with_name("run_cells.py")))
        here.mkdir()
        argv = [sys.executable, str(script), str(limit), str(files)]
        if boxed and box.works():
            argv = box.command(argv, files=Path(room))
        # Files and no pipes: what a cell leaves running could hold a pipe open for ever.
        with ExitStack() as stack:
            given, printed, failed = (
                stack.enter_context(
                    tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
                )
                for _ in range(3)
            )
            json.dump(code, given)
            given.seek(0)
            process = subprocess.Popen(
                argv, cwd=here, stdin=given, stdout=printed, stderr=failed, start_new_session=True
            )
            try:
                process.wait(4 * limit * (len(code) + 1))
            except subprocess.TimeoutExpired:
                pass
            finally:
                end(process)
            printed.seek(0)
            failed.seek(0)
            last, where = printed.read().splitlines()[-1:] or ["nowhere"], failed.read()
    if last == ["the end"]:
        return
    # A watchdog leaves a traceback, whose innermost frame of a cell is the place; below it, the
    # library may be at work.
    if "most recent call first" in where and "Fatal Python error" not in where:
        place = re.search(r'"<ipython-input.*", line \d+ in (\w+)', where)
        inside = f"in {place[1]}" if place else "there"
        report.look.append(
            f"the cell {last[0]} does not end within {limit:g} seconds, perhaps for an endless "
            f"loop {inside}; nbgrader stops each such cell and counts it 0."
        )
    elif last == ["nowhere"]:
        reason = where.strip().splitlines()[-1:] or ["no reason given"]
        report.look.append(f"its cells could not be run here: {reason[0]}.")
    else:
        report.look.append(
            f"Python itself ends in the cell {last[0]}, which is left out in the grading; the "
            "other cells count. Look for os._exit() or for very large arrays."
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End it with all that it has started and that did not take care to be out of reach."""
    with contextlib.suppress(ProcessLookupError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def name_in(notebook: NotebookNode) -> object:
    """What the student wrote into the first cell: `...` if nothing, None if it cannot be told."""
    for cell in notebook.cells:
        if key(cell) == "student":
            with contextlib.suppress(SyntaxError, ValueError, IndexError, AttributeError):
                return ast.literal_eval(ast.parse(cell.source).body[-1].value)
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


def spare(copy: Path, original: Path) -> Path:
    """Where an original is kept: under a number if another one has its name."""
    first, number = copy, 1
    while copy.exists() and copy.read_bytes() != original.read_bytes():
        number += 1
        copy = first.with_stem(f"{first.stem}.{number}")
    return copy


def keep_original(folder: Path, originals: Path) -> None:
    """Copy all notebooks of the folder; a second original of the same name gets a number."""
    target = originals / folder.parent.name / folder.name
    target.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.ipynb"):
        shutil.copy2(path, spare(target / path.name, path))


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
    inspected = [without_running(folder, release) for folder in folders]
    reports = [report for report, _ in inspected]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        runs = [
            pool.submit(check_run, notebook, folder, limit, report, boxed)
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
