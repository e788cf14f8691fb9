"""Steps whose value is another in what the claim differentiates: a mask that is missing, a small
number beside the root and not under it, n − 1 for n."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess
from dualedu.doctor.reading import Reading
from dualedu.doctor.steps.places import at_steps, groups, guess, line
from dualedu.doctor.tracing import Change, Step, Trace

SMALL = 0.1
"""The largest number that is taken for one that keeps a root from 0."""
ROOTS = ("sqrt", "std", "power")
SQUARES = ("square", "power", "multiply")
Value = Callable[[Step, Sequence[Any], Any], Any]
"""From a step as recorded, its operands now and its result now to another result."""


def valued(kind: str, detail: str, steps: Sequence[Step], value: Value, rank: float) -> Guess:
    """What comes of f if steps give other values, not only other slopes."""
    changes: dict[int, Change] = dict.fromkeys((s.number for s in steps), value)

    def effect(r: Reading, i: int, v: Any) -> Any:
        if r.trace is None:
            return None
        # One difference to the value of f would be one to that of another function.
        quick, r.quick = r.quick, False
        try:
            return r.changed_along(i, v, changes)
        finally:
            r.quick = quick

    where = steps[0].where
    return Guess(kind, f"{detail}, at {line(where)}", effect, rank, of_claim=True, where=where)


def masks_left_out(trace: Trace) -> Iterator[Guess]:
    """Where f multiplies by a mask: without it, or by its complement."""
    open_at: dict[int, tuple[int, float]] = {}
    for step in trace.steps:
        for k, (x, varies) in enumerate(both(step)):
            if step.name == "multiply" and step.varies and not varies and np.ndim(x):
                levels = np.unique(x)
                if len(levels) == 2 and levels[0] == 0:
                    open_at[step.number] = k, float(levels[1])

    def with_mask(form: Callable[[Any, float], Any]) -> Value:
        def value(step: Step, operands: Sequence[Any], value: Any) -> Any:
            k, opened = open_at[step.number]
            new = list(operands)
            new[k] = form(new[k], opened)
            return step.run(*new)

        return value

    for extra, steps in groups([trace.steps[n] for n in open_at], lambda s: (s,)):
        for words, form in (
            ("is left out", lambda mask, opened: np.full_like(mask, opened)),
            ("is taken from the wrong side", lambda mask, opened: opened - mask),
        ):
            yield valued("mask", f"the mask of f {words}", steps, with_mask(form), 2.7 + extra)


@at_steps
def constants(trace: Trace) -> Iterator[Guess]:
    kind = "another constant"
    for step in trace.steps:
        if not step.varies or len(step.operands) != 2 or step.name != "add":
            continue
        eps = next((x for x, v in both(step) if not v and np.ndim(x) == 0), 0.0)
        source = next(
            (p for p, v in zip(step.parents, step.operand_varies, strict=True) if v), None
        )
        if not 0 < eps <= SMALL or source is None:
            continue
        after = [s for s in trace.users[step.number] if is_root(s)]
        if not after and not is_root(trace.steps[source]):
            continue
        eps = float(eps)
        words = f"the {eps:g} is left out"
        yield valued(kind, words, [step], lambda s, x, y, eps=eps: y - eps, 2.7)  # type: ignore[misc]
        for root in after:

            def outside(s: Step, x: Sequence[Any], y: Any, eps: float = eps) -> Any:
                bare = np.sqrt(x[0] - eps) + eps
                return 1 / bare if s.name == "power" and np.all(s.operands[1] < 0) else bare

            yield valued(kind, f"the {eps:g} stands beside the root", [root], outside, 2.7)
        if not after:
            words = f"the {eps:g} stands under the root"
            yield valued(
                kind, words, [step],
                lambda s, x, y, eps=eps: np.sqrt((y - eps) ** 2 + eps), 2.7,  # type: ignore[misc]
            )  # fmt: skip
    for step in trace.steps:
        if step.varies and step.name in ("cumsum", "add.accumulate") and origin(step) is not None:
            yield from sums_so_far(step)
    spreads = [step for step in trace.steps if step.varies and divisor(trace, step)]
    for extra, steps in groups(spreads, lambda s: (s,)):
        n = divisor(trace, steps[0])
        for other in (n - 1, n + 1):
            if other < 1:
                continue
            factor = (n / other) ** (0.5 if steps[0].name == "std" else 1)
            words = f"the mean of the squares is divided by {other}, not by {n}"
            yield valued(kind, words, steps, lambda s, x, y, c=factor: c * y, 2.7 + extra)  # type: ignore[misc]


def sums_so_far(step: Step) -> Iterator[Guess]:
    """A sum that runs from the other end, or whose last value stands everywhere."""
    x = np.asarray(step.operands[0])
    axes = [k for k in range(x.ndim) if np.allclose(np.cumsum(x, axis=k), step.value)]
    kind = "another function"
    if not axes:
        return
    k = axes[0]
    for words, value in (
        ("runs from the other end", lambda x: np.flip(np.cumsum(np.flip(x, k), axis=k), k)),
        ("is the whole sum everywhere", lambda x: np.sum(x, axis=k, keepdims=True) + 0 * x),
    ):
        detail = f"the sum so far {words}, at {line(step.where)}"
        yield valued(kind, detail, [step], lambda s, x, y, of=value: of(x[0]), 2.8)  # type: ignore[misc]
    wrong: list[tuple[str, str, Callable[[Any], Any]]] = [
        (
            "transposed",
            "what comes back through the sum so far is added up from the wrong end",
            lambda x: np.flip(np.cumsum(np.flip(x, k), axis=k), k),
        ),
        (
            "slope's formula",
            "what comes back through the sum so far is the whole sum everywhere",
            lambda x: np.sum(x, axis=k, keepdims=True) + 0 * x,
        ),
        (
            "a path left out",
            "each entry passes on a change to its own place in the sum so far alone",
            lambda x: x,
        ),
    ]
    for kind, words, form in wrong:

        def make(t: Trace, form: Callable[[Any], Any] = form) -> dict[int, Change]:
            return {
                step.number: lambda was, operands, y: (
                    was.value + form(operands[0] - was.operands[0])
                )
            }

        yield guess(kind, f"{words}, at {line(step.where)}", make, step.where, 2.75)


def both(step: Step) -> Iterator[tuple[Any, bool]]:
    return zip(step.operands, step.operand_varies, strict=True)


def origin(step: Step) -> int | None:
    """The step that its first operand that varies comes from."""
    pairs = zip(step.parents, step.operand_varies, strict=True)
    return next((p for p, varies in pairs if varies), None)


def is_root(step: Step) -> bool:
    half = step.name != "power" or np.all(np.abs(step.operands[1]) == 0.5)
    return step.name in ROOTS and bool(half)


def divisor(trace: Trace, step: Step) -> int:
    """The number that a sum of squares is divided by at a step, 0 if that is none."""
    count = int(np.size(step.operands[0]) // max(np.size(step.value), 1))
    if step.name in ("var", "std"):
        return count if count > 1 else 0
    source = origin(step)
    if source is None or step.name not in ("mean", "divide", "multiply"):
        return 0
    if step.name != "mean":
        if trace.steps[source].name not in ("sum", "add.reduce"):
            return 0
        number = next((float(x) for x, v in both(step) if not v and np.ndim(x) == 0), 0.0)
        number = 1 / number if step.name == "multiply" and number else number
        count = round(number) if abs(number - round(number)) < 1e-9 else 0
        count = 0 if count == 2 else count  # the half that goes with a square
        source = trace.steps[source].parents[0]
    squares = source is not None and trace.steps[source].name in SQUARES
    # The loss itself is another matter: what is spread has a value for each column.
    return count if squares and count > 1 and np.ndim(step.value) else 0
