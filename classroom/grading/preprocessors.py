"""Steps of nbgrader with a notebook of this course; nbgrader_config.py puts them in order."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Unicode
from traitlets.log import get_logger

from dualedu.teaching.checks import pack
from grading.mending import PACKED, Report, mend, with_numbers_of
from grading.preflight import keep_original, store
from grading.stored import load

Resources = dict[str, Any]


class Mend(NbGraderPreprocessor):
    """The first step of grading: a submission with what the release can mend of it.

    Deleted checks, lost marks, cells out of order: what is mended is said in nbgrader's log.
    """

    release = Unicode(help="the folder with the releases").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        here = resources["nbgrader"]
        path = Path(self.release, here["assignment"], f"{here['notebook']}.ipynb")
        if not path.is_file():
            raise FileNotFoundError(
                f"{path} is missing, and submissions are compared with it: make it by "
                f"nbgrader generate_assignment {here['assignment']} --force"
            )
        report = Report(here["student"], here["assignment"])
        mended = mend(nb, nbformat.read(path, as_version=4), report)
        for sentence in [*report.mended, *report.look]:
            self.log.warning("%s: %s", report.student, sentence)
        return (mended if report.mended else nb), resources


def readable(assignment: str, student: str, notebooks: list[str]) -> None:
    """Before nbgrader reads a submission: its notebook is called as the assignment is, if it is the
    only one there, and stored as notebooks are. The original stays in originals/."""
    folder = Path(notebooks[0]).parent
    right = folder / f"{folder.name}.ipynb"
    given = Path(notebooks[0]) if len(notebooks) == 1 else right
    mended: list[str] = []
    notebook = None
    with suppress(OSError, ValueError):  # of what is no notebook nbgrader itself says so
        notebook = load(given, mended)
    if given != right or mended:
        keep_original(folder, folder.parents[2] / "originals")
    if given != right:
        # nbgrader goes on with this list.
        notebooks[:] = [str(given.rename(right))]
    if notebook is not None and mended:
        store(notebook, right)
        for sentence in mended:
            get_logger().warning("%s: %s", folder.parent.name, sentence)


class Term(NbGraderPreprocessor):
    """Students' own numbers depend on the term as well: last year's answers are not this year's."""

    term = Unicode("", help="such as 2027; nothing leaves the numbers as they are").tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        if self.term and cell.cell_type == "code":
            cell.source = with_numbers_of(cell.source, self.term)
        return cell, resources


class Dots(NbGraderPreprocessor):
    """`x = (...)`, what is left of a solution in brackets, becomes `x = ...` as in the book."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        cell.source = re.sub(r"\(\n\s+\.\.\.\n\s*\)", "...", cell.source)
        return cell, resources


class Pack(NbGraderPreprocessor):
    """A check in a release does not show its answers: its text is packed."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
            text = pack(cell.source)
            width = -(-len(text) // -(-len(text) // 92))
            lines = [text[start : start + width] for start in range(0, len(text), width)]
            body = "\n".join(f'    "{line}"' for line in lines)
            cell.source = (
                f"{PACKED}\nfrom dualedu.teaching.checks import run_packed\n\n"
                f'run_packed(\n{body},\n    globals(),\n    "{cell.metadata.nbgrader.grade_id}",\n)'
            )
        return cell, resources


class NormalForm(NbGraderPreprocessor):
    """Nothing in a release that was not written into its source: a second run changes nothing."""

    def preprocess(
        self, notebook: NotebookNode, resources: Resources
    ) -> tuple[NotebookNode, Resources]:
        notebook.metadata = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3"},
        }
        for cell in notebook.cells:
            # Checks are there to be run, not read: folded, on the page and in JupyterLab.
            if is_grade(cell) and cell.cell_type == "code":
                prompts = {"code_prompt_show": "Show the check", "code_prompt_hide": "Hide it"}
                folded = {"tags": ["hide-input", "check"], "jupyter": {"source_hidden": True}}
                cell.metadata |= folded | {"mystnb": prompts}
        return notebook, resources
