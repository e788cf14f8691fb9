"""Faults of a finished gradient: transposed, summed over an axis, shifted, one number for all.

Such a fault is a map L of the gradient, mostly a linear one. What it predicts along a direction v
is ⟨L(∇f), v⟩ = ⟨∇f, L*v⟩: the true slope along another direction, which costs one jvp whatever
the array's size.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess, factor_named
from dualedu.doctor.reading import Reading, contract


def zeros(reading: Reading) -> Iterator[Guess]:
    yield Guess("zeros", "", lambda r, i, v: np.zeros(len(v)), 0, of_claim=True)


def gathered(kind: str, detail: str, places: Callable[[Any], Any], rank: float = 1.0) -> Guess:
    """The claim holds the gradient's entries at other places: `places` maps an array of flat
    positions to the one whose entries the claim holds instead (−1 for a zero)."""

    def effect(r: Reading, i: int, v: Any) -> Any:
        shape = np.shape(r.values[i])
        n = int(np.prod(shape))
        source = places(np.arange(n).reshape(shape))
        if source is None or np.shape(source) != shape:
            return None
        source = np.ravel(source)
        if np.array_equal(source, np.arange(n)):
            return None
        flat = np.reshape(v, (len(v), n))
        back = np.zeros_like(flat)
        kept = source >= 0
        np.add.at(back.T, source[kept], flat.T[kept])
        return r.true_along(i, back.reshape(v.shape))[0]

    return Guess(kind, detail, effect, rank, of_claim=True)


def transposed(reading: Reading) -> Iterator[Guess]:
    for n in sorted({np.ndim(v) for v in reading.values}):
        for order in itertools.permutations(range(n)):
            if n > 1 and order != tuple(range(n)) and n < 5:
                words = "" if n == 2 else f"axes in the order {order}"

                def places(a: Any, order: tuple[int, ...] = order) -> Any:
                    return np.transpose(a, order) if a.ndim == len(order) else None

                yield gathered("transposed", words, places)
                if n > 2:

                    def refitted(a: Any, order: tuple[int, ...] = order) -> Any:
                        if a.ndim != len(order):
                            return None
                        return np.reshape(np.transpose(a, order), a.shape)

                    words += ", reshaped to fit"
                    yield gathered("transposed", words, refitted, 1.3)
    for first, second in (("F", "C"), ("C", "F")):

        def refilled(a: Any, first: Any = first, second: Any = second) -> Any:
            return np.reshape(np.ravel(a, order=first), a.shape, order=second)

        yield gathered(
            "transposed",
            "filled column by column in place of row by row (reshape's order)",
            refilled,
            1.2,
        )
    yield gathered(
        "transposed",
        "the transpose's numbers, reshaped to fit",
        lambda a: np.reshape(a.T, a.shape) if a.ndim > 1 else None,
        1.3,
    )


def shifted(reading: Reading) -> Iterator[Guess]:
    most = max(np.ndim(v) for v in reading.values)
    for axis in range(most):
        for by in (1, -1, 2, -2):
            name = {0: "rows" if most > 1 else "entries", 1: "columns"}.get(axis, f"axis {axis}")

            def rolled(a: Any, axis: int = axis, by: int = by) -> Any:
                return np.roll(a, by, axis) if a.ndim > axis and a.shape[axis] > 2 else None

            def slid(a: Any, axis: int = axis, by: int = by) -> Any:
                if a.ndim <= axis or a.shape[axis] <= abs(by):
                    return None
                new = np.roll(a, by, axis)
                edge = [slice(None)] * a.ndim
                edge[axis] = slice(0, by) if by > 0 else slice(by, None)
                new[tuple(edge)] = -1
                return new

            yield gathered("shifted", f"{name} by {by}", rolled)
            yield gathered("shifted", f"{name} by {by}, zeros at the edge", slid, 1.1)
    for axes in itertools.chain.from_iterable(
        itertools.combinations(range(most), k) for k in range(1, most + 1)
    ):

        def flipped(a: Any, axes: tuple[int, ...] = axes) -> Any:
            return np.flip(a, axes) if a.ndim > max(axes) else None

        words = "axis" if len(axes) == 1 else "axes"
        yield gathered("reversed", f"along {words} {', '.join(map(str, axes))}", flipped)


def parts(reading: Reading) -> Iterator[Guess]:
    """Entries that are not filled in: a triangle, an off-diagonal, all but one row."""
    places: list[tuple[str, Callable[[Any], Any]]] = [
        ("only the diagonal is filled", lambda s: np.eye(s[0], s[1], dtype=bool)),
        ("the diagonal is empty", lambda s: ~np.eye(s[0], s[1], dtype=bool)),
        ("only the lower triangle is filled", lambda s: np.tri(s[0], s[1], dtype=bool)),
        ("only the upper triangle is filled", lambda s: np.tri(s[1], s[0], dtype=bool).T),
    ]
    for words, make in places:

        def kept(a: Any, make: Callable[[Any], Any] = make) -> Any:
            return np.where(make(a.shape), a, -1) if a.ndim == 2 else None

        yield gathered("entries left out", words, kept, 1.4)
    for end, word in ((0, "first"), (-1, "last")):
        for axis in range(max(np.ndim(v) for v in reading.values)):
            for alone in (True, False):

                def slab(a: Any, end: int = end, axis: int = axis, alone: bool = alone) -> Any:
                    if a.ndim <= axis or a.shape[axis] < 3:
                        return None
                    index = np.arange(a.shape[axis]) == (end % a.shape[axis])
                    keep = index if alone else ~index
                    return np.where(
                        keep.reshape([-1 if k == axis else 1 for k in range(a.ndim)]), a, -1
                    )

                of = "only the" if alone else "all but the"
                words = f"{of} {word} along axis {axis} {'is' if alone else 'are'} filled"
                yield gathered("entries left out", words, slab, 1.4)


def summed(reading: Reading) -> Iterator[Guess]:
    """Summed or averaged over an axis and spread over it again."""
    most = max(np.ndim(v) for v in reading.values)
    for axes in itertools.chain.from_iterable(
        itertools.combinations(range(most), k) for k in range(1, most)
    ):
        for average in (False, True):

            def effect(
                r: Reading, i: int, v: Any, axes: tuple[int, ...] = axes, average: bool = average
            ) -> Any:
                if np.ndim(r.values[i]) <= len(axes) or np.ndim(r.values[i]) <= max(axes):
                    return None
                along = tuple(a + 1 for a in axes)
                if all(v.shape[a] == 1 for a in along):
                    return None
                total = (np.mean if average else np.sum)(v, axis=along, keepdims=True)
                return r.true_along(i, np.broadcast_to(total, v.shape))[0]

            word = "averaged" if average else "summed"
            detail = f"{word} over axis {', '.join(map(str, axes))} and spread over it again"
            yield Guess("wrong axis", detail, effect, 1, of_claim=True)


def exchanged(reading: Reading) -> Iterator[Guess]:
    """Another array's gradient."""
    shapes = [np.shape(v) for v in reading.values]
    for i, j in itertools.permutations(range(len(shapes)), 2):
        if shapes[i] == shapes[j]:
            name = reading.problem.leaves[j].name

            def effect(r: Reading, i: int, v: Any, j: int = j) -> Any:
                return r.true_along(j, v)[0]

            yield Guess(
                "another array's gradient",
                f"it is the gradient of {name}",
                effect,
                of_claim=True,
                only=i,
            )


def scaled(reading: Reading) -> Iterator[Guess]:
    yield Guess(
        "constant factor",
        "",
        lambda r, i, v: r.slopes(i, v),
        of_claim=True,
        free=True,
        name=factor_named,
    )


def regularised(reading: Reading) -> Iterator[Guess]:
    """A multiple of the parameter, of its sign, of ones, too much or too little."""
    forms: list[tuple[str, str, Callable[[Any], Any]]] = [
        ("regulariser", "the parameter", same),
        ("regulariser", "the parameter's sign", np.sign),
        ("regulariser", "the parameter's absolute value", np.abs),
        ("regulariser", "the parameter's square", np.square),
        ("regulariser", SIGN, lambda w: np.sign(w) - w),
        ("regulariser", SIGN, lambda w: np.sign(w) - 2 * w),
        ("a constant is added", "", np.ones_like),
    ]
    for kind, what, form in forms:

        def effect(r: Reading, i: int, v: Any, form: Callable[[Any], Any] = form) -> Any:
            array = form(r.values[i])
            # One number whose form does not move with the point would explain any error.
            blind = np.size(array) == 1 and form not in (same, np.abs, np.square)
            if form is np.sign and np.ptp(array) == 0:
                return None  # no other than a constant
            return contract(v, array) if np.any(array) and not blind else None

        def named(
            r: Reading, a: float, kind: str = kind, what: str = what
        ) -> tuple[str, str, float]:
            if not what:
                return kind, f"{a:.4g} in every entry", 2.6
            side = "too much" if a > 0 else "missing"
            if what is SIGN:
                other = "" if a > 0 else ", the other way round"
                return kind, f"{what}{other}, {abs(a):.4g} times", 2.4
            return kind, f"{abs(a):.4g} times {what} is {side}", 2.0 if what[-1] == "r" else 2.4

        yield Guess(kind, what, effect, 2, free=True, name=named)
    yield from regularised_in_part(reading)


def regularised_in_part(reading: Reading) -> Iterator[Guess]:
    """All parameters in one array, of which some have a penalty: a multiple of these alone."""
    cuts: dict[int, set[tuple[int, int]]] = {}
    for step in reading.trace.steps if reading.trace else []:
        i = step.parents[0] if step.name == "[]" else None
        if i is None or i >= len(reading.values) or np.ndim(reading.values[i]) != 1:
            continue
        places = np.ravel(step.run(np.arange(float(np.size(reading.values[i])))))
        if places.size and np.all(np.diff(places) == 1):
            cuts.setdefault(i, set()).add((int(places[0]), int(places[-1]) + 1))
    for i, found in cuts.items():
        n = int(np.size(reading.values[i]))
        ends = sorted({end for cut in found for end in cut})
        runs = [(a, b) for a in ends for b in ends if a < b and (a, b) != (0, n)]
        for a, b in runs[:20]:
            inside = (np.arange(n) >= a) & (np.arange(n) < b)

            def effect(r: Reading, i: int, v: Any, inside: Any = inside) -> Any:
                return contract(v, r.values[i] * inside)

            def named(r: Reading, c: float, a: int = a, b: int = b) -> tuple[str, str, float]:
                side = "too much" if c > 0 else "missing"
                words = f"{abs(c):.4g} times the parameter is {side} in the entries {a}:{b}"
                return "regulariser", words, 2.1

            yield Guess("regulariser", "", effect, 2.1, free=True, name=named, only=i)


SIGN = "the parameter's sign in place of the parameter"


def same(w: Any) -> Any:
    return w


def multiplied(reading: Reading) -> Iterator[Guess]:
    """Multiplied or divided entry by entry by the parameter."""
    for words, of in (
        ("multiplied by the parameter, entry by entry", lambda w: w),
        ("divided by the parameter, entry by entry", lambda w: 1 / w),
        ("multiplied by exp of the parameter, entry by entry", np.exp),
        ("divided by exp of the parameter: it is the gradient by exp w", lambda w: np.exp(-w)),
        ("multiplied by the parameter's softmax, entry by entry", softmax),
        ("multiplied by the slope of the parameter's sigmoid", bell),
        ("divided by it: it is the gradient by the parameter's sigmoid", lambda w: 1 / bell(w)),
    ):

        def effect(r: Reading, i: int, v: Any, of: Callable[[Any], Any] = of) -> Any:
            with np.errstate(all="ignore"):
                weights = of(r.values[i])
            if np.size(weights) < 2 or not np.all(np.isfinite(weights)):
                return None
            return r.true_along(i, v * weights)[0]

        yield Guess("a factor too many", words, effect, 3, of_claim=True)
    yield from jacobians(reading)


def softmax(w: Any) -> Any:
    e = np.exp(w - np.max(w, axis=-1, keepdims=True)) if np.ndim(w) else np.ones(())
    return e / np.sum(e, axis=-1, keepdims=True) if np.ndim(w) else e


def bell(w: Any) -> Any:
    """σ′(w)"""
    return 1 / (2 + np.exp(-w) + np.exp(w))


def jacobians(reading: Reading) -> Iterator[Guess]:
    """Of a function of an array with a result of the same shape: the diagonal of its Jacobian
    alone, or the transpose of the Jacobian."""
    out = reading.problem.out.shape
    if reading.problem.scalar or int(np.prod(out)) > 256:
        return

    def diagonal(r: Reading, i: int, v: Any) -> Any:
        if np.shape(r.values[i]) != out:
            return None
        own = np.zeros(out)
        for index in np.ndindex(out):
            unit = np.zeros(out)
            unit[index] = 1.0
            own[index] = r.pushed(i, unit)[index]
        return contract(v, r.u * own)

    def turned(r: Reading, i: int, v: Any) -> Any:
        return contract(v, r.pushed(i, r.u)) if np.shape(r.values[i]) == out else None

    words = "each entry of the result is differentiated by its own entry alone"
    yield Guess("diagonal of the Jacobian", words, diagonal, 1.5, of_claim=True)
    words = "the Jacobian is transposed: J where Jᵀ should be, or the other way round"
    yield Guess("transposed", words, turned, 1.6, of_claim=True)


def bent(reading: Reading) -> Iterator[Guess]:
    """Entry by entry something else: the sign, the size, cut off, in another order."""
    forms: list[tuple[str, str, Callable[[Any, Any], Any]]] = [
        ("sign only", "only the sign of each entry is left", lambda t, g: np.sign(t)),
        ("absolute value", "all entries are made positive", lambda t, g: np.abs(t)),
        ("squared", "each entry is squared", lambda t, g: t * t),
        (
            "clipped",
            "entries are cut off at a largest size",
            lambda t, g: np.clip(t, -np.max(np.abs(g)), np.max(np.abs(g))),
        ),
        ("clipped", "negative entries are cut off", lambda t, g: np.maximum(t, 0)),
        (
            "permuted",
            "the right numbers, each at another's place",
            lambda t, g: np.reshape(
                np.sort(t, axis=None)[np.argsort(np.argsort(g, axis=None))], t.shape
            ),
        ),
        (
            "entries left out",
            "entries are zero that should not be, and the others are right",
            lambda t, g: np.where(g == 0, 0, t),
        ),
    ]
    for kind, words, form in forms:
        least = {"sign only": 2, "squared": 2, "absolute value": 3, "clipped": 6}.get(kind, 4)

        def effect(
            r: Reading, i: int, v: Any, form: Callable[[Any, Any], Any] = form, least: int = least
        ) -> Any:
            t = r.full(i)
            if t is None or t.size < least or r.claim[i] is None:
                return None
            g = r.claim[i]
            if np.mean(g == 0) > 0.9 and not np.mean(t == 0) > 0.5:
                return None
            return contract(v, form(t, g))

        # Signs alone are seen before it is asked whether differences with a tiny step give them.
        rank = 2.9 if kind == "sign only" else 4.5
        yield Guess(kind, words, effect, rank, of_claim=True)
