"""What all widgets stand on: expressions, controls, one redraw for one change, SVG, stand-ins."""

import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from bs4 import BeautifulSoup

from dualedu import Dual, explore
from dualedu.explore.kit import numerals, svg
from dualedu.explore.kit.expressions import FUNCTIONS, ExpressionError, parse

SVG = "{http://www.w3.org/2000/svg}"

# --- expressions ---------------------------------------------------------------------------------

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


# --- numbers and drawings as text ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (0.25, 3, "0.25"),
        (-3.0, 3, "−3"),
        (-0.0, 3, "0"),
        (0, 3, "0"),
        (1e-8, 3, "10⁻⁸"),
        (-1e-8, 3, "−10⁻⁸"),
        (1.24e-8, 2, "1.2·10⁻⁸"),
        (-2e10, 3, "−2·10¹⁰"),
        (2 / 3, 3, "0.667"),
        (1234.0, 6, "1234"),
        (math.nan, 3, "no number"),
        (math.inf, 3, "∞"),
        (-math.inf, 3, "−∞"),
    ],
)
def test_number(value, digits, written):
    assert numerals.number(value, digits) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.005, "1.00"), (-0.001, "0.00"), (-0.0, "0.00"), (-1.5, "−1.50"), (math.nan, "no number")],
)
def test_fixed(value, written):
    assert numerals.fixed(value) == written


@pytest.mark.parametrize(
    ("primal", "tangent", "written"),
    [(1, 2, "1.00 + 2.00ε"), (-1, -2, "−1.00 − 2.00ε"), (0, -0.001, "0.00 + 0.00ε")],
)
def test_dual(primal, tangent, written):
    assert numerals.dual(primal, tangent) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.0, "1"), (1.04, "1"), (-0.04, "0"), (-0.0, "0"), (2.25, "2.2"), (7, "7"), ("a", "a")],
)
def test_coordinates_have_one_decimal(value, written):
    assert svg.plain(value) == written


@pytest.mark.parametrize(
    ("low", "high", "most", "found"),
    [
        (-4, 4, 6, [-4, -2, 0, 2, 4]),
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-1e-9, 1e-9, 4, [-1e-9, -5e-10, 0, 5e-10, 1e-9]),
        (99, 101, 4, [99, 99.5, 100, 100.5, 101]),
    ],
)
def test_ticks_are_round_and_within(low, high, most, found):
    assert svg.ticks(low, high, most) == pytest.approx(found, rel=1e-12, abs=1e-20)


def test_text_from_a_reader_stays_text():
    nasty = "<script>alert('x')</script> & \"y\""
    root = ET.fromstring(svg.picture(10, nasty, svg.text(0, 0, nasty), width=10))
    assert root.get("aria-label") == nasty
    assert root.find(f"{SVG}text").text == nasty
    assert list(root.iter(f"{SVG}script")) == []


def test_colours_are_written_out_for_print():
    drawn = svg.picture(10, "a", svg.dot((1, 2), svg.TANGENT))
    assert "var(" in drawn
    assert "var(" not in svg.printed(drawn)
    assert f'fill="{svg.TANGENT[len("var(--explore-tangent, ") : -1]}"' in svg.printed(drawn)


def test_an_arrow_ends_where_it_says():
    shaft, head = ET.fromstring(f"<g>{svg.arrow((10, 10), (110, 10), '#000', 4)}</g>")
    tip, *corners = (tuple(map(float, c.split())) for c in head.get("d")[1:-1].split("L"))
    assert tip == (110, 10)
    assert float(shaft.get("x2")) == corners[0][0] == corners[1][0] == 110 - 4.5 * 4
    assert corners[0][1] - 10 == pytest.approx(10 - corners[1][1])
    (dot,) = ET.fromstring(f"<g>{svg.arrow((5, 5), (5.5, 5), '#000', 4)}</g>")
    assert (dot.tag, dot.get("cx"), dot.get("cy")) == ("circle", "5", "5")


def test_a_path_is_interrupted_where_there_is_no_number():
    drawn = svg.path([(0.0, 0.0), (1.0, 1.0), (2.0, math.nan), (3.0, 3.0), (4.0, math.inf)])
    assert 'd="M0 0L1 1M3 3"' in drawn


@pytest.mark.parametrize("point", [(0.0, 0.0), (-1.5, 2.75), (4.0, -3.0)])
def test_a_plane_leads_there_and_back(point):
    plane = svg.Plane((-4, 4), (-3, 5), left=20, top=10, width=300, height=200)
    assert plane.inverse(*plane.at(*point)) == pytest.approx(point)
    assert plane.at(-4, 5) == (20, 10)
    assert plane.at(4, -3) == (320, 210)


def test_a_plane_keeps_far_points_within_what_browsers_can_draw():
    plane = svg.Plane((0, 1), (0, 1))
    assert max(map(abs, plane.at(1e12, -1e300))) < 1e4
    assert math.isnan(plane.at(0.5, math.nan)[1])


# --- controls ------------------------------------------------------------------------------------

widgets = pytest.importorskip("ipywidgets")
pytest.importorskip("anywidget")

from dualedu.explore.kit import standin  # noqa: E402
from dualedu.explore.kit.controls import (  # noqa: E402
    Choice,
    Count,
    Line,
    Number,
    Numbers,
    Refused,
    Switch,
)
from dualedu.explore.kit.explorable import Explorable, action  # noqa: E402

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


# --- a widget ------------------------------------------------------------------------------------


class Model:
    def __init__(self, state):
        if state["number"] == 3:
            raise ValueError("3 is no good here: choose another x.")
        self.state = state

    def words(self):
        return " ".join(f"{key}={value}" for key, value in self.state.items())


class Sample(Explorable):
    """One of each control."""

    title = "Sample <b>&"
    rows = (("number", "switch"), "log", "count", "choice", "line", "numbers", ("double",))
    number = Number(1.0, -4, 4, label="x", help="a place")
    log = Number(1.0, 1e-6, 10, label="h", log=True)
    count = Count(3, 1, 9, label="K")
    choice = Choice("a", {"first": "a", "second": "b"}, label="which")
    switch = Switch(False, label="on")
    line = Line("x < 1", str, label="your own")
    numbers = Numbers((1, 2), -5, 5, labels=("z₁", "z₂"), label="logits")

    drawn = 0

    @action("Double it")
    def double(self):
        self.number = 2 * self.number

    def model(self):
        return Model(self.state())

    def draw(self, model):
        self.drawn += 1
        return svg.picture(20, model.words(), svg.text(0, 10, model.words()))

    def drag(self, grip, x, y, phase):
        self.update(number=x, count=2)


@pytest.fixture
def sample():
    return Sample()


def pictures(widget, change):
    """How often a change draws, and whether the picture then shows the state."""
    before = widget.drawn
    change()
    assert widget.words == Model(widget.state()).words()
    return widget.drawn - before


@pytest.mark.parametrize(
    "change",
    [
        lambda w: setattr(w, "number", 2),
        lambda w: w.update(number=2, log=0.1, choice="b"),
        lambda w: w.press("double"),
        lambda w: w.controls["number"][0].set_state({"value": 2.5}),
        lambda w: w.controls["number"][1].set_state({"value": 2.5}),
        lambda w: w.controls["log"][1].set_state({"value": 0.01}),
        lambda w: w.controls["numbers"][2].set_state({"value": 4.0}),
        lambda w: w.controls["choice"][0].set_state({"index": 1}),
        lambda w: w.controls["switch"][0].set_state({"value": True}),
        lambda w: w.picture.set_state({"gesture": {"drag": "a", "x": 2, "y": 0, "phase": "move"}}),
    ],
)
def test_a_change_is_drawn_once(sample, change):
    assert pictures(sample, lambda: change(sample)) == 1
    assert sample.message == ""


def test_what_does_not_change_is_not_drawn(sample):
    assert pictures(sample, lambda: setattr(sample, "number", 1)) == 0
    slider = sample.controls["number"][1]
    assert pictures(sample, lambda: slider.set_state({"value": 1.0000000000000004})) == 0
    assert sample.number == 1


def test_box_and_slider_follow_each_other_and_the_trait(sample):
    box, slider = sample.controls["number"]
    slider.set_state({"value": 0.30000000000000004})
    assert (sample.number, box.value) == (0.3, 0.3)
    box.set_state({"value": 0.123})
    assert (sample.number, slider.value) == (0.123, 0.123)
    sample.number = -1
    assert (box.value, slider.value) == (-1, -1)
    first, _, second, slider = sample.controls["numbers"]
    second.set_state({"value": 4.5})
    assert (sample.numbers, first.value, slider.value) == ((1.0, 4.5), 1.0, 4.5)


def sent(control):
    """The values that a control tells the browser from now on."""
    told = []
    control.send_state = lambda key=None: told.append(control.value)
    return told


@pytest.mark.parametrize(
    ("name", "bad", "message"),
    [
        ("number", 9.0, "x goes from −4 to 4; 9 is outside."),
        ("number", 3.0, "3 is no good here: choose another x."),
        ("numbers", 9.0, "z₁ goes from −5 to 5; 9 is outside."),
    ],
)
def test_what_is_refused_leaves_all_as_it_was_and_says_so_in_the_browser(
    sample, name, bad, message
):
    box, drawn, state = sample.controls[name][0], sample.picture.svg, sample.state()
    told = sent(box)
    box.set_state({"value": bad})
    assert (sample.message, sample.picture.message) == (message, message)
    assert (sample.state(), sample.picture.svg) == (state, drawn)
    assert box.value == 1
    assert told[-1] == 1
    sample.log = 0.5
    assert sample.message == ""


def test_refused_from_python_too(sample):
    sample.number = "a"
    assert (sample.number, sample.message) == (1.0, "x needs a number, not 'a'.")
    sample.update(number=3, count=5)
    assert (sample.number, sample.count) == (1.0, 3)
    sample.count = 4
    assert (sample.count, sample.message) == (4, "")


def test_unknown_names_are_told():
    with pytest.raises(TypeError, match="Sample has no trait 'place': it has number, log, count"):
        Sample(place=3)
    with pytest.raises(AttributeError, match="has no widget 'Tangent': it has TangentArrow, "):
        explore.Tangent  # noqa: B018


def test_each_class_knows_its_own_traits_and_actions():
    class More(Sample):
        extra = Switch(True, label="more")

        @action("Halve it")
        def halve(self):
            self.number /= 2

    assert [*More.public()] == [*Sample.public(), "extra"]
    assert [*More.actions()] == [*Sample.actions(), "halve"]
    with pytest.raises(TypeError, match="does not support item assignment"):
        Sample.public()["number"] = Number(2.0, 0, 4, label="x")


def test_traits_can_be_observed(sample):
    seen = []
    sample.observe(lambda change: seen.append(change["new"]), "number")
    sample.controls["number"][0].set_state({"value": 2.0})
    sample.number = 9
    assert seen == [2.0]


# --- without a kernel ----------------------------------------------------------------------------


def page(widget):
    return BeautifulSoup(standin.figure(widget), "html.parser")


@pytest.mark.parametrize("state", [{}, {"number": -2, "log": 0.001, "switch": True, "choice": "b"}])
def test_the_standin_shows_the_state(state):
    sample = Sample(**state)
    html = page(sample)
    boxes = {e["data-trait"]: e for e in html.select("[data-trait]:not([type=range])")}
    assert float(boxes["number"]["value"]) == sample.number
    assert boxes["choice"].select_one("option[selected]")["value"] == sample.choice
    assert boxes["switch"].has_attr("checked") == sample.switch
    assert boxes["line"]["value"] == "x < 1"
    assert [boxes[f"numbers-{i}"]["value"] for i in (0, 1)] == ["1", "2"]
    (button,) = html.select("button")
    assert (button["data-action"], button.text) == ("double", "Double it")
    assert html.strong.text == "Sample <b>&"
    assert html.select_one("[role=status]").text == sample.words
    assert html.figure["data-widget"] == "Sample"


def test_the_standins_html_is_closed_and_escaped(sample):
    """Every tag that is opened is closed: what follows on the page stays outside."""
    whole = re.sub(r"<(input[^>]*)>", r"<\1/>", standin.figure(sample))
    assert ET.fromstring(whole.replace(" selected>", ' selected="">')).tag == "figure"
    assert "<b>" not in whole


def test_a_log_slider_stands_at_the_logarithm():
    (slider,) = page(Sample(log=0.001)).select("[data-scale=log]")
    assert [float(slider[k]) for k in ("min", "value", "max")] == [-6, -3, 1]
    assert slider["aria-valuetext"] == "0.001"


def test_each_field_of_the_standin_has_a_name(sample):
    for field in page(sample).select("input, select"):
        assert field.find_parent("label").span.text.strip()


def test_the_notebook_stores_a_picture_a_standin_and_a_sentence(sample):
    data, _ = sample._repr_mimebundle_()
    assert data["text/plain"] == f"Sample <b>&. {sample.words}"
    assert "var(" not in data["image/svg+xml"]
    assert ET.fromstring(data["image/svg+xml"]).tag == f"{SVG}svg"
    assert data[standin.MIME] == standin.figure(sample)


# --- every widget --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", explore.ROOMS)
def test_each_widget_has_a_word_for_everything(name):
    widget = getattr(explore, name)()
    assert widget.__doc__ != Explorable.__doc__
    for key, trait in widget.public().items():
        assert trait.help, key
        assert trait.label, key
    for text in (widget.words, widget.title):
        assert text.strip() == text != ""
    root = ET.fromstring(widget.picture.svg)
    assert (root.get("role"), bool(root.get("aria-label"))) == ("img", True)
    width = float(root.get("viewBox").split()[2])
    assert width <= 480
    # In em, so that the style sheet can make all letters larger on a phone.
    sizes = [e.get("font-size") for e in root.iter() if e is not root and e.get("font-size")]
    assert all(size.endswith("em") and float(size[:-2]) >= 0.9 for size in sizes)
    assert not [e.get("id") for e in root.iter() if e.get("id")]
    assert not set(re.findall(r"#[0-9a-fA-F]{6}", re.sub(r"var\([^)]*\)", "", widget.picture.svg)))


@pytest.mark.parametrize("name", explore.ROOMS)
def test_two_of_a_kind_draw_the_same(name):
    first, second = getattr(explore, name)(), getattr(explore, name)()
    assert first.picture.svg == second.picture.svg
    assert standin.figure(first) == standin.figure(second)


# --- what is imported ----------------------------------------------------------------------------

WITHOUT = """
import importlib, pathlib, sys
for name in ("ipywidgets", "anywidget", "traitlets"):
    sys.modules[name] = None
"""


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_models_and_drawings_need_no_ipywidgets():
    rooms = list(explore.ROOMS.values())
    run(
        f"{WITHOUT}\nimport dualedu.explore.kit.svg, dualedu.explore.kit.expressions\n"
        f"for room in {rooms}:\n    for part in ('model', 'drawing'):\n"
        "        importlib.import_module(f'dualedu.explore.{room}.{part}')"
    )


def test_without_ipywidgets_the_error_says_what_to_install():
    code = f"{WITHOUT}\nfrom dualedu import explore\ntry:\n    explore.TangentArrow\n"
    code += "except ModuleNotFoundError as error:\n    print(error)"
    assert re.fullmatch(
        r"TangentArrow needs (ipywidgets|traitlets): pip install 'dualedu\[explore\]'", run(code)
    )


def test_the_library_does_not_load_widgets():
    loaded = run("import sys, dualedu, dualedu.explore; print(*sys.modules)").split()
    assert not {"ipywidgets", "anywidget", "traitlets", "matplotlib"} & set(loaded)
