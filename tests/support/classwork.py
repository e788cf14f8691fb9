"""The exercises as tests see them: sources, releases and answers, and what cells earn when run."""

import ast
import contextlib
import io
import linecache
from importlib import import_module
from pathlib import Path

import nbformat
from grading.variant import MARK
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade, is_grade, is_solution

ROOT = Path(__file__).parents[2]
CLASSROOM = ROOT / "classroom"
# Not the variants, which a teacher makes from these.
ASSIGNMENTS = sorted(p.name for p in (CLASSROOM / "source").iterdir() if not p.name.endswith(MARK))


def read(kind, assignment):
    return nbformat.read(CLASSROOM / kind / assignment / f"{assignment}.ipynb", as_version=4)


SOURCES = {assignment: read("source", assignment) for assignment in ASSIGNMENTS}
ANSWERS = {assignment: import_module(f"answers.{assignment}") for assignment in ASSIGNMENTS}


def exercise_of(cell):
    """Ids are exercise-something."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "").partition("-")[0]


def is_check(cell):
    return is_grade(cell) and cell.cell_type == "code"


def is_manual(cell):
    return is_grade(cell) and is_solution(cell)


def points(cells):
    return sum(cell.metadata.nbgrader.points for cell in cells if is_check(cell))


def run(cell, source, names):
    """The outputs of a cell as a kernel would store them; `names` is the kernel's memory."""
    outputs, printed = [], io.StringIO()
    file = f"<{cell.id}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(tree, file, "exec"), names)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), file, "eval"), names)
                if value is not None:
                    outputs.append(new_output("execute_result", data={"text/plain": repr(value)}))
        except Exception as error:
            said = getattr(error, "_render_traceback_", lambda error=error: [str(error)])()
            outputs.append(
                new_output(
                    "error",
                    ename=type(error).__name__,
                    evalue=str(error),
                    traceback=said,
                )
            )
    return [new_output("stream", name="stdout", text=printed.getvalue()), *outputs]


def graded(cells, names, answers=None):
    """The automatic points of these cells, and all that they say, in the notebook's order."""
    earned, said = 0.0, []
    for cell in cells:
        if cell.cell_type != "code":
            continue
        ran = nbformat.from_dict(cell)
        ran.outputs = run(cell, (answers or {}).get(cell.id, cell.source), names)
        said += [output.get("text", "") + output.get("evalue", "") for output in ran.outputs]
        if is_check(ran):
            earned += determine_grade(ran)[0]
    return earned, "\n".join(said)


def edited(cells, edits):
    """The answer cells among these, with the edits made; each edit has exactly one place."""
    answers = {cell.id: cell.source for cell in cells if is_solution(cell)}
    for old, new in edits.items():
        (place,) = [name for name, source in answers.items() if old in source]
        answers[place] = answers[place].replace(old, new)
    return answers
