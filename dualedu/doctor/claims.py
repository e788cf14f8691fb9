"""What a stranger brings: a function, a place, and what is claimed to be its derivative there.

Whatever is claimed (a gradient, a Jacobian, a jvp, a vjp, an update) is read as one thing: for a
cotangent u, the gradient of ⟨u, f⟩ for each array. For a loss, u is 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dualedu.core.dual import Dual
from dualedu.doctor import structure
from dualedu.doctor.structure import Leaf, numbers, replaced, restored, walk
from dualedu.doctor.tracing import Traced

KINDS = ("gradient", "jacobian", "jvp", "vjp", "update")
MANY = 1024
"""A jvp is read column by column up to so many entries."""


class Problem:
    """f at a place, and a claim about its derivative.

    Raises
    ------
    TypeError
        f returns no number, nothing can be differentiated, or the claim fits nowhere.
    ValueError
        The kind does not exist, or has to be said.
    """

    def __init__(
        self, f: Any, claimed: Any, at: Any, kind: str | None, wrt: Any, learning_rate: float | None
    ):
        if kind is not None and kind not in KINDS:
            raise ValueError(f"kind is {kind!r}; it can be {', '.join(map(repr, KINDS))}")
        if not callable(f):
            raise TypeError(f"f is {f!r}; it must be a function: examine(f, claimed, at)")
        if learning_rate is not None and not learning_rate > 0:
            raise ValueError(f"learning_rate is {learning_rate!r}; it must be positive")
        self.f, self.claimed, self.learning_rate = f, claimed, learning_rate
        self.arguments = structure.as_arguments(f, at)
        structure.check_call(f, self.arguments, "at= must be a tuple with f's arguments: f gets")
        self.all_leaves = structure.leaves(f, self.arguments)
        if not self.all_leaves:
            raise TypeError(
                "no argument holds floats, so there is nothing to differentiate; "
                "integers need a point: 2.0, or x.astype(float)"
            )
        self.leaves = self.all_leaves
        self.wide = True
        self.notes: list[str] = []
        self.claim_digits = 8
        """Bytes of the narrowest number that the claim answers with."""
        start = [np.asarray(numbers(leaf.given), np.float64) for leaf in self.all_leaves]
        self.full_start = start
        self.out = self.settle(start)
        self.scalar = self.out.size == 1
        self.kind = kind or self.guess_kind()
        if kind == "gradient" and not self.scalar:
            raise ValueError(
                f"f returns an array of shape {self.out.shape}, which has no gradient; sum it, or "
                "say kind='jacobian', 'jvp' or 'vjp'"
            )
        if wrt is not None:
            wrt = self.checked(wrt)
        self.choose(wrt)

    def checked(self, wrt: Any) -> tuple[int, ...]:
        """The numbers of arguments that the claim is said to be about."""
        n = len(self.arguments)
        chosen = tuple(wrt) if isinstance(wrt, tuple | list | range) else (wrt,)
        if not all(isinstance(k, int | np.integer) and 0 <= k < n for k in chosen):
            among = "which can only be 0" if n == 1 else f"0 to {n - 1}"
            raise ValueError(f"wrt is {wrt!r}; it takes numbers of the arguments of f, {among}")
        return chosen

    # --- f -------------------------------------------------------------------------------------

    def settle(self, start: list[Any]) -> Any:
        """f's result at the start, in float64 if f takes that."""
        try:
            return self.value(start)
        except Exception:
            self.wide = False
            return self.value(start)

    def build(self, values: Sequence[Any], leaves: Sequence[Leaf] | None = None) -> tuple[Any, ...]:
        new = {}
        for leaf, value in zip(leaves or self.leaves, values, strict=True):
            foreign = type(leaf.given).__module__.partition(".")[0] == "torch"
            special = isinstance(value, Dual) or (isinstance(value, Traced) and not foreign)
            new[leaf.path] = value if special else restored(value, leaf.given, self.wide)
        made: tuple[Any, ...] = replaced(self.arguments, new)
        return made

    def raw(self, values: Sequence[Any], f: Any = None) -> Any:
        leaves = self.leaves if len(values) == len(self.leaves) else self.all_leaves
        out = (f or self.f)(*self.build(values, leaves))
        while isinstance(out, tuple | list) and len(out):
            out = out[0]
        return out

    def value(self, values: Sequence[Any], f: Any = None) -> Any:
        with np.errstate(all="ignore"):
            out = numbers(raw := self.raw(values, f))
        if raw is None:
            raise TypeError("f returns None; it must return a number: is there a return in it?")
        if out.dtype.kind not in "fiub":
            raise TypeError(
                f"f returns an array of {out.dtype}; it must return a number or an array of floats"
            )
        return np.asarray(out, np.float64) if out.dtype.kind != "f" else out

    def phi(self, u: Any, f: Any = None) -> Any:
        """⟨u, f⟩ as a function of the list of values: floats, traced arrays or one dual."""

        def run(values: Sequence[Any]) -> Any:
            with np.errstate(all="ignore"):
                try:
                    out = self.raw(values, f)
                except (ArithmeticError, ValueError):  # as of floats, where NumPy gives ∞ or NaN
                    if any(isinstance(x, Dual | Traced) for x in values):
                        raise
                    return np.float64(np.nan)
                out = out if isinstance(out, Dual | Traced) else numbers(out)
                if isinstance(out, Dual | Traced):
                    return np.sum(u * out)
                return np.sum(u * np.asarray(out, np.float64))

        return run

    # --- the claim -----------------------------------------------------------------------------

    def guess_kind(self) -> str:
        if not callable(self.claimed):
            return "gradient" if self.scalar else "jacobian"
        names = structure.parameters(self.claimed)
        if names is not None and len(names) == len(self.arguments) + 1:
            raise ValueError(
                f"the claim takes {len(names)} arguments, f takes {len(self.arguments)}: say what "
                "it is, kind='jvp' for (x, v) → tangent or kind='vjp' for (x, ḡ) → gradient"
            )
        return "gradient" if self.scalar else "jacobian"

    def choose(self, wrt: Any) -> None:
        """Find out which arguments the claim is about."""
        u = np.ones(self.out.shape)
        n = len(self.arguments)
        if self.kind == "jvp":
            chosen = range(n) if wrt is None else wrt
            self.leaves = [x for x in self.all_leaves if x.path[0] in chosen]
            return
        answer = self.unpacked(self.call(self.full_start, u))
        if wrt is not None:
            options = [wrt]
        else:
            k = len(answer) if isinstance(answer, tuple | list) else 1
            options = [tuple(range(n)), (0,), tuple(range(min(k, n))), *((i,) for i in range(1, n))]
        fits: list[tuple[int, list[Leaf]]] = []
        for option in options:
            chosen_leaves = [x for x in self.all_leaves if x.path[0] in option]
            found = chosen_leaves and aligned(answer, chosen_leaves, len(option) == 1)
            if found:
                wrong = sum(
                    part is not None and not self.fits(numbers(part), numbers(x.given).shape)
                    for part, x in zip(found, chosen_leaves, strict=True)
                )
                fits.append((wrong, chosen_leaves))
        if not fits:
            held = ", ".join(f"{x.name} {numbers(x.given).shape}" for x in self.all_leaves)
            several = len(self.all_leaves) > 1 and all(len(x.path) > 1 for x in self.all_leaves)
            lonely = several and all(np.ndim(numbers(x.given)) == 0 for x in self.all_leaves)
            raise TypeError(
                f"the claim returns {described(answer)}, and the arguments of f hold {held}; "
                + (
                    "each number of a list counts by itself: for a vector give np.array(…)"
                    if lonely
                    else "say with wrt= which arguments it is about"
                )
            )
        self.leaves = min(fits, key=lambda fit: fit[0])[1]

    def fits(self, part: Any, shape: tuple[int, ...]) -> bool:
        full = self.out.shape + shape if self.kind == "jacobian" else shape
        return bool(part.shape == full)

    def start(self) -> list[Any]:
        return [np.asarray(numbers(leaf.given), np.float64) for leaf in self.leaves]

    def call(self, values: Sequence[Any], extra: Any = None, wide: bool | None = None) -> Any:
        """The claim's answer. f runs first, on the same values, for claims that use its cache."""
        if not callable(self.claimed):
            return self.claimed
        before, self.wide = self.wide, self.wide if wide is None else wide
        leaves = self.leaves if len(values) == len(self.leaves) else self.all_leaves
        try:
            with np.errstate(all="ignore"):
                self.f(*self.build(values, leaves))
                arguments = self.build(values, leaves)
                names = structure.parameters(self.claimed)
                if self.kind == "vjp":
                    u = self.like_output(extra)
                    if names is not None and len(names) == 2 and len(arguments) != 1:
                        return self.ask(arguments, u)
                    return self.ask(*arguments, u)
                if self.kind == "jvp":
                    if len(arguments) == 1:
                        return self.ask(arguments[0], extra[0])
                    if names is not None and len(names) == 2:
                        return self.ask(arguments, tuple(extra))
                    return self.ask(*arguments, *extra)
                if names is not None and len(names) == 1 and len(arguments) > 1:
                    return self.ask(arguments)
                return self.ask(*arguments)
        finally:
            self.wide = before

    def ask(self, *arguments: Any) -> Any:
        try:
            return self.claimed(*arguments)
        except TypeError:  # it may be that it does not take these arguments
            words = f"the claim, as kind={self.kind!r}, gets"
            structure.check_call(self.claimed, arguments, words)
            raise

    def like_output(self, u: Any) -> Any:
        given = self.all_leaves[0].given
        return restored(np.reshape(u, self.out.shape), given, self.wide)

    def unpacked(self, answer: Any) -> Any:
        """Without the value, where the claim returns (value, gradient)."""
        if isinstance(answer, tuple) and len(answer) == 2 and self.kind in ("gradient", "update"):
            first = answer[0]
            many = first is None or isinstance(first, tuple | list | dict)
            lonely = not many and np.size(numbers(first)) == 1
            shapes = [numbers(x.given).shape for x in self.all_leaves]
            scalar_parameters = shapes[:1] == [()] and not isinstance(
                answer[1], tuple | list | dict
            )
            if lonely and not scalar_parameters:
                return answer[1]
        return answer

    def claimed_value(self, values: Sequence[Any]) -> float | None:
        """The value that a claim of the form (value, gradient) gives."""
        answer = self.call(values, np.ones(self.out.shape))
        inner = self.unpacked(answer)
        return None if inner is answer else float(numbers(answer[0]))

    def gradients(self, values: Sequence[Any], u: Any, wide: bool | None = None) -> list[Any]:
        """What the claim says is the gradient of ⟨u, f⟩: for each leaf an array as it came, or
        None where it gives none."""
        if self.kind == "jvp":
            return self.columns(values, u)
        answer = aligned(
            self.unpacked(self.call(values, u, wide)),
            self.leaves,
            len({leaf.path[0] for leaf in self.leaves}) == 1,
        )
        if answer is None:
            raise TypeError("the claim returns another structure at another place")
        parts = [None if a is None else real(numbers(a)) for a in answer]
        if self.kind == "jacobian":
            return [
                None if p is None else contracted(u, p, self.out.shape, v.shape)
                for p, v in zip(parts, values, strict=True)
            ]
        if self.kind == "update":
            rate = self.learning_rate or 1.0
            return [
                None if p is None else (v - p) / rate for p, v in zip(parts, values, strict=True)
            ]
        if self.scalar and self.kind == "gradient":
            factor = float(np.sum(u))
            return [None if p is None else factor * p for p in parts]
        return parts

    def columns(self, values: Sequence[Any], u: Any) -> list[Any]:
        """The gradient of ⟨u, f⟩ from a claimed jvp, one unit direction after the other."""
        total = sum(v.size for v in values)
        if total > MANY:
            raise ValueError(
                f"a jvp of {total} numbers would be asked {total} times; examine it at a place "
                f"with at most {MANY}"
            )
        found = []
        for i, value in enumerate(values):
            g = np.zeros(value.shape)
            for index in np.ndindex(value.shape):
                unit = np.zeros(value.shape)
                unit[index] = 1.0
                g[index] = np.sum(u * self.pushed(values, i, unit))
            found.append(g)
        return found

    def pushed(self, values: Sequence[Any], leaf: int, v: Any) -> Any:
        """The claimed tangent along a direction of one leaf."""
        zeros = [np.zeros(x.shape) for x in values]
        zeros[leaf] = v
        tangents = replaced(
            self.arguments,
            {
                x.path: restored(t, x.given, self.wide)
                for x, t in zip(self.leaves, zeros, strict=True)
            },
        )
        answer = self.call(values, tangents)
        if isinstance(answer, tuple | list) and len(answer) == 2:
            answer = answer[1]  # (value, tangent), as jvp gives it
        return np.broadcast_to(real(numbers(answer)), self.out.shape)


def real(x: Any) -> Any:
    if x.dtype.kind not in "fiub":
        raise TypeError(f"the claim returns an array of {x.dtype}; it must return arrays of floats")
    return np.asarray(x, np.float64)


def contracted(u: Any, p: Any, out: tuple[int, ...], inner: tuple[int, ...]) -> Any:
    if p.shape != out + inner and p.size == int(np.prod(out + inner)):
        p = p.reshape(out + inner)
    if p.shape != out + inner:
        words = (
            f"the claimed Jacobian has shape {p.shape}; f's result {out} and its argument {inner} "
            f"make it {out + inner}"
        )
        if p.shape == () and out == inner:
            words += "; are f and its gradient exchanged?"
        if p.shape == out == inner:
            words += "; if it holds the slope of each entry, give np.diag of it, or sum f"
        raise TypeError(words)
    return np.tensordot(u, p, len(out))


def aligned(answer: Any, leaves: Sequence[Leaf], single: bool) -> list[Any] | None:
    """The answer's arrays in the order of the leaves, or None if its structure is another."""
    if isinstance(answer, dict):
        by_name = {tidy(str(k)): v for k, v in answer.items() if not isinstance(k, int)}
        if all(tidy(leaf.name) in by_name for leaf in leaves):
            return [by_name[tidy(leaf.name)] for leaf in leaves]
        if all(tidy(str(leaf.path[-1])) in by_name for leaf in leaves):
            return [by_name[tidy(str(leaf.path[-1]))] for leaf in leaves]
    for tree in (answer, gathered(answer)):
        entries = [value for _, value in walk(tree)]
        if len(entries) == len(leaves):
            return entries
    return None


def gathered(tree: Any) -> Any:
    """With lists of numbers, and lists of such lists, as arrays."""
    if isinstance(tree, dict):
        return {k: gathered(v) for k, v in tree.items()}
    if isinstance(tree, list):
        if all(isinstance(v, int | float | np.number | np.ndarray) for _, v in walk(tree)):
            try:
                return np.array(tree, np.float64)
            except ValueError:  # of different lengths
                pass
        return [gathered(v) for v in tree]
    return tuple(map(gathered, tree)) if type(tree) is tuple else tree


def tidy(name: str) -> str:
    """A key such as dW1, grad_W1 or d_W1 as W1."""
    for head in ("grad_", "dL_d", "d_", "g_", "d"):
        if name.startswith(head) and len(name) > len(head):
            return name[len(head) :]
    return name


def described(answer: Any) -> str:
    entries = [value for _, value in walk(answer)]
    if len(entries) == 1 and entries[0] is not None:
        return f"an array of shape {np.shape(numbers(entries[0]))}"
    return f"{len(entries)} arrays"
