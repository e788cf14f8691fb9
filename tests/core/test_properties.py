"""Laws that hold for all inputs, tried on generated ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dualedu import Dual, gradient, hvp, jacobian, jvp

settings.register_profile("book", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("book")

numbers = st.floats(-8, 8).map(lambda x: float(np.round(x, 3)))
nonzero = numbers.filter(lambda x: abs(x) > 0.05)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
broadcastable = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3)


def arrays(shape, elements=numbers):
    return hnp.arrays(np.float64, shape, elements=elements)


@st.composite
def duals(draw, elements=numbers):
    return Dual(draw(elements), draw(numbers))


def close(x, y):
    np.testing.assert_allclose(x.primal, y.primal, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(x.tangent, y.tangent, rtol=1e-8, atol=1e-8)


LAWS = {
    "sum commutes": lambda x, y, z: (x + y, y + x),
    "sum associates": lambda x, y, z: ((x + y) + z, x + (y + z)),
    "product commutes": lambda x, y, z: (x * y, y * x),
    "product associates": lambda x, y, z: ((x * y) * z, x * (y * z)),
    "product distributes": lambda x, y, z: (x * (y + z), x * y + x * z),
    "one is neutral": lambda x, y, z: (x * Dual(1.0, 0.0), x),
    "zero is neutral": lambda x, y, z: (x + Dual(0.0, 0.0), x),
    "difference undoes sum": lambda x, y, z: ((x + y) - y, x),
    "quotient undoes product": lambda x, y, z: ((x * y) / y, x),
    "inverse": lambda x, y, z: (y * (1 / y), Dual(1.0, 0.0)),
    "square is a product": lambda x, y, z: (x**2, x * x),
    "powers add": lambda x, y, z: (y**2 * y**3, y**5),
    "unit is nilpotent": lambda x, y, z: ((x * Dual(0.0, 1.0)) * Dual(0.0, 1.0), Dual(0.0, 0.0)),
}


@pytest.mark.parametrize("law", LAWS)
@given(x=duals(), y=duals(nonzero), z=duals())
def test_algebra_of_dual_numbers(law, x, y, z):
    close(*LAWS[law](x, y, z))


@given(x=duals(), y=duals())
def test_dual_numbers_are_two_by_two_matrices(x, y):
    def matrix(d):
        return np.array([[d.primal, d.tangent], [0, d.primal]])

    np.testing.assert_allclose(matrix(x * y), matrix(x) @ matrix(y), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(matrix(x + y), matrix(x) + matrix(y), rtol=1e-12, atol=1e-12)


def function(x, y):
    return np.sin(x) * np.exp(-y * y) + x * y / (2 + np.cos(y))


def partials(x, y):
    bell, wave = np.exp(-y * y), 2 + np.cos(y)
    by_x = np.cos(x) * bell + y / wave
    by_y = -2 * y * np.sin(x) * bell + x / wave + x * y * np.sin(y) / wave**2
    return by_x, by_y


@given(broadcastable, st.data())
def test_broadcasting_any_pair_of_shapes(pair, data):
    (a, b), result = pair.input_shapes, pair.result_shape
    x, y = data.draw(arrays(a)), data.draw(arrays(b))
    v, w = data.draw(arrays(a)), data.draw(arrays(b))
    value, tangent = jvp(function, (x, y), (v, w))
    assert np.array_equal(value, function(x, y))  # to the bit
    assert tangent.shape == result
    by_x, by_y = partials(x, y)
    np.testing.assert_allclose(tangent, by_x * v + by_y * w, rtol=1e-9, atol=1e-9)


@given(broadcastable, st.integers(0, 3), st.data())
def test_several_directions_broadcast_and_permute(pair, count, data):
    a, b = pair.input_shapes
    x, y = data.draw(arrays(a)), data.draw(arrays(b))
    v, w = data.draw(arrays((count, *a))), data.draw(arrays((count, *b)))
    _, tangents = jvp(function, (x, y), (v, w))
    assert tangents.shape == (count, *pair.result_shape)
    order = data.draw(st.permutations(range(count)))
    _, permuted = jvp(function, (x, y), (v[list(order)], w[list(order)]))
    np.testing.assert_array_equal(permuted, tangents[list(order)])
    for k in range(count):
        np.testing.assert_allclose(jvp(function, (x, y), (v[k], w[k]))[1], tangents[k], rtol=1e-12)


@given(shapes, numbers, numbers, st.data())
def test_the_tangent_is_linear_in_the_direction(shape, alpha, beta, data):
    x, v, w = (data.draw(arrays(shape)) for _ in range(3))

    def f(x):
        return function(x, x[::-1] if x.ndim else x).sum() * np.cos(x)

    combined = jvp(f, (x,), (alpha * v + beta * w,))[1]
    apart = alpha * jvp(f, (x,), (v,))[1] + beta * jvp(f, (x,), (w,))[1]
    np.testing.assert_allclose(combined, apart, rtol=1e-7, atol=1e-7)


@given(numbers, nonzero, numbers, numbers)
def test_product_quotient_and_chain_rules(u, w, du, dw):
    x, y = Dual(u, du), Dual(w, dw)
    np.testing.assert_allclose((x * y).tangent, du * w + u * dw, atol=1e-12)
    np.testing.assert_allclose((x / y).tangent, (du * w - u * dw) / w**2, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.sin(x * y).tangent, np.cos(u * w) * (du * w + u * dw), atol=1e-9)


@given(hnp.array_shapes(max_dims=2, max_side=4), st.data())
def test_jacobian_columns_are_unit_jvps_and_hessians_are_symmetric(shape, data):
    x = data.draw(arrays(shape))

    def f(x):
        return np.sin(x) * np.sum(x**2)

    jac = jacobian(f)(x)
    for index in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[index] = 1
        np.testing.assert_allclose(jac[(..., *index)], jvp(f, (x,), (unit,))[1], rtol=1e-12)
    v, w = data.draw(arrays(shape)), data.draw(arrays(shape))

    def scalar(x):
        return np.sum(f(x) * np.cos(x))

    left, right = np.sum(w * hvp(scalar, x, v)), np.sum(v * hvp(scalar, x, w))
    np.testing.assert_allclose(left, right, rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(
        np.sum(gradient(scalar)(x) * v), jvp(scalar, (x,), (v,))[1], rtol=1e-8, atol=1e-8
    )
