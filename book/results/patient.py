"""The notebook as written, on all of MNIST: what it prints, and what it should have looked at.

    python book/results/patient.py            about two minutes
    python book/results/patient.py --sample   one seed and two epochs, held against patient.json

MNIST is found as `mnist.load(full=True)` finds it: the variable DUALEDU_MNIST names its folder.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import samples

from dualedu import mnist
from dualedu.teaching.patient import Epoch, Switches, train

SEEDS = range(5)
EPOCHS = 10
RATES = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4]
RATE_SEEDS = range(3)


def measure(sample: bool) -> dict[str, Any]:
    digits = mnist.load(full=True)
    runs = {}
    for seed in SEEDS[:1] if sample else SEEDS:
        _, history = train(Switches(), digits, 2 if sample else EPOCHS, rng=seed)
        runs[str(seed)] = columns(history)
        print(f"seed {seed}: {history[-1]}", file=sys.stderr, flush=True)
    results: dict[str, Any] = {
        "what": "the notebook as written, on 60,000 + 10,000 images, by seed",
        "runs": runs,
    }
    if not sample:
        results["rates"] = {f"{rate:g}": at_rate(rate, digits) for rate in RATES}
    return results


def at_rate(rate: float, digits: mnist.Digits) -> dict[str, Any]:
    """One epoch at another learning rate, all else as written."""
    switches = Switches(learning_rate=rate)
    return {str(seed): columns(train(switches, digits, rng=seed)[1]) for seed in RATE_SEEDS}


def columns(history: list[Epoch]) -> dict[str, list[float]]:
    """One list for each quantity; its first entry belongs to the untrained network."""
    return {name: [getattr(epoch, name) for epoch in history] for name in Epoch._fields}


if __name__ == "__main__":
    sys.exit(samples.main(__file__, str(__doc__), measure))
