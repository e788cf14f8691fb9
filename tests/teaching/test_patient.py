"""The re-enacted notebook: its mistakes are the ones it claims, its repairs are right."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from dualedu import check_jvp, jvp, mnist, nn
from dualedu.teaching import patient
from dualedu.teaching.patient import POSITIONS, Switches

SIZES = (12, 6, 4)
RNG = np.random.default_rng(5)
X = patient.pixels(RNG.random((8, 12)))
LABELS = RNG.integers(0, 4, 8)
WEIGHTS = [w.astype(float) for w in patient.initial_weights(Switches(), SIZES, rng=6)]

ALL = [
    Switches(**dict(zip(POSITIONS, chosen, strict=True)))
    for chosen in itertools.product(*POSITIONS.values())
]
REPAIRED = Switches("full", "units", 0.5, "scaled", "mean")
DIAGONAL_SOFTMAXES = {
    "sum": (patient.diagonal_softmax, patient.softmax),
    "mean": (patient.diagonal_log_softmax, nn.log_softmax),
}


def label(switches):
    return "-".join(getattr(switches, name) for name in POSITIONS)


def by_differences(f, weights):
    """∇f by central differences, one weight after the other."""
    found = [np.empty_like(w) for w in weights]
    for layer, w in enumerate(weights):
        for at in np.ndindex(w.shape):
            ahead, behind = [[v.copy() for v in weights] for _ in range(2)]
            ahead[layer][at] += 1e-5
            behind[layer][at] -= 1e-5
            found[layer][at] = (f(ahead) - f(behind)) / 2e-5
    return found


def true_gradient(switches):
    return by_differences(lambda ws: patient.loss(ws, X, LABELS, switches), WEIGHTS)


def flat(arrays):
    return np.concatenate([a.ravel() for a in arrays])


# --- the softmax ---------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", DIAGONAL_SOFTMAXES)
def test_the_diagonal_softmax_has_the_right_value_and_the_diagonal_of_the_right_jacobian(loss):
    wrong, right = DIAGONAL_SOFTMAXES[loss]
    z = RNG.standard_normal(5)
    steps = 1e-6 * np.eye(5)
    true = np.stack([(right(z + h) - right(z - h)) / 2e-6 for h in steps], axis=-1)
    value, columns = jvp(wrong, (z,), (np.eye(5),))
    np.testing.assert_array_equal(value, right(z))
    np.testing.assert_allclose(columns.T, np.diag(np.diag(true)), atol=1e-9)


@pytest.mark.parametrize("loss", DIAGONAL_SOFTMAXES)
def test_a_gradient_check_finds_the_diagonal_softmax(loss):
    wrong, right = DIAGONAL_SOFTMAXES[loss]
    z = RNG.standard_normal((3, 5))
    check_jvp(right, z)
    with pytest.raises(AssertionError, match="derivative of order 1"):
        check_jvp(wrong, z)


def test_the_notebooks_softmax_overflows_and_the_stable_loss_does_not():
    z = np.array([[1000.0, 0.0]])
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(patient.losses(z, np.array([0]), Switches()))
    assert patient.losses(z, np.array([0]), Switches(loss="mean")) == 0
    assert patient.losses(z, np.array([1]), Switches(loss="mean")) == 1000
    # log(p + 1e-8) flattens out: no loss above 18.42, however wrong the network.
    z = np.array([[50.0, 0.0]])
    assert patient.losses(z, np.array([1]), Switches()) == pytest.approx(-np.log(1e-8))


# --- what is taken for the gradient --------------------------------------------------------------


@pytest.mark.parametrize("loss", POSITIONS["loss"])
def test_unit_seeds_with_the_full_softmax_give_the_gradient(loss):
    switches = replace(REPAIRED, loss=loss)
    value, found = patient.gradients(WEIGHTS, X, LABELS, switches)
    assert value == pytest.approx(float(patient.loss(WEIGHTS, X, LABELS, switches)))
    for ours, true in zip(found, true_gradient(switches), strict=True):
        np.testing.assert_allclose(ours, true, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("loss", POSITIONS["loss"])
def test_seeds_of_ones_give_the_sum_of_each_layers_gradient(loss):
    switches = Switches(softmax="full", loss=loss)
    first, last = patient.gradients(WEIGHTS, X, LABELS, switches)[1]
    true_first, true_last = true_gradient(switches)
    assert np.ptp(first) == np.ptp(last) == 0
    assert first[0, 0] == pytest.approx(true_first.sum(), rel=1e-6)
    # The sum of the last layer's gradient is 0: softmax ignores a shift of all logits.
    assert abs(last[0, 0]) < 1e-12 * abs(first[0, 0])
    assert abs(true_last.sum()) < 1e-7


def test_the_notebooks_update_moves_each_layer_by_one_number_and_is_no_descent_direction():
    _, found = patient.gradients(WEIGHTS, X, LABELS, Switches())
    assert all(np.ptp(g) == 0 and g[0, 0] != 0 for g in found)
    # Such a shift of the last layer changes no probability.
    shifted = [WEIGHTS[0], WEIGHTS[1] + 3.0]
    p, q = (nn.softmax(patient.logits(ws, X)) for ws in (WEIGHTS, shifted))
    np.testing.assert_allclose(p, q, rtol=1e-12)


def test_random_directions_estimate_the_gradient_without_bias():
    switches = replace(REPAIRED, seeds="random")
    true = flat(true_gradient(switches))
    rng = np.random.default_rng(7)
    draws = 4000
    estimates = np.stack(
        [flat(patient.gradients(WEIGHTS, X, LABELS, switches, rng)[1]) for _ in range(draws)]
    )
    # The mean of n estimates is off by about |∇L| / √n in each entry; five times that is a fault.
    error = np.abs(estimates.mean(axis=0) - true).max()
    assert error < 5 * np.linalg.norm(true) / np.sqrt(draws)
    # Each layer has one slope, times a direction of ±1.
    for layer in patient.gradients(WEIGHTS, X, LABELS, switches, rng)[1]:
        np.testing.assert_allclose(np.abs(layer), np.abs(layer[0, 0]))


def test_the_diagonal_softmax_pulls_at_the_labels_logit_alone():
    """With p − onehot as the right slopes of the logits, it leaves out all p but the label's."""
    switches = replace(REPAIRED, softmax="diagonal")
    _, (_, last) = patient.gradients(WEIGHTS, X, LABELS, switches)
    a = nn.sigmoid(X @ WEIGHTS[0])
    onehot = np.eye(4)[LABELS]
    slopes = (nn.softmax(a @ WEIGHTS[1]) - onehot) * onehot / len(X)
    np.testing.assert_allclose(last, a.T @ slopes, rtol=1e-12)


# --- training ------------------------------------------------------------------------------------


def some(digits, train, test):
    counts = [train, train, test, test]
    return mnist.Digits(*(part[:n] for part, n in zip(digits, counts, strict=True)))


@pytest.mark.parametrize("switches", ALL, ids=label)
def test_every_combination_of_switches_runs(switches):
    digits = some(mnist.load(), 96, 50)
    weights, history = patient.train(switches, digits, rng=1)
    again, _ = patient.train(switches, digits, rng=1)
    assert [w.shape for w in weights] == [(784, 128), (128, 10)]
    assert {w.dtype for w in weights} == {np.dtype(np.float32)}
    assert all(np.array_equal(w, v) for w, v in zip(weights, again, strict=True))
    assert np.isnan(history[0].printed)
    assert np.isfinite(history[1]).all()


def test_the_notebook_does_not_learn_and_the_repaired_one_does():
    digits = mnist.load()
    _, written = patient.train(Switches(), digits, epochs=2, rng=1)
    _, healthy = patient.train(REPAIRED, digits, epochs=2, rng=1)
    assert written[-1].accuracy < 0.2
    assert healthy[-1].accuracy > 0.7


def test_what_is_printed_is_the_last_batchs_loss():
    digits = some(mnist.load(), 32, 10)
    switches = Switches()
    x = patient.pixels(digits.train_images)
    weights = patient.initial_weights(switches, rng=np.random.default_rng(2))
    expected = patient.loss(weights, x, digits.train_labels, switches)
    _, (_, epoch) = patient.train(switches, digits, rng=2)
    assert epoch.printed == pytest.approx(float(expected), rel=1e-5)


def test_scaled_weights_keep_the_size_of_a_signal():
    for w in patient.initial_weights(REPAIRED):
        assert w.std() == pytest.approx(len(w) ** -0.5, rel=0.05)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"softmax": "none"}, "softmax is 'none'; it can be 'diagonal' or 'full'"),
        ({"seeds": "one"}, "seeds is 'one'; it can be 'ones' or 'random' or 'units'"),
        ({"learning_rate": 0}, "learning_rate is 0; it must be positive"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
    ],
)
def test_a_switch_says_where_it_can_stand(wrong, words):
    with pytest.raises(ValueError, match=words):
        Switches(**wrong)
