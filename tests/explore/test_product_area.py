"""ProductArea: what the ring keeps of a rectangle, and what a real number leaves over."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest

from dualedu.explore.product_area import drawing
from dualedu.explore.product_area.model import Rectangle

SVG = "{http://www.w3.org/2000/svg}"

# a, b, c, d, ε: the default, long and thin, one that does not grow, a tiny ε
SIDES = [
    (2.0, 1.0, 1.5, 1.0, 0.5),
    (3.0, 0.25, 0.5, 2.0, 1.0),
    (2.0, 0.0, 1.5, 1.0, 0.5),
    (0.5, 2.0, 3.0, 0.0, 0.125),
    (1.25, 1.75, 0.75, 0.5, 2.0**-10),
]


@pytest.mark.parametrize("sides", SIDES)
def test_parts_and_whole(sides):
    """Against exact fractions."""
    model = Rectangle(*sides)
    a, b, c, d, eps = map(Fraction, sides)
    assert model.primal == a * c
    assert model.slope == a * d + b * c
    assert sum(model.strips) == (a * d + b * c) * eps
    assert model.corner == b * d * eps**2
    assert model.whole == model.primal + sum(model.strips) + model.corner
    assert Fraction(model.whole - model.primal) / eps == model.slope + Fraction(model.excess)


def test_the_share_of_the_corner_falls_with_eps_and_the_slope_does_not():
    models = [Rectangle(2.0, 1.0, 1.5, 1.0, 10.0**-i) for i in range(4)]
    assert [m.slope for m in models] == [3.5] * 4
    assert [m.share for m in models] == pytest.approx([10.0**-i / 3.5 for i in range(4)])


@pytest.mark.parametrize("sides", [(-1, 1, 1, 1, 1), (1, -1, 1, 1, 1), (1, 1, 1, 1, 0)])
def test_a_length_below_zero_is_refused(sides):
    with pytest.raises(ValueError, match="A side has a length"):
        Rectangle(*map(float, sides))


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (
            (2.0, 1.0, 1.5, 1.0, 0.5),
            "(2 + 1ε)(1.5 + 1ε) = 3 + 3.5ε, for ε² = 0 is a rule, not rounding. "
            "With the real number 0.5 for ε a corner is left: 0.25, which is 14.3 % of the strips. "
            "A tenth of ε leaves a tenth of that share, and only ε = 0 leaves none.",
        ),
        (
            (2.0, 0.0, 1.5, 1.0, 0.5),
            "(2 + 0ε)(1.5 + 1ε) = 3 + 2ε, for ε² = 0 is a rule, not rounding. "
            "With b = 0 there is no corner, whatever ε is.",
        ),
        (
            (2.0, 0.0, 1.5, 0.0, 0.5),
            "(2 + 0ε)(1.5 + 0ε) = 3 + 0ε, for ε² = 0 is a rule, not rounding. "
            "With b = d = 0 no side grows, whatever ε is.",
        ),
    ],
)
def test_words(sides, words):
    assert Rectangle(*sides).words() == words


def blocks(model):
    """The rectangles drawn, by colour: areas in the drawing's units, legend and bar left out."""
    root = ET.fromstring(drawing.draw(model))
    found = {}
    for box in root.iter(f"{SVG}rect"):
        x, y, width, height = (float(box.get(k, 0)) for k in ("x", "y", "width", "height"))
        if box.get("stroke") and x + width < drawing.COLUMN and y + height <= drawing.FOOT + 0.1:
            colour = re.search(r"--explore-(\w+)", box.get("fill"))[1]
            found[colour] = found.get(colour, 0.0) + width * height
    return found


@pytest.mark.parametrize("sides", SIDES[:4])
def test_areas_are_drawn_to_scale(sides):
    model, drawn = Rectangle(*sides), blocks(Rectangle(*sides))
    unit = drawing.Frame(model).scale ** 2
    parts = {"primal": model.primal, "tangent": sum(model.strips), "purple": model.corner}
    for colour, area in parts.items():
        assert drawn.get(colour, 0.0) == pytest.approx(area * unit, rel=0.02, abs=2)


@pytest.mark.parametrize("sides", SIDES)
def test_all_is_on_the_paper(sides):
    root = ET.fromstring(drawing.draw(Rectangle(*sides)))
    width, height = map(float, root.get("viewBox").split()[2:])
    for box in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(box.get(k, 0)) for k in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height


@pytest.mark.parametrize("sides", [s for s in SIDES if s[4] > 0.1])
def test_the_corner_is_where_the_pointer_holds_it(sides):
    frame = drawing.Frame(Rectangle(*sides))
    a, b, c, d, eps = sides
    assert frame.eps(*frame.at(a + b * eps, c + d * eps)) == pytest.approx(eps)


# --- the widget ----------------------------------------------------------------------------------


@pytest.fixture
def widget():
    pytest.importorskip("anywidget")
    from dualedu.explore import ProductArea

    return ProductArea()


def test_traits_move_the_picture(widget):
    widget.update(a=1, b=2, c=1, d=2, eps=0.1)
    assert widget.words == Rectangle(1.0, 2.0, 1.0, 2.0, 0.1).words()
    assert 'aria-label="(1 + 2ε)(1 + 2ε) = 1 + 4ε' in widget.picture.svg


def test_the_browsers_slider_moves_a_trait(widget):
    box, slider = widget.controls["d"]
    slider.set_state({"value": 0.25})
    assert (widget.d, box.value) == (0.25, 0.25)
    box.set_state({"value": -1})
    assert (widget.d, box.value) == (0.25, 0.25)
    assert widget.message == "d goes from 0 to 2; −1 is outside."


@pytest.mark.parametrize(("at", "eps"), [(0.25, 0.25), (5.0, 1.0), (-1.0, 0.001)])
def test_dragging_the_corner_sets_eps_within_its_limits(widget, at, eps):
    frame = drawing.Frame(widget.model())
    x, y = frame.at(2 + 1 * at, 1.5 + 1 * at)
    widget.picture.set_state({"gesture": {"drag": "eps", "x": x, "y": y, "phase": "move"}})
    assert widget.eps == pytest.approx(eps)
