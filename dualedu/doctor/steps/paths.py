"""Ways through f on which a change does not pass, or passes in part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess, factor_named
from dualedu.doctor.reading import Reading
from dualedu.doctor.steps.places import at_steps, groups, guess, line
from dualedu.doctor.tracing import Change, Step, Trace


@at_steps
def paths(trace: Trace) -> Iterator[Guess]:
    """One operand of a step held constant; or its share in the gradient c times as large."""
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
        by_operand: dict[int, list[tuple[Step, int]]] = defaultdict(list)
        for edge in together:
            by_operand[edge[1]].append(edge)
        for k, some in by_operand.items():
            step = some[0][0]
            several = sum(step.operand_varies) > 1
            products = several and step.name in (
                "multiply",
                "matmul",
                "divide",
                "dot",
                "einsum",
                "power",
            )

            def make(
                t: Trace,
                places: tuple[tuple[int, int], ...] = tuple((s.number, k) for s, k in some),
            ) -> dict[int, Change]:
                changes: dict[int, Change] = {}
                for n, k in places:

                    def change(was: Step, operands: list[Any], value: Any, k: int = k) -> Any:
                        held = list(operands)
                        held[k] = was.operands[k]
                        return np.reshape(was.run(*held), np.shape(value))

                    changes[n] = change
                return changes

            place, name, which = (
                line(step.where),
                step.name,
                ("first", "second", "third")[min(k, 2)],
            )
            what = f"the {which} operand of {name}" if several else name

            def named(
                r: Reading,
                a: float,
                products: bool = products,
                what: str = what,
                place: str = place,
            ) -> tuple[str, str, float] | None:
                # error = a · (blocked − true), and the claim holds this share (1 − a) times
                c = 1 - a
                if abs(c) < 1e-5:
                    kind = "product rule" if products else "a path left out"
                    return kind, f"{what} is treated as a constant, at {place}", 2.65
                kind, words, rank = factor_named(r, c)
                words = words.replace("the gradient", "the right share")
                return "a step's factor", f"{what}: {words}, at {place}", max(rank, 1) + 2

            yield guess("a path left out", what, make, step.where, 2.65 + extra, True, named)
