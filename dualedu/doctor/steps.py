"""Faults at a step inside of f: each guess lets f make the mistake itself.

A step's values stay; what changes is its answer to a change of its input. For a step y = φ(u)
that acts entry by entry, y becomes y + (m − φ′)(u − u₀) near the point u₀, so that its slope is m.
Steps at the same place in the code change together: a sigmoid used in three gates, a cell run for
five time steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess, factor_named
from dualedu.doctor.reading import Reading
from dualedu.doctor.structure import surroundings, walk
from dualedu.doctor.tracing import TAPE, Change, Step, Trace, has_slope

Changes = Callable[[Trace], dict[int, Change]]
DEEP = 9
"""How many steps a composite function such as 1 / (1 + exp(−z)) may take."""
MIXING = {"matmul", "dot", "einsum", "sum", "mean", "add.reduce", "input", "softmax", "log_softmax"}
"""Steps that are not tried as functions acting entry by entry; of all others this is measured."""


def guess(
    kind: str,
    detail: str,
    changes: Changes,
    where: tuple[str, int],
    rank: float,
    free: bool = False,
    name: Callable[[Reading, float], tuple[str, str, float] | None] | None = None,
) -> Guess:
    """What comes of f if steps are changed: the claim, or with `free` the error up to a factor."""

    def effect(r: Reading, i: int, v: Any) -> Any:
        if r.trace is None:
            return None
        found = r.changed_along(i, v, changes(r.trace))
        if not free:
            return found
        return found - r.slopes(i, v)

    return Guess(kind, detail, effect, rank, of_claim=not free, free=free, name=name, where=where)


def line(where: tuple[str, int]) -> str:
    import linecache

    text = linecache.getline(*where).strip()
    path = Path(where[0])
    typed = path.stem.isdigit() or path.name.startswith("<")  # a notebook's cell, a prompt
    numbered = path.name.startswith("<cell ")
    name = path.name.strip("<>") if numbered else "the cell" if typed else path.name
    return f"line {where[1]} of {name}" + (f", «{text}»" if text else "")


# --- groups of steps -----------------------------------------------------------------------------


def groups(
    items: Sequence[Any], steps: Callable[[Any], tuple[Step, ...]]
) -> Iterator[tuple[float, list[Any]]]:
    """Items together whose steps stand at the same place in the code; then, where a helper is
    called from several places, those of each place; then the first and the last of a loop; and
    all of the same name together, as with a rule that is wrong wherever it is used. With each
    group comes what is added to its guesses' rank."""
    by_name: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        by_name[tuple(s.name for s in steps(item))].append(item)
    for everywhere in by_name.values():
        if len({steps(item)[0].site[-1:] for item in everywhere}) > 1:
            yield 0.1, everywhere
    by_place: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        by_place[tuple((*s.site[-1:], s.name) for s in steps(item))].append(item)
    for together in by_place.values():
        yield 0, together
        by_calls: dict[Any, list[Any]] = defaultdict(list)
        for item in together:
            by_calls[tuple(s.site for s in steps(item))].append(item)
        if len(by_calls) > 1:
            yield from ((0.5, some) for some in by_calls.values())
        for some in by_calls.values():
            if len(some) > 1:
                yield 0.6, some[-1:]
                yield 0.6, some[:1]
                if len(some) > 2:
                    yield 0.6, some[:-1]


# --- composite functions -------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """From a value u to a value y that is φ(u), entry by entry."""

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


def entrywise(step: Step) -> bool:
    return step.name not in MIXING and any(
        np.shape(x) == np.shape(step.value) for x in step.operands
    )


def again(trace: Trace, y: int, u: int, new: Any, inside: set[int]) -> Any:
    """The value of y if that of u were another, by running the steps between."""
    step = trace.steps[y]
    operands = [
        new if p == u else again(trace, p, u, new, inside) if p in inside else x
        for x, p in zip(step.operands, step.parents, strict=True)
    ]
    return step.run(*operands)


def between(trace: Trace, y: int, u: int, depth: int = DEEP) -> set[int]:
    """The steps on the ways from u to y, y among them."""
    found: set[int] = set()

    def reaches(k: int, left: int) -> bool:
        if left == 0 or k < u:
            return False
        hit = False
        for p in trace.steps[k].parents:
            if p is not None and (
                p == u or (p > u and entrywise(trace.steps[p]) and reaches(p, left - 1))
            ):
                hit = True
        if hit:
            found.add(k)
        return hit

    reaches(y, depth)
    return found


def segments(trace: Trace) -> list[Segment]:
    """All pairs (u, y) of which y is a function, entry by entry, whose slope is not the same
    everywhere."""
    if trace.table is not None:
        return list(trace.table.values())
    found: list[Segment] = []
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
            if source.varies and np.shape(source.value) == shape:
                segment = measured(trace, u, step.number)
                if segment is not None:
                    found.append(segment)
    trace.table = {(s.u, s.y): s for s in found}
    return found


def measured(trace: Trace, u: int, y: int) -> Segment | None:
    inside = between(trace, y, u)
    if not inside:
        return None
    base = np.asarray(trace.steps[u].value, np.float64)
    rng = np.random.default_rng(2)
    h = 1e-5 * (1 + np.abs(base))

    def slope(at: Any, weights: Any) -> Any:
        with np.errstate(all="ignore"):
            ahead = again(trace, y, u, at + h * weights, inside)
            behind = again(trace, y, u, at - h * weights, inside)
            return (np.asarray(ahead) - np.asarray(behind)) / (2 * h * weights)

    try:
        d = slope(base, np.ones_like(base))
        if base.size > 1 and np.shape(d) == np.shape(base):
            other = slope(base, rng.uniform(0.2, 1, base.shape))
            if not np.allclose(d, other, rtol=1e-4, atol=1e-6):
                return None
        if np.shape(d) != np.shape(base) or not np.all(np.isfinite(d)):
            return None
        flat = np.ptp(d) <= 1e-7 * np.max(np.abs(d), initial=0)
        if flat and (base.size > 1 or np.allclose(d, 1) or constant_slope(slope, base)):
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
    return Segment(u, y, d, at_value, straight, product)


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


def called(s: Segment, trace: Trace) -> str:
    """A function by name, if its slope tells it."""
    y, u = value_of(trace, s.y), value_of(trace, s.u)
    known = {
        "sigmoid": y * (1 - y),
        "tanh": 1 - y * y,
        "exp": y,
        "log": 1 / np.where(u == 0, np.nan, u),
        "softplus": 1 / (1 + np.exp(-np.clip(u, -500, 500))),
        "square": 2 * u,
    }
    for name, d in known.items():
        if np.allclose(s.slope, d, rtol=1e-5, atol=1e-8):
            return name
    return trace.steps[s.y].name


def segment_guesses(
    reading: Reading,
    kind: str,
    forms: Sequence[tuple[str, Callable[[Segment, Trace], Any], float]],
    fits: Callable[[Segment, Trace], bool],
) -> Iterator[Guess]:
    trace = reading.trace
    if trace is None:
        return
    chosen = [s for s in segments(trace) if fits(s, trace)]
    for extra, pairs in groups(chosen, lambda s: (trace.steps[s.y], trace.steps[s.u])):
        first = pairs[0]
        name, where = called(first, trace), trace.steps[first.y].where
        # A function known by name is a better answer than a part of it.
        known = kind == "mask" or name in ("sigmoid", "tanh", "softplus")
        better = 0.0 if known else 0.2
        for words, m, rank in forms:
            detail = f"{name}: {words}, at {line(where)}"
            yield guess(kind, detail, with_slope(pairs, m), where, rank + better + extra)


def masks(reading: Reading) -> Iterator[Guess]:
    def other_side(s: Segment, t: Trace) -> Any:
        return np.min(s.slope) + np.max(s.slope) - s.slope

    def larger_alone(s: Segment, t: Trace) -> Any:
        return np.where(s.slope > (np.min(s.slope) + np.max(s.slope)) / 2, s.slope, 0.0)

    yield from segment_guesses(
        reading,
        "mask",
        [
            ("its mask is missing", lambda s, t: np.ones_like(s.slope), 2.5),
            ("its mask is missing", lambda s, t: np.full_like(s.slope, np.max(s.slope)), 2.6),
            ("its mask is taken from the wrong side", other_side, 2.5),
            (
                "its mask is everywhere the smaller value",
                lambda s, t: np.full_like(s.slope, np.min(s.slope)),
                2.7,
            ),
            ("its smaller slope is taken as 0", larger_alone, 2.55),
            ("its mask is applied without its factor", lambda s, t: (s.slope != 0) * 1.0, 2.7),
            ("the value itself stands for the mask", lambda s, t: value_of(t, s.y), 2.7),
            ("the argument itself stands for the mask", lambda s, t: value_of(t, s.u), 2.7),
        ],
        lambda s, t: is_mask(s),
    )


def slopes_missing(reading: Reading) -> Iterator[Guess]:
    yield from segment_guesses(
        reading,
        "slope missing",
        [("its slope is left out", lambda s, t: np.ones_like(s.slope), 2.5)],
        lambda s, t: not s.straight,
    )


def slopes_twice(reading: Reading) -> Iterator[Guess]:
    yield from segment_guesses(
        reading,
        "slope twice",
        [("its slope is applied twice", lambda s, t: s.slope**2, 2.5)],
        lambda s, t: not is_mask(s) or bool(np.any(s.slope**2 != s.slope)),
    )
    trace = reading.trace
    if trace is None:
        return
    slopes: list[tuple[str, Callable[[Any], Any]]] = [
        ("σ′", lambda u: 1 / (2 + np.exp(-np.clip(u, -300, 300)) + np.exp(np.clip(u, -300, 300)))),
        ("tanh′", lambda u: 1 - np.tanh(u) ** 2),
        ("relu's mask", lambda u: (u > 0) * 1.0),
        ("s (1 − s)", lambda u: u * (1 - u)),
        ("1 − s²", lambda u: 1 - u * u),
    ]
    chosen = [s for s in trace.steps if s.varies and s.name != "input"]
    for extra, together in groups(chosen, lambda s: (s,)):
        where = together[0].where
        numbers = [s.number for s in together]
        for words, slope in slopes:

            def make(
                t: Trace, numbers: list[int] = numbers, slope: Callable[[Any], Any] = slope
            ) -> dict[int, Change]:
                changes: dict[int, Change] = {}
                for n in numbers:
                    base = value_of(t, n)
                    with np.errstate(all="ignore"):
                        surplus = slope(base) - 1

                    def change(
                        was: Step,
                        operands: list[Any],
                        value: Any,
                        base: Any = base,
                        surplus: Any = surplus,
                    ) -> Any:
                        return value + surplus * (value - base)

                    changes[n] = change
                return changes

            detail = f"a factor {words} too many, at {line(where)}"
            yield guess("slope twice", detail, make, where, 3.3 + extra)
    yield from slopes_of_others(reading)


def slopes_of_others(reading: Reading) -> Iterator[Guess]:
    """At a step, a factor too many: s (1 − s) or 1 − s² of another value on the way."""
    trace = reading.trace
    if trace is None:
        return
    chosen = [s for s in trace.steps if s.varies and np.ndim(s.value) and s.name != "input"]
    for step in chosen:
        for other in chosen:
            y = value_of(trace, other.number)
            near = abs(other.number - step.number) <= 2 * DEEP and other.number != step.number
            if not near or y.shape != np.shape(step.value) or np.max(np.abs(y)) > 1:
                continue
            for words, slope in (
                ("s (1 − s)", lambda y: y * (1 - y)),
                ("1 − s²", lambda y: 1 - y * y),
            ):

                def make(
                    t: Trace,
                    n: int = step.number,
                    o: int = other.number,
                    slope: Callable[[Any], Any] = slope,
                ) -> dict[int, Change]:
                    surplus, base = slope(value_of(t, o)) - 1, value_of(t, n)

                    def change(was: Step, operands: list[Any], value: Any) -> Any:
                        return value + surplus * (value - base)

                    return {n: change}

                detail = f"a factor {words} too many, of the value of {line(other.where)}"
                yield guess("slope twice", detail, make, step.where, 3.5)


def slopes_elsewhere(reading: Reading) -> Iterator[Guess]:
    forms: list[tuple[str, Callable[[Segment, Trace], Any], float]] = [
        (
            "its slope is taken at its value, φ′(φ(z))",
            lambda s, t: s.slope if s.at_value is None else s.at_value,
            2.6,
        ),
    ]
    yield from segment_guesses(
        reading, "slope at the wrong place", forms, lambda s, t: not is_mask(s)
    )
    for name, words, form in (
        (
            "sigmoid",
            "s (1 − s) is taken of the argument in place of the value",
            lambda u: u * (1 - u),
        ),
        ("tanh", "1 − s² is taken of the argument in place of the value", lambda u: 1 - u * u),
        ("exp", "the argument stands for the value in its slope", lambda u: u),
    ):

        def m(s: Segment, t: Trace, form: Callable[[Any], Any] = form) -> Any:
            return form(value_of(t, s.u))

        yield from segment_guesses(
            reading,
            "slope at the wrong place",
            [(words, m, 2.6)],
            lambda s, t, name=name: called(s, t) == name,  # type: ignore[misc]
        )


def slopes_other(reading: Reading) -> Iterator[Guess]:
    forms: list[tuple[str, Callable[[Segment, Trace], Any], float]] = [
        ("its slope is the value itself", lambda s, t: value_of(t, s.y), 3.2),
        ("its slope is one minus the value", lambda s, t: 1 - value_of(t, s.y), 3.2),
        ("its slope is the argument", lambda s, t: value_of(t, s.u), 3.4),
        ("its slope is upside down", lambda s, t: 1 / np.where(s.slope == 0, np.inf, s.slope), 3.4),
        ("its slope has a factor z too many", lambda s, t: s.slope * value_of(t, s.u), 3.4),
        (
            "its slope lacks a factor z",
            lambda s, t: s.slope / np.where(value_of(t, s.u) == 0, 1, value_of(t, s.u)),
            3.4,
        ),
        ("its slope is y (1 − y)", lambda s, t: value_of(t, s.y) * (1 - value_of(t, s.y)), 3.2),
        ("its slope is 1 − y²", lambda s, t: 1 - value_of(t, s.y) ** 2, 3.2),
        ("its slope is 1 + y²", lambda s, t: 1 + value_of(t, s.y) ** 2, 3.2),
        ("its slope is y (1 + y)", lambda s, t: value_of(t, s.y) * (1 + value_of(t, s.y)), 3.2),
        ("its slope is the root of what it should be", lambda s, t: np.sqrt(np.abs(s.slope)), 3.4),
    ]
    forms.append(
        ("its slope is relu's mask", lambda s, t: (value_of(t, s.u) > 0) * 1.0, 3.2),
    )
    yield from segment_guesses(reading, "slope's formula", forms, lambda s, t: not is_mask(s))
    square = ("its slope is twice its value: that of its square", twice_its_value, 3.2)
    yield from segment_guesses(reading, "slope's formula", [square], lambda s, t: is_mask(s))


def twice_its_value(s: Segment, t: Trace) -> Any:
    return 2 * value_of(t, s.y)


# --- Jacobians that mix entries ------------------------------------------------------------------


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


# --- paths and factors ---------------------------------------------------------------------------


def paths(reading: Reading) -> Iterator[Guess]:
    """One operand of a step held constant; or its share in the gradient c times as large."""
    trace = reading.trace
    if trace is None:
        return
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


def samples(reading: Reading) -> Iterator[Guess]:
    """Only some rows of a step pass changes on; or, where the same entry is taken several times,
    as rows of an embedding are, it counts once."""
    trace = reading.trace
    if trace is None:
        return
    for step in trace.steps:
        shape = np.shape(step.value)
        if not step.varies or not shape or shape[0] < 3 or step.name == "input":
            continue
        rows, half = np.arange(shape[0]), shape[0] // 2
        for words, kept in (
            ("only the last row counts", rows == shape[0] - 1),
            ("only the first row counts", rows == 0),
            ("the last row does not count", rows != shape[0] - 1),
            ("the first row does not count", rows != 0),
            ("only the first half of the rows counts", rows < half),
            ("only the second half of the rows counts", rows >= shape[0] - half),
        ):
            mask = kept.reshape(-1, *[1] * (len(shape) - 1))

            def make(t: Trace, n: int = step.number, mask: Any = mask) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    return np.where(mask, value, was.value)

                return {n: change}

            detail = f"{words}, of the array of {line(step.where)}"
            yield guess("samples left out", detail, make, step.where, 2.9)
    yield from taken(trace)


def taken(trace: Trace) -> Iterator[Guess]:
    """Where entries are taken by number: those taken twice count once, as with `g[i] += d` in
    place of `np.add.at(g, i, d)`; or what comes back is written a row further on."""
    chosen: list[tuple[Step, Any]] = []
    for step in trace.steps:
        if step.varies and step.name in TAKING:
            source = positions(step)
            if source is not None:
                chosen.append((step, source))
    for extra, together in groups(chosen, lambda e: (e[0],)):
        where = together[0][0].where
        for words, which in (("last", -1), ("first", 0)):
            kept = {s.number: once(source, which) for s, source in together}
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


TAKING = ("[]", "take", "index_select", "embedding", "__getitem__")


def positions(step: Step) -> Any:
    """Which entry of its first operand each entry of a step is, if some are taken by number."""
    operand = np.asarray(step.operands[0])
    try:
        source = np.asarray(step.run(np.arange(operand.size, dtype=float).reshape(operand.shape)))
    except Exception:
        return None
    if source.shape != np.shape(step.value) or source.ndim == 0:
        return None
    steady = np.diff(np.unique(source)) if source.ndim == 1 else None
    if steady is not None and steady.size == source.size - 1 and len(np.unique(steady)) <= 1:
        return None  # a slice
    return source


def once(source: Any, which: int) -> Any:
    """Where a number stands for the first, or for the last time."""
    flat = np.ravel(source)
    places = np.arange(flat.size) if which == 0 else np.arange(flat.size)[::-1]
    _, first = np.unique(flat[places], return_index=True)
    kept = np.zeros(flat.size, bool)
    kept[places[first]] = True
    return kept.reshape(np.shape(source))


def layers(reading: Reading) -> Iterator[Guess]:
    """A matrix product that passes changes on as they are; a product or quotient of arrays that
    does, or whose factor is there twice."""
    trace = reading.trace
    if trace is None:
        return
    edges = [
        (step, k)
        for step in trace.steps
        if step.varies and step.name in ("matmul", "dot", "multiply", "divide")
        for k in range(len(step.operands))
        if step.operand_varies[k] and np.shape(step.operands[k]) == np.shape(step.value)
    ]
    for extra, together in groups(edges, lambda e: (e[0],)):
        for k in (0, 1):
            some = [s for s, operand in together if operand == k]
            if not some or len(some[0].operands) != 2 or (some[0].name == "divide" and k == 1):
                continue
            step, numbers = some[0], [s.number for s in some]
            matrix = step.name in ("matmul", "dot")
            other = np.asarray(step.operands[1 - k])
            if not matrix and (other.ndim == 0 or np.ptp(other) == 0):
                continue

            def through(t: Trace, numbers: list[int] = numbers, k: int = k) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    held = list(was.operands)
                    held[k] = operands[k]
                    return value - was.run(*held) + was.value + operands[k] - was.operands[k]

                return dict.fromkeys(numbers, change)

            place = line(step.where)
            if matrix:
                yield guess(
                    "factor left out", f"the matrix is left out, at {place}", through, step.where,
                    2.6 + extra,
                )  # fmt: skip
                continue
            if not step.operand_varies[1 - k] and 0 in other and len(np.unique(other)) == 2:
                detail = f"the mask that it is multiplied by is left out, at {place}"
                yield guess("mask", detail, through, step.where, 2.5 + extra)
                continue
            detail = f"the {'divisor' if step.name == 'divide' else 'factor'} is left out, at "
            yield guess("factor left out", detail + place, through, step.where, 2.5 + extra)
            for kind, words, power in (
                ("factor left out", "left out", -1),
                ("a step's factor", "there twice", 1),
            ):
                if power < 0 and not step.operand_varies[1 - k]:
                    continue  # the same as above

                def scaled(
                    t: Trace, numbers: list[int] = numbers, k: int = k, power: int = power
                ) -> dict[int, Change]:
                    def change(was: Step, operands: list[Any], value: Any) -> Any:
                        p = -power if was.name == "divide" else power
                        return was.value + (value - was.value) * was.operands[1 - k] ** float(p)

                    return dict.fromkeys(numbers, change)

                what = "divisor" if step.name == "divide" else "factor"
                detail = f"the {what} is {words}, at {place}"
                yield guess(kind, detail, scaled, step.where, 3.0 + extra)


def cofactors(reading: Reading) -> Iterator[Guess]:
    """In a product, another array of the same shape in place of the other factor; what comes back
    transposed; or, where a vector meets a square array, summed along its other axis."""
    trace = reading.trace
    if trace is None:
        return
    pairs = [step for step in trace.steps if step.varies and len(step.operands) == 2]
    products = [s for s in pairs if s.name in ("matmul", "dot", "multiply")]
    for extra, together in groups(products, lambda s: (s,)):
        for k in (0, 1):
            some = [s for s in together if s.operand_varies[k]]
            if some:
                yield from replaced_cofactors(trace, some, k, extra)
    for step in pairs:
        square = np.ndim(step.value) == 2 and len(set(np.shape(step.value))) == 1
        for k in (0, 1) if square else ():
            if not step.operand_varies[k]:
                continue
            if step.name in ("add", "multiply") and np.ndim(step.operands[k]) == 1:
                detail = f"summed over the other axis, at {line(step.where)}"
                yield guess("wrong axis", detail, across(step.number, k), step.where, 2.4)
            if step.name in ("matmul", "dot"):
                detail = f"what comes back is transposed, at {line(step.where)}"
                yield guess("transposed", detail, turned_back(step.number, k), step.where, 2.8)


def across(n: int, k: int) -> Changes:
    """A vector's change spread along the other axis of the square array that it is added to."""

    def make(t: Trace) -> dict[int, Change]:
        def change(was: Step, operands: list[Any], value: Any) -> Any:
            move = operands[k] - was.operands[k]
            factor = was.operands[1 - k] if was.name == "multiply" else 1.0
            return value + factor * (move[:, None] - move)

        return {n: change}

    return make


def turned_back(n: int, k: int) -> Changes:
    """The change of a square product by one operand, transposed."""

    def make(t: Trace) -> dict[int, Change]:
        def change(was: Step, operands: list[Any], value: Any) -> Any:
            held = list(was.operands)
            held[k] = operands[k]
            share = was.run(*held) - was.value
            return value - share + share.T

        return {n: change}

    return make


def replaced_cofactors(trace: Trace, some: list[Step], k: int, extra: float) -> Iterator[Guess]:
    """Of steps at the same place in the code, such as the turns of a loop."""
    step = some[-1]
    other = np.asarray(step.operands[1 - k])
    if other.ndim == 0 or not has_slope(other):
        return
    Stand = Callable[[Trace, int], Any]
    candidates: list[tuple[str, Stand]] = []
    if other.ndim == 2 and other.shape[0] == other.shape[1] and step.name != "multiply":
        candidates.append(("its transpose", lambda t, n: np.transpose(t.steps[n].operands[1 - k])))
    if step.name == "multiply":
        candidates.append(("one minus it", lambda t, n: 1 - t.steps[n].operands[1 - k]))
    if len(other) > 2:
        for turn, of_rows in (
            ("its rows shifted by 1", lambda a: np.roll(a, 1, axis=0)),
            ("its rows shifted by −1", lambda a: np.roll(a, -1, axis=0)),
            ("its rows in reverse order", lambda a: np.flip(a, 0)),
        ):
            candidates.append((turn, lambda t, n, g=of_rows: g(t.steps[n].operands[1 - k])))  # type: ignore[misc]
    near = sorted(
        (s for s in trace.steps if np.shape(s.value) == other.shape),
        key=lambda s: abs(s.number - step.number),
    )
    for s in near[:12]:
        if not np.array_equal(s.value, other):
            candidates.append(
                (
                    f"the value of line {s.where[1]}",
                    lambda t, n, by=s.number - step.number: t.steps[n + by].value,  # type: ignore[misc]
                )
            )
    for words, of in candidates:

        def make(
            t: Trace, of: Stand = of, numbers: tuple[int, ...] = tuple(s.number for s in some)
        ) -> dict[int, Change]:
            changes: dict[int, Change] = {}
            for n in numbers:
                own = t.steps[n].operands[1 - k]
                stand = of(t, n)
                if np.shape(stand) != np.shape(own):
                    continue
                surplus = stand - own

                def change(
                    was: Step, operands: list[Any], value: Any, surplus: Any = surplus
                ) -> Any:
                    pair: list[Any] = [None, None]
                    pair[k], pair[1 - k] = operands[k] - was.operands[k], surplus
                    return value + was.run(*pair)

                changes[n] = change
            return changes

        kind = "shifted" if "rows" in words else "the wrong factor"
        detail = f"{words} stands for the other factor, at {line(step.where)}"
        yield guess(kind, detail, make, step.where, 3.2 + extra)
