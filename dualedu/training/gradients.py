"""Gradients of a network's loss by forward mode alone: exact, or along random directions.

A forward pass along a direction v gives one number, the slope ∇L · v. Both functions read the
gradient from such numbers; they differ in the choice of directions.

    exact_gradient    unit directions of activations, which a whole batch can share
    forward_gradient  random directions with E[v vᵀ] = I, so that E[(∇L · v) v] = ∇L

Where activations or pre-activations are perturbed, the last line is linear algebra and no dual
number: z = a W + b is linear in W and b, so ∂L/∂W = aᵀ ∂L/∂z and ∂L/∂b sums ∂L/∂z over the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from dualedu.core.dual import Dual, make
from dualedu.internals.shapes import base
from dualedu.nn import MLP, affine, cross_entropy

Gradients = list[Any]
Seeds = list[Any]
Perturb = Literal["weights", "activities"]
Law = Literal["rademacher", "normal", "rank-one"]

LARGEST_PASS = 2**22
"""How many numbers the directions of one pass hold; more of them go in several passes."""

CACHED_PASS = 2**17
"""How many numbers the seeds of one pass over activities hold: half a megabyte in float32. Larger
ones leave the processor's cache and cost fresh pages of memory in every step (measured: K = 64 at
batch 64 took 1.3 times as long in one pass)."""

UNIT_PASS = 2**19
"""The same for the unit directions of a hidden layer with others behind it. Each pass computes the
values again, so very small ones lose as well (measured: two hidden layers of 1024 units at batch 64
took 1.4 times as long in passes of LARGEST_PASS, 1.5 times in passes of CACHED_PASS)."""


def exact_gradient(model: MLP, images: Any, labels: Any) -> tuple[Any, Gradients]:
    """The mean cross-entropy of a batch and its exact gradient, without a backward pass.

    Parameters
    ----------
    model : MLP
        A network of any depth and activation.
    images : array_like
        Of shape (B, sizes[0]); cast to the parameters' dtype.
    labels : array_like of int
        Class numbers, of shape (B,).

    Returns
    -------
    loss : float
        The mean over the batch.
    gradients : list of ndarray
        The derivatives by `model.parameters`, with their shapes and dtypes.

    Raises
    ------
    TypeError
        The parameters carry tangents, or the labels are not integers.
    ValueError
        The batch is empty or does not fit the network.

    Notes
    -----
    Seeding every weight would take one direction for each of them. Three facts save that:

    1. Samples do not influence each other. A unit direction of an activation, given to every
       sample at once, yields each sample's own ∂L/∂a: H directions of shape (H, 1, H) serve the
       whole batch, and `Dual` carries them through the rest of the network at no cost a sample
       until something that differs between samples makes them differ.
    2. An activation function is elementwise: its Jacobian is diagonal, and one direction of ones
       reads all of it.
    3. z = a W + b is linear in W and b. That line is linear algebra, no dual number.

    The logits are seeded with their C unit directions through the bias they are added to, in the
    same pass as the last hidden layer. Of k hidden layers each needs a pass of its own through all
    layers after it, along H directions: with one hidden layer this costs about as much as
    backpropagation, with more of them many times that. Were the products bracketed from the other
    end, (p − onehot) Wᵀ first, the same expression would be backpropagation.

    Examples
    --------
    >>> model = MLP((2, 3, 2))
    >>> loss, gradients = exact_gradient(model, np.ones((4, 2)), np.array([0, 1, 1, 0]))
    >>> [g.shape for g in gradients]
    [(2, 3), (3,), (3, 2), (2,)]
    """
    images, labels = checked_batch(model, images, labels)
    layers = model.layers()
    inputs: list[Any] = [images]
    slopes: list[Any] = []
    for weights, bias in layers[:-1]:
        z = affine(inputs[-1], weights, bias)
        activation = model.act(seeded_with_ones(z))
        inputs.append(activation.primal)
        slopes.append(activation.tangent)
    losses, by_logit, by_unit = last_layer_pass(layers[-1], inputs[-1], labels, bool(slopes))
    deltas = [by_logit]
    for layer in range(len(slopes), 0, -1):
        if layer < len(slopes):
            by_unit = unit_pass(model, layer, inputs[layer], labels)
        deltas.insert(0, by_unit * slopes[layer - 1])
    return mean(losses), affine_gradients(inputs, deltas)


def forward_gradient(
    model: MLP,
    images: Any,
    labels: Any,
    directions: int = 1,
    *,
    rng: np.random.Generator | int,
    perturb: Perturb = "weights",
    law: Law = "rademacher",
    orthogonal: bool = False,
) -> tuple[Any, Gradients]:
    """The mean cross-entropy of a batch and an unbiased estimate of its gradient.

    Parameters
    ----------
    model : MLP
        A network of any depth and activation.
    images : array_like
        Of shape (B, sizes[0]); cast to the parameters' dtype.
    labels : array_like of int
        Class numbers, of shape (B,).
    directions : int, optional
        How many directions, K; all travel in one pass where memory allows.
    rng : numpy.random.Generator or int
        A generator, advanced by the call. A seed gives the same directions in every call.
    perturb : {"weights", "activities"}, optional
        "weights" draws one direction over all parameters. "activities" draws directions over each
        hidden layer's pre-activations, others for every sample, one pass a layer, and seeds the
        logits with their C unit directions: the last layer's gradient is exact (Ren et al., 2023,
        arXiv:2210.03310, perturb the last layer too).
    law : {"rademacher", "normal", "rank-one"}, optional
        "rademacher" draws ±1 for each number, which gives the smallest variance; "normal" draws
        N(0, 1); "rank-one" makes a weight matrix's direction the outer product of two vectors of
        ±1, which has the variance of "rademacher" and costs a fraction of it for large K.
    orthogonal : bool, optional
        Draw the K directions of a sample as rows of a randomised Hadamard matrix, whose order is
        the smallest power of two that covers the layer. With all rows the gradient is exact. For
        activities with the law "rademacher".

    Returns
    -------
    loss : float
        The mean over the batch.
    gradients : list of ndarray
        An estimate of the derivatives by `model.parameters`, with their shapes and dtypes.

    Raises
    ------
    TypeError
        The parameters carry tangents, or the labels are not integers.
    ValueError
        The batch is empty or does not fit the network, or an option has no such value or does not
        go with the others.

    Notes
    -----
    The estimate is the mean of (∇L · v) v over random directions v with E[v vᵀ] = I, each slope
    ∇L · v read from a forward pass (Baydin et al., 2022, arXiv:2202.08587).

    Examples
    --------
    >>> model = MLP((2, 3, 2))
    >>> batch = np.ones((4, 2)), np.array([0, 1, 1, 0])
    >>> loss, gradients = forward_gradient(model, *batch, directions=8, rng=0)
    >>> [g.shape for g in gradients]
    [(2, 3), (3,), (3, 2), (2,)]
    """
    images, labels = checked_batch(model, images, labels)
    check_options(model, directions, perturb, law, orthogonal)
    rng = np.random.default_rng(rng)
    if perturb == "activities":
        return perturb_activities(model, images, labels, directions, rng, law, orthogonal)
    return perturb_weights(model, images, labels, directions, rng, law)


# --- the three ways to perturb -------------------------------------------------------------------


def perturb_weights(
    model: MLP, images: Any, labels: Any, count: int, rng: np.random.Generator, law: Law
) -> tuple[Any, Gradients]:
    gradients = [np.zeros_like(p) for p in model.parameters]
    for seeds in weight_seeds(model, len(images), count, rng, law):
        loss, slopes = weight_slopes(model, images, labels, seeds, law)
        add_along(gradients, slopes / count, seeds, law)
    return loss, gradients


def weight_seeds(
    model: MLP, samples: int, count: int, rng: np.random.Generator, law: Law
) -> Iterator[Seeds]:
    """`count` directions of all parameters, in parts that fit a pass over a batch of `samples`: for
    each parameter an array (K, *shape), or for each layer the factors u, w and the bias's v."""
    if law != "rank-one":
        for part in passes(count, sum(p.size for p in model.parameters)):
            yield [draw(rng, (part, *p.shape), p.dtype, law) for p in model.parameters]
        return
    for part in passes(count, samples * max(model.sizes[1:])):
        yield [
            tuple(draw(rng, (part, n), bias.dtype) for n in (*weights.shape, len(bias)))
            for weights, bias in model.layers()
        ]


def weight_slopes(model: MLP, images: Any, labels: Any, seeds: Seeds, law: Law) -> tuple[Any, Any]:
    """The mean loss of a batch, and its slope along each direction. One of rank one is never built:
    u wᵀ moves z = a W + b by (a · u) w."""
    if law != "rank-one":
        loss = model.loss(images, labels, list(map(Dual, model.parameters, seeds)))
        return loss.primal, loss.tangent
    last = len(seeds) - 1
    a = images
    for layer, ((weights, bias), (u, w, v)) in enumerate(zip(model.layers(), seeds, strict=True)):
        moved = (u @ base(a).T)[:, :, None] * w[:, None, :]
        moved += v[:, None, :]
        z = affine(a, weights, bias) + Dual(np.zeros(moved.shape[1:], moved.dtype), moved)
        a = z if layer == last else model.act(z)
    loss = cross_entropy(a, labels)
    return loss.primal, loss.tangent


def add_along(gradients: Gradients, slopes: Any, seeds: Seeds, law: Law) -> None:
    """Add each direction, times its slope, to the gradients."""
    if law != "rank-one":
        for gradient, seed in zip(gradients, seeds, strict=True):
            gradient += np.tensordot(slopes, seed, 1)
        return
    for i, (u, w, v) in enumerate(seeds):
        gradients[2 * i] += (u * slopes[:, None]).T @ w
        gradients[2 * i + 1] += slopes @ v


def perturb_activities(
    model: MLP,
    images: Any,
    labels: Any,
    count: int,
    rng: np.random.Generator,
    law: Law,
    orthogonal: bool,
) -> tuple[Any, Gradients]:
    layers = model.layers()
    inputs, zs = values(model, images)
    losses, by_logit, _ = last_layer_pass(layers[-1], inputs[-1], labels, False)
    deltas = []
    for layer, z in enumerate(zs[:-1], start=1):
        rest = losses_from(model, layer, labels)
        delta = np.zeros_like(z)
        for seeds in activity_seeds(rng, count, z, law, orthogonal):
            slopes = rest(model.act(Dual(z, seeds))).tangent
            delta += np.matmul(slopes.T[:, None, :], np.swapaxes(seeds, 0, 1))[:, 0, :]
        deltas.append(delta / (count * len(z)))
    return mean(losses), affine_gradients(inputs, [*deltas, by_logit])


# --- passes through the network ------------------------------------------------------------------


def values(model: MLP, images: Any) -> tuple[list[Any], list[Any]]:
    """The input a and the pre-activation z = a W + b of every layer."""
    inputs: list[Any] = [images]
    zs: list[Any] = []
    for weights, bias in model.layers():
        if zs:
            inputs.append(model.act(zs[-1]))
        zs.append(affine(inputs[-1], weights, bias))
    return inputs, zs


def losses_from(model: MLP, layer: int, labels: Any) -> Callable[[Any], Any]:
    """The loss of each sample as a function of what enters a layer (counted from 0)."""
    *hidden, (weights, bias) = model.layers()[layer:]

    def losses(a: Any) -> Any:
        for w, b in hidden:
            a = model.act(affine(a, w, b))
        return cross_entropy(affine(a, weights, bias), labels, "none")

    return losses


def last_layer_pass(
    layer: tuple[Any, Any], a: Any, labels: Any, units: bool
) -> tuple[Any, Any, Any]:
    """The losses (B,), and each sample's share in the mean loss's exact slopes: by logit (B, C)
    and, if asked, by input unit (B, H).

    The bias is added to the logits, so the bias's unit directions are the logits'.
    """
    weights, bias = layer
    width, classes = weights.shape
    count = width if units else 0
    both = unit_directions(count + classes, width + classes, width - count, len(a), a.dtype)
    logits = affine(shared(a, both[:, :width]), weights, Dual(bias, both[:, width:]))
    losses = cross_entropy(logits, labels, "none")
    slopes = losses.tangent.T
    return losses.primal, slopes[:, count:], slopes[:, :count]


def unit_pass(model: MLP, layer: int, a: Any, labels: Any) -> Any:
    """Each sample's share (B, H) in the mean loss's exact slopes by what enters a hidden layer.

    The unit directions of a move z = a W + b along the rows of W, which need no product.
    """
    weights, bias = model.layers()[layer]
    batch, width = a.shape
    z = affine(a, weights, bias)
    rest = losses_from(model, layer + 1, labels)
    slopes = []
    start = 0
    for part in passes(width, batch * max(model.sizes[layer + 1 :]), UNIT_PASS):
        rows = weights[start : start + part] / a.dtype.type(batch)
        slopes.append(rest(model.act(shared(z, rows))).tangent)
        start += part
    return np.concatenate(slopes).T


def affine_gradients(inputs: Sequence[Any], deltas: Sequence[Any]) -> Gradients:
    """[∂L/∂W, ∂L/∂b] of each layer from its input a and each sample's ∂L/∂z, by the linearity of
    z = a W + b."""
    gradients = []
    for a, delta in zip(inputs, deltas, strict=True):
        gradients += [a.T @ delta, delta.sum(axis=0)]
    return gradients


def mean(losses: Any) -> Any:
    return losses.sum() / losses.dtype.type(len(losses))


# --- seeds ---------------------------------------------------------------------------------------


def seeded_with_ones(z: Any) -> Dual:
    """z with one direction of ones, kept as a single number: what an elementwise function needs."""
    return make(z, np.ones((1,) * z.ndim, z.dtype), level=0, directions=None)


def shared(a: Any, directions: Any) -> Dual:
    """a (B, H) with directions (K, H) that the whole batch shares: a tangent (K, B, H), kept as
    (K, 1, H)."""
    return make(a, directions[:, None, :], level=0, directions=len(directions))


@lru_cache(maxsize=8)
def unit_directions(count: int, width: int, first: int, batch: int, dtype: Any) -> Any:
    """Rows `first` … `first + count − 1` of the unit matrix of this width, divided by the batch:
    the slopes of the sum of its losses along them are those of the mean along unit directions."""
    return np.eye(count, width, first, dtype) / dtype.type(batch)


def passes(count: int, size: int, largest: int = LARGEST_PASS) -> Iterator[int]:
    """How many of `count` directions go in each pass, when each needs `size` numbers."""
    part = max(1, largest // size)
    for start in range(0, count, part):
        yield min(part, count - start)


def draw(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: Any, law: Law = "rademacher"
) -> Any:
    """Independent numbers of mean 0 and variance 1."""
    if law == "normal":
        drawn = np.float32 if dtype == np.float32 else np.float64
        return rng.standard_normal(shape, drawn).astype(dtype, copy=False)
    count = int(np.prod(shape))
    random = np.frombuffer(rng.bytes((count + 7) // 8), np.uint8)
    signs = np.unpackbits(random, count=count).astype(dtype)
    signs *= 2
    signs -= 1
    return signs.reshape(shape)


def activity_seeds(
    rng: np.random.Generator, count: int, z: Any, law: Law, orthogonal: bool
) -> Iterator[Any]:
    """Directions (K, B, H) for the pre-activations of each sample, in parts that fit a pass."""
    batch, width = z.shape
    if orthogonal:
        order = covering_order(width)
        rows = hadamard_rows(rng.choice(order, count, replace=False), width, z.dtype)
        signs = draw(rng, z.shape, z.dtype)
    start = 0
    for part in passes(count, z.size, CACHED_PASS):
        if orthogonal:
            yield rows[start : start + part, None, :] * signs
        else:
            yield draw(rng, (part, batch, width), z.dtype, law)
        start += part


def covering_order(width: int) -> int:
    return 1 << (width - 1).bit_length()


def hadamard_rows(indices: Any, width: int, dtype: Any) -> Any:
    """Rows of Sylvester's Hadamard matrix, cut to a width: entry (i, j) is −1 to the number of
    ones that i and j have in common in binary.

    Cutting keeps what the estimate needs: the columns stay orthogonal, so all rows together still
    give Σ v vᵀ = order · I; and random signs of the columns give any single row E[v vᵀ] = I.
    """
    common = np.bitwise_count(np.bitwise_and.outer(indices, np.arange(width)))
    return (1 - 2 * (common & 1).astype(np.int8)).astype(dtype)


# --- bad input -----------------------------------------------------------------------------------


def checked_batch(model: MLP, images: Any, labels: Any) -> tuple[Any, Any]:
    if any(isinstance(p, Dual) for p in model.parameters):
        raise TypeError(
            "the network's parameters carry tangents, and this function seeds directions of its "
            "own; to differentiate twice use hvp, or jvp of gradient, with model.loss"
        )
    images = np.asarray(images, model.parameters[0].dtype)
    if images.ndim != 2 or images.shape[1] != model.sizes[0]:
        raise ValueError(
            f"images of shape {images.shape} do not fit a network with {model.sizes[0]} inputs: "
            f"expected (batch, {model.sizes[0]})"
        )
    if not len(images):
        raise ValueError("the batch is empty; a mean loss needs at least one image")
    return images, np.asarray(labels)


def check_counts(**counts: Any) -> None:
    for what, value in counts.items():
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{what} is {value!r}; it must be an integer of 1 or more")


def check_options(model: MLP, directions: Any, perturb: Any, law: Any, orthogonal: bool) -> None:
    check_counts(directions=directions)
    if perturb not in ("weights", "activities"):
        raise ValueError(f"perturb is {perturb!r}; it can be 'weights' or 'activities'")
    if law not in ("rademacher", "normal", "rank-one"):
        raise ValueError(f"law is {law!r}; it can be 'rademacher', 'normal' or 'rank-one'")
    if law == "rank-one" and perturb == "activities":
        raise ValueError(
            "law 'rank-one' makes directions of weight matrices; "
            "for perturb='activities' use 'rademacher' or 'normal'"
        )
    if not orthogonal:
        return
    if perturb == "weights":
        raise ValueError(
            "orthogonal=True is for perturb='activities': a few random directions among "
            f"{sum(p.size for p in model.parameters):,} weights are all but orthogonal already"
        )
    if law != "rademacher":
        raise ValueError(
            f"orthogonal=True draws rows of ±1 and goes with law='rademacher' only, not {law!r}"
        )
    for width in model.sizes[1:-1]:
        if directions > covering_order(width):
            raise ValueError(
                f"{directions} directions cannot be orthogonal in a layer of {width} units: at "
                f"most {covering_order(width)} (which give the exact gradient), or orthogonal=False"
            )
