"""A result without a dual number that moves with the argument is warned of, and no other one."""

import warnings

import numpy as np
import pytest
from comparisons import bisected

from dualedu import (
    check_jvp,
    derivative,
    gradient,
    hvp,
    implicit,
    jacobian,
    jvp,
    stop_gradient,
)


def golden(p):
    """Where (x - p)² is least, to 1e-6."""
    low, high, ratio = -4.0, 4.0, (5**0.5 - 1) / 2
    while high - low > 1e-6:
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if (a - p) ** 2 < (b - p) ** 2 else (a, high)
    return (low + high) / 2


MOVING = {
    "bisection": (bisected, 1.3),
    "golden section": (golden, 0.7),
    "primal": (lambda x: x.primal * 2, 1.5),
    "counted steps": (lambda x: next(n for n in range(10**6) if n * 1e-5 > x) * 1e-5, 1.234567),
    "entries": (lambda x: np.array([bisected(each) for each in x]), np.array([0.3, 1.3, 2.5])),
    "float32": (lambda x: x.primal, np.float32(2)),
}


@pytest.mark.parametrize("name", MOVING)
def test_what_moves_is_warned_of(name):
    f, x = MOVING[name]
    with pytest.warns(RuntimeWarning, match="holds no dual number, so its derivative is 0"):
        slope = derivative(f)(x)
    assert np.all(slope == 0)


@pytest.mark.parametrize("transform", [gradient, jacobian])
def test_many_directions_are_looked_at_as_one(transform):
    with pytest.warns(RuntimeWarning, match="by 0.00399 for a step of 0.004"):
        transform(lambda x: bisected(x[0] + x[1]))(np.array([3.0, -2.0]))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: [bisected(each) for each in x],
        lambda x: {"root": bisected(x[0]), "steps": 7, "none": None},
        lambda x: (x.primal, np.ones(2)),
    ],
)
def test_so_are_the_parts_of_containers(f):
    with pytest.warns(RuntimeWarning, match="holds no dual number, so its derivative is 0"):
        jvp(f, (np.array([1.3, 2.5]),), (np.ones(2),))


CONSTANT = {
    "number": (lambda x: 3.0, 1.0),
    "one variable of many": (lambda x: x[0] * 2, np.array([1.0, 2.0])),
    "sign": (np.sign, 2.0),
    "steps": (lambda x: np.floor(x), np.linspace(-40, 40, 999)),
    "rounded": (lambda x: np.round(x, 2), np.linspace(-4, 4, 999)),
    "table": (lambda x: np.arange(100.0)[int(x // 1)], 7.3),
    "branches": (lambda x: 1.0 if x > 0 else 0.0, 1e-4),
    "on purpose": (lambda x: stop_gradient(x) ** 2, 3.0),
    "on purpose, in a list": (lambda x: stop_gradient([x, x])[0], 3.0),
    "chance": (lambda x: np.random.default_rng().normal(), 3.0),
    "not finite": (lambda x: np.inf, 3.0),
    "whole": (lambda x: 7, 3.0),
    "constants in a list": (lambda x: [1.0, np.ones(3), None, 2], 3.0),
    "a figure to look at": (lambda x: {"loss": x**2, "at": x.primal}, 3.0),
    "another number of parts": (lambda x: [1.0] * int(x // 1e-4), 3.0),
}


@pytest.mark.parametrize("name", CONSTANT)
def test_what_stands_still_or_is_meant_is_not(name):
    f, x = CONSTANT[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jvp(f, (x,), (np.ones_like(x),))


def test_a_constant_on_purpose_silences_its_own_differentiation_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        derivative(lambda x: x * stop_gradient(x))(3.0)
        derivative(derivative(lambda x: stop_gradient(x) ** 2))(3.0)
    with pytest.warns(RuntimeWarning, match="holds no dual number"):
        derivative(bisected)(1.0)


def test_a_comparison_with_differences_says_it_itself():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AssertionError, match="dual numbers give 0, central differences"):
            check_jvp(bisected, 1.0)


def test_what_f_raises_beside_the_arguments_is_its_own():
    calls = []

    def f(v):
        calls.append(v)
        if len(calls) > 1:
            raise OSError("a file that is there once")
        return float(v.primal[0])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gradient(f)(np.array([1.0, 2.0])).tolist() == [0, 0]
    assert len(calls) == 2


def test_the_inner_of_two_differentiations_is_looked_at():
    with pytest.warns(RuntimeWarning, match="holds no dual number"):
        derivative(derivative(lambda x: x.primal**3))(2.0)
    with warnings.catch_warnings():  # the inner function does not depend on its own argument
        warnings.simplefilter("error")
        assert derivative(lambda x: derivative(lambda y: x**2)(1.0) + x)(3.0) == 1


def test_the_way_out_leads_out():
    def root(p):
        return implicit(lambda x, p: x**2 - p, bisected(stop_gradient(p)), p)

    assert derivative(root)(1.3) == pytest.approx(0.5 / np.sqrt(1.3), rel=1e-12)
    assert hvp(root, 1.3, 1.0) == pytest.approx(-0.25 * 1.3**-1.5, rel=1e-9)
