"""Code that was pasted or dropped: its cells, the names it defines, and which of them is what."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

MARK = re.compile(r"^# ?%%.*$", re.M)
MAGIC = re.compile(r"^(\s*)(?:[%!?](?!=).*|[\w.]+\?{1,2}[ \t]*)$", re.M)
FOREIGN = re.compile(r"\A\s*%%(?!(?:time|timeit|capture|prun|python3?)\b)")
"""A cell in another language, or for a file."""
BOM = "\ufeff"  # some editors begin a file with it
GRADIENTS = ("grad", "back", "vjp", "jvp", "jac", "deriv", "slope", "update", "step")
LOSSES = ("loss", "cost", "objective", "likelihood", "nll", "energy", "risk", "error")
PLACES = ("at", "start", "params", "parameters", "weights", "theta", "w0", "x0", "w", "x", "p")


def opened(name: str, text: str) -> str:
    """The code of a file: of a notebook its cells, one after the other, each behind a mark.

    Raises ValueError with a sentence where there is none.
    """
    text = text.removeprefix(BOM)
    if not name.endswith(".ipynb"):
        return text
    try:
        notebook = json.loads(text)
        cells = notebook.get("cells") or notebook["worksheets"][0]["cells"]
        sources = [
            "".join(cell.get("source", cell.get("input", "")))
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(f"{name} cannot be read as a notebook: save it once more.") from None
    sources = [source.strip("\n") for source in sources if source.strip()]
    if not sources:
        raise ValueError(f"{name} has no cell of code.")
    return "\n\n".join(f"# %% cell {k}\n{source}" for k, source in enumerate(sources, 1)) + "\n"


def cells(code: str) -> list[str]:
    """The parts between marks. What only a notebook understands (%matplotlib, !pip, w?, cells of
    %%bash) is left out, and the numbers of lines stay."""
    code = code.removeprefix(BOM)
    ends = [0, *(m.end() + 1 for m in MARK.finditer(code)), len(code) + 1]
    parts = [code[a : b - 1] for a, b in pairwise(ends)]
    parts = [MARK.sub("", part) for part in parts]
    parts = [re.sub(".+", "pass", part) if FOREIGN.match(part) else part for part in parts]
    return [MAGIC.sub(r"\1pass", part) for part in parts if part.strip()]


@dataclass(frozen=True)
class Names:
    """What code defines at its outermost level, in order.

    functions: name → names of its parameters; values: other names; unread: why a cell cannot be
    read, a sentence each.
    """

    functions: dict[str, tuple[str, ...]]
    values: tuple[str, ...]
    unread: tuple[str, ...]


@lru_cache(maxsize=4)
def names(code: str) -> Names:
    """What the code defines. A widget asks several times for each picture."""
    functions: dict[str, tuple[str, ...]] = {}
    values: list[str] = []
    unread: list[str] = []
    parts = cells(code)
    for k, part in enumerate(parts, 1):
        try:
            body = ast.parse(part).body
        except (SyntaxError, ValueError) as error:
            where = f"Cell {k}, line" if len(parts) > 1 else "Line"
            line = getattr(error, "lineno", None) or 1
            unread.append(f"{where} {line} is no Python: {getattr(error, 'msg', error)}.")
            continue
        for name, parameters in defined(body):
            if parameters is None:
                values.append(name)
            else:
                functions[name] = parameters
    return Names(functions, tuple(dict.fromkeys(values)), tuple(unread))


def defined(body: Iterable[ast.stmt]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """Each name with its parameters, or None if it is no function."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name, taken(statement.args)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name) and isinstance(statement.value, ast.Lambda):
                    yield target.id, taken(statement.value.args)
                else:
                    yield from ((n.id, None) for n in ast.walk(target) if isinstance(n, ast.Name))
        elif isinstance(statement, ast.If | ast.With | ast.Try | ast.For | ast.While):
            yield from defined(statement.body)


def taken(arguments: ast.arguments) -> tuple[str, ...]:
    every = [*arguments.posonlyargs, *arguments.args]
    needed = len(every) - len(arguments.defaults)
    return tuple(a.arg for a in every[:needed])


def guessed(found: Names) -> tuple[str, str, str]:
    """Which function is probably f, which the claim, and where: names, or empty."""
    functions = list(found.functions)
    claims = [name for name in functions if any(word in name.lower() for word in GRADIENTS)]
    others = [name for name in functions if name not in claims]
    losses = [n for n in others if any(word in n.lower() for word in LOSSES)]
    f = ([n for n in others if n == "f"] + losses[-1:] + others[-1:] + functions[:1] + [""])[0]
    takes = found.functions.get(f, ())
    alike = [n for n in claims if found.functions[n] == takes] + claims
    claim = (alike + [n for n in functions if n != f] + [""])[0]
    return f, claim, place(found, takes)


def place(found: Names, parameters: tuple[str, ...]) -> str:
    """An expression for the arguments: the parameters' own names, or a usual one for all."""
    if parameters and all(name in found.values for name in parameters):
        return parameters[0] if len(parameters) == 1 else f"({', '.join(parameters)})"
    return next((name for name in PLACES if name in found.values), "")
