"""The keywords of ufuncs, where= and dtype=, written with indexing and casts; and out=, which is a
keyword or has a place among the arguments."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from dualedu.internals.memory import assign
from dualedu.internals.registry import RULES, qualified
from dualedu.internals.shapes import base, is_dual


def with_keywords(ufunc: Any, args: Sequence[Any], kwargs: dict[str, Any], out: Any) -> Any:
    """ufunc(*args, out=, where=, dtype=), without the keywords in what is called.

    Only the entries that where= names are computed, so that no other warns or has a slope.
    """
    where, dtype = base(kwargs.pop("where", True)), kwargs.pop("dtype", None)
    if kwargs:
        raise TypeError(
            f"{qualified(ufunc)} of a dual number takes no {', '.join(kwargs)}=; leave it out, or "
            "prepare the argument with functions that have a rule"
        )
    if dtype is not None:
        args = [x.astype(dtype) if hasattr(x, "astype") else x for x in args]
    options = {} if out is None else {"out": out}
    if where is True:
        return ufunc(*args, **options)
    if out is None or len(out) > 1 or not is_dual(out[0]):
        raise TypeError(
            f"{qualified(ufunc)} of a dual number takes where= together with one array out= that "
            "can hold dual numbers, as the other entries have no value otherwise: "
            "out=np.zeros_like(x), or np.where(condition, ..., ...) in place of where="
        )
    mask = np.broadcast_to(where, out[0].shape)
    chosen = [np.broadcast_to(x, mask.shape)[mask] if np.ndim(x) else x for x in args]
    assign(out[0], mask, ufunc(*chosen))
    return out[0]


def without_out(
    function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], Any]:
    """The arguments of a function with nothing to write into, and what there was."""
    out, place = kwargs.pop("out", None), place_of_out(function)
    if place is None or len(args) <= place:
        return args, out
    return (*args[:place], None, *args[place + 1 :]), args[place]


@cache
def place_of_out(function: Any) -> int | None:
    """The place of out= among the arguments by position."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # of a function in C, as its rule has it
        found = RULES.get(function)
        signature = inspect.signature(found.call) if found and found.call else inspect.Signature()
    for i, (name, parameter) in enumerate(signature.parameters.items()):
        if name == "out" and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            return i
    return None
