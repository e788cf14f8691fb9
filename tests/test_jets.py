"""Taylor arithmetic against known series, a library of many digits, and nested derivatives."""

import itertools
import math
import weakref

import mpmath
import numpy as np
import pytest

from dualedu import derivative, gradient, hvp, jvp
from dualedu.jets import SLOPES, Jet, jet

FACTORIALS = np.array([float(math.factorial(k)) for k in range(13)])
SERIES = {
    "exp": (np.exp, 1 / FACTORIALS[:9]),
    "sin": (np.sin, [0, 1, 0, -1 / 6, 0, 1 / 120, 0, -1 / 5040, 0]),
    "geometric": (lambda x: 1 / (1 - x), np.ones(9)),
    "log1p": (np.log1p, [0, *((-1) ** (k + 1) / k for k in range(1, 9))]),
    "tan": (np.tan, [0, 1, 0, 1 / 3, 0, 2 / 15, 0, 17 / 315, 0]),
    "arctan": (np.arctan, [0, 1, 0, -1 / 3, 0, 1 / 5, 0, -1 / 7, 0]),
    "binomial": (lambda x: (1 + x) ** 0.5, [1, 0.5, -1 / 8, 1 / 16, -5 / 128, 7 / 256]),
    "bernoulli": (
        lambda x: np.expm1(x) * 0 + x * 0.5 + (1 + x * x / 12),
        [1, 0.5, 1 / 12, 0, 0, 0, 0],
    ),
    "polynomial": (lambda x: (x**3 - 2 * x) ** 2, [0, 0, 4, 0, -4, 0, 1, 0, 0]),
    "power of zero": (lambda x: x**0 + x**5, [1, 0, 0, 0, 0, 1, 0]),
}


@pytest.mark.parametrize("name", SERIES)
def test_known_series(name):
    f, known = SERIES[name]
    np.testing.assert_allclose(jet(f, 0.0, len(known) - 1), known, rtol=1e-14, atol=1e-16)


NAMES = {np.arcsin: "asin", np.arccos: "acos", np.arctan: "atan", np.arcsinh: "asinh"}
NAMES |= {np.arccosh: "acosh", np.arctanh: "atanh", np.absolute: "fabs", np.fabs: "fabs"}
OTHERS = {np.exp2: lambda x: 2**x, np.log2: lambda x: mpmath.log(x, 2)}


@pytest.mark.parametrize("function", SLOPES, ids=lambda function: function.__name__)
def test_every_function_of_the_table(function):
    x = 1.7 if function is np.arccosh else 0.6
    theirs = OTHERS.get(function) or getattr(mpmath, NAMES.get(function, function.__name__))
    with mpmath.workdps(60):
        expected = [float(c) for c in mpmath.taylor(theirs, mpmath.mpf(x), 10)]
    np.testing.assert_allclose(jet(function, x, 10), expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("x", [-30.0, -9.0, 12.0, 30.0])
def test_tanh_keeps_its_digits_in_its_tails(x):
    with mpmath.workdps(80):
        expected = [float(c) for c in mpmath.taylor(mpmath.tanh, mpmath.mpf(x), 8)]
    np.testing.assert_allclose(jet(np.tanh, x, 8), expected, rtol=1e-12)


def mixed(x):
    return np.exp(-x * x) * np.sin(3 * x) / np.sqrt(1 + x**2) + np.tanh(x) ** 3 - x**-1.5 + 2**x


def test_derivatives_are_those_of_nesting():
    f, nested = mixed, []
    for _ in range(6):
        nested.append(float(f(0.8)))
        f = derivative(f)
    np.testing.assert_allclose(jet(mixed, 0.8, 5) * FACTORIALS[:6], nested, rtol=1e-10)


WEIGHTS = np.random.default_rng(0).standard_normal((4, 3))


def energy(x):
    hidden = np.tanh(x @ WEIGHTS)
    return np.sum(hidden**2) / (1 + np.dot(x, x)) + np.mean(np.log(1 + np.exp(x)))


def test_along_a_direction_of_many_variables():
    x, v = np.random.default_rng(1).standard_normal((2, 4))
    found = jet(energy, x, 3, v) * FACTORIALS[:4]
    third = jvp(lambda x: jvp(lambda x: jvp(energy, (x,), (v,))[1], (x,), (v,))[1], (x,), (v,))[1]
    expected = [energy(x), gradient(energy)(x) @ v, hvp(energy, x, v) @ v, third]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_arrays_keep_shape_and_dtype():
    x = np.linspace(0.2, 1, 6, dtype=np.float32).reshape(2, 3)
    found = jet(lambda x: np.exp(np.transpose(x)[1:]) * 2 + 1, x, 3)
    assert (found.shape, found.dtype) == ((4, 2, 2), np.float32)
    np.testing.assert_allclose(found[3], np.exp(x.T[1:]) / 3, rtol=1e-6)
    assert jet(lambda x: x**0, x, 2).shape == (3, 2, 3)
    assert jet(lambda x: np.ones(4), 1.0, 2).tolist() == [[1] * 4, [0] * 4, [0] * 4]


def test_inverse_functions_undo_each_other():
    rng = np.random.default_rng(2)
    x = Jet(rng.uniform(0.2, 0.8, 9) ** np.arange(1, 10))
    pairs = [(np.exp, np.log), (np.sin, np.arcsin), (np.tanh, np.arctanh), (np.square, np.sqrt)]
    for there, back in [*pairs, (np.cbrt, lambda y: y * y * y), (np.sinh, np.arcsinh)]:
        np.testing.assert_allclose(back(there(x)).coefficients, x.coefficients, atol=1e-9)


class Counted(np.ndarray):
    """A number that counts the products and quotients that it takes part in."""

    count = itertools.count()

    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        if ufunc in (np.multiply, np.divide):
            next(self.count)
        plain = (a.view(np.ndarray) if isinstance(a, Counted) else a for a in args)
        return np.asarray(getattr(ufunc, method)(*plain, **kwargs)).view(Counted)


@pytest.mark.parametrize(
    "f",
    [
        np.exp,
        lambda x: np.exp(np.sin(x) * np.tan(x)),
        lambda x: np.sqrt(np.arctan(x) / np.cosh(x)),
        lambda x: np.arcsin(x) ** 1.5 + np.log(x) ** 3,
    ],
    ids=["exp", "tan", "arctan", "arcsin"],
)
def test_the_work_grows_with_the_square_of_the_order(f):
    work = []
    for order in (8, 16, 32, 64):
        x = Jet(np.array([0.3, 1.0] + [0.0] * (order - 1)).reshape(-1, 1).view(Counted))
        start = next(Counted.count)
        z = f(x).coefficients
        work.append(next(Counted.count) - start - 1)
        np.testing.assert_allclose(np.ravel(z), jet(f, 0.3, order), rtol=1e-12)
    assert work[0] > 8 * 9 / 2
    assert work[2] / work[1] < work[3] / work[2] < 4


def test_what_a_number_was_computed_from_is_let_go():
    x = Jet([0.3, 1.0, 0.0])
    gone = weakref.ref(z := np.sin(x * x))
    w = np.exp(z) + 1
    del z
    assert gone() is None
    assert w.order == 2


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: np.hypot(x, x), r"no rule for np\.hypot.*nest derivative"),
        (lambda x: np.linalg.norm(x), r"no rule for np\.linalg\.norm"),
        (lambda x: np.exp(x, where=True), r"np\.exp with where"),
        (lambda x: np.multiply.reduce(x), r"np\.multiply with reduce"),
        (math.sin, r"np\.sin in place of math\.sin"),
        (lambda x: np.asarray(x), "its powers of ε would be lost"),
        (lambda x: np.sum(np.stack([x, x * x])), r"a list of jets, as np\.stack takes"),
        (lambda x: np.add(x, 1.0, out=x), r"np\.add with out"),
        (lambda x: (x * np.ones(2)).__iadd__(1.0), r"write y = y \+ x"),
        (lambda x: jvp(lambda y: x * y, (2.0,), (1.0,))[1], "cannot be mixed"),
    ],
)
def test_what_has_no_rule_is_said(f, said):
    with pytest.raises(TypeError, match=said):
        jet(f, 1.0, 2)


def test_a_number_is_added_to_in_a_loop():
    def f(x):
        s, p = 0.0, 1.0
        for k in range(1, 5):
            p *= x
            s += p / k
            s -= 1.0
        s /= 2.0
        s **= 2
        return s

    right = [derivative_of(f, k)(0.7) / math.factorial(k) for k in range(4)]
    np.testing.assert_allclose(jet(f, 0.7, 3), right, rtol=1e-12)


def derivative_of(f, k):
    return f if k == 0 else derivative(derivative_of(f, k - 1))


def test_bad_arguments_are_said():
    with pytest.raises(ValueError, match="order is -1"):
        jet(np.sin, 1.0, -1)
    with pytest.raises(TypeError, match="3"):
        jet(np.sin, 3, 2)
    with pytest.raises(ValueError, match=r"direction has shape \(2,\), and x has shape \(3,\)"):
        jet(np.sin, np.ones(3), 2, np.ones(2))


def test_comparisons_look_at_the_value():
    np.testing.assert_allclose(jet(lambda x: x * x if x > 1 else -x, 2.0, 2), [4, 4, 1])
    np.testing.assert_allclose(jet(lambda x: np.abs(x) * np.sign(x), -2.0, 2), [-2, 1, 0])


def test_a_constant_without_a_sign_is_taken_away():
    one = np.array([1], np.uint8)
    assert jet(lambda x: x - one, np.array([2.0]), 1)[0].tolist() == [1.0]
    assert jet(lambda x: one - x, np.array([2.0]), 1)[1].tolist() == [-1.0]


def test_a_power_multiplies_no_more_than_it_needs():
    with np.errstate(all="raise"):
        assert jet(lambda x: x**2, 1e100, 2) == pytest.approx([1e200, 2e100, 1.0])
        assert jet(lambda x: x**-1, 1e100, 1) == pytest.approx([1e-100, -1e-200])
    for n in (*range(17), 33, 64):
        assert jet(lambda x, n=n: x**n, 1.1, 1) == pytest.approx([1.1**n, n * 1.1 ** (n - 1)])


def test_expm1_has_a_slope_far_below_zero():
    assert jet(np.expm1, -50.0, 1)[1] == pytest.approx(np.exp(-50.0))
