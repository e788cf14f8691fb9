"""What f and the functions that it calls read besides their arguments: records of data in a list,
values by default, numbers in the code. Each can be another for a while."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from operator import setitem
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from dualedu.doctor.structure import surroundings

MANY = 60
"""How many functions, and how many numbers in their code, are looked at."""
PLAIN = (0.0, 0.5, 1.0, 2.0)
"""Numbers that belong to a formula, up to their sign."""
LEAST = 1e-4
"""Smaller ones only keep from dividing by 0."""


@dataclass(frozen=True)
class Knob:
    """A value that can be replaced where it is read."""

    name: str
    value: Any
    put: Callable[[Any], None]


@contextmanager
def turned(new: Sequence[tuple[Knob, Any]]) -> Iterator[None]:
    """While it is open, knobs have other values."""
    with ExitStack() as undo:
        for knob, value in new:
            undo.callback(knob.put, knob.value)
            knob.put(value)
        yield


def reached(f: Any) -> list[Any]:
    """f and the functions and classes of its module that it uses, with their methods."""
    first = inspect.unwrap(f) if callable(f) else f
    first = first.__func__ if inspect.ismethod(first) else first
    if not inspect.isfunction(first):
        return []
    home = first.__globals__
    found: dict[int, Any] = {}
    open_ones: list[Any] = [first]
    while open_ones and len(found) < MANY:
        one = open_ones.pop(0)
        if inspect.isclass(one) and id(one) not in found:
            found[id(one)] = one
            open_ones += [m for m in vars(one).values() if inspect.isfunction(m)]
        elif inspect.isfunction(one) and one.__globals__ is home and id(one) not in found:
            found[id(one)] = one
            inner = [home[name] for name in names(one.__code__) if name in home]
            inner += [cell.cell_contents for cell in one.__closure__ or () if filled(cell)]
            open_ones += [x for x in inner if inspect.isfunction(x) or ours(x, home)]
    return list(found.values())


def ours(x: Any, home: dict[str, Any]) -> bool:
    return inspect.isclass(x) and x.__module__ == home.get("__name__")


def filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def names(code: CodeType) -> Iterator[str]:
    """What code reads by name, with the code inside of it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names(inner)


def knobs(f: Any) -> list[Knob]:
    """All that can be another, but for what stands among the surroundings of f itself."""
    known = set(surroundings(f))
    found: list[Knob] = []
    seen: set[str] = set()
    for function in reached(f):
        if inspect.isclass(function):
            found += of_class(function)
            continue
        around = function.__globals__
        for name in names(function.__code__):
            if name in around and name not in known | seen and is_data(around[name]):
                seen.add(name)
                found.append(Knob(name, around[name], partial(setitem, around, name)))
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            if filled(cell) and name not in known | seen and is_data(cell.cell_contents):
                seen.add(name)
                found.append(
                    Knob(name, cell.cell_contents, partial(setattr, cell, "cell_contents"))
                )
        found += by_default(function)
        found += in_the_code(function)
    return found[:MANY]


def is_data(x: Any) -> bool:
    if isinstance(x, bool):
        return False
    return isinstance(x, np.ndarray | float | np.floating) or is_records(x)


def is_records(x: Any) -> bool:
    """Whether it is a list of data, or a dict of them: numbers, arrays, or tuples of them."""
    held = list(x.values()) if type(x) is dict else x
    return (
        isinstance(held, list | tuple)
        and len(held) > 1
        and all(isinstance(y, int | float | np.ndarray | np.number | list | tuple) for y in held)
    )


def part_of(x: Any, part: slice) -> Any:
    """Some of the records in a list, an array or a dict."""
    return dict(list(x.items())[part]) if type(x) is dict else x[part]


def of_class(owner: type) -> Iterator[Knob]:
    """Numbers and data that a class holds for all its objects."""
    for name, value in vars(owner).items():
        if not name.startswith("__") and is_data(value):
            yield Knob(f"{owner.__name__}.{name}", value, partial(setattr, owner, name))


def by_default(function: FunctionType) -> Iterator[Knob]:
    """Numbers that arguments have by default."""
    code = function.__code__
    own = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    for k, (name, value) in enumerate(zip(own[len(own) - len(defaults) :], defaults, strict=True)):
        if is_factor(value):

            def put(value: Any, k: int = k) -> None:
                function.__defaults__ = (*defaults[:k], value, *defaults[k + 1 :])

            yield Knob(name, value, put)


def in_the_code(function: FunctionType) -> Iterator[Knob]:
    """Numbers written into the code."""
    code = function.__code__
    for k, value in enumerate(code.co_consts):
        if is_factor(value):

            def put(value: Any, k: int = k) -> None:
                consts = (*code.co_consts[:k], value, *code.co_consts[k + 1 :])
                function.__code__ = code.replace(co_consts=consts)

            yield Knob(f"the {value:g} in {function.__name__}", value, put)


def is_factor(x: Any) -> bool:
    return type(x) is float and abs(x) not in PLAIN and LEAST <= abs(x) < np.inf
