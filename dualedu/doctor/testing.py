"""A test helper: a gradient is right, or the failure says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dualedu.doctor.examination import examine
from dualedu.doctor.report import Diagnosis


def assert_gradient(f: Callable[..., Any], claimed: Any, at: Any, **options: Any) -> Diagnosis:
    """
    Fail with the diagnosis unless a claimed derivative is found healthy.

    Parameters
    ----------
    f : callable
        The function, as `examine` takes it.
    claimed : callable or array_like
        What is claimed to be its derivative.
    at : array_like, list, dict or tuple
        The place.
    **options : object
        The keywords of `examine`.

    Returns
    -------
    Diagnosis
        The healthy one.

    Raises
    ------
    AssertionError
        If the claim is wrong, or it cannot be told; the message is the diagnosis.

    Examples
    --------
    >>> import numpy as np
    >>> diagnosis = assert_gradient(lambda w: np.sum(w**2), lambda w: 2 * w, np.ones(3))
    """
    __tracebackhide__ = True  # pytest shows the test, not this function
    found = examine(f, claimed, at, **options)
    if not found.healthy:
        raise AssertionError(str(found))
    return found
