"""What a loss curve, a training step or the values of a layer show, each in one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualedu.doctor.claims import Problem
from dualedu.doctor.pages import PATIENT, SMALL_PRINT
from dualedu.doctor.reading import Reading, rms
from dualedu.doctor.structure import numbers, walk
from dualedu.doctor.tracing import spread

FLAT = 0.01
"""A sigmoid's slope σ(1 − σ) below which a unit counts as saturated; it can be 0.25."""
SILENT = 1e-8
"""The number that log(p + 1e-8) adds: a probability below it is not heard."""
NORM_DIRECTIONS = 64


@dataclass(frozen=True)
class Symptom:
    """
    One thing seen in a training.

    Parameters
    ----------
    name : str
        Its name, for programs.
    says : str
        A sentence with the numbers.
    page : str
        Where the book explains it.
    serious : bool, optional
        Whether it speaks for an illness, or is only said.
    measured, expected : float, optional
        The number seen, and that of a healthy training.
    """

    name: str
    says: str
    page: str
    serious: bool = True
    measured: float | None = None
    expected: float | None = None


class Symptoms(tuple[Symptom, ...]):
    """All that was seen; prints one sentence a line."""

    def __repr__(self) -> str:
        if not self:
            return "Nothing striking in what was given."
        return "\n".join(f"{'!' if s.serious else '·'} {s.says}\n  Read: {s.page}" for s in self)

    __str__ = __repr__

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(s.name for s in self)


def symptoms(
    losses: Any = None,
    *,
    classes: int | None = None,
    batch_size: int | None = None,
    samples: int | None = None,
    loss: Callable[..., Any] | None = None,
    before: Any = None,
    after: Any = None,
    activations: Any = None,
    probabilities: Any = None,
    labels: Any = None,
) -> Symptoms:
    """
    Look at a training: give what you have, each part is looked at by itself.

    Parameters
    ----------
    losses : array_like, optional
        The printed losses, in order.
    classes : int, optional
        How many classes there are; a uniform guess then costs log(classes) an image.
    batch_size : int, optional
        Images in a batch.
    samples : int, optional
        Images in the training set, if each number is that of an epoch's last batch.
    loss : callable, optional
        The loss as a function of the parameters; with `before` and `after` a step is examined.
    before, after : array_like, list, dict or tuple, optional
        The parameters before and after one step, as `loss` takes them.
    activations : array_like, optional
        A layer's values after its activation, of shape (images, units).
    probabilities : array_like, optional
        Of shape (images, classes).
    labels : array_like of int, optional
        The class of each image, of shape (images,).

    Returns
    -------
    Symptoms
        A tuple of `Symptom`, which prints as sentences.

    Raises
    ------
    ValueError
        If two of them do not fit together.

    Examples
    --------
    >>> symptoms([230.0, 231.0, 229.0], classes=10, batch_size=100).names
    ('sum, not mean', 'does not fall')
    """
    if all(x is None for x in (losses, loss, before, after, activations, probabilities, labels)):
        raise ValueError("nothing was given; give losses=, before= and after=, or a layer's values")
    if (before is None) != (after is None):
        given, needed = ("before=", "after=") if after is None else ("after=", "before=")
        raise ValueError(f"{given} needs {needed}: a step is the difference of the two")
    if loss is not None and after is None:
        raise ValueError("loss= needs before= and after=, the parameters around a step")
    if loss is not None and not callable(loss):
        raise ValueError(f"loss is {loss!r}; it must be a function of the parameters")
    if (probabilities is None) != (labels is None):
        raise ValueError(
            "probabilities= needs labels=, the class of each row; and labels= needs probabilities="
        )
    for name, count, least in (
        ("classes", classes, 2), ("batch_size", batch_size, 1), ("samples", samples, 1),
    ):  # fmt: skip
        if count is not None and not (isinstance(count, int | np.integer) and count >= least):
            raise ValueError(f"{name} is {count!r}; it must be a whole number from {least} on")
    found: list[Symptom] = []
    if losses is not None:
        found += of_curve(array_of("losses", losses, 1), classes, batch_size, samples)
    if after is not None:
        found += of_rounding(before, after)
        if loss is not None:
            found += of_step(loss, before, after)
    if activations is not None:
        found += of_activations(array_of("activations", activations))
    if probabilities is not None:
        found += of_probabilities(array_of("probabilities", probabilities), np.asarray(labels))
    return Symptoms(found)


def array_of(name: str, given: Any, axes: int | None = None) -> Any:
    """An array of floats, or a ValueError that says what was given."""
    entries = [x for _, x in walk(given)]
    try:
        if any(x is None or isinstance(x, str) for x in entries):
            raise TypeError
        found = np.asarray(numbers(given), np.float64)
    except (TypeError, ValueError):
        found = None
    if found is None:
        kind = "one with other things in it" if np.iterable(given) else f"a {type(given).__name__}"
        raise ValueError(f"{name} must be a list or an array of numbers; it is {kind}")
    if not found.size or axes not in (None, found.ndim):
        must = "be a list of numbers, not empty" if axes == 1 else "not be empty"
        raise ValueError(f"{name} has shape {found.shape}; it must {must}")
    return found


# --- the curve -----------------------------------------------------------------------------------


def of_curve(
    losses: Any, classes: int | None, batch_size: int | None, samples: int | None
) -> Iterator[Symptom]:
    if not np.all(np.isfinite(losses)):
        first = int(np.argmin(np.isfinite(losses)))
        yield Symptom(
            "not finite",
            f"Loss number {first} is {losses[first]}: something overflowed, there or before.",
            SMALL_PRINT,
        )
        losses = losses[:first]
    if not len(losses):
        return
    last = batch_size
    if samples is not None and batch_size:
        last = samples % batch_size or batch_size
    if last and batch_size and last != batch_size:
        yield Symptom(
            "last batch",
            f"The last batch of an epoch holds {last} images, not {batch_size}: a sum over it is "
            "no measure of the epoch.",
            SMALL_PRINT,
            serious=False,
            measured=float(last),
            expected=float(batch_size),
        )
    if classes:
        yield from against_a_guess(float(losses[0]), classes, batch_size, last)
    yield from trend(losses)


def against_a_guess(
    first: float, classes: int, batch_size: int | None, last: int | None
) -> Iterator[Symptom]:
    guess = float(np.log(classes))
    n = last or batch_size
    if n and n > 4 and first / n > 0.5 * guess:
        yield Symptom(
            "sum, not mean",
            f"The printed number, {first:.4g}, is a sum over {n} images: that is "
            f"{first / n:.3g} an image.",
            SMALL_PRINT,
            serious=False,
            measured=first,
            expected=first / n,
        )
        first = first / n
    if first > 1.5 * guess:
        yield Symptom(
            "worse than a guess",
            f"An image costs {first:.3g}; a network that knows nothing pays log {classes} = "
            f"{guess:.3g}. This one is sure, and wrong.",
            PATIENT,
            measured=first,
            expected=guess,
        )


def trend(losses: Any) -> Iterator[Symptom]:
    """Whether the loss falls, by more than it jumps."""
    if len(losses) < 3:
        return
    third = max(1, len(losses) // 3)
    begin, end = losses[:third], losses[-third:]
    jumps = rms(np.diff(losses)) / np.sqrt(2)
    fall = float(np.mean(begin) - np.mean(end))
    noise = jumps * np.sqrt(2 / third)
    if fall < -2 * noise:
        yield Symptom(
            "rises",
            f"The loss rises, from {np.mean(begin):.4g} to {np.mean(end):.4g}.",
            PATIENT,
            measured=-fall,
        )
    elif fall < 2 * noise or fall < 1e-3 * abs(float(np.mean(begin))):
        yield Symptom(
            "does not fall",
            f"The loss does not fall: {np.mean(begin):.4g} at the beginning, {np.mean(end):.4g} at "
            f"the end, and it jumps by {jumps:.2g} from one number to the next.",
            PATIENT,
            measured=fall,
        )


# --- the step ------------------------------------------------------------------------------------


def pairs(before: Any, after: Any) -> list[tuple[Any, Any]]:
    old = [numbers(x) for _, x in walk(before)]
    new = [numbers(x) for _, x in walk(after)]
    if [x.shape for x in old] != [x.shape for x in new]:
        raise ValueError(
            f"before has shapes {[x.shape for x in old]}, after {[x.shape for x in new]}; "
            "they must be the same parameters"
        )
    return [(a, b) for a, b in zip(old, new, strict=True) if a.dtype.kind == "f"]


def of_rounding(before: Any, after: Any) -> Iterator[Symptom]:
    both = pairs(before, after)
    if not both:
        return
    for when, k, why in (("Before", 0, "an earlier step"), ("After", 1, "something in it")):
        lost = sum(int(np.sum(~np.isfinite(pair[k]))) for pair in both)
        if lost:
            some = "1 parameter is" if lost == 1 else f"{lost} parameters are"
            yield Symptom(
                "not finite",
                f"{when} the step {some} not finite: {why} overflowed.",
                SMALL_PRINT,
                measured=float(lost),
            )
            return
    same = sum(int(np.sum(a == b)) for a, b in both)
    total = sum(a.size for a, _ in both)
    if same > 0.2 * total:
        dtype = both[0][0].dtype
        gap = float(np.median(np.concatenate([np.spacing(np.abs(a)).ravel() for a, _ in both])))
        yield Symptom(
            "step lost to rounding",
            f"{100 * same / total:.0f} % of the parameters did not change at all. Next to them, "
            f"neighbours in {dtype} are {gap:.1e} apart: a step below half of that is no step (or "
            "their gradient is zero).",
            SMALL_PRINT,
            measured=same / total,
            expected=0.0,
        )


def of_step(loss: Callable[..., Any], before: Any, after: Any) -> Iterator[Symptom]:
    """Promised against measured decrease, and the angle to the gradient: Part 2's test."""
    problem = Problem(loss, after, before, "gradient", None, None)
    start = problem.start()
    steps = [
        np.asarray(numbers(x), np.float64) - v
        for (_, x), v in zip(
            ((p, x) for p, x in walk(after) if numbers(x).dtype.kind == "f"), start, strict=True
        )
    ]
    largest = np.max([np.max(np.abs(s), initial=0.0) for s in steps], initial=0.0)
    scale = largest if 0 < largest < np.inf else 1.0  # unscaled, squares may overflow
    length = scale * math.hypot(*(float(np.linalg.norm(s / scale)) for s in steps))
    if not np.isfinite(length):
        return  # said already
    if not length:
        yield Symptom("no step", "The parameters are the same after the step.", SMALL_PRINT)
        return
    size = max(spread(v) for v in start)
    h = 1e-4 * size
    phi = problem.phi(np.ones(problem.out.shape))
    ahead, behind = (
        float(phi([v + sign * h * s / length for v, s in zip(start, steps, strict=True)]))
        for sign in (1, -1)
    )
    slope = (ahead - behind) / (2 * h)
    norm = gradient_norm(problem, start)
    cosine = -slope / norm if norm else 0.0
    if slope >= 0:
        yield Symptom(
            "uphill",
            f"The step goes uphill: for each unit of length the loss changes by {slope:+.4g}.",
            PATIENT,
            measured=slope,
            expected=-norm,
        )
    if abs(cosine) < 0.9:
        yield Symptom(
            "not along the gradient",
            f"Along the step the loss falls by {-slope:.4g} for each unit of length; along the "
            f"gradient it would be about {norm:.4g}. The cosine between the step and −∇L is "
            f"{cosine:.2f}; plain gradient descent has 1.",
            PATIENT,
            serious=abs(cosine) < 0.1 or cosine < 0,
            measured=cosine,
            expected=1.0,
        )
    took = float(phi(start)) - float(phi([v + s for v, s in zip(start, steps, strict=True)]))
    promised = -slope * length
    if promised > 0 and not took >= 0:
        yield Symptom(
            "step too long",
            f"A short step in this direction would help, but this one, of length {length:.3g}, is "
            f"too long: the loss rises by {-took:.4g} where {promised:.4g} less was promised.",
            PATIENT,
            measured=took,
            expected=promised,
        )


def gradient_norm(problem: Problem, start: list[Any]) -> float:
    """The gradient's length: exactly where it is small enough to ask for, or from the mean square
    of slopes along random directions of ±1, which is its square."""
    zeros = [np.zeros(v.shape) for v in start]
    problem.claimed, problem.kind = tuple(zeros), "gradient"
    duals = runs_on_duals(problem, start)
    reading = Reading(problem, start, np.ones(problem.out.shape), duals, 1)
    total = 0.0
    for i, v in enumerate(start):
        full = reading.full(i)
        if full is None:
            rng = np.random.default_rng(i)
            signs = rng.choice([-1.0, 1.0], (NORM_DIRECTIONS, *v.shape))
            total += float(np.mean(reading.true_along(i, signs)[0] ** 2))
        else:
            total += float(np.sum(full**2))
    return float(np.sqrt(total))


def runs_on_duals(problem: Problem, start: list[Any]) -> bool:
    from dualedu.doctor import looks
    from dualedu.doctor.examination import Examination

    return looks.runs_on_duals(Examination(problem, 0), start)


# --- values of a layer ---------------------------------------------------------------------------


def of_activations(values: Any) -> Iterator[Symptom]:
    """Saturated or dead units, told by the range of the values: σ, tanh or relu."""
    if not np.all(np.isfinite(values)):
        yield lost_values("activations", values)
        return
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        share = float(np.mean(values * (1 - values) < FLAT))
        name = "sigmoid"
    elif low >= -1 and high <= 1:
        share = float(np.mean(1 - values**2 < 4 * FLAT))
        name = "tanh"
    elif low >= 0 and values.ndim == 2:
        share = float(np.mean(np.all(values == 0, axis=0)))
        if share > 0.2:
            yield Symptom(
                "dead units",
                f"{100 * share:.0f} % of the units are 0 for every image: relu passes no gradient "
                "to them.",
                SMALL_PRINT,
                measured=share,
            )
        return
    else:
        return
    if share > 0.3:
        yield Symptom(
            "saturated",
            f"{100 * share:.0f} % of the {name}s are saturated: their slope is below "
            f"{FLAT if name == 'sigmoid' else 4 * FLAT:g}, and little of the gradient passes to "
            "the layers before them. The weights are too large for the number of inputs.",
            SMALL_PRINT,
            measured=share,
        )


def lost_values(name: str, values: Any) -> Symptom:
    share = float(np.mean(~np.isfinite(values)))
    return Symptom(
        "not finite",
        f"{100 * share:.3g} % of the {name} are not finite: something overflowed, there or before.",
        SMALL_PRINT,
        measured=share,
    )


def of_probabilities(probabilities: Any, labels: Any) -> Iterator[Symptom]:
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]:
        raise ValueError(
            f"probabilities have shape {probabilities.shape} and labels {labels.shape}; they must "
            "be (images, classes) and (images,); of one-hot labels give labels.argmax(axis=1)"
        )
    count = probabilities.shape[1]
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= count:
        raise ValueError(f"labels must be whole numbers from 0 to {count - 1}, one for each row")
    if not np.all(np.isfinite(probabilities)):
        yield lost_values("probabilities", probabilities)
        return
    sums = probabilities.sum(axis=1)
    if probabilities.min() < 0 or np.max(np.abs(sums - 1)) > 0.01:
        worst = sums[np.argmax(np.abs(sums - 1))]
        raise ValueError(
            f"probabilities must not be negative, and rows must sum to 1; the smallest here is "
            f"{probabilities.min():.3g}, and a row sums to {worst:.3g}: give what softmax returns"
        )
    own = probabilities[np.arange(len(labels)), labels]
    share = float(np.mean(own < SILENT))
    if share:
        yield Symptom(
            "silent images",
            f"{100 * share:.0f} % of the images give their label a probability below 1e-8. "
            "log(p + 1e-8) does not hear them: those that are most wrong teach least.",
            SMALL_PRINT,
            serious=share > 0.01,
            measured=share,
        )
    guess = float(np.log(probabilities.shape[1]))
    with np.errstate(divide="ignore"):
        cost = float(np.mean(-np.log(np.maximum(own.astype(np.float64), 1e-300))))
    if cost > 1.5 * guess:
        yield Symptom(
            "worse than a guess",
            f"An image costs {cost:.3g} on average; a uniform guess costs {guess:.3g}.",
            PATIENT,
            measured=cost,
            expected=guess,
        )
