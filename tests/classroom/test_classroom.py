"""Every exercise is proved: its solution earns all, its blanks nothing, its typical mistakes their
own answer, and a solution in another style all again.

Cells run in this process. What nbgrader does with whole submissions is tested in test_grading.
"""

import ast
import contextlib
import io
import linecache
import re
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade, is_grade, is_solution

ROOT = Path(__file__).parents[2]
CLASSROOM = ROOT / "classroom"
ASSIGNMENTS = sorted(path.name for path in (CLASSROOM / "source").iterdir())


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


def exercises(assignment):
    """The exercises that are graded automatically, in order."""
    return list(dict.fromkeys(exercise_of(c) for c in SOURCES[assignment].cells if is_check(c)))


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


@pytest.fixture(scope="module")
def before():
    """What the kernel remembers before each exercise, if all answers so far are right."""
    remembered = {}
    for assignment, source in SOURCES.items():
        names = {}
        for cell in source.cells:
            remembered.setdefault((assignment, exercise_of(cell)), dict(names))
            graded([cell], names)
    return remembered


def edited(cells, edits):
    """The answer cells among these, with the edits made; each edit has exactly one place."""
    answers = {cell.id: cell.source for cell in cells if is_solution(cell)}
    for old, new in edits.items():
        (place,) = [name for name, source in answers.items() if old in source]
        answers[place] = answers[place].replace(old, new)
    return answers


MISTAKES = [
    pytest.param(assignment, exercise, *mistake, id=f"{assignment}-{exercise}-{mistake[2]}")
    for assignment, answers in ANSWERS.items()
    for exercise, mistakes in answers.WRONG.items()
    for mistake in mistakes
]


@pytest.mark.parametrize(("assignment", "exercise", "edits", "earns", "says"), MISTAKES)
def test_a_mistake_has_its_own_answer(before, assignment, exercise, edits, earns, says):
    cells = [cell for cell in SOURCES[assignment].cells if exercise_of(cell) == exercise]
    earned, said = graded(cells, dict(before[assignment, exercise]), edited(cells, edits))
    assert (earned, says in said) == (earns, True), said
    assert earned < points(cells)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_there_are_mistakes_enough(assignment):
    wrong = ANSWERS[assignment].WRONG
    assert list(wrong) == exercises(assignment)
    for exercise, mistakes in wrong.items():
        assert len({says for _, _, says in mistakes}) == len(mistakes) >= 3, exercise


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_solution_earns_all(assignment):
    cells = SOURCES[assignment].cells
    earned, said = graded(cells, {})
    assert earned == points(cells)
    assert "Not yet" not in said
    checks = sum(map(is_check, cells))
    assert said.count("visible checks passed") == checks, "each check says so, and once"


OWN_NUMBERS = [
    (assignment, exercise)
    for assignment in ASSIGNMENTS
    for exercise in exercises(assignment)
    if any(
        re.search(r"\binstance\(", cell.source)
        for cell in SOURCES[assignment].cells
        if exercise_of(cell) == exercise
    )
]


@pytest.mark.parametrize(("assignment", "exercise"), OWN_NUMBERS)
def test_the_solution_earns_all_with_every_name(before, assignment, exercise):
    cells = [cell for cell in SOURCES[assignment].cells if exercise_of(cell) == exercise]
    for number in range(30):
        names = before[assignment, exercise] | {"student": f"student {number}"}
        earned, said = graded(cells, names)
        assert earned == points(cells), said


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_another_style_earns_all(assignment):
    cells = SOURCES[assignment].cells
    answers = ANSWERS[assignment].OTHER_STYLE
    assert set(answers) == {c.id for c in cells if is_solution(c) and c.cell_type == "code"}
    earned, said = graded(cells, {}, answers)
    assert earned == points(cells), said


@pytest.mark.parametrize("kind", ["source", "release"])
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_blanks_earn_nothing(assignment, kind):
    """With the checks that students see, and with the hidden ones."""
    blanks = {cell.id: cell.source for cell in read("release", assignment).cells}
    checks = read(kind, assignment).cells
    earned, said = graded(checks, {}, {c.id: blanks[c.id] for c in checks if is_solution(c)})
    assert earned == 0.0, said


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_students_see_no_solution(assignment):
    source, release = read("source", assignment), read("release", assignment)
    assert [cell.id for cell in release.cells] == [cell.id for cell in source.cells]
    text = "\n".join(cell.source for cell in release.cells)
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN)", text)
    for theirs, ours in zip(release.cells, source.cells, strict=True):
        assert not theirs.get("outputs")
        if is_solution(ours):
            assert theirs.source != ours.source


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_shape_of_an_assignment(assignment):
    """Five to seven exercises of all kinds, 45 to 90 minutes, each with one to three hints."""
    cells = SOURCES[assignment].cells
    prose = [c.source for c in cells if c.cell_type == "markdown" and c.source.startswith("## ")]
    told = [re.search(r"^\*(\w+), (\d+) minutes, (\d+) points", t, re.MULTILINE) for t in prose]
    assert None not in told, "each exercise begins with *Kind, n minutes, n points*"
    kinds = {match[1] for match in told}
    assert 5 <= len(prose) <= 7
    assert kinds >= {"Predict", "Derive", "Implement", "Debug", "Measure", "Explain"}
    assert 45 <= sum(int(match[2]) for match in told) <= 90
    for text, match in zip(prose, told, strict=True):
        hints = re.findall(r"<summary>Hint (\d)</summary>\n\n", text)
        by_hand = match[1] == "Explain"
        assert hints == ["1", "2", "3"][: len(hints)]
        assert hints or by_hand
        assert text.count("<details>") == text.count("</details>") == len(hints)
    manual = sum(c.metadata.nbgrader.points for c in cells if is_manual(c))
    assert sum(int(match[3]) for match in told) == points(cells) + manual
