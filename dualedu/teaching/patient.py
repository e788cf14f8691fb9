"""The notebook that would not learn, kept runnable on purpose. Only widgets that show it import it.

A student trained a perceptron on MNIST with dual numbers, and its loss never fell. This module
re-enacts that notebook in NumPy: 784-128-10 units, sigmoid, no biases, pixels in [−1, 1], batches
of 64 and a last one of 32. Its mistakes are switches: `Switches()` is the notebook as written, and
every combination of mistakes and repairs runs. The book's second part examines it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from dualedu import nn
from dualedu.core.dual import Dual
from dualedu.custom_rules.custom_jvp import custom_jvp
from dualedu.mnist import Digits
from dualedu.nn.functions import picked
from dualedu.training.gradients import draw, seeded_with_ones, shared

SIZES = (784, 128, 10)
BATCH = 64

Softmax = Literal["diagonal", "full"]
Seeds = Literal["ones", "random", "units"]
Weights = Literal["unscaled", "scaled"]
Loss = Literal["sum", "mean"]


@dataclass(frozen=True)
class Switches:
    """The notebook's mistakes, each on its own switch; the defaults are the notebook as written.

    Parameters
    ----------
    softmax : {"diagonal", "full"}, optional
        "diagonal" uses only the diagonal of the softmax Jacobian, "full" all of it.
    seeds : {"ones", "random", "units"}, optional
        "ones" seeds every weight of a layer with 1 and takes the one number that results for every
        entry of that layer's gradient. "random" seeds it with a fresh direction v of ±1 and takes
        (∇L · v) v. "units" seeds unit directions of activations: the exact gradient.
    learning_rate : float, optional
        Of plain gradient descent.
    weights : {"unscaled", "scaled"}, optional
        Initial weights of variance 1, or 1 / fan-in.
    loss : {"sum", "mean"}, optional
        The sum over the batch of −log(p + 1e-8), or the mean of −log p by a stable log-softmax.

    Raises
    ------
    ValueError
        A switch has no such position, or the learning rate is not a positive number.
    """

    softmax: Softmax = "diagonal"
    seeds: Seeds = "ones"
    learning_rate: float = 1e-8
    weights: Weights = "unscaled"
    loss: Loss = "sum"

    def __post_init__(self) -> None:
        for name, positions in POSITIONS.items():
            if (value := getattr(self, name)) not in positions:
                raise ValueError(
                    f"{name} is {value!r}; it can be {' or '.join(map(repr, positions))}"
                )
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"learning_rate is {self.learning_rate!r}; it must be positive")


POSITIONS: dict[str, tuple[str, ...]] = {
    "softmax": get_args(Softmax),
    "seeds": get_args(Seeds),
    "weights": get_args(Weights),
    "loss": get_args(Loss),
}
"""Where each switch can stand, the mistake first."""


# --- the network and its loss --------------------------------------------------------------------


def pixels(images: Any) -> Any:
    """Images in the notebook's range [−1, 1].

    Parameters
    ----------
    images : ndarray
        Pixels in [0, 1], as `mnist.load` gives them.

    Returns
    -------
    x : ndarray
        2 images − 1, of the same shape.
    """
    return 2 * images - 1


def initial_weights(
    switches: Switches, sizes: Sequence[int] = SIZES, rng: np.random.Generator | int = 0
) -> list[Any]:
    """The two weight matrices, in float32.

    Parameters
    ----------
    switches : Switches
        Whether they are scaled.
    sizes : sequence of int, optional
        Units of the three layers: n, hidden, classes.
    rng : numpy.random.Generator or int, optional
        A generator or a seed.

    Returns
    -------
    weights : list of ndarray
        Of shapes (n, hidden) and (hidden, classes).
    """
    rng = np.random.default_rng(rng)
    drawn = [rng.standard_normal(shape, np.float32) for shape in pairwise(sizes)]
    return drawn if switches.weights == "unscaled" else [w * len(w) ** -0.5 for w in drawn]


def logits(weights: Sequence[Any], x: Any) -> Any:
    """The last layer's result, σ(x W₁) W₂.

    Parameters
    ----------
    weights : sequence of ndarray or Dual
        The two matrices W₁ and W₂.
    x : ndarray or Dual
        Pixels, of shape (B, n).

    Returns
    -------
    z : ndarray or Dual
        Of shape (B, classes).
    """
    return nn.sigmoid(x @ weights[0]) @ weights[1]


def softmax(z: Any) -> Any:
    """The softmax exp(x) / Σ exp(x) as one would first write it: right, until exp overflows.

    Parameters
    ----------
    z : ndarray or Dual
        Logits, of shape (..., classes).

    Returns
    -------
    p : ndarray or Dual
        Of the same shape.
    """
    powers = np.exp(z)
    return powers / powers.sum(axis=-1, keepdims=True)


@custom_jvp
def diagonal_softmax(z: Any) -> Any:
    """The mistake: softmax's values with the tangent p (1 − p) ż, which leaves out −pᵢ pⱼ.

    Parameters
    ----------
    z : ndarray or Dual
        Logits, of shape (..., classes).

    Returns
    -------
    p : ndarray or Dual
        Of the same shape, with a wrong tangent.
    """
    return softmax(z)


diagonal_softmax.defjvps(lambda t, p, z: t * p * (1 - p))


@custom_jvp
def diagonal_log_softmax(z: Any) -> Any:
    """The same mistake behind a stable logarithm: the tangent is (1 − p) ż.

    Parameters
    ----------
    z : ndarray or Dual
        Logits, of shape (..., classes).

    Returns
    -------
    y : ndarray or Dual
        Of the same shape, with a wrong tangent.
    """
    return nn.log_softmax(z)


diagonal_log_softmax.defjvps(lambda t, y, z: t * (1 - np.exp(y)))


def losses(z: Any, labels: Any, switches: Switches) -> Any:
    """The loss of each sample.

    Parameters
    ----------
    z : ndarray or Dual
        Logits, of shape (B, classes).
    labels : ndarray of int
        Digits, of shape (B,).
    switches : Switches
        Which softmax and which loss.

    Returns
    -------
    losses : ndarray or Dual
        Of shape (B,).
    """
    full = switches.softmax == "full"
    if switches.loss == "mean":
        return -picked((nn.log_softmax if full else diagonal_log_softmax)(z), labels)
    return -np.log(picked((softmax if full else diagonal_softmax)(z), labels) + 1e-8)


def loss(weights: Sequence[Any], x: Any, labels: Any, switches: Switches) -> Any:
    """The loss of a batch: the sum over its samples, or their mean.

    Parameters
    ----------
    weights : sequence of ndarray or Dual
        The two matrices.
    x : ndarray or Dual
        Pixels, of shape (B, n).
    labels : ndarray of int
        Digits, of shape (B,).
    switches : Switches
        Which softmax and which loss.

    Returns
    -------
    loss : float or Dual
        A scalar.
    """
    total = losses(logits(weights, x), labels, switches).sum()
    return total / len(labels) if switches.loss == "mean" else total


# --- what it takes for the gradient --------------------------------------------------------------


def gradients(
    weights: Sequence[Any],
    x: Any,
    labels: Any,
    switches: Switches,
    rng: np.random.Generator | int = 0,
) -> tuple[Any, list[Any]]:
    """The loss of a batch, and what the switches make of its gradient.

    Parameters
    ----------
    weights : sequence of ndarray
        The two matrices.
    x : ndarray
        Pixels, of shape (B, n).
    labels : ndarray of int
        Digits, of shape (B,).
    switches : Switches
        Which mistakes to make.
    rng : numpy.random.Generator or int, optional
        What draws the directions of seeds="random".

    Returns
    -------
    loss : float
        A scalar.
    gradients : list of ndarray
        Shaped like the weights. With softmax="full", seeds="ones" gives in every entry the sum of
        the layer's gradient, "random" an unbiased estimate of the gradient, "units" the gradient.
    """
    if switches.seeds == "units":
        return slopes_of_units(weights, x, labels, switches)
    if switches.seeds == "ones":
        seeds = [np.ones_like(w) for w in weights]
    else:
        rng = np.random.default_rng(rng)
        seeds = [draw(rng, w.shape, w.dtype) for w in weights]
    return slopes_of_layers(weights, seeds, x, labels, switches)


def slopes_of_layers(
    weights: Sequence[Any], seeds: Sequence[Any], x: Any, labels: Any, switches: Switches
) -> tuple[Any, list[Any]]:
    """Each layer's slope along its own seed, from a pass of its own, times that seed."""
    first, last = weights
    by_first = loss([Dual(first, seeds[0]), last], x, labels, switches)
    by_last = loss([first, Dual(last, seeds[1])], x, labels, switches)
    return by_first.primal, [by_first.tangent * seeds[0], by_last.tangent * seeds[1]]


def slopes_of_units(
    weights: Sequence[Any], x: Any, labels: Any, switches: Switches
) -> tuple[Any, list[Any]]:
    """The exact gradient, as in `training.exact_gradient`, through whatever softmax is switched on.

    Every hidden unit and every logit gets its own direction, shared by the batch. The rest is the
    linearity of z = a W: the gradient for W is aᵀ times the gradient for z.
    """
    first, last = weights
    hidden = nn.sigmoid(seeded_with_ones(x @ first))
    a, slope = hidden.primal, hidden.tangent
    by_unit = losses(unit_seeded(a) @ last, labels, switches).tangent
    by_logit = losses(unit_seeded(a @ last), labels, switches)
    share = len(labels) if switches.loss == "mean" else 1
    found = [x.T @ (by_unit.T * slope), a.T @ by_logit.tangent.T]
    return by_logit.primal.sum() / share, [g / share for g in found]


def unit_seeded(a: Any) -> Dual:
    return shared(a, np.eye(a.shape[-1], dtype=a.dtype))


# --- training ------------------------------------------------------------------------------------


class Epoch(NamedTuple):
    """What the notebook printed after an epoch, and what it should have looked at.

    Parameters
    ----------
    printed : float
        The loss of the epoch's last batch, just before its update.
    cross_entropy : float
        The mean of −log p over all test images, exact where p is 0 in floating point.
    accuracy : float
        The share of test images whose most probable class is their label, in [0, 1].
    """

    printed: float
    cross_entropy: float
    accuracy: float


def evaluate(weights: Sequence[Any], x: Any, labels: Any) -> tuple[float, float]:
    """The mean cross-entropy and the accuracy of the weights.

    Parameters
    ----------
    weights : sequence of ndarray
        The two matrices. Those that are NaN score 0.
    x : ndarray
        Pixels, of shape (N, n).
    labels : ndarray of int
        Digits, of shape (N,).

    Returns
    -------
    cross_entropy : float
        The mean over the images.
    accuracy : float
        In [0, 1].
    """
    with np.errstate(over="ignore", invalid="ignore"):
        z = logits(weights, x)
        right = (np.argmax(z, axis=-1) == labels) & np.isfinite(z).all(axis=-1)
        return float(nn.cross_entropy(z, labels)), float(right.mean())


def steps(
    switches: Switches,
    digits: Digits,
    epochs: int = 1,
    sizes: Sequence[int] = SIZES,
    rng: np.random.Generator | int = 0,
) -> Iterator[tuple[list[Any], Any]]:
    """The training loop of `train`, step by step.

    Parameters
    ----------
    switches : Switches
        Which mistakes to make.
    digits : Digits
        As `mnist.load` gives them, in [0, 1]; other data of that form will do.
    epochs : int, optional
        How many times all training images are seen, shuffled anew.
    sizes : sequence of int, optional
        Units of the three layers; the first is the number of pixels.
    rng : numpy.random.Generator or int, optional
        For weights, order and random directions.

    Yields
    ------
    weights : list of ndarray
        The weights after each step; first of all, the untrained ones.
    loss : float
        The loss of the step's batch, just before the step; NaN for the untrained ones.
    """
    rng = np.random.default_rng(rng)
    weights = initial_weights(switches, sizes, rng)
    x = pixels(digits.train_images)
    yield weights, np.nan
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            rows = order[start : start + BATCH]
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                printed, found = gradients(
                    weights, x[rows], digits.train_labels[rows], switches, rng
                )
                weights = [
                    w - w.dtype.type(switches.learning_rate) * g
                    for w, g in zip(weights, found, strict=True)
                ]
            yield weights, printed


def train(
    switches: Switches,
    digits: Digits,
    epochs: int = 1,
    sizes: Sequence[int] = SIZES,
    rng: np.random.Generator | int = 0,
) -> tuple[list[Any], list[Epoch]]:
    """Run the notebook's training loop.

    Where `exp` overflows, the weights turn into NaN and stay so, as they did in the notebook.

    Parameters
    ----------
    switches : Switches
        Which mistakes to make.
    digits : Digits
        As `mnist.load` gives them, in [0, 1]; other data of that form will do.
    epochs : int, optional
        How many times all training images are seen, shuffled anew.
    sizes : sequence of int, optional
        Units of the three layers; the first is the number of pixels.
    rng : numpy.random.Generator or int, optional
        For weights, order and random directions.

    Returns
    -------
    weights : list of ndarray
        The two matrices after the last step.
    history : list of Epoch
        One for each epoch, after one for the untrained network, in which nothing was printed (NaN).
    """
    test = pixels(digits.test_images)
    an_epoch = -(-len(digits.train_labels) // BATCH)
    history = []
    for done, (weights, printed) in enumerate(steps(switches, digits, epochs, sizes, rng)):
        if done % an_epoch == 0:
            scores = evaluate(weights, test, digits.test_labels)
            history.append(Epoch(float(printed), *scores))
    return weights, history
