"""A test helper: a gradient is right, or the failure says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dualedu.doctor.examination import examine
from dualedu.doctor.report import Diagnosis


def assert_gradient(f: Callable[..., Any], claimed: Any, at: Any, **options: Any) -> Diagnosis:
    """Fail with the diagnosis unless a claimed derivative is found healthy.

    Parameters
    ----------
    f, claimed, at, options : as `examine` takes them

    Returns
    -------
    Diagnosis : the healthy one

    Raises
    ------
    AssertionError  the claim is wrong, or it cannot be told; the message is the diagnosis

    >>> import numpy as np
    >>> diagnosis = assert_gradient(lambda w: np.sum(w**2), lambda w: 2 * w, np.ones(3))
    """
    __tracebackhide__ = True  # pytest shows the test, not this function
    found = examine(f, claimed, at, **options)
    if not found.healthy:
        raise AssertionError(str(found))
    return found
