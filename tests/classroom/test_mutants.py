"""Small mistakes in the solutions lose points, and the table of them is that of these solutions."""

import ast
import json

import pytest
from classwork import SOURCES, exercise_of
from mutants import digest, mutants, rows
from nbgrader.utils import is_solution
from thisbook.assignments import MUTANTS, place

TABLE = json.loads(MUTANTS.read_text(encoding="utf-8"))
ROWS = [(name, exercise) for name in sorted(TABLE) for exercise in sorted(TABLE[name])]


def test_a_mutant_is_the_source_with_one_small_change():
    made = mutants("def f(a, b):\n    c = a - b\n    return c[0]")
    changes = [text.split("\n", 1)[1] for text in made]
    for change in [
        "    c = a + b\n    return c[0]",
        "    c = b - a\n    return c[0]",
        "    c = a\n    return c[0]",
        "    c = a - b\n    return c[1]",
        "    c = a - c\n    return c[0]",
        "    return c[0]",
        "    return c[0]\n    c = a - b",
    ]:
        assert change in changes
    assert "c = 2\nb = 1" not in mutants("b = 1\nc = 2"), "two lines that never meet"
    for lines in ["b = 1\nc = b", "b = c\nc = 1", "b = 1\nb = 2", "b = {}\nb[0] = 1",
                  "b = rng.random()\nc = rng.random()", "b[0] = 1\nc = b"]:  # fmt: skip
        assert "\n".join(reversed(lines.split("\n"))) in mutants(lines)
    assert len(set(made)) == len(made)
    for text in made:
        ast.parse(text)


@pytest.mark.parametrize(("name", "exercise"), ROWS)
def test_the_table_is_that_of_these_solutions(name, exercise):
    """And not of others: after a change, benchmarks/mutants.py makes it again."""
    cells = [cell for cell in SOURCES[name].cells if exercise_of(cell) == exercise]
    row = TABLE[name][exercise]
    assert row["of"] == digest(cells)
    answers = [c.source for c in cells if is_solution(c) and c.cell_type == "code"]
    assert row["mutants"] == sum(len(mutants(source)) for source in answers)
    assert place(name, exercise) > 0


def test_few_mutants_keep_all_points():
    """Those that do are written down; nearly all of them do what the exercise asks."""
    found = [row for rows in TABLE.values() for row in rows.values()]
    kept = sum(len(row["survivors"]) for row in found)
    assert kept < sum(row["mutants"] for row in found) / 20


def test_mutants_lose_points_as_the_table_says():
    """One assignment anew; the others take minutes."""
    assert dict(rows("numbers")) == TABLE["numbers"]
