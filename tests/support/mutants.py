"""Mutants of a solution: each is the solution with one small thing changed, as a slip would.

Operators, comparisons, numbers, indices, signs, names, arguments, the order of lines, a line or a
function that is left out. A mutant that changes what the answer does has to lose points.
"""

import ast
import copy
import difflib
import hashlib
import signal
from collections.abc import Iterator

from classwork import SOURCES, exercise_of, graded, is_check, points
from nbgrader.utils import is_solution

BINARY = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div, ast.Add], ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult], ast.MatMult: [ast.Mult], ast.FloorDiv: [ast.Div], ast.Mod: [ast.Mult],
    ast.BitOr: [ast.BitAnd],
}  # fmt: skip
COMPARED = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
            ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is}  # fmt: skip
LETTERS = "abc"


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Each node below `tree` with its parent, the parent's field and its place in it."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield parent, field, None, value
            elif isinstance(value, list):
                for i, node in enumerate(value):
                    if isinstance(node, ast.AST):
                        yield parent, field, i, node


def changed(node: ast.AST, scope: list[str]) -> Iterator[ast.AST]:
    """What may stand in place of this node."""
    if isinstance(node, ast.BinOp):
        for operator in BINARY.get(type(node.op), []):
            yield ast.BinOp(node.left, operator(), node.right)
        yield node.left
        yield node.right
        if isinstance(node.op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        yield ast.Compare(node.left, [COMPARED[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, (int, float)):
            yield ast.Constant(node.value + 1)
            if node.value:
                yield ast.Constant(-node.value)
        elif isinstance(node.value, str) and node.value in LETTERS and node.value:
            yield from (ast.Constant(letter) for letter in LETTERS if letter != node.value)
    elif isinstance(node, ast.Call):
        if len(node.args) == 1 and not node.keywords:
            yield node.args[0]
        for i in range(len(node.keywords)):
            rest = node.keywords[:i] + node.keywords[i + 1 :]
            yield ast.Call(node.func, node.args, rest)
        if len(node.args) == 2:
            yield ast.Call(node.func, node.args[::-1], node.keywords)
    elif isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
        if len(node.elts) > 1:
            first, second, *rest = node.elts
            yield type(node)([second, first, *rest], node.ctx)
            yield type(node)(node.elts[:-1], node.ctx)
    elif isinstance(node, ast.Set):
        for i in range(len(node.elts)):
            if len(node.elts) > 1:
                yield ast.Set(node.elts[:i] + node.elts[i + 1 :])
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope:
        place = scope.index(node.id)
        yield ast.Name(scope[(place + 1) % len(scope)], node.ctx)


def bodies(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Without one line, and with two lines in the other order if that can matter."""
    for i, line in enumerate(body):
        definition = isinstance(line, (ast.FunctionDef, ast.ClassDef))
        docstring = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
        if not definition and not docstring:
            yield [*body[:i], *body[i + 1 :]] or [ast.Pass()]
        last = i + 1 == len(body)
        if not last and not definition and not docstring and meet(line, body[i + 1]):
            yield [*body[:i], body[i + 1], line, *body[i + 2 :]]


def meet(first: ast.stmt, second: ast.stmt) -> bool:
    """Whether the order of two lines can matter.

    Not if both are assignments of which neither writes what the other reads or writes, and not
    both draw random numbers.
    """
    if not (isinstance(first, ast.Assign) and isinstance(second, ast.Assign)):
        return True
    written, owners, read = [], [], []
    for line in (first, second):
        targets = [n for target in line.targets for n in ast.walk(target)]
        named = {n.id for n in targets if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        parts = {ast.unparse(n) for n in targets if isinstance(n, (ast.Subscript, ast.Attribute))}
        owners.append({n.id for n in targets if isinstance(n, ast.Name)})
        written.append(named | parts)
        read.append({n.id for n in ast.walk(line.value) if isinstance(n, ast.Name)})
    return bool(
        written[0] & (written[1] | owners[1])
        or owners[0] & (written[1] | read[1])
        or owners[1] & read[0]
        or "rng" in read[0] & read[1]
    )


def scopes(tree: ast.AST) -> dict[ast.AST, list[str]]:
    """For each node of a function the names that the function binds; for others none."""
    found: dict[ast.AST, list[str]] = {}
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.Lambda)):
            names = [a.arg for a in function.args.args if a.arg != "self"]
            stored = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
            names += [n.id for n in stored if isinstance(n.ctx, ast.Store)]
            unique = list(dict.fromkeys(names))
            for node in ast.walk(function):
                found[node] = unique if len(unique) > 1 else []
    return found


def mutants(source: str) -> list[str]:
    """The source of each mutant, all different and none of them the solution's."""
    tree = ast.parse(source)
    same = ast.unparse(tree)
    made: dict[str, None] = {}
    names = scopes(tree)
    for parent, field, i, node in list(places(tree)):
        if isinstance(node, ast.Constant) and isinstance(parent, ast.Expr):
            continue
        for other in changed(node, names.get(node, [])):
            kept = getattr(parent, field)
            if i is None:
                setattr(parent, field, other)
            else:
                setattr(parent, field, [*kept[:i], other, *kept[i + 1 :]])
            made[ast.unparse(copy.deepcopy(tree))] = None
            setattr(parent, field, kept)
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                for other in bodies(body):
                    setattr(node, field, other)
                    made[ast.unparse(copy.deepcopy(tree))] = None
                    setattr(node, field, body)
    made.pop(same, None)
    return list(made)


LIMIT = 20
"""Seconds for an exercise with a mutant; an endless loop is found by its length."""


class TooLong(Exception):
    pass


def stop(*_):
    raise TooLong


def digest(cells):
    """What a row of the table rests on."""
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def difference(old, new):
    """The lines that a mutant has, and the solution has not."""
    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return " / ".join(line.strip() for line in lines if line[:2] in ("- ", "+ "))


def judged(cells, names, cell, source):
    """The points with a mutant; what it writes into a dictionary is not the next one's."""
    names = {name: dict(value) if type(value) is dict else value for name, value in names.items()}
    signal.alarm(LIMIT)
    try:
        return graded(cells, names, {cell.id: source})[0]
    except TooLong:
        return 0.0
    finally:
        signal.alarm(0)


def rows(assignment):
    """For each exercise of an assignment its mutants and those that keep all points."""
    signal.signal(signal.SIGALRM, stop)
    names = {}
    exercises = list(dict.fromkeys(map(exercise_of, SOURCES[assignment].cells)))
    for exercise in exercises:
        cells = [c for c in SOURCES[assignment].cells if exercise_of(c) == exercise]
        before = dict(names)
        graded(cells, names)
        if not any(map(is_check, cells)):
            continue
        most, made, survivors = points(cells), 0, []
        for cell in cells:
            if not is_solution(cell) or cell.cell_type != "code":
                continue
            plain = ast.unparse(ast.parse(cell.source))
            for source in mutants(cell.source):
                made += 1
                if judged(cells, before, cell, source) >= most:
                    survivors.append(difference(plain, source))
        yield exercise, {"of": digest(cells), "mutants": made, "survivors": survivors}
