"""What an editor knows of the public names. mypy reads this file; nothing runs it."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

from dualedu import (
    Dual,
    derivative,
    gradient,
    hvp,
    jvp,
    nn,
    value_and_gradient,
)
from dualedu.typing import Number, Places, Real, Truth

Array = NDArray[np.float64]

x = Dual(3.0, 1.0)
a = Dual(np.ones(3), np.ones(3))
plain: Array = np.ones(3)

assert_type(x * x, Dual)
assert_type(2.0 * x, Dual)
assert_type(a @ a, Dual)
assert_type(-x, Dual)
assert_type(abs(x), Dual)
assert_type(x > 2, Truth)
assert_type(x == 2, Truth)
assert_type(x // 2, Real)
assert_type(x.primal, Number)
assert_type(x.tangent, Number)
assert_type(x.level, int)
assert_type(x.directions, int | None)
assert_type(a.shape, tuple[int, ...])
assert_type(a.sum(), Dual)
assert_type(a.T, Dual)
assert_type(a[0], Dual)
assert_type(a.argmax(), Places)
assert_type(len(a), int)


def area(radius: float, scale: float = 1.0) -> float:
    return scale * radius**2


def energy(p: Array) -> float:
    return float(np.sum(p**2))


def weighted(p: dict[str, Array], x: Array) -> float:
    return float(np.sum(p["w"] * x))


assert_type(jvp(area, (2.0,), (1.0,)), tuple[float, float])
assert_type(derivative(area)(2.0), float)
assert_type(derivative(area)(2.0, scale=3.0), float)
assert_type(gradient(energy)(plain), Array)
assert_type(value_and_gradient(energy)(plain), tuple[float, Array])
assert_type(gradient(weighted)({"w": plain}, plain), dict[str, Array])
assert_type(hvp(energy, plain, plain), Array)
assert_type(nn.MLP((2, 3)).accuracy(plain, plain), float)


def refused(anything: Any) -> None:
    Dual("three", None)  # type: ignore[arg-type]
    derivative(area)(2.0, nonsense=True)  # type: ignore[call-arg]
    derivative(area)("two")  # type: ignore[arg-type]
    gradient(energy)(anything, plain)  # type: ignore[call-arg]
    print(x.no_such_thing)  # type: ignore[attr-defined]
