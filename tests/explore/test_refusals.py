"""What the widgets refuse: each says why, keeps its state and its picture, and goes on."""

import numpy as np
import pytest

from dualedu import explore

pytest.importorskip("anywidget")

ORTHOGONAL = {"perturb": "activities", "law": "orthogonal"}
REFUSED = {
    "BugSwitchboard": [
        ({}, {"softmax": "full"}, "on or off"),
        ({}, {"rate": 1e-8}, "on or off"),
        ({}, {"seeds": "twos"}, "no choice 'twos'"),
        ({}, {"seeds": np.nan}, "no choice nan"),
    ],
    "DrawADigit": [
        ({}, {"ink": np.full((28, 28), 2.0)}, "Ink goes from 0 to 1"),
        ({}, {"ink": np.full((28, 28), np.nan)}, "Ink goes from 0 to 1"),
        ({}, {"ink": np.zeros((27, 28))}, "784 numbers"),
        ({}, {"ink": None}, "784 numbers"),
        ({}, {"ink": "ff"}, "hexadecimal"),
        ({}, {"row": 28}, "from 0 to 27"),
        ({}, {"column": -1}, "from 0 to 27"),
        ({}, {"about": 10}, "no choice 10"),
        ({}, {"example": "ten"}, "no choice 'ten'"),
        ({}, {"seeds": "weights"}, "no choice 'weights'"),
    ],
    "ForwardGradientLab": [
        ({}, {"law": "orthogonal"}, "perturb activities first"),
        ({}, {"law": "uniform"}, "no choice 'uniform'"),
        ({}, {"directions": 0}, "from 1 to 64"),
        ({}, {"directions": 65}, "65 is outside"),
        ({}, {"directions": 2.5}, "whole number"),
        ({}, {"directions": float("nan")}, "needs a number"),
        (ORTHOGONAL, {"directions": 9}, "at most 8"),
        (ORTHOGONAL, {"perturb": "weights"}, "Orthogonal"),
    ],
    "OwnPatient": [
        ({}, {"code": 3}, "is a text"),
        ({}, {"code": "#" * 300_000}, "300000 letters"),
        ({}, {"f": "lost"}, "the code defines forward, loss, gradient"),
        ({}, {"claim": "not a name"}, "is a name"),
        ({}, {"place": "(W1,"}, "cannot be read"),
        ({}, {"kind": "hessian"}, "no choice 'hessian'"),
    ],
    "ProductArea": [
        ({}, {"a": 0}, "a goes from 0.5 to 3; 0 is outside."),
        ({}, {"d": -1}, "d goes from 0 to 2; −1 is outside."),
        ({}, {"eps": 0}, "0 is outside"),
        ({}, {"b": "wide"}, "b needs a number, not 'wide'."),
    ],
    "SeedExplorer": [
        ({}, {"angle": 361}, "0 to 360"),
        ({}, {"length": 0}, "0.5 to 1.5"),
        ({}, {"x": np.nan}, "not a number"),
        ({}, {"y": 5}, "−1.6 to 1.6"),
        ({}, {"function": "cliff"}, "no choice 'cliff'"),
    ],
    "SoftmaxJacobian": [
        ({}, {"own": "1, 2, 3"}, "4 numbers"),
        ({}, {"own": "1, 2, 3, x"}, "not a list of numbers"),
        ({}, {"own": "0, 0, 0, 0"}, "at least 0.1"),
        ({}, {"own": "1, 2, 3, 4"}, "−3 to 3"),
        ({}, {"own": "nan, 2, 3, 1"}, "−3 to 3"),
        ({}, {"logits": (1.0, 2.0, 3.0)}, "4 numbers"),
        ({}, {"logits": (np.nan, 0.0, 0.0, 0.0)}, "not a number"),
        ({}, {"logits": (0.0, 1001.0, 0.0, 0.0)}, "−1000 to 1000"),
        ({}, {"temperature": 0.0}, "0.1 to 10"),
        ({}, {"temperature": np.inf}, "0.1 to 10"),
        ({}, {"direction": "unit 5"}, "no choice"),
        ({}, {"full": 1}, "on or off"),
    ],
    "TangentArrow": [
        (
            {},
            {"expression": "log(x - 2)"},
            "log(x - 2) has no finite value at x = 1: choose another x or h.",
        ),
        ({}, {"expression": "x^2"}, "a power is written **"),
        ({}, {"x": 5}, "5 is outside"),
        ({}, {"h": 0}, "0 is outside"),
        ({}, {"function": "x**7"}, "no choice 'x**7'"),
    ],
    "TraceStepper": [
        ({}, {"step": 7}, "no step 7: the last operation is step 6"),
        ({}, {"step": 11}, "goes from 0 to 10"),
        ({}, {"step": 1.5}, "whole number"),
        ({}, {"x": np.nan}, "not a number"),
        ({}, {"y": 11}, "−10 to 10"),
        ({}, {"seed": "z"}, "no choice 'z'"),
        ({"function": "x * sin(x)", "step": 1}, {"expression": "x +"}, "cannot be read"),
        ({"function": "x * sin(x)", "step": 1}, {"expression": "7"}, ""),
    ],
}
"""For each widget: where it starts, what it refuses there, and a part of what it says."""

TAKEN = {
    "BugSwitchboard": {"rate": True},
    "DrawADigit": {"about": 8},
    "ForwardGradientLab": {"directions": 2},
    "OwnPatient": {"claim": "forward"},
    "ProductArea": {"a": 1.25},
    "SeedExplorer": {"angle": 90},
    "SoftmaxJacobian": {"temperature": 2.0},
    "TangentArrow": {"h": 0.5},
    "TraceStepper": {"x": 2.0},
}
"""A change that each takes."""

CASES = [
    pytest.param(name, *case, id=f"{name}-{next(iter(case[1]))}-{number}")
    for name, cases in REFUSED.items()
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize(("name", "start", "change", "reason"), CASES)
def test_what_is_refused_says_why_and_changes_nothing(name, start, change, reason):
    widget = getattr(explore, name)(**start)
    before = widget.state(), widget.picture.svg, widget.words
    ((trait, value),) = change.items()
    setattr(widget, trait, value)
    assert reason in widget.message != ""
    assert (widget.state(), widget.picture.svg, widget.words) == before
    widget.update(**TAKEN[name])
    assert widget.message == ""
    assert widget.picture.svg != before[1]
    widget.update(**change)
    assert reason in widget.message != ""


def test_every_widget_is_in_the_table():
    assert set(REFUSED) == set(TAKEN) == set(explore.ROOMS)
