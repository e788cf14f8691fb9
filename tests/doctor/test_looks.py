"""What is looked at first: where nothing can be told, what rounding hides, what changes."""

import numpy as np

from dualedu.doctor import examine

W = np.array([0.3, -1.2, 2.0])


def test_what_cannot_be_told():
    noisy = np.random.default_rng()
    found = examine(lambda w: np.sum(w) + noisy.normal(), lambda w: np.ones(3), W)
    assert found.verdict == "cannot tell"
    assert "fix the seed" in str(found)
    found = examine(lambda w: np.sum(np.log(w)), lambda w: 1 / w, W)
    assert found.verdict == "cannot tell"
    assert "the first step that is not is log, line" in str(found)
    found = examine(np.sum, np.ones_like, np.array([1.0, np.nan]))
    assert "the place itself" in str(found)


def test_momentum_is_told_from_chance():
    kept = {"v": np.zeros(3)}

    def gradient(w):
        kept["v"] = 0.9 * kept["v"] + 2 * w
        return kept["v"]

    (finding,) = examine(lambda w: np.sum(w**2), gradient, W).findings
    assert finding.kind == "accumulated"
    assert "0.9 times what was there" in finding.detail


def test_a_backward_that_uses_what_comes_in_only_in_part():
    """As a library's log-softmax did: right behind a cross-entropy, whose gradients sum to −1."""

    def log_softmax(z):
        return z - np.log(np.sum(np.exp(z)))

    def backward(z, g):
        return np.exp(log_softmax(z)) + g

    (finding,) = examine(log_softmax, backward, W, kind="vjp").findings
    assert finding.kind == "cotangent ignored"
    assert "of an incoming gradient of 0" in finding.detail


def test_what_rounding_hides_is_said():
    found = examine(lambda w: np.sum(np.tanh(w)), lambda w: 1 - np.tanh(w) ** 2, 20 * np.ones(3))
    assert "smaller than rounding lets see" in found.notes[0]

    def step(w):
        return (w - np.float32(1e-6) * (2 * w).astype(np.float32)).astype(np.float32)

    found = examine(
        lambda w: np.sum(w**2), step, W.astype(np.float32), kind="update", learning_rate=1e-6
    )
    assert found.healthy
    assert "as short as the gaps between its numbers" in found.notes[0]
    doubled = examine(
        lambda w: np.sum(w**2), lambda w: w - 2 * (w - step(w)), W, kind="update",
        learning_rate=1e-6,
    )  # fmt: skip
    assert doubled.verdict != "healthy"


def test_a_pair_that_may_be_two_gradients_the_wrong_way_round():
    def f(w, b):
        return np.sum(w * w) + 3 * b

    at = (W, 1.0)
    found = examine(f, lambda w, b: (3.0, 2 * w), at)
    assert found.verdict == "cannot tell"
    assert "in the wrong order" in found.reason
    assert examine(f, lambda w, b: (2 * w, 3.0), at).healthy
    assert examine(f, lambda w, b: (f(w, b), 2 * w), at).healthy
