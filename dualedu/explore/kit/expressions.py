"""Expressions that a reader types, taken apart into steps. Nothing is ever given to `eval`.

>>> f = parse("x * sin(x)")
>>> float(f(x=0.5))
0.2397127693021015
>>> [step.name for step in f.steps]
['x', 'sin', '*']
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualedu import nn

CONSTANTS = {"pi": np.pi, "e": np.e}

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sigmoid": nn.sigmoid,
    "relu": nn.relu,
    "abs": np.abs,
}

OPERATORS: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", np.add),
    ast.Sub: ("-", np.subtract),
    ast.Mult: ("*", np.multiply),
    ast.Div: ("/", np.divide),
    ast.Pow: ("**", np.power),
}

LONGEST, MOST_STEPS = 120, 40


class ExpressionError(ValueError):
    """An expression that cannot be used; the message says why and what can."""


@dataclass(frozen=True)
class Step:
    """One line of a computation: an input, a constant, or an operation on earlier lines.

    name: the input's name, the constant as written, or "sin", "*", "neg" …
    operands: the numbers of the steps it takes, counted from 0.
    value: the constant's value. compute: the operation.
    """

    name: str
    operands: tuple[int, ...] = ()
    value: Any = None
    compute: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Expression:
    """The text as typed, the inputs it may use, and its steps in the order of their computation."""

    text: str
    variables: tuple[str, ...]
    steps: tuple[Step, ...]

    def trace(self, **inputs: Any) -> list[Any]:
        """The value of every step. An input may be a number, an array or a `Dual`."""
        values: list[Any] = []
        # Where a value leaves a function's domain it is NaN or infinite, and whoever asked sees it.
        with np.errstate(all="ignore"):
            for step in self.steps:
                if step.compute is not None:
                    values.append(step.compute(*(values[i] for i in step.operands)))
                else:
                    values.append(inputs[step.name] if step.value is None else step.value)
        return values

    def __call__(self, **inputs: Any) -> Any:
        return self.trace(**inputs)[-1]


def parse(text: str, variables: Sequence[str] = ("x",)) -> Expression:
    """The expression in `text`, over the inputs named in `variables`.

    Raises ExpressionError for anything but numbers, the inputs, pi, e, + - * / **, parentheses
    and the functions of FUNCTIONS.
    """
    text = text.strip()
    if not text:
        raise ExpressionError(f"There is no expression: type one, such as {variables[0]}**2.")
    if len(text) > LONGEST:
        raise ExpressionError(f"The expression has {len(text)} letters; {LONGEST} are the most.")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        hint = f"multiplication is written 2*{variables[0]}, and every ( needs its )"
        raise ExpressionError(f"“{text}” cannot be read: {hint}.") from None
    reader = Reader(text, tuple(variables))
    reader.read(tree)
    return Expression(text, tuple(variables), tuple(reader.steps))


class Reader:
    """Walks over the tree that Python's own parser made, and takes only what it knows."""

    def __init__(self, text: str, variables: tuple[str, ...]) -> None:
        self.text, self.variables = text, variables
        self.steps: list[Step] = []

    def read(self, node: ast.expr) -> int:
        """Append the steps of `node`; returns the number of the last."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self.append(Step(self.source(node), value=np.float64(value)))
            case ast.Name(id=name) if name in self.variables:
                return self.input(name)
            case ast.Name(id=name) if name in CONSTANTS:
                return self.append(Step(name, value=np.float64(CONSTANTS[name])))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.append(Step("neg", (self.read(operand),), compute=np.negative))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
                symbol, compute = OPERATORS[type(operator)]
                operands = self.read(left), self.read(right)
                return self.append(Step(symbol, operands, compute=compute))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if (
                name in FUNCTIONS
            ):
                return self.append(Step(name, (self.read(argument),), compute=FUNCTIONS[name]))
        raise ExpressionError(self.complaint(node))

    def input(self, name: str) -> int:
        """An input is one step, however often the expression names it."""
        known = [i for i, step in enumerate(self.steps) if step == Step(name)]
        return known[0] if known else self.append(Step(name))

    def append(self, step: Step) -> int:
        if len(self.steps) == MOST_STEPS:
            raise ExpressionError(f"The expression takes more than {MOST_STEPS} steps.")
        self.steps.append(step)
        return len(self.steps) - 1

    def source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or ast.unparse(node)

    def complaint(self, node: ast.expr) -> str:
        inputs = " and ".join(self.variables)
        match node:
            case ast.BinOp(op=ast.BitXor()):
                return f"“{self.source(node)}”: a power is written **, not ^."
            case ast.Name(id=name) if name in FUNCTIONS:
                return f"“{name}” needs its argument in parentheses: {name}({self.variables[0]})."
            case ast.Name(id=name):
                return f"“{name}” is not known: the inputs are {inputs}, the constants pi and e."
            case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
                return f"“{self.source(node)}”: {name} takes one argument."
            case ast.Call(func=ast.Name(id=name)):
                return f"“{name}” is not among the functions: {', '.join(FUNCTIONS)}."
        known = f"numbers, {inputs}, + - * / **, parentheses and {', '.join(FUNCTIONS)}"
        return f"“{self.source(node)}” cannot be used here: there are {known}."
