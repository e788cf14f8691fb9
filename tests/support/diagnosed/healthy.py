"""Right gradients that a doctor may take for wrong ones: float32, kinks nearby and under the point,
numbers of very different size, random numbers with a fixed seed, caches, other structures."""

import math

import numpy as np
from diagnosed import (
    course_styles,  # noqa: F401 — adds its programs to the table
    fourth_round,  # noqa: F401
    later_styles,  # noqa: F401
    notebook_styles,  # noqa: F401
    other_styles,  # noqa: F401
    programs,
)

CASES = {}


def case(name, f, claimed, at, **options):
    CASES[name] = (f, claimed, at, options)


rng = np.random.default_rng(11)
A = rng.standard_normal((4, 3))
X = rng.standard_normal((9, 3))
Y = rng.standard_normal(9)
W = rng.standard_normal(3)
S = A.T @ A

TABLE = {
    "square": (lambda w: np.sum(w**2), lambda w: 2 * w),
    "half of a quadratic form": (lambda w: 0.5 * w @ S @ w, lambda w: S @ w),
    "norm": (lambda w: np.sqrt(np.sum(w**2)), lambda w: w / np.sqrt(np.sum(w**2))),
    "log-sum-exp": (
        lambda w: np.log(np.sum(np.exp(w))),
        lambda w: np.exp(w) / np.sum(np.exp(w)),
    ),
    "least squares": (
        lambda w: np.mean((X @ w - Y) ** 2),
        lambda w: 2 * X.T @ (X @ w - Y) / 9,
    ),
    "hinge": (
        lambda w: np.mean(np.maximum(0, 1 - np.sign(Y) * (X @ w))),
        lambda w: -(X.T @ (np.sign(Y) * (np.sign(Y) * (X @ w) < 1))) / 9,
    ),
    "absolute deviations": (
        lambda w: np.sum(np.abs(X @ w - Y)),
        lambda w: X.T @ np.sign(X @ w - Y),
    ),
    "huber": (
        lambda w: np.sum(np.where(np.abs(w) < 1, 0.5 * w**2, np.abs(w) - 0.5)),
        lambda w: np.clip(w, -1, 1),
    ),
    "sine of products": (
        lambda w: np.sin(w[0] * w[1]) + w[2],
        lambda w: np.array([w[1] * np.cos(w[0] * w[1]), w[0] * np.cos(w[0] * w[1]), 1.0]),
    ),
    "largest": (lambda w: np.max(w), lambda w: (w == np.max(w)) * 1.0),
    "rational": (lambda w: np.sum(w / (1 + w**2)), lambda w: (1 - w**2) / (1 + w**2) ** 2),
    "tanh": (lambda w: np.sum(np.tanh(w)), lambda w: 1 - np.tanh(w) ** 2),
    "linear": (lambda w: np.sum(A @ w), lambda w: A.sum(0)),
    "poisson": (
        lambda w: np.sum(np.exp(X @ w) - Y * (X @ w)),
        lambda w: X.T @ (np.exp(X @ w) - Y),
    ),
    "with a regulariser": (
        lambda w: np.mean((X @ w - Y) ** 2) + 1e-4 * np.sum(w * w),
        lambda w: 2 * X.T @ (X @ w - Y) / 9 + 2e-4 * w,
    ),
}

for _name, (_f, _g) in TABLE.items():
    case(_name, _f, _g, W)
    case(
        f"{_name}, float32",
        _f,
        lambda w, g=_g: g(w.astype(np.float32)).astype(np.float32),
        W.astype(np.float32),
    )
    case(f"{_name}, float32 point", _f, _g, (W.astype(np.float32),))

# --- kinks ---
case("relu far on its flat side", lambda w: np.sum(np.maximum(w, 0)), lambda w: (w > 0) * 1.0,
     np.array([-3.0, -1e-3, 2.0]))  # fmt: skip
case("a kink a hair away", lambda w: np.sum(np.abs(w)), np.sign, np.array([1e-9, -1e-7, 0.5]))
case("on the kink, slope 0", lambda w: np.sum(np.maximum(w, 0)), lambda w: (w > 0) * 1.0,
     np.array([0.0, 1.0, -1.0]))  # fmt: skip
case("on the kink, slope 1", lambda w: np.sum(np.maximum(w, 0)), lambda w: (w >= 0) * 1.0,
     np.array([0.0, 1.0, -1.0]))  # fmt: skip
case("on the kink of |x|", lambda w: np.sum(np.abs(w)), np.sign, np.zeros(3))

# --- sizes ---
SCALES = np.array([1e-6, 1.0, 1e6])
case("badly scaled", lambda w: np.sum(np.sin(w / SCALES)), lambda w: np.cos(w / SCALES) / SCALES,
     SCALES * np.array([0.3, 1.2, 2.0]))  # fmt: skip
case("tiny parameters", lambda w: np.sum(np.exp(w * 1e8)), lambda w: 1e8 * np.exp(w * 1e8),
     np.array([1e-8, -2e-8]))  # fmt: skip
case("huge values", lambda w: 1e12 * np.sum(w**2), lambda w: 2e12 * w, W)
case("small on large", lambda w: 1e9 + np.sum(w**2), lambda w: 2 * w, W)
case("a gradient of zero", lambda w: np.sum(w * 0.0) + 3.0, np.zeros_like, W)
case("at the minimum", lambda w: np.sum((w - 2) ** 2), lambda w: 2 * (w - 2), np.full(3, 2.0))
case("steep", lambda w: np.sum(w**9), lambda w: 9 * w**8, W)


case("small on very large", lambda w: 1e12 + np.sum(w**2), lambda w: 2 * w, W)
case("at the edge of a logarithm", lambda w: -np.sum(np.log(w)), lambda w: -1 / w,
     np.array([1e-7, 1.0, 3.0]))  # fmt: skip
case("at the edge of a root", lambda w: np.sum(np.sqrt(w)), lambda w: 0.5 / np.sqrt(w),
     np.array([1e-10, 1e-4, 1.0]))  # fmt: skip


# --- where rounding hides the slope ---
def likely(z):
    return np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))


case("saturated sigmoids", lambda w: np.sum(programs.sigmoid(w)),
     lambda w: (s := programs.sigmoid(w)) * (1 - s), np.array([40.0, -40.0, 50.0]))  # fmt: skip
case("saturated tanh", lambda w: np.sum(np.tanh(w)), lambda w: 1 - np.tanh(w) ** 2,
     np.array([20.0, -30.0, 25.0]))  # fmt: skip
case("a certain softmax", lambda z: -np.log(likely(z)[0]), lambda z: likely(z) - np.eye(3)[0],
     np.array([60.0, 0.0, -20.0]))  # fmt: skip
case("steps as short as float32's gaps", lambda w: np.mean((X @ w - Y) ** 2),
     lambda w: (w - np.float32(1e-6) * (2 * X.T @ (X @ w - Y) / 9).astype(np.float32)).astype(
         np.float32), W.astype(np.float32), kind="update", learning_rate=1e-6)  # fmt: skip


# --- random numbers with a fixed seed ---
def dropout(w):
    return np.random.default_rng(3).uniform(size=(9, 3)) < 0.7


case("dropout with a fixed seed", lambda w: np.sum((X * dropout(w) / 0.7) @ w),
     lambda w: (X * dropout(w) / 0.7).sum(0), W)  # fmt: skip
case("reparametrised noise",
     lambda m, s: np.mean((m + s * np.random.default_rng(1).standard_normal(50)) ** 2),
     lambda m, s: (
         np.mean(2 * (m + s * np.random.default_rng(1).standard_normal(50))),
         np.mean(2 * (m + s * (e := np.random.default_rng(1).standard_normal(50))) * e),
     ), (0.4, 1.3))  # fmt: skip


# --- other forms ---
class Cached:
    """Forward keeps what backward needs, as layers do."""

    def forward(self, x, w):
        self.x, self.w = x, w
        return np.tanh(x @ w)

    def backward(self, x, w, g):
        d = g * (1 - np.tanh(self.x @ self.w) ** 2)
        return d @ self.w.T, self.x.T @ d


layer = Cached()
case("a layer with a cache", layer.forward, layer.backward, (X, A.T.copy()), kind="vjp")
case("one number", lambda x: x**3, lambda x: 3 * x * x, 1.7)
case("math alone", lambda x: math.sin(x) * math.exp(x),
     lambda x: math.exp(x) * (math.sin(x) + math.cos(x)), 0.6)  # fmt: skip
case("value and gradient", lambda w: np.sum(w**2), lambda w: (np.sum(w**2), 2 * w), W)
case("a dict", lambda p: np.sum(p["a"] * p["b"]), lambda p: {"a": p["b"], "b": p["a"]},
     {"a": W, "b": W + 1})  # fmt: skip
case("a list", lambda p: np.sum((p[0] @ p[1]) ** 2),
     lambda p: [2 * np.outer(p[0] @ p[1], p[1]), 2 * p[0].T @ (p[0] @ p[1])], [A, W])  # fmt: skip
case("keys with a d", lambda W1, b: np.sum(np.sin(A @ W1 + b)),
     lambda W1, b: {"dW1": A.T @ np.cos(A @ W1 + b), "db": np.cos(A @ W1 + b)},
     (W, np.ones(4)))  # fmt: skip
case("data beside the parameters", lambda w, x, y: np.mean((x @ w - y) ** 2),
     lambda w, x, y: 2 * x.T @ (x @ w - y) / len(y), (W, X, Y))  # fmt: skip
case("a Jacobian", lambda x: np.sin(A @ x), lambda x: np.cos(A @ x)[:, None] * A, W)
case("a jvp", lambda x: np.sin(A @ x), lambda x, v: np.cos(A @ x) * (A @ v), W, kind="jvp")
case("a jvp of two", lambda x, y: x * y, lambda x, y, v, w: x * w + v * y, (W, W + 1), kind="jvp")
case("an update", lambda w: np.sum(w**2), lambda w: w - 0.1 * 2 * w, W, kind="update",
     learning_rate=0.1)  # fmt: skip
case("an update, its rate unknown", lambda w: np.sum(w**2), lambda w: w - 0.1 * 2 * w, W,
     kind="update")  # fmt: skip
case("a list of numbers", lambda w: np.sum(w**2), lambda w: [2 * a for a in w], W)
case("lists of numbers", lambda a, b: np.sum(a**2) + b**2,
     lambda a, b: ([[2 * x for x in row] for row in a], 2 * b), (A, 0.4))  # fmt: skip
case("an array", lambda w: np.sum(w**2), 2 * W, W)
case("loops", lambda w: sum(float(a) ** 2 for a in w), lambda w: 2 * w, W)
case("by good differences", lambda w: np.sum(np.sin(w)),
     lambda w: np.array([
         (np.sum(np.sin(w + 1e-5 * e)) - np.sum(np.sin(w - 1e-5 * e))) / 2e-5 for e in np.eye(3)
     ]), W)  # fmt: skip
case("entries written one by one", lambda w: written(w), lambda w: 2 * w * np.arange(1, 4), W)


def written(w):
    out = np.zeros(3)
    for i in range(3):
        out[i] = (i + 1) * w[i] ** 2
    return out.sum()


# --- more of them, written after the hypotheses ---
def rounded(w):
    return np.exp((X @ w).astype(np.float32)).astype(np.float32)


case("rounded to float32 inside", lambda w: np.float32(np.log(np.sum(rounded(w)))),
     lambda w: X.T @ (rounded(w) / rounded(w).sum()), W.astype(np.float32))  # fmt: skip
case("a claim in float16", lambda w: np.sum(w**2), lambda w: (2 * w).astype(np.float16), W)
case("an update in float32", lambda w: np.mean((X @ w - Y) ** 2),
     lambda w: (w - 0.01 * 2 * X.T @ (X @ w - Y) / 9).astype(np.float32), W.astype(np.float32),
     kind="update", learning_rate=0.01)  # fmt: skip
case("large logits", np.logaddexp.reduce, lambda z: np.exp(z - np.logaddexp.reduce(z)),
     np.array([1000.0, 999.0, -500.0]))  # fmt: skip
case("nearly tied maxima", lambda v: np.max(v.reshape(2, 2), axis=1).sum(),
     lambda v: (v == np.repeat(np.max(v.reshape(2, 2), axis=1), 2)) * 1.0,
     np.array([1 + 1e-8, 1.0, 0.5, 0.5 + 1e-7]))  # fmt: skip
case("steep sigmoids", lambda w: np.mean(1 / (1 + np.exp(-40 * (X @ w)))),
     lambda w: X.T @ (40 * (s := 1 / (1 + np.exp(-40 * (X @ w)))) * (1 - s)) / 9, W)  # fmt: skip
case("sorted", lambda w: np.sort(w) @ np.arange(3.0), lambda w: np.argsort(np.argsort(w)) * 1.0, W)
case("steps elsewhere", lambda w: np.sum(w - np.floor(w)), np.ones_like, W)
case("two scales", lambda a, b: np.sum(np.sin(a * 1e6)) + np.sum(np.exp(b * 1e-3)),
     lambda a, b: (1e6 * np.cos(a * 1e6), 1e-3 * np.exp(b * 1e-3)),
     (1e-6 * W, 1e3 * W))  # fmt: skip
case("all ones", lambda w: np.sum(w**2), lambda w: 2 * w, np.ones(3))


def seeded(w):
    np.random.seed(3)  # noqa: NPY002 — as old notebooks do
    return X * (np.random.rand(9, 3) > 0.4), w  # noqa: NPY002


case("the old generator, seeded inside", lambda w: np.mean((seeded(w)[0] @ w - Y) ** 2),
     lambda w: 2 * seeded(w)[0].T @ (seeded(w)[0] @ w - Y) / 9, W)  # fmt: skip
case("a Gaussian's likelihood",
     lambda a: 0.5 * np.linalg.slogdet(a)[1] + 0.5 * W @ np.linalg.solve(a, W),
     lambda a: 0.5 * np.linalg.inv(a).T
     - 0.5 * np.outer(np.linalg.inv(a).T @ W, np.linalg.inv(a) @ W),
     S + np.eye(3))  # fmt: skip
case("tiny numbers whose squares round away beside 1", lambda w: np.log(1 + w @ w) + w[0] * w[1],
     lambda w: 2 * w / (1 + w @ w) + np.array([w[1], w[0], 0]),
     np.array([1e-9, -2e-9, 3e-9]))  # fmt: skip

turns = np.random.default_rng(5)


def in_some_order(w):
    """As a backward that goes through a set of nodes, in another order at each call."""
    rows = 2 * X * (X @ w - Y)[:, None]
    return sum(rows[k] for k in turns.permutation(9)) / 9


case("a sum in another order at each call", lambda w: np.mean((X @ w - Y) ** 2), in_some_order, W)
case(
    "a loss summed in another order at each call",
    lambda w: sum(((X @ w - Y) ** 2)[k] for k in turns.permutation(9)) / 9,
    in_some_order,
    W,
)

for _name, _make in programs.PROGRAMS.items():
    if "torch" not in _name:
        CASES[f"program {_name}"] = _make("")
