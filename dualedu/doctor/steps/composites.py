"""Functions of several steps that act entry by entry, as 1 / (1 + exp(−z)), and their slopes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess
from dualedu.doctor.steps.places import Changes, groups, guess, line
from dualedu.doctor.tracing import TAPE, Change, Step, Trace

DEEP = 9
"""How many steps a composite function such as 1 / (1 + exp(−z)) may take."""
TURNS = 3
"""How often a pair of places in the code is asked whether it is such a function."""
MIXING = {"matmul", "dot", "einsum", "sum", "mean", "add.reduce", "input", "softmax", "log_softmax"}
"""Steps that are not tried as functions acting entry by entry; of all others this is measured."""


@dataclass(frozen=True)
class Segment:
    """From a value u to a value y that is φ(u), entry by entry, with nothing beside u in it."""

    u: int
    y: int
    slope: Any
    at_value: Any
    """φ′ at φ(u), or None where that is not finite."""
    straight: bool
    """Whether φ is made of straight pieces, as relu is: its slope does not change nearby."""
    product: bool
    """Whether its slope is the same at −u, and not large on one side of a threshold and small on
    the other: a product with an array."""
    name: str
    """A function by name, if its slope tells it; else the name of its last step."""
    levels: tuple[float, float]
    """The smallest and the largest slope: of a mask in a loop, those of all its turns."""


def entrywise(step: Step) -> bool:
    return step.name not in MIXING and any(
        np.shape(x) == np.shape(step.value) for x in step.operands
    )


def again(trace: Trace, y: int, u: int, new: Any, inside: Sequence[int]) -> Any:
    """The value of y if that of u were another, by running the steps between."""
    now = {u: new}
    for k in inside:
        step = trace.steps[k]
        pairs = zip(step.operands, step.parents, strict=True)
        now[k] = step.run(*(x if p is None else now.get(p, x) for x, p in pairs))
    return now[y]


def between(trace: Trace, y: int, u: int, above: set[int]) -> list[int]:
    """The steps on the ways from u to y in their order, y last; none if something that varies
    comes in beside u. `above` holds the steps that y is made of."""
    found: list[int] = []
    reached = {u}
    for k in (*sorted(k for k in above if k > u), y):
        step = trace.steps[k]
        if not entrywise(step) or reached.isdisjoint(step.parents):
            continue
        beside = zip(step.parents, step.operand_varies, strict=True)
        if any(varies and p not in reached for p, varies in beside):
            continue  # no function of u alone
        found.append(k)
        reached.add(k)
    return found if y in reached else []


def segments(trace: Trace) -> list[Segment]:
    """All pairs (u, y) of which y is a function, entry by entry, whose slope is not the same
    everywhere."""
    if trace.table is not None:
        return list(trace.table.values())
    found: list[Segment] = []
    refused: dict[Any, int] = defaultdict(int)
    for step in trace.steps:
        if not (step.varies and entrywise(step)):
            continue
        shape = np.shape(step.value)
        seen: set[int] = set()
        layer = {p for p in step.parents if p is not None}
        for _ in range(DEEP):
            seen |= layer
            layer = {
                q
                for p in layer
                if entrywise(trace.steps[p])
                for q in trace.steps[p].parents
                if q is not None
            } - seen
        for u in sorted(seen):
            source = trace.steps[u]
            if not source.varies or np.shape(source.value) != shape:
                continue
            # The turns of a loop: what is none in the first few is not asked again.
            pair = (step.site, source.site, step.number - u)
            if refused[pair] == TURNS:
                continue
            segment = measured(trace, u, step.number, seen)
            if segment is not None:
                found.append(segment)
                refused[pair] = -len(trace.steps)
            else:
                refused[pair] += 1
    found = with_flat_turns(trace, found)
    trace.table = {(s.u, s.y): s for s in found}
    return found


def with_flat_turns(trace: Trace, found: list[Segment]) -> list[Segment]:
    """All of these, and of masks in a loop the turns in which they let through all or nothing: each
    with the slopes of all turns as its levels."""
    masks: dict[Any, list[Segment]] = defaultdict(list)
    for s in found:
        if is_mask(s):
            masks[trace.steps[s.y].site, trace.steps[s.u].site, s.y - s.u].append(s)
    known = {(s.u, s.y) for s in found}
    for (site, source, apart), alike in masks.items():
        levels = tuple(
            np.round([min(s.levels[0] for s in alike), max(s.levels[1] for s in alike)], 6)
        )
        for step in trace.steps[apart:]:
            u = trace.steps[step.number - apart]
            if (step.site, u.site) != (site, source) or not (step.varies and u.varies):
                continue
            if (u.number, step.number) not in known:
                above = set(range(u.number, step.number))
                flat = measured(trace, u.number, step.number, above, flat_too=True)
                if flat is not None and set(np.unique(flat.slope)) <= set(levels):
                    alike.append(replace(flat, straight=True, name=alike[0].name))
        masks[site, source, apart] = [replace(s, levels=levels) for s in alike]
    of_masks = {(s.u, s.y): s for alike in masks.values() for s in alike}
    return [*(s for s in found if (s.u, s.y) not in of_masks), *of_masks.values()]


def measured(
    trace: Trace, u: int, y: int, above: set[int], flat_too: bool = False
) -> Segment | None:
    inside = between(trace, y, u, above)
    if not inside:
        return None
    base = np.asarray(trace.steps[u].value, np.float64)
    rng = np.random.default_rng(2)
    longest = 2e-6 * (1 + np.abs(base))

    def quotient(at: Any, h: Any) -> Any:
        ahead, behind = (np.asarray(again(trace, y, u, at + s * h, inside)) for s in (1, -1))
        return (ahead - behind) / (2 * h)

    def slope(at: Any, weights: Any) -> Any:
        h = longest * weights
        with np.errstate(all="ignore"):  # extrapolated, for a log bends within h if u is small
            return (4 * quotient(at, h / 2) - quotient(at, h)) / 3

    try:
        d = slope(base, np.ones_like(base))
        if base.size > 1 and np.shape(d) == np.shape(base):
            other = slope(base, rng.uniform(0.2, 1, base.shape))
            if not np.allclose(d, other, rtol=1e-4, atol=1e-6):
                return None
        if np.shape(d) != np.shape(base) or not np.all(np.isfinite(d)):
            return None
        flat = np.ptp(d) <= 1e-7 * np.max(np.abs(d), initial=0)
        if flat_too:
            d = np.round(d, 6)
        elif flat and (base.size > 1 or np.allclose(d, 1) or constant_slope(slope, base)):
            return None
        at_value = slope(np.asarray(trace.steps[y].value, np.float64), np.ones_like(base))
        beside = slope(base + 1e-3 * (1 + np.abs(base)), np.ones_like(base))
        # A mask of np.where was made of plain numbers and stands still, so −u alone is no proof.
        turned = slope(-base, np.ones_like(base))
        product = bool(np.allclose(turned, d, rtol=1e-5, atol=1e-8)) and not split(base, d)
        straight = bool(np.mean(np.abs(beside - d) <= 1e-6 * (1 + np.abs(d))) > 0.7)
    except Exception:
        return None
    at_value = at_value if np.all(np.isfinite(at_value)) else None
    levels = (float(np.min(d)), float(np.max(d)))
    return Segment(u, y, d, at_value, straight, product, called(trace, u, y, d), levels)


def split(u: Any, slope: Any) -> bool:
    """Whether a threshold of u parts the larger slopes from the smaller."""
    large = slope > (np.min(slope) + np.max(slope)) / 2
    if np.all(large) or not np.any(large):
        return False
    return bool(np.min(u[large]) >= np.max(u[~large]) or np.max(u[large]) <= np.min(u[~large]))


def constant_slope(slope: Callable[[Any, Any], Any], base: Any) -> bool:
    one = np.ones_like(base)
    return bool(np.allclose(slope(base, one), slope(base + 0.3 * (1 + np.abs(base)), one)))


def with_slope(pairs: Sequence[Segment], m: Callable[[Segment, Trace], Any]) -> Changes:
    """Changes that give each y the slope m with respect to its u."""

    def make(trace: Trace) -> dict[int, Change]:
        segments(trace)
        known = trace.table or {}
        changes: dict[int, Change] = {}
        for pair in pairs:
            segment = known.get((pair.u, pair.y))
            if segment is None:
                continue
            extra = np.asarray(m(segment, trace)) - segment.slope
            base = trace.steps[segment.u].value

            def change(
                was: Step,
                operands: list[Any],
                value: Any,
                u: int = segment.u,
                extra: Any = extra,
                base: Any = base,
            ) -> Any:
                return value + extra * (TAPE[-1].now[u] - base)

            changes[segment.y] = change
        return changes

    return make


def value_of(trace: Trace, number: int) -> Any:
    return np.asarray(trace.steps[number].value, np.float64)


def is_mask(s: Segment) -> bool:
    """Whether a slope takes two values only, as relu's, a leaky relu's, a dropout's or |x|'s; a
    product with signs is none."""
    levels = np.unique(np.round(s.slope, 6))
    return s.straight and len(levels) <= 2 and not (s.product and 0 not in levels)


def called(trace: Trace, argument: int, result: int, slope: Any) -> str:
    y, u = value_of(trace, result), value_of(trace, argument)
    known = {
        "sigmoid": y * (1 - y),
        "tanh": 1 - y * y,
        "exp": y,
        "log": 1 / np.where(u == 0, np.nan, u),
        "softplus": 1 / (1 + np.exp(-np.clip(u, -500, 500))),
        "log σ": 1 / (1 + np.exp(np.clip(u, -500, 500))),
        "square": 2 * u,
    }
    for name, d in known.items():
        if np.allclose(slope, d, rtol=1e-5, atol=1e-8):
            return name
    return trace.steps[result].name


def from_anywhere(trace: Trace, chosen: Sequence[Segment]) -> list[list[Segment]]:
    """The turns of a loop whose argument comes from elsewhere in the first one, as a state does."""
    nearest: dict[Any, dict[int, Segment]] = defaultdict(dict)
    for s in chosen:
        turns = nearest[trace.steps[s.y].site, s.name]
        if s.y not in turns or turns[s.y].u < s.u:
            turns[s.y] = s
    return [
        list(turns.values())
        for turns in nearest.values()
        if len({trace.steps[s.u].site for s in turns.values()}) > 1
    ]


def segment_guesses(
    trace: Trace,
    kind: str,
    forms: Sequence[tuple[str, Callable[[Segment, Trace], Any], float]],
    fits: Callable[[Segment, Trace], bool],
) -> Iterator[Guess]:
    chosen = [s for s in segments(trace) if fits(s, trace)]
    places = list(groups(chosen, lambda s: (trace.steps[s.y], trace.steps[s.u])))
    for extra, pairs in [*places, *((0.05, pairs) for pairs in from_anywhere(trace, chosen))]:
        first = pairs[0]
        name, where = first.name, trace.steps[first.y].where
        # A function known by name is a better answer than a part of it.
        known = kind == "mask" or name in ("sigmoid", "tanh", "softplus", "log σ")
        better = 0.0 if known else 0.2
        for words, m, rank in forms:
            detail = f"{name}: {words}, at {line(where)}"
            yield guess(kind, detail, with_slope(pairs, m), where, rank + better + extra)
