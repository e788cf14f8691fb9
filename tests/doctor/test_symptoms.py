"""What a training shows, on the patient of Part 2 and on healthy ones."""

from dataclasses import replace

import numpy as np
import pytest

from dualedu import mnist, nn
from dualedu.doctor import symptoms
from dualedu.teaching import patient
from dualedu.teaching.patient import Switches


@pytest.fixture(scope="module")
def case():
    digits = mnist.load()
    return patient.pixels(digits.train_images[:64]), digits.train_labels[:64]


def one_step(switches, case, seed=0):
    weights = patient.initial_weights(switches, rng=seed)
    _, found = patient.gradients(weights, *case, switches)
    rate = np.float32(switches.learning_rate)
    return weights, [w - rate * g for w, g in zip(weights, found, strict=True)]


def test_the_patients_curve():
    found = symptoms([433.0, 380, 471, 420, 455], classes=10, batch_size=64, samples=60_000)
    assert found.names == ("last batch", "sum, not mean", "worse than a guess", "does not fall")
    assert found[0].measured == 32
    assert found[2].measured == pytest.approx(433 / 32)


def test_a_healthy_curve():
    falling = 2.3 * np.exp(-np.arange(30) / 10) + 0.02 * np.cos(np.arange(30))
    assert symptoms(falling, classes=10, batch_size=64, samples=64 * 100).names == ()


def test_a_curve_that_ends():
    found = symptoms([2.3, 5.0, np.nan])
    assert found.names == ("not finite",)
    assert "number 2 is nan" in str(found)


def test_the_patients_step(case):
    written = Switches(learning_rate=1e-3)
    before, after = one_step(written, case)

    def loss(weights):
        return patient.loss(weights, *case, written)

    found = {s.name: s for s in symptoms(loss=loss, before=before, after=after)}
    assert abs(found["not along the gradient"].measured) < 0.2
    healthy = replace(written, softmax="full", seeds="units", weights="scaled", learning_rate=1e-4)
    before, after = one_step(healthy, case)
    found = symptoms(loss=lambda w: patient.loss(w, *case, healthy), before=before, after=after)
    assert "uphill" not in found.names
    assert all(s.measured > 0.7 for s in found if s.name == "not along the gradient")


def test_steps_that_rounding_takes_back(case):
    before, after = one_step(Switches("full", "units"), case)
    assert "step lost to rounding" in symptoms(before=before, after=after).names


def test_a_step_too_long():
    found = symptoms(loss=lambda w: np.sum(w**2), before=np.ones(3), after=-2 * np.ones(3))
    assert found.names == ("step too long",)


def test_values_of_a_layer(case):
    x, labels = case
    for scale, share in (("unscaled", 0.8), ("scaled", 0.0)):
        first, last = patient.initial_weights(Switches(weights=scale), rng=0)
        hidden = nn.sigmoid(x @ first)
        found = symptoms(activations=hidden, probabilities=nn.softmax(hidden @ last), labels=labels)
        if share:
            assert found.names == ("saturated", "silent images", "worse than a guess")
            assert found[0].measured > share
        else:
            assert found.names == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"after": np.ones(2)}, "needs before="),
        ({"before": np.ones(3), "after": np.ones(2)}, "must be the same parameters"),
        ({"probabilities": np.ones((2, 2))}, "needs labels="),
        ({"probabilities": np.ones((2, 2)), "labels": np.zeros(3, int)}, "must be"),
        ({"probabilities": np.ones((2, 2)), "labels": [0, 1]}, "a row sums to 2"),
        ({"probabilities": np.ones((2, 2)) / 2, "labels": [0, 2]}, "numbers from 0 to 1"),
        ({"probabilities": np.ones((2, 2)) / 2, "labels": np.eye(2)}, "argmax"),
        ({"labels": [0, 1]}, "needs probabilities="),
        ({}, "nothing was given"),
        ({"before": np.ones(2)}, "needs after="),
        ({"loss": np.sum}, "needs before= and after="),
        ({"loss": 3, "before": np.ones(2), "after": np.ones(2)}, "loss is 3"),
        ({"losses": 2.3}, "must be a list of numbers"),
        ({"losses": [2.3, None]}, "must be a list or an array of numbers; it is one with"),
        ({"losses": [2.3] * 4, "classes": 1}, "classes is 1"),
        ({"losses": [2.3] * 4, "classes": 10, "batch_size": 0}, "batch_size is 0"),
        ({"activations": np.ones((0, 3))}, "must not be empty"),
    ],
)
def test_what_does_not_fit(given, words):
    with pytest.raises(ValueError, match=words):
        symptoms(**given)


def test_what_is_not_finite_is_said():
    nan = np.full((2, 2), np.nan)
    assert symptoms(activations=nan).names == ("not finite",)
    assert symptoms(probabilities=nan, labels=[0, 1]).names == ("not finite",)
    found = symptoms(loss=np.sum, before=np.ones(2), after=np.array([1, np.inf]))
    assert found.names == ("not finite",)
    assert "After the step 1 parameter is not finite" in str(found)
    found = symptoms(loss=np.sum, before=np.array([1, np.nan]), after=np.ones(2))
    assert "Before the step 1 parameter is not finite" in str(found)


def test_a_huge_step_has_a_length():
    found = symptoms(loss=np.sum, before=np.ones(2), after=np.array([1e200, 1.0]))
    assert "not finite" not in found.names
    assert found.names
