"""Answers for teachers: one for each exercise that is not solved on its page; their code runs."""

import contextlib
import io
import re

import pytest
from chapters import BOOK, CODE, cells, run

ANSWERS = BOOK.parent / "classroom" / "answers.md"
ENTRY = re.compile(
    r"^### [^\n]+ \((ex-[\w-]+)\)\n\n\*\[[^\n]+\]\((\S+)\)\*\n(.*?)(?=^##|\Z)", re.M | re.S
)
EXERCISE = re.compile(r"^:::+\{exercise\}.*\n:label: (\S+)$", re.M)
SOLVED = re.compile(r"^:::+\{solution\} (\S+)$", re.M)

FOUND = {name: (ANSWERS.parent / path, text) for name, path, text in
         ENTRY.findall(ANSWERS.read_text(encoding="utf-8"))}  # fmt: skip

SHOWS = {
    "ex-limit-second": ["float64: best step 2e-04", "float32: best step 3e-02"],
    "ex-functions-nilpotent": ["second derivative 1.0524, judge 1.0524", "exp True"],
    "ex-forty-levels": ["1.0\n8.0\n12.0\n0.0"],
    "ex-directions-reach": [
        "(1.0, 2.0) there",
        "(3.4, 0.5) there",
        "(4.0, 0.0) still away",
        "straight 1",
        "joints True",
    ],
    "ex-arrays-einsum": ["all strings agree"],
    "ex-one-many": ["K =   1: fixed", "K =  10: fixed"],
    "ex-small-delta": ["41 %", "before          silent: 12%", "after one epoch silent: 0%"],
    "ex-softmax-temperature": ["0.05: 0.707", "1000.0: 0.577", "True"],
    "ex-switch-own": ["gradient    quotient  1.0000  cosine  1.00"],
    "ex-exact-norm": ["nothing True", "algebra        True"],
    "ex-modes-recurrence": ["True True", "forward 15,648, reverse 1,440", "244,096, reverse 5,760"],
    "ex-random-guess": ["over law 1.0"],
    "ex-workers-processes": ["equal True"],
}
"""What an answer shows, where its text rests on it."""


CODED = sorted(name for name, (_, text) in FOUND.items() if CODE.search(text))


def unsolved():
    for path in sorted(BOOK.glob("[0-9]-*/*.ipynb")):
        prose = "\n\n".join(cell.source for cell in cells(path, "markdown"))
        for name in sorted(set(EXERCISE.findall(prose)) - set(SOLVED.findall(prose))):
            yield name, path


def test_every_exercise_is_answered_here_or_on_its_page():
    assert {name: path.resolve() for name, (path, _) in FOUND.items()} == dict(unsolved())


@pytest.mark.parametrize("name", CODED)
def test_answers_run(name, page):
    path, text = FOUND[name]
    names = page(path.resolve())
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for code in CODE.findall(text):
            run(code, name, names)
    missing = [line for line in SHOWS.get(name, []) if line not in printed.getvalue()]
    assert missing == [], printed.getvalue()


def test_the_accuracies_that_the_answers_speak_of(page):
    """Fixed directions lag behind fresh ones; without a push, three classes are not learned."""
    names = page(FOUND["ex-one-many"][0].resolve())
    with contextlib.redirect_stdout(io.StringIO()):
        run(CODE.findall(FOUND["ex-one-many"][1])[0], "many", names)
    assert names["fixed"] < 0.3 < 0.5 < names["fresh"]
    names = page(FOUND["ex-switch-easy"][0].resolve())
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        run(CODE.findall(FOUND["ex-switch-easy"][1])[0], "easy", names)
    shares = [int(line.split()[-1].rstrip("%")) for line in printed.getvalue().splitlines()]
    full, diagonal = shares[::2], shares[1::2]
    assert min(full) > 80
    assert diagonal[0] > 85
    assert diagonal[1] < 40
    assert diagonal[2] < 20
