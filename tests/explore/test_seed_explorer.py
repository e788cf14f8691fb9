"""SeedExplorer: gradients against torch, the projection's geometry, contours, words, refusals."""

import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from dualedu.explore import SeedExplorer
from dualedu.explore.seed_explorer import drawing
from dualedu.explore.seed_explorer.contours import contours
from dualedu.explore.seed_explorer.model import SURFACES, Seeded

RNG = np.random.default_rng(5)
ONES = (1.0, 1.0)
STATES = [
    Seeded(surface, *RNG.uniform(-1.6, 1.6, 2).tolist(), tuple(RNG.uniform(-1, 1, 2).tolist()))
    for surface in SURFACES
    for _ in range(6)
]


def seeded(surface, x, y, v):
    return Seeded(surface, float(x), float(y), v)


FUNCTIONS = {
    "bowl": lambda torch, x, y: x * x + 2 * y * y,
    "saddle": lambda torch, x, y: x * x - y * y,
    "valley": lambda torch, x, y: (1 - x) ** 2 + 2 * (y - x * x / 2) ** 2,
    "waves": lambda torch, x, y: torch.sin(1.5 * x) * torch.cos(1.5 * y),
}


@pytest.mark.parametrize("model", STATES)
def test_two_unit_seeds_give_torchs_gradient_and_one_seed_its_product(model):
    torch = pytest.importorskip("torch")
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (model.x, model.y))
    with torch.enable_grad():
        FUNCTIONS[model.surface](torch, x, y).backward()
    right = float(x.grad), float(y.grad)
    assert model.gradient == pytest.approx(right, rel=1e-12, abs=1e-13)
    assert model.tangent == pytest.approx(np.dot(right, model.v), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("model", STATES)
def test_the_foot_is_along_v_and_the_rest_of_the_gradient_at_right_angles_to_it(model):
    foot, v, g = map(np.array, (model.foot, model.v, model.gradient))
    assert foot[0] * v[1] == pytest.approx(foot[1] * v[0])
    assert (g - foot) @ v == pytest.approx(0, abs=1e-10)
    assert math.copysign(1, foot @ v) == math.copysign(1, model.tangent)
    assert model.cosine == pytest.approx(g @ v / np.linalg.norm(g) / np.linalg.norm(v))


# --- contours ------------------------------------------------------------------------------------


def test_the_contour_of_a_round_bowl_is_a_closed_circle():
    xs, ys = np.linspace(-2, 2, 61), np.linspace(-1.5, 1.5, 47)
    z = xs[None, :] ** 2 + ys[:, None] ** 2
    (circle,) = contours(xs, ys, z, 1.0)
    assert circle[0] == circle[-1]
    assert np.hypot(*np.transpose(circle)) == pytest.approx(1, abs=2e-3)
    steps = np.hypot(*np.diff(np.transpose(circle)))
    assert steps.max() < 0.1
    assert steps.sum() == pytest.approx(2 * np.pi, rel=5e-3)


def test_an_open_contour_runs_from_edge_to_edge_and_an_absent_one_is_none():
    xs, ys = np.linspace(0, 1, 5), np.linspace(0, 2, 7)
    z = np.broadcast_to(xs[None, :] + 0 * ys[:, None], (7, 5))
    (upright,) = contours(xs, ys, z, 0.4)
    assert {round(x, 12) for x, _ in upright} == {0.4}
    assert sorted(y for _, y in upright)[:: len(upright) - 1] == [0, 2]
    assert contours(xs, ys, z, 3.0) == []


@pytest.mark.parametrize("surface", SURFACES)
def test_contours_lie_where_the_function_has_their_level(surface):
    grid = drawing.heights(surface)
    for level in SURFACES[surface].levels:
        for chain in contours(*grid, level):
            x, y = np.transpose(chain)
            assert SURFACES[surface].f(x, y) == pytest.approx(level, abs=0.03 + 0.02 * abs(level))


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (seeded("bowl", -1.3, 0.3, ONES), "The seed (1.00, 1.00) gives one number, ∇f · v = −1.40"),
        (seeded("bowl", -1.3, 0.3, ONES), "the sum of the gradient’s entries −2.60 and 1.20, not"),
        (seeded("bowl", -1.3, 0.3, ONES), "two unit seeds to tell which: the gradient is (−2.60,"),
        (seeded("saddle", 1, 1, ONES), "Not flat, and still 0."),
        (seeded("bowl", 1, 1, (1.0, 0.0)), "∇f · v = 2.00: the gradient’s entry for x. It says"),
        (seeded("bowl", 1, 1, (0.0, 1.0)), "∇f · v = 4.00: the gradient’s entry for y. It says"),
        (seeded("bowl", 1, 1, (-1.0, 0.5)), "v runs along the contour, and f is not flat"),
        (seeded("bowl", 1, 1, (0.5, 1.0)), "no seed of this length gives more"),
        (seeded("bowl", 1, 1, (-0.5, -1.0)), "no seed of this length gives less"),
        (seeded("bowl", 1, 0, (-1.0, 1.0)), "f falls along v, which stands at 135° to the gradi"),
        (seeded("bowl", 1, 0, (1.0, -1.0)), "f rises along v, which stands at 45° to the gradie"),
        (seeded("valley", 1, 0.5, ONES), "so does every other seed: the gradient is 0 here"),
    ],
)
def test_words(model, said):
    assert said in model.words()


# --- the picture ---------------------------------------------------------------------------------


def parts(svg, tag):
    return [e for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("}" + tag)]


@pytest.mark.parametrize("model", STATES)
def test_the_dashed_line_goes_through_both_tips_at_a_right_angle_to_the_seed(model):
    svg = drawing.draw(model)
    point = np.array(drawing.PLANE.at(model.x, model.y))
    ends = {
        kind: next(
            np.array(
                [[float(e.get("x1")), float(e.get("y1"))], [float(e.get("x2")), float(e.get("y2"))]]
            )
            for e in parts(svg, "line")
            if wanted(e)
        )
        for kind, wanted in {
            "dashed": lambda e: e.get("stroke-dasharray") == "9 6",
            "bar": lambda e: e.get("stroke-opacity") == "0.75",
        }.items()
    }
    unit = drawing.PLANE.width / (drawing.PLANE.x[1] - drawing.PLANE.x[0])
    assert unit == pytest.approx(drawing.PLANE.height / (drawing.PLANE.y[1] - drawing.PLANE.y[0]))
    scale = unit / drawing.scale_of(model)
    flip = np.array([1, -1])
    np.testing.assert_allclose(ends["bar"][0], point, atol=0.06)
    shown = np.linalg.norm(ends["bar"][1] - point)
    size = abs(model.tangent) / np.hypot(*model.v)
    assert shown == pytest.approx(scale * size, abs=0.15)
    tip = point + scale * np.array(model.gradient) * flip
    along = ends["dashed"][1] - ends["dashed"][0]
    along /= np.linalg.norm(along)
    assert along @ (np.array(model.v) * flip) == pytest.approx(0, abs=1e-3)
    for place in (tip, ends["bar"][1]):
        off = place - ends["dashed"][0]
        assert off[0] * along[1] - off[1] * along[0] == pytest.approx(0, abs=0.4)


@pytest.mark.parametrize("surface", SURFACES)
def test_wherever_the_point_is_arrows_and_words_stay_on_the_paper(surface):
    far = drawing.FAR
    for x, y in [
        (far[0], far[1]),
        (-far[0], far[1]),
        (far[0], -far[1]),
        (-far[0], -far[1]),
        (0, 0),
    ]:
        for angle in range(0, 360, 30):
            v = 1.5 * math.cos(math.radians(angle)), 1.5 * math.sin(math.radians(angle))
            model = seeded(surface, x, y, v)
            scale = drawing.scale_of(model)
            for dx, dy in (v, np.array(model.gradient) / scale):
                assert abs(x + dx) <= drawing.PLANE.x[1] + 1e-9
                assert abs(y + dy) <= drawing.PLANE.y[1] + 1e-9


# --- the widget ----------------------------------------------------------------------------------


def test_the_default_is_one_number_that_has_the_wrong_sign_for_an_entry():
    widget = SeedExplorer()
    assert widget.model().tangent * widget.model().gradient[1] < 0
    assert "not the gradient" in widget.words


def test_presets_set_exact_seeds_and_random_ones_are_the_same_each_time():
    widget, other = SeedExplorer(), SeedExplorer()
    drawn = []
    widget.picture.observe(lambda change: drawn.append(change["new"]), "svg")
    for name, seed in (("unit_x", (1, 0)), ("unit_y", (0, 1)), ("all_ones", (1, 1))):
        widget.press(name)
        assert widget.seed() == seed
    assert len(drawn) == 3
    seen = []
    for _ in range(5):
        widget.press("random")
        other.press("random")
        assert widget.state() == other.state()
        assert widget.length == 1
        seen.append(widget.angle)
    assert len(set(seen)) == 5


def test_the_pointer_moves_the_point_and_turns_the_seed_from_dial_and_tip():
    widget = SeedExplorer()

    def pull(grip, x, y):
        widget.picture.gesture = {"drag": grip, "x": x, "y": y, "phase": "move"}

    pull("point", *drawing.PLANE.at(0.5, -1.25))
    assert (widget.x, widget.y) == (0.5, -1.25)
    pull("point", *drawing.PLANE.at(9, -9))
    assert (widget.x, widget.y) == (drawing.FAR[0], -drawing.FAR[1])
    pull("dial", drawing.DIAL[0], drawing.DIAL[1] + 30)
    assert (widget.angle, widget.length) == (270, 1.4142)
    pull("seed", *drawing.PLANE.at(widget.x - 2, widget.y))
    assert widget.angle == 180
    grips = re.findall(r'data-drag="(\w+)"', widget.picture.svg)
    assert set(grips) == {"point", "dial", "seed"}


def test_controls_set_the_traits_and_each_change_draws_once():
    widget = SeedExplorer()
    drawn = []
    widget.picture.observe(lambda change: drawn.append(change["new"]), "svg")
    widget.controls["angle"][1].set_state({"value": 90})
    widget.controls["x"][0].set_state({"value": 1.0})
    widget.controls["function"][0].set_state({"index": 1})
    assert (widget.angle, widget.x, widget.function) == (90, 1, "saddle")
    assert len(drawn) == 3
