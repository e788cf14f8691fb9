"""x.flat and x.tolist(): the entries one by one."""

import numpy as np
import pytest

from dualedu import check_jvp, jvp


def flattened(x):
    y = np.zeros((3, 2), like=x)
    y.flat = x
    y.T.flat[1:5:2] = x[:2] ** 2
    y.flat[[0, 5]] = x[2]
    y.flat[3] = y.flat[0] * y.flat[-1]
    y.flat[2:] += x[:4]
    z = 1.0 * y
    z.flat = [x[0], 2.0]
    return np.array(
        [sum(entry**2 for entry in y.flat), len(y.flat) * z.flat[4], *z.flat[1:3]], like=x
    )


def listed(x):
    rows = np.reshape(x**2, (2, 3)).tolist()
    return sum(k * entry for row in rows for k, entry in enumerate(row)) + x[0].tolist()


@pytest.mark.parametrize("f", [flattened, listed])
def test_flat_and_tolist_are_numpys(f):
    x, v, h = np.arange(1.0, 7.0), np.array([0.3, -1.0, 0.7, 0.2, -0.4, 1.1]), 1e-5
    value, tangent = jvp(f, (x,), (v,))
    assert value == pytest.approx(f(x))
    assert tangent == pytest.approx((f(x + h * v) - f(x - h * v)) / (2 * h), rel=1e-8)
    check_jvp(f, x)
