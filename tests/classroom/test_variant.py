"""The second variants: their solutions earn all, and what was written for the first does not."""

import json
import re

import nbformat
import pytest
from classwork import ASSIGNMENTS, CLASSROOM, SOURCES, exercise_of, graded, is_check, points
from grading import variant
from nbgrader.utils import is_solution
from thisbook.assignments import VARIANTS

VARIED = {
    name: variant.vary(SOURCES[name], variant.changes(CLASSROOM, name)) for name in ASSIGNMENTS
}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_its_solution_earns_all_and_the_first_ones_answers_do_not(name):
    """By the points that the page says. Exercises that are not changed are tested elsewhere."""
    cells = VARIED[name].cells
    first = {c.id: c.source for c in SOURCES[name].cells if is_solution(c)}
    changed = {cell.partition("-")[0] for cell in variant.changes(CLASSROOM, name)}
    names, kept = {}, {}
    for exercise in dict.fromkeys(map(exercise_of, cells)):
        own = [cell for cell in cells if exercise_of(cell) == exercise]
        if exercise not in changed or not any(map(is_check, own)):
            graded([cell for cell in own if not is_check(cell)], names)
            if any(map(is_check, own)):
                kept[exercise] = points(own)
            continue
        before = dict(names)
        earned, said = graded(own, names)
        assert earned == points(own), said
        assert "Not yet" not in said
        answers = {c.id: first[c.id] for c in own if is_solution(c)}
        kept[exercise], said = graded(own, before, answers)
    assert kept == json.loads(VARIANTS.read_text(encoding="utf-8"))[name]
    assert sum(kept.values()) < points(cells)


def choices(cells):
    """For each exercise with a choice of three letters how the text behind each of them begins."""
    for cell in cells:
        parts = re.split(r"\*\*\(?\"?([abc])\"?\)?\*\*", cell.source)
        if cell.cell_type == "markdown" and len(parts) == 7:
            texts = [re.split(r"[,;:.\n]", text.strip())[0] for text in parts[2::2]]
            yield cell.id, dict(zip(parts[1::2], texts, strict=True))


def right(cells):
    """The letters that are right, by the check or the solution, for each exercise."""
    found = {}
    for cell in cells:
        if is_solution(cell) and cell.cell_type == "code":
            for letter in re.findall(r'^ {4}"([abc])"$', cell.source, re.MULTILINE):
                found[exercise_of(cell)] = letter
    return found


def test_a_letter_in_another_place_stands_for_the_same():
    moved = 0
    for name in ASSIGNMENTS:
        before, after = dict(choices(SOURCES[name].cells)), dict(choices(VARIED[name].cells))
        then, now = right(SOURCES[name].cells), right(VARIED[name].cells)
        for exercise in before.keys() & then.keys():
            same = sorted(before[exercise].values()) == sorted(after[exercise].values())
            if same and before[exercise] != after[exercise]:
                moved += 1
                assert before[exercise][then[exercise]] == after[exercise][now[exercise]], exercise
    assert moved >= 4


def test_a_change_of_the_source_is_noticed():
    with pytest.raises(ValueError, match="there is no cell nowhere"):
        variant.vary(SOURCES["numbers"], {"nowhere": []})
    with pytest.raises(ValueError, match="the cell setup does not hold 'x y z'"):
        variant.vary(SOURCES["numbers"], {"setup": [("x y z", "")]})


def test_the_command_writes_a_source_that_nbgrader_takes(tmp_path, capsys):
    for part in ("source", "variants"):
        (tmp_path / part).symlink_to(CLASSROOM / part)
    with pytest.raises(SystemExit):
        variant.main(["letters", "--course", str(tmp_path)])
    assert "there are chapters, diagnosis, digits, further, numbers" in capsys.readouterr().err
    (tmp_path / "source").unlink()
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "numbers").symlink_to(CLASSROOM / "source" / "numbers")
    assert variant.main(["numbers", "--course", str(tmp_path)]) == 0
    made = nbformat.read(tmp_path / "source/numbers-b/numbers-b.ipynb", as_version=4)
    nbformat.validate(made)
    assert 'instance(student, "predict, b")' in "".join(cell.source for cell in made.cells)
    assert not any(cell.get("outputs") for cell in made.cells)
