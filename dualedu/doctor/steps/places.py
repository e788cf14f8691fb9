"""Where in f a fault may stand, in words, and which steps are changed together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any

from dualedu.doctor.guesses import Guess
from dualedu.doctor.reading import Reading
from dualedu.doctor.tracing import Change, Step, Trace

Changes = Callable[[Trace], dict[int, Change]]


def guess(
    kind: str,
    detail: str,
    changes: Changes,
    where: tuple[str, int],
    rank: float,
    free: bool = False,
    name: Callable[[Reading, float], tuple[str, str, float] | None] | None = None,
    strict: bool = False,
) -> Guess:
    """What comes of f if steps are changed: the claim, or with `free` the error up to a factor."""

    def effect(r: Reading, i: int, v: Any) -> Any:
        if r.trace is None:
            return None
        found = r.changed_along(i, v, changes(r.trace))
        if not free:
            return found
        return found - r.slopes(i, v)

    return Guess(
        kind,
        detail,
        effect,
        rank,
        of_claim=not free,
        free=free,
        name=name,
        strict=strict,
        where=where,
    )


def at_steps(guesses: Callable[[Trace], Iterator[Guess]]) -> Callable[[Reading], Iterator[Guess]]:
    """Guesses about the steps of f: none where its calls cannot be followed."""

    @wraps(guesses)
    def of(reading: Reading) -> Iterator[Guess]:
        return iter(()) if reading.trace is None else guesses(reading.trace)

    return of


def line(where: tuple[str, int]) -> str:
    import linecache

    text = linecache.getline(*where).strip()
    path = Path(where[0])
    typed = path.stem.isdigit() or path.name.startswith("<")  # a notebook's cell, a prompt
    numbered = path.name.startswith("<cell ")
    name = path.name.strip("<>") if numbered else "the cell" if typed else path.name
    return f"line {where[1]} of {name}" + (f", «{text}»" if text else "")


# --- groups of steps -----------------------------------------------------------------------------


def turns_by_count(some: Sequence[Any], step: Callable[[Any], Step]) -> Iterator[list[Any]]:
    """Of the turns of loops within loops, the last of each run of a loop, the first, and all but
    those: by the numbers that count them."""
    tried = [[id(x) for x in part] for part in (some, some[:1], some[-1:], some[:-1], some[1:])]
    for name in step(some[0]).turn:
        counts = [step(x).turn.get(name, -1) for x in some]
        runs: list[list[int]] = [[0]]
        for k in range(1, len(counts)):
            if counts[k] < counts[k - 1]:
                runs.append([])
            runs[-1].append(k)
        if len(set(counts)) < 2:
            continue
        for end in (-1, 0):
            ends = [k for run in runs for k in run if counts[k] == counts[run[end]]]
            for part in (ends, sorted(set(range(len(some))) - set(ends))):
                chosen = [some[k] for k in part]
                if chosen and [id(x) for x in chosen] not in tried:
                    tried.append([id(x) for x in chosen])
                    yield chosen


def groups(
    items: Sequence[Any], steps: Callable[[Any], tuple[Step, ...]], counted: bool = False
) -> Iterator[tuple[float, list[Any]]]:
    """Items together whose steps stand at the same place in the code; then, where a helper is
    called from several places, those of each place, and all but those; then the first and the last
    of a loop, and of each inner one; and all of the same name together, as with a rule that is
    wrong wherever it is used, or those of one line; if `counted`, also those of a count. With each
    group comes what is added to its
    guesses' rank."""
    by_name: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        by_name[tuple(s.name for s in steps(item))].append(item)
    for everywhere in by_name.values():
        if len({steps(item)[0].site[-1:] for item in everywhere}) > 1:
            yield 0.1, everywhere
    by_place: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        by_place[tuple((*s.site[-1:], s.name) for s in steps(item))].append(item)
    by_line: dict[Any, list[list[Any]]] = defaultdict(list)
    for place, together in by_place.items():
        by_line[tuple((at[0][:-1], *at[1:]) for at in place)].append(together)
    for line in by_line.values():
        if 1 < len(line) < len(by_place):
            yield 0.1, [item for together in line for item in together]
    for together in by_place.values():
        yield 0, together
        by_calls: dict[Any, list[Any]] = defaultdict(list)
        for item in together:
            by_calls[tuple(s.site for s in steps(item))].append(item)
        if len(by_calls) > 1:
            yield from ((0.5, some) for some in by_calls.values())
        if len(by_calls) > 2:
            for call in by_calls:
                others = [some for other, some in by_calls.items() if other != call]
                yield 0.6, [item for some in others for item in some]
        for some in by_calls.values():
            if len(some) > 1:
                yield 0.6, some[-1:]
                yield 0.6, some[:1]
                if len(some) > 2:
                    yield 0.6, some[:-1]
                    yield 0.6, some[1:]
            runs = inner_loops([steps(item)[0].number for item in some])
            for part in (slice(-1, None), slice(1), slice(-1), slice(1, None)) if runs else ():
                yield 0.55, [some[k] for run in runs for k in run[part]]
            for chosen in (runs[-1:], runs[:-1]) if runs else ():
                yield 0.6, [some[k] for run in chosen for k in run]
            if counted and len(some) > 2:
                for chosen in turns_by_count(some, lambda item: steps(item)[0]):
                    yield 0.65, chosen


def inner_loops(numbers: Sequence[int]) -> list[list[int]]:
    """Where a loop stands within another, as one over the layers in one over the samples: which of
    the steps belong to the same turn of the outer one. None where there is no such thing."""
    apart = [b - a for a, b in pairwise(numbers)]
    runs = [[0]]
    for k, gap in enumerate(apart):
        if gap > min(apart):
            runs.append([])
        runs[-1].append(k + 1)
    return runs if 1 < len(runs) < len(numbers) else []
