"""A class of three, graded, with what a teacher does in an evening.

nbgrader is the real one, but for the step that runs a notebook: its cells run in this process, so
that no kernel is started for each submission.
"""

import nbformat
from course import handed_in, with_name
from grading import grade
from nbgrader.api import Gradebook

IN_PROCESS = """
from classwork import run
from nbgrader.preprocessors import NbGraderPreprocessor


class InProcess(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        names = {}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = run(cell, cell.source, names), 1
        return nb, resources


c.Autograde.autograde_preprocessors = [
    InProcess if step is Supervised else step for step in c.Autograde.autograde_preprocessors
]
"""
GOOD = {"ada": {}, "blaise": {}, "carl": {"length-answer": "length = None"}}


def hand_in(course, student, answers):
    path = course / "submitted" / student / "numbers" / "numbers.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(with_name(handed_in("numbers", answers), student), path)


def gradebook(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def run(course, capsys, *options):
    capsys.readouterr()
    status = grade.main(["numbers", *options, "--course", str(course), "--no-box"])
    return status, capsys.readouterr().out


def scores(course):
    with gradebook(course) as book:
        return {s.student.id: s.score for s in book.assignment_submissions("numbers")}


def spoil_a_check(course):
    """Nobody passes one of the checks any more, which is worth a point."""
    path = course / "source" / "numbers" / "numbers.ipynb"
    notebook = nbformat.read(path, as_version=4)
    check = next(cell for cell in notebook.cells if cell.id == "length-check")
    check.source += "\nraise RuntimeError('a new check')"
    nbformat.write(notebook, path)
