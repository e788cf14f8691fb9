"""Where results are kept that take too long for a page: JSON beside the script that made it."""

import json
import os
import time
from pathlib import Path
from typing import Any

from dualedu.training.history import versions, written_whole


def save(script: str, result: dict[str, Any], began: float) -> None:
    """Write script.py's result to script.json, with the command, the versions and the time taken.

    began : time.perf_counter() at the start
    """
    path = Path(script)
    record = {
        "command": f"python book/results/{path.name}",
        "versions": versions(),
        "threads": int(os.environ.get("OPENBLAS_NUM_THREADS", "0")) or None,
        "seconds": round(time.perf_counter() - began),
    } | result
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    written_whole(path.with_suffix(".json"), f"{text}\n".encode())
