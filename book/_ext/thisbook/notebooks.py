"""Notebooks in one normal form: executed from top to bottom, and written so that a diff shows only
what changed.

    notebooks.py               execute and write every notebook: those under book/ and the solutions
                               of the exercises
    notebooks.py PATH...       only these notebooks or folders
    notebooks.py --stale       only those whose code changed since their last run
    notebooks.py --check       write nothing; say what is wrong, exit 1 if anything
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[3]
BOOK = ROOT / "book"
EXERCISES = ROOT / "classroom" / "source"

# What decides how a cell is run, shown, tested or graded. All else is some editor's own business.
NOTEBOOK_METADATA = {"dualedu", "kernelspec", "language_info", "mystnb", "widgets"}
CELL_METADATA = {"editable", "deletable", "given", "mystnb", "nbgrader", "tags"}
IMAGE_METADATA = {"width", "height"}

# A stored explorable is its picture, its sentence and its stand-in; a view without its kernel
# would only show an error in their place.
STANDIN = "application/vnd.dualedu.explore+html"
VIEW = "application/vnd.jupyter.widget-view+json"

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"

CHANGING = {
    "a path of the machine it ran on": re.compile(r"/(?:home|Users|root|tmp|private)/|[A-Z]:\\"),
    "an object's address in memory": re.compile(r" at 0x[0-9a-fA-F]{6,}"),
}

PROFILE = """
c = get_config()
# A kernel warns that other users of its machine could listen to it; errors still show.
c.IPKernelApp.log_level = 40
# Of an exception, the book shows what it says. Whole tracebacks hold paths and line numbers.
c.InteractiveShell.xmode = "Minimal"
"""

_ipython = tempfile.TemporaryDirectory(prefix="ipython-")


def isolate() -> None:
    """Let kernels started from here see this environment's packages and nobody's own settings."""
    profile = Path(_ipython.name, "profile_default")
    profile.mkdir(exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(PROFILE, encoding="utf-8")
    os.environ |= {
        "IPYTHONDIR": _ipython.name,
        "JUPYTER_PREFER_ENV_PATH": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }


def find(paths: Iterable[Path]) -> list[Path]:
    """The notebooks among and below `paths`, sorted."""
    found: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such notebook or folder")
        found.update(path.rglob("*.ipynb") if path.is_dir() else [path])
    return sorted(p.resolve() for p in found if ".ipynb_checkpoints" not in p.parts)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def fingerprint(notebook: NotebookNode) -> str:
    """Of the code alone: prose can be rewritten without running anything again."""
    code = "\0".join(cell.source.strip() for cell in code_cells(notebook) if cell.source.strip())
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def is_stale(notebook: NotebookNode) -> bool:
    return notebook.metadata.get("dualedu", {}).get("executed") != fingerprint(notebook)


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run all cells in a fresh kernel, in place, and note which code the outputs belong to."""
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name=KERNEL["name"],
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        coalesce_streams=True,
    ).execute()
    notebook.metadata["dualedu"] = {"executed": fingerprint(notebook)}


def normal_form(notebook: NotebookNode) -> str:
    """The text of the notebook's file; the argument stays as it is."""
    nb = nbformat.from_dict(notebook)
    nb.nbformat, nb.nbformat_minor = 4, 5
    nb.metadata = keep(nb.metadata, NOTEBOOK_METADATA) | {
        "kernelspec": KERNEL,
        "language_info": LANGUAGE,
    }
    nb.cells = [cell for cell in nb.cells if cell.source.strip()]
    taken: set[str] = set()
    for cell in nb.cells:
        cell.id = cell_id(cell, taken)
        cell.source = cell.source.strip("\n")
        cell.metadata = keep(cell.metadata, CELL_METADATA)
        for output in cell.get("outputs", []):
            normalise_output(output)
    if not any(VIEW in data(output) for cell in code_cells(nb) for output in cell.outputs):
        nb.metadata.pop("widgets", None)
    renamed = rename_widgets(nb, nbformat.writes(nbformat.from_dict(nb)))
    return nbformat.writes(nbformat.reads(renamed, as_version=4)) + "\n"


def data(output: NotebookNode) -> NotebookNode:
    return output.get("data", NotebookNode())


def keep(metadata: NotebookNode, keys: set[str]) -> NotebookNode:
    return NotebookNode({key: value for key, value in metadata.items() if key in keys})


def cell_id(cell: NotebookNode, taken: set[str]) -> str:
    """The cell's own id; where it has none, or another cell's, one made from its text."""
    candidate = cell.get("id")
    count = 0
    while candidate is None or candidate in taken:
        candidate = hashlib.sha256(f"{count} {cell.source}".encode()).hexdigest()[:8]
        count += 1
    taken.add(candidate)
    return candidate


def normalise_output(output: NotebookNode) -> None:
    if STANDIN in data(output):
        output.data.pop(VIEW, None)
    if "metadata" in output:
        pictures = {mime: of for mime, of in output.metadata.items() if isinstance(of, dict)}
        sizes = {mime: keep(of, IMAGE_METADATA) for mime, of in pictures.items()}
        output.metadata = NotebookNode({mime: size for mime, size in sizes.items() if size})


def rename_widgets(notebook: NotebookNode, text: str) -> str:
    """Give widget models, whose ids are random, numbers in the order of their creation."""
    state = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for number, model in enumerate(state, start=1):
        text = text.replace(model, f"{number:032x}")
    return text


def problems(path: Path) -> Iterator[str]:
    """Each thing that keeps the notebook from being in normal form, as a sentence."""
    notebook = read(path)
    if path.read_text(encoding="utf-8") != normal_form(notebook):
        yield "is not in normal form"
    if is_stale(notebook):
        yield "has changed code since it was last executed, so its outputs may belong to other code"
    for number, cell in enumerate(code_cells(notebook), start=1):
        for problem in cell_problems(cell, number):
            first_line = cell.source.strip().partition("\n")[0]
            yield f"code cell {number} ({first_line}) {problem}"


def cell_problems(cell: NotebookNode, number: int) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    if cell.execution_count != number:
        yield f"has execution count {cell.execution_count}: the whole notebook is run in order"
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in tags:
            yield f"ends in {output.ename} without the tag raises-exception"
        if output.get("name") == "stderr" and "nbval-ignore-output" not in tags:
            yield "writes to stderr (a warning or a progress bar), which differs from run to run"
        shown = data(output)
        described = STANDIN in shown or alternative_text(cell)
        if any(mime.startswith("image/") for mime in shown) and not described:
            yield (
                "shows a picture without alternative text: describe it in the cell's metadata, "
                '"mystnb": {"image": {"alt": "..."}}'
            )
        if "matplotlib.org" in shown.get("image/svg+xml", ""):
            yield "stores a matplotlib figure as SVG: use PNG, whose last digits nobody compares"
        for what, pattern in CHANGING.items():
            if any(pattern.search(text) for text in texts(output)):
                yield f"shows {what}"


def texts(output: NotebookNode) -> Iterator[str]:
    """What the output shows in words; pictures are bytes, however they are written."""
    yield from [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    for mime, value in data(output).items():
        if not mime.startswith("image/"):
            yield str(value)


def alternative_text(cell: NotebookNode) -> str:
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()


def check(paths: list[Path]) -> bool:
    found = [f"{name(path)}: {problem}" for path in paths for problem in problems(path)]
    print("\n".join(found or [f"{len(paths)} notebooks in normal form"]))
    if found:
        print("\nRun `make notebooks`, and mend by hand what it cannot.")
    return not found


def renew(paths: list[Path], only_stale: bool) -> bool:
    """Execute and write. A notebook that fails keeps its file, and the others get their turn."""
    good = True
    for path in paths:
        notebook = read(path)
        if only_stale and not is_stale(notebook):
            continue
        start = time.perf_counter()
        try:
            execute(notebook, path.parent)
        except CellExecutionError as error:
            print(f"{name(path)}: left as it was, a cell failed\n{error}", file=sys.stderr)
            good = False
            continue
        text = normal_form(notebook)
        changed = text != path.read_text(encoding="utf-8")
        if changed:  # an untouched file is one the site need not render again
            path.write_text(text, encoding="utf-8")
        verdict = "changed" if changed else "as before"
        print(f"{name(path)}: {verdict}, {time.perf_counter() - start:.1f} s")
        for problem in problems(path):
            print(f"    {problem}")
    return good


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, default=[BOOK, EXERCISES], metavar="PATH")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="write nothing, say what is wrong")
    mode.add_argument("--stale", action="store_true", help="only where the code changed")
    options = parser.parse_args(arguments)
    try:
        paths = find(options.paths)
    except FileNotFoundError as error:
        parser.error(str(error))
    isolate()
    return 0 if (check(paths) if options.check else renew(paths, options.stale)) else 1


if __name__ == "__main__":
    sys.exit(main())
