"""Every numeral in a chapter's prose, and where it comes from.

    numerals.py             each numeral of the chapters without a source, and the coverage
    numerals.py PATH...     only these notebooks

A numeral in the text of a Markdown cell or in a figure's caption is covered if, rounded as it is
written, it agrees with

- a number in an output further up, or in a file of results that the page reads;
- a number in the page's code, in a displayed formula, or in the statement of its exercise;
- an entry of the cell's own list, its metadata `given`: {"58": "577 / 10"}. An entry made of
  numbers is computed and must round to the numeral; one that names a file of results, such as
  "patient.json", must hold such a number; one in words says what the numeral is: a year, a
  definition, a figure of a work that is cited.

Not looked at: single digits inside formulas, numbers in words, names such as float64, code,
links, alternative texts, and the answers that a question offers.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import operator
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

BOOK = Path(__file__).resolve().parents[2]

FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
DISPLAY = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)
DIRECTIVE = re.compile(r"^:::+\{(\w[\w-]*)\}[^\n]*$|^:::+$", re.MULTILINE)
NOISE = [
    re.compile(r"^:[\w-]+:.*$", re.MULTILINE),  # options of directives
    re.compile(r"\{[\w:-]+\}`[^`]*`"),  # roles
    re.compile(r"`[^`\n]*`"),  # code
    re.compile(r"\]\([^)]*\)"),  # the targets of links
    re.compile(r"<[^>\n]*>"),  # HTML
    re.compile(r"^\(.*\)=$", re.MULTILINE),  # labels
    re.compile(r"\\label\{[^}]*\}"),
]
INLINE = re.compile(r"\$([^$\n]+)\$")
POWER = re.compile(
    r"(?:(?<![\d.,])(\d+(?:\.\d+)?)\s*\\cdot\s*)?(?<![\d.,])10\^(?:\{(-?\d+)\}|(\d))"
)
PLAIN = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w])(\s*(?:\\?%|percent|points))?"
)
PRINTED = re.compile(r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?(?:e([-+]?\d+))?", re.IGNORECASE)
SCRIPTS = re.compile(r"[_^](?:\{[^{}]*\}|\\?\w)")
FRACTION = re.compile(r"\\[td]?frac(?:\{(\d+)\}\{(\d+)\}|(\d)(\d))")
READS = re.compile(r"[\w/.]*?([\w-]+)\.json")

ARITHMETIC: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
FUNCTIONS = {"sqrt": math.sqrt, "log": math.log, "exp": math.exp, "sin": math.sin}
FUNCTIONS |= {"acos": math.acos, "degrees": math.degrees}


@dataclass(frozen=True)
class Numeral:
    """A number as the prose writes it."""

    written: str
    value: float
    unit: float
    """Of its last significant digit: what it was rounded to."""
    percent: bool = False

    def is_rounded(self, number: float) -> bool:
        """Whether `number`, or a hundred times it for a percentage, rounds to this numeral."""
        factors = (1, 100) if self.percent else (1,)
        slack = self.unit * (0.5 + 1e-9)
        return any(abs(abs(number) * f - self.value) <= slack for f in factors)


def numerals(text: str, formula: bool = False) -> Iterator[Numeral]:
    """The numerals of a line of prose without its markup; in a formula, those of several digits."""
    for match in POWER.finditer(text):
        factor, exponent = match[1] or "1", int(match[2] or match[3])
        digits = len(factor.partition(".")[2])
        yield Numeral(match[0], float(factor) * 10.0**exponent, 10.0 ** (exponent - digits))
    text = POWER.sub(" ", text)
    if formula:
        text = SCRIPTS.sub(" ", FRACTION.sub(" ", text))
    for match in PLAIN.finditer(text):
        whole, decimals = match[1].replace(",", ""), match[2] or ""
        if formula and len(whole) == 1 and not decimals:
            continue
        value = float(whole + decimals)
        if decimals:
            unit = 10.0 ** (1 - len(decimals))
        else:
            unit = 10.0 ** (len(whole) - len(whole.rstrip("0"))) if value else 1.0
        yield Numeral(match[1] + decimals, value, unit, bool(match[3]))


def prose(text: str) -> Iterator[Numeral]:
    """The numerals of Markdown, in running text and in formulas within a line."""
    for pattern in [FENCE, DISPLAY, DIRECTIVE, *NOISE]:
        text = pattern.sub(" ", text)
    text = text.replace("{,}", ",")
    text = re.sub(r"(?<=\d)\\,(?=\d{3})", ",", text)
    for formula in INLINE.findall(text):
        yield from numerals(formula, formula=True)
    yield from numerals(INLINE.sub(" ", text))


def printed(text: str) -> Iterator[float]:
    """All numbers in an output, in code or in a displayed formula."""
    for match in PRINTED.finditer(text.replace("{,}", ",").replace("_", "")):
        yield float(match[1].replace(",", "") + (match[2] or "")) * 10.0 ** int(match[3] or 0)
    for match in POWER.finditer(text):
        yield float(match[1] or 1) * 10.0 ** int(match[2] or match[3])


def compute(expression: str) -> float | None:
    """The value of an expression of numbers alone; None if it is words."""

    def value(node: ast.AST) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                return float(ARITHMETIC[type(op)](value(left), value(right)))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in ARITHMETIC:
                return float(ARITHMETIC[type(op)](value(operand)))
            case ast.Call(func=ast.Name(id=name), args=[of]) if name in FUNCTIONS:
                return float(FUNCTIONS[name](value(of)))
        raise ValueError(node)

    try:
        return value(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError):
        return None


def blocks(text: str) -> list[tuple[str, str]]:
    """Markdown in pieces: (name of the outermost directive or "", text)."""
    pieces: list[tuple[str, str]] = []
    open_names: list[str] = []
    at = 0
    for match in DIRECTIVE.finditer(text):
        if not open_names or (match[1] is None and len(open_names) == 1):
            pieces.append((open_names[0] if open_names else "", text[at : match.start()]))
            at = match.start()
        if match[1]:
            open_names.append(match[1])
        elif open_names:
            open_names.pop()
    return [*pieces, (open_names[0] if open_names else "", text[at:])]


def shown(cell: NotebookNode) -> str:
    """What the outputs of a code cell say in words."""
    texts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        texts += [output.get("text", ""), output.get("evalue", "")]
        texts += [data.get(mime, "") for mime in ("text/plain", "text/markdown")]
    return "\n".join(texts)


def stored(code: str) -> Iterator[float]:
    """All numbers of the results that the code reads."""
    for name in set(READS.findall(code)):
        if (path := BOOK / "results" / f"{name}.json").exists():
            yield from leaves(json.loads(path.read_text(encoding="utf-8")))


def leaves(tree: Any) -> Iterator[float]:
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from printed(key)
            yield from leaves(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from leaves(branch)
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield float(tree)


@dataclass
class Finding:
    cell: str
    numeral: Numeral
    source: str
    """"output", "result", "formula", "given", or "" if there is none."""


def examine(notebook: NotebookNode) -> Iterator[Finding]:
    """Each numeral of a chapter's prose, with the kind of its source."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    fenced = "\n".join(
        match[0]
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for match in FENCE.finditer(cell.source)
    )
    written = list(printed(code)) + list(printed(fenced))
    results = list(stored(code))
    outputs: list[float] = []
    formulas: list[float] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            outputs += printed(shown(cell))
            caption = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")
            pieces = [("", caption)]
        else:
            pieces = blocks(cell.source)
            formulas += [n for match in DISPLAY.findall(cell.source) for n in printed(match)]
        asked: list[float] = []
        for name, text in pieces:
            found = list(prose(text))
            if name in ("exercise", "question"):
                asked += [n.value for n in found]
            for numeral in found:
                source = ""
                if any(map(numeral.is_rounded, outputs)):
                    source = "output"
                elif any(map(numeral.is_rounded, results)):
                    source = "result"
                elif any(map(numeral.is_rounded, [*written, *formulas, *asked])):
                    source = "formula"
                elif given(cell, numeral):
                    source = "given"
                yield Finding(cell.id, numeral, source)


def given(cell: NotebookNode, numeral: Numeral) -> bool:
    reason = cell.metadata.get("given", {}).get(numeral.written)
    if reason is None:
        return False
    if reason.endswith(".json"):
        return any(map(numeral.is_rounded, stored(reason)))
    value = compute(reason)
    return value is None or numeral.is_rounded(value)


def unused(notebook: NotebookNode) -> Iterator[str]:
    """Entries of `given` that no numeral needs, and those that do not compute to theirs."""
    needed: dict[str, set[str]] = {}
    for finding in examine(notebook):
        if finding.source == "given":
            needed.setdefault(finding.cell, set()).add(finding.numeral.written)
    for cell in notebook.cells:
        for written in cell.metadata.get("given", {}):
            if written not in needed.get(cell.id, set()):
                yield f"{cell.id}: {written}"


def chapters() -> list[Path]:
    return sorted(BOOK.glob("[0-9]-*/*.ipynb"))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    options = parser.parse_args(arguments)
    count: dict[str, int] = {}
    for path in options.paths or chapters():
        for finding in examine(nbformat.read(path, as_version=4)):
            count[finding.source] = count.get(finding.source, 0) + 1
            if not finding.source:
                print(f"{path.stem}, {finding.cell}: {finding.numeral.written}")
    total = sum(count.values())
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(count.items()) if kind)
    print(f"{total - count.get('', 0)} of {total} numerals have a source: {kinds}")
    return int(bool(count.get("")))


if __name__ == "__main__":
    sys.exit(main())
