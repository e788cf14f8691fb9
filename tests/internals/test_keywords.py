"""where= and dtype= of ufuncs: entries that are left out are neither computed nor have a slope."""

import warnings

import numpy as np
import pytest

from dualedu import check_jvp, gradient, jvp

X = np.array([0.4, -1.3, 0.0, 2.1])
MASKED = {
    "log": lambda x: np.log(x, out=np.zeros_like(x), where=X > 0),
    "divide": lambda x: np.divide(1.0, x, out=np.ones_like(x), where=X != 0),
    "into the argument": lambda x: np.multiply(
        x, x, out=x.copy(), where=[True, False, True, False]
    ),
    "broadcast": lambda x: np.sqrt(x, out=np.zeros((2, 4), like=x), where=X > 0),
    "a column of places": lambda x: np.add(
        x[:, None], x, out=np.zeros((4, 4), like=x), where=X[:, None] > 0
    ),
    "everywhere": lambda x: np.sin(x, where=True),
}


@pytest.mark.parametrize("name", MASKED)
def test_where(name):
    f = MASKED[name]
    plain = (
        (lambda x: np.add(x[:, None], x, out=np.zeros((4, 4)), where=X[:, None] > 0))
        if (name == "a column of places")
        else (lambda x: np.sqrt(x, out=np.zeros((2, 4)), where=X > 0))
        if name == "broadcast"
        else f
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, tangent = jvp(f, (X,), (np.stack([np.ones(4), X]),))
        np.testing.assert_array_equal(value, plain(X))
        assert np.isfinite(tangent).all()
    moving = np.where(X == 0, 0.3, X)  # where the mask leaves out, differences are 0 as well
    check_jvp(f, moving, order=2)


def test_dtype_casts_first():
    x = np.array([0.1, 0.7], np.float32)
    value, tangent = jvp(lambda x: np.multiply(x, x, dtype=np.float64), (x,), (x,))
    assert value.dtype == tangent.dtype == np.float64
    np.testing.assert_array_equal(value, np.multiply(x, x, dtype=np.float64))
    np.testing.assert_array_equal(tangent, 2 * value)
    value = jvp(lambda x: np.exp(x, dtype=np.float32), (X,), (X,))[0]
    np.testing.assert_array_equal(value, np.exp(X, dtype=np.float32))


def test_refusals():
    with pytest.raises(TypeError, match=r"takes no order=; leave it out"):
        gradient(lambda x: np.sum(np.sin(x, order="F")))(X)
    with pytest.raises(TypeError, match="astype"):
        gradient(lambda x: np.sum(np.add(x, 1, dtype=int)))(X)
    with pytest.raises(TypeError, match="takes where= together with one array out="):
        gradient(lambda x: np.sum(np.sin(x, where=X > 0)))(X)
