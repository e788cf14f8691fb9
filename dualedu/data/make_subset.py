"""Make mnist.npz, the embedded subset, from the four raw MNIST files.

    python dualedu/data/make_subset.py ROOT      (the raw files lie in ROOT/MNIST/raw)

Draws 1,000 training images per class from MNIST's training set and 200 test images per class
from its test set, in shuffled order, and leaves every pixel as it was. The same four files give
the same bytes again wherever Python is built with zlib; another deflate library (zlib-ng, say)
packs the same pixels into other bytes. The last line printed is the one `dualedu/mnist.py` checks.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPLITS = {"train": ("train", 1_000), "test": ("t10k", 200)}
SEED = 1998
TARGET = Path(__file__).with_name("mnist.npz")


def balanced(
    labels: NDArray[np.uint8], per_class: int, rng: np.random.RandomState
) -> NDArray[np.intp]:
    """Indices of `per_class` random items of each digit, in random order."""
    classes = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    return rng.permutation(np.concatenate([members[:per_class] for members in classes]))


def subset(root: Path) -> dict[str, Any]:
    """The arrays of the subset: images (N, 784) and labels (N,), both uint8."""
    # RandomState, because NumPy froze its stream; a Generator's may change between versions.
    rng = np.random.RandomState(SEED)
    arrays = {}
    for split, (prefix, per_class) in SPLITS.items():
        raw = root / "MNIST" / "raw"
        images = np.fromfile(raw / f"{prefix}-images-idx3-ubyte", np.uint8, offset=16)
        labels = np.fromfile(raw / f"{prefix}-labels-idx1-ubyte", np.uint8, offset=8)
        chosen = balanced(labels, per_class, rng)
        arrays[f"{split}_images"] = images.reshape(-1, 784)[chosen]
        arrays[f"{split}_labels"] = labels[chosen]
    return arrays


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} ROOT   (the raw files lie in ROOT/MNIST/raw)")
    np.savez_compressed(TARGET, **subset(Path(sys.argv[1])))
    packed = TARGET.read_bytes()
    print(f"{TARGET}: {len(packed):,} bytes\nsha256 {hashlib.sha256(packed).hexdigest()}")
