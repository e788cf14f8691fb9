"""SoftmaxJacobian: its numbers against torch and differences, its words, picture and refusals."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import product

import numpy as np
import pytest

from dualedu.explore import SoftmaxJacobian
from dualedu.explore.softmax_jacobian import drawing
from dualedu.explore.softmax_jacobian.model import Jacobians
from dualedu.explore.softmax_jacobian.widget import parse

LOGITS = (1.5, 1.0, 0.5, 0.0)
E1, ONES = (1.0, 0.0, 0.0, 0.0), (1.0,) * 4
RNG = np.random.default_rng(3)
STATES = [
    (LOGITS, 1.0, E1),
    (LOGITS, 1.0, ONES),
    ((1000.0, -1000.0, 999.0, 0.0), 1.0, (1.0, -1.0, 0.0, 0.0)),
    ((1000.0, -1000.0, 999.95, 999.9), 0.1, (3.0, -3.0, 3.0, -3.0)),
    ((-1000.0, 1000.0, 1000.0, -1000.0), 10.0, E1),
    ((1000.0, -1000.0, 0.0, 0.0), 1.0, E1),
    ((0.0, 0.0, 0.0, 0.0), 0.1, (0.0, 3.0, -3.0, 0.1)),
    *(
        (tuple(RNG.uniform(-5, 5, 4)), float(t), tuple(RNG.uniform(-3, 3, 4)))
        for t in RNG.uniform(0.1, 10, 20)
    ),
]


def of_torch(logits, temperature):
    torch = pytest.importorskip("torch")
    z = torch.tensor(logits, dtype=torch.float64)
    softmax = lambda z: torch.softmax(z / temperature, 0)  # noqa: E731
    return softmax(z).numpy(), torch.autograd.functional.jacobian(softmax, z).numpy()


@pytest.mark.parametrize(("logits", "temperature", "direction"), STATES)
def test_probabilities_jacobians_and_tangents_are_torchs(logits, temperature, direction):
    p, right = of_torch(logits, temperature)
    full, diagonal = (Jacobians(logits, temperature, direction, full) for full in (True, False))
    cut = np.diag(np.diag(right))
    np.testing.assert_allclose(full.probabilities, p, atol=1e-12)
    np.testing.assert_allclose(full.jacobian, right, atol=1e-12)
    np.testing.assert_allclose(diagonal.jacobian, cut, atol=1e-12)
    np.testing.assert_allclose(full.row_sums, 0, atol=1e-12)
    np.testing.assert_allclose(diagonal.row_sums, p * (1 - p) / temperature, atol=1e-12)
    np.testing.assert_allclose(full.tangents["full"], right @ direction, atol=1e-11)
    np.testing.assert_allclose(full.tangents["diagonal"], cut @ direction, atol=1e-11)


@pytest.mark.parametrize(("logits", "temperature", "direction"), STATES)
def test_differences_judge_the_full_rule_right_and_the_diagonal_as_wrong_as_it_is(
    logits, temperature, direction
):
    model = Jacobians(logits, temperature, direction, True)
    assert model.error("full") <= model.blur < 1e-7
    _, right = of_torch(logits, temperature)
    off = right - np.diag(np.diag(right))
    true = np.abs(off @ direction).max()
    assert model.error("diagonal") == pytest.approx(true, abs=model.blur)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (((2.0, 1.0, 0.0, -1000.0), 1.0, E1, False), "measure ṗ = (0.223, −0.163, −0.060, 0.000)"),
        (
            ((2.0, 1.0, 0.0, -1000.0), 1.0, E1, False),
            "says (0.223, 0.000, 0.000, 0.000), off by up",
        ),
        ((LOGITS, 1.0, ONES, False), "rows sum to (0.248, 0.200, 0.139, 0.091)"),
        ((LOGITS, 1.0, ONES, True), "every row sums to 0"),
        ((LOGITS, 1.0, ONES, True), "tangents sum to 0.678, but those of probabilities"),
        (((0.0,) * 4, 1.0, (1.0, -1.0, 0.0, 0.0), True), "happen to sum to 0 along this direction"),
        (((1000.0, -1000.0, 0.0, 0.0), 1.0, E1, True), "no probability changes noticeably"),
        (((-1000.0, 0.0, 0.0, 0.0), 1.0, E1, True), "no probability changes noticeably"),
        (((10.0, 0.0, 0.0, 0.0), 1.0, E1, True), "off by up to 5·10⁻⁵"),
    ],
)
def test_words(state, said):
    assert said in Jacobians(*state).words()


def test_what_agrees_is_written_alike():
    words = Jacobians((0.0, 0.0, 0.0, 0.0), 1.0, (1.0, 0.0, 0.0, 0.0), False).words()
    assert "measure ṗ = (0.188, −0.062, −0.062, −0.062)" in words
    assert "The diagonal says (0.188, 0.000," in words


def test_words_never_call_a_moving_direction_still():
    """Where the words say that nothing moves, differences find nothing that three digits show."""
    for logits in product((-1000.0, -8.0, 0.0, 8.0), repeat=4):
        model = Jacobians(logits, 1.0, (1.0, 0.0, -1.0, 2.0), True)
        if "no probability changes" in model.words():
            assert np.abs(model.differences).max() < 5e-4


def shapes(model):
    tree = ElementTree.fromstring(drawing.draw(model))
    return [e for e in tree.iter() if e.tag.endswith("}rect") and "stroke" in e.attrib]


@pytest.mark.parametrize("full", [False, True])
def test_fields_are_coloured_by_their_sign_and_as_strongly_as_they_are_large(full):
    model = Jacobians(LOGITS, 1.0, E1, full)
    fields = shapes(model)
    assert len(fields) == 16
    for field, value in zip(fields, model.jacobian.ravel(), strict=True):
        if value == 0:
            assert field.get("fill") == "none"
            assert "stroke-dasharray" in field.attrib
        else:
            assert ("tangent" if value > 0 else "purple") in field.get("fill")
            assert float(field.get("fill-opacity")) == pytest.approx(2 * abs(value), abs=0.006)


def blend(colour, paper, opacity):
    return [opacity * c + (1 - opacity) * p for c, p in zip(colour, paper, strict=True)]


def luminance(rgb):
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_letters_stand_out_on_the_strongest_field_on_light_and_on_dark_paper():
    from dualedu.explore.kit.picture import HERE

    css = (HERE / "explore.css").read_text("utf-8")
    for block in css.split("}")[:2]:
        found = dict(re.findall(r"--explore-(\w+): #(\w{6})", block))
        rgb = {k: [int(v[i : i + 2], 16) / 255 for i in (0, 2, 4)] for k, v in found.items()}
        for colour in ("tangent", "purple"):
            field = blend(rgb[colour], rgb["paper"], drawing.STRONGEST)
            light, dark = sorted((luminance(field), luminance(rgb["ink"])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (colour, block)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1, -1, 0, 0.5", (1, -1, 0, 0.5)),
        ("(1 −1 0 2)", (1, -1, 0, 2)),
        ("3;3;3;-3", (3, 3, 3, -3)),
    ],
)
def test_directions_are_read(text, values):
    assert parse(text) == values


def test_the_default_shows_the_diagonal_failing():
    words = SoftmaxJacobian().words
    assert "the diagonal alone" in words
    assert "off by up to 0.126" in words


def test_controls_set_the_traits_and_each_change_draws_once():
    widget = SoftmaxJacobian()
    drawn = []
    widget.picture.observe(lambda change: drawn.append(change["new"]), "svg")
    box, slider = widget.controls["logits"][2:4]
    slider.set_state({"value": 2.5})
    assert widget.logits == (1.5, 2.5, 0.5, 0.0)
    box.set_state({"value": 1000.0})  # beyond the slider, which stays at its end
    assert (widget.logits[1], box.value, slider.value) == (1000, 1000, 5)
    widget.controls["own"][0].set_state({"value": "1, 0, 0, 2"})
    assert widget.direction == "own"
    widget.controls["direction"][0].set_state({"index": 4})
    assert widget.direction == "ones"
    widget.controls["full"][0].set_state({"value": True})
    assert "full Jacobian" in widget.words
    assert len(drawn) == 5


def test_a_slider_that_rounds_what_it_is_shown_changes_nothing():
    """Browsers report the nearest step as soon as a slider is drawn."""
    widget = SoftmaxJacobian(temperature=0.3, logits=(0.12, 1000.0, 0.3, 0.0))
    before = widget.state()
    for name, i, value in (
        ("temperature", 1, 10**-0.5),
        ("logits", 1, 0.10000000000000009),
        ("logits", 3, 5.0),
        ("logits", 5, 0.2999999999999998),
    ):
        widget.controls[name][i].set_state({"value": value})
    assert widget.state() == before
    widget.controls["logits"][5].set_state({"value": 0.40000000000000036})
    widget.controls["temperature"][1].set_state({"value": 10**-0.45})
    assert (widget.logits[2], widget.temperature) == (0.4, 0.355)
