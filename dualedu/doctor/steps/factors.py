"""Products: the factor that a change should meet is left out, there twice, or another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess
from dualedu.doctor.steps.jacobians import ancestors
from dualedu.doctor.steps.paths import MOVES
from dualedu.doctor.steps.places import Changes, at_steps, groups, guess, line
from dualedu.doctor.tracing import Change, Step, Trace, has_slope


@at_steps
def layers(trace: Trace) -> Iterator[Guess]:
    """A matrix product that passes changes on as they are; a product or quotient of arrays that
    does, or whose factor is there twice."""
    yield from quotients(trace)
    yield from vectors(trace)
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
            flat = not step.operand_varies[1 - k] and np.all(other == other.ravel()[:1])
            if not matrix and flat and len(some) == 1:
                continue  # a factor of a share; in a loop it is there once in each turn

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
            # A path left out is simpler where both say the same, as of shares that sum to 1.
            yield guess("factor left out", detail + place, through, step.where, 2.58 + extra)
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


def vectors(trace: Trace) -> Iterator[Guess]:
    """A product with a vector that adds up changes as they are."""
    edges = [
        (step, k)
        for step in trace.steps
        if step.name in ("matmul", "dot") and len(step.operands) == 2
        for k in (0, 1)
        if step.operand_varies[k] and np.ndim(step.operands[1 - k]) == 1
    ]
    for k in (0, 1):
        for extra, together in groups([s for s, j in edges if j == k], lambda s: (s,)):

            def make(
                t: Trace, numbers: Sequence[int] = [s.number for s in together], k: int = k
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    held = list(was.operands)
                    held[k] = operands[k]
                    moved = operands[k] - was.operands[k]
                    along = -1 if k == 0 or np.ndim(moved) == 1 else -2
                    return value - was.run(*held) + was.value + np.sum(moved, axis=along)

                return dict.fromkeys(numbers, change)

            where = together[0].where
            detail = f"the vector is left out, at {line(where)}"
            yield guess("factor left out", detail, make, where, 2.75 + extra)


def quotients(trace: Trace) -> Iterator[Guess]:
    """A rule for quotients that is wrong wherever it is used: divided by v, not by v², or by v³."""
    numbers = [s.number for s in trace.steps if s.name == "divide" and s.varies]
    for words, power in (("not divided by the divisor", 1.0), ("divided by the divisor", -1.0)):

        def make(t: Trace, power: float = power) -> dict[int, Change]:
            def change(was: Step, operands: list[Any], value: Any) -> Any:
                return was.value + (value - was.value) * np.asarray(was.operands[1]) ** power

            return dict.fromkeys(numbers, change)

        if len(numbers) > 1:
            where = trace.steps[numbers[0]].where
            detail = f"the slope of each quotient is {words} once more, as at {line(where)}"
            kind = "factor left out" if power > 0 else "a step's factor"
            yield guess(kind, detail, make, where, 2.95)


@at_steps
def cofactors(trace: Trace) -> Iterator[Guess]:
    """In a product, another array of the same shape in place of the other factor; what comes back
    transposed; or, where a vector meets a square array, summed along its other axis."""
    # A product with a state of zeros does not vary, in the first turn of a loop, but belongs to it.
    pairs = [
        step
        for step in trace.steps
        if len(step.operands) == 2 and step.site and any(step.operand_varies)
    ]
    products = [s for s in pairs if s.name in ("matmul", "dot", "einsum", "multiply")]
    for extra, together in groups(products, lambda s: (s,)):
        for k in (0, 1):
            some = [s for s in together if s.operand_varies[k]]
            if some:
                yield from replaced_cofactors(trace, some, k, extra)
        both = [
            s for s in together if s.name == "multiply" and len(set(map(np.shape, s.operands))) == 1
        ]
        if both and all(both[0].operand_varies):
            detail = f"the two factors are exchanged, each meets itself, at {line(both[0].where)}"
            yield guess("the wrong factor", detail, exchanged(both), both[0].where, 3.15 + extra)
    squares = [
        s
        for s in pairs
        if np.ndim(s.value) >= 2 and len(set(np.shape(s.value)[-2:])) == 1
        if s.name in ("add", "subtract", "multiply", "matmul", "dot", "einsum")
    ]
    for extra, together in groups(squares, lambda s: (s,)):
        step = together[0]
        for k in (0, 1):
            numbers = [s.number for s in together if s.operand_varies[k]]
            if not numbers:
                continue
            flat = np.ndim(step.value) == 2 and np.size(step.operands[k]) == len(step.value)
            if step.name in ("matmul", "dot", "einsum"):
                detail = f"what comes back is transposed, at {line(step.where)}"
                changes = turned_back(numbers, k)
                yield guess("transposed", detail, changes, step.where, 2.8 + extra)
            elif flat:
                detail = f"summed over the other axis, at {line(step.where)}"
                changes = across(numbers, k)
                yield guess("wrong axis", detail, changes, step.where, 2.4 + extra)


def across(numbers: Sequence[int], k: int) -> Changes:
    """A vector's change spread along the other axis of the square array that it is added to."""

    def make(t: Trace) -> dict[int, Change]:
        def change(was: Step, operands: list[Any], value: Any) -> Any:
            move = np.atleast_2d(operands[k] - was.operands[k])
            factor = was.operands[1 - k] if was.name == "multiply" else 1.0
            factor = -1.0 if was.name == "subtract" and k == 1 else factor
            return value + factor * (move.T - move)

        return dict.fromkeys(numbers, change)

    return make


def turned_back(numbers: Sequence[int], k: int) -> Changes:
    """The change of a square product by one operand, transposed."""

    def make(t: Trace) -> dict[int, Change]:
        def change(was: Step, operands: list[Any], value: Any) -> Any:
            held = list(was.operands)
            held[k] = operands[k]
            share = was.run(*held) - was.value
            return value - share + np.swapaxes(share, -1, -2)

        return dict.fromkeys(numbers, change)

    return make


def a_turn_apart(trace: Trace, step: Step, k: int, apart: int) -> Any:
    """What a step of a loop has as an operand in the next turn, or in the one before; after the
    last, what would be handed on to one more."""
    turns = [s for s in trace.steps if s.site == step.site and s.name == step.name]
    here = next(i for i, s in enumerate(turns) if s.number == step.number) + apart
    if 0 <= here < len(turns):
        return turns[here].operands[k]
    source = turns[-1].parents[k]
    if here < 0 or source is None:
        return step.operands[k]
    alike = [s for s in trace.steps[step.number :] if s.site == trace.steps[source].site]
    return alike[-1].value if alike else step.operands[k]


def different(steps: Iterable[Step]) -> list[Step]:
    """Steps without those that only hand on a value, as a copy does."""
    found: dict[bytes, Step] = {}
    for step in steps:
        found.setdefault(np.asarray(step.value).tobytes(), step)
    return list(found.values())


def is_last_of_its_line(trace: Trace, step: Step) -> bool:
    after = trace.steps[step.number + 1 : step.number + 2]
    return not after or after[0].where != step.where


def made_from(trace: Trace, number: int | None) -> Any:
    """What a step was made of; nothing where there is no step."""
    return None if number is None else trace.steps[number].operands[0]


def beside(trace: Trace, other: Any) -> list[tuple[int, int]]:
    """Arrays of data of the same shape, by step and operand, each once."""
    found: dict[bytes, tuple[int, int]] = {}
    for step in trace.steps:
        for k, (x, p) in enumerate(zip(step.operands, step.parents, strict=True)):
            alike = p is None and has_slope(x) and np.shape(x) == other.shape
            if alike and step.site and not step.operand_varies[k] and np.ptp(x) > 0:
                found.setdefault(np.asarray(x).tobytes(), (step.number, k))
    found.pop(other.tobytes(), None)
    return list(found.values())


def exchanged(some: list[Step]) -> Changes:
    """Each of two factors meets itself in place of the other."""

    def make(t: Trace) -> dict[int, Change]:
        def change(was: Step, operands: list[Any], value: Any) -> Any:
            moved = [x - y for x, y in zip(operands, was.operands, strict=True)]
            return value + (moved[0] - moved[1]) * (was.operands[0] - was.operands[1])

        return {s.number: change for s in some}

    return make


def replaced_cofactors(trace: Trace, some: list[Step], k: int, extra: float) -> Iterator[Guess]:
    """Of steps at the same place in the code, such as the turns of a loop."""
    step = some[-1]
    other = np.asarray(step.operands[1 - k])
    if not has_slope(other):
        return
    Stand = Callable[[Trace, int], Any]
    candidates: list[tuple[str, Stand]] = []
    if other.ndim > 1 and other.shape[-2] == other.shape[-1] and step.name != "multiply":
        candidates.append(
            ("its transpose", lambda t, n: np.swapaxes(t.steps[n].operands[1 - k], -1, -2))
        )
    if step.name == "multiply":
        if np.all(other):
            candidates.append(("its inverse", lambda t, n: 1 / t.steps[n].operands[1 - k]))
        candidates.append(("one minus it", lambda t, n: 1 - t.steps[n].operands[1 - k]))
    if other.ndim and len(other) > 2:
        for turn, of_rows in (
            ("its rows shifted by 1", lambda a: np.roll(a, 1, axis=0)),
            ("its rows shifted by −1", lambda a: np.roll(a, -1, axis=0)),
            ("its rows in reverse order", lambda a: np.flip(a, 0)),
        ):
            candidates.append((turn, lambda t, n, g=of_rows: g(t.steps[n].operands[1 - k])))  # type: ignore[misc]
    source = step.parents[1 - k]
    made_of = set() if source is None else set(ancestors(trace, source, 2))
    near = sorted(
        different(s for s in trace.steps if np.shape(s.value) == other.shape),
        key=lambda s: (s.number not in made_of, abs(s.number - step.number)),
    )
    # What a line ends with has a name there, and is written for another more easily.
    near = [*near[:12], *[s for s in near[12:] if is_last_of_its_line(trace, s)][:6]]
    if source is not None and np.shape(trace.steps[source].operands[0]) == other.shape:
        candidates.append(
            (
                f"the value before {trace.steps[source].name}",
                lambda t, n: made_from(t, t.steps[n].parents[1 - k]),
            )
        )
    if len(some) > 1:
        for words, apart in (("a turn later", 1), ("a turn before", -1)):
            candidates.append(
                (
                    f"its own value {words}",
                    lambda t, n, apart=apart: a_turn_apart(t, t.steps[n], 1 - k, apart),  # type: ignore[misc]
                )
            )
    for s in near if other.ndim or len(some) > 2 else ():  # a number may fit by chance
        if not np.array_equal(s.value, other):
            candidates.append(
                (
                    f"the value of line {s.where[1]}" if s.site else "another argument of f",
                    lambda t, n, by=s.number - step.number: t.steps[n + by].value,  # type: ignore[misc]
                )
            )
    for n, j in beside(trace, other)[:4] if other.ndim else ():
        candidates.append(
            (
                f"the array of line {trace.steps[n].where[1]}",
                lambda t, _, n=n, j=j: t.steps[n].operands[j],  # type: ignore[misc]
            )
        )
    if source is not None and trace.steps[source].name in MOVES:
        move = trace.steps[source]
        inner = move.operands[0]
        for s in [s for s in trace.steps[:source] if np.shape(s.value) == np.shape(inner)][-6:]:
            if s.number != move.parents[0]:
                candidates.append(
                    (
                        f"the value of line {s.where[1]}",
                        lambda t, n, by=s.number - step.number, to=source - step.number: t.steps[  # type: ignore[misc]
                            n + to
                        ].run(t.steps[n + by].value),
                    )
                )
    turned = other.shape[:-2] + other.shape[:-3:-1]  # as k.T in q @ k.T, for which q may stand
    if step.name != "multiply" and turned != other.shape:
        before = [s for s in trace.steps if np.shape(s.value) == turned and s.number < step.number]
        for s in before[-6:]:
            if not np.array_equal(np.swapaxes(s.value, -1, -2), other):
                candidates.append(
                    (
                        f"the transpose of the value of line {s.where[1]}",
                        lambda t, n, by=s.number - step.number: np.swapaxes(  # type: ignore[misc]
                            t.steps[n + by].value, -1, -2
                        ),
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
