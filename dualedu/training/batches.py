"""Labelled images for a training run: checked, split, and in batches of a random order."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from dualedu.nn import MLP
from dualedu.training.run import Run

Labelled = tuple[Any, Any]


class Batch(NamedTuple):
    """The images of a step: their numbers, and how each is moved (None: not at all)."""

    chosen: Any
    moves: Any = None

    def of(self, images: Any, labels: Any) -> Labelled:
        """Its images and labels."""
        batch = images[self.chosen]
        if self.moves is not None:
            batch = shifted(batch, self.moves)
        return batch, labels[self.chosen]

    def rows(self, part: slice) -> Batch:
        """The batch of some of its images."""
        return Batch(self.chosen[part], None if self.moves is None else self.moves[part])


def batches(run: Run, images: Any, size: int, shift: bool) -> Iterator[Batch]:
    """The batches of the epoch under way: all that are left, or those before the run is stopped.

    Parameters
    ----------
    run : Run
        Its generator draws the order of the images, and their shifts.
    images : ndarray
        Of shape (N, pixels).
    size : int
        Images in a batch; the last one takes those that are left.
    shift : bool
        Move each image by −1, 0 or 1 pixel in both directions, at random.

    Yields
    ------
    batch : Batch
        The images of a step, and how each is moved.
    """
    order = run.order(len(images))
    while run.step < run.steps_per_epoch and not run.stop:
        chosen = order[run.step * size : (run.step + 1) * size]
        yield Batch(chosen, random_moves(len(chosen), run.rng) if shift else None)


def random_moves(count: int, rng: np.random.Generator) -> Any:
    """For each of some images one of the nine moves by −1, 0 or 1 pixel down and across."""
    return rng.integers(9, size=count)


def shifted(images: Any, moves: Any) -> Any:
    """Each image of a batch moved; its edge is repeated."""
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
