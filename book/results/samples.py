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


def fewer_seeds(sample: Any, stored: Any) -> bool:
    """Whether both are lists over seeds, of numbers or of curves, and the sample has fewer."""
    if not (isinstance(sample, list) and isinstance(stored, list) and len(sample) < len(stored)):
        return False
    rows = [row if isinstance(row, list) else [row] for row in (*sample, *stored)]
    curves = all(isinstance(row, list) for row in (*sample, *stored))
    return len({len(row) for row in rows}) == 1 and all(
        isinstance(value, float | int) or (curves and value is None)
        for row in rows
        for value in row
    )


def strays(sample: list[Any], stored: list[Any], where: str) -> Iterator[str]:
    """Where a run lies far outside the spread of the stored seeds.

    At a large rate training is chaotic: the last digits of another processor's sums make another
    run of it, as another seed does. So a run is held against what the seeds span, once its width
    beyond either end.
    """
    columns = list(zip(*(row if isinstance(row, list) else [row] for row in stored), strict=True))
    for index, row in enumerate(sample):
        values = row if isinstance(row, list) else [row]
        for value, column in zip(values, columns, strict=True):
            if None in column:  # some seeds overflow at this moment: nothing to hold it against
                continue
            if value is None:
                yield f"{where}/{index}: measured nothing finite, stored {min(column)}"
                break
            low, high = min(column), max(column)
            slack = (high - low) + TOLERANCE * max(1, abs(low), abs(high))
            if not low - slack <= value <= high + slack:
                yield f"{where}/{index}: measured {value}, stored {low} to {high}"
                break


def differences(sample: Any, stored: Any, where: str = "") -> Iterator[str]:
    """Where a sample, which may leave out keys and the ends of lists, disagrees with the stored."""
    if isinstance(sample, dict) and isinstance(stored, dict):
        for key, value in sample.items():
            yield from differences(value, stored.get(key), f"{where}/{key}")
    elif fewer_seeds(sample, stored):
        yield from strays(sample, stored, where)
    elif isinstance(sample, list) and isinstance(stored, list) and len(sample) <= len(stored):
        for index, value in enumerate(sample):
            yield from differences(value, stored[index], f"{where}/{index}")
    elif isinstance(sample, float) and isinstance(stored, float | int):
        if abs(sample - stored) > TOLERANCE * max(1, abs(stored)):
            yield f"{where}: measured {sample}, stored {stored}"
    elif sample != stored:
        yield f"{where}: measured {sample!r}, stored {stored!r}"
