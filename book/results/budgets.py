"""One direction a step, for 10, 30 and 100 epochs on all of MNIST: what more steps bring.

    python book/results/budgets.py            about half an hour
    python book/results/budgets.py --sample   three epochs of the first run, held against the curve

MNIST is found as `mnist.load(full=True)` finds it: the variable DUALEDU_MNIST names its folder.
Each budget has a rate of its own: the one of half, once, twice and four times the rate of
`dualedu.training.recipes` with the best accuracy on 5,000 training images held out, one seed. Then
three seeds train on all 60,000.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import samples

from dualedu import mnist, training
from dualedu.nn import MLP
from dualedu.training.recipes import default_rate, gradient_options

BUDGETS, SEEDS, HELD_OUT, FACTORS = (10, 30, 100), (0, 1, 2), 5000, (0.5, 1, 2, 4)


def trained(digits: Any, method: str, epochs: int, rate: float, seed: int, **options: Any) -> Any:
    """The metrics of each epoch; None if the run diverged."""
    model = MLP(rng=seed)
    try:
        return training.train(
            model,
            digits,
            training.forward_gradient,
            epochs=epochs,
            learning_rate=rate,
            rng=seed,
            progress=False,
            **gradient_options(method, 1, model.sizes[1]),
            **options,
        )
    except training.Diverged:
        return None


def on_held_out(digits: mnist.Digits, method: str, epochs: int, rate: float) -> float | None:
    """The accuracy on the images held out after the last epoch, of one seed."""
    images = (digits.train_images, digits.train_labels)
    history = trained(images, method, epochs, rate, 0, validation=HELD_OUT)
    return None if history is None else history["validation_accuracy"][-1]


def measure(sample: bool) -> dict[str, Any]:
    digits = mnist.load(full=True, normalised=True)
    if sample:
        rate = samples.stored(__file__)["runs"]["activities"]["10"]["rate"]
        found = first_epochs(digits, rate)
        return {"runs": {"activities": {"10": {"first": found}}}}
    runs: dict[str, Any] = {}
    for method in ("activities", "weights"):
        for epochs in BUDGETS:
            rates = [factor * default_rate(method, 1) for factor in FACTORS]
            tried = {rate: on_held_out(digits, method, epochs, rate) for rate in rates}
            best = max(tried, key=lambda rate: tried[rate] or 0)
            histories = [trained(digits, method, epochs, best, seed) for seed in SEEDS]
            accuracies = [history["test_accuracy"][-1] for history in histories]
            print(f"{method}, {epochs} epochs: {tried}, {accuracies}", file=sys.stderr, flush=True)
            runs.setdefault(method, {})[str(epochs)] = {
                "held out": {f"{rate:g}": found for rate, found in tried.items()},
                "rate": best,
                "test_accuracy": {
                    "seeds": accuracies,
                    "mean": sum(accuracies) / len(accuracies),
                    "lowest": min(accuracies),
                },
            }
    runs["activities"]["10"]["first"] = first_epochs(digits, runs["activities"]["10"]["rate"])
    return {
        "what": "test accuracy with one direction a step, by method and epochs",
        "seeds": SEEDS,
        "held_out": HELD_OUT,
        "runs": runs,
    }


def first_epochs(digits: mnist.Digits, rate: float) -> list[float]:
    """The training losses of a run of three epochs, to hold a sample against."""
    history = trained(digits, "activities", 3, rate, 0)
    return [float(loss) for loss in history["train_loss"]]


if __name__ == "__main__":
    sys.exit(samples.main(__file__, str(__doc__), measure))
