"""Training a network on gradients that came forward: momentum SGD from the first step to a History.

    exact_gradient, forward_gradient   where gradients come from
    SGD, warmup_cosine                 how a gradient becomes a step
    train                              epochs of steps, with metrics, progress, checkpoints

`python -m dualedu.training --help` trains from the command line.
"""

from dualedu.training.gradients import exact_gradient, forward_gradient
from dualedu.training.history import History
from dualedu.training.loop import evaluate, train
from dualedu.training.sgd import SGD, constant, warmup_cosine
from dualedu.training.stopping import Diverged

__all__ = [
    "SGD",
    "Diverged",
    "History",
    "constant",
    "evaluate",
    "exact_gradient",
    "forward_gradient",
    "train",
    "warmup_cosine",
]
