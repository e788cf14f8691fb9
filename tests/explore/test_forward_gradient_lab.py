"""ForwardGradientLab: its estimates against forward_gradient, its law, its words and picture."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from dualedu import training
from dualedu.explore import ForwardGradientLab
from dualedu.explore.forward_gradient_lab import drawing
from dualedu.explore.forward_gradient_lab.model import (
    MOST,
    TRIES,
    UNITS,
    Lab,
    problem,
    walks,
)

KINDS = [
    ("weights", "rademacher"),
    ("weights", "normal"),
    ("activities", "rademacher"),
    ("activities", "normal"),
    ("activities", "orthogonal"),
]


def flat(gradients):
    return np.concatenate([g.ravel() for g in gradients])


def of_library(perturb, law, seed, i, k):
    given = problem()
    _, gradients = training.forward_gradient(
        given.network,
        given.inputs,
        given.labels,
        k,
        rng=np.random.default_rng([seed, i]),
        perturb=perturb,
        law="rademacher" if law == "orthogonal" else law,
        orthogonal=law == "orthogonal",
    )
    return flat(gradients) / given.length


def test_the_gradient_is_torchs():
    torch = pytest.importorskip("torch")
    given = problem()
    w1, b1, w2, b2 = (torch.tensor(p, requires_grad=True) for p in given.network.parameters)
    logits = torch.tanh(torch.tensor(given.inputs) @ w1 + b1) @ w2 + b2
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(given.labels))
    right = flat([g.numpy() for g in torch.autograd.grad(loss, (w1, b1, w2, b2))])
    np.testing.assert_allclose(given.gradient * given.length, right, atol=1e-14)


@pytest.mark.parametrize(("perturb", "law"), KINDS)
@pytest.mark.parametrize("i", [0, 59])
def test_estimates_of_all_directions_are_forward_gradients(perturb, law, i):
    walk = walks(perturb, law, 3)
    k = walk.errors.shape[1]
    estimate = of_library(perturb, law, 3, i, k)
    gradient = problem().gradient
    rest = estimate - (estimate @ gradient) * gradient
    assert walk.along[i, -1] == pytest.approx(estimate @ gradient, abs=1e-12)
    assert abs(walk.across[i, -1]) == pytest.approx(np.linalg.norm(rest), abs=1e-12)
    distance = np.linalg.norm(estimate - gradient)
    assert walk.errors[i, -1] == pytest.approx(distance, abs=1e-12)


@pytest.mark.parametrize(("perturb", "law"), KINDS)
def test_the_law_holds_on_average(perturb, law):
    """Means of squares over 50 draws of 60, against the law: theirs scatter by a few percent."""
    errors = [walks.__wrapped__(perturb, law, seed).errors[:, :8] for seed in range(50)]
    predicted = [Lab(k, law, perturb, 0).predicted(k) ** 2 for k in range(1, 9)]
    np.testing.assert_allclose(np.square(errors).mean((0, 1)), predicted, rtol=0.08, atol=1e-20)


def test_distances_in_the_picture_are_distances_in_all_dimensions():
    model = Lab(4, "rademacher", "weights", 0)
    np.testing.assert_allclose(
        np.hypot(model.dots[:, 0] - 1, model.dots[:, 1]), model.walks.errors[:, 3], atol=1e-12
    )


def test_the_mean_of_many_draws_comes_to_the_gradient():
    means = [walks.__wrapped__("weights", "rademacher", s).mean[0, 0] for s in range(40)]
    assert np.mean(means) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ((1, "rademacher", "weights", 0), ("From 1 direction an", "law: 7.00", "4,900 directions")),
        ((4, "rademacher", "weights", 0), ("law: 3.50", "All 60 are farther", "with 50.")),
        ((64, "rademacher", "weights", 0), ("law: 0.88", "of the 60 are farther")),
        ((1, "normal", "weights", 0), ("law: 7.14", "5,100 directions")),
        ((64, "normal", "activities", 0), ("None of the 60 is farther", "with 10.")),
        ((4, "orthogonal", "activities", 0), ("would leave no error",)),
        ((8, "orthogonal", "activities", 0), ("nothing is left to chance",)),
    ],
)
def test_words(state, said):
    words = Lab(*state).words()
    assert all(part in words for part in said), words


@pytest.mark.parametrize(("perturb", "law"), KINDS)
def test_the_picture_has_every_estimate_inside_and_equal_scales(perturb, law):
    for k in (1, 3, UNITS):
        model = Lab(k, law, perturb, 1)
        plane = drawing.frame(model)
        across, up = plane.x[1] - plane.x[0], plane.y[1] - plane.y[0]
        assert plane.width / across == pytest.approx(plane.height / up)
        for x, y in [*model.dots.tolist(), (0, 0), (1, 0)]:
            assert plane.x[0] <= x <= plane.x[1]
            assert plane.y[0] <= y <= plane.y[1]
        tree = ElementTree.fromstring(drawing.draw(model))
        clouds = [e for e in tree.iter() if e.get("fill-opacity") == "0.6"]
        assert len(clouds) == TRIES
        tips = (e.get("d") for e in tree.iter() if "ink" in e.get("fill", "") and e.get("d"))
        head = tuple(map(float, re.match(r"M([\d.]+) ([\d.]+)", next(tips)).groups()))
        assert head == pytest.approx(plane.at(1, 0), abs=0.06)


def test_again_takes_the_next_seed_and_draws_once():
    widget = ForwardGradientLab()
    pictures = []
    widget.picture.observe(lambda change: pictures.append(change["new"]), "svg")
    before = widget.words
    widget.press("again")
    assert (widget.seed, len(pictures)) == (1, 1)
    assert widget.words != before
    widget.seed = 0
    assert widget.words == before


def test_controls_of_a_browser_set_the_traits():
    widget = ForwardGradientLab()
    widget.controls["perturb"][0].set_state({"index": 1})
    widget.controls["law"][0].set_state({"index": 2})
    widget.controls["directions"][0].set_state({"value": UNITS})
    assert (widget.perturb, widget.law, widget.directions) == ("activities", "orthogonal", UNITS)
    assert "nothing is left to chance" in widget.words


def test_the_most_directions_are_the_slider_s_end():
    assert ForwardGradientLab(directions=MOST).words.startswith(f"From {MOST} directions")
