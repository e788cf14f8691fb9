"""One combination of repairs: its stored curves over one epoch, and which repairs it still lacks.

The numbers are those of book/results/curves.py, which trained each combination from five starts on
all 60,000 images and tested it on 10,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import combinations
from typing import Any

import numpy as np

from dualedu.explore.kit.numerals import fixed, number

SEEDS = ("ones", "random", "units")
HALF = 0.5
"""A network learns if it gets this share of the test images right; guessing gets a tenth."""


@cache
def stored() -> dict[str, Any]:
    """The arrays, of shape (softmax, seeds, weights, loss, rate, …); in each the mistake is first.

    After these come the start and the moment, for `learning_rate` nothing. `images` are the images
    seen up to each moment.
    """
    with (resources.files("dualedu") / "data" / "switchboard.npz").open("rb") as file:
        arrays = dict(np.load(file))
    images = arrays.pop("images").astype(int)
    shape = (2, len(SEEDS), 2, 2, 2)
    board = {key: a.reshape(*shape, *a.shape[2:]).astype(float) for key, a in arrays.items()}
    return board | {"accuracy": board.pop("hits") / 10_000, "images": images}


@dataclass(frozen=True)
class Combination:
    """True is repaired, False as written.

    softmax: the full Jacobian, not its diagonal. seeds: "ones" as written, "random" directions, or
    "units" for the exact gradient. rate: chosen on validation images for this combination, not
    1e-8. weights: scaled by 1/√fan-in. loss: the stable mean, not the clipped sum.

    Raises ValueError for other seeds.
    """

    softmax: bool = False
    seeds: str = "ones"
    rate: bool = False
    weights: bool = False
    loss: bool = False

    def __post_init__(self) -> None:
        if self.seeds not in SEEDS:
            raise ValueError(f"Seeds are {', '.join(SEEDS)}: {self.seeds!r} is none of them.")

    def curves(self, what: str) -> Any:
        """Of "accuracy" (a share), "cross_entropy" or "cosine", shape (starts, moments)."""
        seeds = SEEDS.index(self.seeds)
        place = (self.softmax, seeds, self.weights, self.loss, self.rate)
        return stored()[what][tuple(map(int, place))]

    def mean(self, what: str) -> Any:
        """Of all starts, shape (moments,); NaN where one of them is."""
        return self.curves(what).mean(axis=0)

    @property
    def learning_rate(self) -> float:
        return float(self.curves("learning_rate"))

    @property
    def accuracy(self) -> float:
        """After the epoch, the mean of the starts. One that has overflowed counts as 0."""
        return float(self.mean("accuracy")[-1])

    @property
    def cosine(self) -> float:
        """Between the step and the true gradient, the mean of starts and of moments that have one.

        There is none where the step or the gradient is 0, or not finite.
        """
        found = self.mean("cosine")
        return float(found[np.isfinite(found)].mean())

    @property
    def halts(self) -> int | None:
        """After how many images at most step or gradient are 0 in some start, if ever."""
        none = ~np.isfinite(self.mean("cosine"))
        return int(stored()["images"][none][0]) if none.any() and not self.overflows else None

    @property
    def overflows(self) -> list[int]:
        """After how many images the weights of a start were no longer finite, for those that do."""
        after = self.curves("overflowed_after")
        return sorted(int(images) for images in after[np.isfinite(after)])

    @property
    def learns(self) -> bool:
        return self.accuracy >= HALF

    # What is missing.

    @property
    def repairs(self) -> dict[str, str]:
        """The switches that are not as written, with the name of each repair."""
        return {
            switch: NAMES[switch, to]
            for switch, to in vars(self).items()
            if to != getattr(WRITTEN, switch)
        }

    def further(self) -> Iterator[tuple[str, Any]]:
        """Each repair that can still be made: a switch and its new position."""
        for switch, to in NAMES:
            now = getattr(self, switch)
            if now != to and not (switch == "seeds" and now == "units"):
                yield switch, to

    def ways(self) -> list[list[str]]:
        """The smallest sets of further repairs with which it learns, by the repairs' names."""
        moves = list(self.further())
        for size in range(len(moves) + 1):
            sets = [dict(chosen) for chosen in combinations(moves, size)]
            if found := [
                [NAMES[move] for move in chosen.items()]
                for chosen in sets
                if len(chosen) == size and replace(self, **chosen).learns
            ]:
                return found
        raise AssertionError("the wholly repaired network learns")

    # In words.

    def words(self) -> str:
        return f"{self._repaired()} {self._outcome()} {self._step()} {self._missing()}"

    def _repaired(self) -> str:
        done = listed(self.repairs.values())
        return COUNTED[len(self.repairs)] + (f": {done}." if done else ".")

    def _outcome(self) -> str:
        loss = self.mean("cross_entropy")
        begin = f"After one epoch {percent(self.accuracy)} of the test images are right"
        if after := self.overflows:
            starts = f"{len(after)} of {len(self.curves('accuracy'))} starts"
            first = "after" if len(after) == 1 else "the first after"
            return f"{begin}; {starts} overflowed, {first} {after[0]} images."
        guess = "" if self.learns else ", and guessing gets 10 %"
        return f"{begin}{guess}; the cross-entropy went from {fixed(loss[0])} to {fixed(loss[-1])}."

    def _step(self) -> str:
        if self.cosine > 0.9995:
            return "Each step is along the true gradient: cosine 1."
        told = f"The step's cosine to the true gradient is {number(self.cosine, 1)}"
        if self.halts is not None:
            return f"{told} at the start; after {self.halts} images step and gradient are 0."
        many = ", but many such steps add up" if self.learns else ""
        return f"{told} on average{many}."

    def _missing(self) -> str:
        ways = self.ways()
        if self.learns:
            left = [NAMES[move] for move in self.further() if move != ("seeds", "random")]
            return f"It learns, even without {listed(left, 'or')}." if left else "It learns."
        told = "; or ".join(listed(way) for way in ways)
        few = "one more repair" if len(ways[0]) == 1 else f"at least {len(ways[0])} more repairs"
        return f"To learn, it needs {few}: {told}."


NAMES: dict[tuple[str, Any], str] = {
    ("softmax", True): "the full softmax",
    ("seeds", "random"): "random seeds",
    ("seeds", "units"): "unit seeds",
    ("rate", True): "the chosen rate",
    ("weights", True): "scaled weights",
    ("loss", True): "the stable mean loss",
}
"""Every repair in words."""

COUNTED = (
    "Nothing is repaired: this is the notebook as written",
    "One switch of five is repaired",
    "Two switches of five are repaired",
    "Three switches of five are repaired",
    "Four switches of five are repaired",
    "All five switches are repaired",
)

WRITTEN = Combination()
REPAIRED = Combination(True, "units", True, True, True)


def listed(words: Any, last: str = "and") -> str:
    *most, end = [*words] or [""]
    return f"{', '.join(most)} {last} {end}" if most else str(end)


def percent(share: float) -> str:
    return f"{fixed(100 * share, 0)} %"
