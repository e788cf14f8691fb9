"""What the scripts that learn all of MNIST have in common: a run, a process, several starts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

from dualedu import mnist, training
from dualedu.nn import MLP


def trained(
    digits: mnist.Digits, model: MLP, gradient: Any, held_out: int = 0, **options: Any
) -> training.History | None:
    """The history of a run, or None if it diverged.

    With `held_out`, so many of the training images are kept for validation, and the test images are
    never looked at.
    """
    data = (digits.train_images, digits.train_labels) if held_out else digits
    try:
        return training.train(model, data, gradient, validation=held_out, progress=False, **options)
    except training.Diverged:
        return None


def apart(script: str, *arguments: str) -> dict[str, Any]:
    """What a script prints as JSON, in a process of its own."""
    command = [sys.executable, script, *arguments]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    )
    return found


def over_starts(accuracies: Sequence[float]) -> dict[str, Any]:
    """The accuracies of several starts, their mean, the lowest, and their standard deviation."""
    return {
        "seeds": accuracies,
        "mean": mean(accuracies),
        "lowest": min(accuracies),
        "spread": stdev(accuracies) if len(accuracies) > 1 else None,
    }
