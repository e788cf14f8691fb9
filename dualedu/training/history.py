"""What a training run leaves behind: settings, the loss of each step, metrics of each epoch.

A History plots itself, and saves and loads itself as JSON.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

METRICS = {
    "train_loss": "mean loss of the epoch's batches, each before its step",
    "train_accuracy": "share of the training images classified rightly after the epoch",
    "validation_loss": "mean loss of the images held out, after the epoch",
    "validation_accuracy": "share of them classified rightly",
    "test_loss": "mean loss of the test images, after the epoch",
    "test_accuracy": "share of them classified rightly",
    "learning_rate": "of the epoch's last step",
    "seconds": "of training, without the evaluation",
}
"""What an epoch's record may hold, besides its number."""


def versions() -> dict[str, str]:
    """The versions a result may depend on."""
    import dualedu

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "dualedu": dualedu.__version__,
    }


@dataclass
class History:
    """The record of one training run.

    `history["test_accuracy"]` is that metric as a list, one number an epoch.

    Parameters
    ----------
    settings : dict
        What `train` was called with, the seed included.
    epochs : list of dict, optional
        One dict for each epoch done, with its number under "epoch" and its metrics: losses,
        accuracies in [0, 1], the learning rate, and the seconds of training.
    steps : list of float, optional
        The loss of each step, taken on its batch before the step.
    interrupted : bool, optional
        Whether the run was stopped before its last epoch.
    versions : dict, optional
        The versions of Python, NumPy and dualedu.
    """

    settings: dict[str, Any]
    epochs: list[dict[str, Any]] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    interrupted: bool = False
    versions: dict[str, str] = field(default_factory=versions)

    def __getitem__(self, metric: str) -> list[Any]:
        known = list(self.epochs[0]) if self.epochs else []
        if metric not in known:
            raise KeyError(
                f"no metric {metric!r} was recorded; there are {', '.join(known)}"
                if known
                else f"no metric {metric!r} yet: the run has not finished its first epoch"
            )
        return [record[metric] for record in self.epochs]

    def save(self, path: str | os.PathLike[str], steps: bool = True) -> None:
        """Write the history as JSON.

        Parameters
        ----------
        path : path-like
            The file; one that exists is replaced, at once and whole.
        steps : bool, optional
            Whether the loss of each step is written too.
        """
        record = asdict(self)
        losses = json.dumps(record.pop("steps"), allow_nan=False)
        text = json.dumps(record, indent=1, allow_nan=False)
        if steps:  # thousands of numbers, on one line
            text = f'{text[:-2]},\n "steps": {losses}\n}}'
        written_whole(path, f"{text}\n".encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> History:
        """Read what `save` wrote.

        Parameters
        ----------
        path : path-like
            The file.

        Returns
        -------
        history : History
            The record of that run.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        ValueError
            The file holds something else.
        """
        try:
            record = json.loads(Path(path).read_text("utf-8"))
        except ValueError as error:
            raise ValueError(f"{path} is not JSON, or is cut off: {error}") from error
        names = {entry.name for entry in fields(cls)}
        if not isinstance(record, dict) or not names - {"steps"} <= set(record) <= names:
            raise ValueError(f"{path} is JSON, but not a history written by History.save")
        return cls(**record)

    def plot(self) -> Any:
        """Draw loss and accuracy over the epochs, in the book's style.

        The loss of the batches is averaged over a hundredth of the run; the training loss, their
        mean over an epoch, stands at the epoch's middle.

        Returns
        -------
        figure : matplotlib.figure.Figure
            Two axes, the loss on the left and the accuracy in % on the right.

        Raises
        ------
        ImportError
            Matplotlib is not installed.
        """
        import matplotlib.pyplot as plt

        from dualedu import figures

        look = {
            "train": (figures.BLUE, "-", "o"),
            "validation": (figures.GREEN, "-.", "^"),
            "test": (figures.VERMILLION, "--", "s"),
        }
        with plt.style.context("dualedu.book"):
            figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2))
            if self.steps and self.epochs:
                at, losses = averaged(self.steps, max(1, len(self.steps) // 100))
                at = at / self.settings["steps_per_epoch"]
                left.plot(at, losses, color=figures.GREY, lw=0.8, ls="-", label="batches")
            for part, (colour, dash, marker) in look.items():
                style = {"color": colour, "ls": dash, "marker": marker, "ms": 4, "label": part}
                for axes, metric, scale in ((left, "loss", 1), (right, "accuracy", 100)):
                    key = f"{part}_{metric}"
                    early = 0.5 if key == "train_loss" else 0
                    points = [
                        (record["epoch"] - early, scale * record[key])
                        for record in self.epochs
                        if key in record
                    ]
                    if points:
                        axes.plot(*zip(*points, strict=True), **style)
            for axes, label in ((left, "cross-entropy"), (right, "accuracy in %")):
                axes.set_xlabel("epoch")
                axes.set_ylabel(label)
                axes.xaxis.get_major_locator().set_params(integer=True)
                if axes.lines:
                    axes.legend()
        return figure


def averaged(values: list[float], width: int) -> tuple[Any, Any]:
    """Means of `width` values in a row, at the middle of each stretch."""
    count = len(values) // width
    rows = np.reshape(values[: count * width], (count, width))
    return np.arange(count) * width + width / 2, rows.mean(axis=1)


def written_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never half of it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
