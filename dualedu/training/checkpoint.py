"""The file from which a training run continues.

It is an .npz archive without pickled objects: the parameters, their velocities, and all else, the
state of the random generator included, as JSON. It is written whole or not at all.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dualedu.training.history import History, written_whole
from dualedu.training.run import Callback, Run

File = str | os.PathLike[str]


class Checkpoint(Callback):
    """Saves a run after each epoch and where it stops; resumes it from what was saved.

    Parameters
    ----------
    path : str or path-like, optional
        Without it nothing is saved.
    resume : bool
        Continue from the file, which must exist. Otherwise it must not.
    """

    def __init__(self, path: File | None, resume: bool) -> None:
        if resume and path is None:
            raise ValueError("resume=True needs the file to resume from: checkpoint=...")
        self.path, self.resume = path, resume

    def run_begins(self, run: Run) -> None:
        if self.path is None:
            return
        if self.resume:
            restore(run, self.path)
        elif Path(self.path).exists():
            raise FileExistsError(
                f"the checkpoint {self.path} exists: resume=True continues its run; "
                "for a new run delete it or name another"
            )

    def pauses(self, run: Run) -> None:
        if self.path is not None:
            save(run, self.path)


def arrays(run: Run) -> dict[str, Any]:
    parts = {"parameter": run.parameters, "velocity": run.velocities}
    return {f"{kind}{i}": a for kind, part in parts.items() for i, a in enumerate(part)}


def save(run: Run, path: File) -> None:
    """Write the state of a run between two steps, replacing an earlier one."""
    state = {
        "history": asdict(run.history),
        "random": run.rng.bit_generator.state,
        "epoch_start": run.epoch_start,
        "seconds": run.seconds,
    }
    text = json.dumps(state, allow_nan=False, default=lambda array: array.tolist())
    archive = io.BytesIO()
    np.savez(archive, state=np.array(text), **arrays(run))
    written_whole(path, archive.getvalue())


def restore(run: Run, path: File) -> None:
    """Give a run the state that `save` wrote for one with the same settings.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is no checkpoint, or belongs to a run with other settings.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"there is no checkpoint {path} to resume from")
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
        state = json.loads(str(found["state"]))
        saved = History(**state["history"])
    except (OSError, EOFError, TypeError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} is not a checkpoint of dualedu, or it is damaged: {error}"
        ) from error
    ours, theirs = run.history.settings, saved.settings
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
    for name, array in arrays(run).items():
        array[...] = found[name]
    run.rng.bit_generator.state = state["random"]
    run.epoch_start, run.seconds = state["epoch_start"], state["seconds"]
    run.history.epochs[:], run.history.steps[:] = saved.epochs, saved.steps
