"""A guess of the doctor's: one prediction of a hypothesis. And the names of numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualedu.doctor.reading import Reading
from dualedu.doctor.structure import all_names, surroundings, walk

Effect = Callable[[Reading, int, Any], Any]
"""(reading, leaf, directions) → K slopes, or None where the guess does not apply."""


@dataclass(frozen=True)
class Guess:
    """One prediction of a hypothesis: the error (or the claim) along directions, perhaps up to a
    factor that is then measured and named."""

    kind: str
    detail: str
    effect: Effect
    rank: float = 1.0
    of_claim: bool = False
    free: bool = False
    name: Callable[[Reading, float], tuple[str, str, float] | None] | None = None
    """From the measured factor to (kind, detail, rank), or None to drop the guess."""
    only: int | None = None
    """The one leaf it is about."""
    where: tuple[str, int] | None = None
    strict: bool = False
    """Whether it has to explain all arrays that it changes: one of many that may fit by chance."""
    everywhere: bool = False
    """Whether it is about another f, and so about all arrays, as every guess with a place is."""


def sizes(reading: Reading) -> dict[int, str]:
    """Numbers of rows and entries that a sum or a mean may have run over, with their names."""
    found: dict[int, str] = {}
    names = all_names(reading.problem.f)
    mine = {leaf.path for leaf in reading.problem.leaves}
    around: list[tuple[str, Any]] = list(surroundings(reading.problem.f).items())
    for path, value in walk(reading.problem.arguments):
        if path not in mine and path[0] < len(names):
            around.append((names[path[0]], value))
    for name, value in around:
        shape = np.shape(value) if hasattr(value, "shape") else ()
        for k, n in enumerate(shape):
            words = f"the number of rows of {name}" if k == 0 else f"axis {k} of {name}"
            found.setdefault(int(n), words)
        if len(shape) > 1:
            found.setdefault(int(np.prod(shape)), f"the number of entries of {name}")
    if reading.problem.out.size > 1:
        found.setdefault(reading.problem.out.size, "the number of entries of f's result")
    for step in reading.trace.steps if reading.trace else []:
        shape = np.shape(step.value) if step.name != "input" else ()
        for k, n in enumerate(shape):
            words = "the number of rows" if k == 0 and step.parents else f"axis {k}"
            found.setdefault(int(n), f"{words} of an array on the way")
        for k in range(2, len(shape)):
            words = f"the product of the first {k} axes of an array on the way"
            found.setdefault(int(np.prod(shape[:k])), words)
        if step.name in ("mean", "add.reduce", "sum", "true_divide", "divide") and step.operands:
            n = int(np.size(step.operands[0]))
            found.setdefault(n, "the number of entries that are summed")
    for leaf, value in zip(reading.problem.leaves, reading.values, strict=True):
        for k, n in enumerate(np.shape(value)):
            found.setdefault(int(n), f"axis {k} of {leaf.name}")
        found.setdefault(int(np.size(value)), f"the number of entries of {leaf.name}")
    return {n: words for n, words in found.items() if n > 1}


def constants(reading: Reading) -> dict[str, float]:
    """Numbers around f that a factor may be, by name."""
    names = all_names(reading.problem.f)
    mine = {leaf.path for leaf in reading.problem.leaves}
    found = {k: v for k, v in surroundings(reading.problem.f).items() if np.ndim(v) == 0}
    for path, value in walk(reading.problem.arguments):
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        if plain and path not in mine and len(path) == 1 and path[0] < len(names):
            found[names[path[0]]] = value
    return {k: float(v) for k, v in found.items() if v not in (0, 1, -1)}


def adds_over(reading: Reading, n: int) -> bool:
    """Whether f sums or takes a mean over n entries, or divides by n."""
    for step in reading.trace.steps if reading.trace else []:
        scalars = [float(x) for x in step.operands if np.ndim(x) == 0 and np.isreal(x)]
        if step.name in ("divide", "multiply") and any(
            close(x, n) or close(x, 1 / n) for x in scalars
        ):
            return True
        if step.name in ("mean", "sum", "add.reduce") and n == np.size(step.operands[0]) / max(
            np.size(step.value), 1
        ):
            return True
    return False


def is_exponent(reading: Reading, n: int) -> bool:
    """Whether f takes a power n: then a factor n is as likely that of its slope."""
    return any(
        step.name == "power" and step.varies and np.any(np.equal(step.operands[1], n))
        for step in (reading.trace.steps if reading.trace else [])
    )


def takes_a_mean(reading: Reading, n: int) -> bool:
    """Whether f divides by n somewhere, so that a claim n times too large forgot it."""
    if reading.trace is None:
        return True
    for step in reading.trace.steps:
        if step.name in ("mean", "average", "var", "std") and step.operands:
            return True
        scalars = [float(x) for x in step.operands if np.ndim(x) == 0 and np.isreal(x)]
        if step.name in ("divide", "multiply") and any(
            close(x, n) or close(x, 1 / n) for x in scalars
        ):
            return True
    return False


def close(a: float, b: float, within: float = 1e-5) -> bool:
    return abs(a - b) <= within * max(abs(a), abs(b))


def factor_named(reading: Reading, c: float) -> tuple[str, str, float]:
    """A factor by name: (kind, words, rank). A factor without a name ranks low."""
    within = reading.blur
    sign = "" if c > 0 else ", with the wrong sign"
    size = abs(c)
    if close(c, -1, within):
        return "sign", "the sign is turned round: −1 times the gradient", 1.0
    for n, words in sizes(reading).items():
        if words.startswith("axis") and not adds_over(reading, n):
            continue
        if is_exponent(reading, n):
            continue
        if close(size, n, within) and n != 2 and takes_a_mean(reading, n):
            return "sum for mean", f"{n} times the gradient ({words}): a sum, not a mean{sign}", 1.0
        if close(size, 1 / n, within) and n != 2:
            return "mean for sum", f"1/{n} of the gradient ({words}): divided too often{sign}", 1.0
    for value, words in ((2.0, "twice the gradient"), (0.5, "half the gradient")):
        if close(size, value, within):
            return "constant factor", words + sign, 1.0
    for name, value in constants(reading).items():
        if close(c, value, within) or close(c, 1 / value, within):
            return "constant factor", f"{c:.6g} times the gradient, and {name} is {value:g}", 1.1
    for n, words in sizes(reading).items():
        if close(size, n, within):
            return "constant factor", f"{n} times the gradient ({n}: {words}){sign}", 1.2
        if close(size, 1 / n, within):
            return "constant factor", f"1/{n} of the gradient ({n}: {words}){sign}", 1.2
        for p, root in ((0.5, f"√{n}"), (2.0, f"{n}²")):
            if close(size, n**p, within):
                return "constant factor", f"{root} times the gradient ({n}: {words}){sign}", 1.2
            if close(size, n**-p, within):
                return "constant factor", f"1/{root} of the gradient ({n}: {words}){sign}", 1.2
    if any(
        close(size, k, within) or close(size, 1 / k, within) for k in (*range(3, 11), 100, 1000)
    ):
        return "constant factor", f"{c:.6g} times the gradient", 1.5
    return "constant factor", f"{c:.6g} times the gradient", 6.0
