"""The steps of a function of PyTorch tensors, noted on the tape as NumPy's are."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from dualedu.doctor.tracing import TAPE, Traced, plain

NAMES = {
    "add": "add", "__add__": "add", "__radd__": "add", "sub": "subtract", "__sub__": "subtract",
    "__rsub__": "subtract", "mul": "multiply", "__mul__": "multiply", "__rmul__": "multiply",
    "div": "divide", "true_divide": "divide", "__truediv__": "divide", "__rtruediv__": "divide",
    "__rdiv__": "divide", "matmul": "matmul", "__matmul__": "matmul", "__rmatmul__": "matmul",
    "mm": "matmul", "pow": "power", "__pow__": "power", "__rpow__": "power", "amax": "amax",
    "max": "max",
}  # fmt: skip
OF_TWO = {"add", "subtract", "multiply", "divide", "power"}
REFLECTED = {
    "__radd__": operator.add, "__rsub__": operator.sub, "__rmul__": operator.mul,
    "__rtruediv__": operator.truediv, "__rdiv__": operator.truediv,
    "__rmatmul__": operator.matmul, "__rpow__": operator.pow,
}  # fmt: skip
"""As 1 / x, which PyTorch gets as x.__rtruediv__(1): the operands in the order of the code."""


def following() -> AbstractContextManager[Any]:
    """While it is open, calls of PyTorch are noted; nothing happens where torch is not loaded."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "overrides"):
        return nullcontext()

    class Following(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            return noted(torch, func, args, kwargs or {})

    made: AbstractContextManager[Any] = Following()
    return made


def noted(torch: Any, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    def is_tensor(x: Any) -> bool:
        return isinstance(x, torch.Tensor) and x.is_floating_point()

    def array(t: Any) -> Any:
        made = np.array(t.detach().cpu().numpy()).view(Traced)
        made.step = getattr(t, "_doctor_step", None)
        return made

    name = NAMES.get(func.__name__, func.__name__)
    if func.__name__ in REFLECTED:
        func, args = REFLECTED[func.__name__], args[::-1]
    flat: list[Any] = []
    spots: list[tuple[int, int | None]] = []
    for i, x in enumerate(args):
        for j, part in enumerate(x) if isinstance(x, tuple | list) else [(None, x)]:
            # A number is an operand where two are reckoned with, as in NumPy; else an axis.
            number = name in OF_TWO and isinstance(part, int | float)
            if is_tensor(part) or number:
                flat.append(part if number else array(part))
                spots.append((i, j))
    value = func(*args, **kwargs)
    followed = is_tensor(value) and any(isinstance(x, Traced) for x in flat) and TAPE
    if not followed or name in ("__set__", "copy_"):
        return value

    def run(*operands: Any) -> Any:
        new = [list(x) if isinstance(x, tuple | list) else x for x in args]
        for (i, j), x in zip(spots, operands, strict=True):
            made = torch.tensor(np.array(x)) if np.ndim(x) or not isinstance(x, int | float) else x
            if j is None:
                new[i] = made
            else:
                new[i][j] = made
        return func(*new, **kwargs).detach().numpy()

    result = TAPE[-1].note(name, run, flat, np.array(value.detach().numpy()))
    with torch.no_grad():
        answer = torch.tensor(plain(result), dtype=value.dtype)
    answer._doctor_step = result.step
    return answer
