"""Training runs in parts, by one process or by many."""

import numpy as np

from dualedu.nn import MLP
from dualedu.training import exact_gradient, forward_gradient, train
from dualedu.training.distributed import Workers

RNG = np.random.default_rng(0)
DATA = RNG.standard_normal((150, 12)).astype(np.float32), RNG.integers(0, 5, 150)
SIZES = (12, 8, 5)
KINDS = {
    "dense": (forward_gradient, {"directions": 6}, {"shards": 2, "groups": 3}),
    "normal": (forward_gradient, {"directions": 3, "law": "normal"}, {}),
    "rank-one": (forward_gradient, {"directions": 6, "law": "rank-one"}, {"shards": 3}),
    "activities": (
        forward_gradient,
        {"directions": 4, "perturb": "activities", "orthogonal": True},
        {},
    ),
    "exact": (exact_gradient, {}, {"shards": 5}),
}


def run(workers, gradient=forward_gradient, *, schedule=lambda progress: 1.0, **options):
    """The bytes of the weights after a run of 15 steps, and the loss of each."""
    model = MLP(SIZES, rng=1)
    history = train(
        model,
        DATA,
        gradient,
        epochs=3,
        batch_size=32,
        learning_rate=0.01,
        schedule=schedule,
        shift=False,
        progress=False,
        workers=workers,
        **options,
    )
    return b"".join(p.tobytes() for p in model.parameters), history.steps


def alone(gradient=forward_gradient, *, shards=None, groups=None, **options):
    return run(Workers(0, shards=shards, groups=groups), gradient, **options)


def at(actions):
    """A schedule that does something else, too, before the step of a number."""
    return lambda progress: actions.pop(round(progress * 15), lambda: None)() or 1.0
