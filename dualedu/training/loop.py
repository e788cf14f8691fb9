"""Training a network on gradients that came forward: the loop, and what hangs on it.

Progress bars, checkpoints and the end at a loss that is no number are callbacks of the run
(`dualedu.training.run`); the loop itself is a gradient and a step for each batch.
"""

from __future__ import annotations

import functools
import inspect
import json
import math
import operator
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from dualedu.nn import MLP, cross_entropy
from dualedu.training.batches import Batch, batches, split
from dualedu.training.checkpoint import Checkpoint
from dualedu.training.gradients import check_counts, exact_gradient
from dualedu.training.history import History
from dualedu.training.parts import checksum
from dualedu.training.progress import Progress
from dualedu.training.run import Run
from dualedu.training.sgd import SGD, Schedule, warmup_cosine
from dualedu.training.stopping import Divergence, Interrupts

if TYPE_CHECKING:  # many workers take asyncio along
    from dualedu.training.distributed import Workers
    from dualedu.training.parts import Together

Gradient = Callable[..., tuple[Any, Sequence[Any]]]


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
    workers: Workers | None = None,
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
    workers : dualedu.training.distributed.Workers, optional
        Processes, here or on other machines, that share each step. The numbers do not depend on how
        many there are.
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
    images, labels, held_out = split(model, data, validation)
    steps = math.ceil(len(images) / batch_size)
    settings = {
        "gradient": called(function),
        "options": {key: value for key, value in options.items() if key != "rng"},
        "sizes": model.sizes,
        "activation": model.activation,
        "dtype": str(images.dtype),
        "images": len(images),
        "images_checksum": checksum((labels, images[:1000])),
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
    optimizer = SGD(model.parameters, momentum)
    if not isinstance(rng, np.random.Generator):
        rng = np.random.default_rng(np.random.SeedSequence(rng).spawn(1)[0])
    source: Here | Together
    if workers is None:
        if "rng" in inspect.signature(function).parameters:
            options["rng"] = rng
        source = Here(function, options, model, optimizer, (images, labels))
    else:
        source = workers.steps(function, options, model, optimizer, (images, labels), rng)
        settings |= {"shards": source.parts.shards, "groups": source.parts.groups}
    history = History(json.loads(json.dumps(settings, default=str)))
    callbacks = [Checkpoint(checkpoint, resume), Divergence(learning_rate), Progress(progress)]
    run = Run(model.parameters, optimizer.velocities, rng, history, callbacks)

    def rate(step: int) -> float:
        return learning_rate * schedule(step / (epochs * steps))

    def metrics() -> dict[str, Any]:
        sizes = [*[batch_size] * (steps - 1), len(images) - batch_size * (steps - 1)]
        record = {
            "epoch": run.epoch + 1,
            "train_loss": float(np.average(history.steps[-steps:], weights=sizes)),
            "train_accuracy": evaluate(model, images, labels)[1],
        }
        for part, labelled in held_out.items():
            loss, record[f"{part}_accuracy"] = evaluate(model, *labelled)
            run.check(loss)
            record[f"{part}_loss"] = loss
        return record | {"learning_rate": rate(len(history.steps) - 1), "seconds": run.seconds}

    # Where numbers overflow the loss shows it, and every step looks at the loss.
    with np.errstate(over="ignore", invalid="ignore"), Interrupts(run), closing(source), run:
        for _ in run.epochs(metrics):
            for batch in batches(run, images, batch_size, shift):
                loss, gradients = source.gradient(batch)
                run.check(loss)
                source.step(gradients, rate(len(history.steps)))
                run.record(loss)
    return history


class Here:
    """Gradients that are computed at once, in this process, and the steps along them."""

    def __init__(
        self, function: Gradient, options: dict[str, Any], model: MLP, optimizer: SGD, data: Any
    ) -> None:
        self.function, self.options = function, options
        self.model, self.optimizer, self.data = model, optimizer, data

    def gradient(self, batch: Batch) -> tuple[Any, Sequence[Any]]:
        """The mean loss of a batch, and its gradients."""
        images, labels = batch.of(*self.data)
        return self.function(self.model, images, labels, **self.options)

    def step(self, gradients: Sequence[Any], learning_rate: float) -> None:
        """Move the parameters."""
        self.optimizer.step(gradients, learning_rate)

    def close(self) -> None:
        """Nothing is held."""


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


def called(function: Any) -> str:
    return str(getattr(function, "__name__", repr(function)))


def check_settings(epochs: Any, batch_size: Any, learning_rate: Any) -> None:
    check_counts(epochs=epochs, batch_size=batch_size)
    if not (np.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate is {learning_rate!r}; it must be a positive number")
