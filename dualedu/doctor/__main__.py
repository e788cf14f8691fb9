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
import sysconfig
import traceback
from contextlib import nullcontext, redirect_stdout
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from dualedu.doctor.claims import KINDS
from dualedu.doctor.examination import PATIENCE, examine
from dualedu.doctor.tracing import NUMPY

CODES = {"healthy": 0, "ill": 1, "ill, kind unknown": 1, "cannot tell": 2}
FAILED = 3
LIBRARIES = (
    "<frozen ",
    NUMPY,
    str(Path(__file__).parents[1]),
    *(sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")),
)
"""Where the files of Python and of libraries begin: their lines are not the reader's."""
SHOWN = 12
"""How many names of a file a message gives."""


class NotFound(Exception):
    """What the command line names is not there; the message says what is."""


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    # What the code itself prints must not stand between the lines of a program that reads JSON.
    try:
        with redirect_stdout(sys.stderr) if options.json else nullcontext():
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
                patience=options.patience,
                progress=told if sys.stderr.isatty() else None,
            )
    except NotFound as error:
        print(f"Nothing was examined: {error}.", file=sys.stderr)
        return FAILED
    except (Exception, SystemExit) as error:
        print(f"Nothing was examined: {described(error)}", file=sys.stderr)
        return FAILED
    if sys.stderr.isatty():
        told("")
    print(json.dumps(found.as_dict(), ensure_ascii=False) if options.json else found)
    return CODES[found.verdict]


def described(error: BaseException) -> str:
    """An error and, where it comes from the code that is examined, its line."""
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, SystemExit):
        words = f"the code ends the program itself, by sys.exit({error.code!r})"
    here = str(Path(__file__).parent)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(here):
            break
        if not frame.filename.startswith(LIBRARIES):
            return f"{words}, at line {frame.lineno} of {Path(frame.filename).name}: {frame.line}"
    return words


def told(words: str) -> None:
    """What is done now, on the last line of a terminal."""
    print(f"\r\033[K{words}", end="\r", file=sys.stderr, flush=True)


class Parser(argparse.ArgumentParser):
    """Ends with the code of what could not be examined: 2 would say that it cannot be told."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(FAILED, f"Nothing was examined: {message}.\n")


def parser() -> argparse.ArgumentParser:
    made = Parser(
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
    made.add_argument(
        "--patience",
        type=float,
        default=PATIENCE,
        metavar="SECONDS",
        help=f"after which no further hypothesis is tried ({PATIENCE:g})",
    )
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
            held = vars(found) if found is files[source] else dir(found)
            there = [n for n in held if not n.startswith("_")]
            near = get_close_matches(part, there, 1)
            meant = f" ({near[0]}?)" if near else ""
            more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
            raise NotFound(
                f"{source} has no {name!r}{meant}; it has {', '.join(there[:SHOWN])}{more}"
            )
        found = getattr(found, part)
    return found


def loaded(source: str) -> Any:
    path = Path(source)
    if path.suffix == ".ipynb":
        raise NotFound(f"{source} is a notebook; save its code as a .py file")
    try:
        if not source.endswith(".py"):
            sys.path.insert(0, "")
            return importlib.import_module(source)
        if not path.is_file():
            raise NotFound(f"there is no file {source}")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        sys.path.insert(0, str(path.parent))
        spec.loader.exec_module(module)
    except NotFound:
        raise
    except (Exception, SystemExit) as error:
        raise NotFound(f"{source} cannot be loaded: {described(error)}") from error
    return module


def point(text: str, files: dict[str, Any], default: str) -> Any:
    """The place that --at names."""
    if text.endswith((".npy", ".npz")):
        return stored(text)
    if text.startswith("normal("):
        return drawn(text)
    try:
        return as_arrays(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        pass
    _, colon, name = text.rpartition(":")
    if not all(part.isidentifier() for part in name.split(".")) or (not colon and "." in name):
        raise NotFound(
            f"--at {text!r} is neither a name, as file.py:name, nor a file .npy or .npz, nor "
            "numbers, as '[1.0, 2.0]', nor shapes, as 'normal(4,3)'"
        )
    found = named(text if colon else f"{default.rpartition(':')[0]}:{text}", files)
    if not callable(found):
        return found
    try:
        return found()
    except TypeError as error:
        raise NotFound(f"--at {text!r} is a function, called without arguments: {error}") from error


def stored(path: str) -> Any:
    try:
        found = np.load(path)
        if isinstance(found, np.ndarray):
            return found
        with found as arrays:
            return tuple(arrays[name] for name in arrays.files)
    except (OSError, ValueError, EOFError) as error:
        if not Path(path).is_file():
            raise NotFound(f"there is no file {path}") from error
        raise NotFound(
            f"{path} holds no arrays of numbers that NumPy can read; write it with np.save or "
            "np.savez"
        ) from error


def as_arrays(value: Any) -> Any:
    """Numbers and lists of them as arrays, in tuples and dicts too."""
    if isinstance(value, tuple):
        return tuple(map(as_arrays, value))
    if isinstance(value, dict):
        return {k: as_arrays(v) for k, v in value.items()}
    return np.asarray(value, float) if isinstance(value, list) else float(value)


def drawn(text: str) -> Any:
    """Arrays from a normal distribution, of the shapes in 'normal(4,3), normal(3)'."""
    rng = np.random.default_rng(0)
    try:
        calls = ast.parse(f"[{text}]", mode="eval").body
        assert isinstance(calls, ast.List)
        shapes = [tuple(ast.literal_eval(x) for x in call.args) for call in calls.elts]  # type: ignore[attr-defined]
        arrays = tuple(rng.standard_normal(shape) for shape in shapes)
    except (AttributeError, AssertionError, SyntaxError, TypeError, ValueError):
        raise NotFound(f"--at {text!r}: write shapes as 'normal(4,3), normal(3)'") from None
    return arrays[0] if len(arrays) == 1 else arrays


if __name__ == "__main__":
    sys.exit(main())
