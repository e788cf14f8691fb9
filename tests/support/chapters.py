"""The book's chapters as tests see them: their cells, and code run as in a cell."""

import ast
import re
from pathlib import Path

import nbformat

BOOK = Path(__file__).parents[2] / "book"
CLASSROOM = BOOK.with_name("classroom")
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def run(code, name, names):
    """Run the code as a cell of a notebook: the value of a last expression is shown."""
    tree = ast.parse(code)
    last = [ast.Expression(tree.body.pop().value)] if isinstance(tree.body[-1], ast.Expr) else []
    exec(compile(tree, name, "exec"), names)
    for expression in last:
        value = eval(compile(expression, name, "eval"), names)
        if value is not None:
            print(repr(value))
