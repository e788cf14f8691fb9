"""Numbers as a person writes them: for sentences, labels and columns of a widget."""

from __future__ import annotations

from math import isfinite

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """As a person writes it, with `digits` significant digits: 0.25, −3, 1.2·10⁻⁸."""
    if not isfinite(value):
        return {"inf": "∞", "-inf": "−∞"}.get(str(float(value)), "no number")
    written = f"{value:.{digits}g}"
    if "e" in written:
        mantissa, exponent = written.split("e")
        ten = "10" + str(int(exponent)).translate(SUPERSCRIPTS)
        written = {"1": ten, "-1": f"-{ten}"}.get(mantissa, f"{mantissa}·{ten}")
    return ("0" if float(value) == 0 else written).replace("-", "−")


def fixed(value: float, decimals: int = 2) -> str:
    """With a fixed number of decimals, for columns and for numbers that change as one watches;
    a million and more as a power of ten."""
    if not abs(value) < 1e6:
        return number(value, 5)
    # First more finely: 0.1875 and what differences make of it are to be written alike.
    written = f"{round(value, decimals + 5):.{decimals}f}"
    return (written.removeprefix("-") if float(written) == 0 else written).replace("-", "−")


def signed(tangent: float, decimals: int = 2) -> tuple[str, str]:
    """The sign between the parts of a dual number, and its tangent without one."""
    part = fixed(abs(tangent), decimals)
    return "−" if tangent < 0 and part != fixed(0.0, decimals) else "+", part


def dual(primal: float, tangent: float, decimals: int = 2) -> str:
    """A dual number in words: 0.84 + 1.38ε."""
    sign, part = signed(tangent, decimals)
    return f"{fixed(primal, decimals)} {sign} {part}ε"
