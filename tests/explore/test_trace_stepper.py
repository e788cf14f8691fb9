"""TraceStepper: its lines against torch, its written rules by their arithmetic, its layout."""

import math
import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
import pytest

from dualedu.explore import TraceStepper
from dualedu.explore.kit.expressions import parse
from dualedu.explore.trace_stepper import drawing
from dualedu.explore.trace_stepper.model import MOST, Trace
from dualedu.explore.trace_stepper.widget import EXPRESSIONS

OWN = [
    "x**y",
    "y**x",
    "x**-1.5 + 2**y",
    "x**0 + x**1 + x**3",
    "x - y - 1",
    "1 - x/y",
    "2/x - x*3",
    "tan(x) + tanh(y)",
    "sqrt(x)/cos(y)",
    "abs(x) * relu(y) - relu(-x)",
    "sigmoid(-x*y)**2",
    "log(exp(x) + pi) - e",
    "2*3 + x",
    "(x+y)*(x+y)*(x+y)",
]
CASES = [
    (text, seed) for text in [*EXPRESSIONS.values(), *OWN] if text != "own" for seed in ("x", "y")
]
SMOOTH = ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "abs")
AT = {"x": 0.7, "y": 1.3}


def traced(text, seed="x", step=None, **at):
    expression = parse(text, ("x", "y"))
    last = sum(step.compute is not None for step in expression.steps)
    return Trace(expression, **AT | at, seed=seed, step=last if step is None else step)


def of_torch(text, seed):
    torch = pytest.importorskip("torch")
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in AT.values())
    names = {k: getattr(torch, k) for k in (*SMOOTH, "sigmoid", "relu")}
    with torch.enable_grad():
        value = eval(text, {}, names | {"x": x, "y": y, "pi": math.pi, "e": math.e})
        value.backward()
    slope = {"x": x, "y": y}[seed].grad
    return float(value.detach()), 0.0 if slope is None else float(slope)


@pytest.mark.parametrize(("text", "seed"), CASES)
def test_the_last_line_is_value_and_slope(text, seed):
    last = traced(text, seed).lines[-1]
    assert (last.primal, last.tangent) == pytest.approx(of_torch(text, seed), rel=1e-12, abs=1e-14)


def arithmetic(said):
    """The number that a written rule stands for."""
    for shown, typed in (("−", "-"), ("·", "*"), ("²", "**2"), ("³", "**3"), ("|", "'")):
        said = said.replace(shown, typed)
    said = re.sub(r"'(.*)'", r"abs(\1)", said.replace("√", "sqrt").replace("σ", "sigmoid"))
    names = {k: getattr(np, k) for k in SMOOTH}
    names |= {"ln": np.log, "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "relu": lambda z: max(z, 0)}
    return eval(said, {}, names)


def exact(value):
    return f"{value:.17g}".replace("-", "−")


@pytest.mark.parametrize(("text", "seed"), CASES)
def test_the_rules_as_written_give_the_numbers_of_the_table(text, seed):
    trace = traced(text, seed)
    for line in trace.lines[len(trace.used) :]:
        assert arithmetic(line.primal_rule(exact)) == pytest.approx(line.primal, rel=1e-12)
        told = arithmetic(line.tangent_rule(exact))
        assert told == pytest.approx(line.tangent, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("text", "seed"), CASES)
def test_each_line_takes_only_what_stands_above_it(text, seed):
    above = set()
    for line in traced(text, seed).lines:
        assert {part.name for part in line.parts if not part.constant} <= above
        above.add(line.name)


@pytest.mark.parametrize(("text", "seed"), CASES)
def test_the_end_is_confirmed_by_a_central_difference(text, seed):
    trace = traced(text, seed)
    words = trace.words()
    assert ("A central difference agrees within" in words) == (seed in trace.used)


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("x*y + sin(x)", {"step": 0}, "x = 0.7 with the tangent 1 and y = 1.3 with the tan"),
        (
            "x*y + sin(x)",
            {"step": 0},
            "3 operations to do, each with numbers alone. Predict the first, then go forward.",
        ),
        ("x*y + sin(x)", {"step": 1}, "Step 1 of 3: v₁ = x · y. Its primal is 0.9100, its tangent"),
        ("x*y + sin(x)", {"step": 1}, "tangent 1 · 1.3 + 0.7 · 0 = 1.3, from numbers that stand"),
        ("x*y + sin(x)", {"step": 2, "x": 0.0}, "tangent cos(0) · 1 = 1, from"),
        ("x*y + sin(x)", {}, "This is the slope along x: no formula was derived"),
        ("3 * x", {}, "its tangent 3 · 1 = 3, from"),
        ("x + 2", {}, "its tangent 1, from"),
        ("2*3 + x", {"step": 1}, "its tangent 0, as there is no input in it."),
        ("sin(x)", {"seed": "y", "step": 0}, "does not occur: every tangent will be 0."),
        ("sin(x)", {"seed": "y"}, "y does not occur, so the slope along y is 0."),
        ("abs(x)*y", {"x": 0.0}, "|x| has a kink at 0 and no slope there"),
        ("abs(x)*y", {"x": 0.0, "seed": "y"}, "A central difference agrees within"),
        ("1e15 + x", {}, "lost here: rounding drowns it."),
        ("sqrt(x)", {"x": 1e-12}, "it would leave the domain."),
        ("relu(x)", {"x": 1e-9}, "A central difference does not agree"),
    ],
)
def test_words(text, state, said):
    assert said in traced(text, **state).words()


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        ("x", {}, "“x” has no operation"),
        ("3", {}, "has no operation"),
        ("x" + "+x" * 11, {}, "has 11 operations; 10 are the most"),
        ("x*y", {"step": 2}, "no step 2: the last operation is step 1"),
        ("x*y", {"step": -1}, "no step -1"),
        ("log(x - 1)", {}, "v₂ = log(v₁) has no finite value at x = 0.7"),
        ("sqrt(x)", {"x": 0.0}, "v₁ = √(x) has no finite tangent at x = 0"),
        ("(0 - 1)**x", {"x": 2.0}, "has no finite tangent"),
        ("1/0", {}, "“1/0”: v₁ = 1 / 0 has no finite value."),
    ],
)
def test_what_cannot_be_traced_is_refused_by_name(text, state, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        traced(text, **state)


# --- the picture ---------------------------------------------------------------------------------

WIDE = "*".join("x" * 11), "+".join(["x*y"] * 5) + "+x", "-x-y*x-x/y-x*x-y*y"[: MOST * 2 + 1]
DEEP = "tanh(" * MOST + "x" + ")" * MOST
HORNER = "x*(x*(x*(x*(x+1)+y)+y)+1)"
LAYOUTS = [*EXPRESSIONS.values(), *OWN, *WIDE, DEEP, HORNER, "exp(x)" + "+exp(x)" * 4, "-x" * 3]


@pytest.mark.parametrize("text", [text for text in LAYOUTS if text != "own"])
def test_nothing_in_the_graph_overlaps(text):
    graph = drawing.Graph(traced(text))
    nodes = [graph.at[line.name, graph.depth[line.name]] for line in graph.model.lines]
    reach = drawing.RADIUS + 4
    for i, a in enumerate(nodes):
        assert reach <= a[0] <= 480 - reach
        assert 2 * reach <= a[1] + 14 <= graph.height
        assert all(math.dist(a, b) >= 2 * drawing.RADIUS + 6 for b in nodes[:i])
    for line in graph.model.lines:
        for part in line.parts:
            if part.constant:
                continue
            way = graph.way(part.name, graph.depth[line.name])
            for tail, head in pairwise(way):
                for x, y in nodes:
                    # Level beside a column, and between columns elsewhere.
                    if tail[0] < x + drawing.RADIUS - 1 and head[0] > x - drawing.RADIUS + 1:
                        assert tail[1] == head[1]
                        assert abs(tail[1] - y) >= drawing.RADIUS + 4


@pytest.mark.parametrize("text", [text for text in LAYOUTS if text != "own"])
def test_rows_fill_with_the_steps_and_one_is_framed(text):
    last = traced(text).last
    for step in range(last + 1):
        trace = traced(text, step=step)
        svg = drawing.draw(trace)
        tree = ElementTree.fromstring(svg)
        assert svg.count("…") == 2 * (last - step)
        framed = [e for e in tree.iter() if e.get("height") == str(drawing.ROW)]
        assert len(framed) == bool(step)
        height = float(tree.get("viewBox").split()[3])
        assert all(float(e.get("y", 0)) <= height - 6 for e in tree.iter() if "text" in e.tag)
        said = [piece for _, piece in drawing.rule(trace)]
        assert max(map(len, said)) <= drawing.LONGEST


def test_no_formula_of_the_derivative_and_no_step_is_drawn():
    letters = "".join(ElementTree.fromstring(TraceStepper().picture.svg).itertext())
    assert not re.search(r"f′|d/dx|\bh\b", letters)


# --- the widget ----------------------------------------------------------------------------------


def test_buttons_step_and_say_where_they_end():
    widget = TraceStepper()
    drawn = []
    widget.picture.observe(lambda change: drawn.append(change["new"]), "svg")
    widget.press("forward")
    assert (widget.step, widget.message) == (6, "Step 6 is the last: all lines are computed.")
    widget.press("to_the_start")
    widget.press("forward")
    assert (widget.step, widget.message) == (1, "")
    widget.press("back")
    widget.press("back")
    assert widget.step == 0
    assert "This is the start" in widget.message
    widget.press("to_the_end")
    assert widget.step == 6
    assert len(drawn) == 4


def test_controls_set_the_traits_and_each_change_draws_once():
    widget = TraceStepper()
    drawn = []
    widget.picture.observe(lambda change: drawn.append(change["new"]), "svg")
    widget.controls["step"][1].set_state({"value": 2})
    widget.controls["x"][0].set_state({"value": 2.0})
    widget.controls["seed"][0].set_state({"index": 1})
    assert widget.state() | {"x": 2.0, "seed": "y", "step": 2} == widget.state()
    widget.controls["step"][1].set_state({"value": 6})
    widget.controls["function"][0].set_state({"index": 2})
    assert (widget.function, widget.step) == ("log(1 + x**2)", 3)
    widget.controls["expression"][0].set_state({"value": "x*y"})
    assert (widget.function, widget.step) == ("own", 1)
    assert "Step 1 of 1: v₁ = x · y" in widget.words
    slider = widget.controls["step"][1]
    assert (slider.value, slider.max) == (1, 1)
    assert len(drawn) == 6


@pytest.mark.parametrize(
    "own", ["log(x - 10)", "x" + "*x" * 11, "7", "x +", "z", "__import__('os')"]
)
def test_a_refused_expression_leaves_everything_as_it_was(own):
    widget = TraceStepper(function="x * sin(x)", step=1)
    before = widget.state(), widget.picture.svg
    widget.expression = own
    assert widget.message
    assert (widget.state(), widget.picture.svg) == before
    widget.controls["expression"][0].set_state({"value": own})
    assert widget.message
    assert (widget.state(), widget.picture.svg) == before
