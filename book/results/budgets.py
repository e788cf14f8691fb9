"""One random direction with more time: all of MNIST, over activities and over weights.

    python book/results/budgets.py            about an hour
    python book/results/budgets.py --sample   one run of 30 epochs, held against budgets.json

MNIST is found as `mnist.load(full=True)` finds it: the variable DUALEDU_MNIST names its folder.
For each budget the rate is chosen anew, on 5,000 of the training images and one start: from the
rate of the shorter budget it is halved for as long as that helps, or else doubled. Then three
starts learn from all 60,000 images, as in mnist_full.py, which has the 10 epochs to begin with.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import mnist_runs
import samples

from dualedu import mnist, training
from dualedu.nn import MLP
from dualedu.training.recipes import default_rate, gradient_options

METHODS, BUDGETS = ("activities", "weights"), (30, 100)
SEEDS, HELD_OUT = (0, 1, 2), 5000


def measure(sample: bool) -> dict[str, Any]:
    if sample:
        stored = samples.stored(__file__)["runs"]["weights"]["30"]
        found = accuracy("weights", 30, stored["learning_rate"], SEEDS[0])
        return {"runs": {"weights": {"30": {"test_accuracy": [found]}}}}
    runs: dict[str, dict[int, dict[str, Any]]] = {}
    for method in METHODS:
        rate, runs[method] = default_rate(method, 1), {}
        for epochs in BUDGETS:
            tried = search(method, epochs, rate)
            rate = best(tried)
            runs[method][epochs] = {
                "validation_accuracy": {f"{rate:g}": found for rate, found in tried.items()},
                "learning_rate": rate,
                "test_accuracy": [accuracy(method, epochs, rate, seed) for seed in SEEDS],
            }
    return {
        "what": "accuracy by method and epochs, one direction: on images held out by rate, then on "
        "the test images by seed",
        "seeds": SEEDS,
        "held_out": HELD_OUT,
        "options": {method: gradient_options(method, 1, MLP().sizes[1]) for method in METHODS},
        "runs": runs,
    }


def search(method: str, epochs: int, rate: float) -> dict[float, float]:
    """The accuracy on the images held out by rate: from this rate down the factors of two, or up,
    to the first that does not help."""
    tried = {rate: accuracy(method, epochs, rate, SEEDS[0], HELD_OUT)}
    for factor in (0.5, 2.0):
        while best(tried) * factor not in tried:
            tried[best(tried) * factor] = accuracy(
                method, epochs, best(tried) * factor, SEEDS[0], HELD_OUT
            )
    return tried


def best(tried: dict[float, float]) -> float:
    return max(tried, key=lambda rate: tried[rate])


def accuracy(method: str, epochs: int, rate: float, seed: int, held_out: int = 0) -> float:
    """Of one run, after its last epoch: on the images held out, or else on the test images.

    0 if it diverged.
    """
    model = MLP(rng=seed)
    history = mnist_runs.trained(
        mnist.load(full=True, normalised=True),
        model,
        training.forward_gradient,
        held_out,
        epochs=epochs,
        learning_rate=rate,
        rng=seed,
        **gradient_options(method, 1, model.sizes[1]),
    )
    if history is None:
        return 0.0
    found: float = history["validation_accuracy" if held_out else "test_accuracy"][-1]
    print(f"{method}, {epochs} epochs, rate {rate:g}, seed {seed}: {found}", file=sys.stderr)
    return found


if __name__ == "__main__":
    sys.exit(samples.main(__file__, str(__doc__), measure))
