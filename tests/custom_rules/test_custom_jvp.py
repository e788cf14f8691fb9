"""custom_jvp: rules of one's own, against the functions they stand for."""

import math

import numpy as np
import pytest

from dualedu import check_jvp, custom_jvp, derivative, gradient, hvp, jacobian, jvp

cube = custom_jvp(lambda x: x**3, lambda t, z, x: t * (3 * x**2))
ratio = custom_jvp(lambda x, y: x / y, lambda t, z, x, y: t / y, lambda t, z, x, y: -t * z / y)
power = custom_jvp(lambda x, *, n=2: x**n, lambda t, z, x, n=2: t * (n * x ** (n - 1)))
total = custom_jvp(
    lambda x, axis=-1: np.sum(x, axis=axis),
    lambda t, z, x, axis=-1: np.sum(t, axis=axis),
    elementwise=False,
)
solved = custom_jvp(
    lambda a, b: np.linalg.solve(a, b),
    lambda t, z, a, b: -np.linalg.solve(a, t @ z),
    lambda t, z, a, b: np.linalg.solve(a, t),
    elementwise=False,
)
X = np.array([0.5, -1.5, 2.0])
A = np.array([[3.0, 1, 0], [1, 4, 1], [0, 1, 5]])


def test_rules_of_ones_own_are_right_to_third_order():
    check_jvp(cube, X, order=3)
    check_jvp(ratio, X, X + 3, order=3)
    check_jvp(ratio, X[:, None], X + 3, order=2)
    check_jvp(lambda x: power(x, n=3), X, order=3)
    check_jvp(lambda x: total(np.outer(x, x), axis=0) ** 2, X, order=3)
    check_jvp(solved, A, X, order=3)


def test_they_carry_many_directions_and_keep_single_precision():
    np.testing.assert_allclose(jacobian(cube)(X), np.diag(3 * X**2))
    np.testing.assert_allclose(jacobian(lambda b: solved(A, b))(X), np.linalg.inv(A))
    np.testing.assert_allclose(hvp(lambda x: np.sum(cube(x)), X, X), 6 * X * X)
    value, tangent = jvp(cube, (X.astype(np.float32),), (np.ones(3, np.float32),))
    assert value.dtype == tangent.dtype == np.float32
    assert jvp(total, (np.ones((2, 3)),), (np.ones((0, 2, 3)),))[1].shape == (0, 2)


MIXING = {  # a function in steps that have rules, and a rule for it that says nothing of its kind
    "sum": (lambda x: np.sum(x**2), lambda t, z, x: np.sum(2 * x * t)),
    "sum of the tangent": (np.sum, lambda t, z, x: np.sum(t)),
    "product": (lambda x: A @ x, lambda t, z, x: A @ t),
    "length one": (
        lambda x: x / np.linalg.norm(x),
        lambda t, z, x: (t - z * np.sum(z * t)) / np.linalg.norm(x),
    ),
    "sort": (np.sort, lambda t, z, x: t[np.argsort(x)]),
    "turned": (lambda x: np.roll(x, 1), lambda t, z, x: np.roll(t, 1)),
    "running sum": (np.cumsum, lambda t, z, x: np.cumsum(t)),
    "more axes": (
        lambda x: x[:, None] * x, lambda t, z, x: t[:, None] * x + x[:, None] * t
    ),
    "passed on": (lambda x: 1.0 * x, lambda t, z, x: t),
    "a view": (lambda x: 1.0 * x, lambda t, z, x: np.real(t)),
}  # fmt: skip


def a_sum_of(h):
    return lambda x: np.sum(np.sin(h(np.exp(x))) ** 2)


@pytest.mark.parametrize("name", MIXING)
@pytest.mark.parametrize("elementwise", [None, False])
def test_a_rule_need_not_say_whether_entries_meet(name, elementwise):
    f, rule = MIXING[name]
    g = custom_jvp(f, rule, elementwise=elementwise)
    for x in (X, np.array([2.0, 0.3, -1.0])):
        np.testing.assert_allclose(jacobian(g)(x), jacobian(f)(x), rtol=1e-12, atol=1e-14)
        found, expected = (jacobian(gradient(a_sum_of(h)))(x) for h in (g, f))
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
        short = np.broadcast_to(1.0, 3)
        np.testing.assert_allclose(jvp(g, (x,), (short,))[1], jvp(f, (x,), (short,))[1])


@pytest.mark.parametrize("name", MIXING)
def test_what_a_rule_hands_on_is_no_view_of_what_it_got(name):
    g = custom_jvp(*MIXING[name])

    def f(x):
        u = 2.0 * x
        v = g(u)
        u[:] = 0.0
        return v

    for v in (X, np.eye(3)):
        right = jvp(lambda x: MIXING[name][0](2.0 * x), (X,), (v,))[1]
        np.testing.assert_allclose(jvp(f, (X,), (v,))[1], right, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("elementwise", [None, True])
def test_a_slope_of_0_may_be_a_number(elementwise):
    step = custom_jvp(np.floor, lambda t, z, x: 0.0, elementwise=elementwise)
    assert derivative(lambda x: step(x) * x)(2.5) == 2
    np.testing.assert_array_equal(jacobian(lambda x: step(x) * x)(X), np.diag(np.floor(X)))


def test_a_function_is_called_once_for_all_directions():
    calls = []

    def f(x):
        calls.append(x)
        return x**2

    jacobian(custom_jvp(f, lambda t, z, x: 2 * x * t))(X)
    assert len(calls) == 1


def test_a_function_of_another_library_gets_a_derivative():
    erf = custom_jvp(np.vectorize(math.erf), lambda t, z, x: t * (2 / math.sqrt(math.pi))
                     * np.exp(-(x**2)))  # fmt: skip
    h = 1e-5
    slope = (math.erf(0.7 + h) - math.erf(0.7 - h)) / (2 * h)
    assert derivative(erf)(0.7) == pytest.approx(slope, rel=1e-9)
    check_jvp(lambda x: erf(x) ** 2, X[:2], order=1)


def test_the_rule_may_follow_the_function_as_in_jax():
    @custom_jvp
    def scaled(x, factor, shift=0.0):
        return x * factor + shift

    scaled.defjvps(lambda t, z, x, factor, shift=0.0: t * factor)
    check_jvp(lambda x: scaled(x, 3.0, shift=1.0) ** 2, X, order=2)
    check_jvp(lambda x: scaled(x, np.array([1.0, 2.0, 3.0])), X, order=2)
    assert scaled(2.0, 3.0) == 6.0


def test_it_keeps_the_functions_name_and_plain_values():
    def named(x):
        """Its words."""
        return x

    g = custom_jvp(named, lambda t, z, x: t)
    assert (g.__name__, g.__doc__) == ("named", "Its words.")
    assert g(3) == 3


def test_what_a_rule_passes_on_is_safe_from_writes():
    same = custom_jvp(lambda x: 1.0 * x, lambda t, z, x: t)

    def f(x):
        u = 2.0 * x
        v = same(u)
        u[0] = 0.0
        return v

    np.testing.assert_array_equal(jacobian(f)(X), 2 * np.eye(3))


def test_what_is_refused_says_why():
    with pytest.raises(TypeError, match="a partial is a function or None, got 3"):
        custom_jvp(np.sin, 3)
    with pytest.raises(TypeError, match=r"has 1 partial\(s\), and argument 1 is a dual number"):
        jvp(lambda x: cube(2.0, x), (1.0,), (1.0,))
    for f, x in ((np.sin, 1.0), (np.exp, X), (lambda x: np.sum(np.exp(x)), X)):
        for kind in (None, True, False):
            forgetful = custom_jvp(f, lambda t, z, x: np.cos(x), elementwise=kind)
            for _ in range(2):
                with pytest.raises(ValueError, match=r"times its first argument, t \* slope"):
                    jvp(lambda x: forgetful(x * x), (x,), (x,))  # noqa: B023
    bare = custom_jvp(lambda x: x)
    with pytest.raises(TypeError, match=r"has 0 partial\(s\), and argument 0"):
        jvp(bare, (1.0,), (1.0,))
    wrong = custom_jvp(lambda x: np.sum(x), lambda t, z, x: t, elementwise=False)
    with pytest.raises(ValueError, match=r"a term of shape \(3,\), and the result has shape \(\)"):
        gradient(wrong)(X)
