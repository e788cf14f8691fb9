"""Ways through f on which a change does not pass, or passes in part."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dualedu.doctor.guesses import Guess, adds_over, factor_named
from dualedu.doctor.reading import Reading
from dualedu.doctor.steps.places import Changes, at_steps, groups, guess, line
from dualedu.doctor.tracing import TAPE, Change, Step, Trace


@at_steps
def paths(trace: Trace) -> Iterator[Guess]:
    """One operand of a step held constant, or the whole step; or its share in the gradient c times
    as large."""
    varying = [step for step in trace.steps if step.varies and step.name != "input"]
    loops: dict[Any, list[Step]] = defaultdict(list)
    for step in varying:
        loops[step.site, step.name].append(step)
    # In the first turn of a loop what is handed on may stand still, as a state of zeros does.
    shared = {
        place for place, turns in loops.items() if any(sum(s.operand_varies) > 1 for s in turns)
    }
    alone = [step for step in varying if (step.site, step.name) not in shared]
    others = [step for step in varying if (step.site, step.name) in shared]
    totals = added_up(trace)
    for extra, together in (
        g for some in (alone, others) for g in groups(some, lambda s: (s,), counted=True)
    ):
        operands = sorted({k for s in together for k, v in enumerate(s.operand_varies) if v})
        by_operand: dict[int | None, list[Step]] = {
            k: [s for s in together if s.varies_by(k)] for k in operands
        }
        if len(operands) > 1:
            by_operand[None] = together
        for k, some in by_operand.items():
            step = some[-1]
            turns = [s for s in loops[step.site, step.name] if k is None or s.varies_by(k)]
            several = k is not None and len(operands) > 1
            which = ("first", "second", "third")[min(k or 0, 2)]
            what = f"the {which} operand of {step.name}" if several else step.name
            kind, words = "a path left out", f"{what} is treated as a constant"
            if len(some) < len(turns) and separate(trace, turns, k, several):
                kind = "samples left out"
                words = f"{len(some)} of {len(turns)} turns do not count: there {words}"
            elif k is not None and all((s.number, k) in totals for s in some):
                if totals[step.number, k]:
                    kind, words = "samples left out", "only the last turn counts"
            elif k is None and len(some) == 1 and some[0] is turns[0] and summed(trace, turns):
                kind, words = "samples left out", "the first turn does not count"
            elif k is not None and several and step.name in PRODUCTS:
                kind = "product rule"
                if len(some) > 1 and handed_on(trace, step, k):
                    kind, words = "a path left out", f"{words} from one turn to the next"

            constant = holding([(s.number, k) for s in some])
            place = line(step.where)

            def named(
                r: Reading,
                a: float,
                kind: str = kind,
                words: str = words,
                what: str = what,
                place: str = place,
                simple: float = 2.55 if k is None else 2.65,
                some: Sequence[Step] = some,
            ) -> tuple[str, str, float] | None:
                # error = a · (blocked − true), and the claim holds this share (1 − a) times
                c = 1 - a
                if abs(c) < 1e-5:
                    return kind, f"{words}, at {place}", simple
                share, words, rank = share_named(r, c)
                if share == "sign" and not all_but_penalties(trace, some):
                    share = "a step's factor"
                return share, f"{what}: {words}, at {place}", rank

            rank = 2.55 if k is None else 2.65
            yield guess("a path left out", what, constant, step.where, rank + extra, True, named)
            if len(some) > 1:
                yield from with_factors(some, k, what, 3.1 + extra)
    yield from statistics(trace)
    yield from last_turns(trace, loops)
    yield from in_a_line(trace)
    yield from turns_apart(trace)
    yield from terms(trace)
    yield from at_one_use(trace)


def share_named(r: Reading, c: float) -> tuple[str, str, float]:
    """What it is called that a claim holds c times the share of a step: kind, words, rank."""
    kind, words, rank = factor_named(r, c)
    if "number of entries" in words and kind in SHARES and not adds_over(r, round(1 / abs(c))):
        kind, words = "a step's factor", f"{c:.6g} times the gradient"
    kind = kind if kind in SHARES else "a step's factor"
    return kind, words.replace("the gradient", "the right share"), max(rank, 1) + 2


SHARES = ("sum for mean", "mean for sum", "sign")
PENALTIES = (
    "square",
    "power",
    "multiply",
    "divide",
    "absolute",
    "sum",
    "add.reduce",
    "add",
    "matmul",
    "dot",
)
PRODUCTS = ("multiply", "matmul", "divide", "dot", "einsum", "power")
SUMS = ("add", "subtract")
MOVES = ("transpose", "swapaxes", "reshape", "ravel", "[]")


def all_but_penalties(trace: Trace, some: Sequence[Step]) -> bool:
    """Whether all that varies in f goes through some steps, but sums of powers of the arrays that
    are added in the end."""
    below = {step.number for step in some}
    above = set(below)
    for step in trace.steps[min(below) :]:
        if not below.isdisjoint(step.parents):
            below.add(step.number)
    for step in reversed(trace.steps):
        if step.number in above:
            above.update(p for p in step.parents if p is not None)
    added = set()
    for step in trace.steps:
        if step.number in below and step.number not in above:
            others = {
                p
                for p, varies in zip(step.parents, step.operand_varies, strict=True)
                if varies and p not in below
            }
            if others and step.name != "add":
                return False
            added |= others
    for step in reversed(trace.steps):
        if step.number not in added or step.name == "input":
            continue
        pairs = zip(step.operands, step.operand_varies, strict=True)
        numbers = all(varies or np.ndim(x) == 0 for x, varies in pairs)
        if step.name not in PENALTIES or step.number in above or not numbers:
            return False
        added.update(p for p in step.parents if p is not None)
    return bool(added)


def in_a_line(trace: Trace) -> Iterator[Guess]:
    """A value that one line uses several times, held constant there, as v in c * v * abs(v), or
    with c times its share."""
    uses: dict[Any, list[tuple[Step, int]]] = defaultdict(list)
    for step in trace.steps:
        for k, p in enumerate(step.parents):
            if p is not None and step.varies and step.operand_varies[k]:
                uses[step.where, p].append((step, k))
    alike: dict[Any, list[list[tuple[Step, int]]]] = defaultdict(list)
    for (where, _), edges in uses.items():
        if len(edges) > 1:
            alike[where, tuple((step.site, k) for step, k in edges)].append(edges)
    for (where, _), turns in alike.items():
        constant = holding([(step.number, k) for edges in turns for step, k in edges])
        name = trace.steps[turns[-1][0][0].parents[turns[-1][0][1]] or 0].name
        place = line(where)

        def named(
            r: Reading, a: float, name: str = name, place: str = place
        ) -> tuple[str, str, float]:
            c = 1 - a
            if abs(c) < 1e-5:
                detail = f"the value of {name} is treated as a constant, at {place}"
                return "a path left out", detail, 2.7
            kind, words, rank = share_named(r, c)
            kind = "a step's factor" if kind == "sign" else kind
            return kind, f"the value of {name}: {words}, at {place}", rank + 0.2

        yield guess("a path left out", name, constant, where, 2.7, True, named)


def turns_apart(trace: Trace) -> Iterator[Guess]:
    """What one turn of a loop hands on to the next is treated as a constant, wherever the next one
    uses it: one of the values handed on, or all of them."""
    first: dict[Any, int] = {}
    users = trace.users
    for step in trace.steps:
        first.setdefault(step.site, step.number)

    def added_on(source: Step) -> bool:
        """Whether a value goes nowhere but into a sum that takes its place."""
        way = source
        while len(users[way.number]) == 1:
            way = users[way.number][0]
            if way.name not in ("add", "subtract"):
                return False
            if way.site == source.site:
                return True
        return False

    handed: dict[Any, list[tuple[int, int | None]]] = defaultdict(list)
    for step in trace.steps:
        for k, (p, varies) in enumerate(zip(step.parents, step.operand_varies, strict=True)):
            if p is None or not (varies and step.site and trace.steps[p].site):
                continue
            # Its place in the code is met before that of the value: so it is of a turn before.
            source = trace.steps[p]
            if first[step.site] < first[source.site] and not added_on(source):
                handed[source.site].append((step.number, k))
    several = [places for places in handed.values() if len(places) > 1]
    if len(handed) > 1:
        several.append([place for places in handed.values() for place in places])
    for places in several:
        number, operand = places[-1]
        where = trace.steps[trace.steps[number].parents[operand or 0] or 0].where
        detail = f"what a turn hands on to the next is treated as a constant, of {line(where)}"
        yield guess("a path left out", detail, holding(places), where, 2.62)


def terms(trace: Trace) -> Iterator[Guess]:
    """A rule for sums that is wrong wherever it is used: a term left out, or a minus sign lost."""
    sums = [s for s in trace.steps if s.name in ("add", "subtract") and all(s.operand_varies)]
    if len({s.site for s in sums}) > 1:
        for k, which in ((0, "first"), (1, "second")):
            detail = f"the {which} term of each sum is treated as a constant, as at "
            places = [(s.number, k) for s in sums]
            where = sums[0].where
            yield guess("a path left out", detail + line(where), holding(places), where, 2.7)
    minus = [
        s
        for s in trace.steps
        if s.varies and (s.name == "negative" or (s.name == "subtract" and s.operand_varies[1]))
    ]
    if len({s.name for s in minus}) > 1:

        def lost(t: Trace) -> dict[int, Change]:
            def change(was: Step, operands: list[Any], value: Any) -> Any:
                moved = operands[-1] - was.operands[-1]
                return value + 2 * np.broadcast_to(moved, np.shape(value))

            return {s.number: change for s in minus}

        detail = f"minus signs are lost, as at {line(minus[0].where)}"
        yield guess("a step's factor", detail, lost, minus[0].where, 2.9)


def at_one_use(trace: Trace) -> Iterator[Guess]:
    """A value of two terms or factors, one of them treated as a constant where one step uses it
    and not where others do."""
    users: dict[int, list[tuple[Step, int]]] = defaultdict(list)
    for step in trace.steps:
        for j, p in enumerate(step.parents):
            if p is not None and step.varies:
                users[p].append((step, j))
    sites = [s.site for s in trace.steps]
    for step in trace.steps:
        uses = users[step.number]
        if sum(step.operand_varies) < 2 or len(uses) < 2 or sites.count(step.site) > 1:
            continue
        for k, (user, j) in itertools.product(
            [k for k, varies in enumerate(step.operand_varies) if varies], uses
        ):

            def make(
                t: Trace, n: int = step.number, k: int = k, m: int = user.number, j: int = j
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    source = t.steps[n]
                    inner = source.operands_in(TAPE[-1].now)
                    inner[k] = source.operands[k]
                    operands = list(operands)
                    operands[j] = source.run(*inner)
                    return np.reshape(was.run(*operands), np.shape(value))

                return {m: change}

            which = ("first", "second", "third")[min(k, 2)]
            detail = (
                f"the {which} operand of {step.name} at {line(step.where)} is treated as a "
                f"constant where line {user.where[1]} uses it"
            )
            yield guess("a path left out", detail, make, step.where, 2.95)


def separate(trace: Trace, turns: Sequence[Step], k: int | None, several: bool) -> bool:
    """Whether a loop meets a parameter in each of its turns, or no turn goes on from another, as
    those over the samples do not: what is missing is then what some of them add."""

    def parameter(step: Step, k: int) -> bool:
        p = step.parents[k]
        while p is not None and trace.steps[p].name in MOVES:
            p = trace.steps[p].parents[0]
        return p is not None and trace.steps[p].name == "input"

    if k is not None and all(parameter(s, k) for s in turns):
        return True
    first, reached = turns[0].number, {turns[0].number}
    for step in trace.steps[first + 1 :]:
        if not reached.isdisjoint(step.parents):
            reached.add(step.number)
    return not several and all(step.number not in reached for step in turns[1:])


def handed_on(trace: Trace, last: Step, k: int) -> bool:
    """Whether an operand comes from the turn before: in the first there was none such yet."""
    p = last.parents[k]
    first = next(s.number for s in trace.steps if s.site == last.site)
    return p is not None and all(s.site != trace.steps[p].site for s in trace.steps[:first])


def added_up(trace: Trace) -> dict[tuple[int, int], bool]:
    """Where the turns of a loop meet what those before added up, for nothing but to go on, by
    number and operand; and whether it is the last turn."""
    loops: dict[Any, list[Step]] = defaultdict(list)
    for step in trace.steps:
        if step.name in SUMS:
            loops[step.site].append(step)
    return {
        (step.number, k): step is turns[-1]
        for turns in loops.values()
        for before, step in itertools.pairwise(turns)
        for k, p in enumerate(step.parents)
        if p is not None and (k == 0 or step.name == "add") and goes_on(trace, before, step, p)
    }


def goes_on(trace: Trace, before: Step, step: Step, handed: int) -> bool:
    """Whether what a turn has added up reaches the next as it is, or with more added to it."""
    way = before
    while len(users := trace.users[way.number]) == 1 and users[0].name in SUMS:
        if users[0].number == step.number:
            return handed == way.number
        way = users[0]
    return False


def last_turns(trace: Trace, loops: dict[Any, list[Step]]) -> Iterator[Guess]:
    """A loop that adds up and whose last turn does not count, on however many lines it adds."""
    for turns in loops.values():
        if not summed(trace, turns):
            continue
        last, before = turns[-1], turns[-2]

        def make(t: Trace, last: Step = last, before: Step = before) -> dict[int, Change]:
            def change(was: Step, operands: list[Any], value: Any) -> Any:
                return was.value + TAPE[-1].now[before.number] - before.value

            return {last.number: change}

        detail = f"the last turn does not count, at {line(last.where)}"
        yield guess("samples left out", detail, make, last.where, 2.66)


def summed(trace: Trace, turns: Sequence[Step]) -> bool:
    """Whether a loop adds up, and does nothing else with what it has so far."""

    def on(step: Step) -> bool:
        """Whether a value goes nowhere but into the sum of the next turn."""
        while len(users := trace.users[step.number]) == 1 and users[0].name in SUMS:
            step = users[0]
            if step.site == turns[0].site:
                return True
        return False

    return len(turns) > 1 and turns[0].name in SUMS and all(on(step) for step in turns[:-1])


def with_factors(some: Sequence[Step], k: int | None, what: str, rank: float) -> Iterator[Guess]:
    """In each turn of a loop c times what an operand passes on: after several turns no longer c
    times its share."""
    step = some[0]
    for c, words in ((-1.0, "−1 times"), (2.0, "twice"), (0.5, "half")):

        def make(
            t: Trace, c: float = c, numbers: Sequence[int] = tuple(s.number for s in some)
        ) -> dict[int, Change]:
            def change(was: Step, operands: list[Any], value: Any) -> Any:
                without = with_held(was, operands, value, [k])
                return without + c * (value - without)

            return dict.fromkeys(numbers, change)

        detail = f"{what}: {words} the right share, at {line(step.where)}"
        yield guess("a step's factor", detail, make, step.where, rank)


def statistics(trace: Trace) -> Iterator[Guess]:
    """Where an array is centred and divided, as in a normalisation: both numbers held constant."""
    for step in trace.steps:
        if step.name not in ("divide", "multiply") or not all(step.operand_varies):
            continue
        for k in (0, 1):
            before = step.parents[1 - k]
            if before is None or np.size(step.operands[k]) >= np.size(step.value):
                continue
            centred = trace.steps[before]
            spread = centred.name == "subtract" and np.size(centred.operands[1]) < np.size(
                centred.value
            )
            if not spread or not all(centred.operand_varies):
                continue

            detail = f"mean and deviation are treated as constants, at {line(step.where)}"
            constant = holding([(step.number, k), (before, 1)])
            yield guess("a path left out", detail, constant, step.where, 2.6)
            yield from along_the_other_axis(step, k, centred)


def along_the_other_axis(step: Step, k: int, centred: Step) -> Iterator[Guess]:
    """What comes back through the mean and the deviation of a normalisation is averaged over other
    axes than they run over, or its sum is divided by another number."""
    shape, u = np.shape(step.value), centred.parents[0]
    narrow = np.shape(step.operands[k])
    narrow = (1,) * (len(shape) - len(narrow)) + narrow
    own = tuple(a for a, n in enumerate(shape) if narrow[a] == 1 < n)
    if u is None or not 2 <= len(shape) <= 4 or not own:
        return
    count = float(np.prod([shape[a] for a in own]))

    def averaged(axes: tuple[int, ...], over: float) -> Callable[[Any], Any]:
        return lambda x: np.sum(x, axis=axes, keepdims=True) / over

    right = averaged(own, count)
    wrong: list[tuple[str, str, Callable[[Any], Any]]] = []
    for several in range(1, len(shape) + 1):
        for axes in itertools.combinations(range(len(shape)), several):
            over = float(np.prod([shape[a] for a in axes]))
            over_own = ", ".join(map(str, own))
            words = f"taken over axis {', '.join(map(str, axes))} in place of {over_own}"
            if axes != own and over > 1:
                wrong.append(("wrong axis", words, averaged(axes, over)))
            if axes != own and over != count:
                words += f", and divided by {count:g}"
                wrong.append(("wrong axis", words, averaged(axes, count)))
            if axes != own and set(axes) < set(own):
                words = f"a sum that is divided by {over:g} in place of {count:g}"
                wrong.append(("sum for mean", words, averaged(own, over)))
    for kind, words, form in wrong:
        for of, first, second in (
            ("the mean", form, right),
            ("the deviation", right, form),
            ("mean and deviation", form, form),
        ):

            def make(
                t: Trace,
                first: Callable[[Any], Any] = first,
                second: Callable[[Any], Any] = second,
            ) -> dict[int, Change]:
                def change(was: Step, operands: list[Any], value: Any) -> Any:
                    spread = was.operands[k]
                    moved = TAPE[-1].now[u] - t.steps[centred.number].operands[0]
                    moved = moved * spread if was.name == "multiply" else moved / spread
                    y = was.value
                    return y + moved - first(moved) - y * second(y * moved)

                return {step.number: change}

            detail = f"{of} of what comes back is {words}, at {line(step.where)}"
            yield guess(kind, detail, make, step.where, 2.72)


def holding(places: Sequence[tuple[int, int | None]]) -> Changes:
    """Changes of steps, by number, that take one of their operands as a constant, or all."""

    def make(trace: Trace) -> dict[int, Change]:
        changes: dict[int, Change] = {}
        for n, some in itertools.groupby(sorted(places, key=lambda p: p[0]), key=lambda p: p[0]):
            changes[n] = functools.partial(with_held, ks=[k for _, k in some])
        return changes

    return make


def with_held(was: Step, operands: list[Any], value: Any, ks: Sequence[int | None]) -> Any:
    """What a step gives if some of its operands, or each of them, are those that they were."""
    if None in ks:
        return was.value
    held = list(operands)
    for k in ks:
        held[k or 0] = was.operands[k or 0]
    return np.reshape(was.run(*held), np.shape(value))
