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
