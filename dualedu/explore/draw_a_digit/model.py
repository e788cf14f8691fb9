"""A drawing, what a network takes it for, and how each pixel would change that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from io import BytesIO
from typing import Any

import numpy as np

from dualedu import jvp, nn
from dualedu.explore.kit.numerals import fixed
from dualedu.teaching.cost import multiplications

SIDE = 28
PIXELS = SIDE * SIDE
BOX, CENTRE = 20, 14.5
"""MNIST's form: the larger side of the digit fills 20 pixels, the centre of its ink lies in the
middle of the pixel right below the image's middle, to the nearest pixel."""

WIDEST = 2.5
"""Enlarged further than this, a dot would become a digit."""


@lru_cache(maxsize=1)
def stored() -> dict[str, Any]:
    file = resources.files("dualedu") / "data" / "digits_model.npz"
    with np.load(BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
        return dict(arrays)


@lru_cache(maxsize=1)
def network() -> nn.MLP:
    """The network of book/results/digit_model.py, in double precision."""
    parameters = [stored()[name].astype(np.float64) for name in ("W1", "b1", "W2", "b2")]
    model = nn.MLP((PIXELS, len(parameters[1]), 10), dtype=np.float64)
    model.parameters = parameters
    return model


@lru_cache(maxsize=1)
def examples() -> dict[str, str]:
    """Ink of some test images of MNIST by name, as `Digit` takes it."""
    given = stored()
    names = map(str, given["names"])
    return {n: image.tobytes().hex() for n, image in zip(names, given["examples"], strict=True)}


UNITS = 32
BLANK = "00" * PIXELS


@dataclass(frozen=True)
class Frame:
    """How a drawing is brought to MNIST's form: scaled, then moved by whole pixels."""

    scale: float = 1.0
    down: int = 0
    right: int = 0

    @classmethod
    def of(cls, image: Any) -> Frame:
        """The frame of an image (28, 28) of ink; as it stands if there is none."""
        rows, columns = np.nonzero(image)
        if not len(rows):
            return cls()
        extent = 1 + max(int(np.ptp(rows)), int(np.ptp(columns)))
        scale = min(BOX / extent, WIDEST)
        places = np.arange(SIDE) + 0.5
        ink = image.sum()
        centre = image.sum(axis=1) @ places / ink, image.sum(axis=0) @ places / ink
        return cls(scale, *(round(float(CENTRE - c * scale)) for c in centre))

    def resampled(self, move: int) -> Any:
        """The matrix (28, 28) that takes one axis of the drawing to the network's: each new pixel
        is the mean over what it covers."""
        starts = (np.arange(SIDE)[:, None] - move) / self.scale
        pixels = np.arange(SIDE)[None, :]
        overlap = np.minimum(starts + 1 / self.scale, pixels + 1) - np.maximum(starts, pixels)
        return np.clip(overlap, 0, None) * self.scale

    def seen(self, image: Any) -> Any:
        """What the network sees of a drawing, (28, 28). This map is linear in the drawing."""
        if self == Frame():
            return image
        return self.resampled(self.down) @ image @ self.resampled(self.right).T


def probabilities(seen: Any) -> Any:
    return nn.softmax(network().logits(seen.ravel()))


@lru_cache(maxsize=1)
def unit_directions() -> Any:
    return np.eye(PIXELS)


def slopes(seen: Any, about: int, seeds: str, weights: Any = None) -> Any:
    """∂ log p / ∂ ink for each of the network's pixels, (784,), by forward mode.

    seeds: "pixels" gives each pixel its unit direction, 784 in one pass. "units" seeds the hidden
    units' pre-activations z = x W + b; the rest is linear algebra, as z is linear in x. weights:
    the matrices (W1, W2) to take in place of the network's own.
    """
    model = network()
    w1, b1, w2, b2 = model.parameters
    w1, w2 = weights or (w1, w2)

    def from_hidden(z: Any) -> Any:
        return nn.log_softmax(nn.affine(model.act(z), w2, b2))[about]

    if seeds == "pixels":
        return jvp(
            lambda x: from_hidden(nn.affine(x, w1, b1)), (seen.ravel(),), (unit_directions(),)
        )[1]
    z = nn.affine(seen.ravel(), w1, b1)
    return w1 @ jvp(from_hidden, (z,), (np.eye(UNITS),))[1]


@lru_cache(maxsize=4)
def cost(seeds: str) -> int:
    """Multiplications in matrix products: of the map, or of the answer alone (seeds "")."""
    blank = np.zeros((SIDE, SIDE))
    w1, b1, w2, b2 = network().parameters
    if not seeds:
        return multiplications(
            lambda w, v: nn.affine(nn.relu(nn.affine(blank.ravel(), w, b1)), v, b2), w1, w2
        )
    return multiplications(lambda w, v: slopes(blank, 0, seeds, (w, v)), w1, w2)


@dataclass(frozen=True)
class Digit:
    """A drawing with a cursor, read by the network.

    ink: 784 bytes in hexadecimal, 00 paper and ff full ink, row by row; row, column: the cursor,
    from 0; about: the digit whose map is shown, or −1 for the most probable; seeds: "pixels" or
    "units", see `slopes`.
    """

    ink: str
    row: int
    column: int
    about: int
    seeds: str

    @cached_property
    def image(self) -> Any:
        """The drawing, (28, 28), ink from 0 to 1."""
        return np.frombuffer(bytes.fromhex(self.ink), np.uint8).reshape(SIDE, SIDE) / 255

    @cached_property
    def frame(self) -> Frame:
        return Frame.of(self.image)

    @cached_property
    def seen(self) -> Any:
        return self.frame.seen(self.image)

    @cached_property
    def probabilities(self) -> Any:
        return probabilities(self.seen)

    @property
    def answer(self) -> int:
        return int(np.argmax(self.probabilities))

    @property
    def subject(self) -> int:
        return self.answer if self.about < 0 else self.about

    @cached_property
    def map(self) -> Any:
        """∂ log p(subject) / ∂ ink, (28, 28), of the pixels that the network sees."""
        return slopes(self.seen, self.subject, self.seeds).reshape(SIDE, SIDE)

    @cached_property
    def _darker(self) -> Any:
        image = self.image.copy()
        image[self.row, self.column] = 1
        return image

    @property
    def paper(self) -> float:
        """How much ink the pixel under the cursor can still take."""
        return float(1 - self.image[self.row, self.column])

    @cached_property
    def predicted(self) -> float:
        """What filling the pixel under the cursor would change, by one direction: the tangent of
        p(subject) along the ink added, as the network sees it."""
        direction = self.frame.seen(self._darker - self.image).ravel()
        return float(
            jvp(
                lambda x: nn.softmax(network().logits(x))[self.subject],
                (self.seen.ravel(),),
                (direction,),
            )[1]
        )

    @cached_property
    def actual(self) -> float:
        """What it changes in fact, the new drawing centred and scaled anew."""
        after = probabilities(Frame.of(self._darker).seen(self._darker))
        return float(after[self.subject] - self.probabilities[self.subject])

    @cached_property
    def moves(self) -> bool:
        """Filling the pixel also changes how the drawing is centred and scaled."""
        return Frame.of(self._darker) != self.frame

    def words(self) -> str:
        first, second = np.argsort(-self.probabilities, kind="stable")[:2].tolist()
        p = self.probabilities
        if self.ink == BLANK:
            read = (
                f"The grid is empty, and the network still says {first} ({fixed(p[first], 3)}): it "
                "has no way to answer that there is nothing."
            )
        else:
            read = (
                f"The network reads {first} ({fixed(p[first], 3)}), or else {second} "
                f"({fixed(p[second], 3)})."
            )
        return f"{read} {self._pixel()} {self._price()}"

    def _price(self) -> str:
        times = cost(self.seeds) / cost("")
        if self.seeds == "pixels":
            return (
                f"Which pixels matter took {PIXELS} directions: {cost('pixels'):,} "
                f"multiplications, {times:.0f} times those of the answer."
            )
        return (
            f"Which pixels matter took {UNITS} directions and one product: {cost('units'):,} "
            f"multiplications, {times:.1f} times those of the answer. The map is the same."
        )

    def _pixel(self) -> str:
        place = f"row {self.row + 1}, column {self.column + 1}"
        if self.paper == 0:
            return f"The pixel at {place} is full of ink."
        moved = ", also because the digit is then centred anew" if self.moves else ""
        return (
            f"Ink at {place} would change p({self.subject}) by {signed(self.predicted)}, says its "
            f"tangent; in fact by {signed(self.actual)}{moved}."
        )


def signed(change: float) -> str:
    written = fixed(change, 3)
    return written if change <= 0 or float(written) == 0 else f"+{written}"
