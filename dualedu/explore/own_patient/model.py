"""A visit to the doctor: code, which names in it are meant, and what was found."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from dualedu.doctor import Diagnosis, examine
from dualedu.explore.own_patient.reading import Names, cells

EXAMPLE = """import numpy as np

rng = np.random.default_rng(0)
images, answers = rng.standard_normal((20, 8)), rng.integers(0, 3, 20)


def forward(W1, b1, W2):
    z = images @ W1 + b1
    a = np.tanh(z)
    e = np.exp(a @ W2)
    return z, a, e / e.sum(axis=1, keepdims=True)


def loss(W1, b1, W2):
    _, _, p = forward(W1, b1, W2)
    return -np.mean(np.log(p[np.arange(20), answers]))


def gradient(W1, b1, W2):
    z, a, p = forward(W1, b1, W2)
    d2 = (p - np.eye(3)[answers]) / 20
    d1 = (d2 @ W2.T) * (1 - z**2)
    return images.T @ d1, d1.sum(axis=0), a.T @ d2


weights = tuple(0.5 * rng.standard_normal(s) for s in [(8, 5), (5,), (5, 3)])
"""

PATIENCE = 30.0
"""Seconds after which a page ends the search for a name."""

KINDS = {
    "found out by itself": "",
    "the gradient": "gradient",
    "the Jacobian": "jacobian",
    "a jvp (x, v)": "jvp",
    "a vjp or backward (x, ḡ)": "vjp",
    "the parameters after a step": "update",
}


@dataclass(frozen=True)
class Examined:
    """What came of an examination: the diagnosis, and a sentence for each cell that failed."""

    diagnosis: Diagnosis
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Visit:
    """f, what is claimed to be its derivative, and the place, by the names that the code gives.

    Raises ValueError if the code defines no function of such a name.
    """

    code: str
    f: str
    claim: str
    place: str
    kind: str
    found: Names
    examined: Examined | None = None

    def __post_init__(self) -> None:
        for what, name in (("f", self.f), ("the claim", self.claim)):
            if name and name not in self.found.functions:
                known = ", ".join(self.found.functions) or "no function at all"
                raise ValueError(f"{what} cannot be {name!r}: the code defines {known}.")

    def words(self) -> str:
        if self.examined is not None:
            return " ".join([*self.examined.failures, self.examined.diagnosis.headline])
        if missing := self.missing():
            return missing
        return (
            f"Ready: is {self.claim} {self.said()} {self.f} at {self.place}? Press Examine. "
            "The code runs here, and nothing of it is sent anywhere."
        )

    def said(self) -> str:
        """What the claim is taken for: "the derivative of", or a kind that the reader chose."""
        if not self.kind:
            return "the derivative of"
        chosen = next(words for words, kind in KINDS.items() if kind == self.kind)
        return f"({chosen}) right for"

    def missing(self) -> str:
        """What is still needed, or nothing."""
        if self.found.unread:
            return self.found.unread[0]
        if len(self.found.functions) < 2:
            there = ", ".join(self.found.functions) or "none"
            method = " A method becomes one by a line like loss = lambda w: net.loss(w)."
            return f"Two functions are needed, f and the claim; the code defines {there}." + (
                method if re.search(r"^class ", self.code, re.M) else ""
            )
        if not self.place:
            return "Say where: the arguments of f, as an expression of names in the code."
        return ""


def run(code: str, say: Callable[[str], None]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The names that the code makes, and a sentence for each cell that failed: what comes after
    it runs all the same, for a gradient seldom needs the picture that could not be drawn."""
    module = ModuleType("own_patient")
    failures = []
    parts = cells(code)
    for k, part in enumerate(parts, 1):
        say(f"Running cell {k} of {len(parts)}.")
        name = f"<cell {k}>"
        linecache.cache[name] = (len(part), None, part.splitlines(keepends=True), name)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(part, name, "exec"), vars(module))
        except (Exception, SystemExit) as error:
            failures.append(f"Cell {k} did not run to its end: {type(error).__name__}: {error}.")
    return vars(module), tuple(failures)


def examined(visit: Visit, say: Callable[[str], None]) -> Examined:
    """Run the code and examine the claim.

    Raises ValueError with a sentence where that cannot be done.
    """
    if missing := visit.missing():
        raise ValueError(missing)
    made, failures = run(visit.code, say)
    lost = [name for name in (visit.f, visit.claim) if name not in made]
    if lost:
        raise ValueError(" ".join([*failures, f"So there is no {lost[0]}."]))
    try:
        at = eval(compile(visit.place, "<the place>", "eval"), made)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise ValueError(
            " ".join([*failures, f"The place {visit.place} is none: {why}."])
        ) from None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            found = examine(
                made[visit.f],
                made[visit.claim],
                at,
                kind=visit.kind or None,
                patience=PATIENCE,
                progress=lambda words: say(f"{words[:1].upper()}{words[1:]} …"),
            )
    except Exception as error:
        why = f"{type(error).__name__}: {error}".rstrip(".")
        raise ValueError(" ".join([*failures, f"It could not be examined: {why}."])) from None
    return Examined(found, failures)
