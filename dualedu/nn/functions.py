"""The functions of neural networks, stable at any size of input.

Each function has a derivative rule of its own. Differentiating 1/(1 + exp(-x)) step by step gives
∞/∞ far from 0; the rule is right there too, in float32 as well. All functions take arrays or
`Dual`s, of any shape, and nest.

The rules are given by `custom_jvp`, as a reader gives one, except for two. In `cross_entropy` value
and tangent share the exponentials, which a rule that is handed the value alone would compute twice:
the loss of a network would take a tenth longer. In `affine` the terms are added up in one array; a
tangent that is stored once for many entries is filled along the one axis that a product needs.
"""

from __future__ import annotations

import functools
from typing import Any, Literal

import numpy as np

from dualedu.core.dual import Dual, finish, lifted, unpack
from dualedu.custom_rules.custom_jvp import custom_jvp
from dualedu.internals.shapes import base, ndim, shape
from dualedu.internals.slopes import select
from dualedu.numpy_rules.families import from_end
from dualedu.numpy_rules.products import fill_axis, product

Axis = int | tuple[int, ...] | None

rule = functools.partial(custom_jvp, elementwise=True)


@rule
def sigmoid(x: Any) -> Any:
    """The logistic function σ(x) = 1 / (1 + e⁻ˣ), elementwise, without overflow.

    Parameters
    ----------
    x : float, ndarray or Dual
        Of any shape.

    Returns
    -------
    y : float, ndarray or Dual
        In [0, 1], of x's shape and dtype.

    Notes
    -----
    The rule is σ′ = σ(x) σ(−x), which keeps its relative precision where 1 − σ(x) would cancel.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    >>> sigmoid(Dual(0.0, 1.0))
    0.5 + 0.25ε
    """
    # np.where would choose between 1 and the exponential, at four times the cost of both.
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


sigmoid.defjvps(lambda t, y, x: t * (y * sigmoid(-x)))


@rule
def softplus(x: Any) -> Any:
    """The smooth ramp log(1 + eˣ), elementwise, without overflow.

    Parameters
    ----------
    x : float, ndarray or Dual
        Of any shape.

    Returns
    -------
    y : float, ndarray or Dual
        Of x's shape and dtype. Its derivative is σ(x).

    Examples
    --------
    >>> softplus(np.array([-1000.0, 1000.0]))
    array([   0., 1000.])
    """
    return np.logaddexp(x, 0)


softplus.defjvps(lambda t, y, x: t * sigmoid(x))


@rule
def relu(x: Any) -> Any:
    """The ramp max(x, 0), elementwise.

    Parameters
    ----------
    x : float, ndarray or Dual
        Of any shape.

    Returns
    -------
    y : float, ndarray or Dual
        Of x's shape and dtype. The derivative at 0 is taken to be 0.

    Examples
    --------
    >>> relu(Dual(np.array([-1.0, 0.0, 2.0]), np.ones(3)))
    [0. 0. 2.] + [0. 0. 1.]ε
    """
    return np.maximum(x, 0)


relu.defjvps(lambda t, y, x: t * (x > 0))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent, elementwise: np.tanh.

    Parameters
    ----------
    x : float, ndarray or Dual
        Of any shape.

    Returns
    -------
    y : float, ndarray or Dual
        In [−1, 1], of x's shape and dtype. Its derivative is 1 − y².
    """
    return np.tanh(x)


@rule
def softmax(x: Any, axis: Axis = -1) -> Any:
    """The softmax p = exp(x) / Σ exp(x), without overflow.

    Parameters
    ----------
    x : ndarray or Dual
        Of any shape.
    axis : int, tuple of int or None, optional
        The axis along which the results sum to 1, several, or all (None).

    Returns
    -------
    p : ndarray or Dual
        Of x's shape and dtype. Its tangent is p ẋ − p Σ p ẋ: the whole Jacobian diag(p) − p pᵀ, not
        only its diagonal.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    _, powers, total = exponentials(x, axis)
    return powers / total


def weigh(t: Any, p: Any, x: Any, axis: Axis = -1) -> Any:
    t = t - likeliest(t, p, axis)
    return p * (t - np.sum(p * t, axis=from_end(axis, p.ndim), keepdims=True))


softmax.defjvps(weigh)


def likeliest(t: Any, p: Any, axis: Axis) -> Any:
    """The tangent of the likeliest class. Moving all logits alike changes nothing, so it may be
    taken off: where an answer is sure, 1 − p then never has to be computed as a difference."""
    best = np.equal(p, maximum(p, axis))
    share = (best / best.sum(axis=axis, keepdims=True)).astype(p.dtype)
    return np.sum(share * t, axis=from_end(axis, p.ndim), keepdims=True)


@rule
def log_softmax(x: Any, axis: Axis = -1) -> Any:
    """The logarithm of the softmax, x − log Σ exp(x); finite where the softmax is 0.

    Parameters
    ----------
    x : ndarray or Dual
        Of any shape.
    axis : int, tuple of int or None, optional
        The axis of the softmax, several, or all (None).

    Returns
    -------
    y : ndarray or Dual
        Of x's shape and dtype. Its tangent is ẋ − Σ p ẋ, with p = softmax(x).

    Examples
    --------
    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    shifted, _, total = exponentials(x, axis)
    return shifted - np.log(total)


def centre(t: Any, y: Any, x: Any, axis: Axis = -1) -> Any:
    p = np.exp(y)
    t = t - likeliest(t, p, axis)
    return t - np.sum(p * t, axis=from_end(axis, y.ndim), keepdims=True)


log_softmax.defjvps(centre)


def logsumexp(x: Any, axis: Axis = -1, keepdims: bool = False) -> Any:
    """The logarithm of a sum of exponentials, log Σ exp(x), without overflow.

    Parameters
    ----------
    x : ndarray or Dual
        Of any shape.
    axis : int, tuple of int or None, optional
        The axis to sum along, several, or all (None).
    keepdims : bool, optional
        Whether the axes that were summed stay, with length 1.

    Returns
    -------
    y : float, ndarray or Dual
        Of x's shape without these axes, and x's dtype. Its gradient is softmax(x).

    Examples
    --------
    >>> logsumexp(np.array([1000.0, 1000.0])).round(6)
    np.float64(1000.693147)
    """
    total = log_total(x, axis)
    return total if keepdims else np.squeeze(total, axis=axis)


@rule
def log_total(x: Any, axis: Axis) -> Any:
    """logsumexp with its axes kept in length 1."""
    peak = maximum(x, axis)
    peak = np.where(np.isfinite(peak), peak, 0)  # a row of −∞ has the answer −∞, not NaN
    return peak + np.log(exponentials(x, axis, peak)[2])


log_total.defjvps(
    lambda t, y, x, axis: np.sum(
        select(t, shares(x, axis)), axis=from_end(axis, y.ndim), keepdims=True
    )
)


def shares(x: Any, axis: Axis) -> Any:
    """The softmax of x, which is all 0 in a row of −∞, where nothing is possible; among +∞ it is
    shared."""
    peak = maximum(x, axis)
    endless = np.isposinf(peak)
    if endless.any():
        x = np.where(endless & ~np.isposinf(x), -np.inf, np.where(endless, 0, x))
    _, powers, total = exponentials(x, axis, np.where(np.isfinite(peak), peak, 0))
    return powers / np.where(np.equal(total, 0), 1, total)


def affine(x: Any, weights: Any, bias: Any) -> Any:
    """The affine map x W + b of a layer.

    Parameters
    ----------
    x : ndarray or Dual
        Inputs, of shape (..., n).
    weights : ndarray or Dual
        Of shape (n, m).
    bias : ndarray or Dual
        Of shape (m,).

    Returns
    -------
    z : ndarray or Dual
        Of shape (..., m). Its tangent is ẋ W + x Ẇ + ḃ.

    Notes
    -----
    The same as x @ weights + bias, but the sums are written into one array: for large batches the
    arrays in between cost more than the sums.

    Examples
    --------
    >>> affine(np.array([[1.0, 2.0]]), np.eye(2), np.array([0.0, 10.0]))
    array([[ 1., 12.]])
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
    logits : ndarray or Dual
        Of shape (..., C), for C classes.
    labels : ndarray of int
        Class numbers in 0 … C − 1, of shape (...).
    reduction : {"mean", "sum", "none"}, optional
        The mean or the sum over all labels, or the loss of each.

    Returns
    -------
    loss : float, ndarray or Dual
        A scalar, or of shape (...) for "none"; of the logits' dtype. Finite for finite logits.

    Raises
    ------
    TypeError
        The labels are not integers.
    ValueError
        The shapes do not match, a label is out of range, or the reduction is unknown.

    Notes
    -----
    For one sample the tangent is p · ż − ż[label], with p = softmax(z) of the logits z.

    Examples
    --------
    >>> cross_entropy(np.array([[0.0, 1000.0]]), np.array([0]))
    np.float64(1000.0)
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
    # p · ż − ż[label] as one product: the gradient of a sample's loss is p less 1 at its label,
    # which is minus the sum of the others: that keeps its digits where the answer is sure.
    label = np.equal(labels[..., None], np.arange(shape(z)[-1]))
    others = np.where(label, 0, powers / total)
    slope = np.where(label, -np.sum(others, axis=-1, keepdims=True), others)
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
