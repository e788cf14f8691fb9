"""Progress of a training run: one tqdm bar an epoch, or one plain line where tqdm is missing."""

from __future__ import annotations

import sys
from typing import Any

from dualedu.training.run import Callback, Run


def note(text: object) -> None:
    """One line on stderr, above a bar that is being drawn."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        print(text, file=sys.stderr, flush=True)
    else:
        tqdm.write(str(text), file=sys.stderr)


class Progress(Callback):
    """Bars on stderr, or in the notebook; nothing at all if `shown` is False."""

    def __init__(self, shown: bool) -> None:
        self.shown = shown
        self.bar: Any = None
        self.tqdm: Any = None
        if shown:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return
            self.tqdm = tqdm

    def epoch_begins(self, run: Run) -> None:
        if self.tqdm:
            title = f"epoch {run.epoch + 1}/{run.history.settings['epochs']}"
            self.bar = self.tqdm(
                total=run.steps_per_epoch, initial=run.step, desc=title, unit="step"
            )

    def step_ends(self, run: Run) -> None:
        if self.bar is not None:
            self.bar.update()

    def epoch_ends(self, run: Run, record: dict[str, Any]) -> None:
        """Close the epoch's bar with its metrics behind it."""
        said = f"loss {record['train_loss']:.4f}"
        for part in ("train", "validation", "test"):
            if f"{part}_accuracy" in record:
                said += f", {part} {100 * record[f'{part}_accuracy']:.2f} %"
        if self.bar is not None:
            self.bar.set_postfix_str(said)
            self.run_ends(run)
        elif self.shown:
            title = f"epoch {record['epoch']}/{run.history.settings['epochs']}"
            print(f"{title}: {said}", file=sys.stderr, flush=True)

    def run_ends(self, run: Run) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
