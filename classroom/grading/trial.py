"""A trial run of a notebook's cells, to say which of them would not end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from nbformat import NotebookNode

from grading import box
from grading.mending import Report, key

RUN_CELLS = Path(__file__).resolve().with_name("run_cells.py")


def check_run(
    notebook: NotebookNode, folder: Path, limit: float, report: Report, boxed: bool = True
) -> dict[str, str]:
    """Run all cells in a process of their own, in a copy, and say which one does not end.

    Returns the cells that stopped with an error, each with what was not there, if that was the
    error, as `run_cells` writes it.
    """
    code = [(key(cell), cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    with tempfile.TemporaryDirectory(prefix="run-") as room:
        files, here = Path(room, "files"), Path(room, "here")
        copy_all(folder, files)
        script = Path(shutil.copy(RUN_CELLS, files.with_name("run_cells.py")))
        here.mkdir()
        argv = [sys.executable, str(script), str(limit), str(files)]
        if boxed and box.works():
            argv = box.command(argv, files=Path(room))
        # Files and no pipes: what a cell leaves running could hold a pipe open for ever.
        with ExitStack() as stack:
            given, printed, failed = (
                stack.enter_context(
                    tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
                )
                for _ in range(3)
            )
            json.dump(code, given)
            given.seek(0)
            process = subprocess.Popen(
                argv, cwd=here, stdin=given, stdout=printed, stderr=failed, start_new_session=True
            )
            try:
                process.wait(4 * limit * (len(code) + 1))
            except subprocess.TimeoutExpired:
                pass
            finally:
                end(process)
            printed.seek(0)
            failed.seek(0)
            lines, where = printed.read().splitlines(), failed.read()
    last = [line for line in lines if not line.startswith("\t")][-1:] or ["nowhere"]
    errors = [line[1:].rpartition("\t") for line in lines if line.startswith("\t")]
    stopped = {cell: name for cell, _, name in errors}
    if last == ["the end"]:
        return stopped
    # A watchdog leaves a traceback, whose innermost frame of a cell is the place; below it, the
    # library may be at work.
    if "most recent call first" in where and "Fatal Python error" not in where:
        place = re.search(r'"<ipython-input.*", line \d+ in (\w+)', where)
        inside = f"in {place[1]}" if place else "there"
        report.look.append(
            f"the cell {last[0]} does not end within {limit:g} seconds, perhaps for an endless "
            f"loop {inside}; nbgrader stops each such cell and counts it 0."
        )
    elif last == ["nowhere"]:
        reason = where.strip().splitlines()[-1:] or ["no reason given"]
        report.look.append(f"its cells could not be run here: {reason[0]}.")
    else:
        report.look.append(
            f"Python itself ends in the cell {last[0]}, which is left out in the grading; the "
            "other cells count. Look for os._exit() or for very large arrays."
        )
    return stopped


def copy_all(folder: Path, copy: Path) -> None:
    """Copy a submission; what cannot be read, or is a link or no file, is not there."""

    def links(inside: str, names: list[str]) -> list[str]:
        return [name for name in names if os.path.islink(os.path.join(inside, name))]

    with contextlib.suppress(shutil.Error):
        shutil.copytree(folder, copy, ignore=links)


def end(process: subprocess.Popen[bytes]) -> None:
    """End it with all that it has started and that did not take care to be out of reach."""
    with contextlib.suppress(ProcessLookupError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
