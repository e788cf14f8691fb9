"""Dual arrays that are written into, beside plain arrays that are written into the same way.

The oracle is NumPy itself for values and for what shares memory, and central differences of the
plain program for tangents.
"""

import copy
import pickle
import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy_calls import CALLS, Call, leaves

from dualedu import Dual, check_jvp, derivative, jacobian, jvp, value_and_gradient
from dualedu.internals.memory import VIEWS

X = np.array([0.7, -1.3, 2.1])


# --- programs that build their arrays in place ---------------------------------------------------


def trajectory(x):
    y = np.zeros(5, like=x)
    y[0] = x[0]
    for i in range(4):
        y[i + 1] = y[i] + 0.1 * np.sin(x[1] * y[i]) * x[2]
    return y


def helper(x):
    def kick(v):
        v += np.sin(v)

    u = x * 1.0
    kick(u)
    kick(u[1:])
    return u


def rows(x):
    a = np.empty((3, 3), like=x)
    for i, row in enumerate(a):
        row[:] = x * i
        row *= 1.0 + x[0]
    a.T[0] += x
    a.reshape(-1)[4] = x[1] ** 3
    np.fill_diagonal(a, x)
    a.ravel()[2] -= x[2]
    return a


def elimination(x):
    a = np.outer(x, x) + 3 * np.eye(3)
    b = x.copy()
    for k in range(3):
        for i in range(k + 1, 3):
            factor = a[i, k] / a[k, k]
            a[i] -= factor * a[k]
            b[i] -= factor * b[k]
    for k in (2, 1, 0):
        b[k] = (b[k] - a[k, k + 1 :] @ b[k + 1 :]) / a[k, k]
    return b


def masks(x):
    y = np.zeros_like(x)
    y[x > 0] += x[x > 0] ** 2
    y[[0, 2]] *= x[1]
    y[...] = y[::-1]
    y[1:] = y[:-1]
    np.add.at(y, [0, 0, 2], x)
    np.copyto(y, 2 * x, where=x < 0)
    return y


def stencil(x):
    a = np.zeros((4, 3, 2), like=x)
    a[:, :, 0] = x
    a[1:-1, 1, :] = x[:2, None] * x[2]
    a[[0, 3], :, [1, 1]] = x[0] * x
    a[2, ..., 1] **= 2
    return a


def passed_on(x):
    u = x * 2.0
    w = u + 1.0
    first = u[0]
    u[0] = x[1] ** 2
    u += w * first
    w[1] = 0.0
    return np.stack([u, w]) * first


def matrix_of_numbers(x):
    c, s = np.cos(x[0]), np.sin(x[0])
    r = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]], like=x)
    r[2] = [x[1], 0.0, x[2]]
    return r @ x


def outs(x):
    y = np.zeros_like(x)
    np.multiply(x, x, out=y)
    np.add(y, x[::-1], out=y)
    np.cumsum(y, out=y)
    y @= np.outer(x, x) + np.eye(3)
    y //= 0.5
    y.fill(x[0])
    y.sort()
    np.put(y, [0, 2], x[:2])
    np.place(y, [True, False, False], x[1])
    np.putmask(y, np.array([False, True, False]), 3 * x)
    np.put_along_axis(y, np.array([2]), x[1] * x[2], 0)
    return y


def without_axes(x):
    total = np.zeros((), like=x)
    seen, kept = total[...], [total]
    for v in x:
        total += v**2
    one = np.array(x[0], like=x)
    same = one
    one *= x[1]
    y = x.copy()
    entry = y[1, ...]
    entry += total
    return np.stack([seen, kept[0], same, *y])


def new_axes(x):
    y = x * x
    y[0, None][0] = x[1]
    y[None, 1][:] *= 2.0
    row = y[2, None, None]
    row += y[0]
    return y


def parts_of_complex_numbers(x):
    z = np.zeros(3, complex, like=x)
    z.real, z.imag = x**2, np.sin(x)
    z.imag[0] = x[1]
    z.real += z.imag
    np.imag(z)[1:] *= x[2]
    z = z * z
    return np.concatenate([z.real, z.imag])


def shapes_set(x):
    y = np.outer(x, x)
    row = y[0]
    y.shape = 9
    y[1] = x[2]
    y.shape = (3, 3)
    y.flat = np.sin(y).ravel()
    return np.concatenate([y @ x, row])


def outs_by_place_and_of_methods(x):
    y, a = np.zeros((4, 3), like=x), np.outer(x, x)
    np.std(a, 0, None, y[0])
    np.clip(x, -1.5, 1.5, y[1])
    y[1].clip(-1.0, 2.0, y[1])
    np.multiply.reduce(a, axis=0, out=y[2])
    np.add.accumulate(y[2], out=y[2])
    a.dot(x, y[3])
    np.cumsum(y[3], 0, None, y[3])
    return np.maximum.outer(y[0], y[1], out=np.zeros((3, 3), like=x)) + y[2] * y[3]


def lists_written(x):
    y = np.zeros(9, like=x)
    y.put([0, 2], [x[1], 5.0])
    np.add.at(y, [0, 0, 1], [x[0], x[1] ** 2, 1.0])
    np.put_along_axis(y, np.array([3, 4]), [x[2], x[0]], 0)
    np.copyto(y[5:7], [x[0] * x[1], 2.0])
    np.place(y, y == 0, [x[2] ** 2, x[0]])
    np.fill_diagonal(y.reshape(3, 3)[1:], [x[1], x[1] ** 3])
    return y


PROGRAMS = [
    trajectory, helper, rows, elimination, masks, stencil, passed_on, matrix_of_numbers, outs,
    without_axes, new_axes, parts_of_complex_numbers, shapes_set, outs_by_place_and_of_methods,
    lists_written,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_that_write_are_right_to_third_order(program):
    check_jvp(program, X, order=3, tolerance=1e-5)


@pytest.mark.parametrize("program", PROGRAMS)
def test_all_directions_at_once_are_the_directions_one_by_one(program):
    whole = jacobian(program)(X)
    columns = [jvp(program, (X,), (v,))[1] for v in np.eye(3)]
    np.testing.assert_allclose(whole, np.stack(columns, -1), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("program", PROGRAMS)
def test_single_precision_stays(program):
    x = X.astype(np.float32)
    value, tangent = jvp(program, (x,), (np.ones_like(x),))
    reference = jvp(program, (x.astype(float),), (np.ones(3),))[1]
    assert tangent.dtype == value.dtype
    np.testing.assert_allclose(tangent, reference, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_callers_arrays_never_change(program):
    x, v = X.copy(), np.array([1.0, 2.0, 3.0])
    jvp(program, (x,), (v,))
    assert x.tolist() == X.tolist()
    assert v.tolist() == [1, 2, 3]


# --- a model: random writes, views and operators beside plain arrays -----------------------------

INDICES = [
    0, -1, slice(None), slice(1, None), slice(None, None, -1), slice(0, 3, 2), ..., (0,),
    [0, 1], [1, 1], (slice(None), 0), (0, slice(1, None)), (slice(None), [0, 2]), (..., -1),
    (None, 0), ([0, 1], slice(None)), ([1, 0], [2, 0]), "mask",
    (0, 1, None), (None, -1, 0), (1, 2, ...), (0, None), (),
]  # fmt: skip
SHAPINGS = [
    lambda a: a.T, lambda a: a.reshape(-1), lambda a: a[None], lambda a: np.squeeze(a[None]),
    lambda a: np.swapaxes(a, 0, -1), lambda a: a[::-1], lambda a: np.flip(a, 0), np.ravel,
    lambda a: a.copy(), lambda a: np.copy(a), lambda a: a + 1.0, lambda a: np.moveaxis(a, 0, -1),
    lambda a: a.flatten(), lambda a: np.expand_dims(a, 0), lambda a: np.atleast_2d(a),
    lambda a: np.concatenate([a, a]), lambda a: np.split(a, [1])[0], lambda a: 2.0 * a,
    lambda a: np.where(a > 0, a, 0.1 * a), lambda a: a.astype(a.dtype, copy=False), np.real,
    lambda a: a.reshape(-1)[:1].reshape(()), lambda a: np.zeros((), a.dtype, like=a),
    lambda a: a[...],
    lambda a: np.array(np.sum(a), like=a), lambda a: a.copy("F"), lambda a: a.T.copy("K"),
    lambda a: np.asfortranarray(a, like=a), lambda a: np.array(a, order="F", like=a),
    lambda a: np.ones_like(a.T), lambda a: np.full_like(a.T, 0.7), lambda a: a.flatten("F"),
]  # fmt: skip
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "add", "multiply", "shape", "index", "whole", "minus"]),
        st.integers(0, 5),  # which array
        st.integers(0, len(INDICES) - 1),
        st.integers(0, 5),  # the array of the value
        st.integers(0, len(SHAPINGS) - 1),
    ),
    min_size=1,
    max_size=14,
)


class Refused(Exception):
    pass


def run(steps, x):
    """The program that the steps spell, on plain arrays or duals."""
    pool = [x * 1.0, np.zeros_like(x), np.sin(x)]
    for kind, which, index, other, shaping in steps:
        y, value = pool[which % len(pool)], pool[other % len(pool)]
        place = INDICES[index]
        place = (y > 0.3) if isinstance(place, str) else place
        number = np.sum(np.cos(value)) * 0.1
        try:
            if kind == "set":
                y[place] = number
            elif kind == "add":
                y[place] += number
            elif kind == "multiply":
                y[place] *= number
            elif kind == "whole":
                y += number
            elif kind == "minus":
                y[...] -= 0.3 * y[::-1]
            elif kind == "index":
                pool.append(y[place])
            else:
                pool.append(SHAPINGS[shaping](y))
        except (IndexError, ValueError) as error:
            raise Refused(str(error)) from error
        if not isinstance(pool[-1], np.ndarray):  # a scalar
            pool[-1] = np.stack([pool[-1], pool[-1]])
        pool = pool[-6:]
    return np.concatenate([np.ravel(y) for y in pool])


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from([None, 1, 3]), st.booleans())
def test_writes_views_and_operators_are_numpys(steps, directions, single):
    rng = np.random.default_rng(len(steps))
    x = rng.uniform(0.4, 1.5, (2, 3)) * rng.choice([-1, 1], (2, 3))
    lead = () if directions is None else (directions,)
    v = rng.uniform(-1, 1, (*lead, 2, 3))
    try:
        plain = run(steps, x)
    except Refused:
        with pytest.raises((Refused, TypeError)):
            jvp(lambda x: run(steps, x), (x,), (v,))
        return
    try:
        value, tangent = jvp(lambda x: run(steps, x), (x,), (v,))
    except TypeError as error:
        if "share memory" in str(error):  # the one refusal that NumPy does not have
            return
        raise
    np.testing.assert_array_equal(value, plain)
    for t, d in zip(np.atleast_2d(tangent), v.reshape(-1, 2, 3), strict=True):
        h = 1e-6
        slope = (run(steps, x + h * d) - run(steps, x - h * d)) / (2 * h)
        np.testing.assert_allclose(t, slope, rtol=1e-5, atol=1e-6 * max(1, np.abs(t).max()))
    nested, _ = jvp(lambda x: jvp(lambda y: run(steps, y), (x,), (v,))[1], (x,), (x,))
    # Not to the bit: where a tangent is laid out otherwise, NumPy adds it up in another order.
    np.testing.assert_allclose(nested, tangent, rtol=1e-13, atol=1e-15 * np.abs(tangent).max())
    if single:
        low = jvp(lambda x: run(steps, x), (x.astype(np.float32),), (v.astype(np.float32),))[1]
        assert low.dtype == np.float32


# --- what is read-only, and why ------------------------------------------------------------------

ARGUMENTS = {
    "assignment": lambda x: x.__setitem__(0, 1.0),
    "in place": lambda x: x.__iadd__(1.0),
    "a view": lambda x: x[1:].__imul__(2.0),
    "a transpose": lambda x: x.T.__setitem__(0, 1.0),
    "a reshape": lambda x: x.reshape(3, 1).__setitem__(0, 1.0),
    "asarray": lambda x: np.asarray(x, like=x).__setitem__(0, 1.0),
    "astype": lambda x: x.astype(float, copy=False).__setitem__(0, 1.0),
    "fill": lambda x: x.fill(0.0),
    "copyto": lambda x: np.copyto(x, 1.0),
    "out": lambda x: np.sin(x, out=x),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_are_read_only_and_the_way_out_works(name):
    with pytest.raises(TypeError, match=r"begin with x = x\.copy\(\)"):
        jacobian(ARGUMENTS[name])(X)

    def after_advice(x):
        x = x.copy()
        ARGUMENTS[name](x)
        return x

    assert np.isfinite(jacobian(after_advice)(X)).all()


@pytest.mark.parametrize("part", ["real", "imag", "shape"])
def test_a_scalar_has_no_parts_to_set(part):
    def f(x):
        z = x * (1 + 1j)
        setattr(z, part, (1,) if part == "shape" else 3.0)
        return np.abs(z)

    for x in (np.float64(2.0), 2.0):  # NumPy refuses its scalars too, Python its complex numbers
        with pytest.raises(AttributeError):
            f(x)
        with pytest.raises(AttributeError, match="a scalar"):
            jvp(f, (x,), (1.0,))


def test_another_shape_in_place_is_as_with_numpy_or_refused():
    def column(x):  # the caller's array keeps its shape
        x.shape = (3, 1)
        return x @ x.T

    np.testing.assert_array_equal(jacobian(column)(X), jacobian(lambda x: np.outer(x, x))(X))
    assert X.shape == (3,)

    def f(x):
        y = np.outer(x, x).T
        y.shape = 9
        return y

    with pytest.raises(AttributeError):
        f(X)
    with pytest.raises(AttributeError, match=r"write y = y\.reshape"):
        jacobian(f)(X)
    with pytest.raises(TypeError, match="dtype=complex"):
        jacobian(lambda x: (x * 2).__setattr__("imag", x))(X)


def test_a_scalar_gives_its_name_a_new_value():
    def f(t):
        total = t
        total *= t
        total += 1.0
        return total * t

    assert derivative(f)(2.0) == 13.0


def test_what_numpy_keeps_read_only_stays_so():
    for view in (np.broadcast_to(X[0], (3,)), np.diagonal(np.outer(X, X))):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1.0

    def f(x):
        np.broadcast_to(x[0] * 2, (3,))[0] = 1.0

    def g(x):
        np.diagonal(np.outer(x, x))[0] = 1.0

    for refused in (f, g):
        with pytest.raises(ValueError, match="read-only"):
            jacobian(refused)(X)


def test_a_refused_write_changes_nothing():
    y = Dual(np.ones(3), np.ones(3)) * 1.0
    for index, value in ((slice(None), np.ones(4)), (0, 1j), (5, 1.0), ([0, 1], np.ones(3))):
        with pytest.raises((ValueError, TypeError, IndexError)):
            y[index] = value
    with pytest.raises(ValueError, match="shape"):
        y += np.ones((2, 3))
    assert y.primal.tolist() == y.tangent.tolist() == [1, 1, 1]


def test_every_function_of_numpy_that_returns_views_is_known():
    a = np.arange(24.0).reshape(2, 3, 4) + 1j
    returned = {
        f
        for f in (getattr(np, name) for name in dir(np))
        if callable(f) and not isinstance(f, type) and shares(f, a)
    }
    known = VIEWS | {np.asarray, np.asanyarray, np.ascontiguousarray, np.require, np.asmatrix}
    known |= {np.asarray_chkfinite, np.nditer, np.may_share_memory, np.nested_iters}
    known |= {np.from_dlpack, np.frombuffer, np.trim_zeros}  # they take no dual numbers
    assert returned - known == set()


def shares(f, a):
    for args in ((a,), (a, 1), (a, 0, 1), (a, (2, 3, 4))):
        try:
            result = f(*args)
        except Exception:
            continue
        parts = result if isinstance(result, list | tuple) else (result,)
        if any(isinstance(p, np.ndarray) and np.may_share_memory(p, a) for p in parts):
            return True
    return False


RETURNING = [
    *[call for call in CALLS if np.ndim(next(iter(call.variables), 0))],
    Call(np.linalg.matrix_power, (np.eye(2), 1)),
    Call(np.meshgrid, (X, X[:2]), {"copy": False}),
    Call(np.meshgrid, (X, X[:2]), {"copy": False, "sparse": True}),
    Call(np.polyder, (X, 0)),
    Call(np.polyint, (X, 0)),
    Call(np.block, (np.eye(2),)),
]


@pytest.mark.parametrize("into", ["result", "argument"])
@pytest.mark.parametrize("call", RETURNING, ids=str)
def test_results_share_memory_as_numpys_do(call, into):
    x, *others = call.variables

    def written(x):
        y = x * 1.0
        results = [
            part
            for part in leaves(call([y, *copy.deepcopy(others)]))
            if isinstance(part, np.ndarray)
        ]
        for part in results if into == "result" else [y]:
            part *= 3.0
        return [y, *results] if into == "argument" else [y]

    try:
        plain = written(x.copy())
        values, tangents = jvp(written, (x,), (x,))
    except (TypeError, ValueError):  # read-only, or what NumPy shares and a dual number cannot
        return
    for value, right in zip(values, plain, strict=True):
        np.testing.assert_allclose(value, right, rtol=1e-12)
    np.testing.assert_allclose(tangents[0], plain[0], rtol=1e-12)  # y is 1 or 3 times x


def test_writes_through_views_along_no_direction():
    def f(x):
        y = np.zeros(3, like=x)
        y[1:][:1] = np.sum(x) + 2
        return y

    assert jacobian(f)(np.zeros(0)).shape == (3, 0)
    assert jvp(f, (np.zeros(0),), (np.zeros((0, 0)),))[0].tolist() == [0, 2, 0]


# --- duals leave no differentiation --------------------------------------------------------------


def test_a_dual_under_differentiation_is_not_pickled():
    for f in (pickle.dumps, copy.deepcopy):
        x = Dual(X, X)
        assert f is copy.deepcopy or pickle.loads(f(x)).primal.tolist() == X.tolist()

    def f(x):
        pickle.dumps(x)
        return x

    with pytest.raises(TypeError, match="another process"):
        jacobian(f)(X)
    assert value_and_gradient(lambda x: np.sum(copy.deepcopy(x) ** 2))(X)[1].tolist() == list(2 * X)


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
def test_a_tangent_that_was_short_is_laid_out_as_its_value(layout):
    plain = layout(np.arange(6.0).reshape(2, 3))

    def f(x):
        y = plain + x  # one tangent for all entries
        y[0] *= 2.0
        flat = y.T.reshape(-1) if layout is np.asfortranarray else y.reshape(-1)
        flat[1] += 1.0
        return y

    for x in (0.5, np.array([0.5, 1.0, 2.0])):
        check_jvp(f, x, order=2)
        np.testing.assert_array_equal(jvp(f, (x,), (x,))[0], f(x))
        seeds = np.broadcast_to(x, (2, *np.shape(x)))
        np.testing.assert_array_equal(jvp(f, (x,), (seeds,))[0], f(x))


# --- rows that change places ----------------------------------------------------------------------


def shuffled(rng):
    def f(x):
        y = 1.0 * x
        rng().shuffle(y)
        return y

    return f


def swapped(x):
    y = x.copy()
    y[0], y[2] = y[2], y[0]
    return y


ROWS = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize(
    "f",
    [
        swapped,
        shuffled(lambda: np.random.default_rng(0)),
        shuffled(lambda: np.random.RandomState(0)),
    ],
    ids=["a swap", "Generator.shuffle", "RandomState.shuffle"],
)
@pytest.mark.filterwarnings("ignore:you are shuffling")
@pytest.mark.parametrize("directions", [None, 3])
def test_rows_that_would_be_lost_in_a_swap_are_refused(f, directions):
    tangent = ROWS if directions is None else np.stack([ROWS] * directions)
    with pytest.raises(ValueError, match=r"x\[\[i, j\]\] = x\[\[j, i\]\].*rng\.permutation"):
        jvp(f, (ROWS,), (tangent,))


def test_the_ways_out_of_a_swap_swap():
    def f(x):
        y = x.copy()
        i, j = 0, 2
        y[[i, j]] = y[[j, i]]
        return y[np.random.default_rng(0).permutation(len(y))]

    value, tangent = jvp(f, (ROWS,), (10 * ROWS,))
    assert value.tolist() == f(ROWS).tolist()
    assert tangent.tolist() == (10 * value).tolist()


def test_entries_of_a_vector_are_shuffled_and_swapped():
    def f(x):
        y = 1.0 * x
        y[0], y[1] = y[1], y[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np.random.default_rng(0).shuffle(y)
        return y

    value, tangent = jvp(f, (ROWS[:, 1],), (10 * ROWS[:, 1],))
    assert value.tolist() == f(ROWS[:, 1]).tolist()
    assert tangent.tolist() == (10 * value).tolist()


def test_rows_may_be_copied_to_and_fro():
    def f(x):
        y = x.copy()
        y[0] = y[1]
        y[0] += 1
        y[1] = y[0]  # taken after the write: nothing is lost
        y[2] = y[2]
        y[2] = y[2]
        kept = y[0].copy()
        y[0] = y[3]
        y[3] = kept
        return y

    value, tangent = jvp(f, (ROWS,), (ROWS,))
    assert value.tolist() == f(ROWS).tolist()
    assert tangent.tolist() == (value - [[0], [1], [0], [1]]).tolist()
