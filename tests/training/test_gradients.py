"""Gradients that came forward against torch, differences and exhaustion."""

import functools
import itertools

import numpy as np
import pytest
from small_runs import flat, torch_gradient

from dualedu import gradient, jvp
from dualedu.nn import MLP
from dualedu.training import gradients
from dualedu.training.gradients import exact_gradient, forward_gradient

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
