"""Numbers as text."""

import math

import pytest

from dualedu.explore.kit import numerals, svg


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (0.25, 3, "0.25"),
        (-3.0, 3, "−3"),
        (-0.0, 3, "0"),
        (0, 3, "0"),
        (1e-8, 3, "10⁻⁸"),
        (-1e-8, 3, "−10⁻⁸"),
        (1.24e-8, 2, "1.2·10⁻⁸"),
        (-2e10, 3, "−2·10¹⁰"),
        (2 / 3, 3, "0.667"),
        (1234.0, 6, "1234"),
        (math.nan, 3, "no number"),
        (math.inf, 3, "∞"),
        (-math.inf, 3, "−∞"),
    ],
)
def test_number(value, digits, written):
    assert numerals.number(value, digits) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.005, "1.00"), (-0.001, "0.00"), (-0.0, "0.00"), (-1.5, "−1.50"), (math.nan, "no number")],
)
def test_fixed(value, written):
    assert numerals.fixed(value) == written


@pytest.mark.parametrize(
    ("primal", "tangent", "written"),
    [(1, 2, "1.00 + 2.00ε"), (-1, -2, "−1.00 − 2.00ε"), (0, -0.001, "0.00 + 0.00ε")],
)
def test_dual(primal, tangent, written):
    assert numerals.dual(primal, tangent) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.0, "1"), (1.04, "1"), (-0.04, "0"), (-0.0, "0"), (2.25, "2.2"), (7, "7"), ("a", "a")],
)
def test_coordinates_have_one_decimal(value, written):
    assert svg.plain(value) == written


@pytest.mark.parametrize(
    ("low", "high", "most", "found"),
    [
        (-4, 4, 6, [-4, -2, 0, 2, 4]),
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-1e-9, 1e-9, 4, [-1e-9, -5e-10, 0, 5e-10, 1e-9]),
        (99, 101, 4, [99, 99.5, 100, 100.5, 101]),
    ],
)
def test_ticks_are_round_and_within(low, high, most, found):
    assert svg.ticks(low, high, most) == pytest.approx(found, rel=1e-12, abs=1e-20)


pytest.importorskip("anywidget")
