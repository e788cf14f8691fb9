"""An expression as a list of operations, done one after the other on dual numbers.

The rules written out here are for reading. The numbers come from the library, and the tests hold
one against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

import numpy as np

from dualedu import Dual
from dualedu.explore.kit.expressions import Expression, Step
from dualedu.explore.kit.numerals import fixed, number

MOST = 10
"""More operations than this cannot be drawn so that a phone still shows them."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
NAMES = {"pi": "π", "sqrt": "√", "sigmoid": "σ", "*": "·", "-": "−"}

Show = Callable[[float], str]


@dataclass(frozen=True)
class Part:
    """What an operation receives: a written name, its numbers, and whether it is a constant."""

    name: str
    primal: float
    tangent: float
    constant: bool


@dataclass(frozen=True)
class Line:
    """One line of the table: an input, or an operation on `parts`."""

    name: str
    operation: str
    parts: tuple[Part, ...]
    primal: float
    tangent: float

    @property
    def formula(self) -> str:
        """The operation on the names of earlier lines."""
        if self.operation == "**" and self.parts[1].constant:
            return raised(self.parts[0].name, self.parts[1].primal, brief)
        return written(self.operation, [part.name for part in self.parts])

    def primal_rule(self, show: Show) -> str:
        numbers = [bracketed(show(part.primal)) for part in self.parts]
        if self.operation == "**":
            return raised(numbers[0], self.parts[1].primal, show)
        return written(self.operation, numbers)

    def tangent_rule(self, show: Show) -> str:
        """How the tangent was made, in numbers."""
        moving = [part for part in self.parts if not part.constant]
        if not moving:
            return "0"
        if len(self.parts) == 1 or len(moving) == 1:
            return self._one(moving[0], show)
        u, v = self.parts
        a, b = bracketed(show(u.primal)), bracketed(show(v.primal))
        c, d = bracketed(show(u.tangent)), bracketed(show(v.tangent))
        match self.operation:
            case "+" | "-":
                return f"{show(u.tangent)} {NAMES.get(self.operation, '+')} {d}"
            case "*":
                return f"{show(u.tangent)} · {b} + {a} · {d}"
            case "/":
                return f"({show(u.tangent)} − {bracketed(show(self.primal))} · {d}) / {b}"
        # A power of which base and exponent both depend on inputs: its two partial slopes.
        said = f"{b} · {raised(a, v.primal - 1, show)} · {c}"
        if u.primal <= 0:  # its exponent stands still, since else the tangent is not finite
            return said
        return f"{said} + ln({show(u.primal)}) · {bracketed(show(self.primal))} · {d}"

    def _one(self, part: Part, show: Show) -> str:
        """The rule where one operand alone moves: the slope there, times its tangent."""
        u, du = show(part.primal), bracketed(show(part.tangent))
        w = bracketed(show(self.primal))
        other = next((p for p in self.parts if p is not part), None)
        first = part is self.parts[0]
        k = bracketed(show(other.primal)) if other else ""
        match self.operation:
            case "+":
                return show(part.tangent)
            case "-":
                return show(part.tangent) if first else f"−{du}"
            case "neg":
                return f"−{du}"
            case "*":
                return f"{k} · {du}"
            case "/":
                return f"{show(part.tangent)} / {k}" if first else f"−{w} / {bracketed(u)} · {du}"
            case "**":
                if first and other:
                    return f"{k} · {raised(bracketed(u), other.primal - 1, show)} · {du}"
                return f"ln({show(other.primal)}) · {w} · {du}" if other else ""
            case "sin":
                return f"cos({u}) · {du}"
            case "cos":
                return f"−sin({u}) · {du}"
            case "tan":
                return f"(1 + {w}²) · {du}"
            case "exp":
                return f"{w} · {du}"
            case "log":
                return f"{show(part.tangent)} / {bracketed(u)}"
            case "sqrt":
                return f"{show(part.tangent)} / (2 · {w})"
            case "tanh":
                return f"(1 − {w}²) · {du}"
            case "sigmoid":
                return f"{w} · (1 − {w}) · {du}"
            case "relu":
                return f"{int(part.primal > 0)} · {du}"
            case "abs":
                return f"{bracketed(show(float(np.sign(part.primal))))} · {du}"
        raise AssertionError(f"no rule is written for {self.operation}")


def written(operation: str, parts: Sequence[str]) -> str:
    """An operation as people write it."""
    if not parts:
        return operation
    name = NAMES.get(operation, operation)
    if len(parts) == 2:
        return f"{parts[0]} {name} {parts[1]}"
    if operation == "neg":
        return f"−{parts[0]}"
    if operation == "abs":
        return f"|{parts[0].strip('()')}|"
    return f"{name}({parts[0].removeprefix('(').removesuffix(')')})"


def bracketed(written: str) -> str:
    """A number within a product or a power: negative ones and powers of ten need brackets."""
    return f"({written})" if written.startswith("−") or "·" in written else written


def raised(base: str, exponent: float, show: Show) -> str:
    """A power: 2³, or 2 ** 0.5 as one types it."""
    if exponent in range(10):
        return {0: "1", 1: base}.get(int(exponent), base + "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(exponent)])
    return f"{base} ** {bracketed(show(exponent))}"


def brief(value: float) -> str:
    """As in the rule: three digits."""
    return number(value, 3)


def full(value: float) -> str:
    """As in the table: four decimals, unless the number is very large or very small."""
    return fixed(value, 4) if value == 0 or 1e-3 <= abs(value) < 1e5 else number(value, 4)


@dataclass(frozen=True)
class Trace:
    """`expression`, a function of x and y, with `step` of its operations done.

    seed: the input whose tangent is 1, "x" or "y"; the other's is 0.
    Raises ValueError for an expression without operations or with more than MOST, for a step
    beyond the last, and where a line has no finite primal or tangent.
    """

    expression: Expression
    x: float
    y: float
    seed: str
    step: int

    def __post_init__(self) -> None:
        text, last = self.expression.text, self.last
        if not last:
            raise ValueError(f"“{text}” has no operation to step through: try x * sin(x).")
        if last > MOST:
            raise ValueError(
                f"“{text}” has {last} operations; {MOST} are the most that can be drawn here."
            )
        if not 0 <= self.step <= last:
            raise ValueError(f"There is no step {self.step}: the last operation is step {last}.")
        for line in self.lines:
            for part, value in (("value", line.primal), ("tangent", line.tangent)):
                if not isfinite(value):
                    at = " and ".join(f"{k} = {number(v, 6)}" for k, v in self.used.items())
                    told = f"{line.name} = {line.formula} has no finite {part}"
                    raise ValueError(f"“{text}”: {told} at {at}." if at else f"“{text}”: {told}.")

    @property
    def last(self) -> int:
        """How many operations there are."""
        return sum(step.compute is not None for step in self.expression.steps)

    @property
    def used(self) -> dict[str, float]:
        """The inputs that the expression names."""
        names = {step.name for step in self.expression.steps if is_input(step)}
        return {k: v for k, v in (("x", self.x), ("y", self.y)) if k in names}

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The inputs, then the operations in their order. A constant is no line of its own."""
        steps = self.expression.steps
        # The input that is not seeded is a plain number: nothing moves it.
        inputs = {
            k: Dual(v, 1.0) if k == self.seed else np.float64(v) for k, v in self.used.items()
        }
        values = [halves(value) for value in self.expression.trace(**inputs)]
        parts: dict[int, Part] = {}
        lines: list[Line] = []
        inputs_first = sorted(
            range(len(steps)),
            key=lambda i: (not is_input(steps[i]), is_input(steps[i]) and steps[i].name),
        )
        done = 0
        for i in inputs_first:
            step, (primal, tangent) = steps[i], values[i]
            if step.value is not None:
                name = NAMES.get(step.name, step.name if step.name == "e" else brief(primal))
                parts[i] = Part(bracketed(name), primal, 0.0, True)
                continue
            done += step.compute is not None
            name = step.name if is_input(step) else f"v{str(done).translate(SUBSCRIPTS)}"
            operands = tuple(parts[k] for k in step.operands)
            parts[i] = Part(name, primal, tangent, False)
            lines.append(Line(name, step.name, operands, primal, tangent))
        return tuple(lines)

    @property
    def current(self) -> Line | None:
        """The line of the present step; none at the start, where only inputs have numbers."""
        return self.lines[len(self.used) + self.step - 1] if self.step else None

    def filled(self, line: Line) -> bool:
        return self.lines.index(line) < len(self.used) + self.step

    @property
    def kink(self) -> Line | None:
        """A line whose tangent is a convention, since its function has a kink there."""
        for line in self.lines:
            if line.operation in ("abs", "relu"):
                part = line.parts[0]
                if part.primal == 0 and part.tangent:
                    return line
        return None

    def difference(self) -> tuple[float, float]:
        """The central difference of the whole expression, and how far rounding can blur it."""
        at = {"x": self.x, "y": self.y}
        h = 1e-5 * max(1.0, abs(at[self.seed]))
        low, high = (
            float(self.expression(**at | {self.seed: np.float64(at[self.seed] + s)}))
            for s in (-h, h)
        )
        largest = max(abs(line.primal) for line in self.lines)
        return (high - low) / (2 * h), 4 * float(np.finfo(float).eps) * largest / h

    def words(self) -> str:
        if not self.step:
            return self._start()
        line = self.current
        assert line is not None
        rule, tangent = line.tangent_rule(brief), brief(line.tangent)
        made = tangent if rule == tangent else f"{rule} = {tangent}"
        said = (
            f"Step {self.step} of {self.last}: {line.name} = {line.formula}. "
            f"Its primal is {full(line.primal)}, its tangent {made}"
        )
        if all(part.constant for part in line.parts):
            said += ", as there is no input in it."
        else:
            said += ", from numbers that stand above it."
        return said if self.step < self.last else f"{said} {self._end()}"

    def _start(self) -> str:
        given = " and ".join(
            f"{k} = {number(v, 6)} with the tangent {int(k == self.seed)}"
            for k, v in self.used.items()
        )
        count = f"{self.last} operation{'s' * (self.last > 1)}"
        said = f"{self.expression.text} at {given}: " if given else f"{self.expression.text}: "
        said += f"{count} to do, each with numbers alone. Predict the first, then go forward."
        if self.seed not in self.used:
            said += f" The seed is on {self.seed}, which does not occur: every tangent will be 0."
        return said

    def _end(self) -> str:
        """What came out, held against a central difference."""
        tangent = self.lines[-1].tangent
        slope = f"This is the slope along {self.seed}: no formula was derived, and no step taken."
        if self.seed not in self.used:
            return f"{self.seed} does not occur, so the slope along {self.seed} is 0."
        if self.kink:
            return (
                f"But {self.kink.formula} has a kink at 0 and no slope there: "
                "its tangent is 0 by convention."
            )
        difference, blur = self.difference()
        fine = 1e-4 * max(1.0, abs(tangent))
        if not isfinite(difference):
            return f"{slope} A central difference has no value here: it would leave the domain."
        if abs(difference - tangent) <= fine:
            return f"{slope} A central difference agrees within {number(fine, 1)}."
        if abs(difference - tangent) <= blur:
            return f"{slope} A central difference is lost here: rounding drowns it."
        return (
            f"{slope} A central difference does not agree: the curve bends or breaks off "
            "within its step."
        )


def halves(value: object) -> tuple[float, float]:
    """Primal and tangent of what a line gave, which may be a plain number."""
    if isinstance(value, Dual):
        return float(value.primal), float(value.tangent)
    return float(value), 0.0  # type: ignore[arg-type]


def is_input(step: Step) -> bool:
    return step.compute is None and step.value is None
