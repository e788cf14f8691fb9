"""Curvatures of the book's network while it learns: the trace of the Hessian beside its largest.

    python book/results/effective_rank.py            about five minutes
    python book/results/effective_rank.py --sample   the first weights, held against the stored

The network of `python -m dualedu.training --full` learns by exact gradients, as in mnist_full.py.
At its start and after some epochs, the Hessian of the loss is examined on the same training images,
in float64: its largest eigenvalue by power iteration, its trace by random signs, and the curvature
along the gradient. A product with the Hessian is the jvp of a gradient. MNIST is found as
`mnist.load(full=True)` finds it.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import samples

from dualedu import jvp, mnist, nn, training

EPOCHS = (0, 1, 3, 10)
SEEDS = range(3)
IMAGES, ROUNDS = 512, 40
"""On how many images, and how many products with the Hessian for each of the two numbers; a sample
has a quarter of them, which is near enough beside the spread of the starts."""


def measure(sample: bool) -> dict[str, Any]:
    digits = mnist.load(full=True, normalised=True)
    epochs, seeds = (EPOCHS[:1], SEEDS[:1]) if sample else (EPOCHS, SEEDS)
    rounds = ROUNDS // 4 if sample else ROUNDS
    return {
        "what": "curvatures of the loss by epoch, one number a seed",
        "images": IMAGES,
        "products": ROUNDS,
        "parameters": sum(p.size for p in nn.MLP().parameters),
        "epochs": by_epoch([course(digits, seed, epochs, rounds) for seed in seeds]),
    }


def by_epoch(courses: list[dict[int, dict[str, float]]]) -> dict[int, dict[str, list[float]]]:
    return {
        epoch: {name: [course[epoch][name] for course in courses] for name in found}
        for epoch, found in courses[0].items()
    }


def course(
    digits: mnist.Digits, seed: int, epochs: tuple[int, ...], rounds: int
) -> dict[int, dict[str, float]]:
    """The curvatures of one run, by epoch."""
    model = nn.MLP(rng=seed)
    weights = {0: [p.copy() for p in model.parameters]}
    steps = 0

    def gradient(model: Any, images: Any, labels: Any) -> Any:
        nonlocal steps
        steps += 1
        if (steps - 1) % 938 == 0:
            weights[(steps - 1) // 938] = [p.copy() for p in model.parameters]
        return training.exact_gradient(model, images, labels)

    if epochs[-1]:
        train = digits.train_images, digits.train_labels
        training.train(model, train, gradient, epochs=epochs[-1], rng=seed, progress=False)
    weights[epochs[-1]] = list(model.parameters)
    found = {epoch: curvatures(weights[epoch], digits, rounds) for epoch in epochs}
    print(seed, found, file=sys.stderr, flush=True)
    return found


def curvatures(weights: list[Any], digits: mnist.Digits, rounds: int) -> dict[str, float]:
    x, labels = digits.train_images[:IMAGES].astype(float), digits.train_labels[:IMAGES]
    parameters = tuple(p.astype(float) for p in weights)
    rng = np.random.default_rng(0)

    def product(v: list[Any]) -> list[Any]:
        return list(jvp(lambda *p: slopes(p, x, labels), parameters, tuple(v))[1])

    def along(v: list[Any]) -> float:
        return dot(v, product(v)) / dot(v, v)

    signs = [[rng.choice([-1.0, 1.0], p.shape) for p in parameters] for _ in range(rounds)]
    v = signs[0]
    for _ in range(rounds):
        v = [part / np.sqrt(dot(v, v)) for part in v]
        v = product(v)
    trace = float(np.mean([dot(s, product(s)) for s in signs]))
    largest = along(v)
    return {
        "trace": trace,
        "largest": largest,
        "along_gradient": along(slopes(parameters, x, labels)),
        "effective_rank": trace / largest,
    }


def slopes(parameters: Any, x: Any, labels: Any) -> list[Any]:
    """The gradient of the mean loss by backpropagation, which a dual number can pass through."""
    W1, b1, W2, b2 = parameters
    a = nn.relu(x @ W1 + b1)
    d2 = (nn.softmax(a @ W2 + b2) - np.eye(10)[labels]) / len(x)
    d1 = (d2 @ W2.T) * (a > 0)
    return [x.T @ d1, d1.sum(axis=0), a.T @ d2, d2.sum(axis=0)]


def dot(v: list[Any], w: list[Any]) -> float:
    return float(sum(np.sum(a * b) for a, b in zip(v, w, strict=True)))


if __name__ == "__main__":
    sys.exit(samples.main(__file__, str(__doc__), measure))
