"""The small network that reads the digits drawn on the book's pages, learned forward.

    python book/results/digit_model.py            half a minute
    python book/results/digit_model.py --sample   one epoch only, held against what is stored

MNIST is found as `mnist.load(full=True)` finds it: the variable DUALEDU_MNIST names its folder.
The network goes to dualedu/data/digits_model.npz in half precision, with the command that made it,
its accuracies (both measured after the rounding) and some test images to begin with.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from dualedu import mnist, training
from dualedu.nn import MLP
from dualedu.training.history import written_whole

WIDTH, EPOCHS, LEARNING_RATE, SEED = 32, 20, 0.1, 0
EXAMPLES = {
    **{str(d): i for d, i in enumerate((5, 16, 9, 1, 11, 14, 3, 22, 4, 0))},
    "9 or 4": 84,
    "3 or 5": 844,
    "7 or 9": 1863,
}
"""Images to start from, by their place in the embedded test set: the first of each digit, and
three of which the network is unsure."""

TARGET = Path(__file__).parents[2] / "dualedu" / "data" / "digits_model.npz"


def trained(epochs: int) -> MLP:
    """A network learned from ink in [0, 1] with shifts of a pixel, rounded to half precision.

    Paper stays 0, not the mean: a pixel that never held ink then never changes a weight, and its
    weights start at 0. So the map of what ink would do is silent where nothing was learned.
    """
    digits = mnist.load(full=True)
    model = MLP((784, WIDTH, 10), rng=SEED)
    spread = digits.train_images.std(axis=0)
    model.parameters[0] *= (spread / spread.max())[:, None]
    training.train(
        model,
        digits,
        epochs=epochs,
        learning_rate=LEARNING_RATE,
        shift=True,
        rng=SEED,
        progress=False,
    )
    model.parameters = [p.astype(np.float16).astype(np.float32) for p in model.parameters]
    return model


def accuracies(model: MLP) -> dict[str, float]:
    """The share read rightly of MNIST's 10,000 test images, and of the 2,000 embedded."""
    sets = {"test_accuracy": mnist.load(full=True), "embedded_accuracy": mnist.load()}
    return {name: model.accuracy(d.test_images, d.test_labels) for name, d in sets.items()}


def save(model: MLP) -> None:
    arrays: dict[str, Any] = {
        name: p.astype(np.float16)
        for name, p in zip(("W1", "b1", "W2", "b2"), model.parameters, strict=True)
    }
    file = io.BytesIO()
    images = mnist.load().test_images[list(EXAMPLES.values())]
    arrays["names"], arrays["examples"] = list(EXAMPLES), np.rint(255 * images).astype(np.uint8)
    made = {"command": "python book/results/digit_model.py", "seed": SEED, "epochs": EPOCHS}
    np.savez_compressed(file, **arrays, **made, **accuracies(model))
    written_whole(TARGET, file.getvalue())
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, {accuracies(model)}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", action="store_true", help="one epoch, nothing stored")
    if not parser.parse_args().sample:
        save(trained(EPOCHS))
        return 0
    with np.load(TARGET) as stored:
        short, long = accuracies(trained(1))["test_accuracy"], float(stored["test_accuracy"])
    agrees = long - 0.1 < short < long
    print(f"digit_model: {short:.4f} after one epoch, {long:.4f} stored")
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
