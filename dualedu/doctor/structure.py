"""The arrays in a function's arguments: found, named, replaced.

An argument may be an array, a number, or lists, tuples and dicts of them, of NumPy, PyTorch or
JAX. Its floating-point arrays are what is differentiated; everything else stays as it is.
"""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualedu.doctor.tracing import Traced


@dataclass(frozen=True)
class Leaf:
    """One array of floats among the arguments."""

    name: str
    path: tuple[Any, ...]
    given: Any
    """As it came: its type and dtype are what f is called with, unless f takes float64."""


def numbers(x: Any) -> Any:
    """A plain NumPy array of what x holds: a number, an array, a tensor, a dual's tangent."""
    for value, tangent in (("primal", "tangent"), ("real", "dual")):
        if hasattr(x, value) and hasattr(x, tangent):
            x = getattr(x, tangent)
    if hasattr(x, "detach"):
        step = getattr(x, "_doctor_step", None)
        x = x.detach().cpu().numpy()
        if step is not None:  # what follows in NumPy is followed as well
            made: Any = x.view(Traced)
            made.step = step
            return made
    return np.asarray(x)


def is_floats(x: Any) -> bool:
    if isinstance(x, bool | int | str | bytes) or x is None or callable(x):
        return False
    if isinstance(x, float | np.floating):
        return True
    if isinstance(x, np.ndarray) or hasattr(x, "detach") or hasattr(x, "__array__"):
        try:
            return bool(numbers(x).dtype.kind == "f")
        except Exception:
            return False
    return False


def walk(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every entry that is no list, tuple or dict, with its path."""
    if isinstance(tree, dict):
        for key in tree:
            yield from walk(tree[key], (*path, key))
    elif isinstance(tree, list | tuple):
        for i, part in enumerate(tree):
            yield from walk(part, (*path, i))
    else:
        yield path, tree


def replaced(tree: Any, new: dict[tuple[Any, ...], Any], path: tuple[Any, ...] = ()) -> Any:
    """The same structure with the entries at some paths replaced, the others copied."""
    if path in new:
        return new[path]
    if isinstance(tree, dict):
        return type(tree)((k, replaced(v, new, (*path, k))) for k, v in tree.items())
    if isinstance(tree, list | tuple):
        parts = [replaced(v, new, (*path, i)) for i, v in enumerate(tree)]
        return tree._make(parts) if hasattr(tree, "_make") else type(tree)(parts)
    return tree.copy() if isinstance(tree, np.ndarray) else tree


def restored(value: Any, given: Any, wide: bool) -> Any:
    """A value in the form the argument came in, in float64 if `wide`."""
    if type(given).__module__.partition(".")[0] == "torch":
        torch = sys.modules["torch"]
        return tensor_of(torch, value, torch.float64 if wide else given.dtype)
    dtype = np.float64 if wide else numbers(given).dtype
    if isinstance(given, float | np.floating) and np.ndim(value) == 0:
        return float(value) if isinstance(given, float) else dtype(value)
    return np.array(value, dtype)


def tensor_of(torch: Any, value: Any, dtype: Any) -> Any:
    """A tensor with an array's numbers, and its place on the tape where it has one."""
    made = torch.tensor(np.array(value).view(np.ndarray), dtype=dtype)
    if getattr(value, "step", None) is not None:
        made._doctor_step = value.step
    return made


def taken(f: Any) -> inspect.Signature:
    """What f takes itself: a wrapper may hand on more than that, or less."""
    return inspect.signature(f, follow_wrapped=False)


def parameters(f: Any) -> list[str] | None:
    """Names of the positional parameters of f without defaults, or None if it takes any number."""
    try:
        signature = taken(f)
        if any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
            signature = inspect.signature(f)  # of what a wrapper hands them on to
    except (TypeError, ValueError):
        return None
    names = []
    for p in signature.parameters.values():
        if p.kind is p.VAR_POSITIONAL:
            return None
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty:
            names.append(p.name)
    return names


def as_arguments(f: Any, at: Any) -> tuple[Any, ...]:
    """`at` as the positional arguments of f: a tuple is several, unless f takes only one."""
    if not isinstance(at, tuple) or hasattr(at, "_make"):
        return (at,)
    names = parameters(f)
    return (at,) if names is not None and len(names) == 1 and len(at) > 1 else at


def check_call(f: Any, arguments: tuple[Any, ...], words: str) -> None:
    """Raise a TypeError, which begins with these words, if f does not take so many arguments."""
    try:
        signature = taken(f)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        given = "one argument" if len(arguments) == 1 else f"{len(arguments)} arguments"
        raise TypeError(f"{words} {given}, and takes {signature}: {error}") from None


def leaves(f: Any, arguments: tuple[Any, ...]) -> list[Leaf]:
    """All arrays of floats among the arguments, named as in the code: W1, weights[0], p['b']."""
    names = all_names(f)
    found = []
    for path, value in walk(arguments):
        if is_floats(value):
            head = names[path[0]] if path[0] < len(names) else f"argument {path[0]}"
            rest = "".join(f"[{key!r}]" for key in path[1:])
            found.append(Leaf(head + rest, path, value))
    return found


def all_names(f: Any) -> list[str]:
    try:
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return [p.name for p in inspect.signature(f).parameters.values() if p.kind in kinds]
    except (TypeError, ValueError):
        return []


def surroundings(f: Any) -> dict[str, Any]:
    """What f reads from around it: variables of an enclosing function, globals, and of a method
    what its object holds, as self.X."""
    function = inspect.unwrap(f) if callable(f) else f
    found: dict[str, Any] = {}
    if inspect.ismethod(function):
        found = {SELF + k: v for k, v in getattr(function.__self__, "__dict__", {}).items()}
        function = function.__func__
    if not inspect.isfunction(function):
        return {}
    for name in function.__code__.co_names:
        if name in function.__globals__:
            found[name] = function.__globals__[name]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not yet assigned
            continue
    return {
        k: v
        for k, v in found.items()
        if isinstance(v, np.ndarray | int | float | np.number) and not isinstance(v, bool)
    }


SELF = "self."


def with_surroundings(f: Any, new: dict[str, Any]) -> Callable[..., Any]:
    """A copy of f that reads other values of some variables around it."""
    import types

    function = inspect.unwrap(f)
    if inspect.ismethod(function):
        other = copy.copy(function.__self__)
        vars(other).update({k[len(SELF) :]: v for k, v in new.items() if k.startswith(SELF)})
        bound: Callable[..., Any] = types.MethodType(
            with_surroundings(function.__func__, new), other
        )
        return bound
    closure = tuple(
        types.CellType(new[name]) if name in new else cell
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        )
    )
    changed = types.FunctionType(
        function.__code__,
        {**function.__globals__, **new},
        function.__name__,
        function.__defaults__,
        closure,
    )
    changed.__kwdefaults__ = copy.copy(function.__kwdefaults__)
    return changed
