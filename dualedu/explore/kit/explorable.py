"""The base of all widgets: public traits, controls made from them, a picture drawn from a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

import ipywidgets as widgets

from dualedu.explore.kit import standin
from dualedu.explore.kit.controls import Control, Number, Numbers
from dualedu.explore.kit.picture import Picture
from dualedu.explore.kit.svg import printed

Action = Callable[[Any], None]


def action(label: str) -> Callable[[Action], Action]:
    """Marks a method that a button calls: @action("Step forward")."""

    def mark(method: Action) -> Action:
        method.label = label  # type: ignore[attr-defined]
        return method

    return mark


class Explorable(widgets.VBox):  # type: ignore[misc]
    """A widget whose whole state is its public traits.

    A subclass declares traits (`controls.py`), makes a frozen `model` from them and draws it. Any
    change of a trait, from a control, from the pointer or from Python, leads to one redraw.

    A bad value is refused: `message` says why, in the widget too, and the state stays as it was.
    `words` is the state in one sentence. Without a kernel the stored picture stands in.

    Parameters
    ----------
    **traits : object
        Values of the public traits; `public` names them.

    Raises
    ------
    TypeError
        There is no trait of that name.
    """

    title: ClassVar[str]
    rows: ClassVar[tuple[str | tuple[str, ...], ...] | None] = None
    """The names of traits and actions, row by row. By default each trait has a row, in the order
    of declaration, and the actions share the last."""
    stored: ClassVar[tuple[str, ...]] = ()
    """Traits of few values each, where these are all that the widget's controls can change: their
    states are drawn when a book is built, and its pages answer without a kernel."""

    def __init__(self, **traits: Any) -> None:
        known = {*self.trait_names()}
        if unknown := sorted(traits.keys() - known):
            names = ", ".join(self.public())
            raise TypeError(f"{type(self).__name__} has no trait {unknown[0]!r}: it has {names}")
        self._drawing = False
        self._refusal = ""
        self.picture = Picture()
        self.controls: dict[str, tuple[widgets.Widget, ...]] = {}
        super().__init__(**traits)
        self.add_class("dualedu-explore")
        self.children = [*self._build(), self.picture]
        self._good = self.state()
        self.observe(self._on_change, list(self.public()))
        self.picture.observe(self._on_gesture, "gesture")
        self.redraw()

    # What a subclass says.

    def model(self) -> Any:
        """The numbers for the present traits.

        Returns
        -------
        model : object
            What `draw` draws; frozen.

        Raises
        ------
        ValueError
            The traits do not go together; its sentence is shown, and they go back to what held.
        """
        raise NotImplementedError

    def draw(self, model: Any) -> str:
        """The picture of a model.

        Parameters
        ----------
        model : object
            What `model` returned.

        Returns
        -------
        svg : str
            The picture as SVG.
        """
        raise NotImplementedError

    def drag(self, grip: str, x: float, y: float, phase: str) -> None:
        """Take a gesture of the pointer on the picture.

        Parameters
        ----------
        grip : str
            The attribute data-drag of the element that the pointer holds.
        x : float
            The pointer's place, in the drawing's units.
        y : float
            The pointer's place, in the drawing's units.
        phase : {"start", "move", "end"}
            What the pointer does.
        """

    # The state.

    # Cached, for every move of a slider asks for them a dozen times.

    @classmethod
    @cache
    def public(cls) -> Mapping[str, Control]:
        """The traits that are the widget's state, in the order of their declaration.

        Returns
        -------
        traits : mapping
            The traits by name.
        """
        return MappingProxyType(
            {
                name: trait
                for base in reversed(cls.__mro__)
                for name, trait in vars(base).items()
                if isinstance(trait, Control)
            }
        )

    @classmethod
    @cache
    def actions(cls) -> Mapping[str, Action]:
        """The methods that buttons call.

        Returns
        -------
        actions : mapping
            The methods by name.
        """
        return MappingProxyType(
            {
                name: method
                for base in reversed(cls.__mro__)
                if issubclass(base, Explorable)
                for name, method in vars(base).items()
                if callable(method) and hasattr(method, "label")
            }
        )

    def state(self) -> dict[str, Any]:
        """The values of the public traits.

        Returns
        -------
        state : dict
            The values by name.
        """
        return {name: getattr(self, name) for name in self.public()}

    @property
    def words(self) -> str:
        """The state in one sentence, as it stands under the picture."""
        return str(self.picture.words)

    @property
    def message(self) -> str:
        """Why the last value was refused; empty when it was taken."""
        return str(self.picture.message)

    def update(self, **traits: Any) -> None:
        """Set several traits, and draw once.

        Parameters
        ----------
        **traits : object
            Values of public traits.
        """
        with self._together():
            for name, value in traits.items():
                setattr(self, name, value)

    def refuse(self, message: str) -> None:
        """Show why a value is not taken. The controls go back to what holds.

        Parameters
        ----------
        message : str
            The reason, a sentence.
        """
        self._refusal = self.picture.message = message
        self._follow()

    # From a change to the picture.

    @contextmanager
    def _together(self) -> Iterator[None]:
        if self._drawing:  # within another change: that one draws
            yield
            return
        self._drawing, self._refusal = True, ""
        try:
            yield
        finally:
            self._drawing = False
        self.redraw()

    def _on_change(self, change: Any) -> None:
        # A trait that sets another is drawn with it, once; what was refused stays said.
        if not self._drawing and self.state() != self._good:
            self._refusal = ""
            self.redraw()

    def _on_gesture(self, change: Any) -> None:
        gesture = change["new"]
        if gesture:
            with self._together():
                self.drag(gesture["drag"], gesture["x"], gesture["y"], gesture["phase"])

    def redraw(self) -> None:
        """Make the model, draw it and say it; where that fails, go back to the last good state."""
        try:
            model = self.model()
        except ValueError as error:
            self._restore()
            self.refuse(str(error))
            return
        self._good = self.state()
        self._follow()
        with self.picture.hold_sync():  # one message: picture and sentence change together
            self.picture.svg = self.draw(model)
            self.picture.words = model.words()
            self.picture.message = self._refusal

    def _restore(self) -> None:
        self._drawing = True
        for name, value in [*self._good.items()] * 2:  # twice, as one trait may set another
            setattr(self, name, value)
        self._drawing = False

    def _follow(self) -> None:
        """Let every control show its trait."""
        self._drawing, before = True, self._drawing
        for name, controls in self.controls.items():
            for i, control in enumerate(controls):
                value = self._shown(name, i)
                if control.value != value:
                    control.value = value
                elif self._refusal:
                    control.send_state("value")  # the browser still shows what was refused
        self._drawing = before

    def _shown(self, name: str, i: int) -> Any:
        value = getattr(self, name)
        return value[i // 2] if isinstance(self.public()[name], Numbers) else value

    # The controls.

    def _build(self) -> list[widgets.Widget]:
        heading = widgets.HTML(f"<strong>{self.title}</strong>")
        heading.add_class("explore-title")
        return [heading, *(self._row(names) for names in self._rows())]

    @classmethod
    def _rows(cls) -> list[tuple[str, ...]]:
        if cls.rows is not None:
            return [(row,) if isinstance(row, str) else row for row in cls.rows]
        buttons = tuple(cls.actions())
        return [(name,) for name in cls.public()] + ([buttons] if buttons else [])

    def _row(self, names: tuple[str, ...]) -> widgets.Widget:
        parts = [part for name in names for part in self._parts(name)]
        if len(parts) == 1:
            return parts[0]
        row = widgets.HBox(parts)
        row.add_class("explore-group")
        return row

    def _parts(self, name: str) -> list[widgets.Widget]:
        """The rows of one trait, or the button of one action."""
        if name in self.actions():
            button = widgets.Button(description=self.actions()[name].label)  # type: ignore[attr-defined]
            button.on_click(lambda _: self.press(name))
            button.add_class(f"explore-{name}")
            return [button]
        trait = self.public()[name]
        if isinstance(trait, Numbers):
            pairs = [part.build() for part in trait.parts]
        else:
            pairs = [trait.build()]
        self.controls[name] = tuple(control for pair in pairs for control in pair)
        for i, control in enumerate(self.controls[name]):
            control.value = self._shown(name, i)
            control.observe(self._setter(name, i), "value")
            control.tooltip = trait.help
        return [self._labelled(name, pair) for pair in pairs]

    def _labelled(self, name: str, pair: tuple[widgets.Widget, ...]) -> widgets.Widget:
        row = widgets.HBox(pair) if len(pair) > 1 else pair[0]
        for css in ("explore-row", f"explore-{name}"):
            row.add_class(css)
        return row

    def _setter(self, name: str, i: int) -> Callable[[Any], None]:
        def take(change: Any) -> None:
            if self._drawing:
                return
            value, trait = change["new"], self.public()[name]
            single = trait.parts[i // 2] if isinstance(trait, Numbers) else trait
            if i % 2 and isinstance(single, Number):  # the slider, which stands beside its box
                if single.answers(value, self._shown(name, i)):
                    return
                value = single.slid(value)
            if isinstance(trait, Numbers):
                values = list(getattr(self, name))
                values[i // 2] = value
                value = tuple(values)
            before = getattr(self, name)
            with self._together():
                setattr(self, name, value)
            if getattr(self, name) == before:
                self._follow()

        return take

    def press(self, name: str) -> None:
        """Do what the button of an action does.

        Parameters
        ----------
        name : str
            The action's name.
        """
        with self._together():
            self.actions()[name](self)

    # Without a kernel.

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        still = {
            "text/plain": f"{self.title}. {self.words}",
            "image/svg+xml": printed(self.picture.svg),
            standin.MIME: standin.figure(self),
        }
        return data | still, metadata
