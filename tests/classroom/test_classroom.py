"""Every exercise is proved: its solution earns all, its blanks nothing, its typical mistakes their
own answer, and a solution in another style all again.

Cells run in this process. What nbgrader does with whole submissions is tested in test_grading.
"""

import re
import symtable

import pytest
from answers import edges
from classwork import (
    ANSWERS,
    ASSIGNMENTS,
    SOURCES,
    edited,
    exercise_of,
    graded,
    is_check,
    is_manual,
    points,
    read,
)
from course import handed_in
from grading.mending import names
from nbgrader.utils import is_solution


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


def exercises(assignment):
    """The exercises that are graded automatically, in order."""
    return list(dict.fromkeys(exercise_of(c) for c in SOURCES[assignment].cells if is_check(c)))


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
def test_the_solution_passes_the_checks_that_students_run(assignment):
    """They are packed there, and have names of their own."""
    cells = handed_in(assignment).cells
    earned, said = graded(cells, {})
    assert earned == points(SOURCES[assignment].cells), said


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
    """Five to eight exercises of all kinds, 45 to 95 minutes, each with one to three hints.

    The short ones of the fifth assignment are all checked by the notebook: nothing to explain.
    """
    cells = SOURCES[assignment].cells
    prose = [c.source for c in cells if c.cell_type == "markdown" and c.source.startswith("## ")]
    told = [re.search(r"^\*(\w+), (\d+) minutes, (\d+) points", t, re.MULTILINE) for t in prose]
    assert None not in told, "each exercise begins with *Kind, n minutes, n points*"
    kinds = {match[1] for match in told}
    assert 5 <= len(prose) <= 8
    assert kinds >= {"Predict", "Derive", "Implement", "Debug", "Measure"}
    assert ("Explain" in kinds) == (assignment != "chapters")
    assert 45 <= sum(int(match[2]) for match in told) <= 95
    for text, match in zip(prose, told, strict=True):
        hints = re.findall(r"<summary>Hint (\d)</summary>\n\n", text)
        by_hand = match[1] == "Explain"
        assert hints == ["1", "2", "3"][: len(hints)]
        assert hints or by_hand
        assert text.count("<details>") == text.count("</details>") == len(hints)
    manual = sum(c.metadata.nbgrader.points for c in cells if is_manual(c))
    assert sum(int(match[3]) for match in told) == points(cells) + manual


def beside(cases):
    return [pytest.param(*case, id=f"{case[0]}-{case[1]}-{case[2]}") for case in cases]


def with_more(before, assignment, cell, more):
    """What the cell's exercise earns with these lines after its solution, and its points."""
    exercise = cell.partition("-")[0]
    cells = [c for c in SOURCES[assignment].cells if exercise_of(c) == exercise]
    solution = next(c.source for c in cells if c.id == cell)
    names = dict(before[assignment, exercise])
    earned, said = graded(cells, names, {cell: f"{solution}\n{more}"})
    return earned, points(cells), said


@pytest.fixture(scope="module")
def without_checks():
    """What the kernel remembers before each exercise of one who has run no check."""
    remembered = {}
    for assignment, source in SOURCES.items():
        names = {}
        for cell in source.cells:
            remembered.setdefault((assignment, exercise_of(cell)), dict(names))
            if not is_check(cell):
                graded([cell], names)
    return remembered


@pytest.mark.parametrize(
    ("assignment", "exercise"), [(a, e) for a in ASSIGNMENTS for e in exercises(a)]
)
def test_an_exercise_needs_no_check_of_another(without_checks, assignment, exercise):
    """A student may begin with any of them."""
    cells = [cell for cell in SOURCES[assignment].cells if exercise_of(cell) == exercise]
    earned, said = graded(cells, dict(without_checks[assignment, exercise]))
    assert earned == points(cells), said


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_check_takes_the_name_of_an_answer(assignment):
    """What a check defines stays among the checks, in front of what a student calls the same."""
    cells = read("release", assignment).cells
    asked = set().union(*(names(c.source) for c in cells if is_solution(c) and not is_manual(c)))
    for check in filter(is_check, SOURCES[assignment].cells):
        table = symtable.symtable(check.source, check.id, "exec")
        found = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
        assert not asked & found


@pytest.mark.parametrize(("assignment", "cell", "what", "more"), beside(edges.WRONG))
def test_what_once_passed_is_refused(before, assignment, cell, what, more):
    earned, most, said = with_more(before, assignment, cell, more)
    assert earned < most, said


@pytest.mark.parametrize(("assignment", "cell", "what", "more"), beside(edges.RIGHT))
def test_what_once_was_refused_passes(before, assignment, cell, what, more):
    earned, most, said = with_more(before, assignment, cell, more)
    assert earned == most, said
