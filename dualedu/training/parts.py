"""A step in parts: each computed from a seed and a share of the batch, then added up in one order.

What a part is depends on the step alone, never on who computes it. So the sum has the same bits
whether one process computes all parts or many share them.

    Parts      which parts a step has, what one of them computes, how they add up
    Replica    a copy of network and optimizer that takes every step, and computes parts
    Together   the steps of a training run, whose parts are computed one after the other

Along directions of the weights a part sends one number a direction: from the seed everybody draws
the directions again. Every other gradient is sent whole.
"""

from __future__ import annotations

import inspect
import pickle
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dualedu.nn import MLP
from dualedu.training.batches import Batch
from dualedu.training.gradients import (
    Gradients,
    Law,
    Perturb,
    add_along,
    check_counts,
    check_options,
    checked_batch,
    forward_gradient,
    weight_seeds,
    weight_slopes,
)
from dualedu.training.sgd import SGD

Found = tuple[float, Any]
"""What a part gives: its loss, and its slopes or its gradients."""


class Part(NamedTuple):
    """A share of a step: some images, some directions, and the weight of its gradient."""

    rows: slice
    directions: int
    weight: float


class Parts:
    """How a step is cut, and what is computed in each part.

    Parameters
    ----------
    model : MLP
        The network that is to be trained.
    gradient : callable
        As for `train`.
    options : dict
        Its options.
    shards : int, optional
        Into how many shares the images of a batch go; 1 for directions of the weights, else 4.
    groups : int, optional
        How many seeds the directions of a shard are drawn from; for directions of the weights, one
        for each direction, but at most 8; else 1.

    Raises
    ------
    ValueError
        A number of shards or groups is not 1 or more, the gradient cannot be cut so, or an option
        has no such value.
    TypeError
        There is no such option.
    """

    def __init__(
        self,
        model: MLP,
        gradient: Callable[..., Any],
        options: dict[str, Any],
        shards: int | None = None,
        groups: int | None = None,
    ) -> None:
        self.gradient = gradient
        self.options = {key: value for key, value in options.items() if key != "rng"}
        self.drawn = "rng" in inspect.signature(gradient).parameters
        self.by_slopes = (
            gradient is forward_gradient and options.get("perturb", "weights") == "weights"
        )
        self.directions = 1
        self.law: Law = "rademacher"
        if self.by_slopes:
            self.directions, self.law = weight_options(model, **self.options)
        self.shards = (1 if self.by_slopes else 4) if shards is None else shards
        self.groups = min(self.directions, 8) if groups is None else groups
        check_counts(shards=self.shards, groups=self.groups)
        if self.groups > self.directions:
            raise ValueError(
                f"groups is {self.groups}: directions are drawn in groups where they are of the "
                f"weights, and there {'is' if self.directions == 1 else 'are'} {self.directions}; "
                "cut the batch instead, with shards"
            )

    def of(self, samples: int) -> list[Part]:
        """The parts of a step on a batch of so many images; a shard without images is none."""
        found, start = [], 0
        for size in shares(samples, self.shards):
            for count in shares(self.directions, self.groups):
                weight = size / samples * (count / self.directions)
                found.append(Part(slice(start, start + size), count, weight))
            start += size
        return found

    def compute(
        self, model: MLP, data: Any, batch: Batch, part: Part, seed: Sequence[int]
    ) -> Found:
        """One part of a step."""
        images, labels = batch.rows(part.rows).of(*data)
        if not self.by_slopes:
            drawn = {"rng": np.random.default_rng(seed)} if self.drawn else {}
            loss, gradients = self.gradient(model, images, labels, **self.options, **drawn)
            return float(loss), list(gradients)
        images, labels = checked_batch(model, images, labels)
        rng = np.random.default_rng(seed)
        found = []
        for seeds in weight_seeds(model, len(images), part.directions, rng, self.law):
            loss, slopes = weight_slopes(model, images, labels, seeds, self.law)
            found.append(slopes)
        return float(loss), np.concatenate(found)

    def gradients(self, model: MLP, part: Part, numbers: Any, seed: Sequence[int]) -> Gradients:
        """The gradients that a part stands for, of its own images and directions."""
        if not self.by_slopes:
            return list(numbers)
        gradients = [np.zeros_like(p) for p in model.parameters]
        samples, start = part.rows.stop - part.rows.start, 0
        rng = np.random.default_rng(seed)
        for seeds in weight_seeds(model, samples, part.directions, rng, self.law):
            stop = start + len(seeds[0][0] if self.law == "rank-one" else seeds[0])
            add_along(gradients, numbers[start:stop] / part.directions, seeds, self.law)
            start = stop
        return gradients

    def add_up(self, model: MLP, samples: int, numbers: Sequence[Any], base: int) -> Gradients:
        """The gradients of a step, from the numbers of all its parts."""
        total: Gradients = []
        for i, (part, found) in enumerate(zip(self.of(samples), numbers, strict=True)):
            own = [part.weight * g for g in self.gradients(model, part, found, [base, i])]
            total = own if not total else [a + b for a, b in zip(total, own, strict=True)]
        return total


def weight_options(
    model: MLP,
    directions: int = 1,
    perturb: Perturb = "weights",
    law: Law = "rademacher",
    orthogonal: bool = False,
) -> tuple[int, Law]:
    """How many directions of the weights, and of which law: the options of `forward_gradient`."""
    check_options(model, directions, perturb, law, orthogonal)
    return int(directions), law


def shares(count: int, most: int) -> list[int]:
    """`count` things in at most so many shares, as equal as can be and none empty."""
    each, more = divmod(count, most)
    return [each + (i < more) for i in range(min(most, count))]


def checksum(arrays: Sequence[Any]) -> int:
    """Four bytes that tell arrays apart: their CRC-32."""
    found = 0
    for array in arrays:
        found = zlib.crc32(np.ascontiguousarray(array).data, found)
    return found


class Together:
    """The steps of a training run, computed in parts: here all of them, one after the other.

    Parameters
    ----------
    parts : Parts
        How each step is cut.
    model : MLP
        The network, which the steps change.
    optimizer : SGD
        Of its parameters.
    data : tuple of ndarray
        The training images and labels.
    rng : Generator
        Draws a number for each step, from which all its directions come.
    """

    def __init__(
        self, parts: Parts, model: MLP, optimizer: SGD, data: Any, rng: np.random.Generator
    ) -> None:
        self.parts, self.model, self.optimizer = parts, model, optimizer
        self.data, self.rng = data, rng

    def gradient(self, batch: Batch) -> tuple[float, Gradients]:
        """The mean loss of a batch, and its gradients."""
        self.samples = len(batch.chosen)
        self.base = int(self.rng.integers(2**63))
        found = self.found(batch)
        self.numbers = [numbers for _, numbers in found]
        gradients = self.parts.add_up(self.model, self.samples, self.numbers, self.base)
        weights = [part.weight for part in self.parts.of(self.samples)]
        loss = sum(weight * loss for weight, (loss, _) in zip(weights, found, strict=True))
        return loss, gradients

    def found(self, batch: Batch) -> list[Found]:
        """The results of all parts, in their order."""
        return [
            self.parts.compute(self.model, self.data, batch, part, [self.base, i])
            for i, part in enumerate(self.parts.of(self.samples))
        ]

    def step(self, gradients: Sequence[Any], learning_rate: float) -> None:
        """Take the step of the batch whose gradients were asked for last."""
        self.optimizer.step(gradients, learning_rate)

    def close(self) -> None:
        """Let go of what the steps held."""


class Replica:
    """A copy of network and optimizer, elsewhere.

    It takes each step by itself, from the numbers of all parts, and computes the parts that it is
    asked for.
    Messages are bytes both ways, so that what crosses a network can be counted.

    Parameters
    ----------
    blueprint : tuple
        Sizes, activation and dtype of the network, the optimizer's momentum, and how many images
        there are to train on.
    given : bytes
        Pickled: the `Parts`, and None or a function that returns training images, labels and
        perhaps more.
    data : tuple of ndarray, optional
        Training images and labels, where no function finds them.
    """

    parts: Parts

    def __init__(self, blueprint: tuple[Any, ...], given: bytes, data: Any = None) -> None:
        sizes, activation, dtype, momentum, self.images = blueprint
        self.given, self.data = given, data
        self.model = MLP(sizes, activation, dtype=dtype)
        self.optimizer = SGD(self.model.parameters, momentum)

    def begin(self) -> bytes:
        """Get the data ready, and say which they are."""
        return answered(self.ready)

    def work(self, message: bytes) -> bytes:
        """Take the steps that have been missed, then compute parts of the next one."""
        return answered(self.answer, *pickle.loads(message))

    def ready(self) -> int:
        self.parts, find = pickle.loads(self.given)
        if find is not None:
            images, labels = (np.asarray(part)[: self.images] for part in find()[:2])
            self.data = images.astype(self.model.parameters[0].dtype, copy=False), labels
        return checksum(self.data)

    def answer(
        self, state: Any, steps: Sequence[Any], base: int, asked: Sequence[Any]
    ) -> tuple[int, list[tuple[int, Found]]]:
        """The checksum of the weights, and for each part asked for its number and result."""
        if state is not None:
            mine = (*self.model.parameters, *self.optimizer.velocities)
            for array, given in zip(mine, state, strict=True):
                array[...] = given
        for samples, its_base, learning_rate, numbers in steps:
            if self.parts.by_slopes:
                numbers = [np.frombuffer(n, self.model.parameters[0].dtype) for n in numbers]
                numbers = self.parts.add_up(self.model, samples, numbers, its_base)
            self.optimizer.step(numbers, learning_rate)
        found = []
        for number, directions, chosen, moves in asked:
            batch = Batch(
                np.frombuffer(chosen, np.uint32),
                None if moves is None else np.frombuffer(moves, np.uint8),
            )
            part = Part(slice(0, len(batch.chosen)), directions, 1.0)
            loss, numbers = self.parts.compute(self.model, self.data, batch, part, [base, number])
            sent = numbers.tobytes() if self.parts.by_slopes else numbers
            found.append((number, (loss, sent)))
        return checksum(self.model.parameters), found


def answered(function: Callable[..., Any], *arguments: Any) -> bytes:
    """What a function returns or raises, in bytes: an error of ours is not one of the network."""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return pickle.dumps((True, function(*arguments)))
    except Exception as error:
        try:
            return pickle.dumps((False, error))
        except Exception:
            return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
