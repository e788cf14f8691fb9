"""A widget with one of each control: one redraw for one change, nothing lost when refused."""

import pytest

from dualedu import explore

pytest.importorskip("ipywidgets")
pytest.importorskip("anywidget")

from sample_widget import Model, Sample

from dualedu.explore.kit.controls import Number, Switch
from dualedu.explore.kit.explorable import action


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
