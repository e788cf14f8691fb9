"""How much memory each way to a gradient needs, as the network grows deeper.

    python book/results/memory.py

writes memory.json: for networks of 4 and 16 hidden layers, the largest memory in use at any moment,
counted in arrays of the size of one layer's result, as tracemalloc sees it.
"""

import time
import tracemalloc
from typing import Any

import numpy as np
from store import save

from dualedu import jvp, nn, training

WIDTH, BATCH, DEPTHS = 32, 512, (4, 16)
IMAGES = np.random.default_rng(0).standard_normal((BATCH, WIDTH))
LABELS = np.arange(BATCH) % 10


def network(depth: int) -> Any:
    return nn.MLP((WIDTH,) * (depth + 1) + (10,), "tanh", rng=0, dtype=np.float64)


def along(model: Any, *lead: int) -> Any:
    """One direction over all parameters, or several at once."""
    directions = tuple(np.ones((*lead, *p.shape)) for p in model.parameters)
    return jvp(
        lambda *p: model.loss(IMAGES, LABELS, p),
        tuple(model.parameters),
        directions,
    )


def activities(model: Any) -> Any:
    return training.forward_gradient(model, IMAGES, LABELS, 1, rng=0, perturb="activities")


def weights(model: Any) -> Any:
    return training.forward_gradient(model, IMAGES, LABELS, 1, rng=0)


# --- backpropagation, with and without checkpoints -----------------------------------------------


def forward(layers: Any, a: Any) -> list[Any]:
    """What enters each of the hidden layers, and what leaves the last one."""
    kept = [a]
    for layer in layers:
        kept.append(np.tanh(nn.affine(kept[-1], *layer)))
    return kept


def backward(layers: Any, kept: list[Any], slopes: Any) -> tuple[list[Any], Any]:
    """The gradients of some layers, last first, and the slopes before them. Uses `kept` up."""
    gradients = []
    for matrix, _ in layers[::-1]:
        a = kept.pop()
        gradients += [slopes.sum(axis=0), a.T @ slopes]
        slopes = (slopes @ matrix.T) * (1 - a**2)
    return gradients, slopes


def at_logits(model: Any, a: Any) -> Any:
    return (nn.softmax(nn.affine(a, *model.layers()[-1])) - np.eye(10)[LABELS]) / BATCH


def backpropagation(model: Any) -> list[Any]:
    kept = forward(model.layers()[:-1], IMAGES)
    return backward(model.layers(), kept, at_logits(model, kept[-1]))[0][::-1]


def checkpointed(model: Any) -> list[Any]:
    """Only what enters each block of √depth layers is kept; the blocks are run again."""
    *hidden, last = model.layers()
    size = round(len(hidden) ** 0.5)
    blocks = [hidden[i : i + size] for i in range(0, len(hidden), size)]
    starts = [IMAGES]
    for block in blocks:
        a = starts[-1]
        for layer in block:
            a = np.tanh(nn.affine(a, *layer))
        starts.append(a)
    gradients, slopes = backward([last], [starts[-1]], at_logits(model, starts.pop()))
    for block in blocks[::-1]:
        more, slopes = backward(block, forward(block[:-1], starts.pop()), slopes)
        gradients += more
    return gradients[::-1]


WAYS = {
    "jvp, one direction": along,
    "jvp, 32 directions at once": lambda model: along(model, WIDTH),
    "forward gradient over weights": weights,
    "forward gradient over activities": activities,
    "exact_gradient": lambda model: training.exact_gradient(model, IMAGES, LABELS),
    "backpropagation": backpropagation,
    "backpropagation, checkpoints": checkpointed,
}


def peak(way: Any, depth: int) -> float:
    model = network(depth)
    way(model)
    tracemalloc.start()
    way(model)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return float(most / IMAGES.nbytes)


if __name__ == "__main__":
    began = time.perf_counter()
    arrays = {
        name: {str(depth): round(peak(way, depth), 1) for depth in DEPTHS}
        for name, way in WAYS.items()
    }
    save(__file__, {"width": WIDTH, "batch": BATCH, "arrays": arrays}, began)
