"""What ends a training run early: a loss that is no number, and Ctrl-C."""

from __future__ import annotations

import signal
import threading
from typing import Any

import numpy as np

from dualedu.training.history import History
from dualedu.training.run import Callback, Run


class Diverged(FloatingPointError):
    """A loss was no longer finite.

    Parameters
    ----------
    message : str
        Where that was, and what may help.
    history : History
        The run up to there.
    step : int
        The step, counted from 0.
    loss : float
        What the loss was: NaN or infinite.
    """

    def __init__(self, message: str, history: History, step: int, loss: float) -> None:
        super().__init__(message)
        self.history, self.step, self.loss = history, step, loss


class Divergence(Callback):
    """Ends a run by `Diverged` at the first loss that is NaN or infinite, before its step."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def loss_known(self, run: Run, loss: Any) -> None:
        if np.isfinite(loss):
            return
        loss, step = float(loss), len(run.history.steps)
        if step:
            advice = (
                f"the steps were too long: lower learning_rate from {self.learning_rate:g} to a "
                "third, or average more directions"
            )
            where = f"step {step} (epoch {step // run.steps_per_epoch + 1})"
        else:
            advice = (
                "no step was taken yet: look for NaN or infinity in the images and the parameters"
            )
            where = "step 0"
        message = (
            f"the loss is {loss} at {where}: {advice}. The error's .history holds what came before"
        )
        raise Diverged(message, run.history, step, loss)


class Interrupts:
    """Lets the step under way finish: the first Ctrl-C inside stops the run, a second raises.

    A KeyboardInterrupt in the middle of a step could leave half of the parameters changed.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    def __enter__(self) -> Interrupts:
        self.ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self.ours:
            signal.signal(signal.SIGINT, self.request)
        return self

    def request(self, number: int, frame: Any) -> None:
        if self.run.stop:
            raise KeyboardInterrupt
        self.run.stop = True

    def __exit__(self, *error: object) -> None:
        if self.ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
