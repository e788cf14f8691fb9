"""Progress of a training run: one tqdm bar an epoch, or one plain line where tqdm is missing."""

from __future__ import annotations

import sys
from typing import Any


class Progress:
    """Bars on stderr, or in the notebook; nothing at all if `shown` is False."""

    def __init__(self, shown: bool, epochs: int, steps: int) -> None:
        self.shown, self.epochs, self.steps = shown, epochs, steps
        self.bar: Any = None
        self.tqdm: Any = None
        if shown:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return
            self.tqdm = tqdm

    def start(self, epoch: int, done: int) -> None:
        """Open the bar of an epoch (counted from 1) of which `done` steps are behind us."""
        if self.tqdm:
            title = f"epoch {epoch}/{self.epochs}"
            self.bar = self.tqdm(total=self.steps, initial=done, desc=title, unit="step")

    def update(self) -> None:
        if self.bar is not None:
            self.bar.update()

    def finish(self, record: dict[str, Any]) -> None:
        """Close the bar of an epoch with its metrics behind it."""
        said = f"loss {record['train_loss']:.4f}"
        for part in ("train", "validation", "test"):
            if f"{part}_accuracy" in record:
                said += f", {part} {100 * record[f'{part}_accuracy']:.2f} %"
        if self.bar is not None:
            self.bar.set_postfix_str(said)
            self.close()
        elif self.shown:
            print(f"epoch {record['epoch']}/{self.epochs}: {said}", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
