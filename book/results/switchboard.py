"""Every combination of the notebook's mistakes and repairs, one epoch on all of MNIST.

    python book/results/switchboard.py            about ten minutes
    python book/results/switchboard.py --sample   two combinations, held against switchboard.json

A repaired learning rate is chosen for each combination of the other switches: the one with the
best accuracy on the last 5,000 training images, after an epoch on the other 55,000. The test
images have no part in it. MNIST is found as `mnist.load(full=True)` finds it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from itertools import product
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import samples

from dualedu import mnist
from dualedu.teaching.patient import POSITIONS, Switches, train

RATES = [float(f"{digit}e{power}") for power in range(-8, 1) for digit in (1, 3)]
SEEDS = range(5)
RATE_SEED = 100
VALIDATION = 5_000


def measure(sample: bool) -> dict[str, Any]:
    digits = mnist.load(full=True)
    return {
        "what": "one epoch of 60,000 images by combination of switches, tested on 10,000",
        "validation_images": VALIDATION,
        "seeds": SEEDS if not sample else SEEDS[:1],
        "runs": sampled(digits) if sample else everything(digits),
    }


def sampled(digits: mnist.Digits) -> dict[str, Any]:
    """The notebook as written and wholly repaired, first seed, at the stored learning rate."""
    ends = [Switches(), Switches("full", "units", 1.0, "scaled", "mean")]
    written, repaired = (name(s) for s in ends)
    rate = samples.stored(__file__)["runs"][repaired]["rates"]["chosen"]["learning_rate"]
    return {
        written: {"rates": {"written": outcome(ends[0], digits, SEEDS[:1])}},
        repaired: {
            "rates": {"chosen": outcome(replace(ends[1], learning_rate=rate), digits, SEEDS[:1])}
        },
    }


def everything(digits: mnist.Digits) -> dict[str, Any]:
    runs = {}
    for position in product(*POSITIONS.values()):
        switches = Switches(**dict(zip(POSITIONS, position, strict=True)))  # type: ignore[arg-type]
        tried, best = choose_rate(switches, digits)
        runs[name(switches)] = {
            "switches": dict(zip(POSITIONS, position, strict=True)),
            "validation": tried,
            "rates": {
                "written": outcome(switches, digits, SEEDS),
                "chosen": outcome(replace(switches, learning_rate=best), digits, SEEDS),
            },
        }
        print(
            f"{name(switches)} at {best:g}: {runs[name(switches)]['rates']['chosen']}",
            file=sys.stderr,
            flush=True,
        )
    return runs


def choose_rate(switches: Switches, digits: mnist.Digits) -> tuple[list[dict[str, float]], float]:
    """Accuracy and cross-entropy on the validation images by rate, and the most accurate rate."""
    x, y = digits.train_images, digits.train_labels
    split = mnist.Digits(x[:-VALIDATION], y[:-VALIDATION], x[-VALIDATION:], y[-VALIDATION:])
    tried = []
    for rate in RATES:
        last = train(replace(switches, learning_rate=rate), split, rng=RATE_SEED)[1][-1]
        tried.append(
            {
                "learning_rate": rate,
                "accuracy": last.accuracy,
                "cross_entropy": last.cross_entropy,
            }
        )
    return tried, max(tried, key=lambda t: t["accuracy"])["learning_rate"]


def outcome(switches: Switches, digits: mnist.Digits, seeds: range) -> dict[str, Any]:
    """Test accuracy and cross-entropy of each seed, before and after one epoch."""
    histories = [train(switches, digits, rng=seed)[1] for seed in seeds]
    return {
        "learning_rate": switches.learning_rate,
        "accuracy": [after.accuracy for _, after in histories],
        "cross_entropy_before": [before.cross_entropy for before, _ in histories],
        "cross_entropy": [after.cross_entropy for _, after in histories],
    }


def name(switches: Switches) -> str:
    return " ".join(str(getattr(switches, key)) for key in POSITIONS)


if __name__ == "__main__":
    sys.exit(samples.main(__file__, str(__doc__), measure))
