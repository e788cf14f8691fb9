"""Wider networks on all of MNIST: what exact forward mode reaches, and two hidden layers of 1024.

    python book/results/mnist_wide.py            about half an hour on an idle core
    python book/results/mnist_wide.py --sample   a run of torch, held against mnist_wide.json

MNIST is found as `mnist.load(full=True)` finds it: the variable DUALEDU_MNIST names its folder.
Every setting is chosen on 5,000 of the training images and one start; then the runs learn from all
60,000, as in mnist_full.py, each in a process of its own with one thread. With two hidden layers
the rate of the exact gradient is chosen by torch's, which is the same gradient and the faster one.
"""

from __future__ import annotations

import json
import os
import sys
from statistics import median
from time import process_time
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import mnist_runs
import samples
from mnist_full import torch_gradient

from dualedu import mnist, training
from dualedu.nn import MLP
from dualedu.training.recipes import gradient_options

HELD_OUT = 5000
BEST_SEEDS = (0, 1, 2, 3, 4)
BEST = [
    {"sizes": (784, width, 10), "epochs": epochs, "learning_rate": rate, "shift": True}
    for width, epochs, rate in [
        (256, 20, 0.05),
        (512, 20, 0.05),
        (512, 20, 0.025),
        (512, 20, 0.1),
    ]
]

TWO = (784, 1024, 1024, 10)
RATES = {
    "activities": (0.00015625, 0.0003125, 0.000625, 0.00125),
    "torch": (0.0125, 0.025, 0.05, 0.1),
}
SHORT, LONG = 3, 10
RUNS = (
    f"exact, {SHORT} epochs",
    f"torch, {SHORT} epochs",
    f"activities, {SHORT} epochs",
    f"torch, {LONG} epochs",
    f"activities, {LONG} epochs",
)
"""The runs with two hidden layers, from one start: an exact epoch takes minutes."""


def run(
    method: str,
    seed: int,
    sizes: tuple[int, ...],
    epochs: int,
    learning_rate: float,
    shift: bool = False,
    held_out: int = 0,
) -> dict[str, Any]:
    """One run: its settings, its epochs' accuracies on the images held out or else the test images,
    and processor seconds an epoch. An accuracy of 0 if it diverged."""
    model = MLP(sizes, rng=seed)
    digits = mnist.load(full=True, normalised=True)
    gradient: Any = training.forward_gradient if method == "activities" else training.exact_gradient
    if method == "torch":
        import torch

        torch.set_num_threads(1)
        gradient = torch_gradient
    options = gradient_options(method, 1, sizes[1]) if method == "activities" else {}
    began = process_time()
    history = mnist_runs.trained(
        digits,
        model,
        gradient,
        held_out,
        epochs=epochs,
        learning_rate=learning_rate,
        shift=shift,
        rng=seed,
        **options,
    )
    if history is None:
        return {"settings": {}, "accuracy": [0.0], "train_loss": [], "epoch_seconds": None}
    return {
        "settings": {key: value for key, value in history.settings.items() if key != "seed"},
        "accuracy": history["validation_accuracy" if held_out else "test_accuracy"],
        "train_loss": history["train_loss"],
        "epoch_seconds": (process_time() - began) / epochs,
    }


def child(method: str, seed: int, **settings: Any) -> dict[str, Any]:
    """The same in a process of its own."""
    request = json.dumps({"method": method, "seed": seed} | settings)
    found = mnist_runs.apart(__file__, request)
    print(f"{request}: {found['accuracy'][-1]}", file=sys.stderr, flush=True)
    return found


def chosen(method: str, tried: list[dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The settings that read most of the images held out, of equal ones the first, and what each of
    them read."""
    found = [child(method, 0, **settings, held_out=HELD_OUT)["accuracy"][-1] for settings in tried]
    return tried[found.index(max(found))], [
        settings | {"validation_accuracy": accuracy}
        for settings, accuracy in zip(tried, found, strict=True)
    ]


def runs(method: str, seeds: tuple[int, ...], settings: dict[str, Any]) -> dict[str, Any]:
    """One setting from several starts, on all training images and the test images."""
    done = [child(method, seed, **settings) for seed in seeds]
    return {
        "settings": done[0]["settings"],
        "seeds": seeds,
        "test_accuracy": mnist_runs.over_starts([each["accuracy"][-1] for each in done]),
        "epoch_seconds": median(each["epoch_seconds"] for each in done),
        "epochs": [each["accuracy"] for each in done],
        "train_loss": [each["train_loss"] for each in done],
    }


def measure(sample: bool) -> dict[str, Any]:
    if sample:
        settings = {"sizes": TWO, "epochs": SHORT, "learning_rate": 0.05}
        found = run("torch", 0, **settings)
        return {"two": {"runs": {f"torch, {SHORT} epochs": {"epochs": [found["accuracy"]]}}}}
    best, tried = chosen("exact", BEST)
    result: dict[str, Any] = {
        "what": "test accuracy on all of MNIST of wider networks",
        "held_out": HELD_OUT,
        "best": {"tried": tried, **runs("exact", BEST_SEEDS, best)},
        "two": {"tried": {}, "runs": {}},
    }
    rates = {}
    for method, grid in RATES.items():
        short = [{"sizes": TWO, "epochs": SHORT, "learning_rate": rate} for rate in grid]
        best, tried = chosen(method, short)
        rates[method] = best["learning_rate"]
        result["two"]["tried"][method] = tried
    rates["exact"] = rates["torch"]
    for name in RUNS:
        method, epochs = name.removesuffix(" epochs").split(", ")
        settings = {"sizes": TWO, "epochs": int(epochs), "learning_rate": rates[method]}
        result["two"]["runs"][name] = runs(method, (0,), settings)
    return result


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        print(json.dumps(run(**json.loads(sys.argv[1]))))
    else:
        sys.exit(samples.main(__file__, str(__doc__), measure))
