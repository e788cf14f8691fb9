"""Right answers in other styles: each rewrites a program into one that does the same and looks
different, as another student would write it.
"""

import ast
import builtins
from collections.abc import Callable

OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.Pow: "pow",
    ast.MatMult: "matmul", ast.FloorDiv: "floordiv", ast.Mod: "mod",
}  # fmt: skip


def parsed(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


class Renamed(ast.NodeTransformer):
    """Names inside functions are long and German; those that others ask for stay."""

    def __init__(self) -> None:
        self.own: list[set[str]] = []

    def inside(self, node: ast.FunctionDef | ast.Lambda) -> ast.AST:
        bound = {n.arg for n in ast.walk(node.args) if isinstance(n, ast.arg)}
        rest = list(ast.iter_child_nodes(node))
        while rest:
            part = rest.pop()
            if isinstance(part, ast.FunctionDef):
                bound.add(part.name)
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                bound.add(part.id)
            if not isinstance(part, (ast.FunctionDef, ast.Lambda)):
                rest += ast.iter_child_nodes(part)
        self.own.append(bound - {"self"})
        node = self.generic_visit(node)
        self.own.pop()
        return node

    def new(self, name: str) -> str:
        return f"größe_{name}" if any(name in own for own in self.own) else name

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.new(node.name)
        return self.inside(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self.inside(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.new(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.new(node.arg))


class Called(ast.NodeTransformer):
    """a + b is written operator.add(a, b), and so on."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        name = OPERATORS.get(type(node.op))
        call = ast.Call(ast.Name(f"operator_{name}", ast.Load()), [node.left, node.right], [])
        return call if name else node


class Stepwise(ast.NodeTransformer):
    """What is returned or assigned gets a name for each of its two sides first."""

    def split(self, node: ast.Return | ast.Assign) -> list[ast.stmt]:
        value = node.value
        if not isinstance(value, ast.BinOp):
            return [node]
        left, right = ast.Name("left_side", ast.Load()), ast.Name("right_side", ast.Load())
        steps: list[ast.stmt] = [
            ast.Assign([ast.Name("left_side", ast.Store())], value.left),
            ast.Assign([ast.Name("right_side", ast.Store())], value.right),
        ]
        node.value = ast.BinOp(left, value.op, right)
        return [*steps, node]

    visit_Return = visit_Assign = split


class Annotated(ast.NodeTransformer):
    """Every function says in words and types what it takes and gives."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        for argument in node.args.args:
            argument.annotation = ast.Constant("a number")
        node.returns = ast.Constant("what is asked for")
        if ast.get_docstring(node) is None:
            node.body = [*parsed('"""Mine."""'), *node.body]
        return node


class Short(ast.NodeTransformer):
    """A function of one line, outside of a class, is a lambda."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        if len(body) != 1 or not isinstance(body[0], ast.Return):
            return node
        for argument in node.args.args:
            argument.annotation = None
        value = ast.Lambda(node.args, body[0].value)
        return ast.Assign([ast.Name(node.name, ast.Store())], value)


class Wrapped(ast.NodeTransformer):
    """Every function outside of a class goes through a decorator that does nothing."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list = [ast.Name("unchanged", ast.Load())]
        return node


BEFORE = {
    Called: "\n".join(f"from operator import {o} as operator_{o}" for o in OPERATORS.values()),
    Wrapped: "import functools\n\ndef unchanged(f):\n"
    "    @functools.wraps(f)\n    def same(*arguments, **options):\n"
    "        return f(*arguments, **options)\n    return same",
}


def rewritten(style: type[ast.NodeTransformer]) -> Callable[[str], str]:
    def rewrite(source: str) -> str:
        plain = ast.unparse(ast.parse(source))
        text = ast.unparse(ast.fix_missing_locations(style().visit(ast.parse(source))))
        return "\n".join([*filter(None, [BEFORE.get(style)]), text]) if text != plain else source

    return rewrite


def as_arrays(source: str) -> str:
    """Every number that is asked for is NumPy's, every list an array, every dictionary ordered."""
    names = [
        target.id
        for line in ast.parse(source).body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name) and target.id not in dir(builtins)
    ]
    turned = "{0} = np.asarray({0}) if isinstance({0}, (int, float, list)) else {0}"
    return "\n".join([source, *(turned.format(name) for name in names)])


STYLES: dict[str, Callable[[str], str]] = {
    "other names": rewritten(Renamed),
    "operators as functions": rewritten(Called),
    "step by step": rewritten(Stepwise),
    "annotated": rewritten(Annotated),
    "lambdas": rewritten(Short),
    "decorated": rewritten(Wrapped),
    "arrays": as_arrays,
}
