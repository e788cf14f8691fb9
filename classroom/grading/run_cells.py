"""Run the cells that come on stdin as JSON, [[name, source], ...], and tell where it stops.

    python run_cells.py 30 folder < cells.json

Copies the folder to where it stands, writes the name of each cell when it begins, and "the end"
after the last one. If a cell stops with an error, a line follows that begins with a tab: its name
again, a tab, and what was not there, if that was the error: a name, or "module:", "file:" and what
it is called, or "input:". A cell that works for
more than these seconds of a processor, or waits four times as long, ends the process, whatever it
is doing, with a traceback on stderr that says where. Used by preflight, which judges what comes
out.
"""

import faulthandler
import json
import os
import shutil
import signal
import sys

limit, folder = float(sys.argv[1]), sys.argv[2]
shutil.copytree(folder, ".", dirs_exist_ok=True)

# What the cells print goes nowhere; what stands below goes to the real stdout and stderr.
cells = json.load(sys.stdin)
out, err = os.fdopen(os.dup(1), "w", encoding="utf-8"), os.fdopen(os.dup(2), "w")
nowhere = os.open(os.devnull, os.O_RDWR)
for stream in (0, 1, 2):
    os.dup2(nowhere, stream)
os.environ["MPLBACKEND"] = "agg"

# No cell's time: what nearly all notebooks begin with.
from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from traitlets.config import Config  # noqa: E402

import dualedu.nn  # noqa: E402, F401


def missing(error: BaseException | None) -> str:
    """What was not there, in one line without tabs."""
    if type(error) is NameError:
        return error.name or ""
    if isinstance(error, ModuleNotFoundError):
        return f"module:{error.name}"
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"file:{' '.join(str(error.filename).split())}"
    return "input:" if type(error) is EOFError else ""


settings = Config()
settings.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=settings)
# As in a notebook: modules of the student's own lie beside it.
sys.path[0] = ""
# Watchdogs outside Python: they also end a loop inside NumPy, or one that catches everything.
# Time of the processor, because other programs may keep it busy; Windows has no such clock.
by_work = hasattr(signal, "SIGPROF")
if by_work:
    faulthandler.register(signal.SIGPROF, file=err, all_threads=True, chain=True)
for name, source in cells:
    print(name, file=out, flush=True)
    faulthandler.dump_traceback_later(4 * limit if by_work else limit, exit=True, file=err)
    if by_work:
        signal.setitimer(signal.ITIMER_PROF, limit)
    result = shell.run_cell(source, store_history=False)
    if not result.success:
        print(f"\t{name}\t{missing(result.error_in_exec)}", file=out)
faulthandler.cancel_dump_traceback_later()
print("the end", file=out, flush=True)
# Without waiting for threads that a cell has left behind.
os._exit(0)
