"""Run f on arrays that note every step, and run it again with one step changed.

A hand-written gradient is wrong at some *step* of f: the slope of an activation forgotten, a path
left out, the diagonal of a Jacobian in place of the whole. To ask whether it is this step, the
doctor lets f make the same mistake: the values of the step stay, only its answer to a change of
its input is altered. The slope of the f so changed is what the claim would have to be.

`Traced` is an ndarray that passes each NumPy call through the tape under way. It needs no
derivative rules, so code that assigns to entries or loops is traced as well.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dualedu.internals.shapes import is_array, is_dual

HERE = str(Path(__file__).parent)
NUMPY = str(Path(np.__file__).parent)

Change = Callable[["Step", list[Any], Any], Any]
"""What a step gives instead: called with the step as recorded, its operands and its result now."""


@dataclass
class Step:
    """One NumPy call of a run of f: what it was, on what, and what came."""

    number: int
    name: str
    run: Callable[..., Any]
    """The call again, on other operands."""
    operands: list[Any]
    parents: list[int | None]
    """For each operand, the step it came from, or None."""
    value: Any
    site: tuple[Any, ...]
    """The place in the code: the calls that led there, outermost first."""
    where: tuple[str, int]
    """File and line to show."""
    turn: dict[tuple[int, str], int] = field(default_factory=dict)
    """The whole numbers that counted turns of loops then, by the depth of the call and by name."""
    varies: bool = True
    operand_varies: list[bool] = field(default_factory=list)

    def varies_by(self, k: int) -> bool:
        """Whether it has a k-th operand, and that varies: of a list there may be fewer."""
        return k < len(self.operand_varies) and self.operand_varies[k]

    def operands_in(self, now: Mapping[int, Any]) -> list[Any]:
        """Its operands in another run, by what the steps gave there."""
        return [
            x if p is None else now[p] for x, p in zip(self.operands, self.parents, strict=True)
        ]


Place = tuple[str, int, int]
"""File, line and instruction."""


class Tape:
    """The steps of one run. `changes` maps numbers of steps to what they give instead, `answers`
    places of comparisons to what they answer instead, from what they would."""

    def __init__(
        self,
        home: str,
        changes: dict[int, Change] | None = None,
        base: Any = None,
        answers: dict[Place, Callable[[bool], bool]] | None = None,
    ):
        self.home = home
        self.changes = changes or {}
        self.answers = answers or {}
        self.asked: dict[Place, tuple[str, int]] = {}
        """Where a comparison of one number was made, and the line to show."""
        self.base: list[Step] = base or []
        self.steps: list[Step] = []
        self.count = 0
        self.now: MutableMapping[int, Any] = {}

    def note(self, name: str, run: Callable[..., Any], operands: list[Any], value: Any) -> Any:
        """Count a step whose plain result is `value`; return what it gives to the program."""
        number = self.count
        self.count += 1
        if number in self.changes:
            recorded = self.base[number]
            value = self.changes[number](recorded, [plain(x) for x in operands], value)
        if self.base:
            self.now[number] = value
        else:
            turn: dict[tuple[int, str], int] = {}
            site, where = self.place(turn)
            self.steps.append(
                Step(
                    number,
                    name,
                    run,
                    [kept(x) for x in operands],
                    [getattr(x, "step", None) for x in operands],
                    kept(value),
                    site,
                    where,
                    turn,
                )
            )
        out = np.asarray(value).view(Traced)
        out.step = number
        return out

    def answer(self, plain_answer: Any) -> Any:
        """What a comparison gives to the program, such as to its if."""
        if self.base:
            return plain_answer
        site, where = self.place()
        if not site:
            return plain_answer
        self.asked[site[-1]] = where
        instead = self.answers.get(site[-1])
        return plain_answer if instead is None else np.bool_(instead(bool(plain_answer)))

    def place(
        self, turn: dict[tuple[int, str], int] | None = None
    ) -> tuple[tuple[Any, ...], tuple[str, int]]:
        frame = sys._getframe(2)
        calls: list[tuple[str, int, int]] = []
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(HERE):
                if frame.f_code.co_name == "trace_run":
                    break
            elif not name.startswith(NUMPY) and "/torch/" not in name:
                calls.append((name, frame.f_lineno, frame.f_lasti))
                if turn is not None and name == self.home:
                    counts = ((k, v) for k, v in frame.f_locals.items() if type(v) is int)
                    turn.update(((len(calls), k), v) for k, v in counts)
            frame = frame.f_back  # type: ignore[assignment]
        at_home = [c for c in calls if c[0] == self.home] or calls or [("?", 0, 0)]
        return tuple(reversed(calls)), at_home[0][:2]


TAPE: list[Tape] = []
"""The run under way, innermost last."""


def plain(x: Any) -> Any:
    """Without tracing, through tuples, lists and dicts."""
    if isinstance(x, Traced):
        return x.view(np.ndarray)
    if isinstance(x, tuple | list):
        return type(x)(plain(v) for v in x) if type(x) in (tuple, list) else x
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    return x


def kept(x: Any) -> Any:
    x = plain(x)
    return x.copy() if is_array(x) else x


def has_slope(x: Any) -> bool:
    return isinstance(x, np.ndarray | np.floating) and not is_dual(x) and x.dtype.kind == "f"


COMPARISONS = (np.greater, np.greater_equal, np.less, np.less_equal)


class Traced(np.ndarray[Any, Any]):
    """An array whose NumPy calls are noted on the tape under way."""

    step: int | None = None
    __array_priority__ = 1.0  # so that X.dot(traced), which no override reaches, is traced on

    def __array_finalize__(self, other: Any) -> None:
        self.step = None

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        out = options.pop("out", None)
        quiet = {k: plain(v) for k, v in options.items()}
        call = getattr(ufunc, method)

        def run(*operands: Any) -> Any:
            return call(*operands, **quiet)

        value = run(*(plain(x) for x in args))
        if isinstance(value, np.bool_) and ufunc in COMPARISONS and TAPE:
            return TAPE[-1].answer(value)
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        if isinstance(value, tuple) or not has_slope(value) or not TAPE:
            if out is not None:
                for target, part in zip(
                    out, np.atleast_1d(value) if len(out) > 1 else [value], strict=False
                ):
                    plain(target)[...] = part
                return out[0] if len(out) == 1 else out
            return value
        noted = TAPE[-1].note(name, run, list(args), value)
        if out is not None and out[0] is not None:
            target = out[0]
            plain(target)[...] = plain(noted)
            if isinstance(target, Traced):
                target.step = noted.step
            return target
        return noted

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        out = kwargs.get("out")
        if out is not None:  # as np.sum(..., out=y): rare; the values are right, the step is lost
            return func(*plain(args), **plain(kwargs))
        flat: list[Any] = []
        spots: list[Any] = []
        for i, x in enumerate(args):
            parts = x if isinstance(x, tuple | list) else [x]
            for j, part in enumerate(parts):
                if isinstance(part, np.ndarray | np.floating | float) and not isinstance(x, str):
                    flat.append(part)
                    spots.append((i, j if isinstance(x, tuple | list) else None))
        rest = plain(kwargs)

        def run(*operands: Any) -> Any:
            new: list[Any] = [list(x) if isinstance(x, tuple | list) else x for x in args]
            for (i, j), x in zip(spots, operands, strict=True):
                if j is None:
                    new[i] = x
                else:
                    new[i][j] = x
            new = [tuple(n) if isinstance(x, tuple) else n for n, x in zip(new, args, strict=True)]
            return func(*plain(new), **rest)

        value = func(*plain(args), **rest)
        if not has_slope(value) or not TAPE:
            return value
        return TAPE[-1].note(func.__name__, run, flat, value)

    def __getitem__(self, index: Any) -> Any:
        index = plain(index)
        base = plain(self)
        value = base[index]
        if not has_slope(value) or not TAPE:
            return value
        tape = TAPE[-1]
        out = tape.note("[]", lambda x: x[index], [self], value)
        return out

    def __setitem__(self, index: Any, value: Any) -> None:
        index = plain(index)
        if not TAPE:
            plain(self)[index] = plain(value)
            return

        def run(old: Any, new: Any) -> Any:
            changed = np.array(old)
            changed[index] = new
            return changed

        before = np.array(plain(self))
        traced: Any = before.view(Traced)
        traced.step = self.step
        noted = TAPE[-1].note("[]=", run, [traced, value], run(before, plain(value)))
        plain(self)[...] = plain(noted)
        self.step = noted.step

    # A number stands for a float, which is never changed in place: `total += x` makes another.
    def __iadd__(self, other: Any) -> Any:  # type: ignore[misc]
        return super().__iadd__(other) if self.ndim else self + other

    def __isub__(self, other: Any) -> Any:  # type: ignore[misc]
        return super().__isub__(other) if self.ndim else self - other

    def __imul__(self, other: Any) -> Any:  # type: ignore[misc]
        return super().__imul__(other) if self.ndim else self * other

    def __itruediv__(self, other: Any) -> Any:  # type: ignore[misc]
        return super().__itruediv__(other) if self.ndim else self / other

    def dot(self, other: Any, out: Any = None) -> Any:
        return np.dot(self, other)

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """As it is: what is traced stays in the precision it is traced in."""
        if np.dtype(dtype).kind == "f":
            return self
        return plain(self).astype(dtype, *args, **options)

    def reshape(self, *shape: Any, **options: Any) -> Any:
        size = shape[0] if len(shape) == 1 else shape
        return np.reshape(self, size, **options)

    def transpose(self, *axes: Any) -> Any:
        return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    @property
    def T(self) -> Any:
        return np.transpose(self)

    def max(self, *args: Any, **options: Any) -> Any:
        return np.max(self, *args, **options)

    def min(self, *args: Any, **options: Any) -> Any:
        return np.min(self, *args, **options)

    def sum(self, *args: Any, **options: Any) -> Any:
        return np.sum(self, *args, **options)

    def mean(self, *args: Any, **options: Any) -> Any:
        return np.mean(self, *args, **options)

    def prod(self, *args: Any, **options: Any) -> Any:
        return np.prod(self, *args, **options)

    def cumsum(self, *args: Any, **options: Any) -> Any:
        return np.cumsum(self, *args, **options)

    def clip(self, *args: Any, **options: Any) -> Any:
        return np.clip(self, *args, **options)

    def ravel(self, *args: Any, **options: Any) -> Any:
        return np.ravel(self, *args, **options)

    def flatten(self, *args: Any, **options: Any) -> Any:
        return np.ravel(self, *args, **options)

    def squeeze(self, *args: Any, **options: Any) -> Any:
        return np.squeeze(self, *args, **options)

    def swapaxes(self, *args: Any, **options: Any) -> Any:
        return np.swapaxes(self, *args, **options)

    def copy(self, *args: Any, **options: Any) -> Any:
        return np.copy(self)

    def repeat(self, *args: Any, **options: Any) -> Any:
        return np.repeat(self, *args, **options)

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:  # type: ignore[override]
        away = self - np.mean(self, axis=axis, keepdims=True)
        n = away.size / max(np.mean(away, axis=axis).size, 1)
        return np.sum(away**2, axis=axis, keepdims=keepdims) / (n - ddof)

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:  # type: ignore[override]
        return np.sqrt(self.var(axis, ddof, keepdims))


OF_MATH = {
    **{name: name for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: name for name in ("expm1", "log1p", "log2", "log10", "hypot")},
    "pow": "power", "fabs": "absolute", "atan": "arctan", "asin": "arcsin", "acos": "arccos",
}  # fmt: skip
"""Functions of the module math, and NumPy's in their place."""


@contextmanager
def traced_buffers(names: MutableMapping[str, Any]) -> Iterator[None]:
    """While f runs, np.zeros and its like give traced arrays, so that what a loop writes into
    them entry by entry is not lost, and math.exp and its like are steps as np.exp is, also where
    they were imported by name."""
    makers = {name: getattr(np, name) for name in ("zeros", "empty", "ones", "full")}

    def traced(make: Callable[..., Any]) -> Callable[..., Any]:
        def maker(*args: Any, **options: Any) -> Any:
            new = make(*args, **options)
            own = sys._getframe(1).f_code.co_filename.startswith(NUMPY)  # as np.pad's buffer
            return new.view(Traced) if has_slope(new) and not own else new

        return maker

    def of_arrays(function: Callable[..., Any], ufunc: Callable[..., Any]) -> Callable[..., Any]:
        def either(*args: Any) -> Any:
            return (ufunc if any(isinstance(x, Traced) for x in args) else function)(*args)

        return either

    ofmath = {name: getattr(math, name) for name in OF_MATH}
    known = {id(function): name for name, function in ofmath.items()}
    imported = {own: known[id(value)] for own, value in names.items() if id(value) in known}
    try:
        for name, make in makers.items():
            setattr(np, name, traced(make))
        for name, function in ofmath.items():
            setattr(math, name, of_arrays(function, getattr(np, OF_MATH[name])))
        for own, name in imported.items():
            names[own] = getattr(math, name)
        yield
    finally:
        for name, make in makers.items():
            setattr(np, name, make)
        for name, function in ofmath.items():
            setattr(math, name, function)
        for own, name in imported.items():
            names[own] = ofmath[name]


def trace_run(
    f: Callable[..., Any],
    values: list[Any],
    home: str,
    changes: dict[int, Change] | None = None,
    base: list[Step] | None = None,
    answers: dict[Place, Callable[[bool], bool]] | None = None,
    names: MutableMapping[str, Any] | None = None,
) -> tuple[Any, Tape]:
    """f on traced copies of the values; its result (not traced) and the tape. `names` are those
    that f sees around it."""
    from dualedu.doctor.torch_steps import following

    tape = Tape(home, changes, base, answers)
    TAPE.append(tape)
    try:
        with traced_buffers({} if names is None else names), following():
            inputs = [tape.note("input", np.array, [v], np.array(v)) for v in values]
            return plain(f(inputs)), tape
    finally:
        TAPE.pop()


class Trace:
    """The steps of f at a point, and f with steps changed.

    Parameters
    ----------
    f : callable
        A function of a list of arrays, with one number as result.
    values : list of ndarray
        That list.
    home : str
        The file whose lines are shown.
    names : dict, optional
        What f sees around it, where functions of math may have been imported by name.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        values: list[Any],
        home: str,
        names: MutableMapping[str, Any] | None = None,
    ):
        self.f, self.values, self.home, self.names = f, values, home, names
        value, tape = trace_run(f, values, home, names=names)
        self.value, self.steps, self.asked = float(value), tape.steps, tape.asked
        rng = np.random.default_rng(1)
        moved = [v + 1e-7 * spread(v) * rng.standard_normal(np.shape(v)) for v in values]
        _, other = trace_run(f, moved, home, names=names)
        if [s.name for s in other.steps] != [s.name for s in self.steps]:
            raise RuntimeError("f takes other steps at a point nearby")
        for a, b in zip(self.steps, other.steps, strict=True):
            # What is done around f, such as the product with a cotangent, is no step of f.
            a.varies = bool(a.site or a.name == "input") and differs(a.value, b.value)
            a.operand_varies = [differs(x, y) for x, y in zip(a.operands, b.operands, strict=True)]

        self.above: list[int] | None = None
        """For each step those that it is made of, as `upstream.above` finds them."""
        self.table: dict[tuple[int, int], Any] | None = None
        """The functions within f that act entry by entry, as `steps.segments` finds them."""
        self.standing: dict[int, Change] = {}
        self.hold_shifts()
        self.hold_largest()
        self.share_ties()

    @cached_property
    def users(self) -> dict[int, list[Step]]:
        """For each step those that have it as an operand, by number."""
        found: dict[int, list[Step]] = defaultdict(list)
        for step in self.steps:
            for p in step.parents:
                if p is not None:
                    found[p].append(step)
        return found

    @property
    def orphans(self) -> bool:
        """Whether something varies that comes from no step."""
        return any(
            varies and parent is None
            for step in self.steps
            if step.name != "input"
            for varies, parent in zip(step.operand_varies, step.parents, strict=True)
        )

    def hold_shifts(self) -> None:
        """Treat the largest entry that a softmax subtracts as the constant that it may be: it
        cancels from the value, but not if one of the steps it cancels in is changed."""
        shifts: dict[Any, list[dict[int, Change]]] = {}
        for step in self.steps:
            if step.name != "subtract" or step.operand_varies != [True, True]:
                continue
            taken = self.steps[step.parents[1] or 0]
            above = [taken, *(self.steps[p] for p in taken.parents if p is not None)]
            largest = next((s for s in above if s.name in MAXIMA), None)
            if largest is not None:
                at_once, itself = shifts.setdefault((step.site, largest.site), [{}, {}])
                at_once[step.number] = held
                itself[largest.number] = kept_still
        self.stand(shifts.values())

    def hold_largest(self) -> None:
        """The same for the largest of a list, as max(values) gives it, where it is subtracted from
        each, and added to the logarithm of the sum."""
        shifts: dict[Any, list[dict[int, Change]]] = {}
        for number, users in self.users.items():
            largest = self.steps[number]
            less = [s for s in users if s.name == "subtract" and s.parents[1] == number]
            if len(less) < 2 or not largest.varies or number in self.standing:
                continue
            gaps = np.array([np.max(s.value) for s in less])
            if np.size(largest.value) > 1 or np.any(gaps > 0) or np.all(gaps):
                continue
            frame = less[0].site[:-1]
            (way,) = shifts.setdefault(less[0].site[-1:], [{}])
            for step in users:
                if step.site[: len(frame)] == frame and step.name in ("subtract", "add"):
                    k = 1 if step.name == "subtract" else step.parents.index(number)
                    if step.parents[k] == number:
                        way[step.number] = held if k else held_first
        self.stand(shifts.values())

    def stand(self, shifts: Collection[list[dict[int, Change]]]) -> None:
        """Of each list of changes, make the first that leaves f as it is part of all runs."""
        if not shifts:
            return
        rng = np.random.default_rng(3)
        moves = [1e-6 * spread(v) * rng.standard_normal(np.shape(v)) for v in self.values]
        ahead = [v + m for v, m in zip(self.values, moves, strict=True)]
        as_it_is = self.changed(ahead, {})
        least = 1e-3 * abs(as_it_is - self.value) + 1e-12
        for ways in shifts:
            for way in ways:
                if abs(self.changed(ahead, way) - as_it_is) <= least:
                    self.standing.update(way)
                    break

    def share_ties(self) -> None:
        """Where entries tie for the largest, as zeros do that relu leaves, let them share its
        change: with a step before them changed, one of them would run ahead."""
        for step in self.steps:
            if step.name not in MAXIMA or not (step.varies and step.operand_varies[0]):
                continue
            x = np.asarray(step.operands[0])
            along = reduced(step)
            if along is None:
                continue
            ties = x == np.max(x, axis=along, keepdims=True)
            count = np.sum(ties, axis=along, keepdims=True)
            if np.all(count == 1):
                continue

            def shared(
                was: Step,
                operands: list[Any],
                value: Any,
                shares: Any = ties / count,
                along: tuple[int, ...] = along,
            ) -> Any:
                moved = np.sum(shares * (operands[0] - was.operands[0]), axis=along)
                return was.value + np.reshape(moved, np.shape(was.value))

            self.standing[step.number] = shared

    def over_shifts(self, changes: dict[int, Change]) -> dict[int, Change]:
        """Changes of steps, of which some subtract a shift: it stays the constant that it is."""

        def composed(k: int, change: Change) -> Change:
            def with_shift(was: Step, operands: list[Any], value: Any) -> Any:
                operands = list(operands)
                operands[k] = was.operands[k]
                return change(was, operands, was.run(*operands))

            return with_shift

        shifted = {held: 1, held_first: 0}
        return {
            n: composed(shifted[stands], change)
            if (stands := self.standing.get(n)) in shifted
            else change
            for n, change in changes.items()
        }

    def run(self, values: list[Any], changes: dict[int, Change]) -> tuple[Any, Tape]:
        return trace_run(self.f, values, self.home, changes, self.steps, names=self.names)

    def run_at(self, values: list[Any]) -> MutableMapping[int, Any] | None:
        """What each step gives at other values, for `replayed`; None where the steps do not show
        all that happens: a value that varies and comes from no step, or an array written over."""
        if self.orphans:
            return None
        value, tape = self.run(values, self.standing)
        if not self.steps or np.size(self.steps[-1].value) != 1:
            return None
        last = self.steps[-1].number
        again = dict(tape.now)
        for step in self.steps:
            if step.name != "input" and step.number not in self.standing:
                again[step.number] = step.run(*step.operands_in(again))
        same = np.array_equal(again[last], tape.now[last]) and float(tape.now[last]) == value
        return tape.now if same else None

    def replayed(self, start: MutableMapping[int, Any], changes: dict[int, Change]) -> float:
        """f with steps changed, where `start` has what each step gives without: only the steps
        that a change reaches are computed."""
        touched: set[int] = set()
        tape = Tape(self.home, {}, self.steps)
        now = tape.now = dict(start)
        every = {**self.standing, **changes}
        TAPE.append(tape)
        try:
            for step in self.steps[min(changes, default=len(self.steps)) :]:
                n = step.number
                reached = not touched.isdisjoint(step.parents)
                if not reached and n not in changes:
                    continue
                operands = step.operands_in(now)
                value = step.run(*operands) if reached or n in self.standing else start[n]
                now[n] = every[n](step, operands, value) if n in every else value
                touched.add(n)
            return float(tape.now[len(self.steps) - 1])
        finally:
            TAPE.pop()

    def changed(self, values: list[Any], changes: dict[int, Change]) -> float:
        """f at other values, with steps changed."""
        every = {**self.standing, **changes}
        value, _ = self.run(values, every)
        return float(value)

    def answered(self, values: list[Any], answers: dict[Place, Callable[[bool], bool]]) -> float:
        """f at other values, with other answers to some of its comparisons."""
        value, _ = trace_run(self.f, values, self.home, answers=answers, names=self.names)
        return float(value)


MAXIMA = ("max", "amax", "maximum.reduce")


def reduced(step: Step) -> tuple[int, ...] | None:
    """The axes over which a step takes the largest entries. It is asked about other numbers, for
    by chance its own may be the largest along others too."""
    x = np.random.default_rng(4).standard_normal(np.shape(step.operands[0]))
    largest = np.ravel(step.run(x, *step.operands[1:]))
    for count in range(1, x.ndim + 1):
        for axes in itertools.combinations(range(x.ndim), count):
            if np.array_equal(np.ravel(np.max(x, axis=axes)), largest):
                return axes
    return None


def held(step: Step, operands: list[Any], value: Any) -> Any:
    """The step with its second operand as it was."""
    return step.run(operands[0], step.operands[1])


def held_first(step: Step, operands: list[Any], value: Any) -> Any:
    """The step with its first operand as it was."""
    return step.run(step.operands[0], operands[1])


def kept_still(step: Step, operands: list[Any], value: Any) -> Any:
    """The step as it was, whatever comes in."""
    return step.value


def differs(a: Any, b: Any) -> bool:
    if not (has_slope(a) and has_slope(b)):
        return False
    return np.shape(a) != np.shape(b) or not np.array_equal(a, b)


def apart(a: Any, b: Any) -> Any:
    """a − b, and 0 where both are the same −∞ that a mask put there."""
    with np.errstate(invalid="ignore"):
        return np.where(np.equal(a, b), 0.0, np.subtract(a, b))


def spread(x: Any) -> float:
    """How large an array's entries are: their root mean square, 1 where all are zero."""
    size = float(np.sqrt(np.mean(np.square(x)))) if np.size(x) else 0.0
    return size if size > 0 and np.isfinite(size) else 1.0
