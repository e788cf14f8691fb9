"""Where submissions lie: submitted/<student>/<assignment>/<assignment>.ipynb, or somewhere else."""

from __future__ import annotations

import contextlib
import difflib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from grading.mending import Report
from grading.stored import load

COURSE = Path(__file__).resolve().parents[1]
RELEASE = COURSE / "release"


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
        if any(is_nobody(Path(part)) for part in (*folders, file)):
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
    for folder in sorted(submitted.iterdir()):
        hidden = folder.name.startswith(".") and not folder.name.startswith(("._", ".ipynb_"))
        if hidden and any(is_own(p) for a in assignments for p in (folder / a).glob("*.ipynb")):
            found.append(
                f"{folder.name} begins with a dot, so nobody looks into it; give the student's "
                "folder another name."
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


def is_own(path: Path) -> bool:
    """Whether it is a file: no link, which may lead to the solutions, and no pipe to wait at."""
    return path.is_file() and not path.is_symlink()


def loose_ends(folder: Path) -> Iterator[Path]:
    """The links in a submission, its pipes, and what else is no file and no folder."""
    for inside, folders, files in os.walk(folder):
        for path in (Path(inside, name) for name in (*folders, *files)):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                yield path


def find_notebook(folder: Path, report: Report) -> Path | None:
    right = folder / f"{folder.name}.ipynb"
    notebooks = (p for p in folder.glob("*.ipynb") if is_own(p))
    others = sorted(p for p in notebooks if p != right and not is_nobody(p))
    if is_own(right):
        others = [p for p in others if not same(p, right)]
    elif not others:
        others = disguised(folder)
    names = ", ".join(" ".join(path.name.split()) for path in others)
    if is_own(right):
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
    elsewhere = [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if is_own(path)
        and not any(is_nobody(Path(part)) for part in path.relative_to(folder).parts)
        and path.parent != folder
    ]
    there = sorted(p for p in folder.iterdir() if not is_nobody(p))
    files = [" ".join(p.name.split()) for p in there if is_own(p)]
    kinds = [f"{what_it_is(p)} {' '.join(p.name.split())}" for p in there if not is_own(p)]
    if others:
        report.look.append(f"there is no {right.name}, only {names}; rename the one that counts.")
    elif elsewhere:
        inside = elsewhere[0].relative_to(folder)
        report.look.append(f"there is no {right.name} in the folder, but {inside}; move it up.")
    elif packed := first_packed(folder):
        report.look.append(f"there is no {right.name} in the folder, but {packed}; unpack it.")
    elif files or kinds:
        only = ", ".join(files + kinds)
        report.look.append(f"there is no {right.name} in the folder, but {only}; ask for it.")
    else:
        report.look.append(f"there is no {right.name} in the folder; ask for it.")
    return None


def what_it_is(path: Path) -> str:
    """What a path leads to that is no file."""
    if path.is_symlink():
        return "a link"
    return "a folder" if path.is_dir() else "a pipe or the like,"


def is_called_notebook(name: str) -> bool:
    """Whether a file is called as a notebook, or as browsers and mail make of it."""
    return name.strip().casefold().endswith((".ipynb", ".ipynb.txt", ".ipynb.json"))


def same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def disguised(folder: Path) -> list[Path]:
    """Notebooks under a name that does not say so, such as numbers.ipynb.txt."""
    found = []
    for path in sorted(folder.iterdir()):
        called = is_called_notebook(path.name) or path.name.casefold().endswith(".json")
        if called and is_own(path) and not is_nobody(path):
            with contextlib.suppress(OSError, ValueError):
                load(path, [])
                found.append(path)
    return found


def first_packed(folder: Path) -> str:
    """A notebook in an archive, in words."""
    for path in sorted(p for p in folder.iterdir() if p.suffix.casefold() == ".zip" and is_own(p)):
        try:
            with zipfile.ZipFile(path) as archive:
                inside = [
                    name
                    for name in archive.namelist()
                    if is_called_notebook(name)
                    and not any(is_nobody(Path(part)) for part in Path(name).parts)
                ]
        except (OSError, zipfile.BadZipFile):
            return f"{path.name}, which is no archive or not all of one"
        if inside:
            return f"{len(inside) if inside[1:] else 'one'} in {path.name}"
    return ""
