"""Learning rates for each way to the gradient, chosen on 5,000 of MNIST's training images.

    python book/results/rates.py            about ten minutes
    python book/results/rates.py --sample   one rate and one seed, held against rates.json

MNIST is found as `mnist.load(full=True)` finds it: the variable DUALEDU_MNIST names its folder.
Each rate trains on the other 55,000 images, as `python -m dualedu.training --full` would; the test
images are never looked at. The rate with the best mean accuracy on the 5,000 becomes the default
of `dualedu.training.recipes`.
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
from dualedu.training.recipes import gradient_options

EPOCHS, SEEDS, HELD_OUT = 10, (0, 1), 5000

GRID = {
    ("exact", 1): (0.0125, 0.025, 0.05, 0.1),
    ("activities", 1): (0.000625, 0.00125, 0.0025, 0.005),
    ("activities", 4): (0.00125, 0.0025, 0.005, 0.01),
    ("activities", 16): (0.005, 0.01, 0.02, 0.04),
    ("activities", 64): (0.0125, 0.025, 0.05, 0.1),
    ("weights", 1): (1.25e-5, 2.5e-5, 5e-5, 1e-4),
    ("weights", 16): (6.25e-5, 1.25e-4, 2.5e-4, 5e-4),
    ("weights", 64): (1.25e-4, 2.5e-4, 5e-4, 1e-3),
}


def measure(sample: bool) -> dict[str, Any]:
    digits = mnist.load(full=True, normalised=True)
    if sample:
        found = accuracies(digits, "exact", 1, 0.05, SEEDS[:1])
        return {"exact": {"1": {"accuracies": {"0.05": found}}}}
    results: dict[str, Any] = {
        "what": "validation accuracy by method, directions, learning rate and seed; null: diverged",
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "held_out": HELD_OUT,
    }
    for (method, directions), rates in GRID.items():
        tried = {rate: accuracies(digits, method, directions, rate, SEEDS) for rate in rates}
        results.setdefault(method, {})[str(directions)] = {
            "options": gradient_options(method, directions, 128),
            "accuracies": {f"{rate:g}": found for rate, found in tried.items()},
            "best": max(tried, key=lambda rate: sum(a or 0 for a in tried[rate])),
        }
    return results


def accuracies(
    digits: mnist.Digits, method: str, directions: int, rate: float, seeds: tuple[int, ...]
) -> list[float | None]:
    """The accuracy on the images held out after the last epoch, by seed; None if it diverged."""
    found: list[float | None] = []
    for seed in seeds:
        model = MLP(rng=seed)
        history = mnist_runs.trained(
            digits,
            model,
            training.exact_gradient if method == "exact" else training.forward_gradient,
            HELD_OUT,
            epochs=EPOCHS,
            learning_rate=rate,
            rng=seed,
            **gradient_options(method, directions, model.sizes[1]),
        )
        found.append(None if history is None else history["validation_accuracy"][-1])
    print(f"{method} {directions}, rate {rate:g}: {found}", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    sys.exit(samples.main(__file__, str(__doc__), measure))
