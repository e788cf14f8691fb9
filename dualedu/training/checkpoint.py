"""The state of a training run between two steps, and the file from which it continues.

The file is an .npz archive without pickled objects: the parameters, their velocities, and all
else, the state of the random generator included, as JSON. It is written whole or not at all.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dualedu.training.history import History, written_whole

File = str | os.PathLike[str]


class Run:
    """Everything the next step depends on.

    parameters, velocities : the arrays that a step changes in place
    rng : the generator that orders the images and draws the directions
    history : the steps and epochs done
    seconds : spent on the epoch under way
    """

    def __init__(
        self,
        parameters: Sequence[Any],
        velocities: Sequence[Any],
        rng: np.random.Generator,
        history: History,
    ) -> None:
        self.parameters, self.velocities = list(parameters), list(velocities)
        self.rng, self.history = rng, history
        self.seconds = 0.0
        self.epoch_start: Any = None

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.history.epochs)

    @property
    def step(self) -> int:
        """How many steps of the epoch under way are done."""
        return len(self.history.steps) - self.epoch * int(self.history.settings["steps_per_epoch"])

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

    def end_epoch(self, record: dict[str, Any]) -> None:
        self.history.epochs.append(record)
        self.seconds, self.epoch_start = 0.0, None

    def arrays(self) -> dict[str, Any]:
        parts = {"parameter": self.parameters, "velocity": self.velocities}
        return {f"{kind}{i}": a for kind, part in parts.items() for i, a in enumerate(part)}

    def save(self, path: File) -> None:
        """Write the state, replacing an earlier one."""
        state = {
            "history": asdict(self.history),
            "random": self.rng.bit_generator.state,
            "epoch_start": self.epoch_start,
            "seconds": self.seconds,
        }
        text = json.dumps(state, allow_nan=False, default=lambda array: array.tolist())
        archive = io.BytesIO()
        np.savez(archive, state=np.array(text), **self.arrays())
        written_whole(path, archive.getvalue())

    def resume(self, path: File) -> None:
        """Take over the state that `save` wrote for a run with the same settings.

        Raises FileNotFoundError if there is no such file, ValueError if it is no checkpoint or
        belongs to a run with other settings.
        """
        if not Path(path).exists():
            raise FileNotFoundError(f"there is no checkpoint {path} to resume from")
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            state = json.loads(str(arrays["state"]))
            saved = History(**state["history"])
        except (OSError, EOFError, TypeError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ValueError(
                f"{path} is not a checkpoint of dualedu, or it is damaged: {error}"
            ) from error
        ours, theirs = self.history.settings, saved.settings
        other = [
            f"{key} was {theirs.get(key)!r}, now {ours.get(key)!r}"
            for key in sorted(ours.keys() | theirs.keys())
            if ours.get(key) != theirs.get(key)
        ]
        if other:
            raise ValueError(
                f"{path} belongs to a run with other settings: {'; '.join(other)}. "
                "Resume with the same settings, or name another checkpoint for a new run"
            )
        for name, array in self.arrays().items():
            array[...] = arrays[name]
        self.rng.bit_generator.state = state["random"]
        self.epoch_start, self.seconds = state["epoch_start"], state["seconds"]
        self.history.epochs[:], self.history.steps[:] = saved.epochs, saved.steps
