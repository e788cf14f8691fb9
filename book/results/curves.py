"""What each combination of the switchboard does during its epoch: curves, and the step's cosine.

    python book/results/curves.py            about ten minutes
    python book/results/curves.py --sample   two combinations, held against curves.json

The runs are those of switchboard.py, at the rates that it chose, so both end at the same accuracy.
At some thirty moments the network is tested, and its step is held against the true gradient: that
of the same loss on the same batch, by the full softmax and unit seeds. The cosine of their angle is
the mean of a few batches. Beside curves.json, the numbers go into the package for its widget.
MNIST is found as `mnist.load(full=True)` finds it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import samples
from switchboard import SEEDS, name

import dualedu
from dualedu import mnist
from dualedu.teaching.patient import BATCH, Switches, evaluate, gradients, pixels, steps

PACKED = Path(dualedu.__file__).with_name("data") / "switchboard.npz"
MOMENTS = [0, 5, 10, 20, *range(40, 938, 40), 938]
"""Steps after which to look: more often at the start, where most happens."""
BATCHES = 8
"""For each cosine: always the same images, the first of the training set."""
CURVES = ("cross_entropy", "accuracy", "cosine")


def measure(sample: bool) -> dict[str, Any]:
    digits = mnist.load(full=True)
    board = samples.stored(Path(__file__).with_name("switchboard.py"))["runs"]
    if sample:
        board = {
            key: board[key] for key in ("diagonal ones unscaled sum", "full units scaled mean")
        }
    seeds = SEEDS[:1] if sample else SEEDS
    runs = {}
    for key, run in board.items():
        runs[key] = {}
        for rate, end in run["rates"].items():
            switches = Switches(**run["switches"], learning_rate=end["learning_rate"])
            assert name(switches) == key
            found = [follow(switches, digits, seed) for seed in seeds]
            runs[key][rate] = {"learning_rate": switches.learning_rate} | {
                curve: [one[curve] for one in found] for curve in found[0]
            }
        print(key, file=sys.stderr, flush=True)
    result = {
        "what": "test images and the step's cosine to the gradient during an epoch of MNIST",
        "seeds": seeds,
        "images": [min(BATCH * moment, len(digits.train_labels)) for moment in MOMENTS],
        "batches_for_each_cosine": BATCHES,
        "runs": runs,
    }
    if not sample:
        pack(samples.plain(result))
    return result


def follow(switches: Switches, digits: mnist.Digits, seed: int) -> dict[str, Any]:
    """One start's curves, and after how many images its weights were no longer finite."""
    test = pixels(digits.test_images)
    images, labels = pixels(digits.train_images[: BATCHES * BATCH]), digits.train_labels
    batches = [(images[i : i + BATCH], labels[i : i + BATCH]) for i in range(0, len(images), BATCH)]
    curves: dict[str, list[float]] = {curve: [] for curve in CURVES}
    overflowed = None
    rng = np.random.default_rng([seed, 1])  # of the looks' random directions, not the training's
    for done, (weights, _) in enumerate(steps(switches, digits, rng=seed)):
        if overflowed is None and not all(np.isfinite(w).all() for w in weights):
            overflowed = min(BATCH * done, len(labels))
        if done in MOMENTS:
            loss, accuracy = evaluate(weights, test, digits.test_labels)
            between = np.mean([cosine(switches, weights, *batch, rng) for batch in batches])
            for curve, value in zip(CURVES, (loss, accuracy, float(between)), strict=True):
                curves[curve].append(value)
    return curves | {"overflowed_after": overflowed}


def cosine(switches: Switches, weights: list[Any], x: Any, labels: Any, rng: Any) -> float:
    """Of the angle between step and true gradient; NaN where one of them is 0 or not finite."""
    true = replace(switches, softmax="full", seeds="units")
    with np.errstate(all="ignore"):
        step, slope = (
            np.concatenate([g.ravel() for g in gradients(weights, x, labels, s, rng)[1]])
            for s in (switches, true)
        )
        # In double precision: squares of steps this small or large leave float32's range.
        step, slope = step.astype(float), slope.astype(float)
        return float(step @ slope / np.sqrt((step @ step) * (slope @ slope)))


def pack(result: dict[str, Any]) -> None:
    """The curves as arrays (softmax · seeds · weights · loss, rate, seed, moment), half precision
    but for the accuracies, which are counts of 10,000 images."""
    runs = [list(run.values()) for run in result["runs"].values()]

    def array(key: str, of: Any = float) -> Any:
        return np.array([[rate[key] for rate in run] for run in runs], dtype=of)

    np.savez_compressed(
        PACKED,
        images=np.array(result["images"], np.uint16),
        learning_rate=array("learning_rate"),
        cross_entropy=array("cross_entropy").astype(np.float16),
        hits=np.rint(array("accuracy") * 10_000).astype(np.uint16),
        cosine=array("cosine").astype(np.float16),
        overflowed_after=array("overflowed_after"),
    )


if __name__ == "__main__":
    sys.exit(samples.main(__file__, str(__doc__), measure))
