"""Controls: good values are kept, bad ones refused with a whole sentence."""

import math

import numpy as np
import pytest

from dualedu.explore.kit.expressions import parse

pytest.importorskip("ipywidgets")
pytest.importorskip("anywidget")

from dualedu.explore.kit.controls import (
    Choice,
    Count,
    Line,
    Number,
    Numbers,
    Refused,
    Switch,
)

CONTROLS = {
    "number": Number(1.0, -4, 4, label="x", help="a place"),
    "log": Number(1.0, 1e-6, 10, label="h", log=True),
    "count": Count(3, 1, 9, label="K"),
    "choice": Choice("a", {"first": "a", "second": "b"}, label="which"),
    "switch": Switch(False, label="on"),
    "line": Line("x", parse, label="your own"),
    "numbers": Numbers((1, 2), -5, 5, labels=("z₁", "z₂"), label="logits"),
}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("number", 2, 2.0),
        ("number", -4, -4.0),
        ("number", np.float32(0.5), 0.5),
        ("log", 1e-6, 1e-6),
        ("count", 4.0, 4),
        ("count", np.int64(4), 4),
        ("choice", "b", "b"),
        ("switch", True, True),
        ("line", "x + 1", "x + 1"),
        ("numbers", [3, -5], (3.0, -5.0)),
        ("numbers", np.zeros(2), (0.0, 0.0)),
    ],
)
def test_good_values_are_kept(name, value, kept):
    taken = CONTROLS[name].accept(value)
    assert (taken, type(taken)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("number", 5, "x goes from −4 to 4; 5 is outside."),
        ("number", math.nan, "x goes from −4 to 4; not a number is outside."),
        ("number", -math.inf, "x goes from −4 to 4; −∞ is outside."),
        ("number", "a", "x needs a number, not 'a'."),
        ("number", None, "x needs a number, not None."),
        ("number", [1], "x needs a number, not [1]."),
        ("number", 10**400, f"x needs a number, not {10**400}."),
        ("log", 0, "h goes from 10⁻⁶ to 10; 0 is outside."),
        ("count", 2.5, "K needs a whole number, not 2.5."),
        ("count", 10, "K goes from 1 to 9; 10 is outside."),
        ("count", math.nan, "K needs a number, not nan."),
        ("choice", "c", "which has no choice 'c': there are 'a', 'b'."),
        ("choice", [], "which has no choice []: there are 'a', 'b'."),
        ("switch", 1, "on is on or off, True or False, not 1."),
        ("line", 3, "your own is a text, not 3."),
        ("line", "x^2", "“x^2”: a power is written **, not ^."),
        ("numbers", 3, "logits needs 2 numbers, not 3."),
        ("numbers", (1, 2, 3), "logits needs 2 numbers, not (1, 2, 3)."),
        ("numbers", (1, 9), "z₂ goes from −5 to 5; 9 is outside."),
    ],
)
def test_bad_values_are_refused_with_a_whole_sentence(name, value, message):
    with pytest.raises(Refused) as refusal:
        CONTROLS[name].accept(value)
    assert str(refusal.value) == message
