"""What the checks of exercises say: one sentence for each way in which an answer can be wrong."""

import functools
import re
from fractions import Fraction

import numpy as np
import pytest

import dualedu
from dualedu import Dual, jvp
from dualedu.core.check import central_difference
from dualedu.jets import jet
from dualedu.teaching.checks import (
    NotYet,
    check_array,
    check_choice,
    check_function,
    check_number,
    checks,
    differentiators,
    instance,
    made_of,
    names_in,
    pack,
    run_packed,
    score,
    without,
)

NAN = float("nan")
ADA = [6, 662, 621]


def number(answer):
    check_number(
        answer,
        14.0,
        what="the tangent",
        look="collect the terms with ε",
        wrong=[(-15.0, "this is bd"), (14.0, "never said"), ((1, 2), "these are both")],
    )


def choice(answer):
    check_choice(answer, "b", what="your reply", wrong={"a": "this is the sum", "c": "no"})


def names(answer):
    names_in(answer, what="your choice")


def grid(f):
    """Results that look the same within a sentence."""
    check_function(
        f,
        lambda x: (x, Dual(np.zeros(9), np.arange(9.0))),
        [(np.ones((3, 3)),)],
        look="entry by entry",
    )


def array(answer, **options):
    check_array(
        answer,
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        what="z",
        look="look at the axes",
        wrong=[([[1.0, 3.0], [2.0, 4.0]], "this is the transpose"), ([3.0, 7.0], "summed")],
        **options,
    )


def square(f):
    check_function(
        f,
        lambda x: x * x,
        [(1.0,), (Dual(2.0, 3.0),)],
        look="the tangent is 2ab",
        wrong=[
            (lambda x: x + x, "this is twice x"),
            (lambda x: x * x.primal, "it fails for plain numbers"),
        ],
    )


def named(name, f):
    f.__name__ = name
    return f


def in_place(x):
    x[0] = 0.0
    return x


def asks_for_more(x):
    return undefined  # noqa: F821


def pair(answer):
    check_array(answer, [1.0, 2.0], what="the pair", look="count")


def tiny(answer):
    wrong = [(1e-13, "too small")]
    check_number(answer, 1e-3, what="the step", look="count", wrong=wrong, rtol=0.01, atol=0.0)


SAYS = [
    (tiny, 0.0, "the step is not 0; count."),
    (tiny, 1e-13, "the step is not 1e-13; too small."),
    (number, ..., "the tangent is still missing; put your answer in place of the dots."),
    (number, None, "the tangent is still missing; put your answer in place of the dots."),
    (number, 13.0, "the tangent is not 13; collect the terms with ε."),
    (number, -15, "the tangent is not -15; this is bd."),
    (number, NAN, "the tangent is not nan; collect the terms with ε."),
    (number, True, "the tangent should be one number, but it is True; collect the terms with ε."),
    (number, "14", "the tangent should be one number, but it is '14'; leave out the quotes."),
    (number, "2 sqrt(3)", "is '2 sqrt(3)'; give a number, and not a text."),
    (number, (1, 2), "the tangent should be one number, but it is (1, 2); these are both."),
    (number, [14], "the tangent should be one number, but it is [14]; collect the terms with ε."),
    (number, np.ones(2), "should be one number, but it is [1., 1.]"),
    (choice, ..., "your reply is still missing"),
    (choice, " A ", "your reply is not ' A '; this is the sum."),
    (choice, "d", "your reply should be one of 'a', 'b', 'c', but it is 'd'."),
    (choice, "(a)", "your reply is not '(a)'; this is the sum."),
    (choice, 2, "one of 'a', 'b', 'c', but it is 2; write one letter, in quotes."),
    (names, ..., "your choice is still missing"),
    (names, 2, "your choice should be names in quotes, but it is 2."),
    (array, ..., "z is still missing"),
    (array, [1.0, 2.0], "z should have the shape (2, 2), but it has (2,); look at the axes."),
    (array, [3.0, 7.0], "z should have the shape (2, 2), but it has (2,); summed."),
    (array, [[1.0], [2.0, 3.0]], "z should be an array, but it is [[1], [2, 3]]"),
    (pair, [1.0, 2.0, 3.0], "the pair should hold 2 numbers, but it holds 3; count."),
    (pair, 1.0, "the pair should hold 2 numbers, but it holds 1; count."),
    (array, [["a"]], "z should hold numbers, but it is [['a']]"),
    (array, [[1, 2], [3, NAN]], "z holds NaN at index 1, 1; look at the axes."),
    (array, [[1, 2], [5, 5]], "z is 5, where 3 is expected, at index 1, 0; look at the axes."),
    (array, [[1, 3], [2, 4]], "is expected, at index 0, 1; this is the transpose."),
    (square, ..., "the function is still missing"),
    (square, 3.0, "the function should be a function, but it is 3; the tangent is 2ab."),
    (square, named("twice", lambda x: x + x), "twice at (1) gives 2, but 1 is expected; this is"),
    (square, named("blank", lambda x: ...), "blank at (1) returns nothing; write your code"),
    (square, named("prints", lambda x: print(end="")), "and end it with return."),
    (square, named("pairs", lambda x: [np.float64(x), [1.0] * 9]), "gives [1, [1, 1, 1, 1, ...]]"),
    (square, named("lost", lambda x: jvp(abs, x, x)), "got float) in `(square, named("),
    (square, named("plain", lambda x: x.primal * x), "plain at (1) stops at AttributeError"),
    (square, named("plain", lambda x: x.primal * x), "it fails for plain numbers"),
    (
        square,
        named("bent", lambda x: Dual(4.0, 9.0) if isinstance(x, Dual) else x),
        "bent at (2 + 3ε) gives 4 + 9ε, but 4 + 12ε is expected; the tangent is 2ab.",
    ),
    (
        grid,
        named("grid", lambda x: (x * [1, 1, 2], Dual(np.zeros(9), np.zeros(9)))),
        "grid at (an array of shape (3, 3)) gives 2 at index 0, 2, but 1 is expected; entry",
    ),
    (
        grid,
        named("grid", lambda x: (x, Dual(np.zeros(9), np.arange(9.0) + 1e-5))),
        "gives 1e-05 at index 0, but 0 is expected; entry by entry.",
    ),
    (
        square,
        named("near", lambda x: 1.00001 if x == 1 else x),
        "near at (1) gives 1.00001, but 1 is expected",
    ),
    (
        square,
        named("near", lambda x: np.float64(1.000002) if x == 1 else x),
        "near at (1) gives 1.000002, but 1.0 is expected",
    ),
    (square, lambda x: x + x, "the function at (1) gives 2, but 1 is expected; this is twice x."),
    (square, asks_for_more, "stops at NameError (name 'undefined' is not defined) in `return"),
]


@pytest.mark.parametrize(("check", "answer", "says"), SAYS)
def test_a_wrong_answer_is_told_so(check, answer, says):
    with pytest.raises(NotYet, match=re.escape(says)) as failure:
        check(answer)
    assert "\n" not in str(failure.value)
    assert str(failure.value).endswith(".")


RIGHT = [
    (number, 14),
    (number, np.float32(14.0)),
    (number, np.array(14.0 + 1e-7)),
    (choice, "B "),
    (choice, "(b)"),
    (choice, "b."),
    (array, [[1, 2], [3, 4]]),
    (array, [[Fraction(1), 2], [Fraction(6, 2), 4]]),
    (array, np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)),
    (square, lambda x: x**2),
    (square, np.square),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_a_right_answer_passes(check, answer):
    check(answer)


def test_a_dtype_counts_where_it_is_asked_for():
    array(np.array([[1.0, 2.0], [3.0, 4.0]]), dtype=np.float64)
    with pytest.raises(NotYet, match="z should hold float32, but it holds float64"):
        array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)


def test_arguments_must_stay_as_they_are():
    cases = [(np.array([1.0, 2.0]),)]
    with pytest.raises(NotYet, match=r"in_place changes its argument \[1., 2.\] in place"):
        check_function(in_place, lambda x: x * [0.0, 1.0], cases, look="")
    np.testing.assert_array_equal(cases[0][0], [1.0, 2.0])
    with pytest.raises(NotYet, match=r"changes its argument \[3.\] in place"):
        check_function(
            lambda x, y: in_place(y), lambda x, y: y, [(np.ones(1), 3 * np.ones(1))], look=""
        )


def test_what_differentiates_is_out_of_reach():
    """Whatever the library offers for a derivative, also in its parts."""
    at = 0.5
    ways = [
        lambda: dualedu.jvp(np.sin, (at,), (1.0,))[1],
        lambda: dualedu.derivative(np.sin)(at),
        lambda: dualedu.gradient(np.sin)(at),
        lambda: dualedu.value_and_gradient(np.sin)(at)[1],
        lambda: dualedu.jacobian(np.sin)(at),
        lambda: dualedu.hvp(np.sin, at, 1.0),
        lambda: jet(np.sin, at, 1),
        lambda: central_difference(np.sin, (at,), (1.0,)),
    ]
    assert len(differentiators()) == len(ways)
    for way in ways:
        with (
            pytest.raises(NotYet, match="on paper"),
            without(*differentiators(), because="on paper"),
        ):
            way()
        assert np.isfinite(np.asarray(way(), float)).all()


def test_a_cell_of_checks(capsys):
    with checks("visible"):
        np.log(np.zeros(2))  # a warning would be taken for a failure
    assert capsys.readouterr() == ("visible checks passed\n", "")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("missing", "the name missing is not there; run the cells above this one"),
        ("[1][2]", "the checks stopped at IndexError (list index out of range)"),
        ("number(13.0)", "the tangent is not 13"),
    ],
)
def test_whatever_fails_is_said_in_one_sentence(code, says, capsys):
    with pytest.raises(NotYet, match=re.escape(says)), checks("visible"):
        eval(code)
    assert capsys.readouterr().out == ""


def test_points_for_parts(capsys):
    parts = [(1, lambda: number(14.0)), (2, lambda: number(13.0)), (0.5, lambda: missing)]  # noqa: F821
    earned = score("visible", *parts)
    assert (earned, type(earned)) == (1.0, float)
    said = capsys.readouterr().out
    assert "Not yet: the tangent is not 13" in said
    assert "Not yet: the name missing is not there" in said
    assert said.endswith("1 of 3.5 points\n")
    assert score("visible", parts[0]) == 1.0
    assert capsys.readouterr().out == "visible checks passed\n"


def test_a_notebook_shows_the_sentence_alone(capsys):
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell.instance()
    try:
        shell.push({"number": number, "checks": checks})
        shell.run_cell("with checks('visible'):\n    number(13.0)", store_history=False)
    finally:
        interactive.InteractiveShell.clear_instance()
    said = capsys.readouterr().out
    assert said == "Not yet: the tangent is not 13; collect the terms with ε.\n"


def test_numbers_of_ones_own():
    draws = [instance(name, "seeds").integers(1000, size=3).tolist() for name in ("Ada", " ADA ")]
    assert draws[0] == draws[1]
    assert draws[0] != instance("Ada", "other").integers(1000, size=3).tolist()
    assert draws[0] != instance("Bob", "seeds").integers(1000, size=3).tolist()
    # The same on every machine, so a grader draws what the student drew.
    assert instance("Ada", "seeds").integers(1000, size=3).tolist() == ADA


def test_names_come_in_any_form():
    for answer in ({"log", "Tan"}, ["tan ", "log"], ("log", "tan"), " log,TAN"):
        assert names_in(answer, what="the names") == {"log", "tan"}


def test_a_number_is_a_name():
    draws = [instance(name, "seeds").integers(1000, size=3).tolist() for name in (4711, "4711")]
    assert draws[0] == draws[1]


@pytest.mark.parametrize("name", [..., "", "  ", None, 7.5, True])
def test_numbers_need_a_name(name):
    with pytest.raises(NotYet, match="write it into the first cell"):
        instance(name, "seeds")


HELPED = """
from dualedu.teaching.checks import check_number, checks

def moved(x):
    return 2 * x

with checks("visible"):
    check_number(doubled(3), moved(3), what="doubled", look="use moved")
"""
AGAIN = """
from dualedu.teaching.checks import check_number, checks

def judged(x):
    return doubled(x)

with checks("visible"):
    check_number(judged(4), moved(4), what="doubled", look="use moved")
"""


def a_notebook(answer):
    notebook = {}
    exec(answer, notebook)
    return notebook


MINE = "def moved(x, times, plus):\n    return x * times + plus\n"
DOUBLED = MINE + "def doubled(x):\n    return moved(x, 2, 0)\n"


def test_a_check_leaves_a_students_names_alone(capsys):
    notebook = a_notebook(DOUBLED)
    mine = dict(notebook)
    for _ in range(2):
        run_packed(pack(HELPED), notebook, "doubled-check")
    assert capsys.readouterr().out == 2 * "visible checks passed\n"
    assert {name: notebook[name] for name in mine} == mine
    assert not {"checks", "check_number"} & set(notebook)


def test_a_check_finds_what_one_before_it_defined(capsys):
    notebook = a_notebook(DOUBLED)
    with pytest.raises(NotYet, match="moved"):
        run_packed(pack(AGAIN), a_notebook("def doubled(x):\n    return 2 * x"), "doubled-again")
    for check in (HELPED, AGAIN):
        run_packed(pack(check), notebook, "doubled-check")
    assert capsys.readouterr().out == 2 * "visible checks passed\n"


def test_a_check_looks_at_the_answer_as_it_is_now():
    """Also through a function of the check before it, and where the answer is gone."""
    notebook = a_notebook(DOUBLED)
    run_packed(pack(HELPED), notebook, "doubled-check")
    run_packed(pack(AGAIN), notebook, "doubled-again")
    again = "with checks('visible'):\n    check_number(judged(4), 8, what='doubled', look='')"
    exec("def doubled(x):\n    return 3 * x", notebook)
    with pytest.raises(NotYet, match="doubled is not 12"):
        run_packed(pack(again), notebook, "doubled-again")
    del notebook["doubled"]
    with pytest.raises(NotYet, match="the name doubled is not there"):
        run_packed(pack(again), notebook, "doubled-again")


def test_what_a_failed_check_defined_is_there_all_the_same():
    notebook = a_notebook("def doubled(x):\n    return x")
    with pytest.raises(NotYet, match="doubled is not 3"):
        run_packed(pack(HELPED), notebook, "doubled-check")
    exec("def doubled(x):\n    return 2 * x", notebook)
    run_packed(pack(AGAIN), notebook, "doubled-again")


def stretched(factor):
    def pair(x, *, shift=0.0):
        return x * factor, [x + shift]

    return pair


@pytest.mark.parametrize(
    "put", [lambda f: f, functools.cache, lambda f: functools.partial(f, shift=0.0)]
)
def test_what_is_made_of_a_function_and_what_calls_it_for_show(put):
    """Also of one with free variables, behind a cache and behind a partial."""
    pair = put(stretched(3.0))
    assert made_of(pair, lambda: pair(2.0)[0], 6.0)
    assert made_of(pair, lambda: pair(2.5)[1][0], 2.5)
    assert not made_of(pair, lambda: (pair(4.0), 12.0)[1], 12.0)
    assert not made_of(pair, lambda: 15.0 + 0.0 * pair(5.0)[0], 15.0)
    assert pair(7.0) == (21.0, [7.0])


class Calling:
    def __call__(self, x):
        return np.array([x])


def test_what_cannot_be_exchanged_is_not_accused():
    calling = Calling()
    assert not made_of(calling, lambda: (calling(2.0), 2.0)[1], 2.0)
    assert made_of(np.sin, lambda: 1.0, 1.0)
    assert made_of(lambda x: {"a": x}, lambda: 1.0, 1.0) is False  # never called
    named = lambda x: {"a": x}  # noqa: E731
    assert made_of(named, lambda: named(1.0)["a"], 1.0)


def test_an_answer_that_stops_depends_on_it():
    def pair(x):
        return x, x

    def picky():
        if pair(1.0) != (1.0, 1.0):
            raise ValueError
        return 1.0

    assert made_of(pair, picky, 1.0)
    assert pair(1.0) == (1.0, 1.0)


def test_a_letter_may_stand_in_brackets_behind_its_words():
    for answer in ("x - a (b)", "The number x - a (B)."):
        choice(answer)
    for answer in ("f(b)", "x (a) or y (b)", "both (bc)", "x - a"):
        with pytest.raises(NotYet):
            choice(answer)
    with pytest.raises(NotYet, match="this is the sum"):
        choice("the first one (a)")
