"""Where submissions lie, under which names, and what is no notebook at all."""

import os
import zipfile

import nbformat
import pytest
from classwork import CLASSROOM
from grading import places, preflight
from grading.grade import is_graded
from submissions import ASSIGNMENT, solved, submit


def test_files_and_folders_with_wrong_names(tmp_path):
    folder = submit(tmp_path, solved())
    nbformat.write(solved(), folder / "Copy.ipynb")
    (look,) = preflight.examine(folder, limit=None).look
    assert f"only {ASSIGNMENT}.ipynb is graded, and Copy.ipynb lies beside it" in look
    folder.rename(folder.with_name("number"))
    (stray,) = places.strays(tmp_path / "submitted", places.RELEASE)
    assert "no assignment is called number" in stray
    assert "rename the folder to numbers" in stray


STRAYS = {
    ".ada/numbers/numbers.ipynb": ".ada begins with a dot, so nobody looks into it; give the "
    "student's folder another name.",
    ".ipynb_checkpoints/numbers/numbers.ipynb": "",
    "numbers.ipynb": "numbers.ipynb lies in no student's folder; move it to <student>/numbers/.",
    "ada/numbers.ipynb": "ada/numbers.ipynb lies in no assignment's folder; move it to "
    "ada/numbers/.",
    "ada/numbers (2).zip": "ada/numbers (2).zip lies in no assignment's folder; move it to "
    "ada/numbers/.",
    "numbers/ada/numbers.ipynb": "numbers/ada/numbers.ipynb lies in a folder called as the "
    "assignment, but the student's folder comes first; move it to ada/numbers/.",
    "ada/Numbers/numbers.ipynb": "no assignment is called Numbers, so nothing in ada/Numbers is "
    "graded; rename the folder to numbers.",
    "ada/homework/1.ipynb": "no assignment is called homework, so nothing in ada/homework is "
    "graded; rename the folder to one of these: chapters, diagnosis, digits, further, numbers.",
    "ada/numbers/numbers.ipynb": None,
    "numbers/numbers/numbers.ipynb": None,
    "__MACOSX/numbers/numbers.ipynb": None,
    ".ipynb_checkpoints/numbers.ipynb": None,
    "ada/numbers/.ipynb_checkpoints/numbers-checkpoint.ipynb": None,
}


@pytest.mark.parametrize("path", STRAYS)
def test_nobody_is_lost_in_a_wrong_folder(tmp_path, path):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(solved(), file)
    said = places.strays(tmp_path, places.RELEASE)
    assert said == ([STRAYS[path]] if STRAYS[path] else [])
    if said:
        assert preflight.main([str(tmp_path)]) == 1


NO_NOTEBOOKS = {
    "{}": "it is data (JSON), but there are no cells in it",
    "[]": "it is data (JSON), but there are no cells in it",
    "null": "it is data (JSON), but there are no cells in it",
    '"text"': "it is data (JSON), but there are no cells in it",
    '{"cells": 1}': "it is data (JSON), but there are no cells in it",
    '{"cells": [1], "nbformat": 4}': "its cells are not those of a notebook",
    '{"cells": [{}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}': "its cells are not",
    '{"cells": [{"source": "", "metadata": {"of": "' + 300 * "x" + '"}, "outputs": []}], '
    '"nbformat": 4, "nbformat_minor": 5, "metadata": {}}': "its cells are not",
    '{"cells": [], "nbformat": 99, "nbformat_minor": 5, "metadata": {}}': "its cells are not",
    '{"cells": [': "it is a text, but not that of a notebook, or not all of it",
    "[" * 100_000: "its lists stand one in another without end",
    "": "it is empty",
    "  \n": "it is empty",
    "<!DOCTYPE html>": "it is a web page, and not the notebook itself",
    "%PDF-1.7": "it is a PDF, and not the notebook itself",
    "PK\x03\x04": "it is an archive, and not the notebook itself",
    "Rar!": "it is an archive, and not the notebook itself",
    '{"cells": [], "nbformat": 4}\n}': "it goes on where a notebook ends, as if",
    '{"cells": [' + "[" * 900 + "]" * 900 + "]}": "its lists stand one in another without end",
    "print('hello')": "it is a text, but not that of a notebook",
    '{\n<<<<<<< HEAD\n"cells": [],\n=======\n"cells"': "two versions were merged, and",
    "\0\0\0\0": "it is a text, but not that of a notebook",
}


@pytest.mark.parametrize("content", NO_NOTEBOOKS, ids=lambda text: text[:20])
def test_what_is_no_notebook_is_called_what_it_is(tmp_path, content):
    folder = submit(tmp_path, solved())
    (folder / "numbers.ipynb").write_text(content, encoding="utf-8")
    report = preflight.examine(folder)
    assert not report.gradable
    (look,) = report.look
    assert look.startswith(f"numbers.ipynb cannot be read as a notebook: {NO_NOTEBOOKS[content]}")
    assert look.endswith("; ask for it again.")
    assert len(look) < 250
    assert not is_graded(folder / "numbers.ipynb", folder / "numbers.ipynb")


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("numbers/numbers.ipynb", "but numbers/numbers.ipynb; move it up."),
        ("numbers.zip", "but one in numbers.zip; unpack it."),
        ("NUMBERS.ZIP", "but one in NUMBERS.ZIP; unpack it."),
        ("broken.zip", "but broken.zip, which is no archive or not all of one; unpack it."),
        ("notes.txt", "there is no numbers.ipynb in the folder, but notes.txt; ask for it."),
        ("numbers.html", "there is no numbers.ipynb in the folder, but numbers.html; ask for it."),
        ("._numbers.ipynb", "there is no numbers.ipynb in the folder; ask for it."),
    ],
)
def test_a_notebook_that_is_deeper_is_found(tmp_path, inside, told):
    folder = submit(tmp_path, solved())
    text = (folder / "numbers.ipynb").read_text(encoding="utf-8")
    (folder / "numbers.ipynb").unlink()
    path = folder / inside
    path.parent.mkdir(exist_ok=True)
    if inside.casefold() == "numbers.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("my/Numbers.IPYNB", text)
    else:
        path.write_text(text, encoding="utf-8")
    (look,) = preflight.examine(folder, limit=None).look
    assert look.endswith(told)


@pytest.mark.parametrize(
    "called", ["numbers.ipynb.txt", "Numbers.IPYNB", "numbers.json", "my\nnumbers.ipynb"]
)
def test_a_notebook_under_another_name_is_taken(tmp_path, called):
    """What macOS puts beside it, and a copy that is the same, do not count."""
    folder = submit(tmp_path, solved())
    text = (folder / "numbers.ipynb").read_bytes()
    (folder / "numbers.ipynb").rename(folder / called)
    (folder / "._numbers.ipynb").write_bytes(b"\0\5\x16\7Mac OS X")
    report = preflight.examine(folder, limit=None)
    assert report.look == []
    (mended,) = report.mended
    assert mended == (
        f"the notebook is called {' '.join(called.split())}, and nbgrader grades numbers.ipynb "
        "alone; renamed."
    )
    preflight.repair(report, folder, tmp_path / "originals")
    assert (tmp_path / "originals" / "ada" / "numbers" / called).read_bytes() == text
    assert sorted(path.name for path in folder.iterdir()) == ["._numbers.ipynb", "numbers.ipynb"]
    (folder / "numbers (1).ipynb").write_bytes((folder / "numbers.ipynb").read_bytes())
    report = preflight.examine(folder, limit=None)
    assert (report.mended, report.look) == ([], [])


def make_pipe(path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes among its files")
    os.mkfifo(path)


def make_link(path):
    path.symlink_to(CLASSROOM / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")


NO_FILES = {
    "a pipe or the like,": make_pipe,
    "a link": make_link,
    "a folder": os.mkdir,
}


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("called", ["numbers.ipynb", "My numbers.ipynb", "numbers.zip"])
def test_what_is_no_file_is_no_notebook(tmp_path, called, kind):
    """Nobody waits at a pipe, and a link does not hand in the solutions."""
    folder = tmp_path / "submitted" / "ada" / ASSIGNMENT
    folder.mkdir(parents=True)
    NO_FILES[kind](folder / called)
    report = preflight.examine(folder, limit=None)
    assert report.look == [
        f"there is no numbers.ipynb in the folder, but {kind} {called}; ask for it."
    ]
    assert (report.mended, report.gradable) == ([], False)
    assert not is_graded(folder / called, folder / called) or kind == "a link"


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_left_out(tmp_path, kind):
    """nbgrader copies what lies beside a notebook: behind a link, the solutions."""
    folder = submit(tmp_path, solved())
    NO_FILES[kind](folder / "more.ipynb")
    (folder / "data").mkdir()
    NO_FILES[kind](folder / "data" / "more.txt")
    report = preflight.examine(folder, limit=None)
    told = [
        "links, pipes and the like are no files of their own, and are left out of the grading: "
        "more.ipynb, data/more.txt."
    ]
    left = kind == "a folder"
    assert (report.mended, report.look) == ([] if left else told, [])
    preflight.preflight(tmp_path / "submitted", mending=True, known=[folder])
    assert (folder / "more.ipynb").exists() == (folder / "data" / "more.txt").exists() == left
    assert (folder / "numbers.ipynb").is_file()
