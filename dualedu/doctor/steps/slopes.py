"""Slopes of functions that act entry by entry: left out, taken twice, at another place, masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess
from dualedu.doctor.oracles import Differences
from dualedu.doctor.reading import Reading, contract, units
from dualedu.doctor.steps.composites import (
    DEEP,
    Segment,
    is_mask,
    segment_guesses,
    segments,
    value_of,
    with_slope,
)
from dualedu.doctor.steps.places import Changes, at_steps, groups, guess, line
from dualedu.doctor.steps.values import masks_left_out
from dualedu.doctor.tracing import MAXIMA, TAPE, Change, Place, Step, Trace, kept_still, reduced
from dualedu.doctor.upstream import Backward


@at_steps
def masks(trace: Trace) -> Iterator[Guess]:
    def other_side(s: Segment, t: Trace) -> Any:
        return sum(s.levels) - s.slope

    def larger_alone(s: Segment, t: Trace) -> Any:
        return np.where(s.slope > sum(s.levels) / 2, s.slope, 0.0)

    forms: list[tuple[str, Callable[[Segment, Trace], Any], float]] = [
        ("its mask is missing", lambda s, t: np.sign(open_slope(s)), 2.5),
        ("its mask is missing", lambda s, t: open_slope(s), 2.6),
        (
            "its mask is everywhere the smaller value",
            lambda s, t: np.full_like(s.slope, s.levels[0]),
            2.7,
        ),
        ("its smaller slope is taken as 0", larger_alone, 2.55),
        (
            "its mask is applied without its factor",
            lambda s, t: (s.slope != 0) * np.sign(open_slope(s)),
            2.7,
        ),
        ("the value itself stands for the mask", lambda s, t: value_of(t, s.y), 2.7),
        ("the argument itself stands for the mask", lambda s, t: value_of(t, s.u), 2.7),
    ]
    yield from segment_guesses(
        trace, "mask", forms, lambda s, t: is_mask(s) and not holds_a_mask(s, t)
    )
    words = "its mask is taken from the wrong side"
    for sizes, rank in ((False, 2.5), (True, 3.5)):  # for |x| another formula is likelier
        yield from segment_guesses(
            trace,
            "mask",
            [(words, other_side, rank)],
            lambda s, t, sizes=sizes: (  # type: ignore[misc]
                is_mask(s) and of_a_size(s) == sizes and not holds_a_mask(s, t)
            ),
        )
    yield from masks_of_others(trace)
    yield from choices(trace)
    yield from branches(trace)
    yield from largest(trace)
    yield from masks_left_out(trace)


def of_a_size(s: Segment) -> bool:
    """Whether its slopes are opposite, as those of |x|."""
    return bool(np.isclose(s.levels[0], -s.levels[1], rtol=1e-6))


def largest(trace: Trace) -> Iterator[Guess]:
    """Where the largest of a window is taken: what comes back goes to other entries."""
    forms: list[tuple[str, Callable[[Any, tuple[int, ...]], Any]]] = [
        ("goes to the first entry", lambda x, axes: ends(x, axes, 0)),
        ("goes to the last entry", lambda x, axes: ends(x, axes, -1)),
        ("goes to every entry", lambda x, axes: np.ones_like(x)),
        ("is shared by all", lambda x, axes: np.ones_like(x) / np.prod([x.shape[k] for k in axes])),
        ("goes to the smallest entry", lambda x, axes: x == np.min(x, axis=axes, keepdims=True)),
        ("goes to each of several largest", lambda x, axes: x == np.max(x, axes, keepdims=True)),
    ]  # fmt: skip
    along = {
        step.number: axes
        for step in trace.steps
        if step.name in MAXIMA and step.varies and trace.standing.get(step.number) != kept_still
        if (axes := reduced(step)) is not None
    }
    chosen = [trace.steps[n] for n in along]
    for extra, steps in groups(chosen, lambda s: (s,)):
        for words, form in forms:

            def make(
                t: Trace,
                numbers: Sequence[int] = [s.number for s in steps],
                form: Callable[[Any, tuple[int, ...]], Any] = form,
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    x, axes = was.operands[0], along[was.number]
                    moved = np.sum(form(x, axes) * (operands[0] - x), axis=axes)
                    return was.value + np.reshape(moved, np.shape(was.value))

                return dict.fromkeys(numbers, change)

            where = steps[0].where
            detail = f"what comes back from a maximum {words}, at {line(where)}"
            yield guess("mask", detail, make, where, 2.5 + extra)


def ends(x: Any, axes: tuple[int, ...], which: int) -> Any:
    """1 at the first entry along some axes, or at the last, 0 elsewhere."""
    found = np.zeros_like(x)
    found[tuple(which if k in axes else slice(None) for k in range(x.ndim))] = 1
    return found


def masks_of_others(trace: Trace) -> Iterator[Guess]:
    """A mask taken from the sign of another array: of the gradient that comes in, as in
    `d * (d > 0)`, or of a value before."""
    chosen = [s for s in segments(trace) if is_mask(s) and not holds_a_mask(s, trace)]
    for extra, pairs in groups(chosen, lambda s: (trace.steps[s.y], trace.steps[s.u])):
        first = pairs[0]
        where = trace.steps[first.y].where
        if first.levels[0] == first.levels[1] or of_a_size(first):
            continue
        detail = f"{first.name}: its mask is taken from the gradient that comes in, at "
        yield guess("mask", detail + line(where), by_upstream(pairs), where, 2.72 + extra)
        shape = np.shape(trace.steps[first.y].value)
        near = sorted(
            (s for s in trace.steps if s.varies and np.shape(s.value) == shape),
            key=lambda s: abs(s.number - first.y),
        )
        tried = {np.asarray(first.slope > first.levels[0]).tobytes()}
        for step in near[:12]:
            pattern = (np.asarray(step.value) > 0).tobytes()
            if step.number == first.y or pattern in tried:
                continue
            tried.add(pattern)

            def m(s: Segment, t: Trace, by: int = step.number - first.y) -> Any:
                return signed(s, value_of(t, s.y + by))

            detail = f"{first.name}: its mask is taken from the value of line {step.where[1]}, at "
            changes = with_slope(pairs, m)
            detail += line(where)
            yield guess("mask", detail, changes, where, 2.75 + extra, strict=True)


def signed(s: Segment, other: Any) -> Any:
    """A mask's slopes, the one that lets through where another array is positive."""
    return np.where(other > 0, open_slope(s), sum(s.levels) - open_slope(s))


def by_upstream(pairs: Sequence[Segment]) -> Changes:
    """Masks taken from what comes back to them, the last first: they alter what comes before."""

    def make(trace: Trace) -> dict[int, Change]:
        segments(trace)
        here = [s for p in pairs if (s := (trace.table or {}).get((p.u, p.y))) is not None]
        slopes = {s.y: (s.u, lambda g, s=s: signed(s, g)) for s in here}
        taken = Backward(trace, slopes).taken
        return with_slope(here, lambda s, t: taken.get(s.y, s.slope))(trace)

    return make


def choices(trace: Trace) -> Iterator[Guess]:
    """Where np.where chooses between two values, the other one's slope, or that of one for all."""
    chosen = [
        s for s in trace.steps if s.name == "where" and len(s.operands) == 3 and s.varies
        if not s.operand_varies[0]
    ]  # fmt: skip
    for extra, steps in groups(chosen, lambda s: (s,)):
        for words, instead in (
            ("is taken from the wrong side", lambda c: ~np.asarray(c, bool)),
            ("is left out, as if it were always true", lambda c: np.ones_like(c, bool)),
            ("is left out, as if it were never true", lambda c: np.zeros_like(c, bool)),
        ):

            def make(
                t: Trace,
                numbers: Sequence[int] = [s.number for s in steps],
                instead: Callable[[Any], Any] = instead,
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    a, b = (x - y for x, y in zip(operands[1:], was.operands[1:], strict=True))
                    return was.value + np.where(instead(was.operands[0]), a, b)

                return dict.fromkeys(numbers, change)

            detail = f"the condition of where {words}, at {line(steps[0].where)}"
            yield guess("mask", detail, make, steps[0].where, 2.6 + extra)


def holds_a_mask(s: Segment, t: Trace) -> bool:
    """Whether a mask that is 1 where it lets through ends where s does, and more lies before it: a
    factor there is none of the mask's."""
    return not opens_fully(s) and any(
        other.y == s.y and other.u > s.u and is_mask(other) and opens_fully(other)
        for other in segments(t)
    )


def opens_fully(s: Segment) -> bool:
    return bool(np.isclose(abs(open_slope(s).flat[0]), 1, rtol=1e-6))


def open_slope(s: Segment) -> Any:
    """The slope where a mask lets through, in every entry."""
    return np.full_like(s.slope, max(s.levels, key=abs))


def branches(trace: Trace) -> Iterator[Guess]:
    """Where f itself asks, as in `if margin > 0:`, another answer to that."""
    for place, where in trace.asked.items():
        for words, instead in (
            ("is left out, as if it were always true", lambda true: True),
            ("is turned round", lambda true: not true),
            ("is left out, as if it were never true", lambda true: False),
        ):

            def effect(
                r: Reading,
                i: int,
                v: Any,
                place: Place = place,
                instead: Callable[[bool], bool] = instead,
            ) -> Any:
                return None if r.trace is None else r.answered_along(i, v, {place: instead})

            detail = f"the condition {words}, at {line(where)}"
            yield Guess("mask", detail, effect, 2.5, of_claim=True, where=where)


Guesses = Callable[[Reading], Iterator[Guess]]


def or_of_the_whole(
    kind: str, words: str, mistaken: Callable[[Reading, Any], Any]
) -> Callable[[Callable[[Trace], Iterator[Guess]]], Guesses]:
    """Guesses about the steps of f; where its calls cannot be followed, as JAX's, and f acts entry
    by entry, one about f itself. `mistaken` is the slope claimed, of the reading and the true
    one."""

    def decorated(guesses: Callable[[Trace], Iterator[Guess]]) -> Guesses:
        at_each = at_steps(guesses)

        @wraps(guesses)
        def of(reading: Reading) -> Iterator[Guess]:
            shapes = [np.shape(v) for v in reading.values]
            steps = reading.trace.steps if reading.trace else []
            if any(step.varies and step.name != "input" for step in steps):
                yield from at_each(reading)
            elif reading.problem.kind in ("vjp", "jvp") and shapes == [reading.problem.out.shape]:

                def effect(r: Reading, i: int, v: Any) -> Any:
                    true = r.full(i)
                    return None if true is None else contract(v, r.u * mistaken(r, true / r.u))

                yield Guess(kind, f"that of f itself{words}", effect, 2.5, of_claim=True)

        return of

    return decorated


def slope_at_value(r: Reading, slope: Any) -> Any:
    at = np.asarray(r.problem.value(r.values), np.float64)
    found, _ = Differences(r.phi, [at]).along(0, units(at.shape))
    return found.reshape(at.shape) / r.u


@or_of_the_whole("slope missing", "", lambda r, slope: np.ones_like(slope))
def slopes_missing(trace: Trace) -> Iterator[Guess]:
    yield from segment_guesses(
        trace,
        "slope missing",
        [("its slope is left out", lambda s, t: np.ones_like(s.slope), 2.5)],
        lambda s, t: not s.straight,
    )
    yield from slopes_missing_one_way(trace)
    yield from slopes_missing_at_one_use(trace)
    yield from by_the_value(trace)


def slopes_missing_one_way(trace: Trace) -> Iterator[Guess]:
    """What comes back through a product of matrices lacks the slope of what the product is handed
    to, along one of its operands alone: as the state, where the weights have it."""
    by_argument: dict[int, Segment] = {}
    for s in segments(trace):
        if s.name in ("sigmoid", "tanh", "softplus") or is_mask(s):
            by_argument.setdefault(s.u, s)
    chosen: list[tuple[Step, int]] = []
    reached: dict[int, list[tuple[Segment, list[Step]]]] = {}
    for step in trace.steps:
        if step.name in ("matmul", "dot") and any(step.operand_varies):
            reached[step.number] = handed_to(step, trace.users, by_argument)
            if reached[step.number]:
                chosen += [(step, k) for k in (0, 1) if step.operand_varies[k]]
    for k in (0, 1):
        for extra, together in groups([s for s, j in chosen if j == k], lambda s: (s,)):
            every = {s.number: reached[s.number] for s in together}

            def make(
                t: Trace, every: dict[int, list[tuple[Segment, list[Step]]]] = every, k: int = k
            ) -> dict[int, Change]:
                segments(t)
                to: dict[int, list[tuple[int, Segment, list[Step]]]] = defaultdict(list)
                for n, ways in every.items():
                    for s, way in ways:
                        if (here := (t.table or {}).get((s.u, s.y))) is not None:
                            to[s.y].append((n, here, way))

                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    now = TAPE[-1].now
                    for n, s, way in to[was.number]:
                        product = t.steps[n]
                        held = list(product.operands)
                        p = product.parents[k]
                        held[k] = product.operands[k] if p is None else now[p]
                        ahead = {n: product.run(*held)}
                        for w in way:
                            here = t.steps[w.number]
                            ahead[w.number] = here.run(
                                *(
                                    x if q is None else ahead.get(q, x)
                                    for x, q in zip(here.operands, here.parents, strict=True)
                                )
                            )
                        moved = ahead[s.u] - t.steps[s.u].value
                        value = value + (np.sign(open_slope(s)) if is_mask(s) else 1) * moved
                        value = value - s.slope * moved
                    return value

                return dict.fromkeys(to, change)

            where = together[0].where
            which = "first" if k == 0 else "second"
            detail = (
                f"what comes back to the {which} factor lacks the slope of the function after it, "
                f"at {line(where)}"
            )
            yield guess("slope missing", detail, make, where, 2.7 + extra)


def slopes_missing_at_one_use(trace: Trace) -> Iterator[Guess]:
    """Where several steps use a function's value: its slope is left out on the way from one."""
    uses = [
        (s, user, k)
        for s in segments(trace)
        if s.name in NAMED or is_mask(s)
        if len({user.site for user in trace.users[s.y]}) > 1
        for user in trace.users[s.y]
        for k, p in enumerate(user.parents)
        if p == s.y and user.varies
    ]
    for k in sorted({k for _, _, k in uses}):
        alike = [(s, user) for s, user, j in uses if j == k]
        for extra, together in groups(alike, lambda e: (e[1], trace.steps[e[0].y])):

            def make(
                t: Trace, together: list[tuple[Segment, Step]] = together, k: int = k
            ) -> dict[int, Change]:
                segments(t)
                changes: dict[int, Change] = {}
                for pair, user in together:
                    s = (t.table or {}).get((pair.u, pair.y))
                    if s is None:
                        continue

                    def change(was: Step, operands: list[Any], value: Any, s: Segment = s) -> Any:
                        new = list(operands)
                        moved = TAPE[-1].now[s.u] - value_of(t, s.u)
                        slope = np.sign(open_slope(s)) if is_mask(s) else 1.0
                        new[k] = was.operands[k] + slope * moved
                        return np.reshape(was.run(*new), np.shape(value))

                    changes[user.number] = change
                return changes

            s, user = together[0]
            detail = (
                f"{s.name}: its slope is left out where line {user.where[1]} uses it, at "
                f"{line(trace.steps[s.y].where)}"
            )
            yield guess("slope missing", detail, make, user.where, 2.75 + extra)


NAMED = ("sigmoid", "tanh", "softplus", "exp", "log σ")


def by_the_value(trace: Trace) -> Iterator[Guess]:
    """f differentiated by a function's value, or by a multiple of it, in place of its argument,
    which other steps use too: as by a rate in place of its logarithm."""
    pairs: list[tuple[Step, Step, Segment]] = []
    for s in segments(trace):
        if s.name not in NAMED or len(trace.users[s.u]) < 2:
            continue
        pairs.append((trace.steps[s.u], trace.steps[s.y], s))
        for user in trace.users[s.y]:
            if user.name in ("multiply", "divide") and user.operand_varies.count(True) == 1:
                pairs.append((trace.steps[s.u], user, s))
    for extra, together in groups(pairs, lambda p: (p[0], p[1])):

        def make(
            t: Trace, together: list[tuple[Step, Step, Segment]] = together
        ) -> dict[int, Change]:
            segments(t)
            changes: dict[int, Change] = {}
            for source, result, pair in together:
                s = (t.table or {}).get((pair.u, pair.y))
                if s is None:
                    continue
                y = value_of(t, result.number)
                with np.errstate(all="ignore"):
                    slope = s.slope * np.where(y == 0, 1, y / value_of(t, s.y))
                    surplus = np.nan_to_num(1 / slope) - 1

                def change(
                    was: Step, operands: list[Any], value: Any, surplus: Any = surplus
                ) -> Any:
                    return value + surplus * (value - was.value)

                changes[source.number] = change
            return changes

        _, result, s = together[0]
        detail = (
            f"{s.name}: its slope is left out on all ways, as if f were differentiated by the "
            f"value of {line(result.where)}"
        )
        yield guess("slope missing", detail, make, result.where, 2.8 + extra)


def handed_to(
    step: Step, users: dict[int, list[Step]], by_argument: dict[int, Segment]
) -> list[tuple[Segment, list[Step]]]:
    """The functions that a product is handed to by sums and slices alone, and the steps between."""
    found: list[tuple[Segment, list[Step]]] = []
    open_ways: list[tuple[int, list[Step]]] = [(step.number, [])]
    while open_ways:
        n, way = open_ways.pop()
        if n in by_argument:
            found.append((by_argument[n], way))
            continue
        for user in users[n]:
            if user.name in PASSING and len(way) < DEEP:
                open_ways.append((user.number, [*way, user]))
    return found


PASSING = {"add", "subtract", "[]", "reshape", "transpose"}


@or_of_the_whole("slope twice", "", lambda r, slope: slope**2)
def slopes_twice(trace: Trace) -> Iterator[Guess]:
    yield from segment_guesses(
        trace,
        "slope twice",
        [("its slope is applied twice", lambda s, t: s.slope**2, 2.5)],
        lambda s, t: not (is_mask(s) and np.allclose(s.slope**2, np.abs(s.slope))),
    )
    slopes: list[tuple[str, Callable[[Any], Any]]] = [
        ("σ′", bell),
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
            detail = f"a factor {words} too many, at {line(where)}"
            changes = too_many({n: n for n in numbers}, slope)
            kind = "mask" if words == "relu's mask" else "slope twice"
            yield guess(kind, detail, changes, where, 3.3 + extra)
    yield from slopes_of_others(trace)


def slopes_of_others(trace: Trace) -> Iterator[Guess]:
    """At a step, a factor too many: s (1 − s) or 1 − s² of another value on the way. Pairs that are
    as far apart at the same places in the code, as in the turns of a loop, go together."""
    chosen = [s for s in trace.steps if s.varies and np.ndim(s.value) and s.name != "input"]
    together: dict[Any, dict[int, int]] = defaultdict(dict)
    for k, step in enumerate(chosen):
        for other in chosen[max(0, k - 2 * DEEP) : k + 2 * DEEP + 1]:
            apart = other.number - step.number
            if not 0 < abs(apart) <= 2 * DEEP or np.shape(other.value) != np.shape(step.value):
                continue
            together[step.site, other.site, step.name, apart][step.number] = other.number
    for pairs in together.values():
        n, m = next(iter(pairs.items()))
        step, other = trace.steps[n], trace.steps[m]
        if any(np.max(np.abs(value_of(trace, m))) > 1 for m in pairs.values()):
            continue
        for words, slope in (
            ("s (1 − s)", lambda y: y * (1 - y)),
            ("1 − s²", lambda y: 1 - y * y),
        ):
            detail = f"a factor {words} too many, of the value of {line(other.where)}"
            changes = too_many(pairs, slope)
            yield guess("slope twice", detail, changes, step.where, 3.5, strict=True)


def too_many(pairs: dict[int, int], slope: Callable[[Any], Any]) -> Changes:
    """Changes of steps that pass on `slope` of a step's value times what they should."""

    def make(trace: Trace) -> dict[int, Change]:
        changes: dict[int, Change] = {}
        for n, other in pairs.items():
            base = value_of(trace, n)
            with np.errstate(all="ignore"):
                surplus = slope(value_of(trace, other)) - 1

            def change(
                was: Step, operands: list[Any], value: Any, base: Any = base, surplus: Any = surplus
            ) -> Any:
                return value + surplus * (value - base)

            changes[n] = change
        return changes

    return make


@or_of_the_whole("slope at the wrong place", ", at its value", slope_at_value)
def slopes_elsewhere(trace: Trace) -> Iterator[Guess]:
    forms: list[tuple[str, Callable[[Segment, Trace], Any], float]] = [
        (
            "its slope is taken at its value, φ′(φ(z))",
            lambda s, t: s.slope if s.at_value is None else s.at_value,
            2.6,
        ),
    ]
    # Of a square, 2 z² is rather one factor z too many.
    yield from segment_guesses(
        trace,
        "slope at the wrong place",
        forms,
        lambda s, t: not is_mask(s) and s.name != "square",
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
            trace,
            "slope at the wrong place",
            [(words, m, 2.6)],
            lambda s, t, name=name: s.name == name,  # type: ignore[misc]
        )


@at_steps
def slopes_other(trace: Trace) -> Iterator[Guess]:
    forms: list[tuple[str, Callable[[Segment, Trace], Any], float]] = [
        ("its slope is the value itself", lambda s, t: value_of(t, s.y), 3.2),
        ("its slope is one minus the value", lambda s, t: 1 - value_of(t, s.y), 3.2),
        ("its slope is the argument", lambda s, t: value_of(t, s.u), 3.4),
        ("its slope is the argument's sign", lambda s, t: np.sign(value_of(t, s.u)), 3.4),
        ("its slope is upside down", lambda s, t: 1 / np.where(s.slope == 0, np.inf, s.slope), 3.4),
        ("its slope has a factor z too many", lambda s, t: s.slope * value_of(t, s.u), 3.4),
        (
            "its slope lacks a factor z",
            lambda s, t: s.slope / np.where(value_of(t, s.u) == 0, 1, value_of(t, s.u)),
            3.4,
        ),
        ("its slope is not divided by its value", lambda s, t: s.slope * value_of(t, s.y), 3.3),
        ("its slope is y (1 − y)", lambda s, t: value_of(t, s.y) * (1 - value_of(t, s.y)), 3.2),
        ("its slope is 1 − y²", lambda s, t: 1 - value_of(t, s.y) ** 2, 3.2),
        ("its slope is 1 + y²", lambda s, t: 1 + value_of(t, s.y) ** 2, 3.2),
        ("its slope is y (1 + y)", lambda s, t: value_of(t, s.y) * (1 + value_of(t, s.y)), 3.2),
        ("its slope is the root of what it should be", lambda s, t: np.sqrt(np.abs(s.slope)), 3.4),
    ]
    forms += [
        ("its slope is relu's mask", lambda s, t: (value_of(t, s.u) > 0) * 1.0, 3.2),
        ("its slope is that of a sigmoid", lambda s, t: bell(value_of(t, s.u)), 3.2),
        ("its slope is that of tanh", lambda s, t: 1 - np.tanh(value_of(t, s.u)) ** 2, 3.2),
    ]
    yield from segment_guesses(trace, "slope's formula", forms, lambda s, t: not is_mask(s))
    sign = ("its slope has the wrong sign", lambda s, t: -s.slope, 3.1)
    yield from segment_guesses(trace, "a step's factor", [sign], lambda s, t: not is_mask(s))
    other = (
        "its slope is that of the other label, −σ(z) in place of 1 − σ(z)",
        lambda s, t: s.slope - 1,
        2.6,
    )
    yield from segment_guesses(
        trace, "slope's formula", [other], lambda s, t: s.name in ("log σ", "softplus")
    )
    square = ("its slope is twice its value: that of its square", twice_its_value, 3.2)
    yield from segment_guesses(trace, "slope's formula", [square], lambda s, t: is_mask(s))


def bell(u: Any) -> Any:
    """σ′(u)"""
    return 1 / (2 + np.exp(-np.clip(u, -300, 300)) + np.exp(np.clip(u, -300, 300)))


def twice_its_value(s: Segment, t: Trace) -> Any:
    return 2 * value_of(t, s.y)
