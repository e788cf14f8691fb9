"""Ways through f on which a change does not pass, or passes in part."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess, factor_named
from dualedu.doctor.reading import Reading
from dualedu.doctor.steps.places import Changes, at_steps, groups, guess, line
from dualedu.doctor.tracing import Change, Step, Trace


@at_steps
def paths(trace: Trace) -> Iterator[Guess]:
    """One operand of a step held constant, or the whole step; or its share in the gradient c times
    as large."""
    edges = [
        (step, k)
        for step in trace.steps
        if step.varies and step.name != "input"
        for k, varies in enumerate(step.operand_varies)
        if varies
    ]
    alone = [edge for edge in edges if sum(edge[0].operand_varies) == 1]
    shared = [edge for edge in edges if sum(edge[0].operand_varies) > 1]
    places = [g for some in (alone, shared) for g in groups(some, lambda e: (e[0],))]
    for extra, together in places:
        by_operand: dict[int | None, list[tuple[Step, int]]] = defaultdict(list)
        for edge in together:
            by_operand[edge[1]].append(edge)
        if len(by_operand) > 1:
            by_operand[None] = [(step, k) for step, k in together if k == together[0][1]]
        for k, some in by_operand.items():
            step = some[0][0]
            several = k is not None and sum(step.operand_varies) > 1
            products = several and step.name in (
                "multiply",
                "matmul",
                "divide",
                "dot",
                "einsum",
                "power",
            )

            constant = holding([(s.number, k) for s, _ in some])
            place, name, which = (
                line(step.where),
                step.name,
                ("first", "second", "third")[min(k or 0, 2)],
            )
            what = f"the {which} operand of {name}" if several else name

            def named(
                r: Reading,
                a: float,
                products: bool = products,
                what: str = what,
                place: str = place,
                simple: float = 2.55 if k is None else 2.65,
            ) -> tuple[str, str, float] | None:
                # error = a · (blocked − true), and the claim holds this share (1 − a) times
                c = 1 - a
                if abs(c) < 1e-5:
                    kind = "product rule" if products else "a path left out"
                    return kind, f"{what} is treated as a constant, at {place}", simple
                kind, words, rank = factor_named(r, c)
                words = words.replace("the gradient", "the right share")
                return "a step's factor", f"{what}: {words}, at {place}", max(rank, 1) + 2

            rank = 2.55 if k is None else 2.65
            yield guess("a path left out", what, constant, step.where, rank + extra, True, named)
            if len(some) > 1:
                yield from with_factors(some, k, what, 3.1 + extra)
    yield from statistics(trace)


def with_factors(
    some: Sequence[tuple[Step, int]], k: int | None, what: str, rank: float
) -> Iterator[Guess]:
    """In each turn of a loop c times what an operand passes on: after several turns no longer c
    times its share."""
    step = some[0][0]
    for c, words in ((-1.0, "−1 times"), (2.0, "twice"), (0.5, "half")):

        def make(
            t: Trace, c: float = c, numbers: Sequence[int] = tuple(s.number for s, _ in some)
        ) -> dict[int, Change]:
            def change(was: Step, operands: list[Any], value: Any) -> Any:
                without = with_held(was, operands, value, k)
                return without + c * (value - without)

            return dict.fromkeys(numbers, change)

        detail = f"{what}: {words} the right share, at {line(step.where)}"
        yield guess("a step's factor", detail, make, step.where, rank)


def statistics(trace: Trace) -> Iterator[Guess]:
    """Where an array is centred and divided, as in a normalisation: both numbers held constant."""
    for step in trace.steps:
        if step.name not in ("divide", "multiply") or not all(step.operand_varies):
            continue
        for k in (0, 1):
            before = step.parents[1 - k]
            if before is None or np.size(step.operands[k]) >= np.size(step.value):
                continue
            centred = trace.steps[before]
            spread = centred.name == "subtract" and np.size(centred.operands[1]) < np.size(
                centred.value
            )
            if not spread or not all(centred.operand_varies):
                continue

            detail = f"mean and deviation are treated as constants, at {line(step.where)}"
            constant = holding([(step.number, k), (before, 1)])
            yield guess("a path left out", detail, constant, step.where, 2.6)


def holding(places: Sequence[tuple[int, int | None]]) -> Changes:
    """Changes of steps, by number, that take one of their operands as a constant, or all."""

    def make(trace: Trace) -> dict[int, Change]:
        return {n: functools.partial(with_held, k=k) for n, k in places}

    return make


def with_held(was: Step, operands: list[Any], value: Any, k: int | None) -> Any:
    """What a step gives if its operand k, or each of them, is the one that it was."""
    if k is None:
        return was.value
    held = list(operands)
    held[k] = was.operands[k]
    return np.reshape(was.run(*held), np.shape(value))
