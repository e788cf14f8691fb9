"""Programs as people write them, run on dual numbers without a change, against differences.

Each is differentiated to second order, along one direction and several; its value must be that of
plain NumPy, its arguments must stay what they were, and no warning may come that NumPy has not.
"""

# ruff: noqa: B007, C417, E731, E741, RUF005, RUF059, SIM

import functools
from collections import defaultdict, namedtuple

import numpy as np
import pytest
from held_programs import hold, table
from numpy.lib.stride_tricks import sliding_window_view

from dualedu import gradient, jacobian

R = np.random.default_rng(0)
V = R.normal(size=6)
M = R.normal(size=(4, 4))
S = M @ M.T + np.eye(4)
T = R.normal(size=(5, 3))
P = R.normal(size=(7, 3))
SIGNAL = R.normal(size=16)
SERIES = R.normal(size=20)
TABLE = R.normal(size=(20, 3))
IMAGE = R.normal(size=(1, 2, 6, 6))
KERNEL = R.normal(size=(3, 2, 3, 3)) * 0.4
RETURNS = R.normal(size=10)
PAIR = namedtuple("PAIR", "x y")

PROGRAMS, program = table()


@program(np.array([1.0, 0.2, -0.3, 0.5]))
def verlet(s):
    n = 30
    q = np.zeros((n, 2), like=s)
    p = np.zeros_like(q)
    q[0] = s[:2]
    p[0] = s[2:]
    for i in range(n - 1):
        a = -q[i] / np.linalg.norm(q[i]) ** 3
        half = p[i] + 0.5 * 0.01 * a
        q[i + 1] = q[i] + 0.01 * half
        p[i + 1] = half - 0.5 * 0.01 * q[i + 1] / np.sum(q[i + 1] ** 2) ** 1.5
    return q[-1].sum() + np.einsum("ij,ij->", p, p)


@program(np.array([[0.0, 0, 1], [1, 0.5, 0], [-1, 0.3, 0.2]]))
def nbody_inplace(x):
    m = np.array([1.0, 2, 3])
    v = np.zeros_like(x)
    x = x.copy()
    for _ in range(5):
        acc = np.zeros_like(x)
        for i in range(3):
            for j in range(3):
                if i != j:
                    d = x[j] - x[i]
                    acc[i] += m[j] * d / (d @ d + 0.01) ** 1.5
        v += 0.1 * acc
        x += 0.1 * v
    ke = 0.5 * (m * (v**2).sum(1)).sum()
    return ke


@program(np.linspace(0, 1, 8) ** 2)
def heat_inplace(u):
    u = u.copy()
    for _ in range(4):
        u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u


@program(np.linspace(0, 1, 8) ** 2)
def heat_like_rolled(u):
    un = np.empty_like(u)
    for _ in range(4):
        un[...] = u
        un[1:-1] = u[1:-1] + 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        un[0] = un[1]
        un[-1] = un[-2]
        u = un.copy()
    return (u.mean(), u[::2])


@program(np.array([0.5, 1.5]))
def double_pendulum_rk4(y0):

    def rhs(t, y):
        return np.array([y[1], -np.sin(y[0]) - 0.1 * y[1]], like=y)

    ys = [y0]
    h = 0.05
    for i in range(10):
        y = ys[-1]
        k1 = rhs(0, y)
        k2 = rhs(0, y + h / 2 * k1)
        k3 = rhs(0, y + h / 2 * k2)
        k4 = rhs(0, y + h * k3)
        ys.append(y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return np.array(ys, like=y0)[:, 0]


@program(np.array([0.5, 1.5]))
def rk4_tensordot(y0):
    b = np.array([1 / 6, 1 / 3, 1 / 3, 1 / 6])
    y = y0
    k = np.zeros((4, 2), like=y0)
    for i, c in enumerate((0, 0.5, 0.5, 1)):
        yi = y if i == 0 else y + c * 0.1 * k[i - 1]
        k[i] = yi[::-1] * [1, -1]
    return y + 0.1 * np.tensordot(b, k, axes=1)


@program(np.array([0.3, 0.7]))
def kalman(p):
    q, r = p
    z = [1.0, 1.2, 0.8, 1.1]
    F = np.array([[1, 0.1], [0, 1.0]])
    H = np.array([[1.0, 0]])
    x = np.zeros(2)
    P = np.eye(2)
    ll = 0.0
    for zi in z:
        x = F @ x
        P = F @ P @ F.T + q * np.eye(2)
        S = H @ P @ H.T + r
        K = P @ H.T @ np.linalg.inv(S)
        y = zi - H @ x
        x = x + K @ y
        P = (np.eye(2) - K @ H) @ P
        ll += -0.5 * (np.log(np.linalg.det(S)) + y @ np.linalg.solve(S, y))
    return ll


@program(np.array([0.3, 0.7]))
def kalman_inplace(p):
    F = np.array([[1, 0.1], [0, 1.0]])
    x = np.zeros(2, like=p)
    P = np.eye(2, like=p)
    out = []
    for zi in [1.0, 1.2, 0.8]:
        P[:] = F @ P @ F.T
        P[np.diag_indices(2)] += p[0]
        S = P[0, 0] + p[1]
        K = P[:, 0] / S
        x += K * (zi - x[0])
        P -= np.outer(K, P[0, :])
        out.append(x.copy())
    return np.stack(out)


@program(np.array([0.1, 0.5, 2.0, 1.0, -1.0]))
def cubic_spline_thomas(y):
    n = len(y)
    a = np.ones(n)
    b = 4 * np.ones(n)
    c = np.ones(n)
    d = np.zeros(n, like=y)
    b[0] = b[-1] = 1
    c[0] = 0
    a[-1] = 0
    for i in range(1, n - 1):
        d[i] = 6 * (y[i + 1] - 2 * y[i] + y[i - 1])
    cp = np.zeros(n)
    dp = np.zeros_like(d)
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    m2 = np.zeros_like(d)
    m2[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        m2[i] = dp[i] - cp[i] * m2[i + 1]
    t = np.linspace(0, n - 1.001, 7)
    k = np.floor(t).astype(int)
    u = t - k
    return (
        m2[k] * (1 - u) ** 3 / 6
        + m2[k + 1] * u**3 / 6
        + (y[k] - m2[k] / 6) * (1 - u)
        + (y[k + 1] - m2[k + 1] / 6) * u
    )


@program(np.array([0.1, 0.5, 2.0, 1.0]), 0.35)
def bezier_casteljau(P, t):
    b = P.copy()
    n = len(b)
    for r in range(1, n):
        for i in range(n - r):
            b[i] = (1 - t) * b[i] + t * b[i + 1]
    return b[0]


@program(R.normal(size=6), 2.3)
def bspline_recursive(c, x):
    knots = np.arange(10.0)

    def B(i, k, x):
        if k == 0:
            return 1.0 if knots[i] <= x < knots[i + 1] else 0.0
        return (x - knots[i]) / (knots[i + k] - knots[i]) * B(i, k - 1, x) + (
            knots[i + k + 1] - x
        ) / (knots[i + k + 1] - knots[i + 1]) * B(i + 1, k - 1, x)

    return sum(c[i] * B(i, 3, x) for i in range(6))


@program(0.7)
def continued_fraction(x):
    return functools.reduce(lambda acc, k: x + k / acc, range(1, 8), x)


@program(2.0)
def newton_sqrt(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


@program(2.0)
def agm(a):
    b = 1.0
    for _ in range(6):
        a, b = ((a + b) / 2, np.sqrt(a * b))
    return a


@program(R.normal(size=(3, 3)) * 0.3)
def expm_taylor(A):
    E = np.eye(3)
    T = np.eye(3)
    for k in range(1, 15):
        T = T @ A / k
        E = E + T
    return E


@program(R.normal(size=(3, 3)) * 0.3)
def matrix_power(A):
    return np.linalg.matrix_power(A, 4) - np.linalg.matrix_power(A + 2 * np.eye(3), -2)


@program(R.normal(size=(4, 4)))
def sqrtm_dbn(A):
    A = A @ A.T + np.eye(4)
    Y = A
    Z = np.eye(4)
    for _ in range(12):
        Y, Z = (0.5 * (Y + np.linalg.inv(Z)), 0.5 * (Z + np.linalg.inv(Y)))
    return Y


@program(R.normal(size=(4, 4)))
def lu_inplace(A):
    A = A + 5 * np.eye(4)
    n = 4
    L = np.eye(n, like=A)
    U = A.copy()
    for k in range(n - 1):
        for i in range(k + 1, n):
            L[i, k] = U[i, k] / U[k, k]
            U[i, k:] -= L[i, k] * U[k, k:]
    return np.prod(np.diag(U)) + L.sum()


@program(R.normal(size=(4, 4)))
def gauss_pivot(A):
    A = A.copy()
    b = np.ones(4)
    M = np.column_stack([A, b])
    for k in range(4):
        p = k + np.argmax(np.abs(M[k:, k]))
        M[[k, p]] = M[[p, k]]
        M[k] /= M[k, k]
        for i in range(4):
            if i != k:
                M[i] -= M[i, k] * M[k]
    return M[:, -1]


@program(R.normal(size=(5, 3)))
def gram_schmidt(A):
    Q = np.zeros_like(A)
    for j in range(3):
        v = A[:, j].copy()
        for i in range(j):
            v -= Q[:, i] @ A[:, j] * Q[:, i]
        Q[:, j] = v / np.linalg.norm(v)
    return Q


@program(R.normal(size=(4, 4)))
def cholesky_loops(A):
    A = A @ A.T + 4 * np.eye(4)
    n = 4
    L = np.zeros_like(A)
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j] - np.dot(L[i, :j], L[j, :j])
            L[i, j] = np.sqrt(s) if i == j else s / L[j, j]
    return L


@program(R.normal(size=(4, 4)))
def power_iteration(A):
    A = A + A.T
    v = np.ones(4)
    for _ in range(60):
        v = A @ A @ v
        v /= np.linalg.norm(v)
    return v @ A @ v


@program(R.normal(size=(4, 4)))
def householder(A):
    R_ = A.copy()
    n = 4
    for k in range(n - 1):
        x = R_[k:, k]
        v = x.copy()
        v[0] += np.sign(x[0]) * np.linalg.norm(x)
        v /= np.linalg.norm(v)
        R_[k:, k:] -= 2 * np.outer(v, v @ R_[k:, k:])
    return R_


@program(R.normal(size=(3, 3)))
def jacobi_eig(A):
    A = A + A.T
    for _ in range(6):
        for p, q in ((0, 1), (0, 2), (1, 2)):
            th = 0.5 * np.arctan2(2 * A[p, q], A[q, q] - A[p, p])
            c, s = (np.cos(th), np.sin(th))
            G = np.eye(3, like=A)
            G[p, p] = c
            G[q, q] = c
            G[p, q] = s
            G[q, p] = -s
            A = G.T @ A @ G
    return np.sort(np.diag(A))


@program(np.array([2.0, 3, 1]), R.normal(size=3))
def cg(d, b):
    A = np.diag(d) + 0.1
    x = np.zeros(3)
    r = b - A @ x
    p = r
    for _ in range(3):
        a = r @ r / (p @ A @ p)
        x = x + a * p
        rn = r - a * (A @ p)
        p = rn + rn @ rn / (r @ r) * p
        r = rn
    return x


@program(V)
def tri(x):
    return np.diag(x) + np.diag(x[:-1], 1) + np.diag(np.ones(5), -1)


@program(V)
def toeplitz(x):
    n = 5
    idx = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return x[idx]


@program(TABLE)
def pca_var(X):
    X = X - X.mean(axis=0)
    C = np.cov(X, rowvar=False)
    w, _ = np.linalg.eigh(C)
    return w[-1] / w.sum()


@program(TABLE)
def svd_pca(X):
    Xc = X - X.mean(0)
    U, S, Vt = np.linalg.svd(Xc, full_matrices=False)
    return (S**2)[:2].sum() / (S**2).sum()


@program(SERIES)
def welford(x):
    n = 0
    mean = 0.0
    M2 = 0.0
    for v in x:
        n += 1
        d = v - mean
        mean += d / n
        M2 += d * (v - mean)
    return M2 / (n - 1)


@program(SERIES)
def autocorr(x):
    x = x - x.mean()
    r = np.correlate(x, x, mode="full")[len(x) - 1 :]
    return r / r[0]


@program(SERIES)
def ewma(x):
    y = np.empty_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.3 * x[i] + 0.7 * y[i - 1]
    return y


@program(SERIES)
def moving_avg(x):
    return np.convolve(x, np.ones(5) / 5, mode="valid")


@program(SERIES)
def moving_avg_cumsum(x):
    c = np.cumsum(np.insert(x, 0, 0.0))
    return (c[5:] - c[:-5]) / 5


@program(SERIES)
def sliding(x):
    return np.lib.stride_tricks.sliding_window_view(x, 4).std(axis=-1)


@program(SERIES)
def quantile(x):
    return (np.quantile(x, [0.1, 0.5, 0.9]), np.median(x), np.percentile(x, 33))


@program(SERIES)
def trimmed_mean(x):
    return np.sort(x)[3:-3].mean()


@program(SERIES)
def max_drawdown(r):
    w = np.cumprod(1 + 0.1 * r)
    peak = np.maximum.accumulate(w)
    return ((w - peak) / peak).min()


@program(TABLE, SERIES)
def ols(X, y):
    X1 = np.column_stack([np.ones(len(X)), X])
    beta, res, rank, sv = np.linalg.lstsq(X1, y, rcond=None)
    yhat = X1 @ beta
    r2 = 1 - ((y - yhat) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    se = np.sqrt(np.diag(np.linalg.inv(X1.T @ X1)))
    return (beta, r2, se)


@program(TABLE, R.normal(size=3))
def logistic_newton(X, w):
    y = (np.arange(20) % 2).astype(float)
    for _ in range(3):
        p = 1 / (1 + np.exp(-X @ w))
        H = X.T @ (X * (p * (1 - p))[:, None]) + np.eye(3)
        w = w - np.linalg.solve(H, X.T @ (p - y) + w)
    return w


@program(R.normal(size=8), np.array([0.5, 0.3]))
def gp_loglik(x, th):
    l, s = np.exp(th)
    K = s**2 * np.exp(-0.5 * (x[:, None] - x[None, :]) ** 2 / l**2) + 0.1 * np.eye(8)
    L = np.linalg.cholesky(K)
    a = np.linalg.solve(L.T, np.linalg.solve(L, np.sin(x)))
    return -0.5 * np.sin(x) @ a - np.log(np.diag(L)).sum()


@program(R.normal(size=6), np.array([0.2, 0.8]))
def gmm_em(x, mu):
    w = np.array([0.5, 0.5])
    for _ in range(3):
        r = w * np.exp(-0.5 * (x[:, None] - mu) ** 2)
        r /= r.sum(axis=1, keepdims=True)
        n = r.sum(0)
        mu = (r * x[:, None]).sum(0) / n
        w = n / len(x)
    return (mu, w)


@program(np.array([0.3, 0.6]))
def hmm_forward(p):
    a, b = p
    T = np.array([[a, 1 - a], [1 - b, b]], like=p)
    E = np.array([[0.9, 0.1], [0.2, 0.8]])
    al = np.array([0.5, 0.5])
    ll = 0
    for o in [0, 1, 1, 0]:
        al = al @ T * E[:, o]
        s = al.sum()
        ll += np.log(s)
        al /= s
    return ll


@program(np.array([0.3, 0.6, 0.1]))
def garch_like(p):
    om, al, be = p
    s2 = np.zeros(10, like=p)
    s2[0] = 0.1
    for t in range(1, 10):
        s2[t] = om + al * RETURNS[t - 1] ** 2 + be * s2[t - 1]
    return (np.log(s2) + RETURNS**2 / s2).sum()


@program(V)
def map_list(x):
    return (sum(map(lambda v: v**3, x)), max(x), min(x), sorted(x)[1], abs(x[0]), round(0.7) * x[0])


@program(IMAGE, KERNEL)
def conv2d_loops_stride2(x, w):
    n, c, H, W = x.shape
    f, _, kh, kw = w.shape
    s = 2
    oh = (H - kh) // s + 1
    ow = (W - kw) // s + 1
    out = np.zeros((n, f, oh, ow), like=x)
    for i in range(oh):
        for j in range(ow):
            patch = x[:, :, i * s : i * s + kh, j * s : j * s + kw]
            out[:, :, i, j] = np.tensordot(patch, w, axes=([1, 2, 3], [1, 2, 3]))
    return np.maximum(out, 0)


@program(IMAGE, KERNEL)
def conv2d_im2col(x, w):
    win = sliding_window_view(x, (3, 3), axis=(2, 3))[:, :, ::2, ::2]
    return np.einsum("ncijkl,fckl->nfij", win, w)


@program(IMAGE, KERNEL)
def conv2d_pad_matmul(x, w):
    xp = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    cols = []
    for i in range(6):
        for j in range(6):
            cols.append(xp[:, :, i : i + 3, j : j + 3].reshape(1, -1))
    return (np.concatenate(cols) @ w.reshape(3, -1).T).T.reshape(3, 6, 6)


@program(IMAGE)
def maxpool_reshape(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


@program(R.normal(size=(8, 4)))
def batchnorm(x):
    mu = x.mean(0, keepdims=True)
    var = x.var(0, keepdims=True)
    y = (x - mu) / np.sqrt(var + 1e-05)
    y *= 1.5
    y += 0.3
    return y


@program(R.normal(size=(2, 5, 4)), R.normal(size=(4, 12)) * 0.3)
def attention(x, W):
    q, k, v = np.split(x @ W, 3, axis=-1)
    s = q @ k.transpose(0, 2, 1) / np.sqrt(4)
    mask = np.triu(np.ones((5, 5), bool), 1)
    s = np.where(mask, -np.inf, s)
    s = s - s.max(-1, keepdims=True)
    e = np.exp(s)
    return e / e.sum(-1, keepdims=True) @ v


@program(R.normal(size=(2, 5, 4)))
def attention_inplace_mask(x):
    s = x @ x.swapaxes(1, 2)
    s[:, np.triu_indices(5, 1)[0], np.triu_indices(5, 1)[1]] = -1000000000.0
    e = np.exp(s - np.max(s, axis=-1, keepdims=True))
    e /= np.sum(e, axis=-1, keepdims=True)
    return e


@program(R.normal(size=(6, 3)), R.normal(size=(3, 4)) * 0.3, R.normal(size=(4, 4)) * 0.3)
def rnn(x, Wx, Wh):
    h = np.zeros(4)
    hs = []
    for t in range(6):
        h = np.tanh(x[t] @ Wx + h @ Wh)
        hs.append(h)
    return np.stack(hs).mean(0)


@program(R.normal(size=(6, 3)), R.normal(size=(7, 16)) * 0.3)
def lstm(x, W):
    sig = lambda z: 1 / (1 + np.exp(-z))
    h = np.zeros(4)
    c = np.zeros(4)
    for t in range(4):
        i, f, o, g = np.split(np.concatenate([x[t], h]) @ W, 4)
        c = sig(f) * c + sig(i) * np.tanh(g)
        h = sig(o) * np.tanh(c)
    return h


@program(R.normal(size=(6, 4)))
def crossent_fancy(z):
    y = np.array([0, 1, 2, 3, 0, 1])
    z = z - z.max(1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(1, keepdims=True))
    return -lp[np.arange(6), y].mean()


@program(V)
def inplace_mask_relu(x):
    y = x.copy()
    y[y < 0] *= 0.1
    y[(y > 0) & (y < 0.5)] = 0.25
    return y


@program(V)
def adam(x):
    m = np.zeros_like(x)
    v = np.zeros_like(x)
    w = x.copy()
    for t in range(1, 4):
        g = 2 * w + np.cos(w)
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g**2
        w -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-08)
    return w


@program(V)
def namedtuple(x):
    p = PAIR(x[0], x[1])
    p = p._replace(y=p.x * p.y)
    return p


@program(V)
def dict_state(x):
    s = defaultdict(float)
    for i, v in enumerate(x):
        s[i % 2] += v**2
    return dict(s)


@program(V)
def generator_state(x):

    def g():
        acc = 0
        for v in x:
            acc += v
            yield (acc**2)

    return list(g())


@program(V)
def newaxis_sub(x):
    d = x[:, None] - x[None]
    return (d**2 + 0.001)[np.triu_indices(6, 1)] ** (-0.5)


@program(M)
def fancy2d(m):
    return m[[0, 2]][:, [1, 3]] + m[np.ix_([0, 2], [1, 3])] + m[[[0], [2]], [1, 3]]


@program(M)
def tril_assign(m):
    L = np.zeros_like(m)
    i = np.tril_indices(4)
    L[i] = m[i]
    L[np.diag_indices(4)] = np.exp(np.diag(m))
    return L @ L.T


@program(M)
def argmax_idx(m):
    return m[np.arange(4), m.argmax(1)] + m[np.unravel_index(np.argmin(m), m.shape)]


@program(M)
def cum_ops(m):
    return (
        np.cumsum(m, axis=0)
        + np.cumprod(m, axis=1)
        + np.maximum.accumulate(m, axis=0)
        + np.add.accumulate(m, 1)
        + np.diff(m, axis=0, prepend=0)
    )


@program(M)
def einsums(m):
    return (
        np.einsum("ij,jk,kl->il", m, m, m, optimize=True)
        + np.einsum("ii->i", m)[:, None]
        + np.einsum("ij->ji", m)
        + np.einsum("...i,...i", m, m)
    )


@program(M)
def where_kw(m):
    return np.sqrt(m, where=M > 0, out=np.zeros_like(m))


@program(M)
def divide_where(m):
    return np.divide(1.0, m, out=np.zeros_like(m), where=M != 0)


@program(M)
def out_kw(m):
    y = np.empty_like(m)
    np.multiply(m, 2, out=y)
    np.sin(y, y)
    np.add(y, m, out=y)
    return y


@program(V)
def nested_grad(x):
    return gradient(lambda y: np.sum(y**3 * np.sin(x)))(x)


@program(V)
def nested_jac_inplace(x):

    def f(y):
        z = np.zeros_like(y)
        z[1:] = y[:-1] * x[1:]
        z[0] = x[0] * y[-1]
        return z

    return jacobian(f)(x**2)


@program(V)
def newton_inner(x):
    y = np.ones(6)
    for _ in range(4):
        F = lambda y: y**3 + x**2 * y - 2
        y = y - np.linalg.solve(jacobian(F)(y), F(y))
    return y


@program(V)
def choose(x):
    return np.choose([0, 1, 0, 1, 1, 0], [x, x**2])


@program(V)
def interp(x):
    return np.interp(x, [-2.0, -1, 0, 1, 2], [0.0, 1, 4, 9, 3]) + np.interp(0.3, np.sort(x), x**2)


@program(V)
def place_in_cell(x):
    e = np.linspace(-2, 2, 9)
    i = np.searchsorted(e, x) - 1
    return (x - e[i]) / (e[i + 1] - e[i])


@program(V)
def clip(x):
    return np.clip(x, -0.5, x[0] + 1) + x.clip(min=-0.1) + np.clip(x, a_min=None, a_max=0.3)


@program(V)
def mod(x):
    return x % 1.0 + np.mod(x, 0.7) + np.fmod(x, 0.3) + divmod(x[0], 0.4)[1] + x // 0.5


@program(T)
def svd_lowrank(a):
    u, s, vt = np.linalg.svd(a, False)
    return u[:, :1] * s[:1] @ vt[:1]


@program(P, R.normal(size=(7, 3)))
def kabsch(p, q):
    p = p - p.mean(0)
    q = q - q.mean(0)
    u, s, vt = np.linalg.svd(p.T @ q)
    d = np.sign(np.linalg.det(u @ vt))
    D = np.diag([1, 1, d])
    Rm = u @ D @ vt
    return np.sqrt(((p @ Rm - q) ** 2).sum() / 7)


@program(S)
def chol_solve(a):
    L = np.linalg.cholesky(a)
    y = np.linalg.solve(L, np.ones(4))
    return y @ y + 2 * np.log(np.diagonal(L)).sum()


@program(M)
def norms(a):
    return (
        np.linalg.norm(a)
        + np.linalg.norm(a, 1)
        + np.linalg.norm(a, 2)
        + np.linalg.norm(a, np.inf)
        + np.linalg.norm(a, "nuc")
        + np.linalg.norm(a, axis=0).sum()
        + np.linalg.norm(a[0], 3)
    )


@program(np.stack([M, S]))
def batched(a):
    return (
        np.linalg.inv(a)
        + np.linalg.solve(a, np.ones((4, 1)))
        + np.linalg.det(a)[:, None, None]
        + np.matmul(a, a)
        + a @ np.ones(4)[None, :, None]
    )


@program(S)
def mvn_logpdf(a):
    d = np.arange(4.0) - 1
    return -0.5 * (4 * np.log(2 * np.pi) + np.linalg.slogdet(a)[1] + d @ np.linalg.solve(a, d))


@program(M)
def rayleigh(a):
    a = a + a.T
    w, v = np.linalg.eigh(a)
    return v[:, 0] @ (a @ a) @ v[:, 0]


@program(M)
def expm_pade(A):
    X = A / 8
    N = np.eye(4) + X / 2 + X @ X / 10 + X @ X @ X / 120
    D = np.eye(4) - X / 2 + X @ X / 10 - X @ X @ X / 120
    E = np.linalg.solve(D, N)
    for _ in range(3):
        E = E @ E
    return E


@program(SIGNAL)
def iir(x):
    b = [0.2, 0.3]
    a = [1, -0.5]
    y = np.zeros_like(x)
    for n in range(16):
        y[n] = b[0] * x[n] + (b[1] * x[n - 1] if n else 0) - (a[1] * y[n - 1] if n else 0)
    return y


@program(SIGNAL)
def goertzel(x):
    w = 2 * np.pi * 3 / 16
    s1 = s2 = 0.0
    for v in x:
        s0 = v + 2 * np.cos(w) * s1 - s2
        s2, s1 = (s1, s0)
    return s1**2 + s2**2 - 2 * np.cos(w) * s1 * s2


@program(SIGNAL)
def medfilt(x):
    return np.array([np.median(x[max(i - 1, 0) : i + 2]) for i in range(16)], like=x)


@program(SIGNAL)
def zero_cross(x):
    i = np.where(np.diff(np.sign(x)))[0]
    return i - x[i] / (x[i + 1] - x[i])


@program(SIGNAL)
def haar(x):
    out = x.copy()
    n = 16
    while n > 1:
        a = (out[:n:2] + out[1:n:2]) / np.sqrt(2)
        d = (out[:n:2] - out[1:n:2]) / np.sqrt(2)
        n //= 2
        out[:n] = a
        out[n : 2 * n] = d
    return out


@program(SIGNAL)
def bubble(x):
    x = x.copy()
    for i in range(16):
        for j in range(15 - i):
            if x[j] > x[j + 1]:
                x[j], x[j + 1] = (x[j + 1], x[j])
    return x


@program(SIGNAL)
def quick(x):

    def qs(a):
        return (
            a
            if len(a) < 2
            else qs([v for v in a[1:] if v < a[0]]) + [a[0]] + qs([v for v in a[1:] if v >= a[0]])
        )

    return np.stack(qs(list(x)))


@program(P)
def pairwise_min(p):
    d = np.linalg.norm(p[:, None] - p[None], axis=-1)
    d[np.diag_indices(7)] = np.inf
    return d.min(1)


@program(P)
def pairwise_fill(p):
    d2 = ((p[:, None] - p[None]) ** 2).sum(-1)
    np.fill_diagonal(d2, 1.0)
    d = np.sqrt(d2)
    return (1 / d).sum()


@program(np.array([0.1, 0.2, 0.3]))
def rodrigues(w):
    th = np.linalg.norm(w)
    k = w / th
    K = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]], like=w)
    return np.eye(3) + np.sin(th) * K + (1 - np.cos(th)) * K @ K


@program(np.array([0.1, 0.2, 0.3, 0.9]))
def quat(q):
    w, x, y, z = q / np.linalg.norm(q)
    return np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)])


@program(np.array([0.1, 0.2, 0.3]))
def dh_chain(th):
    T = np.eye(4)
    for t in th:
        c, s = (np.cos(t), np.sin(t))
        T = T @ np.block(
            [[c, -s, 0.0, 1.0], [s, c, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
        )
    return T[:3, 3]


@program(np.array([0.1, 0.2, 0.3]))
def fem_assembly(k):
    K = np.zeros((4, 4), like=k)
    Ke = np.array([[1, -1], [-1, 1.0]])
    for e in range(3):
        K[e : e + 2, e : e + 2] += k[e] * Ke
    K[0, :] = 0
    K[0, 0] = 1
    f = np.zeros(4)
    f[-1] = 1
    return np.linalg.solve(K, f)


@program(np.array([1.1, 0.2, 0.3]))
def option_tree(p):
    s, sig, r = p
    n = 10
    dt = 0.1
    u = np.exp(sig * np.sqrt(dt))
    d = 1 / u
    q = (np.exp(r * dt) - d) / (u - d)
    v = np.maximum(s * u ** np.arange(n, -1, -1) * d ** np.arange(0, n + 1) - 1.0, 0)
    for _ in range(n):
        v = np.exp(-r * dt) * (q * v[:-1] + (1 - q) * v[1:])
    return v[0]


@program(np.array([1.1, 0.2, 0.3]))
def nan_ops(p):
    y = np.array([p[0], np.nan, p[1]], like=p)
    return np.nansum(y) + np.nanmean(y**2) + np.nanmax(y) + np.nan_to_num(y).sum()


@program(np.array([1.1, 0.2, 0.3]))
def copyto(p):
    y = np.zeros_like(p)
    np.copyto(y, p, where=p > 0.25)
    return y


@program(np.array([1.1, 0.2, 0.3]))
def ufunc_at(p):
    y = np.ones(3, like=p)
    np.multiply.at(y, [0, 1, 0], p)
    return y


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    hold(*PROGRAMS[name])
