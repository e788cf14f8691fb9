"""Scripts whose results can be checked by sample: a part is measured anew and compared."""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import store

TOLERANCE = 0.1
"""Of a number measured anew, relative to its size or to 1: machines add in different orders, and
training carries a last digit far."""


def main(script: str, description: str, measure: Callable[[bool], dict[str, Any]]) -> int:
    """The command line of a script: store measure(False), or with --sample compare measure(True).

    Returns the exit code: 1 if the sample disagrees.
    """
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--sample", action="store_true", help="check a part of what is stored")
    began = time.perf_counter()
    if not parser.parse_args().sample:
        store.save(script, plain(measure(False)), began)
        return 0
    found = list(differences(plain(measure(True)), stored(script)))
    print("\n".join(found) or f"{Path(script).stem}: the sample agrees with what is stored")
    return 1 if found else 0


def stored(script: str) -> Any:
    """What the script has stored."""
    return json.loads(Path(script).with_suffix(".json").read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    """The value as JSON has it: five digits to each number, None for one that is not finite."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return float(f"{value:.5g}") if math.isfinite(value) else None
    return value


def differences(sample: Any, stored: Any, where: str = "") -> Iterator[str]:
    """Where a sample, which may leave out keys and the ends of lists, disagrees with the stored."""
    if isinstance(sample, dict) and isinstance(stored, dict):
        for key, value in sample.items():
            yield from differences(value, stored.get(key), f"{where}/{key}")
    elif isinstance(sample, list) and isinstance(stored, list) and len(sample) <= len(stored):
        for index, value in enumerate(sample):
            yield from differences(value, stored[index], f"{where}/{index}")
    elif isinstance(sample, float) and isinstance(stored, float | int):
        if abs(sample - stored) > TOLERANCE * max(1, abs(stored)):
            yield f"{where}: measured {sample}, stored {stored}"
    elif sample != stored:
        yield f"{where}: measured {sample!r}, stored {stored!r}"
