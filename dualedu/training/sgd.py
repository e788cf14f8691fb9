"""How a gradient becomes a step: momentum SGD, and the schedules of its learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Schedule = Callable[[float], float]
"""The factor of the learning rate as a function of the share of steps done, in [0, 1)."""


class SGD:
    """Stochastic gradient descent with momentum: v ← μ v + g, then p ← p − η v.

    Parameters
    ----------
    parameters : sequence of ndarray
        Arrays of floats, which `step` changes in place.
    momentum : float, optional
        The momentum μ, in [0, 1). With 0 a step is p ← p − η g.

    Attributes
    ----------
    velocities : list of ndarray
        The v of each parameter, zeros at first.

    Raises
    ------
    ValueError
        The momentum is outside [0, 1).

    Examples
    --------
    >>> w = np.array([1.0])
    >>> SGD([w], momentum=0).step([np.array([2.0])], learning_rate=0.1)
    >>> w
    array([0.8])
    """

    def __init__(self, parameters: Sequence[Any], momentum: float = 0.9) -> None:
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum is {momentum!r}; it must lie in [0, 1)")
        self.parameters = list(parameters)
        self.velocities = [np.zeros_like(p) for p in self.parameters]
        self.momentum = momentum

    def step(self, gradients: Sequence[Any], learning_rate: float) -> None:
        """Take one step.

        Parameters
        ----------
        gradients : sequence of ndarray
            One for each parameter, of its shape.
        learning_rate : float
            The step's η.
        """
        for p, v, g in zip(self.parameters, self.velocities, gradients, strict=True):
            v *= self.momentum
            v += g
            p -= learning_rate * v


def warmup_cosine(progress: float) -> float:
    """The factor of the learning rate: a warm-up, then half a cosine.

    It rises from 0.1 to 1 over the first 5 % of all steps, then falls to 0 along half a cosine
    (Loshchilov and Hutter, 2017, arXiv:1608.03983).

    Parameters
    ----------
    progress : float
        The share of all steps that is done, in [0, 1).

    Returns
    -------
    factor : float
        In [0, 1].

    Examples
    --------
    >>> [round(warmup_cosine(p), 3) for p in (0, 0.05, 0.525, 0.999)]
    [0.1, 1.0, 0.5, 0.0]
    """
    if progress < 0.05:
        return 0.1 + 0.9 * progress / 0.05
    return 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))


def constant(progress: float) -> float:
    """The factor 1 of the learning rate, in every step.

    Parameters
    ----------
    progress : float
        The share of all steps that is done; it makes no difference.

    Returns
    -------
    factor : float
        1.0.
    """
    return 1.0
