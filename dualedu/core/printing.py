"""How a dual number is written: 3.0 + 1.0ε, as a person would write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dualedu.internals.complex_values import is_complex

if TYPE_CHECKING:
    from dualedu.core.dual import Dual

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def text(x: Dual, spec: str = "") -> str:
    """The one-line or aligned form. `spec` formats each number: f"{x:.3f}"."""
    order = depth(x)
    unit = "ε" if order == 1 else "ε" + str(order).translate(SUBSCRIPTS)
    primal: Any = x.primal
    tangent: Any = x.tangent
    if order > 1:
        return f"({part(primal, spec)}) + ({part(tangent, spec)}){unit}"
    if x.ndim == 0 and x.directions is None and not is_complex(x):
        sign, size = signed(tangent)
        return f"{part(primal, spec)} {sign} {part(size, spec)}{unit}"
    if x.directions is not None and x.ndim > 0:
        noun = "direction" if x.directions == 1 else "directions"
        summary = f"({x.directions} {noun}, tangent of shape {tangent.shape})"
        return beside(part(primal, spec), " + ", f"{summary}{unit}")
    return beside(part(primal, spec), " + ", part(tangent, spec) + unit)


def signed(value: Any) -> tuple[str, Any]:
    """A sign and the size. The sign of NaN differs between machines and is not shown."""
    if np.isnan(value):
        return "+", np.nan
    return ("-", -value) if np.signbit(value) else ("+", value)


def depth(x: Any) -> int:
    """The number of levels in a dual: 1 for a + bε, 2 for a dual of duals."""
    if not hasattr(x, "primal"):
        return 0
    return 1 + max(depth(x.primal), depth(x.tangent))


def part(value: Any, spec: str) -> str:
    if hasattr(value, "primal"):
        return text(value, spec)
    if np.ndim(value) == 0:
        if is_complex(value):
            return f"({value:{spec}})" if spec else str(value)
        return format(float(value), spec) if spec else str(value)
    formatter: Any = {"float_kind": lambda number: format(number, spec)} if spec else None
    return np.array2string(value, formatter=formatter)


def beside(left: str, middle: str, right: str) -> str:
    """Two blocks of lines next to each other, `middle` between their first lines."""
    lefts, rights = left.split("\n"), right.split("\n")
    width = max(map(len, lefts))
    lines = []
    for i in range(max(len(lefts), len(rights))):
        a = lefts[i] if i < len(lefts) else ""
        b = rights[i] if i < len(rights) else ""
        lines.append((a.ljust(width) + (middle if i == 0 else " " * len(middle)) + b).rstrip())
    return "\n".join(lines)


LARGEST_FORMULA = 64


def latex(x: Dual) -> str | None:
    """A formula for notebooks, for scalars, vectors and matrices of moderate size; else None."""
    flat = x.ndim <= 2 and x.size <= LARGEST_FORMULA and not is_complex(x)
    if depth(x) > 1 or x.directions is not None or not flat:
        return None
    if x.ndim == 0:
        sign, size = signed(x.tangent)
        return rf"${number(x.primal)} {sign} {number(size)}\,\varepsilon$"
    return rf"${matrix(x.primal)} + {matrix(x.tangent)}\,\varepsilon$"


def number(value: Any) -> str:
    written = f"{float(value):.6g}"
    if "e" in written:
        mantissa, exponent = written.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return written.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")


def matrix(values: Any) -> str:
    rows = np.atleast_2d(values)
    body = r" \\ ".join(" & ".join(map(number, row)) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
