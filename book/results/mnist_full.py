"""The whole of MNIST learned forward, and beside it by torch's backpropagation.

    python book/results/mnist_full.py            about ten minutes on an idle core
    python book/results/mnist_full.py --sample   one epoch, held against mnist_full.json

MNIST is found as `mnist.load(full=True)` finds it: the variable DUALEDU_MNIST names its folder.
Every run starts from MLP(rng=seed) and takes the batches of train(rng=seed), with the rates that
rates.py chose on images held out. For torch only the function that gives the gradient differs; it
has processes of its own, since beside NumPy in one process it looks slower than it is.
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

from dualedu import mnist, training
from dualedu.nn import MLP
from dualedu.training.recipes import default_rate, gradient_options

SEEDS = (0, 1, 2, 3, 4)

RUNS: dict[str, dict[str, Any]] = {
    "exact": {},
    "exact, one epoch": {"epochs": 1},
    "exact, shifted": {"shift": True},
    "torch": {},
    "torch, shifted": {"shift": True},
    "activities, 64": {"method": "activities", "directions": 64},
    "activities, 16": {"method": "activities", "directions": 16},
    "activities, 1": {"method": "activities", "directions": 1},
    "weights, 64": {"method": "weights", "directions": 64},
    "weights, 1": {"method": "weights", "directions": 1},
}


def torch_gradient(model, images, labels):
    """What exact_gradient returns, by torch's backpropagation."""
    import torch

    parameters = [torch.from_numpy(p).requires_grad_() for p in model.parameters]
    *hidden, (weights, bias) = zip(parameters[::2], parameters[1::2], strict=True)
    a = torch.from_numpy(images)
    for w, b in hidden:
        a = torch.relu(a @ w + b)
    logits = a @ weights + bias
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels))
    return loss.item(), [g.numpy() for g in torch.autograd.grad(loss, parameters)]


def run(name: str, seed: int) -> dict[str, Any]:
    """One run of RUNS: its settings, its epochs' metrics as columns, the versions it used."""
    settings = {"epochs": 10, "method": "exact", "directions": 1} | RUNS[name]
    method, directions = settings.pop("method"), settings.pop("directions")
    model = MLP(rng=seed)
    gradient: Any = training.exact_gradient if method == "exact" else training.forward_gradient
    versions = {}
    if name.startswith("torch"):
        import torch

        torch.set_num_threads(1)
        gradient = torch_gradient
        versions["torch"] = torch.__version__
    digits = mnist.load(full=True, normalised=True)
    began = process_time()
    history = training.train(
        model,
        digits,
        gradient,
        learning_rate=default_rate(method, directions),
        rng=seed,
        progress=False,
        **settings,
        **gradient_options(method, directions, model.sizes[1]),
    )
    return {
        "settings": {key: value for key, value in history.settings.items() if key != "seed"},
        "versions": history.versions | versions,
        "epoch_seconds": (process_time() - began) / len(history.epochs),
        "epochs": {metric: history[metric] for metric in history.epochs[0] if metric != "seconds"},
    }


def measure(sample: bool) -> dict[str, Any]:
    if sample:
        epochs = run("exact, one epoch", SEEDS[0])["epochs"]
        part = {metric: epochs[metric] for metric in ("test_accuracy", "test_loss", "train_loss")}
        return {"runs": {"exact, one epoch": {"epochs": {str(SEEDS[0]): part}}}}
    done: dict[str, list[dict[str, Any]]] = {name: [] for name in RUNS}
    for seed in SEEDS:
        for name, found in done.items():
            found.append(child(name, seed))
    return {
        "what": "test accuracy on all of MNIST, and processor seconds an epoch",
        "seeds": SEEDS,
        "runs": {name: summary(found, done["torch"]) for name, found in done.items()},
    }


def child(name: str, seed: int) -> dict[str, Any]:
    """The run in a process of its own."""
    found = mnist_runs.apart(__file__, name, str(seed))
    print(f"{name}, {seed}: {found['epochs']['test_accuracy'][-1]}", file=sys.stderr, flush=True)
    return found


def summary(done: list[dict[str, Any]], torch: list[dict[str, Any]]) -> dict[str, Any]:
    """What the starts of a run have in common, and how far they are apart."""
    seconds = [found["epoch_seconds"] for found in done]
    return {
        "settings": done[0]["settings"],
        "versions": done[0]["versions"],
        "test_accuracy": mnist_runs.over_starts(
            [found["epochs"]["test_accuracy"][-1] for found in done]
        ),
        "epoch_seconds": {
            "median": median(seconds),
            "to_torch": median(s / t["epoch_seconds"] for s, t in zip(seconds, torch, strict=True)),
        },
        "epochs": {str(seed): found["epochs"] for seed, found in zip(SEEDS, done, strict=True)},
    }


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(run(sys.argv[1], int(sys.argv[2]))))
    else:
        sys.exit(samples.main(__file__, str(__doc__), measure))
