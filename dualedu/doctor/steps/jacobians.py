"""Jacobians of steps that mix entries, of which only a part was taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess
from dualedu.doctor.reading import Reading
from dualedu.doctor.steps.composites import value_of
from dualedu.doctor.steps.places import groups, guess, line
from dualedu.doctor.structure import surroundings, walk
from dualedu.doctor.tracing import TAPE, Change, Step, Trace, apart


def diagonals(reading: Reading) -> Iterator[Guess]:
    """Softmax with the diagonal of its Jacobian: after exp and a division, or as a logarithm."""
    trace = reading.trace
    if trace is None:
        return
    found: list[tuple[int, int, int, bool]] = []
    for step in trace.steps:
        if not (step.varies and np.ndim(step.value)):
            continue
        p, log = np.asarray(step.value), step.name in ("subtract", "log_softmax")
        whole = step.name in ("softmax", "log_softmax")
        if not whole and step.name not in ("divide", "subtract", "multiply", "exp"):
            continue
        with np.errstate(all="ignore"):
            p = np.exp(p) if log else p
        if not np.all(p >= 0):
            continue
        along = [k for k in range(p.ndim) if p.shape[k] > 1 and np.allclose(p.sum(k), 1)]
        if not along:
            continue
        for u in ancestors(trace, step.number, 1 if whole else 6):
            if np.shape(trace.steps[u].value) == np.shape(step.value) and trace.steps[u].varies:
                found.append((u, step.number, along[0], log))
    pairs = groups(found, lambda f: (trace.steps[f[1]], trace.steps[f[0]]))
    for extra, together in pairs:
        u, y, axis, log = together[0]
        where = trace.steps[y].where
        own = is_softmax(value_of(trace, u), value_of(trace, y), axis, log)
        for kind, words, form, rank in forms(np.ndim(trace.steps[y].value), axis, log):
            if kind != "diagonal of the Jacobian" and not own:
                continue  # a factor before it would be taken for a part of it

            def make(
                t: Trace, together: list[tuple[int, int, int, bool]] = together, form: Form = form
            ) -> dict[int, Change]:
                changes: dict[int, Change] = {}
                for u, y, axis, log in together:
                    value = value_of(t, y)
                    p = np.exp(value) if log else value

                    def change(
                        was: Step,
                        operands: list[Any],
                        now: Any,
                        u: int = u,
                        p: Any = p,
                        axis: int = axis,
                        base: Any = t.steps[u].value,
                    ) -> Any:
                        return was.value + form(p, apart(TAPE[-1].now[u], base), axis)

                    changes[y] = change
                return changes

            yield guess(kind, f"softmax {words}, at {line(where)}", make, where, rank + extra)
        if own and not log:
            yield from at_one_use(trace, together, extra)
    yield from of_lists(trace)
    yield from normalised_along(trace)
    yield from off_label(reading)


def of_lists(trace: Trace) -> Iterator[Guess]:
    """A softmax of a list of numbers, or its logarithm, with the diagonal of its Jacobian."""
    shares: dict[Any, list[Step]] = {}
    for step in trace.steps:
        number = np.size(step.value) == 1 and step.operand_varies[1:] == [True]
        if number and step.name in ("subtract", "divide"):
            shares.setdefault((step.name, float(step.operands[1]), step.site), []).append(step)
    found: list[Step] = []
    for (name, *_), some in shares.items():
        values = np.array([float(s.value) for s in some])
        with np.errstate(all="ignore"):
            p = np.exp(values) if name == "subtract" else values
        if len(some) > 1 and np.all(p > 0) and np.isclose(np.sum(p), 1):
            found += some
    for extra, together in groups(found, lambda s: (s,)):

        def make(t: Trace, together: list[Step] = together) -> dict[int, Change]:
            def change(was: Step, operands: list[Any], value: Any) -> Any:
                moved, y = operands[0] - was.operands[0], was.value
                if was.name == "subtract":
                    return y + (1 - np.exp(y)) * moved
                return y + (1 - y) * moved / was.operands[1]

            return {s.number: change for s in together}

        where = together[0].where
        detail = f"softmax with p (1 − p) alone, at {line(where)}"
        yield guess("diagonal of the Jacobian", detail, make, where, 2.3 + extra)


def at_one_use(
    trace: Trace, together: list[tuple[int, int, int, bool]], extra: float
) -> Iterator[Guess]:
    """Where several lines use a softmax: a part of its Jacobian on the way from one of them, as
    that of an entropy beside a likelihood."""
    _, y, axis, _ = together[0]
    lines = {user.where for user in trace.users[y]}
    for where in sorted(lines) if len(lines) > 1 else ():
        for kind, words, form, rank in forms(np.ndim(trace.steps[y].value), axis, False):
            if kind not in ("diagonal of the Jacobian", "a path left out"):
                continue

            def make(
                t: Trace, where: tuple[str, int] = where, form: Form = form
            ) -> dict[int, Change]:
                changes: dict[int, Change] = {}
                for u, y, axis, _ in together:
                    for user in t.users[y]:
                        if user.where != where:
                            continue

                        def change(
                            was: Step,
                            operands: list[Any],
                            value: Any,
                            u: int = u,
                            y: int = y,
                            axis: int = axis,
                        ) -> Any:
                            p, base = value_of(t, y), t.steps[u].value
                            new = p + form(p, apart(TAPE[-1].now[u], base), axis)
                            inner = [
                                new if q == y else x
                                for q, x in zip(was.parents, operands, strict=True)
                            ]
                            return np.reshape(was.run(*inner), np.shape(value))

                        changes[user.number] = change
                return changes

            detail = f"softmax {words}, where it is used at {line(where)}"
            yield guess(kind, detail, make, where, rank + 0.3 + extra)


def normalised_along(trace: Trace) -> Iterator[Guess]:
    """A logarithm of a sum of exponentials whose slope, a softmax, sums to 1 along another axis, or
    to something else."""
    found: list[tuple[Step, Step, int]] = []
    for step in trace.steps:
        total = origin_named(trace, step, "log", ("sum", "add.reduce"))
        e = total and origin_named(trace, total, total.name, ("exp",))
        if not (total and e) or not np.ndim(e.value):
            continue
        for axis in range(np.ndim(e.value)):
            summed = np.sum(e.value, axis=axis)
            same = np.size(summed) == np.size(total.value)
            if same and np.allclose(np.ravel(summed), np.ravel(total.value)):
                found.append((step, e, axis))
    for extra, together in groups(found, lambda f: (f[0],)):
        step, e, axis = together[0]
        place = line(step.where)
        wrong: list[tuple[str, str, Callable[[Any, int], Any], float]] = [
            (
                "wrong axis",
                f"the slope of log Σ exp sums to 1 along axis {other} in place of {axis}, at",
                lambda z, k, other=other: shares_of(z, other),  # type: ignore[misc]
                2.7,
            )
            for other in range(np.ndim(e.value))
            if other != axis
        ]
        words = "the slope of log Σ exp is exp alone, not divided by its sum, at"
        wrong.append(("slope missing", words, lambda z, k: np.exp(z), 2.75))
        words = "the slope of log Σ exp goes to the largest entry alone, at"
        wrong.append(("slope's formula", words, largest_alone, 2.75))
        for kind, words, form, rank in wrong:

            def make(
                t: Trace,
                together: list[tuple[Step, Step, int]] = together,
                form: Callable[[Any, int], Any] = form,
            ) -> dict[int, Change]:
                changes: dict[int, Change] = {}
                for step, e, axis in together:
                    logits = t.steps[e.number].operands[0]
                    source = t.steps[e.parents[0] or 0]
                    whole = source.operands[0] if source.name == "subtract" else logits
                    shares = form(whole, axis)

                    def change(
                        was: Step,
                        operands: list[Any],
                        value: Any,
                        n: int | None = e.parents[0],
                        shares: Any = shares,
                        logits: Any = logits,
                        axis: int = axis,
                    ) -> Any:
                        moved = np.sum(shares * (TAPE[-1].now[n or 0] - logits), axis=axis)
                        return was.value + np.reshape(moved, np.shape(was.value))

                    changes[step.number] = change
                return changes

            yield guess(kind, f"{words} {place}", make, step.where, rank + extra)


def shares_of(z: Any, axis: int) -> Any:
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def largest_alone(z: Any, axis: int) -> Any:
    return (z == np.max(z, axis=axis, keepdims=True)) * 1.0


def origin_named(trace: Trace, step: Step, name: str, names: tuple[str, ...]) -> Step | None:
    """The step that one of this name is made of, if that has one of those names."""
    p = step.parents[0] if step.name == name and step.parents else None
    return trace.steps[p] if p is not None and trace.steps[p].name in names else None


def is_softmax(u: Any, y: Any, axis: int, log: bool) -> bool:
    """Whether y is the softmax of u itself, or its logarithm."""
    e = np.exp(u - np.max(u, axis=axis, keepdims=True))
    e = e if log else e * (y > 0)  # some may be masked
    p = e / np.sum(e, axis=axis, keepdims=True)
    return np.allclose(np.exp(y) if log else y, p)


Form = Callable[[Any, Any, int], Any]
"""From the shares, the change of the logits and the axis along which the shares sum to 1, to the
change of the result."""


def forms(ndim: int, axis: int, log: bool) -> Iterator[tuple[str, str, Form, float]]:
    """What may be taken for the Jacobian of a softmax, or of its logarithm: kind, words, rank."""

    def total(x: Any, axis: int) -> Any:
        return np.sum(x, axis=axis, keepdims=True)

    scale: Callable[[Any], Any] = np.ones_like if log else np.copy
    yield (
        "diagonal of the Jacobian", "with p (1 − p) alone",
        lambda p, dz, k: scale(p) * (1 - p) * dz, 2.2,
    )  # fmt: skip
    yield (
        "a path left out", "with its sum treated as a constant",
        lambda p, dz, k: scale(p) * dz, 2.7,
    )  # fmt: skip

    def twice(p: Any, dz: Any, k: int) -> Any:
        once = p * (dz - total(p * dz, k))
        return scale(p) * (once - total(p * once, k))

    yield "slope twice", "whose Jacobian is applied twice", twice, 2.6
    for other in range(ndim):
        if other != axis:
            yield (
                "wrong axis", f"whose slope is summed over axis {other} in place of {axis}",
                lambda p, dz, k, other=other: scale(p) * (dz - total(p * dz, other)),  # type: ignore[misc]
                2.5,
            )  # fmt: skip
    if not log:
        kind = "slope's formula"
        words = "with the sum in its slope without p, p (ḡ − Σ ḡ)"
        yield kind, words, lambda p, dz, k: p * dz - total(p * dz, k), 2.9
        words = "with its slope without the second p, p ḡ − Σ p ḡ"
        yield kind, words, lambda p, dz, k: p * dz - p * total(dz, k), 2.9
        words = "with its slope without the first p, ḡ − Σ p ḡ"
        yield "factor left out", words, lambda p, dz, k: dz - p * total(dz, k), 2.9


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

            def without(t: Trace, n: int = step.number, own: Any = own) -> dict[int, Change]:
                return {n: lambda was, operands, value: np.where(own, was.value, value)}

            detail = f"the label's own logit is treated as a constant, at {line(step.where)}"
            yield guess("a path left out", detail, without, step.where, 2.65)
            upstream = (reading.upstream or {}).get(step.number)
            once = None if upstream is None else once_each(np.asarray(upstream), own)
            if once is not None:

                def alone(
                    t: Trace, n: int = step.number, own: Any = own, once: Any = once
                ) -> dict[int, Change]:
                    def change(was: Step, operands: list[Any], value: Any) -> Any:
                        shares = np.where(own, once[:, None], 1.0)
                        return was.value + shares * (value - was.value)

                    return {n: change}

                detail = (
                    "the label's own logit counts once, and not once for each margin, at "
                    f"{line(step.where)}"
                )
                yield guess("a path left out", detail, alone, step.where, 2.7)


def once_each(upstream: Any, own: Any) -> Any:
    """The share of what comes back to each row's own logit that is as large as to one of the
    others, where these are alike and it is their sum, as with margins; else None."""
    others = np.where(own, 0.0, upstream)
    largest = np.max(np.abs(others), axis=1)
    sums = np.sum(np.abs(others), axis=1)
    alike = np.all((others == 0) | np.isclose(np.abs(others), largest[:, None], rtol=1e-6))
    balanced = np.allclose(np.abs(np.sum(np.where(own, upstream, 0), axis=1)), sums, rtol=1e-6)
    if not (alike and balanced) or np.allclose(largest, sums):
        return None
    return np.where(sums > 0, largest / np.where(sums > 0, sums, 1), 1.0)


def ancestors(trace: Trace, y: int, depth: int) -> list[int]:
    seen: set[int] = set()
    layer = {p for p in trace.steps[y].parents if p is not None}
    for _ in range(depth):
        seen |= layer
        layer = {q for p in layer for q in trace.steps[p].parents if q is not None} - seen
    return sorted(seen)
