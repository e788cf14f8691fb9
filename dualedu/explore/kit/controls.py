"""What a reader can set: traits that know their limits, their words and their control.

A widget's public state is declared once, as in `x = Number(1.0, -4, 4, label="x")`. From that come
the trait with its checks, the slider and number box in a notebook, and the control of a page that
has no kernel yet. A bad value is refused: the widget says why and keeps what it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from html import escape
from math import isfinite, log10
from typing import Any

import ipywidgets as widgets
import traitlets

from dualedu.explore.kit.numerals import number


class Refused(ValueError):
    """A value that a widget does not take; the message is shown to the reader."""


class Control(traitlets.TraitType):  # type: ignore[type-arg]
    """A public trait with a control of its own.

    label: the visible name. help: one sentence for the documentation and the tooltip.
    """

    def __init__(self, default: Any, *, label: str, help: str = "") -> None:
        super().__init__(default, help=help)
        self.label = label
        # Synchronised, so that a page can set it when the widget comes alive.
        self.tag(sync=True)

    def accept(self, value: Any) -> Any:
        """The value as it is kept, or `Refused` with a sentence that says why not."""
        raise NotImplementedError

    def takes(self) -> str:
        """What is accepted, in a few words of Markdown for the documentation."""
        return self.label

    def values(self) -> Sequence[Any]:
        """All values that are accepted, where these are few."""
        raise TypeError(f"{self.label} has too many values to list")

    def validate(self, obj: Any, value: Any) -> Any:
        try:
            return self.accept(value)
        except Refused as refusal:
            obj.refuse(str(refusal))
            return obj._trait_values.get(self.name, self.default_value)

    def build(self) -> tuple[widgets.Widget, ...]:
        """The controls, each of which has this trait's value as its own `value`."""
        raise NotImplementedError

    def standin(self, value: Any) -> str:
        """The control in plain HTML, for a page without a kernel."""
        raise NotImplementedError

    def attributes(self, **more: Any) -> str:
        written = {"data-trait": self.name, "title": self.help or None} | more
        return "".join(
            f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
            for key, value in written.items()
            if value is not None and value is not False
        )

    def labelled(self, *fields: str) -> str:
        label = f'<span class="explore-label">{escape(self.label)}</span>'
        return f'<label class="explore-row explore-{self.name}">{label}{"".join(fields)}</label>'


class Number(Control):
    """A finite number from `low` to `high`: a box and, beside it, a slider.

    With log=True the slider moves in powers of ten and `step` counts decades. `slides` is what the
    slider covers, where the box takes numbers far beyond what one would slide to.
    """

    def __init__(
        self,
        default: float,
        low: float,
        high: float,
        *,
        label: str,
        step: float = 0.05,
        log: bool = False,
        slides: tuple[float, float] | None = None,
        help: str = "",
    ) -> None:
        super().__init__(default, label=label, help=help)
        self.low, self.high, self.step, self.log = low, high, step, log
        self.slides = slides or (low, high)

    def accept(self, value: Any) -> Any:
        try:
            taken = self.convert(value)
        except Refused:
            raise
        except (TypeError, ValueError, OverflowError):
            raise Refused(f"{self.label} needs a number, not {value!r}.") from None
        if not isfinite(taken) or not self.low <= taken <= self.high:
            told = "not a number" if taken != taken else number(taken, 6)
            limits = f"from {number(self.low, 6)} to {number(self.high, 6)}"
            raise Refused(f"{self.label} goes {limits}; {told} is outside.")
        return taken

    def takes(self) -> str:
        return f"a number from {number(self.low, 6)} to {number(self.high, 6)}"

    def convert(self, value: Any) -> float:
        return float(value)

    def build(self) -> tuple[widgets.Widget, ...]:
        box = widgets.FloatText(description=self.label)
        limits = {"step": self.step, "readout": False}
        low, high = self.slides
        if self.log:
            low, high = log10(low), log10(high)
            slider = widgets.FloatLogSlider(self.default_value, min=low, max=high, **limits)
            slider.add_class("explore-log")  # its front end speaks of powers of ten
            return box, slider
        return box, widgets.FloatSlider(self.default_value, min=low, max=high, **limits)

    def answers(self, slid: float, value: float) -> bool:
        """Whether a slider at `slid` shows `value` as well as its steps allow.

        A slider that is shown a value between its steps reports the nearest one, untouched.
        """
        places = (min(max(v, self.slides[0]), self.slides[1]) for v in (slid, value))
        there, here = map(log10, places) if self.log else places
        return abs(there - here) <= self.step * 0.501

    def slid(self, value: float) -> float:
        """A slider's value without the digits that nobody chose: 0.3, not 0.30000000000000004."""
        return float(f"{value:.3g}") if self.log else round(value, 9) + 0.0

    def standin(self, value: Any) -> str:
        at = log10(value) if self.log else value
        low, high = map(log10, self.slides) if self.log else self.slides
        shown = f"{value:.6g}"
        box = self.attributes(type="number", step="any", min=self.low, max=self.high, value=shown)
        scale = {"data_scale": "log"} if self.log else {}
        slider = self.attributes(
            type="range",
            min=f"{low:g}",
            max=f"{high:g}",
            step=f"{self.step:g}",
            value=f"{at:.6g}",
            aria_label=self.label,
            aria_valuetext=shown,
            **scale,
        )
        return self.labelled(f"<input{box}>", f"<input{slider}>")


class Count(Number):
    """A whole number from `low` to `high`."""

    def __init__(
        self, default: int, low: int, high: int, *, label: str, step: int = 1, help: str = ""
    ) -> None:
        super().__init__(default, low, high, label=label, step=step, help=help)

    def takes(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def values(self) -> range:
        return range(int(self.low), int(self.high) + 1)

    def convert(self, value: Any) -> int:
        if value != int(value):
            raise Refused(f"{self.label} needs a whole number, not {number(value, 6)}.")
        return int(value)

    def build(self) -> tuple[widgets.Widget, ...]:
        limits = {"min": self.low, "max": self.high, "step": self.step, "readout": False}
        box = widgets.IntText(description=self.label, step=self.step)
        return box, widgets.IntSlider(self.default_value, **limits)


class Choice(Control):
    """One of a few values. `options` are the values, or a dict from what is shown to the value."""

    def __init__(self, default: Any, options: Iterable[Any], *, label: str, help: str = "") -> None:
        super().__init__(default, label=label, help=help)
        self.options = dict(options) if isinstance(options, dict) else {str(o): o for o in options}

    def accept(self, value: Any) -> Any:
        if value not in self.options.values():
            known = ", ".join(map(repr, self.options.values()))
            raise Refused(f"{self.label} has no choice {value!r}: there are {known}.")
        return value

    def takes(self) -> str:
        return "one of " + ", ".join(f"`{value!r}`" for value in self.options.values())

    def values(self) -> list[Any]:
        return [*self.options.values()]

    def build(self) -> tuple[widgets.Widget, ...]:
        return (widgets.Dropdown(options=list(self.options.items()), description=self.label),)

    def standin(self, value: Any) -> str:
        def option(shown: str, own: Any) -> str:
            chosen = " selected" if own == value else ""
            return f'<option value="{escape(str(own))}"{chosen}>{escape(shown)}</option>'

        options = "".join(option(shown, own) for shown, own in self.options.items())
        return self.labelled(f"<select{self.attributes()}>{options}</select>")


class Switch(Control):
    """On or off: a checkbox."""

    def accept(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Refused(f"{self.label} is on or off, True or False, not {value!r}.")
        return value

    def takes(self) -> str:
        return "True or False"

    def values(self) -> list[bool]:
        return [False, True]

    def build(self) -> tuple[widgets.Widget, ...]:
        return (widgets.Checkbox(description=self.label, indent=False),)

    def standin(self, value: Any) -> str:
        box = self.attributes(type="checkbox", checked="checked" if value else None)
        label = f"<span>{escape(self.label)}</span>"
        return f'<label class="explore-row explore-{self.name}"><input{box}>{label}</label>'


class Line(Control):
    """A line of text, taken when Enter is pressed or the field is left.

    check: called with the text; what it raises, a ValueError with a sentence, refuses it.
    """

    def __init__(self, default: str, check: Any, *, label: str, help: str = "") -> None:
        super().__init__(default, label=label, help=help)
        self.check = check

    def accept(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Refused(f"{self.label} is a text, not {value!r}.")
        try:
            self.check(value)
        except ValueError as error:
            raise Refused(str(error)) from None
        return value

    def takes(self) -> str:
        return "a text"

    def build(self) -> tuple[widgets.Widget, ...]:
        return (widgets.Text(description=self.label, continuous_update=False),)

    def standin(self, value: Any) -> str:
        field = self.attributes(type="text", value=value, spellcheck="false", autocomplete="off")
        return self.labelled(f"<input{field}>")


class Passage(Control):
    """A text of many lines, taken when the field is left.

    most: how many letters it may have.
    """

    def __init__(self, default: str, *, label: str, most: int = 200_000, help: str = "") -> None:
        super().__init__(default, label=label, help=help)
        self.most = most

    def accept(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Refused(f"{self.label} is a text, not {value!r}.")
        if len(value) > self.most:
            raise Refused(f"{self.label} has {len(value)} letters; {self.most} are the most.")
        return value

    def takes(self) -> str:
        return "a text of many lines"

    def build(self) -> tuple[widgets.Widget, ...]:
        return (widgets.Textarea(description=self.label, continuous_update=False, rows=12),)

    def standin(self, value: Any) -> str:
        field = self.attributes(rows=12, spellcheck="false", autocomplete="off")
        return self.labelled(f"<textarea{field}>\n{escape(value)}</textarea>")


class Name(Control):
    """A name out of a list that changes: the widget fills in the options of its control."""

    def accept(self, value: Any) -> str:
        if not (isinstance(value, str) and (value.isidentifier() or not value)):
            raise Refused(f"{self.label} is a name, not {value!r}.")
        return value

    def takes(self) -> str:
        return "a name"

    def build(self) -> tuple[widgets.Widget, ...]:
        options = [self.default_value]
        return (widgets.Dropdown(options=options, description=self.label),)

    def standin(self, value: Any) -> str:
        shown = escape(value)
        option = f'<option value="{shown}" selected>{shown}</option>'
        return self.labelled(f"<select{self.attributes()}>{option}</select>")


class Numbers(Control):
    """Several numbers of the same range, as a tuple: a number box and a slider for each.

    labels: the visible name of each number.
    """

    def __init__(
        self,
        default: Sequence[float],
        low: float,
        high: float,
        *,
        labels: Sequence[str],
        label: str,
        step: float = 0.1,
        slides: tuple[float, float] | None = None,
        help: str = "",
    ) -> None:
        super().__init__(tuple(map(float, default)), label=label, help=help)
        self.labels, self.limits = tuple(labels), (low, high)
        self.step, self.slides = step, slides

    @cached_property
    def parts(self) -> tuple[Number, ...]:
        """Each number as a control of its own that is no trait."""
        return tuple(
            Number(default, *self.limits, label=label, step=self.step, slides=self.slides)
            for default, label in zip(self.default_value, self.labels, strict=True)
        )

    def takes(self) -> str:
        low, high = (number(v, 6) for v in self.limits)
        return f"{len(self.labels)} numbers from {low} to {high}"

    def accept(self, value: Any) -> tuple[float, ...]:
        try:
            values = tuple(value)
        except TypeError:
            values = ()
        if len(values) != len(self.labels):
            raise Refused(f"{self.label} needs {len(self.labels)} numbers, not {value!r}.")
        return tuple(part.accept(v) for part, v in zip(self.parts, values, strict=True))

    def standin(self, value: Any) -> str:
        rows = []
        for i, (part, single) in enumerate(zip(self.parts, value, strict=True)):
            part.name = f"{self.name}-{i}"
            rows.append(part.standin(single))
        return "".join(rows)
