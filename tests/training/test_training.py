"""Gradients that came forward against torch, differences and exhaustion; the runs built on them."""

import functools
import itertools
import json
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import untested

from dualedu import gradient, jvp, mnist, training
from dualedu.nn import MLP
from dualedu.training import SGD, Diverged, batches, gradients, history, train
from dualedu.training.gradients import exact_gradient, forward_gradient
from dualedu.training.history import History

NETWORKS = [(5, 3), (6, 4, 3), (6, 5, 4, 3), (7, 5, 6, 4, 3)]
ACTIVATIONS = ["relu", "sigmoid", "tanh"]


def task(sizes=(6, 5, 4, 3), activation="tanh", batch=8, dtype=np.float64):
    """A small network with biases that are not zero, and a batch for it."""
    rng = np.random.default_rng(3)
    model = MLP(sizes, activation, rng=1, dtype=dtype)
    for p in model.parameters:
        p += 0.3 * rng.standard_normal(p.shape).astype(dtype)
    images = rng.standard_normal((batch, sizes[0])).astype(dtype)
    return model, images, rng.integers(0, sizes[-1], batch)


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


def torch_gradient(model, images, labels):
    """The same loss and gradients by torch's backpropagation."""
    torch = pytest.importorskip("torch")
    act = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}[model.activation]
    parameters = [torch.tensor(p, requires_grad=True) for p in model.parameters]
    a = torch.tensor(images)
    for i in range(0, len(parameters) - 2, 2):
        a = act(a @ parameters[i] + parameters[i + 1])
    logits = a @ parameters[-2] + parameters[-1]
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels))
    return loss.item(), [g.numpy() for g in torch.autograd.grad(loss, parameters)]


# --- the exact gradient --------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", NETWORKS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_exact_gradient_is_torchs(sizes, activation, dtype, tolerance):
    model, images, labels = task(sizes, activation, dtype=dtype)
    loss, gradients = exact_gradient(model, images, labels)
    expected_loss, expected = torch_gradient(model, images, labels)
    assert loss == pytest.approx(expected_loss, rel=tolerance)
    assert [(g.shape, g.dtype) for g in gradients] == [(p.shape, p.dtype) for p in model.parameters]
    for g, e in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_exact_gradient_is_the_gradient_of_all_weights_seeded_and_of_differences(activation):
    model, images, labels = task((4, 3, 3), activation, batch=5)
    _, gradients = exact_gradient(model, images, labels)
    shapes = [p.shape for p in model.parameters]
    ends = np.cumsum([int(np.prod(s)) for s in shapes])[:-1]

    def loss(w):
        parts = zip(np.split(w, ends), shapes, strict=True)
        return model.loss(images, labels, [np.reshape(p, s) for p, s in parts])

    weights = flat(model.parameters)
    np.testing.assert_allclose(flat(gradients), gradient(loss)(weights), rtol=1e-12, atol=1e-14)
    h = 1e-6
    steps = h * np.eye(len(weights))
    differences = [(loss(weights + step) - loss(weights - step)) / (2 * h) for step in steps]
    np.testing.assert_allclose(flat(gradients), differences, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("batch", [1, 2])
def test_a_batch_of_one_and_labels_as_a_list(batch):
    model, images, labels = task(batch=batch)
    _, gradients = exact_gradient(model, images, labels.tolist())
    np.testing.assert_allclose(flat(gradients), flat(torch_gradient(model, images, labels)[1]))


def test_images_of_another_dtype_do_not_widen_the_gradients():
    model, images, labels = task(dtype=np.float32)
    loss, gradients = exact_gradient(model, images.astype(np.float64), labels)
    assert {loss.dtype, *(g.dtype for g in gradients)} == {np.dtype(np.float32)}
    loss, gradients = forward_gradient(model, images.astype(np.float64), labels, rng=0)
    assert {loss.dtype, *(g.dtype for g in gradients)} == {np.dtype(np.float32)}


OPTIONS = [
    {},
    {"law": "normal"},
    {"law": "rank-one"},
    {"perturb": "activities"},
    {"perturb": "activities", "law": "normal"},
    {"perturb": "activities", "orthogonal": True},
]


def test_splitting_directions_into_passes_changes_nothing(monkeypatch):
    model, images, labels = task()
    whole = exact_gradient(model, images, labels)[1]
    monkeypatch.setattr(gradients, "passes", lambda count, *size: iter([1] * count))
    np.testing.assert_allclose(flat(exact_gradient(model, images, labels)[1]), flat(whole))


@pytest.mark.parametrize("options", OPTIONS)
def test_splitting_random_directions_into_passes_keeps_the_estimate_unbiased(options, monkeypatch):
    monkeypatch.setattr(gradients, "passes", lambda count, *size: iter([1] * count))
    assert_unbiased(options, directions=3)


@pytest.mark.parametrize("function", [exact_gradient, functools.partial(forward_gradient, rng=0)])
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"images": np.zeros((8, 7))}, ValueError, r"\(8, 7\) do not fit .* 6 inputs"),
        ({"images": np.zeros(6)}, ValueError, r"expected \(batch, 6\)"),
        ({"images": np.zeros((0, 6)), "labels": np.zeros(0, int)}, ValueError, "batch is empty"),
        ({"labels": np.zeros(7, int)}, ValueError, r"labels of shape \(7,\)"),
        ({"labels": np.full(8, 3)}, ValueError, "label 3 is outside 0 … 2"),
        ({"labels": np.zeros(8)}, TypeError, "labels are float64"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(function, change, error, message):
    model, images, labels = task()
    with pytest.raises(error, match=message):
        function(model, **{"images": images, "labels": labels} | change)


@pytest.mark.parametrize("function", [exact_gradient, functools.partial(forward_gradient, rng=0)])
@pytest.mark.parametrize("which", range(4))
def test_a_network_under_differentiation_is_refused(function, which):
    """Seeds of one's own and those of an enclosing jvp would be told apart wrongly."""
    model, images, labels = task()

    def loss(p):
        model.parameters[which] = p
        return function(model, images, labels)[0]

    p = model.parameters[which]
    with pytest.raises(TypeError, match=r"parameters carry tangents.* model\.loss"):
        jvp(loss, (p,), (p,))


# --- forward gradients ---------------------------------------------------------------------------


def all_signs(count):
    return np.array(list(itertools.product([-1.0, 1.0], repeat=count)))


@pytest.mark.parametrize(("sizes", "options"), [((1, 1, 2), {}), ((1, 1, 2), {"law": "rank-one"})])
def test_over_all_directions_of_the_weights_the_mean_is_the_gradient(sizes, options, monkeypatch):
    """Not by statistics: every possible direction of ±1 takes part once."""
    model, images, labels = task(sizes, batch=3)
    if options:  # for each layer u, w and v, of a W's rows, its columns, and b's entries
        count = sum(fan_in + 2 * fan_out for fan_in, fan_out in itertools.pairwise(sizes))
    else:
        count = sum(p.size for p in model.parameters)
    table = all_signs(count)
    columns = iter(np.split(table, count, axis=1))

    def draw(rng, shape, dtype, law="rademacher"):
        size = int(np.prod(shape[1:]))
        return np.concatenate([next(columns) for _ in range(size)], axis=1).reshape(shape)

    monkeypatch.setattr(gradients, "draw", draw)
    _, estimate = forward_gradient(model, images, labels, len(table), rng=0, **options)
    _, exact = exact_gradient(model, images, labels)
    np.testing.assert_allclose(flat(estimate), flat(exact), rtol=1e-12, atol=1e-15)


def test_over_all_directions_of_the_activities_the_mean_is_the_gradient(monkeypatch):
    model, images, labels = task((4, 3, 5, 3), batch=2)

    def draw(rng, shape, dtype, law="rademacher"):
        return np.broadcast_to(all_signs(shape[-1])[:, None, :], shape)

    monkeypatch.setattr(gradients, "draw", draw)
    monkeypatch.setattr(gradients, "passes", lambda count, size, *most: iter([count]))
    _, exact = exact_gradient(model, images, labels)
    for layer, width in enumerate(model.sizes[1:-1]):
        # Each layer has its own number of directions; look at that layer's gradient only.
        own = slice(2 * layer, 2 * layer + 2)
        monkeypatch.setattr(
            gradients,
            "activity_seeds",
            lambda rng, count, z, law, orthogonal: iter(
                [draw(rng, (2 ** z.shape[1], *z.shape), 0)]
            ),
        )
        _, estimate = forward_gradient(model, images, labels, 2**width, rng=0, perturb="activities")
        np.testing.assert_allclose(flat(estimate[own]), flat(exact[own]), rtol=1e-12, atol=1e-15)


def assert_unbiased(options, directions, calls=600, sizes=(3, 3, 5, 2)):
    """The mean of many estimates lies within 5 standard errors of the gradient, entry by entry."""
    model, images, labels = task(sizes, batch=4)
    rng = np.random.default_rng(7)
    estimates = np.array(
        [
            flat(forward_gradient(model, images, labels, directions, rng=rng, **options)[1])
            for _ in range(calls)
        ]
    )
    exact = flat(exact_gradient(model, images, labels)[1])
    errors = estimates.std(axis=0) / np.sqrt(calls)
    assert np.all(np.abs(estimates.mean(axis=0) - exact) <= 5 * errors + 1e-12)


@pytest.mark.parametrize("directions", [1, 3])
@pytest.mark.parametrize("options", OPTIONS)
def test_unbiased(options, directions):
    assert_unbiased(options, directions)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_loss_is_the_plain_one_and_the_last_layer_exact_under_activities(options):
    model, images, labels = task(dtype=np.float32)
    loss, estimate = forward_gradient(model, images, labels, 2, rng=0, **options)
    exact_loss, exact = exact_gradient(model, images, labels)
    assert loss == pytest.approx(float(exact_loss), rel=1e-6)
    assert [(g.shape, g.dtype) for g in estimate] == [(g.shape, g.dtype) for g in exact]
    alike = [np.allclose(a, b, rtol=1e-5) for a, b in zip(estimate, exact, strict=True)]
    assert alike[-2:] == [options.get("perturb") == "activities"] * 2
    assert not any(alike[:-2])


@pytest.mark.parametrize(("law", "excess"), [("rademacher", -1), ("rank-one", -1), ("normal", 1)])
def test_the_variance_of_weight_directions(law, excess):
    """E|ĝ − g|² = (P − 1)/K |g|² with entries of ±1, (P + 1)/K |g|² with normal ones."""
    model, images, labels = task((3, 4, 2), batch=4)
    exact = flat(exact_gradient(model, images, labels)[1])
    rng = np.random.default_rng(0)
    count = 4
    squares = [
        np.sum(
            (flat(forward_gradient(model, images, labels, count, rng=rng, law=law)[1]) - exact) ** 2
        )
        for _ in range(2000)
    ]
    expected = (len(exact) + excess) / count * np.sum(exact**2)
    assert np.mean(squares) == pytest.approx(expected, abs=5 * np.std(squares) / np.sqrt(2000))


@pytest.mark.parametrize("widths", [(8,), (1,), (5,), (3, 3), (8, 7)])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-6)])
def test_all_rows_of_a_hadamard_matrix_give_the_exact_gradient(widths, dtype, tolerance):
    """As many as the next power of two: the layer's own number of units if it is one."""
    model, images, labels = task((6, *widths, 3), "relu", dtype=dtype)
    order = gradients.covering_order(max(widths))
    _, exact = exact_gradient(model, images, labels)
    _, estimate = forward_gradient(
        model, images, labels, order, rng=5, perturb="activities", orthogonal=True
    )
    np.testing.assert_allclose(flat(estimate), flat(exact), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("width", "order"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (128, 128)])
def test_hadamard_rows_are_orthogonal(width, order):
    assert gradients.covering_order(width) == order
    matrix = gradients.hadamard_rows(np.arange(order), order, np.float32)
    assert set(np.unique(matrix)) <= {-1, 1}
    np.testing.assert_array_equal(matrix @ matrix.T, order * np.eye(order))
    np.testing.assert_array_equal(
        gradients.hadamard_rows(np.arange(order), width, np.float32), matrix[:, :width]
    )


def test_a_generator_advances_and_a_seed_repeats():
    model, images, labels = task()
    rng = np.random.default_rng(0)
    first, second, seeded = (
        flat(forward_gradient(model, images, labels, rng=r)[1]) for r in (rng, rng, 0)
    )
    assert not np.array_equal(first, second)
    assert np.array_equal(first, seeded)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"directions": 0}, "directions is 0; it must be an integer of 1 or more"),
        ({"directions": 1.5}, "directions is 1.5"),
        ({"perturb": "biases"}, "perturb is 'biases'; it can be 'weights' or 'activities'"),
        ({"law": "uniform"}, "law is 'uniform'; it can be 'rademacher', 'normal' or 'rank-one'"),
        ({"law": "rank-one", "perturb": "activities"}, "'rank-one' makes directions of weight"),
        ({"orthogonal": True}, r"orthogonal=True is for perturb='activities'.* 74 weights"),
        (
            {"orthogonal": True, "perturb": "activities", "law": "normal"},
            "goes with law='rademacher' only, not 'normal'",
        ),
        (
            {"orthogonal": True, "perturb": "activities", "directions": 5},
            "5 directions cannot be orthogonal in a layer of 4 units: at most 4",
        ),
    ],
)
def test_options_without_meaning_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        forward_gradient(*task(), rng=0, **options)


# --- steps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_is_torchs(momentum):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    ours = [rng.standard_normal((3, 2)), rng.standard_normal(2)]
    theirs = [torch.tensor(p, requires_grad=True) for p in ours]
    sgd, reference = SGD(ours, momentum), torch.optim.SGD(theirs, lr=1.0, momentum=momentum)
    for rate in (0.1, 0.3, 0.01):
        gradients = [rng.standard_normal(p.shape) for p in ours]
        sgd.step(gradients, rate)
        reference.param_groups[0]["lr"] = rate
        for p, g in zip(theirs, gradients, strict=True):
            p.grad = torch.tensor(g)
        reference.step()
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p, q.detach().numpy(), rtol=1e-12)


def test_sgd_keeps_float32_and_refuses_a_momentum_of_one():
    parameters = [np.ones(3, np.float32)]
    SGD(parameters).step([np.ones(3, np.float32)], np.float64(0.5))
    assert parameters[0].dtype == np.float32
    with pytest.raises(ValueError, match=r"momentum is 1.0; it must lie in \[0, 1\)"):
        SGD(parameters, 1.0)


def test_the_schedule_rises_to_one_and_falls_to_zero():
    shares = np.linspace(0, 1, 2001)
    factors = np.array([training.warmup_cosine(s) for s in shares])
    assert factors[0] == pytest.approx(0.1)
    assert factors.max() == pytest.approx(1)
    assert shares[factors.argmax()] == pytest.approx(0.05)
    assert np.all(np.diff(factors[:101]) > 0)
    assert np.all(np.diff(factors[101:]) < 0)
    assert np.abs(np.diff(factors)).max() < 0.01
    assert factors[-1] == pytest.approx(0)


def test_shifted_images_are_one_of_nine_neighbours():
    rng = np.random.default_rng(0)
    images = rng.standard_normal((200, 16)).astype(np.float32)
    moves = batches.random_moves(len(images), rng)
    moved = batches.shifted(images, moves)
    seen = set()
    for image, result in zip(images, moved, strict=True):
        padded = np.pad(image.reshape(4, 4), 1, mode="edge")
        candidates = {
            (i, j): padded[i : i + 4, j : j + 4].ravel() for i in range(3) for j in range(3)
        }
        where = [place for place, c in candidates.items() if np.array_equal(c, result)]
        assert len(where) == 1
        seen.add(where[0])
    assert len(seen) == 9
    with pytest.raises(ValueError, match="these have 15 pixels"):
        batches.shifted(images[:, :15], moves)


# --- runs ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    full = mnist.load(normalised=True)
    return tuple(part[:n] for part, n in zip(full, (1000, 1000, 200, 200), strict=True))


QUICK = {"epochs": 2, "batch_size": 64, "progress": False}


def without_time(history):
    return [{k: v for k, v in record.items() if k != "seconds"} for record in history.epochs]


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


def interrupting(function, at, how):
    """A gradient that is interrupted in its call number `at`."""
    calls = itertools.count(1)

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        if next(calls) == at:
            how()
        return function(*args, **kwargs)

    return wrapped


@pytest.fixture
def pythons_handler():
    """Test runners may ignore SIGINT in their workers; a user's Python does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def ctrl_c():
    signal.raise_signal(signal.SIGINT)


def immediately():
    raise KeyboardInterrupt


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


@pytest.mark.usefixtures("pythons_handler")
def test_interrupted_twice_the_last_epoch_is_kept(digits, tmp_path):
    def twice():
        ctrl_c()
        ctrl_c()

    file = tmp_path / "run.npz"
    settings = {"epochs": 3, "progress": False, "checkpoint": file}
    model = MLP((784, 8, 10))
    history = train(model, digits, interrupting(exact_gradient, 20, twice), **settings)
    assert history.interrupted
    assert len(history.steps) == 19
    finished = train(model, digits, **settings, resume=True)
    assert finished.steps == train(MLP((784, 8, 10)), digits, epochs=3, progress=False).steps


def test_a_keyboard_interrupt_raised_by_the_gradient_keeps_the_history(digits):
    history = train(
        MLP((784, 8, 10)), digits, interrupting(exact_gradient, 7, immediately), **QUICK
    )
    assert history.interrupted
    assert len(history.steps) == 6


@pytest.mark.usefixtures("pythons_handler")
def test_the_handler_of_ctrl_c_is_put_back(digits):
    train(MLP((784, 8, 10)), digits, **QUICK)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(Diverged):
        train(MLP((784, 8, 10)), digits, **QUICK, learning_rate=1e30)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_training_in_a_thread(digits):
    found = []
    work = threading.Thread(target=lambda: found.append(train(MLP((784, 8, 10)), digits, **QUICK)))
    work.start()
    work.join()
    assert found[0].steps == train(MLP((784, 8, 10)), digits, **QUICK).steps


def test_divergence_says_where_and_keeps_the_history(digits):
    with pytest.raises(
        Diverged, match=r"the loss is (nan|inf) at step \d+ .*lower learning_rate"
    ) as caught:
        train(MLP((784, 8, 10)), digits, **QUICK, learning_rate=1e30)
    error = caught.value
    assert error.step == len(error.history.steps) > 0
    assert f"step {error.step} " in str(error)
    assert np.all(np.isfinite(error.history.steps))
    assert not np.isfinite(error.loss)


def test_nan_in_the_images_is_found_before_the_first_step(digits):
    images = digits[0].copy()
    images[:, 300] = np.nan
    model = MLP((784, 8, 10))
    before = flat(model.parameters)
    with pytest.raises(Diverged, match="at step 0: no step was taken yet: look for NaN") as caught:
        train(model, (images, digits[1]), **QUICK)
    assert caught.value.history.steps == []
    assert np.array_equal(flat(model.parameters), before)


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


# --- checkpoints ---------------------------------------------------------------------------------


def test_a_finished_run_resumes_to_itself(digits, tmp_path):
    file = tmp_path / "deep" / "run.npz"
    model = MLP((784, 8, 10))
    history = train(model, digits, **QUICK, checkpoint=file)
    other = MLP((784, 8, 10), rng=5)
    again = train(other, digits, **QUICK, checkpoint=file, resume=True)
    assert again.epochs == history.epochs
    assert np.array_equal(flat(other.parameters), flat(model.parameters))
    with np.load(file, allow_pickle=False) as archive:
        assert np.array_equal(archive["parameter0"], model.parameters[0])


def test_checkpoints_are_neither_overwritten_nor_mixed_up(digits, tmp_path):
    file = tmp_path / "run.npz"
    run = functools.partial(train, data=digits, checkpoint=file)
    with pytest.raises(FileNotFoundError, match=r"no checkpoint .*run\.npz to resume from"):
        run(MLP((784, 8, 10)), **QUICK, resume=True)
    run(MLP((784, 8, 10)), **QUICK)
    kept = file.read_bytes()
    with pytest.raises(FileExistsError, match="exists: resume=True continues"):
        run(MLP((784, 8, 10)), **QUICK)
    for model, change, message in (
        (MLP((784, 8, 10)), {"epochs": 3}, "epochs was 2, now 3"),
        (MLP((784, 8, 10)), {"rng": 1}, "seed was 0, now 1"),
        (MLP((784, 9, 10)), {}, r"sizes was \[784, 8, 10\], now \[784, 9, 10\]"),
        (MLP((784, 8, 10)), {"data": (digits[0][::-1], digits[1])}, "images_checksum was"),
        (MLP((784, 8, 10)), {"gradient": forward_gradient}, "gradient was 'exact_gradient', now"),
    ):
        before = flat(model.parameters)
        with pytest.raises(ValueError, match=f"belongs to a run with other settings.*{message}"):
            run(model, **QUICK | change, resume=True)
        assert np.array_equal(flat(model.parameters), before)
    assert file.read_bytes() == kept


@pytest.mark.parametrize("damage", [lambda b: b[:-100], lambda b: b"", lambda b: b"no archive"])
def test_a_damaged_checkpoint_is_named(damage, digits, tmp_path):
    file = tmp_path / "run.npz"
    train(MLP((784, 8, 10)), digits, **QUICK, checkpoint=file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(
        ValueError, match=r"run\.npz is not a checkpoint of dualedu, or it is damaged"
    ):
        train(MLP((784, 8, 10)), digits, **QUICK, checkpoint=file, resume=True)


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "kept.json"
    record = History({"steps_per_epoch": 1})
    record.save(file)
    old = file.read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        History({"steps_per_epoch": 2}).save(file)
    assert file.read_bytes() == old
    assert list(tmp_path.iterdir()) == [file]


# --- histories -----------------------------------------------------------------------------------


@pytest.fixture
def record(digits):
    return train(MLP((784, 8, 10)), digits, **QUICK)


def test_a_history_survives_json(record, tmp_path):
    record.save(tmp_path / "h.json")
    assert History.load(tmp_path / "h.json") == record
    parsed = json.loads((tmp_path / "h.json").read_text())
    assert parsed["settings"]["seed"] == 0
    assert set(parsed["versions"]) == {"python", "numpy", "dualedu"}
    record.save(tmp_path / "short.json", steps=False)
    short = History.load(tmp_path / "short.json")
    assert short.steps == []
    assert short.epochs == record.epochs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON, or is cut off"),
        ("[]", "not a history"),
        ('{"settings": {}}', "not a history"),
    ],
)
def test_other_json_is_refused(text, message, tmp_path):
    (tmp_path / "h.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        History.load(tmp_path / "h.json")


def test_an_unknown_metric_is_named_with_those_there_are(record):
    with pytest.raises(
        KeyError, match="no metric 'accuracy' was recorded; there are epoch, train_l"
    ):
        record["accuracy"]
    with pytest.raises(KeyError, match="has not finished its first epoch"):
        History({})["test_loss"]


def test_a_plot_shows_each_metric(record):
    pytest.importorskip("matplotlib").use("agg")
    left, right = record.plot().axes
    assert [t.get_text() for t in left.get_legend().get_texts()] == ["batches", "train", "test"]
    drawn = {line.get_label(): line.get_ydata() for line in right.lines}
    np.testing.assert_allclose(drawn["test"], 100 * np.array(record["test_accuracy"]))
    np.testing.assert_allclose(drawn["train"], 100 * np.array(record["train_accuracy"]))
    assert (left.get_ylabel(), right.get_ylabel()) == ("cross-entropy", "accuracy in %")
    History({"steps_per_epoch": 1}).plot()  # of a run without a finished epoch: empty, no error


# --- progress and imports ------------------------------------------------------------------------


def test_progress_by_tqdm(digits, capsys):
    pytest.importorskip("tqdm")
    train(MLP((784, 8, 10)), digits, **QUICK | {"progress": True})
    said = capsys.readouterr().err
    assert "epoch 2/2" in said
    assert "16/16" in said
    assert "test" in said


def test_progress_without_tqdm(digits, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    history = train(MLP((784, 8, 10)), digits, **QUICK | {"progress": True})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"epoch 2/2: loss {history['train_loss'][1]:.4f}, train")
    assert lines[1].endswith(f"test {100 * history['test_accuracy'][1]:.2f} %")


def test_silence(digits, capfd):
    train(MLP((784, 8, 10)), digits, **QUICK)
    assert capfd.readouterr() == ("", "")


def test_nothing_heavy_is_imported():
    code = (
        "import sys, dualedu.training.__main__\n"
        "print([m for m in ('torch', 'matplotlib', 'tqdm', 'torchvision') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- full MNIST ----------------------------------------------------------------------------------


@untested.needs_mnist
def test_one_epoch_of_full_mnist():
    model = MLP()
    history = train(model, mnist.load(full=True, normalised=True), epochs=1, progress=False)
    assert history["test_accuracy"][-1] >= 0.965
