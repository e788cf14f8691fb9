"""A step in parts: the same sum, however it is cut, and wherever a run was interrupted."""

import numpy as np
import pytest
from in_parts import DATA, KINDS, SIZES, alone, at

from dualedu.nn import MLP
from dualedu.training import SGD, exact_gradient, forward_gradient, train
from dualedu.training.batches import Batch
from dualedu.training.distributed import Workers
from dualedu.training.parts import Parts, Together


@pytest.mark.parametrize("kind", ["dense", "normal", "rank-one", "activities"])
def test_a_step_in_parts_is_the_mean_of_forward_gradients_by_its_seeds(kind):
    gradient, options, cut = KINDS[kind]
    model = MLP(SIZES, rng=1)
    parts = Parts(model, gradient, options, **cut)
    steps = Together(parts, model, SGD(model.parameters), DATA, np.random.default_rng(5))
    batch = Batch(np.arange(20, 52))
    loss, given = steps.gradient(batch)
    base = int(np.random.default_rng(5).integers(2**63))
    directions = options["directions"] // parts.groups if parts.by_slopes else options["directions"]
    assert directions * parts.groups == options["directions"]
    expected, losses = [0.0] * 4, []
    images, labels = batch.of(*DATA)
    number = 0
    for rows in np.array_split(np.arange(32), parts.shards):
        for _ in range(parts.groups):
            found, gradients = forward_gradient(
                model, images[rows], labels[rows], **options | {"directions": directions},
                rng=[base, number],
            )  # fmt: skip
            share = len(rows) / 32 / parts.groups
            expected = [e + share * g for e, g in zip(expected, gradients, strict=True)]
            losses.append(share * found)
            number += 1
    assert loss == pytest.approx(sum(losses), rel=1e-6)
    for mine, theirs in zip(given, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


def test_one_part_is_forward_gradient_to_the_bit():
    model = MLP(SIZES, rng=1)
    parts = Parts(model, forward_gradient, {"directions": 5}, 1, 1)
    steps = Together(parts, model, SGD(model.parameters), DATA, np.random.default_rng(5))
    loss, given = steps.gradient(Batch(np.arange(40)))
    rng = [int(np.random.default_rng(5).integers(2**63)), 0]
    expected, gradients = forward_gradient(model, DATA[0][:40], DATA[1][:40], 5, rng=rng)
    assert loss == float(expected)
    assert [g.tobytes() for g in given] == [g.tobytes() for g in gradients]


@pytest.mark.parametrize("samples", [3, 10, 64])
def test_exact_gradients_of_shards_add_up_to_that_of_the_batch(samples):
    model = MLP(SIZES, rng=1, dtype=np.float64)
    parts = Parts(model, exact_gradient, {}, 4)
    assert len(parts.of(samples)) == min(4, samples)
    steps = Together(parts, model, SGD(model.parameters), DATA, np.random.default_rng(5))
    loss, given = steps.gradient(Batch(np.arange(samples)))
    expected, gradients = exact_gradient(model, DATA[0][:samples], DATA[1][:samples])
    assert loss == pytest.approx(float(expected), rel=1e-12)
    for mine, theirs in zip(given, gradients, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("cut", "options", "said"),
    [
        ({"shards": 0}, {}, "shards is 0"),
        ({"groups": 3}, {"directions": 2}, "there are 2; cut the batch instead, with shards"),
        ({"groups": 2}, {"perturb": "activities", "directions": 4}, "there is 1; cut the batch"),
        ({}, {"directions": 0}, "directions is 0"),
        ({}, {"law": "uniform"}, "law is 'uniform'"),
    ],
)
def test_a_cut_that_cannot_be_is_said_before_anything_runs(cut, options, said):
    with pytest.raises(ValueError, match=said):
        alone(**cut, **options)


def test_an_option_that_is_none_is_said():
    with pytest.raises(TypeError, match="epoch"):
        alone(epoch=3)


def test_a_run_in_parts_goes_on_where_it_was_interrupted(tmp_path):
    def interrupt():
        raise KeyboardInterrupt

    def trained(file, actions, resume=False):
        model = MLP(SIZES, rng=1)
        train(
            model,
            DATA,
            forward_gradient,
            epochs=3,
            batch_size=32,
            directions=3,
            workers=Workers(0),
            progress=False,
            checkpoint=tmp_path / file,
            resume=resume,
            schedule=at(actions),
        )
        return [p.tobytes() for p in model.parameters]

    whole = trained("whole.npz", {})
    assert trained("part.npz", {8: interrupt}) != whole
    assert trained("part.npz", {}, resume=True) == whole
