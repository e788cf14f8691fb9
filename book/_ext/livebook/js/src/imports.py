"""What code imports, and which code above it builds on: asked at the build and in the browser."""

import ast
import builtins
import symtable
from collections.abc import Iterator

HIDDEN = {"eval", "exec", "get_ipython", "globals", "locals", "vars"}
"""What may read any name without saying so."""


def imports(source: str) -> list[str]:
    """The modules that the code imports, and what it takes from them, by full name."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic, or an error that the page means to show
        return []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return sorted(found)


class Uninlined(ast.NodeTransformer):
    """Comprehensions as generators: from Python 3.12 on, only these keep a table of their names."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.GeneratorExp:
        return ast.GeneratorExp(self.visit(node.elt), [self.visit(g) for g in node.generators])

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.GeneratorExp:
        pair = ast.Tuple([node.key, node.value], ast.Load())
        return self.visit_ListComp(ast.ListComp(pair, node.generators))


class Names:
    """The names of a cell: imported, bound otherwise, mentioned, and needed from above."""

    def __init__(self, source: str) -> None:
        self.imported: set[str] = set()
        self.bound: set[str] = set()
        self.needed: set[str] = set()
        self.clear = True
        before: set[str] = set()  # bound for certain by the statements so far
        try:
            for statement in ast.parse(source).body:
                self._take(statement, before)
        except SyntaxError:  # a magic
            self.clear = False
        self.clear = self.clear and "*" not in self.imported and not self.needed & HIDDEN
        self.mentioned = self.imported | self.bound | self.needed

    def _take(self, statement: ast.stmt, before: set[str]) -> None:
        top = symtable.symtable(ast.unparse(Uninlined().visit(statement)), "cell", "exec")
        symbols = top.get_symbols()
        imported = {s.get_name() for s in symbols if s.is_imported()}
        bound = {s.get_name() for s in symbols if s.is_assigned()} - imported
        read = {s.get_name() for s in symbols if s.is_referenced()}
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            imported.add("*")
        if isinstance(statement, ast.AugAssign):
            read |= bound
        itself: set[str] = set()
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            itself = {statement.name}
        for table in inner(top):
            free = {s.get_name() for s in table.get_symbols() if s.is_global()}
            bound |= {n for n in free if table.lookup(n).is_assigned()}
            read |= free - itself
        self.needed |= read - before - set(dir(builtins)) | read & HIDDEN
        self.imported |= imported
        self.bound |= bound
        if itself or isinstance(statement, (ast.Assign, ast.Import, ast.ImportFrom)):
            before |= imported | bound


def inner(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from inner(child)


def needs(sources: list[str]) -> list[int]:
    """The positions of the cells that the last one builds on, in order.

    Of a name that is only ever imported, the cells that import it; of any other, every cell that
    mentions it, for it may change what the name stands for. The same holds in turn for all names
    that these cells bind or need. What a cell does to the inside of a module (a seed, a setting)
    has no name, and is not seen.
    """
    *above, last = map(Names, sources)
    if not all(cell.clear for cell in (*above, last)):
        return list(range(len(above)))
    changed = set().union(*(cell.bound for cell in above))
    found: set[int] = set()
    names = set(last.needed)
    while True:
        more = {
            position
            for position, cell in enumerate(above)
            if names & cell.imported or names & changed & cell.mentioned
        } - found
        if not more:
            return sorted(found)
        found |= more
        names = names.union(*(above[n].bound | above[n].needed for n in more))
