"""f with something around it changed, as a claim may have had it: labels shifted, a constant
switched off, the last sample in place of all, the step before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dualedu.doctor.claims import Problem
from dualedu.doctor.guesses import Guess, factor_named
from dualedu.doctor.knobs import Knob, knobs, part_of, turned
from dualedu.doctor.oracles import Differences, by_duals
from dualedu.doctor.reading import Reading
from dualedu.doctor.structure import all_names, surroundings, walk, with_surroundings

Maker = Callable[[Reading], Any]


def another_function(reading: Reading) -> Iterator[Guess]:
    """The gradient of f with something around it changed: labels shifted, a term switched off,
    one sample in place of all."""
    for detail, kind, free, make in variants(reading.problem):

        def effect(
            r: Reading, i: int, v: Any, make: Callable[[Any], Any] = make, detail: str = detail
        ) -> Any:
            other = make(r)
            return None if other is None else other.true_along(i, v)[0]

        def named(
            r: Reading, a: float, kind: str = kind, detail: str = detail
        ) -> tuple[str, str, float] | None:
            _, words, rank = factor_named(r, a)
            if abs(a - 1) < 1e-5:
                return kind, detail, 3.5
            if rank < 5:
                return kind, f"{detail}, and {words}", 5.0
            # Without its weights a mean is often divided by another number too.
            rest = f"{detail}, and the rest is {a:.6g} times as large"
            return (kind, rest, 5.0) if kind == "factor left out" else None

        if free:
            yield Guess(
                kind, detail, effect, 3.5, of_claim=True, free=True, name=named, everywhere=True
            )
        else:
            yield Guess(kind, detail, effect, 3.5, of_claim=True, everywhere=True)
    yield from another_number(reading)


def another_number(reading: Reading) -> Iterator[Guess]:
    """A number that f is linear in, as a weight of a penalty, is another, whichever."""
    problem = reading.problem
    makers: list[tuple[str, float, Maker]] = [
        (name, float(value), by_surroundings(problem, {name: 2 * value}))
        for name, value in surroundings(problem.f).items()
        if isinstance(value, float | np.floating) and value
    ]
    makers += [
        (knob.name, float(knob.value), by_knobs(problem, [(knob, 2 * knob.value)]))
        for knob in knobs(problem.f)
        if isinstance(knob.value, float | np.floating) and knob.value
    ]
    for number, value, make in makers:

        def effect(r: Reading, i: int, v: Any, make: Maker = make) -> Any:
            other = make(r)
            return None if other is None else other.true_along(i, v)[0] - r.slopes(i, v)

        def named(
            r: Reading, a: float, number: str = number, value: float = value
        ) -> tuple[str, str, float]:
            detail = f"{number} is {value * (1 + a):.6g} in place of {value:g}"
            return "another function", detail, 4.4

        yield Guess("another function", number, effect, 4.4, free=True, name=named, everywhere=True)


def variants(problem: Problem) -> Iterator[tuple[str, str, bool, Maker]]:
    """(detail, kind, whether a factor is left free, maker of the Reading of the other f)."""
    around = surroundings(problem.f)
    names = all_names(problem.f)
    mine = {leaf.path for leaf in problem.leaves}
    beside = {
        path: (names[path[0]] if path[0] < len(names) else f"argument {path[0]}", value)
        for path, value in walk(problem.arguments)
        if path not in mine and len(path) == 1
    }
    for name, value in around.items():
        for detail, kind, free, new in changes(name, value):
            yield detail, kind, free, by_surroundings(problem, {name: new})
    for path, (name, value) in beside.items():
        if isinstance(value, np.ndarray | float | int) and not isinstance(value, bool):
            for detail, kind, free, new in changes(name, value):
                yield detail, kind, free, by_arguments(problem, {path: new})
    others = knobs(problem.f)
    for knob in others:
        if isinstance(knob.value, float | np.ndarray | np.floating):
            for detail, kind, free, new in changes(knob.name, knob.value):
                yield detail, kind, free, by_knobs(problem, [(knob, new)])
    yield from of_records(problem, others, around)
    rows = [
        n
        for n in {np.shape(v)[0] for v in around.values() if np.ndim(v)}
        | {np.shape(v)[0] for _, v in beside.values() if isinstance(v, np.ndarray) and v.ndim}
        if n > 1
    ]
    for n in rows:
        for words, part in (
            ("only the last sample counts", slice(-1, None)),
            ("only the first sample counts", slice(0, 1)),
        ):
            new_around = {k: v[part] for k, v in around.items() if np.ndim(v) and len(v) == n}
            new_beside = {
                path: v[part]
                for path, (_, v) in beside.items()
                if isinstance(v, np.ndarray) and v.ndim and len(v) == n
            }
            counts = {k: 1 for k, v in around.items() if np.ndim(v) == 0 and v == n}
            for also in ({}, counts) if counts else ({},):
                yield (
                    words,
                    "samples left out",
                    True,
                    by_both(problem, {**new_around, **also}, new_beside),
                )


def of_records(
    problem: Problem, others: Sequence[Knob], around: dict[str, Any]
) -> Iterator[tuple[str, str, bool, Maker]]:
    """Some of the records in lists, and of the arrays beside them, do not count."""
    lists = [knob for knob in others if isinstance(knob.value, list | tuple | dict)]
    for n in sorted({len(knob.value) for knob in lists}):
        together = [knob for knob in others if has_rows(knob.value) and len(knob.value) == n]
        arrays = {k: v for k, v in around.items() if np.ndim(v) and len(v) == n}
        name = next(knob.name for knob in lists if len(knob.value) == n)
        for words, part in PARTS:
            yield (
                words.format(name),
                "samples left out",
                True,
                by_both(
                    problem,
                    {k: v[part] for k, v in arrays.items()},
                    {},
                    [(knob, part_of(knob.value, part)) for knob in together],
                ),
            )


def has_rows(x: Any) -> bool:
    return isinstance(x, list | tuple | dict) or (isinstance(x, np.ndarray) and x.ndim > 0)


PARTS = (
    ("the last of {} does not count", slice(None, -1)),
    ("the first of {} does not count", slice(1, None)),
    ("only the last of {} counts", slice(-1, None)),
    ("only the first of {} counts", slice(0, 1)),
)


def changes(name: str, value: Any) -> Iterator[tuple[str, str, bool, Any]]:
    kind = "another function"
    if np.ndim(value) == 0:
        if isinstance(value, float | np.floating) and value:
            yield f"{name} is {0 * value:g} in place of {value:g}", kind, False, 0 * value
            yield f"{name} is {2 * value:g} in place of {value:g}", kind, False, 2 * value
            yield f"{name} is {value / 2:g} in place of {value:g}", kind, False, value / 2
            yield f"{name} is 1 in place of {value:g}", kind, False, value / value
        return
    levels = np.unique(value)
    if np.ndim(value) > 1 and value.dtype.kind in "fb" and len(levels) == 2 and levels[0] == 0:
        yield f"the mask {name} is left out", "mask", False, np.ones_like(value)
    elif value.ndim == 2 and len(levels) == 2 and np.allclose(np.sum(value, axis=1), 1):
        yield f"{name} is taken without its smoothing", kind, False, (value > levels[0]) * 1.0
    elif value.ndim == 1 and value.dtype.kind == "f" and len(levels) > 1 and np.all(value):
        yield f"{name} is left out", "factor left out", True, np.ones_like(value)
    if len(value) > 1:
        for by in (1, -1):
            yield (
                f"rows of {name} shifted by {by} against the others",
                "shifted",
                False,
                np.roll(value, by, axis=0),
            )
        yield f"rows of {name} in reverse order", "shifted", False, np.flip(value, 0).copy()
    if value.dtype.kind in "iu" and value.size and value.min() >= 0:
        top = int(value.max())
        for by in (1, -1):
            words = f"each number in {name} {abs(by)} too {'large' if by > 0 else 'small'}"
            yield words, "shifted", False, (value + by) % (top + 1)
            yield words, "shifted", False, value + by  # the last class may have no sample here
    elif value.ndim > 1 and value.shape[-1] > 1:
        for by in (1, -1):
            yield (
                f"columns of {name} shifted by {by}",
                "shifted",
                False,
                np.roll(value, by, axis=-1),
            )


def by_surroundings(problem: Problem, new: dict[str, Any]) -> Maker:
    return by_both(problem, new, {})


def by_arguments(problem: Problem, new: dict[tuple[Any, ...], Any]) -> Maker:
    return by_both(problem, {}, new)


def by_knobs(problem: Problem, new: Sequence[tuple[Knob, Any]]) -> Maker:
    return by_both(problem, {}, {}, new)


def by_both(
    problem: Problem,
    around: dict[str, Any],
    beside: dict[tuple[Any, ...], Any],
    others: Sequence[tuple[Knob, Any]] = (),
) -> Maker:
    made: dict[int, Any] = {}

    def make(reading: Reading) -> Any:
        if id(reading) not in made:
            made[id(reading)] = variant_reading(reading, around, beside, others)
        return made[id(reading)]

    return make


class OtherFunction:
    """The slopes of another function at a reading's point."""

    def __init__(self, reading: Reading, phi: Any):
        self.reading, self.phi = reading, phi
        self.differences = Differences(phi, reading.values)

    def true_along(self, leaf: int, directions: Any) -> tuple[Any, Any]:
        if self.reading.duals:
            found = by_duals(self.phi, self.reading.values, leaf, directions)
            return found, np.zeros(len(found))
        return self.differences.along(leaf, directions)


def variant_reading(
    reading: Reading,
    around: dict[str, Any],
    beside: dict[tuple[Any, ...], Any],
    others: Sequence[tuple[Knob, Any]],
) -> Any:
    problem = reading.problem
    f = with_surroundings(problem.f, around) if around else problem.f
    arguments = list(problem.arguments)
    for path, value in beside.items():
        arguments[path[0]] = value

    def phi(values: Any) -> Any:
        kept, problem.arguments = problem.arguments, tuple(arguments)
        try:
            with turned(others):
                return problem.phi(reading.u, f)(values)
        finally:
            problem.arguments = kept

    try:
        if not np.isfinite(phi(reading.values)):
            return None
        other = OtherFunction(reading, phi)
        if reading.duals:
            other.true_along(0, reading.directions[0][:1])
        return other
    except Exception:
        return None
