"""A training run: what its next step depends on, and who hears of each step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dualedu.training.history import History


class Callback:
    """What hangs on a training run. Each method is called with the run; here none does anything."""

    def run_begins(self, run: Run) -> None:
        """Before the first epoch."""

    def epoch_begins(self, run: Run) -> None:
        """Before the first step of an epoch, or the first after a resume within one."""

    def loss_known(self, run: Run, loss: Any) -> None:
        """A loss was computed: of a batch, before its step, or of a held-out part."""

    def step_ends(self, run: Run) -> None:
        """The parameters have changed, and the loss is in the history."""

    def epoch_ends(self, run: Run, record: dict[str, Any]) -> None:
        """All steps of an epoch are done, and its metrics are in the history."""

    def pauses(self, run: Run) -> None:
        """After each epoch, and where the run stops within one."""

    def run_ends(self, run: Run) -> None:
        """The run is over, whatever ended it."""


class Run:
    """Everything the next step depends on.

    As a context manager it tells the callbacks of the run's beginning and end, and ends the run
    where a KeyboardInterrupt is raised.

    Parameters
    ----------
    parameters, velocities : sequence of ndarray
        The arrays that a step changes in place.
    rng : Generator
        Orders the images and draws the directions.
    history : History
        The steps and epochs done, with `epochs` and `steps_per_epoch` in its settings.
    callbacks : sequence of Callback
        Called in this order.

    Attributes
    ----------
    seconds : float
        Spent on the epoch under way.
    stop : bool
        Set it to end the run after the step under way.
    """

    def __init__(
        self,
        parameters: Sequence[Any],
        velocities: Sequence[Any],
        rng: np.random.Generator,
        history: History,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.parameters, self.velocities = list(parameters), list(velocities)
        self.rng, self.history, self.callbacks = rng, history, callbacks
        self.steps_per_epoch = int(history.settings["steps_per_epoch"])
        self.seconds = 0.0
        self.epoch_start: Any = None
        self.stop = False

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.history.epochs)

    @property
    def step(self) -> int:
        """How many steps of the epoch under way are done."""
        return len(self.history.steps) - self.epoch * self.steps_per_epoch

    def order(self, count: int) -> Any:
        """The random order of this epoch's images. After a resume within the epoch it is drawn
        again as it was, and the generator goes on where it had stopped."""
        generator = self.rng.bit_generator
        now = generator.state
        resumed = self.epoch_start is not None
        if resumed:
            generator.state = self.epoch_start
        else:
            self.epoch_start = now
        order = self.rng.permutation(count)
        if resumed:
            generator.state = now
        return order

    def epochs(self, metrics: Callable[[], dict[str, Any]]) -> Iterator[int]:
        """The epochs to do, counted from 1. Each is timed, and measured by `metrics` at its end."""
        count = int(self.history.settings["epochs"])
        while self.epoch < count and not self.history.interrupted:
            self.tell("epoch_begins")
            began = time.perf_counter() - self.seconds
            yield self.epoch + 1
            self.seconds = time.perf_counter() - began
            if self.step == self.steps_per_epoch:
                record = metrics()
                self.history.epochs.append(record)
                self.seconds, self.epoch_start = 0.0, None
                self.tell("epoch_ends", record)
            self.history.interrupted = self.stop and self.epoch < count
            self.tell("pauses")

    def check(self, loss: Any) -> None:
        """Show a loss to the callbacks before anything is done with it."""
        self.tell("loss_known", loss)

    def record(self, loss: Any) -> None:
        """Count a step that is done, and its loss."""
        self.history.steps.append(float(loss))
        self.tell("step_ends")

    def tell(self, event: str, *what: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self, *what)

    def __enter__(self) -> Run:
        self.tell("run_begins")
        return self

    def __exit__(self, kind: object, error: object, at: object) -> bool:
        # The second Ctrl-C, or one that came by a handler other than Python's own.
        interrupted = isinstance(error, KeyboardInterrupt)
        self.history.interrupted |= interrupted
        self.tell("run_ends")
        return interrupted
