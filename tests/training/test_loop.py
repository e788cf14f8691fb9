"""Training runs: learned, repeated, interrupted, resumed, refused."""

import functools

import numpy as np
import pytest
import untested
from interruptions import ctrl_c, interrupting
from small_runs import QUICK, flat, torch_gradient, without_time

from dualedu import mnist, training
from dualedu.nn import MLP
from dualedu.training import history, train
from dualedu.training.gradients import exact_gradient, forward_gradient


def test_a_run_learns_and_records_what_it_did(digits):
    model = MLP((784, 32, 10))
    history = train(model, digits, **QUICK | {"epochs": 5}, validation=100)
    assert history["test_accuracy"][-1] > 0.8
    assert history["epoch"] == [1, 2, 3, 4, 5]
    assert set(history.epochs[0]) == {"epoch", *training_metrics()}
    assert len(history.steps) == 5 * 15  # 900 images in batches of 64, the last of 4
    weights = [64] * 14 + [4]
    assert history["train_loss"][1] == pytest.approx(
        np.average(history.steps[15:30], weights=weights)
    )
    loss, accuracy = training.evaluate(model, digits[0][900:], digits[1][900:])
    assert history["validation_loss"][-1] == loss
    assert (
        history["validation_accuracy"][-1]
        == accuracy
        == model.accuracy(digits[0][900:], digits[1][900:])
    )
    assert loss == pytest.approx(float(model.loss(digits[0][900:], digits[1][900:])), rel=1e-5)
    assert history["train_accuracy"][-1] == model.accuracy(digits[0][:900], digits[1][:900])
    assert history["learning_rate"][-1] == 0.05 * training.warmup_cosine(74 / 75)
    assert history.settings["gradient"] == "exact_gradient"
    assert history.settings["seed"] == 0
    assert history.versions["numpy"] == np.__version__
    assert not history.interrupted


def training_metrics():
    return history.METRICS


def test_torch_as_the_gradient_goes_the_same_way(digits):
    """The same start, batches and steps; only where the gradient comes from differs."""
    runs = []
    for function in (exact_gradient, torch_gradient):
        model = MLP((784, 16, 10), rng=4, dtype=np.float64)
        runs.append((train(model, digits, function, **QUICK, rng=3), model))
    (ours, model), (theirs, reference) = runs
    np.testing.assert_allclose(ours.steps, theirs.steps, rtol=1e-9)
    np.testing.assert_allclose(
        flat(model.parameters), flat(reference.parameters), rtol=1e-6, atol=1e-9
    )


def test_the_same_seed_gives_the_same_run_and_another_a_different_one(digits):
    def steps(seed):
        options = {"directions": 2, "perturb": "activities"}
        model = MLP((784, 16, 10))
        return train(
            model, digits[:2], forward_gradient, **QUICK, rng=seed, shift=True, **options
        ).steps

    assert steps(1) == steps(1) != steps(2)
    assert steps(np.random.default_rng(5)) == steps(np.random.default_rng(5))


def test_options_reach_the_gradient_directly_or_by_partial(digits):
    settings = {"directions": 3, "perturb": "activities", "law": "normal"}
    direct = train(MLP((784, 8, 10)), digits[:2], forward_gradient, **QUICK, **settings)
    partial = functools.partial(forward_gradient, rng=np.random.default_rng(99), **settings)
    wrapped = train(MLP((784, 8, 10)), digits[:2], partial, **QUICK)
    assert direct.steps == wrapped.steps
    assert direct.settings == wrapped.settings
    assert direct.settings["options"] == settings
    with pytest.raises(TypeError, match="epoch"):
        train(MLP((784, 8, 10)), digits[:2], progress=False, epoch=3)


RUNS = {
    "exact": (exact_gradient, {}),
    "shifted": (exact_gradient, {"shift": True}),
    "weights": (forward_gradient, {"directions": 2}),
    "normal": (forward_gradient, {"directions": 1, "law": "normal", "learning_rate": 1e-4}),
    "orthogonal": (
        forward_gradient,
        {"directions": 4, "perturb": "activities", "orthogonal": True, "shift": True},
    ),
}


@pytest.mark.usefixtures("pythons_handler")
@pytest.mark.parametrize("at", [1, 5, 16, 20, 48])
@pytest.mark.parametrize(("function", "settings"), RUNS.values(), ids=RUNS)
def test_a_resumed_run_ends_in_the_same_numbers(function, settings, at, digits, tmp_path):
    settings = {"learning_rate": 1e-3, "epochs": 3, "progress": False, "rng": 8} | settings
    whole = MLP((784, 8, 10))
    expected = train(whole, digits, function, **settings)

    file = tmp_path / "run.npz"
    broken = MLP((784, 8, 10))
    stopped = train(broken, digits, interrupting(function, at, ctrl_c), **settings, checkpoint=file)
    assert len(stopped.steps) == at
    assert stopped.steps == expected.steps[:at]
    assert stopped.interrupted == (at < len(expected.steps))

    resumed = MLP((784, 8, 10), rng=77)  # whatever it holds is replaced
    finished = train(resumed, digits, function, **settings, checkpoint=file, resume=True)
    assert finished.steps == expected.steps
    assert without_time(finished) == without_time(expected)
    assert np.array_equal(flat(resumed.parameters), flat(whole.parameters))
    assert not finished.interrupted


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs is 0; it must be an integer of 1 or more"),
        ({"batch_size": 2.5}, ValueError, "batch_size is 2.5"),
        ({"learning_rate": 0}, ValueError, "learning_rate is 0; it must be a positive"),
        ({"learning_rate": np.nan}, ValueError, "learning_rate is nan"),
        ({"momentum": -1}, ValueError, "momentum is -1"),
        ({"validation": 1000}, ValueError, "validation is 1000; of 1000 training images, 1 to 999"),
        ({"resume": True}, ValueError, "resume=True needs the file"),
    ],
)
def test_settings_without_meaning_are_refused(change, error, message, digits):
    with pytest.raises(error, match=message):
        train(MLP((784, 8, 10)), digits, **QUICK | change)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda d: d[:3], ValueError, "data has 3 parts"),
        (lambda d: (d[0].astype(np.uint8), d[1]), TypeError, "training images are uint8"),
        (
            lambda d: (d[0][:, :5], d[1]),
            ValueError,
            r"\(1000, 5\) do not fit .* expected \(N, 784\)",
        ),
        (lambda d: (d[0], d[1][:5]), ValueError, r"1000 training images came with labels .*\(5,\)"),
        (lambda d: (*d[:3], d[3][:5]), ValueError, "200 test images came with"),
        (lambda d: (d[0][:0], d[1][:0]), ValueError, "0 training images"),
    ],
)
def test_data_that_do_not_fit_are_refused(change, error, message, digits):
    with pytest.raises(error, match=message):
        train(MLP((784, 8, 10)), change(digits), **QUICK)


@untested.needs_mnist
def test_one_epoch_of_full_mnist():
    model = MLP()
    history = train(model, mnist.load(full=True, normalised=True), epochs=1, progress=False)
    assert history["test_accuracy"][-1] >= 0.965
