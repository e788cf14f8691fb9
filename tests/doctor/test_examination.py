"""What an examination says: its verdicts, its arrays, its words."""

import re
from dataclasses import replace

import numpy as np
import pytest
from diagnosed import later_styles

import dualedu
from dualedu import nn
from dualedu.doctor import examine
from dualedu.doctor.hypotheses import TABLE

W = np.array([0.3, -1.2, 2.0])


def test_an_unknown_fault_gets_no_name():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(3)
    found = examine(lambda w: np.sum(w**3), lambda w: 3 * w**2 + noise * w[::-1] ** 2, W)
    assert found.verdict == "ill, kind unknown"
    assert "entries differ" in found.findings[0].detail


def test_evidence_is_the_prediction_held_against_the_claim():
    finding = examine(lambda w: np.sum(np.exp(w)), lambda w: 3.7 * np.exp(w), W).findings[0]
    assert finding.kind == "constant factor"
    assert finding.factor == pytest.approx(3.7)
    assert finding.predicted == pytest.approx(finding.measured)
    assert finding.true == pytest.approx(finding.measured / 3.7)


def test_one_number_alone_is_not_explained_by_what_would_show_elsewhere():
    """Labels of −1 and 1 in place of 0 and 1: three samples to one make the slope of the bias that
    of a wrong mask, and that of labels in reverse order; the weights tell both off."""
    f, gradient, at, _ = later_styles.weighted_logistic("")
    x, y, weights = (
        dict(zip(f.__code__.co_freevars, (c.cell_contents for c in f.__closure__), strict=True))[k]
        for k in ("x", "y", "weights")
    )

    def claimed(w, b):
        d = weights * (1 / (1 + np.exp(-x @ w - b)) - (2 * y - 1)) / np.sum(weights)
        return x.T @ d, np.sum(d)

    assert examine(f, gradient, at).healthy
    assert examine(f, claimed, at).verdict == "ill, kind unknown"


def test_noise_where_there_is_no_slope_is_no_share_of_it():
    def claimed(a, b):
        return 1e-5 * np.sin(1e17 * a), 2 * b

    found = examine(lambda a, b: np.sum(b**2) + 0 * np.sum(a), claimed, (W, W))
    assert found.healthy
    (note,) = [note for note in found.notes if "jumps itself" in note]
    assert re.search(r"the claim for a is off by [0-9.]+e-0[56], no more", note, re.IGNORECASE)


def test_a_fault_that_does_not_show_at_the_place_given():
    """A regulariser's slope on a bias that is zero."""
    found = examine(lambda b: np.sum(np.sin(b)), lambda b: np.cos(b) + 0.1 * b, np.zeros(3))
    assert found.kinds == ("regulariser",)
    assert "beside it" in found.notes[0]


def test_it_is_loaded_on_demand():
    assert "doctor" in dir(dualedu)
    assert dualedu.doctor.examine is examine


def test_the_doctor_finds_both_faults_of_the_first_notebook():
    """With no hint: the patient as written, on a batch like the first one."""
    from dualedu import mnist
    from dualedu.teaching import patient

    digits = mnist.load()
    x, labels = patient.pixels(digits.train_images[:64]), digits.train_labels[:64]
    written = patient.Switches()

    def loss(W1, W2):
        return patient.loss([W1, W2], x, labels, written)

    def gradient(W1, W2):
        return patient.gradients([W1, W2], x, labels, written)[1]

    found = examine(loss, gradient, tuple(patient.initial_weights(written, rng=0)))
    assert [(f.kind, f.arrays) for f in found.findings] == [
        ("one number", ("W1", "W2")),
        ("diagonal of the Jacobian", ("W1", "W2")),
    ]
    healthy = patient.Switches("full", "units")
    found = examine(
        lambda W1, W2: patient.loss([W1, W2], x, labels, healthy),
        lambda W1, W2: patient.gradients([W1, W2], x, labels, healthy)[1],
        tuple(patient.initial_weights(healthy, rng=0)),
    )
    assert found.healthy, str(found)


def test_it_tells_what_it_does():
    told = []
    examine(lambda w: np.sum(np.tanh(w)), lambda w: 1 - w**2, W, progress=told.append)
    assert told[0] == "measuring the slopes of f along random directions"
    assert any("at the steps inside of f" in words for words in told)


def test_patience_ends_the_search_and_the_diagnosis_says_so():
    asked = (lambda w: np.sum(np.tanh(w) ** 2), lambda w: 2 * np.tanh(w), W)
    assert examine(*asked).kinds == ("slope missing",)
    hurried = examine(*asked, patience=0)
    assert hurried.verdict == "ill, kind unknown"
    assert any("were not tried on w" in note for note in hurried.notes)
    assert not any("not tried" in note for note in examine(*asked).notes)


def test_a_hypothesis_that_fails_on_a_program_does_not_end_the_examination(monkeypatch):
    def broken(reading):
        yield from ()
        raise IndexError("list index out of range")

    table = tuple(replace(h, guesses=broken) if h.name == "zeros" else h for h in TABLE)
    monkeypatch.setattr("dualedu.doctor.examination.TABLE", table)
    found = examine(lambda w: np.sum(w**2), lambda w: w, W)
    assert found.kinds == ("constant factor",)
    assert any("“zeros” could not be tried" in note for note in found.notes)


def test_no_wrong_array_is_called_right():
    """A bias is explained by the finished array, its weights by a step inside of f alone."""
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((6, 4)), rng.integers(3, size=6)

    def loss(W, b):
        return nn.cross_entropy(x @ W + b, labels) + 0.05 * np.sum(W**2)

    def of_the_sum(W, b):
        s = nn.softmax(x @ W + b) - np.eye(3)[labels]
        return x.T @ s + 0.1 * W, s.sum(axis=0)

    found = examine(loss, of_the_sum, (rng.standard_normal((4, 3)), rng.standard_normal(3)))
    assert [finding.arrays for finding in found.findings] == [("W", "b")]
    assert found.headline == "Ill: the gradient for W and b is wrong."
