"""Torch's own form of the calls in the table, where it has one under the same name."""

import numpy as np
import torch
from numpy_calls import CALLS, leaves, varied

OTHER_NAMES = {
    "conjugate": "conj_physical", "degrees": "rad2deg", "divide": "true_divide", "fabs": "abs",
    "float_power": "pow", "power": "pow", "radians": "deg2rad", "concatenate": "cat",
    "prod": "prod", "expand_dims": "unsqueeze", "repeat": "repeat_interleave", "max": "amax",
    "min": "amin", "append": "cat", "transpose": "permute",
}  # fmt: skip

# Torch drops the tangent of full_like, of nan_to_num's fillings and of trapezoid's dx, does not
# differentiate linspace, logspace and bincount, symmetrises where NumPy reads one triangle, and
# perturbs a singular matrix.
ELSEWHERE = {
    "full_like", "nan_to_num", "linspace", "logspace", "cholesky", "eigh", "eigvalsh", "bincount",
}  # fmt: skip


def named(function):
    name = OTHER_NAMES.get(function.__name__, function.__name__)
    module = torch.linalg if "linalg" in (function.__module__ or "") else torch
    return getattr(module, name, None)


def tensor(x):
    return torch.tensor(np.ascontiguousarray(x) if np.ndim(x) else x)


def filled(value, queue):
    if isinstance(value, dict):
        return {k: filled(v, queue) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(filled(v, queue) for v in value)
    if varied(value):
        return next(queue)
    return tensor(value) if isinstance(value, np.ndarray) else value


def torch_call(call, variables):
    queue = iter(variables)
    args = filled(call.args, queue)
    return named(call.function)(*args, **filled(call.kwargs, queue))


def agrees(call):
    """Whether torch, called by the same name with the same arguments, gives NumPy's result."""
    name = call.function.__name__
    if named(call.function) is None or name in ELSEWHERE or varied(call.kwargs.get("dx")):
        return False
    if name in ("det", "slogdet") and np.any(np.abs(np.linalg.det(call.args[0])) < 1e-9):
        return False
    try:
        theirs = leaves(torch_call(call, map(tensor, call.variables)))
        ours = leaves(call())
        return len(ours) == len(theirs) and all(
            np.shape(a) == tuple(b.shape) and np.allclose(a, b.numpy(), equal_nan=True)
            for a, b in zip(ours, theirs, strict=True)
        )
    except (TypeError, ValueError, RuntimeError, IndexError, AttributeError):
        return False


def torch_calls(calls=CALLS):
    return [call for call in calls if agrees(call)]
