"""Examine a gradient from the command line, as in a continuous integration.

    python -m dualedu.doctor my_code.py:loss my_code.py:gradient --at my_code.py:start

The exit code is 0 if it is healthy, 1 if it is ill, 2 if that cannot be told, and 3 if nothing
could be examined.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from dualedu.doctor.claims import KINDS
from dualedu.doctor.examination import examine

CODES = {"healthy": 0, "ill": 1, "ill, kind unknown": 1, "cannot tell": 2}
FAILED = 3


class NotFound(Exception):
    """What the command line names is not there; the message says what is."""


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        files: dict[str, Any] = {}
        f, claimed = (named(place, files) for place in (options.f, options.claimed))
        at = point(options.at, files, options.f)
        found = examine(
            f,
            claimed,
            at,
            kind=options.kind,
            wrt=options.wrt,
            learning_rate=options.learning_rate,
            progress=told if sys.stderr.isatty() else None,
        )
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return FAILED
    if sys.stderr.isatty():
        told("")
    print(json.dumps(found.as_dict(), ensure_ascii=False) if options.json else found)
    return CODES[found.verdict]


def told(words: str) -> None:
    """What is done now, on the last line of a terminal."""
    print(f"\r\033[K{words}", end="\r", file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m dualedu.doctor",
        description="Examine a gradient: is it right, and if not, what is wrong with it?",
        epilog="exit codes: 0 healthy, 1 ill, 2 cannot tell, 3 nothing could be examined",
    )
    made.add_argument("f", help="the function, as file.py:name or package.module:name")
    made.add_argument("claimed", help="what is claimed to be its derivative, named in the same way")
    made.add_argument(
        "--at",
        required=True,
        metavar="PLACE",
        help="the argument, or a tuple of the arguments: file.py:name (a function is called), "
        "file.npy, file.npz (its arrays in order), numbers such as '[1.0, 2.0]', or shapes such as "
        "'normal(4,3), normal(3)', drawn with seed 0",
    )
    made.add_argument("--kind", choices=KINDS, help="what is claimed, if not a gradient")
    made.add_argument("--wrt", type=int, nargs="+", help="numbers of the arguments it is about")
    made.add_argument("--learning-rate", type=float, help="of an update")
    made.add_argument("--json", action="store_true", help="print the diagnosis as JSON")
    return made


def named(place: str, files: dict[str, Any]) -> Any:
    """The object at file.py:name or package.module:name."""
    source, colon, name = place.rpartition(":")
    if not colon or not name:
        raise NotFound(f"{place!r} names no object; write it as file.py:name")
    if source not in files:
        files[source] = loaded(source)
    found = files[source]
    for part in name.split("."):
        if not hasattr(found, part):
            there = ", ".join(n for n in vars(files[source]) if not n.startswith("_"))
            raise NotFound(f"{source} has no {name!r}; it has {there}")
        found = getattr(found, part)
    return found


def loaded(source: str) -> Any:
    if not source.endswith(".py"):
        sys.path.insert(0, "")
        return importlib.import_module(source)
    path = Path(source)
    if not path.is_file():
        raise NotFound(f"there is no file {source}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    return module


def point(text: str, files: dict[str, Any], default: str) -> Any:
    """The place that --at names."""
    if text.endswith(".npy"):
        return np.load(text)
    if text.endswith(".npz"):
        with np.load(text) as arrays:
            return tuple(arrays[name] for name in arrays.files)
    if text.startswith("normal("):
        return drawn(text)
    if ":" in text:
        found = named(text, files)
        return found() if callable(found) else found
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return point(f"{default.rpartition(':')[0]}:{text}", files, default)
    if isinstance(value, tuple):
        return tuple(np.asarray(v, float) if isinstance(v, list) else float(v) for v in value)
    return np.asarray(value, float) if isinstance(value, list) else float(value)


def drawn(text: str) -> Any:
    """Arrays from a normal distribution, of the shapes in 'normal(4,3), normal(3)'."""
    rng = np.random.default_rng(0)
    try:
        calls = ast.parse(f"[{text}]", mode="eval").body
        assert isinstance(calls, ast.List)
        shapes = [tuple(ast.literal_eval(x) for x in call.args) for call in calls.elts]  # type: ignore[attr-defined]
    except (AttributeError, AssertionError, SyntaxError, ValueError):
        raise NotFound(f"--at {text!r}: write shapes as 'normal(4,3), normal(3)'") from None
    arrays = tuple(rng.standard_normal(shape) for shape in shapes)
    return arrays[0] if len(arrays) == 1 else arrays


if __name__ == "__main__":
    sys.exit(main())
