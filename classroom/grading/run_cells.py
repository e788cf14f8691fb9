"""Run the cells that come on stdin as JSON, [[name, source], ...], and tell where it stops.

    python -m grading.run_cells 30 < cells.json

Writes the name of each cell when it begins, and "the end" after the last one. A cell that takes
longer than the seconds given ends the process, whatever it is doing, with a traceback on stderr
that says where. Used by preflight.py, which judges what comes out.
"""

import faulthandler
import json
import os
import sys

# What the cells print goes nowhere; what stands below goes to the real stdout and stderr.
cells = json.load(sys.stdin)
out, err = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(2), "w")
nowhere = os.open(os.devnull, os.O_RDWR)
for stream in (0, 1, 2):
    os.dup2(nowhere, stream)
os.environ["MPLBACKEND"] = "agg"

from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from traitlets.config import Config  # noqa: E402

settings = Config()
settings.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=settings)
for name, source in cells:
    print(name, file=out, flush=True)
    # A watchdog outside Python: it also ends a loop inside NumPy, or one that catches everything.
    faulthandler.dump_traceback_later(float(sys.argv[1]), exit=True, file=err)
    shell.run_cell(source, store_history=False)
faulthandler.cancel_dump_traceback_later()
print("the end", file=out, flush=True)
