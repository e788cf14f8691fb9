"""Functions that build and change their arrays in place: the fuzzer's calls beside NumPy's own."""

import numpy as np
from numpy_calls import Call

V = np.array([0.7, -1.2, 0.4])
W = np.array([1.1, 0.3, -0.8])
M = np.array([[0.7, -1.3, 2.1], [0.2, 3.3, -0.9]])
S = np.array([[2.1, 0.3, -0.4], [0.5, 1.7, 0.2], [-0.3, 0.6, 1.4]])


def recurrence(v):
    y = np.zeros(len(v) + 1, like=v)
    y[0] = 0.3
    for i in range(len(v)):
        y[i + 1] = 0.5 * y[i] + np.sin(v[i])
    return y


def relaxation(m):
    u = m.copy()
    for _ in range(2):
        u[:, 1:-1] += 0.3 * (u[:, 2:] - 2 * u[:, 1:-1] + u[:, :-2])
        u[0] *= 0.5
    return u


def substitution(s, v):
    x = np.zeros_like(v + s[0])
    for i in range(len(v)):
        x[i] = (v[i] - s[i, :i] @ x[:i]) / (2.0 + s[i, i] ** 2)
    return x


def rotation(v):
    cos, sin = np.cos(v[0]), np.sin(v[1])
    return np.array([[cos, -sin, 0.0], [sin, cos, v[2]]], like=v)


def rows_and_views(m, v):
    y = m + v
    for row in y:
        row *= 1.5
    columns = y.T
    columns[0] -= columns[1] * columns[2]
    flat = y.reshape(-1)
    flat[::2] += 0.2
    return y


def assembly(v, w):
    k = np.zeros((4, 4), like=v * w)
    for i in range(3):
        k[i : i + 2, i : i + 2] += v[i] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    np.fill_diagonal(k[1:, :-1], w)
    np.add.at(k, ([0, 0, 3], [1, 1, 2]), w)
    return k


def places(v, w):
    y = np.full(5, 0.5, like=v + w)
    y[[4, 0, 2]] = v
    y[np.array([True, False, True, False, True])] *= w
    np.put(y, [1, 3], v[:2] * w[1:])
    return np.cumsum(y)


def into(m, v):
    y = np.empty_like(m * v)
    np.multiply(m, v, out=y)
    np.sin(y, out=y)
    np.add(y, m, out=y, where=np.array([True, False, True]))
    y[...] -= y[:, ::-1]
    return y


def elimination(s):
    u = s + 3 * np.eye(3)
    for k in range(2):
        for i in range(k + 1, 3):
            u[i] -= u[i, k] / u[k, k] * u[k]
    return u


WRITES = [
    Call(recurrence, (V,)),
    Call(relaxation, (M,)),
    Call(substitution, (S, V)),
    Call(rotation, (V,)),
    Call(rows_and_views, (M, V)),
    Call(assembly, (V, W)),
    Call(places, (V, W)),
    Call(into, (M, V)),
    Call(elimination, (S,)),
]
