"""TangentArrow: slopes against torch, words at kinks and in the rounding, the arrow drawn."""

import re
import xml.etree.ElementTree as ET

import pytest

from dualedu.explore.kit.expressions import parse
from dualedu.explore.kit.svg import Plane
from dualedu.explore.tangent_arrow import drawing
from dualedu.explore.tangent_arrow.model import WINDOW, Slopes

SVG = "{http://www.w3.org/2000/svg}"

FORMULAS = [
    "x * sin(x)",
    "x**2",
    "exp(x)",
    "sqrt(x + 5)",
    "abs(x)",
    "sigmoid(x)",
    "sin(x) * exp(-x/2)",
    "3",
    "relu(x - 1) / (1 + x**2)",
]


def slopes(text, x=1.0, h=1.0):
    return Slopes(parse(text), x, h)


@pytest.mark.parametrize("x", [-2.5, 0.3, 3.9])
@pytest.mark.parametrize("text", FORMULAS)
def test_the_slope_is_torchs(text, x):
    torch = pytest.importorskip("torch")
    names = ["sin", "cos", "exp", "sqrt", "abs", "sigmoid", "relu"]
    at = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    value = eval(text, {name: getattr(torch, name) for name in names}, {"x": at})
    truth = torch.autograd.grad(value, at)[0].item() if torch.is_tensor(value) else 0.0
    assert slopes(text, x).slope == pytest.approx(truth, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("text", FORMULAS[:4])
def test_the_secants_error_is_a_v(text):
    """It falls with h while truncation makes it, as h·f″/2 says; then rounding takes over."""
    big, small, tiny = (slopes(text, 0.7, h) for h in (1e-2, 1e-4, 1e-13))
    assert small.error == pytest.approx(big.error / 100, rel=0.05)
    assert (big.rounded, small.rounded, tiny.rounded) == (False, False, True)
    assert tiny.error > slopes(text, 0.7, 1e-7).error


@pytest.mark.parametrize("h", [10.0**-k for k in range(15)])
@pytest.mark.parametrize("text", ["3*x + 1", "x", "0.1*x"])
def test_a_straight_lines_error_is_rounding_at_every_step(text, h):
    assert slopes(text, 0.7, h).rounded


@pytest.mark.parametrize(
    ("text", "x", "kink"),
    [
        ("abs(x)", 0.0, (-1, 1)),
        ("relu(x - 1)", 1.0, (0, 1)),
        ("abs(x)", 0.01, None),
        ("exp(x * 20)", 3.0, None),
        ("x * sin(x)", 1.0, None),
        ("x * abs(x)", 0.0, None),
    ],
)
def test_kinks(text, x, kink):
    found = slopes(text, x).kink
    assert found == (None if kink is None else pytest.approx(kink))


@pytest.mark.parametrize(
    ("text", "x", "h", "words"),
    [
        (
            "x * sin(x)",
            1.0,
            1.0,
            "f(1 + 1ε) = 0.8415 + 1.3818ε: the slope is 1.3818, with no step at all. The secant "
            "over h = 1 has the slope 0.9771; it is off by 0.4.",
        ),
        (
            "x**2",
            -0.75,
            0.5,
            "f(−0.75 + 1ε) = 0.5625 − 1.5000ε: the slope is −1.5000, with no step at all. The "
            "secant over h = 0.5 has the slope −1.0000; it is off by 0.5.",
        ),
        (
            "abs(x)",
            0.0,
            1.0,
            "f(0 + 1ε) = 0.0000 + 0.0000ε: here is a kink, with slope −1.00 on its left and 1.00 "
            "on its right, and 0.0000 is a convention. The secant over h = 1 has the slope 1.0000; "
            "it sees one side alone.",
        ),
        (
            "3",
            1.0,
            1e-9,
            "f(1 + 1ε) = 3.0000 + 0.0000ε: the slope is 0.0000, with no step at all. The secant "
            "over h = 10⁻⁹ has the slope 0.0000; they agree to the last digit, as they can on a "
            "straight piece.",
        ),
    ],
)
def test_words(text, x, h, words):
    assert slopes(text, x, h).words() == words


def test_where_rounding_rules_only_its_bound_is_told():
    words = slopes("x * sin(x)", 1.0, 1e-12).words()
    assert "the rest is rounding, at most 0.001, and more as h shrinks." in words


def test_a_step_that_the_float_loses_is_named():
    words = slopes("x * sin(x)", 1.0, 1e-17).words()
    assert "the slope 0.0000; the step is lost, for 1 + h is the same float as 1." in words
    assert "lost" not in slopes("x * sin(x)", 0.0, 1e-17).words()


def test_large_numbers_stay_short():
    assert "f(3 + 1ε) = 1.9424·10¹³⁰ + 1.9424·10¹³²ε" in slopes("exp(100*x)", 3.0, 1e-3).words()


@pytest.mark.parametrize(
    ("text", "x", "message"),
    [
        ("1/x", 0.0, "1/x has no finite value at x = 0: choose another x or h."),
        ("log(x)", -1.0, "log(x) has no finite value at x = −1: choose another x or h."),
        ("sqrt(x)", 0.0, "sqrt(x) has no finite slope at x = 0."),
    ],
)
def test_where_there_is_no_slope_the_model_says_so(text, x, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        slopes(text, x)


# --- the drawing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMULAS)
def test_the_arrow_ends_one_unit_on_whatever_h_is(text):
    tips = set()
    for h in (1.0, 1e-9):
        model = slopes(text, 0.5, h)
        root = ET.fromstring(drawing.draw(model))
        head = next(e for e in root.iter(f"{SVG}path") if e.get("fill", "").startswith("var(--exp"))
        tips.add(head.get("d").removeprefix("M").split("L")[0])
    plane = drawing.frame(model, [y for _, y in model.curve()])
    x, y = plane.at(1.5, model.value + model.slope)
    if model.slope:  # at the scale of h = 1e-9; the scale does not depend on h
        assert tips == {f"{x:.1f} {y:.1f}".replace(".0 ", " ").removesuffix(".0")}


def test_the_drawing_holds_no_long_words():
    """The three rows of the table stay within the paper at the largest numbers."""
    root = ET.fromstring(drawing.draw(slopes("exp(5*x)", 3.5, 1e-15)))
    for text in root.iter(f"{SVG}text"):
        if text.get("text-anchor") == "end" and float(text.get("y")) > drawing.TOP:
            assert float(text.get("x")) - 9 * len(text.text) > 56


# --- the widget ----------------------------------------------------------------------------------


@pytest.fixture
def widget():
    pytest.importorskip("anywidget")
    from dualedu.explore import TangentArrow

    return TangentArrow()


def test_dragging_the_point_sets_x_within_its_limits(widget):
    plane = Plane(WINDOW, (0, 1))
    for at, x in [(2.0, 2.0), (-9.0, -3.9), (9.0, 3.9)]:
        px, py = plane.at(at, 0.5)
        widget.picture.set_state({"gesture": {"drag": "x", "x": px, "y": py, "phase": "move"}})
        assert widget.x == x


def test_a_typed_expression_is_chosen_at_once(widget):
    widget.controls["expression"][0].set_state({"value": "x**3"})
    assert (widget.function, widget.model().slope) == ("own", 3.0)
    widget.function = "exp(x)"
    assert widget.expression == "x**3"


def test_the_slider_comes_to_zero_and_not_beside_it(widget):
    widget.controls["x"][1].set_state({"value": 4.440892098500626e-16})
    assert widget.x == 0
