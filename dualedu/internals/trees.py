"""Parameters as people hold them: lists, tuples, dicts and dataclasses of numbers and arrays.

A tree is such a container, nested at will; its leaves are the numbers and arrays. A list or tuple
of plain numbers alone is an array, as everywhere in NumPy.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import numpy as np

from dualedu.internals.shapes import is_dual


def is_container(x: Any) -> bool:
    """Whether x is a list, tuple, dict or dataclass; as a result of a function, always a tree."""
    if type(x) is float or is_dual(x) or hasattr(x, "shape"):
        return False
    return isinstance(x, list | tuple | Mapping) or is_record(x)


def is_tree(x: Any) -> bool:
    """Whether an argument is a container of parameters, not a number or an array itself."""
    return is_container(x) and not numbers_alone(x)


def is_record(x: Any) -> bool:
    return dataclasses.is_dataclass(x) and not isinstance(x, type)


def numbers_alone(x: Any) -> bool:
    """Whether nested lists hold nothing but plain numbers, and at least one of them."""
    if isinstance(x, list | tuple):
        return bool(x) and not hasattr(x, "_fields") and all(map(numbers_alone, x))
    return isinstance(x, int | float | complex | np.number | np.bool_) and not is_dual(x)


def leaves(tree: Any, path: str = "") -> list[tuple[str, Any]]:
    """The leaves in order, each with the way to it, such as "['w'][0]". None is no leaf."""
    if tree is None:
        return []
    if not is_tree(tree):
        return [(path, tree)]
    return [leaf for step, part in children(tree) for leaf in leaves(part, path + step)]


def children(tree: Any) -> list[tuple[str, Any]]:
    if isinstance(tree, Mapping):
        return [(f"[{key!r}]", part) for key, part in tree.items()]
    if is_record(tree):
        return [(f".{f.name}", getattr(tree, f.name)) for f in dataclasses.fields(tree)]
    return [(f"[{i}]", part) for i, part in enumerate(tree)]


def map_leaves(
    f: Callable[..., Any], tree: Any, *others: Any, branches: Callable[[Any], bool] = is_tree
) -> Any:
    """A tree of the same form with f(leaf, …) for each leaf; the other trees have that form too."""
    if tree is None:
        return None
    if not branches(tree):
        return f(tree, *others)
    # Not a function within this one that calls itself: as a cycle it would keep what f refers to,
    # megabytes of seeds, until the garbage collector comes.
    inner = functools.partial(map_leaves, f, branches=branches)
    if isinstance(tree, Mapping):
        made = {k: inner(part, *(o[k] for o in others)) for k, part in tree.items()}
        return made if type(tree) is dict else refilled(tree, made)
    if is_record(tree):
        new = object.__new__(type(tree))
        for field in dataclasses.fields(tree):  # past __init__: the fields are all there is
            part = inner(*(getattr(o, field.name) for o in (tree, *others)))
            object.__setattr__(new, field.name, part)
        return new
    items = [inner(*parts) for parts in zip(tree, *others, strict=True)]
    return tree._make(items) if hasattr(tree, "_make") else type(tree)(items)


def refilled(mapping: Any, made: dict[Any, Any]) -> Any:
    """A mapping of the same type with other values: a defaultdict keeps its default."""
    if not isinstance(mapping, MutableMapping):
        return type(mapping)(made)
    new = copy.copy(mapping)
    new.update(made)
    return new


def same_form(a: Any, b: Any) -> bool:
    """Whether two trees have the same containers with the same keys, down to the leaves."""
    if a is None or b is None:
        return a is b
    if not is_tree(a):
        return not is_tree(b) or numbers_alone(b)
    if not is_tree(b) or type(a) is not type(b):
        return False
    ours, theirs = dict(children(a)), dict(children(b))
    return ours.keys() == theirs.keys() and all(same_form(p, theirs[k]) for k, p in ours.items())
