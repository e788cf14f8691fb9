"""How long a swing takes."""

import numpy as np


def period(length):
    """Seconds, of a small swing of a pendulum of some metres."""
    return 2 * np.pi * np.sqrt(length / 9.81)
