"""Jacobians of steps that mix entries, of which only a part was taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess
from dualedu.doctor.reading import Reading
from dualedu.doctor.steps.composites import value_of
from dualedu.doctor.steps.places import groups, guess, line
from dualedu.doctor.structure import surroundings, walk
from dualedu.doctor.tracing import TAPE, Change, Step, Trace


def diagonals(reading: Reading) -> Iterator[Guess]:
    """Softmax with the diagonal of its Jacobian: after exp and a division, or as a logarithm."""
    trace = reading.trace
    if trace is None:
        return
    found: list[tuple[int, int, bool]] = []
    for step in trace.steps:
        if not (step.varies and np.ndim(step.value)):
            continue
        p, log = np.asarray(step.value), step.name in ("subtract", "log_softmax")
        whole = step.name in ("softmax", "log_softmax")
        if not whole and step.name not in ("divide", "subtract", "multiply", "exp"):
            continue
        with np.errstate(all="ignore"):
            p = np.exp(p) if log else p
        if not (
            np.all(p >= 0)
            and any(np.allclose(p.sum(k), 1) for k in range(p.ndim) if p.shape[k] > 1)
        ):
            continue
        for u in ancestors(trace, step.number, 1 if whole else 6):
            if np.shape(trace.steps[u].value) == np.shape(step.value) and trace.steps[u].varies:
                found.append((u, step.number, log))
    pairs = groups(found, lambda f: (trace.steps[f[1]], trace.steps[f[0]]))
    for extra, together in pairs:
        where = trace.steps[together[0][1]].where

        def make(t: Trace, together: list[tuple[int, int, bool]] = together) -> dict[int, Change]:
            changes: dict[int, Change] = {}
            for u, y, log in together:
                p = value_of(t, y)
                m = 1 - np.exp(p) if log else p * (1 - p)
                base = t.steps[u].value

                def change(
                    was: Step,
                    operands: list[Any],
                    value: Any,
                    u: int = u,
                    p: Any = p,
                    m: Any = m,
                    base: Any = base,
                ) -> Any:
                    return p + m * (TAPE[-1].now[u] - base)

                changes[y] = change
            return changes

        detail = f"softmax with p (1 − p) alone, at {line(where)}"
        yield guess("diagonal of the Jacobian", detail, make, where, 2.2 + extra)
    yield from off_label(reading)


def off_label(reading: Reading) -> Iterator[Guess]:
    """Only the label's own logit passes changes on, as with the diagonal of softmax's Jacobian
    under a cross-entropy."""
    trace = reading.trace
    assert trace is not None
    problem = reading.problem
    around = [*surroundings(problem.f).values(), *(v for _, v in walk(problem.arguments))]
    masks: list[Any] = []
    for labels in around:
        if not isinstance(labels, np.ndarray):
            continue
        if labels.dtype.kind in "iu" and labels.ndim == 1 and labels.size and labels.min() >= 0:
            masks.append(labels)
        elif labels.ndim == 2 and set(np.unique(labels)) == {0, 1} and np.all(labels.sum(1) == 1):
            masks.append(np.argmax(labels, axis=1))
    for step in trace.steps:
        shape = np.shape(step.value)
        if not step.varies or len(shape) != 2 or step.name == "input":
            continue
        for labels in masks:
            if len(labels) != shape[0] or labels.max() >= shape[1]:
                continue
            own = np.arange(shape[1]) == labels[:, None]

            def make(t: Trace, n: int = step.number, own: Any = own) -> dict[int, Change]:
                base = t.steps[n].value

                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    return np.where(own, value, base)

                return {n: change}

            detail = f"only the label's own logit counts, at {line(step.where)}"
            yield guess("diagonal of the Jacobian", detail, make, step.where, 2.4)


def ancestors(trace: Trace, y: int, depth: int) -> list[int]:
    seen: set[int] = set()
    layer = {p for p in trace.steps[y].parents if p is not None}
    for _ in range(depth):
        seen |= layer
        layer = {q for p in layer for q in trace.steps[p].parents if q is not None} - seen
    return sorted(seen)
