"""Whoever writes the same in another style earns the same; and the grading tries what it says."""

import ast
import re

import pytest
from classwork import ANSWERS, ASSIGNMENTS, SOURCES, exercise_of, graded, is_check, points
from nbgrader.utils import is_solution
from styles import STYLES

LONG = {("digits", "target"), ("diagnosis", "accuracy")}
"""They train networks; all styles at once have to do."""


def answers_of(cells):
    return {c.id: c.source for c in cells if is_solution(c) and c.cell_type == "code"}


@pytest.mark.parametrize("style", STYLES)
def test_a_style_changes_answers(style):
    """A style that left all as it is would prove nothing."""
    texts = [t for name in ASSIGNMENTS for t in answers_of(SOURCES[name].cells).values()]
    plain = [ast.unparse(ast.parse(text)) for text in texts]
    assert sum(STYLES[style](text) != text for text in plain) >= 5


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_another_style_earns_the_same(name, style):
    cells = [c for c in SOURCES[name].cells if (name, exercise_of(c)) not in LONG]
    answers = {key: STYLES[style](text) for key, text in answers_of(cells).items()}
    earned, said = graded(cells, {}, answers)
    assert earned == points(cells), said


@pytest.mark.parametrize("name", sorted({name for name, _ in LONG}))
def test_all_styles_at_once(name):
    """On another right answer than the source's."""
    cells = SOURCES[name].cells
    answers = dict(ANSWERS[name].OTHER_STYLE)
    for style in STYLES.values():
        answers = {key: style(text) for key, text in answers.items()}
    earned, said = graded(cells, {}, answers)
    assert earned == points(cells), said


# "The grading tries functions and classes with more inputs."

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS", re.DOTALL)
SAID = "the grading tries functions and classes with more inputs"
TRIED = [
    pytest.param(name, exercise_of(cell), cell.id, id=f"{name}-{cell.id}")
    for name in ASSIGNMENTS
    for cell in SOURCES[name].cells
    if is_check(cell) and (name, exercise_of(cell)) not in {("digits", "target")}
]


class Recorder:
    """Functions of a student's, and what they were called with."""

    def __init__(self):
        self.calls = []

    def watch(self, name, f):
        def watched(*arguments, **options):
            self.calls.append((name, repr(arguments)))
            return f(*arguments, **options)

        watched.__name__ = name
        return watched


def test_the_first_cell_says_so():
    for name in ASSIGNMENTS:
        assert SAID in SOURCES[name].cells[0].source


@pytest.fixture(scope="module")
def solved():
    """What a kernel remembers in the end, if all answers are right."""
    remembered = {name: {} for name in ASSIGNMENTS}
    for name, names in remembered.items():
        graded([c for c in SOURCES[name].cells if (name, exercise_of(c)) not in LONG], names)
    return remembered


@pytest.mark.parametrize(("name", "exercise", "check"), TRIED)
def test_the_grading_tries_more(solved, name, exercise, check):
    """A check that calls a student's function calls it in the grading with other arguments too."""
    cell = next(c for c in SOURCES[name].cells if c.id == check)
    own = [c for c in SOURCES[name].cells if exercise_of(c) == exercise and is_solution(c)]
    lines = [line for c in own if c.cell_type == "code" for line in ast.parse(c.source).body]
    functions = [line.name for line in lines if isinstance(line, ast.FunctionDef)]
    called = {n.id for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Name)}
    asked = [f for f in functions if f in called]
    if any(isinstance(line, ast.ClassDef) for line in lines) and "by_" in cell.source:
        assert HIDDEN.search(cell.source), "a class is tried with more inputs, too"
    if not asked:
        return
    tried = []
    for source in (HIDDEN.sub("", cell.source), cell.source):
        # In place: functions of earlier cells look up names there as well.
        recorder, names = Recorder(), solved[name]
        kept = {f: names[f] for f in asked}
        names |= {f: recorder.watch(f, names[f]) for f in asked}
        graded([cell], names, {check: source})
        names |= kept
        tried.append(set(recorder.calls))
    visible, all_of_them = tried
    assert visible, "the visible check calls it"
    assert all_of_them - visible
