"""Programs as courses write them: loops over samples and layers, `X.dot(W)`, conditions, one column
for each sample. They join the tables of `programs`."""

from itertools import pairwise

import numpy as np
from diagnosed.programs import program, sigmoid


@program(
    condition_left_out="mask",
    condition_turned_round="mask",
    correct_score_constant="a path left out",
    sum_over_samples="sum for mean",
    last_sample_forgotten="samples left out",
    sign_for_parameter="regulariser",
)
def hinge_by_loops(fault):
    """A support vector machine as a double loop, its data read by `X[i].dot(W)`."""
    rng = np.random.default_rng(1)
    X, labels, strength = rng.normal(size=(9, 6)), rng.integers(0, 4, 9), 0.1

    def loss(W):
        total = 0.0
        for i in range(len(X)):
            scores = X[i].dot(W)
            correct = scores[labels[i]]
            for j in range(W.shape[1]):
                if j == labels[i]:
                    continue
                margin = scores[j] - correct + 1
                if margin > 0:
                    total += margin
        return total / len(X) + strength * np.sum(W * W)

    def gradient(W):
        dW = np.zeros(W.shape)
        for i in range(len(X) - (fault == "last sample forgotten")):
            scores = X[i].dot(W)
            for j in range(W.shape[1]):
                margin = scores[j] - scores[labels[i]] + 1
                counts = margin < 0 if fault == "condition turned round" else margin > 0
                if j == labels[i] or not (counts or fault == "condition left out"):
                    continue
                dW[:, j] += X[i]
                if fault != "correct score constant":
                    dW[:, labels[i]] -= X[i]
        if fault != "sum over samples":
            dW /= len(X)
        return dW + 2 * strength * (np.sign(W) if fault == "sign for parameter" else W)

    return loss, gradient, rng.normal(size=(6, 4)), {}


@program(
    label_not_taken_off="product rule",
    sum_over_samples="sum for mean",
    diagonal="diagonal of the Jacobian",
)
def softmax_by_dot(fault):
    """Softmax regression whose scores are `X.dot(W)`, made smaller in place."""
    rng = np.random.default_rng(2)
    X, labels, strength = rng.normal(size=(12, 7)), rng.integers(0, 4, 12), 0.05

    def loss(W):
        scores = X.dot(W)
        scores -= np.max(scores, axis=1, keepdims=True)
        e = np.exp(scores)
        p = e / np.sum(e, axis=1, keepdims=True)
        return -np.sum(np.log(p[np.arange(12), labels])) / 12 + strength * np.sum(W * W)

    def gradient(W):
        e = np.exp(X.dot(W))
        p = e / np.sum(e, axis=1, keepdims=True)
        own = np.eye(4)[labels]
        d = p if fault == "label not taken off" else p - own
        if fault == "diagonal":
            d = -own * (1 - p)
        n = 1 if fault == "sum over samples" else 12
        return X.T.dot(d) / n + 2 * strength * W

    return loss, gradient, rng.normal(size=(7, 4)), {}


@program(
    sum_over_samples="sum for mean",
    mean_of_the_mean="mean for sum",
    divided_twice="mean for sum",
)
def a_column_for_each_sample(fault):
    rng = np.random.default_rng(3)
    X, Y, m = rng.normal(size=(5, 14)), rng.integers(0, 2, (1, 14)) * 1.0, 14

    def forward(W1, b1, W2, b2):
        A1 = np.tanh(W1 @ X + b1)
        return A1, sigmoid(W2 @ A1 + b2)

    def loss(W1, b1, W2, b2):
        A2 = forward(W1, b1, W2, b2)[1]
        return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m

    def gradient(W1, b1, W2, b2):
        A1, A2 = forward(W1, b1, W2, b2)
        dZ2 = (A2 - Y) / (m * m if fault == "divided twice" else m)
        dZ1 = (W2.T @ dZ2) * (1 - A1**2)
        collect = np.mean if fault == "mean of the mean" else np.sum
        return (
            dZ1 @ X.T * (m if fault == "sum over samples" else 1),
            collect(dZ1, axis=1, keepdims=True),
            dZ2 @ A1.T,
            np.sum(dZ2, axis=1, keepdims=True),
        )

    at = tuple(rng.normal(size=s) for s in ((4, 5), (4, 1), (1, 4), (1, 1)))
    return loss, gradient, at, {}


@program(
    slope_missing_below="slope missing",
    slope_of_the_value_below="slope at the wrong place",
    slope_of_the_value_above="slope at the wrong place",
    last_sample_alone="samples left out",
)
def layers_within_samples(fault):
    """A loop over the layers in a loop over the samples, all with the same sigmoid."""
    rng = np.random.default_rng(4)
    sizes = [5, 6, 4, 3]
    data = [(rng.random((5, 1)), np.eye(3)[:, [k % 3]]) for k in range(6)]

    def loss(weights, biases):
        cost = 0
        for x, y in data:
            a = x
            for w, b in zip(weights, biases, strict=True):
                a = sigmoid(np.dot(w, a) + b)
            cost = cost + 0.5 * np.sum((a - y) ** 2)
        return cost / len(data)

    def slope(z, a, place):
        if fault == f"slope missing {place}":
            return 1
        s = sigmoid(a) if fault == f"slope of the value {place}" else a
        return s * (1 - s)

    def gradient(weights, biases):
        gw, gb = [0 * w for w in weights], [0 * b for b in biases]
        for x, y in data:
            a, values, zs = x, [x], []
            for w, b in zip(weights, biases, strict=True):
                zs.append(np.dot(w, a) + b)
                a = sigmoid(zs[-1])
                values.append(a)
            delta = (a - y) * slope(zs[-1], a, "above")
            for k in (2, 1, 0):
                if fault == "last sample alone":
                    gb[k] = 0 * gb[k]
                gw[k] += delta @ values[k].T / len(data)
                gb[k] += delta / len(data)
                if k:
                    delta = weights[k].T @ delta * slope(zs[k - 1], values[k], "below")
        return gw, gb

    pairs = list(pairwise(sizes))
    at = ([rng.normal(size=(b, a)) for a, b in pairs], [rng.normal(size=(b, 1)) for _, b in pairs])
    return loss, gradient, at, {}


@program(
    weights_set_and_not_added="samples left out",
    bias_set_and_not_added="samples left out",
    cell_not_handed_on="a path left out",
)
def cell_in_time(fault):
    """A cell of one sample whose state goes from step to step, its gates in one product."""
    rng = np.random.default_rng(5)
    n, inputs, targets = 3, rng.normal(size=(4, 4)), rng.normal(size=(4, 3))

    def run(W, b):
        h, c, total, cache = np.zeros(n), np.zeros(n), 0.0, []
        for x, y in zip(inputs, targets, strict=True):
            joined = np.concatenate([x, h])
            a = W @ joined + b
            i, f, o, g = sigmoid(a[:n]), sigmoid(a[n:6]), sigmoid(a[6:9]), np.tanh(a[9:])
            before, c = c, f * c + i * g
            h = o * np.tanh(c)
            total = total + 0.5 * np.sum((h - y) ** 2)
            cache.append((joined, i, f, o, g, before, c, h - y))
        return total, cache

    def loss(W, b):
        return run(W, b)[0]

    def gradient(W, b):
        dW, db, dh, dc = np.zeros(W.shape), np.zeros(b.shape), np.zeros(n), np.zeros(n)
        for joined, i, f, o, g, before, c, error in reversed(run(W, b)[1]):
            t = np.tanh(c)
            dh = dh + error
            dc = dh * o * (1 - t**2) + (0 if fault == "cell not handed on" else dc)
            da = np.concatenate(
                [
                    dc * g * i * (1 - i),
                    dc * before * f * (1 - f),
                    dh * t * o * (1 - o),
                    dc * i * (1 - g**2),
                ]
            )
            dW = np.outer(da, joined) + (0 if fault == "weights set and not added" else dW)
            db = da + (0 if fault == "bias set and not added" else db)
            dh, dc = (W.T @ da)[4:], dc * f
        return dW, db

    return loss, gradient, (rng.normal(size=(12, 7)), rng.normal(size=12)), {}


class Dropped:
    """A network with dropout as a class, which keeps its data, labels and mask."""

    def __init__(self, fault):
        rng = np.random.default_rng(6)
        self.fault, self.decay = fault, 0.02
        self.x, self.labels = rng.normal(size=(8, 5)), rng.integers(0, 3, 8)
        self.mask = (rng.random((8, 6)) < 0.7) / 0.7

    def forward(self, W1, W2):
        self.h = np.maximum(self.x.dot(W1), 0)
        self.d = self.h * self.mask
        return self.d.dot(W2)

    def loss(self, W1, W2):
        s = self.forward(W1, W2)
        s = s - s.max(axis=1, keepdims=True)
        p = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))
        return -np.mean(p[range(8), self.labels]) + self.decay * (np.sum(W1**2) + np.sum(W2**2))

    def gradient(self, W1, W2):
        g = np.exp(self.forward(W1, W2))
        g /= g.sum(axis=1, keepdims=True)
        labels = self.labels
        if self.fault == "labels of the neighbours":
            labels = np.roll(labels, 1)
        if self.fault == "labels one too large":
            labels = (labels + 1) % 3
        g[range(8), labels] -= 1
        g /= 8
        dh = g.dot(W2.T) * (1 if self.fault == "dropout left out" else self.mask)
        if self.fault == "dropout not scaled":
            dh = dh * 0.7
        if self.fault != "relu left out":
            dh = dh * (self.h > 0)
        before = self.h if self.fault == "weights see no dropout" else self.d
        return (
            self.x.T.dot(dh) + 2 * self.decay * W1,
            before.T.dot(g) + 2 * self.decay * W2,
        )


@program(
    relu_left_out="mask",
    dropout_left_out="mask",
    dropout_not_scaled="mask",
    labels_of_the_neighbours="shifted",
    labels_one_too_large="shifted",
    weights_see_no_dropout="the wrong factor",
)
def class_with_dropout(fault):
    rng = np.random.default_rng(7)
    net = Dropped(fault)
    return net.loss, net.gradient, (rng.normal(size=(5, 6)), rng.normal(size=(6, 3))), {}


@program(
    keys_not_turned=("the wrong factor", "transposed"),
    weights_not_turned=("the wrong factor", "transposed"),
    before_the_activation="the wrong factor",
)
def attention_of_a_batch(fault):
    rng = np.random.default_rng(8)
    x, target = rng.normal(size=(2, 5, 6)), rng.normal(size=(2, 20))
    at = {name: rng.normal(size=(6, 4)) for name in ("q", "k", "v")}
    at["o"] = rng.normal(size=(20, 20)) / 4

    def forward(p):
        q, k, v = x @ p["q"], x @ p["k"], x @ p["v"]
        e = np.exp(q @ k.swapaxes(-1, -2) / 2)
        a = e / e.sum(-1, keepdims=True)
        c = a @ v
        flat = np.tanh(c).reshape(2, -1)
        return q, k, v, a, c, flat, flat @ p["o"]

    def loss(p):
        return np.mean((forward(p)[-1] - target) ** 2)

    def gradient(p):
        q, k, v, a, c, flat, out = forward(p)
        d = 2 * (out - target) / out.size
        dc = (d @ p["o"].T).reshape(c.shape) * (1 - np.tanh(c) ** 2)
        da = dc @ v.swapaxes(-1, -2)
        ds = a * (da - (da * a).sum(-1, keepdims=True)) / 2
        turned = ds if fault == "keys not turned" else ds.swapaxes(-1, -2)
        weights = a if fault == "weights not turned" else a.swapaxes(-1, -2)
        before = c.reshape(2, -1) if fault == "before the activation" else flat
        return {
            "q": np.einsum("btd,bte->de", x, ds @ k),
            "k": np.einsum("btd,bte->de", x, turned @ q),
            "v": np.einsum("btd,bte->de", x, weights @ dc),
            "o": before.T @ d,
        }

    return loss, gradient, at, {}


@program(weights_not_normalised=("a path left out", "product rule"))
def mixture_with_two_shifts(fault):
    """Two logarithms of sums, each less its largest entry: one that is subtracted and added again,
    one that is not."""
    rng = np.random.default_rng(9)
    x = np.concatenate([rng.normal(-2, 0.5, 20), rng.normal(1, 1, 30)])[:, None]

    def parts(alpha, mu):
        a = alpha - alpha.max()
        logw = a - np.log(np.exp(a).sum())
        each = logw - 0.5 * (x - mu) ** 2
        m = each.max(1, keepdims=True)
        return logw, each, m + np.log(np.exp(each - m).sum(1, keepdims=True))

    def loss(alpha, mu):
        return -parts(alpha, mu)[-1].sum()

    def gradient(alpha, mu):
        logw, each, total = parts(alpha, mu)
        r = np.exp(each - total)
        every = 0 if fault == "weights not normalised" else len(x) * np.exp(logw)
        return every - r.sum(0), -(r * (x - mu)).sum(0)

    return loss, gradient, (rng.normal(size=3), np.array([-1.0, 0, 2])), {}


@program(
    first_entry="mask",
    every_entry="mask",
    mean_of_the_entries="mask",
    smallest_entry="mask",
)
def largest_of_windows(fault):
    """A pool over windows of two by two, in loops."""
    rng = np.random.default_rng(10)
    weights = rng.normal(size=(2, 3, 3))

    def windows(x):
        for i in range(3):
            for j in range(3):
                yield i, j, x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]

    def loss(x):
        out = np.zeros((2, 3, 3))
        for i, j, window in windows(x):
            out[:, i, j] = np.max(window, axis=(1, 2))
        return np.sum(weights * out**2)

    def gradient(x):
        g = np.zeros_like(x)
        slots = windows(g)
        for (i, j, window), (_, _, slot) in zip(windows(x), slots, strict=True):
            top = np.max(window, axis=(1, 2), keepdims=True)
            mask = {
                "first entry": np.array([[1, 0], [0, 0]]),
                "every entry": np.ones((2, 2)),
                "mean of the entries": np.ones((2, 2)) / 4,
                "smallest entry": window == np.min(window, axis=(1, 2), keepdims=True),
            }.get(fault, window == top)
            slot += mask * 2 * top * weights[:, i, j, None, None]
        return g

    return loss, gradient, rng.normal(size=(2, 6, 6)), {}


@program(
    beside_the_root="another constant",
    left_out="another constant",
    one_less="another constant",
)
def normalised_rows(fault):
    """What keeps the root from 0, and what the variance is divided by, in another place in the
    gradient than in f."""
    rng = np.random.default_rng(11)
    x, target, n = rng.normal(size=(6, 5)), rng.normal(size=(6, 4)), 4

    def scaled(h, beside=0.0, under=1e-2, less=0):
        away = h - h.mean(axis=1, keepdims=True)
        var = (away**2).sum(axis=1, keepdims=True) / (n - less)
        return away, np.sqrt(var + under), np.sqrt(var + under) + beside

    def loss(w):
        h = x @ w
        away = h - h.mean(axis=1, keepdims=True)
        var = np.mean(away**2, axis=1, keepdims=True)
        return np.mean((away / np.sqrt(var + 1e-2) - target) ** 2)

    def gradient(w):
        less = int(fault == "one less")
        away, root, whole = scaled(
            x @ w,
            beside=1e-2 if fault == "beside the root" else 0,
            under=0 if fault in ("beside the root", "left out") else 1e-2,
            less=less,
        )
        d = 2 * (away / whole - target) / target.size
        spread = np.sum(d * away, axis=1, keepdims=True) / (whole**2 * root * (n - less))
        back = d / whole - away * spread
        return x.T @ (back - back.mean(axis=1, keepdims=True))

    return loss, gradient, 0.3 * rng.normal(size=(5, 4)), {}


@program(
    mask_left_out="mask",
    complement="mask",
    sign_of_the_error="sign",
)
def ratings(fault):
    """A matrix of ratings as a product of two, where some are known."""
    rng = np.random.default_rng(12)
    known = (rng.random((6, 8)) < 0.6) * 1.0
    rated = rng.integers(1, 6, (6, 8)) * 1.0
    count, strength = known.sum(), 0.1

    def loss(U, V):
        error = known * (rated - U @ V.T)
        return np.sum(error**2) / count + strength * (np.sum(U**2) + np.sum(V**2))

    def gradient(U, V):
        mask = {"mask left out": 1, "complement": 1 - known}.get(fault, known)
        error = mask * (rated - U @ V.T)
        c = (2 if fault == "sign of the error" else -2) / count
        return c * error @ V + 2 * strength * U, c * error.T @ U + 2 * strength * V

    return loss, gradient, (rng.normal(size=(6, 3)), rng.normal(size=(8, 3))), {}


@program(
    friction_path_missing="a path left out",
    half_of_the_friction=("a path left out", "product rule", "a step's factor"),
    step_of_time_missing="factor left out",
    slope_of_sine_missing="slope missing",
    sine_for_cosine="slope's formula",
)
def pendulum(fault):
    """Steps in time with their sensitivities carried along; friction uses the speed twice."""
    dt, n = 0.02, 30

    def loss(theta):
        strength, friction, x = theta[0], theta[1], theta[2]
        v = 0.0
        for _ in range(n):
            a = -strength * np.sin(x) - friction * v * np.abs(v)
            v = v + dt * a
            x = x + dt * v
        return (x - 0.3) ** 2 + 0.1 * (v + 0.2) ** 2

    def gradient(theta):
        strength, friction, x = theta
        v, (e1, e2, dx), dv = 0.0, np.eye(3), np.zeros(3)
        slope = {"slope of sine missing": lambda x: 1.0, "sine for cosine": np.sin}.get(
            fault, np.cos
        )
        uses = {"friction path missing": 0, "half of the friction": 1}.get(fault, 2)
        for _ in range(n):
            da = -np.sin(x) * e1 - strength * slope(x) * dx
            da = da - v * np.abs(v) * e2 - uses * friction * np.abs(v) * dv
            v = v + dt * (-strength * np.sin(x) - friction * v * np.abs(v))
            dv = dv + (1 if fault == "step of time missing" else dt) * da
            x, dx = x + dt * v, dx + dt * dv
        return 2 * (x - 0.3) * dx + 0.2 * (v + 0.2) * dv

    return loss, gradient, np.array([2.0, 0.3, 1.2]), {}


@program(state_after_the_step="the wrong factor", carry_missing="a path left out")
def letters_in_a_row(fault):
    """A recurrent network for letters, column by column, whose first state is zero."""
    rng = np.random.default_rng(13)
    inputs, targets, n = [0, 3, 2, 4, 1], [3, 2, 4, 1, 0], 6

    def run(Wx, Wh, Wy, b):
        states, shares, total = {-1: np.zeros((n, 1))}, {}, 0
        for t, letter in enumerate(inputs):
            x = np.eye(5)[:, [letter]]
            states[t] = np.tanh(np.dot(Wx, x) + np.dot(Wh, states[t - 1]) + b)
            y = np.dot(Wy, states[t])
            shares[t] = np.exp(y) / np.sum(np.exp(y))
            total += -np.log(shares[t][targets[t], 0])
        return total, states, shares

    def loss(Wx, Wh, Wy, b):
        return run(Wx, Wh, Wy, b)[0]

    def gradient(Wx, Wh, Wy, b):
        _, states, shares = run(Wx, Wh, Wy, b)
        dWx, dWh, dWy, db = (np.zeros_like(a) for a in (Wx, Wh, Wy, b))
        carry = np.zeros((n, 1))
        for t in reversed(range(len(inputs))):
            dy = shares[t] - np.eye(5)[:, [targets[t]]]
            dWy += dy @ states[t].T
            dz = (1 - states[t] ** 2) * (Wy.T @ dy + carry)
            db += dz
            dWx[:, [inputs[t]]] += dz
            dWh += dz @ states[t if fault == "state after the step" else t - 1].T
            carry = 0 * dz if fault == "carry missing" else Wh.T @ dz
        return dWx, dWh, dWy, db

    shapes = ((n, 5), (n, n), (5, n), (n, 1))
    return loss, gradient, tuple(0.7 * rng.normal(size=s) for s in shapes), {}


@program(entropy_left_out="a path left out", advantage_left_out="factor left out")
def policy(fault):
    """The gradient of a policy with an entropy, whose shares sum to 1: what p log p passes on
    without its factors is then nothing either."""
    rng = np.random.default_rng(14)
    x, actions, gain = rng.normal(size=(9, 5)), rng.integers(0, 3, 9), rng.normal(size=9)

    def shares(w):
        e = np.exp(x @ w)
        return e / np.sum(e, axis=1, keepdims=True)

    def loss(w):
        p = shares(w)
        logp = np.log(p)
        score = np.mean(gain * logp[np.arange(9), actions])
        return -score + 0.05 * np.mean(np.sum(p * logp, axis=1))

    def gradient(w):
        p = shares(w)
        weights = np.ones(9) if fault == "advantage left out" else gain
        dz = -weights[:, None] * (np.eye(3)[actions] - p)
        if fault != "entropy left out":
            logp = np.log(p)
            dz = dz + 0.05 * p * (logp - np.sum(p * logp, axis=1, keepdims=True))
        return x.T @ dz / 9

    return loss, gradient, rng.normal(size=(5, 3)), {}
