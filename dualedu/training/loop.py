"""Training a network on gradients that came forward: momentum SGD from the first step to a History.

exact_gradient, forward_gradient   where gradients come from (dualedu.training.gradients)
SGD, warmup_cosine                 how a gradient becomes a step
train                              epochs of steps, with metrics, progress, checkpoints
"""

from __future__ import annotations

import functools
import inspect
import json
import math
import operator
import os
import signal
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dualedu.nn import MLP, cross_entropy
from dualedu.training.checkpoint import Run
from dualedu.training.gradients import exact_gradient
from dualedu.training.history import History
from dualedu.training.progress import Progress

Gradient = Callable[..., tuple[Any, Sequence[Any]]]
Schedule = Callable[[float], float]


class SGD:
    """Stochastic gradient descent with momentum: v ← μ v + g, then p ← p − η v.

    Parameters
    ----------
    parameters : sequence of ndarray
        Arrays of floats, which `step` changes in place.
    momentum : float, optional
        The momentum μ, in [0, 1). With 0 a step is p ← p − η g.

    Attributes
    ----------
    velocities : list of ndarray
        The v of each parameter, zeros at first.

    Raises
    ------
    ValueError
        The momentum is outside [0, 1).

    Examples
    --------
    >>> w = np.array([1.0])
    >>> SGD([w], momentum=0).step([np.array([2.0])], learning_rate=0.1)
    >>> w
    array([0.8])
    """

    def __init__(self, parameters: Sequence[Any], momentum: float = 0.9) -> None:
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum is {momentum!r}; it must lie in [0, 1)")
        self.parameters = list(parameters)
        self.velocities = [np.zeros_like(p) for p in self.parameters]
        self.momentum = momentum

    def step(self, gradients: Sequence[Any], learning_rate: float) -> None:
        """Take one step.

        Parameters
        ----------
        gradients : sequence of ndarray
            One for each parameter, of its shape.
        learning_rate : float
            The step's η.
        """
        for p, v, g in zip(self.parameters, self.velocities, gradients, strict=True):
            v *= self.momentum
            v += g
            p -= learning_rate * v


def warmup_cosine(progress: float) -> float:
    """The factor of the learning rate: a warm-up, then half a cosine.

    It rises from 0.1 to 1 over the first 5 % of all steps, then falls to 0 along half a cosine
    (Loshchilov and Hutter, 2017, arXiv:1608.03983).

    Parameters
    ----------
    progress : float
        The share of all steps that is done, in [0, 1).

    Returns
    -------
    factor : float
        In [0, 1].

    Examples
    --------
    >>> [round(warmup_cosine(p), 3) for p in (0, 0.05, 0.525, 0.999)]
    [0.1, 1.0, 0.5, 0.0]
    """
    if progress < 0.05:
        return 0.1 + 0.9 * progress / 0.05
    return 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))


def constant(progress: float) -> float:
    """The factor 1 of the learning rate, in every step.

    Parameters
    ----------
    progress : float
        The share of all steps that is done; it makes no difference.

    Returns
    -------
    factor : float
        1.0.
    """
    return 1.0


def evaluate(model: MLP, images: Any, labels: Any) -> tuple[float, float]:
    """The mean cross-entropy of labelled images and the share classified rightly.

    Parameters
    ----------
    model : MLP
        The network.
    images : ndarray
        Of shape (N, sizes[0]).
    labels : ndarray of int
        Class numbers, of shape (N,).

    Returns
    -------
    loss : float
        The mean over the images.
    accuracy : float
        In [0, 1].

    Raises
    ------
    ValueError
        The images do not fit the network.
    """
    loss, right = 0.0, 0
    for start in range(0, len(images), 1000):
        part = slice(start, start + 1000)
        logits = model.logits(images[part])
        loss += float(cross_entropy(logits, labels[part], "sum"))
        right += int(np.sum(np.argmax(logits, axis=-1) == labels[part]))
    return loss / len(images), right / len(images)


class Diverged(FloatingPointError):
    """A loss was no longer finite.

    Parameters
    ----------
    message : str
        Where that was, and what may help.
    history : History
        The run up to there.
    step : int
        The step, counted from 0.
    loss : float
        What the loss was: NaN or infinite.
    """

    def __init__(self, message: str, history: History, step: int, loss: float) -> None:
        super().__init__(message)
        self.history, self.step, self.loss = history, step, loss


def train(
    model: MLP,
    data: Sequence[Any],
    gradient: Gradient = exact_gradient,
    *,
    epochs: int = 10,
    batch_size: int = 64,
    learning_rate: float = 0.05,
    momentum: float = 0.9,
    schedule: Schedule = warmup_cosine,
    shift: bool = False,
    validation: int = 0,
    rng: np.random.Generator | int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool = True,
    **options: Any,
) -> History:
    """Train a network in place by momentum SGD and return the History of the run.

    Ctrl-C, or a notebook's stop button, ends the run after the step under way: the model keeps
    what it has learned, and `history.interrupted` is True. A second one ends it at once, and then
    `checkpoint` holds the epochs before.

    Parameters
    ----------
    model : MLP
        The network; its parameters are changed in place.
    data : Digits or tuple of ndarray
        `mnist.load(normalised=True)`, or any (images, labels) or (images, labels, test_images,
        test_labels) with images (N, sizes[0]) of floats and integer labels (N,). Networks learn
        faster from pixels of mean 0 and variance 1, which `normalised=True` gives.
    gradient : callable, optional
        A function of the model, images, labels and the options, which returns the mean loss of a
        batch and arrays like `model.parameters`. If it has a parameter `rng`, it is given the run's
        generator.
    epochs : int, optional
        Passes over the training images, in a new random order each.
    batch_size : int, optional
        Images a step; the last step of an epoch takes those that are left.
    learning_rate : float, optional
        The largest η of the schedule.
    momentum : float, optional
        The μ of `SGD`.
    schedule : callable, optional
        The factor of the learning rate as a function of the share of steps done.
    shift : bool, optional
        Move each image by −1, 0 or 1 pixel in both directions, at random, in every epoch.
    validation : int, optional
        How many images to hold out from the end of the training set. Choose settings by these,
        never by the test images.
    rng : numpy.random.Generator or int, optional
        A generator, or a seed, for the order of images, their shifts and the directions. A seed's
        numbers differ from those that `MLP(rng=seed)` draws.
    checkpoint : path-like, optional
        A file to which the run is saved after each epoch and when it is interrupted.
    resume : bool, optional
        Continue from `checkpoint`, with the same data and settings, to the numbers that the run
        would have given uninterrupted.
    progress : bool, optional
        Show a bar for each epoch.
    **options : object
        Passed on to `gradient`.

    Returns
    -------
    history : History
        Settings, the loss of each step and the metrics of each epoch.

    Raises
    ------
    Diverged
        A loss was NaN or infinite; the error says at which step and holds the history.
    ValueError
        A setting has no such value, the data do not fit the network or each other, or a checkpoint
        belongs to another run.
    TypeError
        The images are not floats.
    FileExistsError
        `checkpoint` exists, and `resume` is False.
    FileNotFoundError
        `checkpoint` does not exist, and `resume` is True.

    Examples
    --------
    >>> data = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8) % 2
    >>> history = train(MLP((2, 3, 2)), data, epochs=2, batch_size=4, progress=False)
    >>> len(history.epochs), len(history.steps)
    (2, 4)
    """
    function: Any = gradient
    while isinstance(function, functools.partial):
        function, options = function.func, function.keywords | options
    check_settings(epochs, batch_size, learning_rate)
    images, labels, kept = split(model, data, validation)
    steps = math.ceil(len(images) / batch_size)
    settings = {
        "gradient": called(function),
        "options": {key: value for key, value in options.items() if key != "rng"},
        "sizes": model.sizes,
        "activation": model.activation,
        "dtype": str(images.dtype),
        "images": len(images),
        "images_checksum": zlib.crc32(images[:1000].tobytes(), zlib.crc32(labels.tobytes())),
        "validation": validation,
        "epochs": epochs,
        "steps_per_epoch": steps,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "schedule": called(schedule),
        "shift": shift,
        "seed": None if isinstance(rng, np.random.Generator) else operator.index(rng),
    }
    history = History(json.loads(json.dumps(settings, default=str)))
    optimizer = SGD(model.parameters, momentum)
    if not isinstance(rng, np.random.Generator):
        rng = np.random.default_rng(np.random.SeedSequence(rng).spawn(1)[0])
    if "rng" in inspect.signature(function).parameters:
        options["rng"] = rng
    run = Run(model.parameters, optimizer.velocities, rng, history)
    if resume:
        if checkpoint is None:
            raise ValueError("resume=True needs the file to resume from: checkpoint=...")
        run.resume(checkpoint)
    elif checkpoint is not None and Path(checkpoint).exists():
        raise FileExistsError(
            f"the checkpoint {checkpoint} exists: resume=True continues its run; "
            "for a new run delete it or name another"
        )

    def rate(step: int) -> float:
        return learning_rate * schedule(step / (epochs * steps))

    def take_step(chosen: Any) -> None:
        batch = shifted(images[chosen], rng) if shift else images[chosen]
        loss, gradients = function(model, batch, labels[chosen], **options)
        if not np.isfinite(loss):
            raise diverged(history, float(loss), learning_rate)
        optimizer.step(gradients, rate(len(history.steps)))
        history.steps.append(float(loss))

    def metrics() -> dict[str, Any]:
        sizes = [*[batch_size] * (steps - 1), len(images) - batch_size * (steps - 1)]
        record = {
            "epoch": run.epoch + 1,
            "train_loss": float(np.average(history.steps[-steps:], weights=sizes)),
            "train_accuracy": evaluate(model, images, labels)[1],
        }
        for part, held_out in kept.items():
            loss, record[f"{part}_accuracy"] = evaluate(model, *held_out)
            if not np.isfinite(loss):
                raise diverged(history, loss, learning_rate)
            record[f"{part}_loss"] = loss
        return record | {"learning_rate": rate(len(history.steps) - 1), "seconds": run.seconds}

    bars = Progress(progress, epochs, steps)
    # Where numbers overflow the loss shows it, and every step looks at the loss.
    with np.errstate(over="ignore", invalid="ignore"), Interrupts() as interrupts:
        try:
            while run.epoch < epochs and not history.interrupted:
                order = run.order(len(images))
                bars.start(run.epoch + 1, run.step)
                began = time.perf_counter() - run.seconds
                while run.step < steps and not interrupts.requested:
                    take_step(order[run.step * batch_size : (run.step + 1) * batch_size])
                    bars.update()
                run.seconds = time.perf_counter() - began
                if run.step == steps:
                    record = metrics()
                    run.end_epoch(record)
                    bars.finish(record)
                history.interrupted = interrupts.requested and run.epoch < epochs
                if checkpoint is not None:
                    run.save(checkpoint)
        except KeyboardInterrupt:  # a second one, or from a handler other than Python's own
            history.interrupted = True
        finally:
            bars.close()
    return history


class Interrupts:
    """Lets the step under way finish: the first Ctrl-C inside sets `requested`, a second raises.

    A KeyboardInterrupt in the middle of a step could leave half of the parameters changed.
    """

    def __enter__(self) -> Interrupts:
        self.requested = False
        self.ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self.ours:
            signal.signal(signal.SIGINT, self.request)
        return self

    def request(self, number: int, frame: Any) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True

    def __exit__(self, *error: object) -> None:
        if self.ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def shifted(images: Any, rng: np.random.Generator) -> Any:
    """Each image of a batch moved by −1, 0 or 1 pixel down and across; its edge is repeated."""
    moves = rng.integers(9, size=len(images))
    return np.take_along_axis(images, sources(images.shape[1])[moves], axis=1)


@functools.cache
def sources(pixels: int) -> Any:
    """The pixel from which each pixel comes, for the nine moves of a square image: (9, pixels)."""
    side = math.isqrt(pixels)
    if side * side != pixels:
        raise ValueError(f"shift=True moves square images; these have {pixels} pixels")
    place = np.arange(side)
    moved = [np.clip(place + move, 0, side - 1) for move in (-1, 0, 1)]
    return np.array(
        [np.add.outer(side * down, across).ravel() for down in moved for across in moved]
    )


def called(function: Any) -> str:
    return str(getattr(function, "__name__", repr(function)))


def diverged(history: History, loss: float, learning_rate: float) -> Diverged:
    step = len(history.steps)
    if step:
        epoch = step // int(history.settings["steps_per_epoch"])
        advice = (
            f"the steps were too long: lower learning_rate from {learning_rate:g} to a third, "
            "or average more directions"
        )
        where = f"step {step} (epoch {epoch + 1})"
    else:
        advice = "no step was taken yet: look for NaN or infinity in the images and the parameters"
        where = "step 0"
    message = (
        f"the loss is {loss} at {where}: {advice}. The error's .history holds what came before"
    )
    return Diverged(message, history, step, loss)


Labelled = tuple[Any, Any]


def split(model: MLP, data: Sequence[Any], validation: int) -> tuple[Any, Any, dict[str, Labelled]]:
    """Training images and labels, and what is not trained on: "validation", "test" or both."""
    if len(data) not in (2, 4):
        raise ValueError(
            f"data has {len(data)} parts; give mnist.load(), (images, labels) or "
            "(images, labels, test_images, test_labels)"
        )
    images, labels = checked(model, data[0], data[1], "training")
    kept: dict[str, Labelled] = {}
    if validation:
        count = len(images) - validation
        if not 0 < count < len(images):
            raise ValueError(
                f"validation is {validation!r}; of {len(images)} training images, 1 to "
                f"{len(images) - 1} can be held out (0 for none)"
            )
        kept["validation"] = images[count:], labels[count:]
        images, labels = images[:count], labels[:count]
    if len(data) == 4:
        kept["test"] = checked(model, data[2], data[3], "test")
    return images, labels, kept


def checked(model: MLP, images: Any, labels: Any, part: str) -> Labelled:
    images, labels = np.asarray(images), np.asarray(labels)
    if images.dtype.kind != "f":
        raise TypeError(
            f"the {part} images are {images.dtype}; training needs floats near 0, such as those of "
            "mnist.load(normalised=True)"
        )
    if images.ndim != 2 or images.shape[1] != model.sizes[0]:
        raise ValueError(
            f"{part} images of shape {images.shape} do not fit a network with {model.sizes[0]} "
            f"inputs: expected (N, {model.sizes[0]})"
        )
    if not len(images) or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{len(images)} {part} images came with labels of shape {labels.shape}; "
            "each image needs one label, and there must be at least one image"
        )
    return images.astype(model.parameters[0].dtype, copy=False), labels


def check_settings(epochs: Any, batch_size: Any, learning_rate: Any) -> None:
    for what, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{what} is {value!r}; it must be an integer of 1 or more")
    if not (np.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate is {learning_rate!r}; it must be a positive number")
