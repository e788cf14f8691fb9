"""Which submissions are alike: names and layout do not count, and what many wrote weighs little."""

import random
import shutil

import pytest
from classwork import ANSWERS, read
from course import handed_in
from grading import compare

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


def works(notebooks):
    blank = read("release", "numbers")
    return [compare.work(student, notebook, blank) for student, notebook in notebooks.items()]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "def f(x):\n    y = x + 1\n    return y",
            "def g(a):\n    b = a+1 # so\n    return b",
            True,
        ),
        (
            "def f(x: float) -> float:\n    '''Doc.'''\n    return 2*x",
            "def f(t): return 2 * t",
            True,
        ),
        ("y: int = 3", "z = 3", True),
        ("y = 3", "y = 4", False),
        ("y = np.sin(x)", "y = np.cos(x)", False),
        ("y = sum(x)", "y = len(x)", False),
        ("def f(x) return", "def  f(x)  return", True),
    ],
)
def test_names_and_layout_do_not_count(one, other, same):
    kept = {"np", "x"}
    assert (compare.normal_form(one, kept) == compare.normal_form(other, kept)) is same


ODD = """
def length(a, b, c, d):
    squares = sum(part * part for part in (a, c))
    speeds = [part * speed for part, speed in ((a, b), (c, d))]
    p = squares**0.5
    return p, (speeds[0] + speeds[1]) / p
"""
DISGUISED = """
# Mine.
def length(a, b, c, d):
    total = sum(n*n for n in (a, c))   # both
    v = [n * w for n, w in ((a, b), (c, d))]
    root = total**.5
    return root, (v[0] + v[1])/root
"""


def test_a_disguised_copy_stands_out_and_equal_right_answers_do_not():
    """Each of the others writes each answer in one of two ways."""
    other, rng = ANSWERS["numbers"].OTHER_STYLE, random.Random(0)
    class_of = {
        f"other {n}": handed_in("numbers", {k: v for k, v in other.items() if rng.random() < 0.5})
        for n in range(12)
    }
    class_of |= {
        "one": handed_in("numbers", {"length-answer": ODD}),
        "two": handed_in("numbers", {"length-answer": DISGUISED}),
    }
    found = compare.pairs(works(class_of), set(class_of))
    assert {found[0].first.student, found[0].second.student} == {"one", "two"}
    shown = compare.remarkable(found)
    assert shown[0] is found[0]
    assert len(shown) < len(found) / 10
    assert found[0].weight > 1.5 * found[1].weight, "what many wrote weighs little"
    text = compare.report("numbers", works(class_of), shown, ["x is not compared: it is empty"])
    assert "This is no verdict" in text
    assert "## one and two" in text
    assert "total**.5" in text
    assert "x is not compared" in text


def test_comparing_changes_nothing_and_names_what_it_cannot_read(course, capsys):
    broken = course / "submitted/emil/numbers/numbers.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("<html>", encoding="utf-8")
    before = {p: p.read_bytes() for p in (course / "submitted").rglob("*") if p.is_file()}
    other = shutil.copytree(course / "submitted", course / "last")
    assert compare.main(["numbers", "--course", str(course), "--with", str(other)]) == 0
    assert "It is no verdict" in capsys.readouterr().out
    assert "emil is not compared: it is a web page" in (course / "compared/numbers.md").read_text(
        "utf-8"
    )
    assert before == {p: p.read_bytes() for p in (course / "submitted").rglob("*") if p.is_file()}
