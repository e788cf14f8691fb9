"""What can be read off a notebook without running it: names that are gone, cells out of order, code
that a teacher may want to look at."""

from __future__ import annotations

import ast
import builtins
import contextlib
import difflib
import re
import symtable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from grading.mending import Report, is_given, key, names, parsed, plain


def belongs_to(notebook: NotebookNode, assignment: str, release: Path) -> str:
    """The other assignment whose notebook this is; an empty string if it is no other's."""
    theirs = {key(cell) for cell in notebook.cells} - {""}
    texts = {cell.source.strip() for cell in notebook.cells}
    shares = {}
    for path in release.glob("*/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        known = sum(key(cell) in theirs or cell.source.strip() in texts for cell in cells)
        exact = sum(cell.source.strip() in texts for cell in cells)
        shares[path.parent.name] = (exact / len(cells), known / len(cells))
    best = max(shares, key=lambda name: shares[name])
    own = shares.get(assignment, (0.0, 0.0))
    return best if best != assignment and shares[best][0] > 0.3 and own[0] < 0.15 else ""


def check_names(notebook: NotebookNode, blank: NotebookNode, report: Report) -> None:
    """Say which answer is not valid Python, and which name that the checks ask for is gone."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    given = [cell.source for cell in blank.cells if is_given(cell) and cell.cell_type == "code"]
    asked = set().union(*map(asked_in, given))
    for cell in code:
        try:
            parsed(cell.source)
        except SyntaxError as error:
            report.look.append(
                f"the cell {key(cell)} is not valid Python"
                + (f" in line {error.lineno}" if error.lineno else "")
                + f" ({error.msg}); nothing in it counts."
            )
    defined = set().union(*(names(cell.source) for cell in code))
    own = defined.difference(*map(names, given))
    for cell in blank.cells:
        if not (is_solution(cell) and cell.cell_type == "code"):
            continue
        for name in sorted((names(cell.source) & asked) - defined):
            near = difflib.get_close_matches(name, own, n=1, cutoff=0.75)
            report.look.append(
                f"{key(cell)} does not define {name}, which its check asks for"
                + (f"; it may now be called {near[0]}." if near else "; ask the student.")
            )


def check_order(notebook: NotebookNode, blank: NotebookNode, report: Report) -> None:
    """Say which answer stands in a cell of its own after the check that asks for it."""
    blanks = {key(cell): cell.source for cell in blank.cells if is_solution(cell)}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    wanted = {name for source in blanks.values() for name in names(source)}
    for place, cell in enumerate(code):
        if not (is_given(cell) and is_grade(cell)):
            continue
        asked = asked_in(cell.source)
        before = [c for c in code[:place] if c.source != blanks.get(key(c))]
        after = [c for c in code[place:] if not is_given(c) and c.source != blanks.get(key(c))]
        late = asked & wanted & defined_in(after) - defined_in(before)
        for name in sorted(late):
            if told(report, f" {name} is defined"):
                continue
            report.look.append(
                f"{name} is defined after its check {key(cell)}, which sees the blank alone; ask, "
                "or move the cell up."
            )


def check_stops(notebook: NotebookNode, stopped: dict[str, str], report: Report) -> None:
    """Say which answer stops at what is not there, and where a name went.

    `stopped` holds the cells that ended with an error in a run, each with what it lacked.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    asked = set().union(*(asked_in(c.source) for c in code if is_given(c) and is_grade(c)))
    own = set().union(*(names(cell.source) for cell in code if not is_given(cell)))
    nameless = report.name is None or report.name is ... or isinstance(report.name, ast.expr)
    for place, cell in enumerate(code):
        name = stopped.get(key(cell))
        if not name or is_given(cell) or not (is_solution(cell) or names(cell.source) & asked):
            continue
        kind, _, what = name.partition(":")
        if name != kind:
            report.look.append(
                f"the cell {key(cell)} stops at {ABSENT[kind].format(what)}. What stands below "
                "that line does not run."
            )
            continue
        makers = [at for at, other in enumerate(code) if name in names(other.source)]
        above = [code[at] for at in makers if at < place]
        if key(cell) == "student" or (above and is_given(above[-1]) and nameless):
            continue  # `compare_names` says why
        near = difflib.get_close_matches(name, own, n=1, cutoff=0.75)
        if above and key(above[-1]) in stopped:
            why = f"{key(above[-1])} defines it, but stops with an error itself"
        elif above:
            why = f"{key(above[-1])} would define it, but has not done so by then"
        elif place in makers:
            why = "the same cell defines it further down"
        elif makers:
            why = f"only {key(code[makers[0]])} defines it, which stands further down"
        else:
            why = "no cell of the notebook defines it" + (
                f"; it may now be called {near[0]}" if near else ", so its cell may be gone"
            )
        report.look.append(
            f"the cell {key(cell)} stops at the name {name} (NameError): {why}. What stands below "
            "that line does not run."
        )


ABSENT = {
    "module": "the module {} (ModuleNotFoundError), which is not installed here: install it where "
    "it is graded, or ask for an answer without it",
    "file": "the file {} (FileNotFoundError), which did not come with the notebook: ask for it",
    "input": "input(), which nobody answers while it is graded: ask for an answer without it",
}
"""What an answer had on its student's machine, and has not where it is graded."""


UNSEEN = re.compile(
    r"import \*|globals\(\)|\b(?:exec|eval)\(|^\s*%(?:run|pylab|load)", re.MULTILINE
)
"""What defines names that nobody can read off a notebook."""

ALWAYS = {*dir(builtins), "get_ipython", "display", "In", "Out", "exit", "quit"}


def check_functions(notebook: NotebookNode, report: Report) -> None:
    """Say which answer has a function that asks for a name which no cell defines: no cell stops
    there, but the check that calls it."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if any(UNSEEN.search(cell.source) for cell in code if not is_given(cell)):
        return
    known = ALWAYS.union(*(names(cell.source) for cell in code))
    asked: dict[str, set[str]] = {}
    for cell in code:
        try:
            module = symtable.symtable(plain(cell.source), "cell", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # `check_names` says so
        tables, inside = list(module.get_children()), set()
        for table in tables:
            tables += table.get_children()
            for symbol in table.get_symbols():
                if symbol.is_global() and symbol.is_assigned():
                    known.add(symbol.get_name())
                elif symbol.is_global() and symbol.is_referenced():
                    inside.add(symbol.get_name())
        known |= {s.get_name() for s in module.get_symbols() if s.is_assigned() or s.is_imported()}
        if is_solution(cell):
            used = {s.get_name() for s in module.get_symbols() if s.is_referenced()}
            asked[key(cell)] = inside - used
    for cell_name, wanted in asked.items():
        for name in sorted(wanted - known):
            near = difflib.get_close_matches(name, known - ALWAYS, n=1, cutoff=0.75)
            report.look.append(
                f"a function in {cell_name} asks for the name {name}, which no cell of the "
                "notebook defines, and stops where it comes to it"
                + (f"; it may now be called {near[0]}." if near else "; its cell may be gone.")
            )


def told(report: Report, words: str) -> bool:
    return any(words in f" {sentence}" for sentence in report.look)


def defined_in(cells: list[NotebookNode]) -> set[str]:
    return set().union(*(names(cell.source) for cell in cells))


def asked_in(source: str) -> set[str]:
    """What a cell looks up among the notebook's names: not its functions' own arguments."""
    tables = [symtable.symtable(plain(source), "cell", "exec")]
    for table in tables:
        tables += table.get_children()
    return {
        symbol.get_name()
        for table in tables
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module")
    }


SUSPECT = re.compile(
    r"_getframe|_current_frames|currentframe|inspect\.stack|gc\.get_|ast_node_interactivity"
    r"|ast_transformers|input_transformers|__code__|__builtins__|addaudithook|sys\.modules"
    r"|gradebook|classroom[/\\]|submitted|autograded|__array_function__"
    r"|(?:np|numpy|dualedu\w*|training|nn|checks)(?:\.\w+)+ *=(?!=)|setattr\("
    r"|from \w+ import \*|\b(?:fork|Popen|subprocess|socket|urllib|requests|ctypes)\b"
)


def flag(notebook: NotebookNode, blank: NotebookNode, report: Report) -> None:
    """Name what a teacher may want to look at. It is no judgement: most of it is innocent."""
    released = [cell for cell in blank.cells if cell.cell_type == "code"]
    tools = set(dir(builtins)).union(*(names(c.source) for c in released if key(c) == "setup"))
    asked = set().union(*(names(c.source) for c in released if is_solution(c)))
    sources = {cell.source for cell in released}
    for cell in notebook.cells:
        own = cell.cell_type == "code" and key(cell) != "student"
        if not own or cell.source in sources:
            continue
        taken = [
            name
            for name in sorted((names(cell.source) & tools) - asked)
            if f"import {name}" not in cell.source and f" as {name}" not in cell.source
        ]
        if taken:
            what = "names" if taken[1:] else "a name"
            report.look.append(
                f"{key(cell)} defines {', '.join(taken)}, {what} that the exercise uses as well; "
                "the checks keep their own, but other cells may stop there."
            )
        found = sorted({match[0].strip(" =(") for match in SUSPECT.finditer(cell.source)})
        if found:
            report.look.append(
                f"{key(cell)} holds {', '.join(found)}; see what it is for, before it earns marks."
            )
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(r"^\s*%reset\b", cell.source, re.MULTILINE):
            report.look.append(
                f"{key(cell)} calls %reset, which forgets what the cells above it defined; take it "
                "out, or ask."
            )
        if cell.cell_type == "code" and re.search(
            r"^\s*(?:sys\.)?(?:exit|quit)\(", cell.source, re.MULTILINE
        ):
            report.look.append(
                f"{key(cell)} calls exit() or quit(); the grading goes on after it, and what "
                "stands below it in the cell does not run."
            )


def name_in(notebook: NotebookNode) -> object:
    """What the student wrote into the first cell: `...` if nothing, None if it cannot be told, and
    what is no name as it stands there."""
    for cell in notebook.cells:
        if key(cell) != "student":
            continue
        with contextlib.suppress(SyntaxError):
            for line in parsed(cell.source).body:
                if isinstance(line, (ast.Assign, ast.AnnAssign)) and line.value:
                    return name_of(line.value)
    return None


def name_of(written: ast.expr) -> object:
    with contextlib.suppress(ValueError):
        name = ast.literal_eval(written)
        if name is ... or (isinstance(name, (str, int)) and not isinstance(name, bool)):
            return name if str(name).strip() else ...
        return written
    return written if isinstance(written, ast.Name) else None


def compare_names(reports: list[Report]) -> None:
    """Say where a name is missing or shared: exercises make a student's own numbers from it."""
    told: dict[tuple[str, str], list[Report]] = {}
    for report in reports:
        if report.name is ...:
            report.look.append(
                "there is no name in the first cell, so the exercises with numbers of one's own "
                "earn nothing; ask for it, or write it there."
            )
        elif isinstance(report.name, ast.expr):
            report.look.append(
                f"what stands in the first cell, {ast.unparse(report.name)}, is no name in quotes "
                "and no number, so the exercises with numbers of one's own earn nothing; ask for "
                "it, or write it there."
            )
        elif isinstance(report.name, (str, int)):
            name = " ".join(str(report.name).casefold().split())
            told.setdefault((report.assignment, name), []).append(report)
    for group in told.values():
        for report in group:
            others = ", ".join(other.student for other in group if other is not report)
            if others:
                report.look.append(f"{others} wrote the same name, {report.name!r}; ask both.")
