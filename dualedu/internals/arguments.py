"""The arguments by which a function is differentiated: which they are, and their form."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualedu.internals.messages import described
from dualedu.internals.trees import map_leaves

Function = Callable[..., Any]


def check_function(name: str, f: Any, argnums: Any) -> None:
    """Refuse gradient(f(x)) and gradient(f, x) where they are written."""
    if not callable(f):
        raise TypeError(
            f"{name} takes a function and gives one; it got {described(f)}: write {name}(f) "
            f"for the function, and {name}(f)(x) for its value at x"
        )
    for number in argnums if isinstance(argnums, tuple | list) else [argnums]:
        if not isinstance(number, int | np.integer):
            raise TypeError(
                f"{name}: argnums is of type {type(number).__name__}; give the place of an "
                f"argument, such as 0, or a tuple of places. For the value at x write {name}(f)(x)"
            )


def moving(
    name: str, f: Function, argnums: Any, args: Sequence[Any], options: dict[str, Any]
) -> tuple[Function, Any]:
    """f as a function of the argument (or tuple of arguments) to differentiate by, and that."""
    if argnums == 0 and len(args) == 1 and not options:
        return f, args[0]
    if isinstance(argnums, tuple | list):
        places = [place(name, number, args) for number in argnums]
        if not places or len(set(places)) < len(places):
            raise ValueError(f"{name}: argnums is {argnums!r}; name each argument once")
        return (
            lambda chosen: f(*exchanged(args, dict(zip(places, chosen, strict=True))), **options),
            Several(args[i] for i in places),
        )
    i = place(name, argnums, args)
    return lambda x: f(*exchanged(args, {i: x}), **options), args[i]


def place(name: str, number: Any, args: Sequence[Any]) -> int:
    i = operator.index(number)
    if not -len(args) <= i < len(args):
        raise TypeError(
            f"{name}: argnums is {number}, and the function was called with {len(args)} "
            "argument(s) by position; those to differentiate by are given by position"
        )
    return i % len(args)


def exchanged(args: Sequence[Any], new: dict[int, Any]) -> list[Any]:
    return [new.get(i, arg) for i, arg in enumerate(args)]


class Several(tuple[Any, ...]):
    """The arguments that argnums names: a container even where all are plain numbers."""

    _fields = ()

    @classmethod
    def _make(cls, parts: Any) -> Several:
        return cls(parts)


def in_form(x: Any, parts: Sequence[Any], finish: Function) -> Any:
    """finish(part, leaf) for each leaf of x, in the form of x."""
    made = map_leaves(lambda leaf, part: finish(part, leaf), x, like_tree(x, parts))
    return tuple(made) if isinstance(made, Several) else made


def like_tree(x: Any, parts: Sequence[Any]) -> Any:
    """The parts, one a leaf of x, in the form of x."""
    rest = iter(parts)
    return map_leaves(lambda leaf: next(rest), x)
