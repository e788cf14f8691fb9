"""Rows that do not count, or count once where they are taken twice, or are written elsewhere."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess
from dualedu.doctor.steps.places import at_steps, groups, guess, line
from dualedu.doctor.tracing import Change, Step, Trace

FEW = 4
"""How many turns of a loop are asked one by one."""


@at_steps
def samples(trace: Trace) -> Iterator[Guess]:
    """Only some rows of a step pass changes on; or, where the same entry is taken several times,
    as rows of an embedding are, it counts once."""
    turns: dict[Any, list[Step]] = defaultdict(list)
    for step in trace.steps:
        if step.varies and step.name != "input" and np.ndim(step.value):
            turns[step.site, step.name, np.shape(step.value)].append(step)
    for (_, _, shape), steps in turns.items():
        several = [[s] for s in steps] if len(steps) <= FEW else [steps, steps[:1], steps[-1:]]
        for some, axis in itertools.product(several, range(min(len(shape), 2))):
            yield from only_some(some, axis, shape[axis])
    yield from taken(trace)
    yield from written_over(trace)
    yield from at_the_others_place(trace)
    yield from set_for_each_use(trace)
    yield from padded(trace)
    yield from written_elsewhere(trace)
    yield from parts_exchanged(trace)
    yield from laid_out(trace)


def only_some(steps: Sequence[Step], axis: int, n: int) -> Iterator[Guess]:
    """The same rows, or columns, of the turns of a loop."""
    places, half = np.arange(n), n // 2
    row = ("row", "column")[axis]
    tried: set[bytes] = {np.ones(n, bool).tobytes()}
    for words, kept in (
        (f"only the last {row} counts", places == n - 1),
        (f"only the first {row} counts", places == 0),
        (f"the last {row} does not count", places != n - 1),
        (f"the first {row} does not count", places != 0),
        (f"only the first half of the {row}s counts", places < half),
        (f"only the second half of the {row}s counts", places >= n - half),
    ):
        if kept.tobytes() in tried:  # of two rows, the last is also the second half
            continue
        tried.add(kept.tobytes())
        mask = kept.reshape(-1, *[1] * (np.ndim(steps[0].value) - 1 - axis))

        def make(t: Trace, mask: Any = mask) -> dict[int, Change]:
            def change(was: Step, operands: list[Any], value: Any) -> Any:
                return np.where(mask, value, was.value)

            return {step.number: change for step in steps}

        where = steps[0].where
        detail = f"{words}, of the array of {line(where)}"
        yield guess("samples left out", detail, make, where, (2.9, 2.95)[axis])


def taken(trace: Trace) -> Iterator[Guess]:
    """Where entries are taken by number: those taken twice count once, as with `g[i] += d` in
    place of `np.add.at(g, i, d)`; or what comes back is written a row further on."""
    chosen = [
        (step, source)
        for step in trace.steps
        if step.varies and step.name in TAKING and (source := positions(step)) is not None
    ]
    for extra, together in groups(chosen, lambda e: (e[0],)):
        loop = len({s.parents[0] for s, _ in together}) == 1 < len(together)
        if not loop:
            together = [(s, source) for s, source in together if not evenly_spaced(source)]
        if not together:
            continue
        where = together[0][0].where
        for words, which in (("last", -1), ("first", 0)):
            kept = {s.number: once(source, which) for s, source in together}
            if loop:  # what is taken in one turn may be taken again in another
                every = once(np.concatenate([np.ravel(source) for _, source in together]), which)
                ends = np.cumsum([np.size(source) for _, source in together])[:-1]
                for (s, source), own in zip(together, np.split(every, ends), strict=True):
                    kept[s.number] = own.reshape(np.shape(source))
            if all(np.all(k) for k in kept.values()):
                break

            def make(t: Trace, kept: dict[int, Any] = kept) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    return np.where(kept[was.number], value, was.value)

                return dict.fromkeys(kept, change)

            detail = (
                f"of entries that are taken several times only the {words} counts (np.add.at adds "
                f"all of them), at {line(where)}"
            )
            yield guess("samples left out", detail, make, where, 2.6 + extra)
        if np.ndim(together[0][0].operands[0]) < 2:
            continue
        square = len(set(np.shape(together[0][0].operands[0]))) == 1
        if square and all(np.size(s.value) < np.size(s.operands[0]) for s, _ in together):

            def turned(
                t: Trace, numbers: Sequence[int] = [s.number for s, _ in together]
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    moved = operands[0] - was.operands[0]
                    return was.value + was.run(np.swapaxes(moved, 0, 1), *operands[1:])

                return dict.fromkeys(numbers, change)

            detail = f"what comes back has its two indices exchanged, at {line(where)}"
            yield guess("transposed", detail, turned, where, 2.75 + extra)
        for by in (1, -1):

            def slid(
                t: Trace, numbers: Sequence[int] = [s.number for s, _ in together], by: int = by
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    moved = operands[0] - was.operands[0]
                    return was.value + was.run(np.roll(moved, by, axis=0), *operands[1:])

                return dict.fromkeys(numbers, change)

            detail = f"rows are written {by} beside where they were taken, at {line(where)}"
            yield guess("shifted", detail, slid, where, 2.8 + extra)


def written_over(trace: Trace) -> Iterator[Guess]:
    """Where several lines of a loop take entries of an array: what comes back to an entry is set
    and not added, in every line or in one."""
    takings: dict[int, list[tuple[Step, Any]]] = defaultdict(list)
    for step in trace.steps:
        p = step.parents[0] if step.name in TAKING and step.varies else None
        if p is not None and (source := positions(step)) is not None:
            takings[p].append((step, np.ravel(source)))
    for found in takings.values():
        sites = list(dict.fromkeys(step.site for step, _ in found))
        size = sum(source.size for _, source in found)
        if not 1 < len(sites) < len(found) or size > MANY:
            continue
        uses: dict[float, list[tuple[int, int]]] = defaultdict(list)
        for t, (_, source) in enumerate(found):
            for k, entry in enumerate(source):
                uses[entry].append((t, k))
        for which, word in ((-1, "last"), (1, "first")):
            for site in (None, *sites):
                kept = {step.number: np.ones(np.shape(step.value), bool) for step, _ in found}
                for places in uses.values():
                    for t, k in gone(places[::which], [found[t][0].site for t, _ in places], site):
                        kept[found[t][0].number].flat[k] = False
                if all(np.all(k) for k in kept.values()):
                    continue

                def make(t: Trace, kept: dict[int, Any] = kept) -> dict[int, Change]:
                    def change(was: Step, operands: list[Any], value: Any) -> Any:
                        return np.where(kept[was.number], value, was.value)

                    return {n: change for n, k in kept.items() if not np.all(k)}

                where = next(s.where for s, _ in found if site in (None, s.site))
                detail = (
                    f"what comes back to an entry is set and not added: only the {word} turn that "
                    f"takes it counts, at {line(where)}"
                )
                yield guess("samples left out", detail, make, where, 2.68 if site else 2.64)


MANY = 20000
"""How many entries that are taken one by one are looked at."""


def gone(
    places: Sequence[tuple[int, int]], sites: Sequence[Any], site: Any
) -> Iterator[tuple[int, int]]:
    """Of the uses of an entry, the one whose share counts first, those that are written over: by
    another turn of the loop, or by those of one line."""
    order = sites if places[0] <= places[-1] else sites[::-1]
    seen: set[Any] = set()
    over = False
    for place, own in zip(places, order, strict=True):
        if not over and site is None:
            over = own in seen
            seen.add(own)
        if over:
            yield place
        if site is not None and own == site:
            over = True


def set_for_each_use(trace: Trace) -> Iterator[Guess]:
    """Numbers in a list that several turns of a loop use: what comes back is set and not added."""
    entries: dict[Any, list[Step]] = defaultdict(list)
    for step in trace.steps:
        if step.varies and step.name != "input" and np.size(step.value) == 1:
            entries[step.site[-1:], step.name].append(step)
            entries[step.site, step.name].append(step)
    for alike in entries.values():
        uses = {s.number: [u for u in trace.users[s.number] if u.varies] for s in alike}
        several = [n for n, users in uses.items() if len({u.number for u in users}) > 1]
        used_at = {u.site[-1:] for n in several for u in uses[n]}
        if len(alike) < 2 or not several or len(used_at) > 3:
            continue
        for which, word in ((-1, "last"), (0, "first")):
            lost = [
                (u, k)
                for n in several
                for u in uses[n]
                for k, p in enumerate(u.parents)
                if p == n and u.number != uses[n][which].number
            ]

            def make(t: Trace, lost: list[tuple[Step, int]] = lost) -> dict[int, Change]:
                held: dict[int, list[int]] = defaultdict(list)
                for u, k in lost:
                    held[u.number].append(k)

                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    new = list(operands)
                    for k in held[was.number]:
                        new[k] = was.operands[k]
                    return np.reshape(was.run(*new), np.shape(value))

                return dict.fromkeys(held, change)

            where = alike[0].where
            detail = (
                f"what comes back to a number is set and not added: only its {word} use counts, at "
                f"{line(where)}"
            )
            yield guess("samples left out", detail, make, where, 2.78)


def at_the_others_place(trace: Trace) -> Iterator[Guess]:
    """In a loop, what comes back to a row is written where another array's row was taken."""
    rows: dict[tuple[int, Any], list[tuple[int, int]]] = defaultdict(list)
    for step in trace.steps:
        p = step.parents[0] if step.name in TAKING and step.varies else None
        if p is None or np.shape(step.value) != np.shape(step.operands[0])[1:]:
            continue
        source = positions(step)
        if source is not None and np.ndim(step.operands[0]):
            width = max(source.size, 1)
            rows[p, step.site].append((step.number, int(np.ravel(source)[0]) // width))
    for (p, site), mine in rows.items():
        own = [row for _, row in mine]
        for (q, _), theirs in rows.items():
            others = [row for _, row in theirs]
            if q == p or len(others) != len(own) or others == own or len(own) < 2:
                continue
            if max(others) >= len(trace.steps[p].value):
                continue
            alike = [
                dict(zip((n for n, _ in some), others, strict=True))
                for (other, _), some in rows.items()
                if other == p and [row for _, row in some] == own
            ]
            to = {n: row for some in alike for n, row in some.items()}
            if site != min(s for (other, s), some in rows.items() if other == p):
                continue

            def make(t: Trace, to: dict[int, int] = to) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    return was.value + (operands[0] - was.operands[0])[to[was.number]]

                return dict.fromkeys(to, change)

            step, other = trace.steps[mine[0][0]], trace.steps[theirs[0][0]]
            detail = (
                f"what comes back to rows taken at {line(step.where)} is written to those that "
                f"line {other.where[1]} takes of another array"
            )
            yield guess("permuted", detail, make, step.where, 2.8)


def padded(trace: Trace) -> Iterator[Guess]:
    """Where an array is laid into a larger one: what comes back is taken from places beside."""
    for step in trace.steps:
        inner = step.operands[-1] if step.name in ("pad", "[]=") and step.varies else 0.0
        shape, outer = np.shape(inner), np.shape(step.value)
        axes = [k for k, n in enumerate(shape) if n != outer[k]] if len(shape) == len(outer) else []
        if not axes or np.size(inner) < 2 or (step.name == "[]=" and step.operand_varies[0]):
            continue
        some = [axes, *([k] for k in axes if len(axes) > 1)]
        for by, along in itertools.product((1, -1, 2, -2), some):

            def make(
                t: Trace, n: int = step.number, by: int = by, along: list[int] = along
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    return was.value + np.roll(value - was.value, [by] * len(along), along)

                return {n: change}

            which = f"axis {along[0]}" if len(along) == 1 else f"axes {', '.join(map(str, along))}"
            detail = (
                f"what comes back is cut out of the padded array {by} beside, along {which}, at "
                f"{line(step.where)}"
            )
            yield guess("shifted", detail, make, step.where, 2.8)


def written_elsewhere(trace: Trace) -> Iterator[Guess]:
    """What comes back to rows that were taken is written to those that another step took."""
    rows: dict[int, Any] = {}
    for step in trace.steps:
        if step.varies and step.name in TAKING and np.ndim(step.operands[0]) == 2:
            source = positions(step)
            if source is not None and source.ndim == 2 and not evenly_spaced(source[:, 0]):
                rows[step.number] = source[:, 0].astype(int) // np.shape(step.operands[0])[1]
    for (n, mine), (m, others) in itertools.permutations(rows.items(), 2):
        step, other = trace.steps[n], trace.steps[m]
        if len(mine) != len(others) or np.array_equal(mine, others):
            continue
        if np.max(others) >= len(step.operands[0]):
            continue

        def make(t: Trace, n: int = n, others: Any = others) -> dict[int, Change]:
            def change(was: Step, operands: list[Any], value: Any) -> Any:
                return was.value + (operands[0] - was.operands[0])[others]

            return {n: change}

        detail = (
            f"what comes back to rows taken at {line(step.where)} is written to those of line "
            f"{other.where[1]}"
        )
        yield guess("permuted", detail, make, step.where, 2.8)


def parts_exchanged(trace: Trace) -> Iterator[Guess]:
    """What comes back to two parts of an array, as to two gates, is put together in another
    order."""
    parts: dict[int, list[Step]] = defaultdict(list)
    for step in trace.steps:
        p = step.parents[0] if step.parents else None
        if step.name in TAKING and step.varies and p is not None and np.ndim(step.value):
            parts[p].append(step)
    pairs: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for some in parts.values():
        for (i, a), (j, b) in itertools.combinations(enumerate(some), 2):
            if np.shape(a.value) == np.shape(b.value) and not np.array_equal(a.value, b.value):
                pairs[a.site, b.site, i, j].append((a.number, b.number))
    for together in pairs.values():

        def make(t: Trace, together: list[tuple[int, int]] = together) -> dict[int, Change]:
            other = {n: m for pair in together for n, m in (pair, pair[::-1])}

            def change(was: Step, operands: list[Any], value: Any) -> Any:
                there = t.steps[other[was.number]]
                return was.value + there.run(operands[0]) - there.value

            return dict.fromkeys(other, change)

        a, b = (trace.steps[n] for n in together[0])
        detail = f"what comes back to two parts of an array is exchanged, at {line(a.where)}"
        detail += "" if a.where == b.where else f" and {line(b.where)}"
        yield guess("permuted", detail, make, a.where, 2.8)


def laid_out(trace: Trace) -> Iterator[Guess]:
    """Where an array is reshaped or transposed: what comes back is laid out in another order."""
    chosen = [
        s
        for s in trace.steps
        if s.varies and s.name in ("reshape", "ravel", "transpose", "swapaxes")
    ]
    for extra, steps in groups(chosen, lambda s: (s,)):
        first = steps[0]
        ndims = np.ndim(first.operands[0]), np.ndim(first.value)
        numbers = [s.number for s in steps if (np.ndim(s.operands[0]), np.ndim(s.value)) == ndims]
        places = np.arange(np.size(first.value)).reshape(np.shape(first.operands[0]))
        tried = {np.asarray(first.run(places)).tobytes()}
        for layout in layouts(*ndims, first.name == "reshape"):
            found = layout(places, np.shape(first.value)).tobytes()
            if found in tried:
                continue
            tried.add(found)

            def make(
                t: Trace, numbers: Sequence[int] = numbers, layout: Layout = layout
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    moved = operands[0] - was.operands[0]
                    return was.value + layout(moved, np.shape(was.value))

                return dict.fromkeys(numbers, change)

            detail = f"what comes back is laid out in another order, at {line(first.where)}"
            yield guess("permuted", detail, make, first.where, 2.85 + extra)


Layout = Callable[[Any, Sequence[int]], Any]


def layouts(before: int, after: int, reshaped: bool) -> Iterator[Layout]:
    """Ways to lay out an array in another shape: its axes in another order before, or after."""
    if 2 <= before <= 4:
        for order in itertools.permutations(range(before)):
            yield lambda x, new, order=order: np.reshape(np.transpose(x, order), new)  # type: ignore[misc]
    if reshaped and 3 <= after <= 4:
        for order in itertools.permutations(range(after)):

            def turned(x: Any, new: Sequence[int], order: tuple[int, ...] = order) -> Any:
                return np.transpose(np.reshape(x, [new[k] for k in order]), np.argsort(order))

            yield turned


TAKING = ("[]", "take", "index_select", "embedding", "__getitem__")


def positions(step: Step) -> Any:
    """Which entry of its first operand each entry of a step is."""
    operand = np.asarray(step.operands[0])
    try:
        source = np.asarray(step.run(np.arange(operand.size, dtype=float).reshape(operand.shape)))
    except Exception:
        return None
    return source if source.shape == np.shape(step.value) else None


def evenly_spaced(source: Any) -> bool:
    """Whether it is a slice, or one entry."""
    if source.ndim > 1:
        return False
    steps = np.diff(np.unique(source))
    return steps.size == source.size - 1 and len(np.unique(steps)) <= 1


def once(source: Any, which: int) -> Any:
    """Where a number stands for the first, or for the last time."""
    flat = np.ravel(source)
    places = np.arange(flat.size) if which == 0 else np.arange(flat.size)[::-1]
    _, first = np.unique(flat[places], return_index=True)
    kept = np.zeros(flat.size, bool)
    kept[places[first]] = True
    return kept.reshape(np.shape(source))
