"""Expressions that a reader types: Python's own values, step by step, nothing else."""

import math
import re

import numpy as np
import pytest

from dualedu import Dual
from dualedu.explore.kit.expressions import FUNCTIONS, ExpressionError, parse

ORDINARY = [
    "x",
    "-x**2",
    "2**-x",
    "x**2**0.5",
    "+x - -x",
    "(x + 1) / (x - 3) * 2",
    "sin(x) * cos(x) / tan(x)",
    "exp(-x/2) + log(x) + sqrt(x)",
    "tanh(x) + abs(x - 2)",
    "pi * e - x",
    "1e3 * x + .5",
    "2 - 3 - x",
    "x / 2 / 2",
]


@pytest.mark.parametrize("x", [0.25, 1.0, 2.75])
@pytest.mark.parametrize("text", ORDINARY)
def test_values_are_pythons_own(text, x):
    names = {name: getattr(math, name) for name in FUNCTIONS if hasattr(math, name)}
    own = eval(text, names | {"abs": abs, "pi": math.pi, "e": math.e, "x": x})
    assert float(parse(text)(x=x)) == pytest.approx(own, rel=1e-15)


@pytest.mark.parametrize("text", ORDINARY)
def test_arrays_and_dual_numbers_go_through_the_same_steps(text):
    f, x = parse(text), np.array([0.25, 1.0, 2.75])
    np.testing.assert_allclose(f(x=x), [f(x=v) for v in x], rtol=1e-14)
    step = 1e-6
    slopes = (f(x=x + step) - f(x=x - step)) / (2 * step)
    np.testing.assert_allclose(f(x=Dual(x, np.ones(3))).tangent, slopes, rtol=1e-7)


def test_steps_are_in_the_order_of_computation_and_an_input_is_one():
    f = parse("x * sin(x) + y", variables=("x", "y"))
    assert [(s.name, s.operands) for s in f.steps] == [
        ("x", ()),
        ("sin", (0,)),
        ("*", (0, 1)),
        ("y", ()),
        ("+", (2, 3)),
    ]
    assert f.trace(x=0.5, y=2.0)[2] == pytest.approx(0.5 * math.sin(0.5))


REFUSED = {
    "": "There is no expression: type one, such as x**2.",
    "   ": "There is no expression",
    "2x": "“2x” cannot be read: multiplication is written 2*x, and every ( needs its ).",
    "(x": "cannot be read",
    "x = 2": "cannot be read",
    "x; x": "cannot be read",
    "x\nx": "cannot be read",
    "x^2": "“x^2”: a power is written **, not ^.",
    "sin": "“sin” needs its argument in parentheses: sin(x).",
    "sin x": "cannot be read",
    "y + 1": "“y” is not known: the inputs are x, the constants pi and e.",
    "sin(x, x)": "“sin(x, x)”: sin takes one argument.",
    "sin(x=x)": "“sin(x=x)”: sin takes one argument.",
    "sin(*x)": "cannot be used here",
    "erf(x)": "“erf” is not among the functions: sin, cos,",
    "open('a')": "“open” is not among the functions",
    "__import__('os')": "“__import__” is not among the functions",
    "x.real": "“x.real” cannot be used here: there are numbers, x,",
    "x.__class__": "“x.__class__” cannot be used here",
    "().__class__": "cannot be used here",
    "sin.__globals__": "cannot be used here",
    "x[0]": "“x[0]” cannot be used here",
    "'x'": "cannot be used here",
    "f'{x}'": "cannot be used here",
    "b'x'": "cannot be used here",
    "True": "“True” cannot be used here",
    "None": "cannot be used here",
    "1j": "“1j” cannot be used here",
    "...": "cannot be used here",
    "lambda: x": "cannot be used here",
    "x if x else x": "cannot be used here",
    "x > 1": "“x > 1” cannot be used here",
    "x and x": "cannot be used here",
    "not x": "cannot be used here",
    "~x": "cannot be used here",
    "x // 2": "cannot be used here",
    "x % 2": "cannot be used here",
    "x @ x": "cannot be used here",
    "x << 2": "cannot be used here",
    "(x, x)": "cannot be used here",
    "[x for x in x]": "cannot be used here",
    "{x}": "cannot be used here",
    "(x := 2)": "cannot be used here",
    "(yield x)": "cannot be used here",
    "await x": "cannot be",
    "x + 9" * 40: "The expression has 200 letters; 120 are the most.",
    "+".join("x" * 60): "The expression takes more than 40 steps.",
    "(" * 60 + "x" + ")" * 59: "cannot be read",
    "\x00": "cannot be read",
    "×": "cannot be read",
}


@pytest.mark.parametrize("text", REFUSED)
def test_whatever_is_not_on_the_list_is_refused(text):
    with pytest.raises(ExpressionError, match=re.escape(REFUSED[text])) as refusal:
        parse(text)
    assert len(str(refusal.value)) < 260


def test_deep_nesting_and_huge_powers_are_harmless():
    assert float(parse("-" * 39 + "x")(x=2.0)) == -2.0
    assert parse("9**9**9**9")(x=1.0) == math.inf
    assert math.isnan(parse("log(x)")(x=-1.0))
    assert parse("1/x")(x=0.0) == math.inf
    with pytest.raises(ExpressionError):
        parse("-" * 119 + "x")


pytest.importorskip("anywidget")
