"""Sixty forward gradients of one small network, their distances from the gradient, and the law."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, sqrt
from typing import Any

import numpy as np

from dualedu import jvp, nn
from dualedu.explore.kit.numerals import fixed
from dualedu.training.gradients import activity_seeds, draw, exact_gradient, losses_from

TRIES, MOST = 60, 64
INPUTS, UNITS, CLASSES, SAMPLES = 3, 8, 2, 16
PARAMETERS = INPUTS * UNITS + UNITS + UNITS * CLASSES + CLASSES

LAWS = {"rademacher": "±1", "normal": "normal", "orthogonal": "orthogonal ±1"}
SPACES = {"weights": f"all {PARAMETERS} weights", "activities": f"{UNITS} activities a sample"}


@dataclass(frozen=True)
class Problem:
    """A network, a batch for it, and the exact gradient as one vector, of length 1 in its units."""

    network: nn.MLP
    inputs: Any
    labels: Any
    gradient: Any
    length: float


@lru_cache(maxsize=1)
def problem() -> Problem:
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((SAMPLES, INPUTS))
    labels = np.arange(SAMPLES) % CLASSES
    network = nn.MLP((INPUTS, UNITS, CLASSES), "tanh", rng=rng, dtype=np.float64)
    _, gradients = exact_gradient(network, inputs, labels)
    gradient = np.concatenate([g.ravel() for g in gradients])
    length = float(np.linalg.norm(gradient))
    return Problem(network, inputs, labels, gradient / length, length)


@dataclass(frozen=True)
class Walks:
    """What TRIES estimates become as directions are added, one to each at a time.

    All arrays count the gradient's length as 1. along, across, errors: (TRIES, K), column K − 1
    for estimates from K directions; `mean` the same of the estimates' mean, (3, K).
    """

    along: Any
    across: Any
    errors: Any
    mean: Any


@lru_cache(maxsize=16)
def walks(perturb: str, law: str, seed: int) -> Walks:
    """Estimate i of K directions is forward_gradient(…, K, rng=[seed, i]), term by term."""
    rngs = [np.random.default_rng([seed, i]) for i in range(TRIES)]
    single = weight_estimates if perturb == "weights" else activity_estimates
    terms = single(rngs, law) / problem().length
    counts = np.arange(1, terms.shape[1] + 1)[:, None]
    estimates = np.cumsum(terms, axis=1) / counts
    parts = measured(estimates)
    return Walks(*parts, np.stack(measured(estimates.mean(axis=0))))


def measured(estimates: Any) -> tuple[Any, Any, Any]:
    """The part along the gradient, the length of all the rest with the sign of its first entry,
    and the distance from the gradient."""
    gradient = problem().gradient
    along = estimates @ gradient
    rest = estimates - along[..., None] * gradient
    length = np.linalg.norm(rest, axis=-1)
    return along, np.where(rest[..., 0] < 0, -length, length), np.hypot(along - 1, length)


def weight_estimates(rngs: list[np.random.Generator], law: str) -> Any:
    """(∇L · v) v for directions v over all parameters, shape (TRIES, MOST, PARAMETERS)."""
    given = problem()
    parameters = tuple(given.network.parameters)
    kind: Any = law
    drawn = [[draw(rng, (MOST, *p.shape), p.dtype, kind) for p in parameters] for rng in rngs]
    seeds = tuple(np.concatenate(parts) for parts in zip(*drawn, strict=True))
    _, slopes = jvp(
        lambda *moved: given.network.loss(given.inputs, given.labels, moved), parameters, seeds
    )
    directions = np.concatenate([s.reshape(len(s), -1) for s in seeds], axis=1)
    return (slopes[:, None] * directions).reshape(len(rngs), MOST, -1)


def activity_estimates(rngs: list[np.random.Generator], law: str) -> Any:
    """The same from directions over each sample's pre-activations; the last layer's is exact."""
    given, orthogonal = problem(), law == "orthogonal"
    weights, bias, *_ = given.network.parameters
    z = nn.affine(given.inputs, weights, bias)
    kind: Any = "rademacher" if orthogonal else law
    count = UNITS if orthogonal else MOST
    seeds = np.concatenate(
        [v for rng in rngs for v in activity_seeds(rng, count, z, kind, orthogonal)]
    )
    losses = losses_from(given.network, 1, given.labels)
    _, slopes = jvp(lambda z: losses(given.network.act(z)), (z,), (seeds,))
    deltas = slopes[:, :, None] * seeds / SAMPLES
    first = np.swapaxes(deltas, 1, 2) @ given.inputs
    hidden = [np.swapaxes(first, 1, 2).reshape(len(seeds), -1), deltas.sum(axis=1)]
    head = given.gradient[INPUTS * UNITS + UNITS :] * given.length
    last = np.broadcast_to(head, (len(seeds), len(head)))
    return np.concatenate([*hidden, last], axis=1).reshape(len(rngs), count, -1)


@lru_cache(maxsize=1)
def activity_share() -> float:
    """Σ ‖(x, 1)‖² ‖δ‖² / (B² ‖∇L‖²): what one sample's errors weigh in the gradient's."""
    given = problem()
    weights, bias, *_ = given.network.parameters
    losses = losses_from(given.network, 1, given.labels)
    units = np.broadcast_to(np.eye(UNITS)[:, None, :], (UNITS, SAMPLES, UNITS))
    z = nn.affine(given.inputs, weights, bias)
    _, slopes = jvp(lambda z: losses(given.network.act(z)), (z,), (units,))
    lengths = (1 + np.sum(given.inputs**2, axis=1)) * np.sum(slopes**2, axis=0)
    return float(lengths.sum() / SAMPLES**2 / given.length**2)


@dataclass(frozen=True)
class Lab:
    """Estimates of a gradient from `directions` random directions each.

    law: "rademacher", "normal" or "orthogonal"; perturb: "weights" or "activities"; seed: of the
    draw. Raises ValueError where `forward_gradient` has no such directions.
    """

    directions: int
    law: str
    perturb: str
    seed: int

    def __post_init__(self) -> None:
        if self.law != "orthogonal":
            return
        if self.perturb == "weights":
            raise ValueError(
                "Orthogonal directions are drawn for activities: perturb activities first. Among "
                "the weights of a real network, a few random directions are almost orthogonal "
                "already."
            )
        if self.directions > UNITS:
            raise ValueError(
                f"Among {UNITS} activities at most {UNITS} directions are orthogonal, and not "
                f"{self.directions}: take K = {UNITS} or fewer, or another law."
            )

    @cached_property
    def walks(self) -> Walks:
        return walks(self.perturb, self.law, self.seed)

    @property
    def dots(self) -> Any:
        """(along, across) of each estimate, shape (TRIES, 2), the gradient at (1, 0)."""
        k = self.directions - 1
        return np.stack([self.walks.along[:, k], self.walks.across[:, k]], axis=1)

    @property
    def mean(self) -> tuple[float, float, float]:
        """(along, across) of the mean of all estimates, and its distance from the gradient."""
        along, across, error = self.walks.mean[:, self.directions - 1].tolist()
        return along, across, error

    @property
    def most(self) -> int:
        """The largest K that this law has."""
        return UNITS if self.law == "orthogonal" else MOST

    @property
    def exact(self) -> bool:
        """All orthogonal directions are in use: nothing is left of the error but rounding."""
        return self.law == "orthogonal" and self.directions == UNITS

    def error(self, directions: int) -> float:
        """Measured: the root of the mean squared distance of the estimates from the gradient."""
        return float(np.sqrt(np.mean(self.walks.errors[:, directions - 1] ** 2)))

    def predicted(self, directions: float) -> float:
        """The law: √((n ∓ 1) / K), or √((n − K) / K) for orthogonal directions; for activities,
        times the root of `activity_share`."""
        n = PARAMETERS if self.perturb == "weights" else UNITS
        share = 1.0 if self.perturb == "weights" else activity_share()
        rest = {"rademacher": n - 1, "normal": n + 1, "orthogonal": n - directions}[self.law]
        return sqrt(share * rest / directions)

    @property
    def worse_than_zero(self) -> int:
        """How many estimates are farther from the gradient than the answer 0 is."""
        return int(np.count_nonzero(self.walks.errors[:, self.directions - 1] > 1))

    def words(self) -> str:
        k = self.directions
        drawn = f"{k} direction{'s' if k > 1 else ''}"
        if self.exact:
            return (
                f"With all {UNITS} orthogonal directions nothing is left to chance: each of the "
                f"{TRIES} estimates is the gradient itself, but for rounding."
            )
        worse = self.worse_than_zero
        some = {
            0: f"None of the {TRIES} is",
            1: f"One of the {TRIES} is",
            TRIES: f"All {TRIES} are",
        }
        far = some.get(worse, f"{worse} of the {TRIES} are")
        if self.law == "orthogonal":
            price = f"All {UNITS} orthogonal directions would leave no error at all."
        else:
            price = (
                f"An error of a tenth would take {ceil(100 * self.predicted(1) ** 2 - 1e-6):,} "
                f"directions; unit directions give the exact gradient with "
                f"{PARAMETERS if self.perturb == 'weights' else UNITS + CLASSES}."
            )
        return (
            f"From {drawn} an estimate misses the gradient by {fixed(self.error(k))} times its "
            f"length (law: {fixed(self.predicted(k))}), although it is right on average: the mean "
            f"of {TRIES} misses by {fixed(self.mean[2])}. {far} farther off than the answer zero. "
            f"{price}"
        )
