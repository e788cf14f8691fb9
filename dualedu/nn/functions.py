"""The functions of neural networks, stable at any size of input.

Each function has a derivative rule of its own. Differentiating 1/(1 + exp(-x)) step by step gives
∞/∞ far from 0; the rule is right there too, in float32 as well. All functions take arrays or
`Dual`s, of any shape, and nest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from dualedu.core.dual import Dual, apply, base, finish, lifted, ndim, shape, unpack
from dualedu.numpy_rules.families import from_end
from dualedu.numpy_rules.products import fill_axis, product

Axis = int | tuple[int, ...] | None


def sigmoid(x: Any) -> Any:
    """The logistic function σ(x) = 1 / (1 + e⁻ˣ), elementwise, without overflow.

    σ′ = σ(x) σ(−x), which keeps its relative precision where 1 − σ(x) would cancel.
    """
    if isinstance(x, Dual):
        return apply(sigmoid, (lambda t, y, x: t * (y * sigmoid(-x)),), (x,))
    decay = np.exp(-np.abs(x))
    return np.where(np.greater_equal(x, 0), 1, decay)[()] / (1 + decay)


def softplus(x: Any) -> Any:
    """log(1 + eˣ), elementwise, without overflow. Its derivative is σ(x)."""
    if isinstance(x, Dual):
        return apply(softplus, (lambda t, y, x: t * sigmoid(x),), (x,))
    return np.logaddexp(x, 0)


def relu(x: Any) -> Any:
    """max(x, 0), elementwise. Its derivative at 0 is taken to be 0."""
    if isinstance(x, Dual):
        return apply(relu, (lambda t, y, x: t * (x > 0),), (x,))
    return np.maximum(x, 0)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent, elementwise: np.tanh."""
    return np.tanh(x)


def softmax(x: Any, axis: Axis = -1) -> Any:
    """exp(x) / Σ exp(x) along an axis, several, or all (None). The tangent is p ẋ − p Σ p ẋ: the
    whole Jacobian, diag(p) − p pᵀ, not only its diagonal."""
    if isinstance(x, Dual):
        return apply(lambda x: softmax(x, axis), (weighted(axis),), (x,))
    _, powers, total = exponentials(x, axis)
    return powers / total


def weighted(axis: Axis) -> Callable[..., Any]:
    def partial(t: Any, p: Any, x: Any) -> Any:
        along = from_end(axis, p.ndim)
        return p * (t - np.sum(p * t, axis=along, keepdims=True))

    return partial


def log_softmax(x: Any, axis: Axis = -1) -> Any:
    """log(softmax(x)) along an axis, several, or all (None); finite where softmax is 0."""
    if isinstance(x, Dual):

        def partial(t: Any, y: Any, x: Any) -> Any:
            along = from_end(axis, y.ndim)
            return t - np.sum(np.exp(y) * t, axis=along, keepdims=True)

        return apply(lambda x: log_softmax(x, axis), (partial,), (x,))
    shifted, _, total = exponentials(x, axis)
    return shifted - np.log(total)


def logsumexp(x: Any, axis: Axis = -1, keepdims: bool = False) -> Any:
    """log Σ exp(x) along an axis, several, or all (None), without overflow. Its gradient is
    softmax(x)."""
    if not keepdims:
        return np.squeeze(logsumexp(x, axis, keepdims=True), axis=axis)
    if isinstance(x, Dual):

        def partial(t: Any, y: Any, x: Any) -> Any:
            return np.sum(softmax(x, axis) * t, axis=from_end(axis, y.ndim), keepdims=True)

        return apply(lambda x: logsumexp(x, axis, keepdims=True), (partial,), (x,))
    peak = maximum(x, axis)
    peak = np.where(np.isfinite(peak), peak, 0)  # a row of −∞ has the answer −∞, not NaN
    return peak + np.log(exponentials(x, axis, peak)[2])


def affine(x: Any, weights: Any, bias: Any) -> Any:
    """x W + b for inputs x of shape (..., n), weights (n, m) and a bias (m,).

    The same as x @ weights + bias, with ẋ W + x Ẇ + ḃ as its tangent, added up in place: for
    large batches the intermediate arrays cost more than the sums.
    """
    if not (isinstance(x, Dual) or isinstance(weights, Dual) or isinstance(bias, Dual)):
        return accumulated(np.matmul(x, weights), bias)
    if ndim(bias) != 1:
        return np.matmul(x, weights) + bias
    level, (x, w, b), (dx, dw, db), directions = unpack([x, weights, bias])
    z = affine(x, w, b)
    t = None if dx is None else product(fill_axis(dx, x, -1), ndim(x), w, 2)
    if dw is not None:
        t = accumulated(t, product(x, ndim(x), fill_axis(dw, w, -2), 2))
    if db is not None:
        t = accumulated(t, lifted(db, ndim(z) - 1, directions))
    return finish(z, t, level, directions)


def accumulated(total: Any, term: Any) -> Any:
    """total + term, written into total (a fresh array of the caller's) where that is possible."""
    if total is None:
        return term
    if type(total) is type(term) is np.ndarray and total.dtype == term.dtype:
        try:
            return np.add(total, term, out=total)
        except ValueError:  # the sum is larger than total
            pass
    return total + term


Reduction = Literal["mean", "sum", "none"]


def cross_entropy(logits: Any, labels: Any, reduction: Reduction = "mean") -> Any:
    """The cross-entropy −log softmax(logits)[label] of class labels.

    Parameters
    ----------
    logits : array or Dual, shape (..., C)
    labels : integers in 0 … C − 1, shape (...)
    reduction : "mean" or "sum" over all labels, or "none" for the loss of each

    Raises
    ------
    TypeError   labels are not integers
    ValueError  shapes do not match, a label is out of range, or the reduction is unknown

    For one sample the tangent is p · ż − ż[label], with p = softmax(z).
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction is {reduction!r}; it can be 'mean', 'sum' or 'none'")
    labels = checked_labels(labels, shape(logits))

    def reduced(losses: Any) -> Any:
        if reduction == "none":
            return losses
        total = losses.sum(axis=tuple(range(-labels.ndim, 0)))
        return total if reduction == "sum" else total / labels.size

    z = logits
    if isinstance(logits, Dual):
        level, (z,), (t,), directions = unpack([logits])
    shifted, powers, total = exponentials(z)
    value = reduced(np.log(total[..., 0]) - picked(shifted, labels))
    if z is logits:
        return value
    # p · ż − ż[label] as one product: the gradient of a sample's loss is p less 1 at its label.
    slope = powers / total - np.equal(labels[..., None], np.arange(shape(z)[-1]))
    shared = labels.ndim == 1 != labels.size and shape(t)[1:] == (1, shape(z)[-1])
    if directions is not None and shared:
        # Directions shared by the whole batch, (K, 1, C): one small product serves all samples.
        # Laid out sample by sample, as whoever reads these slopes will use them.
        tangent = np.matmul(slope, np.swapaxes(t[:, 0, :], 0, 1)).swapaxes(0, 1)
    else:
        tangent = np.vecdot(logits.tangent, slope)
    return finish(value, reduced(tangent), level, directions)


REDUCTIONS = ("mean", "sum", "none")


def checked_labels(labels: Any, logits_shape: tuple[int, ...]) -> Any:
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels are {labels.dtype}; give class numbers as integers")
    if labels.shape != logits_shape[:-1]:
        raise ValueError(
            f"labels of shape {labels.shape} do not fit logits of shape {logits_shape}: "
            f"expected {logits_shape[:-1]}"
        )
    classes = logits_shape[-1]
    # Seen as unsigned, a negative number is too large: one look instead of two.
    if labels.size and labels.astype(np.uint64).max() >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)].flat[0]
        raise ValueError(f"label {wrong} is outside 0 … {classes - 1}, the range of the logits")
    return labels


def exponentials(z: Any, axis: Axis = -1, peak: Any = None) -> tuple[Any, Any, Any]:
    """(z − max z, its exponential, their sum) along an axis. The maximum is a constant: it cancels
    in every use."""
    shifted = z - (maximum(z, axis) if peak is None else peak)
    powers = np.exp(shifted)
    return shifted, powers, powers.sum(axis=axis, keepdims=True)


def maximum(z: Any, axis: Axis) -> Any:
    values = np.asarray(base(z))
    if isinstance(axis, int) and values.ndim > 1 and values.shape[axis] <= 32:
        # NumPy takes the maximum of short rows one by one, of many columns at once.
        return values.swapaxes(0, axis).copy().max(axis=0, keepdims=True).swapaxes(0, axis)
    return values.max(axis=axis, keepdims=True)


def picked(values: Any, labels: Any) -> Any:
    """The entry of each label along the last axis; axes before the labels' own pass through."""
    if labels.ndim == 1:
        return values[..., np.arange(labels.size), labels]
    lead = shape(values)[: len(shape(values)) - labels.ndim - 1]
    rows = np.reshape(values, (*lead, labels.size, shape(values)[-1]))
    return np.reshape(rows[..., np.arange(labels.size), labels.ravel()], lead + labels.shape)
