"""The notebook that would not learn, in its student's own shape: thirty lines, with all mistakes.

`patient` re-enacts the same notebook with a switch for each mistake; the tests hold the two against
each other. The chapters of Part 2 show this code, point at its lines, and let readers write the
right ones: `judged` lets check_jvp look at a rule in this shape, `train` runs the loop with it.
"""

# The student wrote no types, and the listing is shown as it is.
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualedu.custom_rules.custom_jvp import custom_jvp
from dualedu.mnist import Digits
from dualedu.teaching import patient

RATE = 1e-8


# --- the student's code --------------------------------------------------------------------------


class DualNumber:
    def __init__(self, real, dual):
        self.real, self.dual = real, dual

    def __matmul__(self, other):
        dual = self.real @ other.dual + self.dual @ other.real
        return DualNumber(self.real @ other.real, dual)


def sigmoid(x):
    s = 1 / (1 + np.exp(-x.real))
    return DualNumber(s, s * (1 - s) * x.dual)


def softmax(x):
    powers = np.exp(x.real)
    p = powers / powers.sum(axis=-1, keepdims=True)
    return DualNumber(p, p * (1 - p) * x.dual)


def loss(p, labels):
    rows = np.arange(len(labels))
    q = p.real[rows, labels] + 1e-8
    return DualNumber(-np.log(q).sum(), -(p.dual[rows, labels] / q).sum())


def step(images, labels, weights, rate=1e-8, softmax=softmax):
    x = DualNumber(images, 0 * images)
    gradients = []
    for k in (0, 1):
        W = [DualNumber(w, 0 * w) for w in weights]
        W[k].dual = np.ones_like(weights[k])
        L = loss(softmax(sigmoid(x @ W[0]) @ W[1]), labels)
        gradients.append(L.dual)
    return L.real, [w - rate * g for w, g in zip(weights, gradients, strict=True)]


# --- what the pages do with it -------------------------------------------------------------------


def judged(rule: Callable[[DualNumber], DualNumber]) -> Callable[[Any], Any]:
    """A function of the student's numbers as one of arrays, so that check_jvp can judge it.

    Parameters
    ----------
    rule : callable
        From a DualNumber to a DualNumber, such as `softmax`.

    Returns
    -------
    f : callable
        A function of an array or a Dual, with the values of `rule` and its tangents.

    Examples
    --------
    >>> judged(sigmoid)(np.array([0.0]))
    array([0.5])
    """

    def f(x: Any) -> Any:
        return rule(DualNumber(x, 0 * x)).real

    return custom_jvp(f, lambda t, y, x: rule(DualNumber(x, t)).dual, elementwise=False)


def train(
    digits: Digits,
    epochs: int = 1,
    rng: np.random.Generator | int = 0,
    softmax: Callable[[DualNumber], DualNumber] = softmax,
) -> list[patient.Epoch]:
    """The student's loop, with a softmax of your choice. As `patient.train`, without the weights.

    Parameters
    ----------
    digits : Digits
        As `mnist.load` gives them, in [0, 1].
    epochs : int, optional
        How many times all training images are seen, shuffled anew.
    rng : numpy.random.Generator or int, optional
        A generator or a seed, for the weights and the order.
    softmax : callable, optional
        The rule to train with, from a DualNumber to a DualNumber.

    Returns
    -------
    history : list of Epoch
        An `Epoch` for each epoch, after one for the untrained network.
    """
    rng = np.random.default_rng(rng)
    weights = patient.initial_weights(patient.Switches(), rng=rng)
    x, labels = patient.pixels(digits.train_images), digits.train_labels
    test = patient.pixels(digits.test_images), digits.test_labels
    printed: Any = np.nan
    history: list[patient.Epoch] = []
    for _ in range(epochs + 1):
        history.append(patient.Epoch(float(printed), *patient.evaluate(weights, *test)))
        if len(history) > epochs:
            break
        order = rng.permutation(len(x))
        for start in range(0, len(x), patient.BATCH):
            rows = order[start : start + patient.BATCH]
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                printed, weights = step(x[rows], labels[rows], weights, np.float32(RATE), softmax)
    return history
