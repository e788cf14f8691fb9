"""All states of a widget that has few, drawn beforehand for a page without a kernel.

`table` makes the file that `stored.js` reads. Its pictures are cut into elements, of which each is
kept once: neighbouring states differ in few of them.
"""

from __future__ import annotations

import json
import zlib
from itertools import product
from typing import Any

FILE = "states.bin"
"""Compressed here, for not every host does it; a host has no opinion on this ending."""


def table(widget: Any) -> bytes:
    """What a widget answers in each state that its `stored` traits can have.

    Parameters
    ----------
    widget : Explorable
        In the state in which the page shows it.

    Returns
    -------
    states : bytes
        JSON, compressed by zlib.

    Raises
    ------
    TypeError
        A control of the widget is of a trait that is not stored.
    """
    public, names = widget.public(), widget.stored
    shown = {name for row in widget._rows() for name in row} - {*widget.actions()}
    if missing := sorted(shown - {*names}):
        raise TypeError(f"{type(widget).__name__} can change {missing[0]!r}, which is not stored")
    others = {name: value for name, value in widget.state().items() if name not in names}
    pool: dict[str, int] = {}
    states: dict[str, Any] = {}
    pressed: dict[str, dict[str, str]] = {name: {} for name in widget.actions()}
    for values in product(*(public[name].values() for name in names)):
        key = written(values)
        put(widget, {**others, **dict(zip(names, values, strict=True))})
        try:
            model = widget.model()
        except ValueError as error:
            states[key] = str(error)
            continue
        elements = widget.draw(model).split("<")
        states[key] = [[pool.setdefault(e, len(pool)) for e in elements], model.words()]
        for name, act in widget.actions().items():
            after = put(widget, {}, act)
            if all(after[other] == value for other, value in others.items()):
                pressed[name][key] = written(after[name] for name in names)
    whole = [name for name in names if isinstance(public[name].values(), range)]
    record = {
        "traits": names, "whole": whole, "pool": [*pool], "states": states, "actions": pressed,
    }  # fmt: skip
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 9)


def written(values: Any) -> str:
    """The key of a state, as `JSON.stringify` writes it."""
    return json.dumps([*values], ensure_ascii=False, separators=(",", ":"))


def put(widget: Any, state: dict[str, Any], act: Any = None) -> dict[str, Any]:
    """The state of a widget after changes, or after what a button does, without a redraw."""
    widget._drawing = True
    for name, value in state.items():
        setattr(widget, name, value)
    if act:
        act(widget)
    widget._drawing = False
    return dict(widget.state())
