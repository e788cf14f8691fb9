"""BugSwitchboard: its stored curves, what is still missing, its words and its picture."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from dualedu.explore import BugSwitchboard
from dualedu.explore.bug_switchboard import drawing, model
from dualedu.explore.bug_switchboard.model import REPAIRED, SEEDS, WRITTEN, Combination
from dualedu.teaching import patient
from dualedu.teaching.patient import POSITIONS, Switches

RESULTS = Path(__file__).parents[2] / "book" / "results"
EVERY = [Combination(*c) for c in product((False, True), SEEDS, *3 * [(False, True)])]


@pytest.fixture(scope="module")
def curves():
    sys.path.insert(0, str(RESULTS))
    import curves

    yield curves
    sys.path.remove(str(RESULTS))


@pytest.fixture(scope="module")
def board():
    return json.loads((RESULTS / "switchboard.json").read_text("utf-8"))["runs"]


def place(combination):
    """Where the results of a combination stand in the stored JSON."""
    key = " ".join(
        (
            POSITIONS["softmax"][combination.softmax],
            combination.seeds,
            POSITIONS["weights"][combination.weights],
            POSITIONS["loss"][combination.loss],
        )
    )
    return key, "chosen" if combination.rate else "written"


def label(combination):
    return "-".join(map(str, vars(combination).values()))


# --- the stored curves ---------------------------------------------------------------------------


def test_the_package_carries_the_numbers_of_the_stored_results(curves, tmp_path, monkeypatch):
    record = json.loads((RESULTS / "curves.json").read_text("utf-8"))
    carried = dict(np.load(curves.PACKED))
    assert curves.PACKED.stat().st_size < 60_000
    monkeypatch.setattr(curves, "PACKED", tmp_path / "switchboard.npz")
    curves.pack(record)
    packed = dict(np.load(curves.PACKED))
    assert carried.keys() == packed.keys()
    for key, array in packed.items():
        np.testing.assert_array_equal(carried[key], array, err_msg=key)


@pytest.mark.parametrize("combination", EVERY, ids=label)
def test_each_combination_shows_its_own_curves(combination):
    record = json.loads((RESULTS / "curves.json").read_text("utf-8"))
    key, rate = place(combination)
    run = record["runs"][key][rate]
    assert model.stored()["images"].tolist() == record["images"]
    assert combination.learning_rate == run["learning_rate"]
    for what in ("accuracy", "cross_entropy", "cosine"):
        np.testing.assert_allclose(
            combination.curves(what), np.array(run[what], float), rtol=1e-3, atol=1e-4
        )


@pytest.mark.parametrize("combination", EVERY, ids=label)
def test_curves_end_where_the_chapters_table_says(combination, board):
    key, rate = place(combination)
    end = board[key]["rates"][rate]
    assert combination.accuracy == pytest.approx(np.mean(end["accuracy"]), abs=1e-9)
    for moment, name in ((0, "cross_entropy_before"), (-1, "cross_entropy")):
        found = combination.curves("cross_entropy")[:, moment]
        np.testing.assert_allclose(found, end[name], rtol=2e-3)


@pytest.mark.parametrize("combination", [c for c in EVERY if c.softmax and c.seeds == "units"])
def test_unit_seeds_through_the_full_softmax_step_along_the_gradient(combination):
    np.testing.assert_allclose(combination.curves("cosine"), 1, atol=1e-3)


def test_the_cosine_is_that_of_the_angle_to_the_gradient_by_differences(curves):
    rng = np.random.default_rng(1)
    weights = [w.astype(float) for w in patient.initial_weights(WRONG, (6, 5, 3), rng)]
    x, labels = patient.pixels(rng.random((7, 6))), rng.integers(0, 3, 7)
    slope = []
    for layer, at in ((k, at) for k, w in enumerate(weights) for at in np.ndindex(w.shape)):
        ends = []
        for h in (1e-5, -1e-5):
            moved = [w.copy() for w in weights]
            moved[layer][at] += h
            ends.append(patient.loss(moved, x, labels, WRONG))
        slope.append((ends[0] - ends[1]) / 2e-5)
    step = np.concatenate([g.ravel() for g in patient.gradients(weights, x, labels, WRONG)[1]])
    angle = np.dot(step, slope) / np.linalg.norm(step) / np.linalg.norm(slope)
    assert curves.cosine(WRONG, weights, x, labels, rng) == pytest.approx(angle, abs=1e-6)
    assert abs(angle) < 0.9


WRONG = Switches("diagonal", "units", 1.0, "scaled", "mean")


# --- what is missing -----------------------------------------------------------------------------


@pytest.mark.parametrize("combination", EVERY, ids=label)
def test_the_shortest_ways_to_learning_are_those_found_by_trying_all(combination, board):
    """Every target whose switches are further repaired, with the accuracies of the chapter."""

    def changed(target):
        return [k for k, to in vars(target).items() if to != getattr(combination, k)]

    def reachable(target):
        return all(
            getattr(target, k) not in (False, "ones")
            and not (k == "seeds" and combination.seeds == "units")
            for k in changed(target)
        )

    def learns(target):
        key, rate = place(target)
        return np.mean(board[key]["rates"][rate]["accuracy"]) >= 0.5

    targets = [t for t in EVERY if reachable(t) and learns(t)]
    fewest = min(len(changed(t)) for t in targets)
    expected = [t for t in targets if len(changed(t)) == fewest]
    ways = combination.ways()
    assert len(ways) == len(expected)
    assert {len(way) for way in ways} == {fewest}
    assert combination.learns == (fewest == 0)


def test_no_single_repair_learns():
    for switch, to in model.NAMES:
        assert not replace(WRITTEN, **{switch: to}).learns
    assert [len(way) for way in WRITTEN.ways()] == [3]


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({}, "Nothing is repaired: this is the notebook as written."),
        ({}, "10 % of the test images are right, and guessing gets 10 %"),
        ({}, "needs at least 3 more repairs: the full softmax, unit seeds and the chosen rate."),
        ({"softmax": True}, "One switch of five is repaired: the full softmax."),
        ({"softmax": True}, "12 % of the test images"),
        ({"softmax": True}, "from 12.25 to 6.76. The step's cosine to the true gradient is 0.08 "),
        (vars(REPAIRED), "91 % of the test images are right; the cross-entropy went from 2.44"),
        (vars(REPAIRED), "Each step is along the true gradient: cosine 1. It learns."),
        (vars(REPAIRED) | {"softmax": False}, "it needs one more repair: the full softmax."),
        (vars(REPAIRED) | {"weights": False}, "It learns, even without scaled weights."),
        (vars(REPAIRED) | {"seeds": "random"}, "but many such steps add up."),
        (
            {"softmax": True, "seeds": "random", "rate": True},
            "needs one more repair: unit seeds; or scaled weights.",
        ),
        ({"softmax": True, "rate": True}, "after 320 images step and gradient are 0."),
    ],
)
def test_words(state, said):
    assert said in Combination(**state).words()


@pytest.mark.parametrize("combination", EVERY, ids=label)
def test_words_say_that_it_learns_only_if_half_of_the_images_are_right(combination):
    words = combination.words()
    assert (
        ("It learns" in words) == (combination.accuracy >= 0.5) != ("To learn, it needs" in words)
    )


def test_a_start_that_overflows_is_named_and_marked(monkeypatch):
    changed = {key: array.copy() for key, array in model.stored().items()}
    here = (0, 0, 0, 0, 0)
    changed["overflowed_after"][here][1] = 11_840
    for what, then in (("cross_entropy", np.nan), ("cosine", np.nan), ("accuracy", 0)):
        changed[what][here][1, 8:] = then
    monkeypatch.setattr(model, "stored", lambda: changed)
    monkeypatch.setattr(drawing, "stored", lambda: changed)
    assert "; 1 of 5 starts overflowed, after 11840 images." in WRITTEN.words()
    drawn = drawing.draw(WRITTEN)
    assert "12.25 → overflow" in drawn
    assert drawn.count("var(--explore-tangent") == 2  # the two strokes of one cross
    assert "var(--explore-tangent" not in drawing.draw(REPAIRED)


# --- the picture ---------------------------------------------------------------------------------


def paths(svg, colour):
    tree = ElementTree.fromstring(svg)
    found = [e for e in tree.iter() if e.tag.endswith("}path") and colour in e.get("stroke", "")]
    return [[tuple(map(float, p.split())) for p in e.get("d")[1:].split("L")] for e in found]


@pytest.mark.parametrize(
    "combination", [WRITTEN, replace(WRITTEN, softmax=True), REPAIRED], ids=label
)
def test_curves_end_at_the_height_of_their_values(combination):
    drawn = paths(drawing.draw(combination), "primal")
    assert [len(path) for path in drawn] == [28] * 18  # three panels: five starts and their mean
    for panel, (what, (low, high)) in enumerate(
        (
            ("accuracy", (0, 1)),
            ("cross_entropy", (np.log10(0.15), np.log10(40))),
            ("cosine", (-0.2, 1.05)),
        )
    ):
        value = combination.curves(what).mean(axis=0)[-1]
        value = np.log10(value) if what == "cross_entropy" else value
        x, y = drawn[6 * panel + 5][-1]
        bottom = drawing.FIRST + drawing.PITCH * panel + drawing.HIGH
        assert x == drawing.LEFT + drawing.WIDE
        assert y == pytest.approx(bottom - drawing.HIGH * (value - low) / (high - low), abs=0.06)


@pytest.mark.parametrize("combination", EVERY, ids=label)
def test_a_lamp_burns_for_each_repair_and_all_curves_stay_in_sight(combination):
    svg = drawing.draw(combination)
    lamps = [e for e in ElementTree.fromstring(svg).iter() if e.get("height") == "50"]
    assert len(lamps) == 5
    burning = [e for e in lamps if "green" in e.get("fill")]
    assert len(burning) == svg.count("✓") == len(combination.repairs)
    for i, path in enumerate(paths(svg, "primal")):
        top = drawing.FIRST + drawing.PITCH * (i // 6)
        assert all(top <= y <= top + drawing.HIGH for _, y in path)


# --- the widget ----------------------------------------------------------------------------------


def test_the_default_is_a_single_repair_that_does_not_do():
    words = BugSwitchboard().words
    assert "One switch of five is repaired" in words
    assert "needs at least 2 more repairs" in words


def test_switches_and_buttons_set_the_traits_and_each_draws_once():
    widget = BugSwitchboard()
    drawn = []
    widget.picture.observe(lambda change: drawn.append(change["new"]), "svg")
    widget.controls["rate"][0].set_state({"value": True})
    widget.controls["seeds"][0].set_state({"index": 2})
    assert (widget.rate, widget.seeds) == (True, "units")
    assert "84 % of the test images" in widget.words
    widget.press("repair_all")
    assert widget.state() == vars(REPAIRED)
    widget.press("break_all")
    assert widget.state() == vars(WRITTEN)
    assert not widget.controls["rate"][0].value
    assert len(drawn) == 4


def test_other_seeds_are_refused_by_name():
    with pytest.raises(ValueError, match="'twos' is none of them"):
        Combination(seeds="twos")
