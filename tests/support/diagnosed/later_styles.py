"""Programs of a third round: gates, attention, pools, a filter of states. Their faults were first
missed, or named wrongly by chance. They join the tables of `programs`."""

import numpy as np
from diagnosed.programs import program, sigmoid

PATH = ("a path left out", "product rule")


@program(
    update_gate_path_missing=("zeros", *PATH),
    reset_path_missing=("zeros", *PATH),
    carry_missing=PATH,
    candidate_slope_of_argument="slope at the wrong place",
)
def gru(fault):
    rng = np.random.default_rng(1)
    inputs, target, n = rng.normal(size=(4, 3, 3)), rng.normal(size=(4, 5)), 5
    at = {
        name: 0.4 * rng.normal(size=(3 if name[0] == "W" else n, n))
        for name in ("Wz", "Uz", "Wr", "Ur", "Wh", "Uh")
    }

    def cell(p, x, h):
        z = sigmoid(x @ p["Wz"] + h @ p["Uz"])
        r = sigmoid(x @ p["Wr"] + h @ p["Ur"])
        a = x @ p["Wh"] + (r * h) @ p["Uh"]
        return z, r, a, (1 - z) * h + z * np.tanh(a)

    def loss(p):
        h = np.zeros((4, n))
        for t in range(3):
            h = cell(p, inputs[:, t], h)[-1]
        return np.mean(np.sum((h - target) ** 2, axis=1))

    def gradient(p):
        h, cache = np.zeros((4, n)), []
        for t in range(3):
            z, r, a, new = cell(p, inputs[:, t], h)
            cache.append((inputs[:, t], h, z, r, a))
            h = new
        g = {name: np.zeros_like(value) for name, value in p.items()}
        dh = 2 * (h - target) / 4
        for x, before, z, r, a in reversed(cache):
            c = np.tanh(a)
            dz = dh * (c - before) * z * (1 - z)
            if fault == "update gate path missing":
                dz = 0 * dz
            da = dh * z * (1 - (a if fault == "candidate slope of argument" else c) ** 2)
            dr = (da @ p["Uh"].T) * before * r * (1 - r)
            if fault == "reset path missing":
                dr = 0 * dr
            for gate, d, state in (("z", dz, before), ("r", dr, before), ("h", da, r * before)):
                g[f"W{gate}"] += x.T @ d
                g[f"U{gate}"] += state.T @ d
            dh = (
                (da @ p["Uh"].T) * r
                + dz @ p["Uz"].T
                + dr @ p["Ur"].T
                + (0 if fault == "carry missing" else dh * (1 - z))
            )
        return g

    return loss, gradient, at, {}


@program(
    query_for_key="the wrong factor",
    key_not_turned=("the wrong factor", "transposed"),
    scale_missing="constant factor",
    mean_missing=PATH,
)
def causal_attention(fault):
    rng = np.random.default_rng(2)
    x, target = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    later = np.triu(np.ones((6, 6), bool), 1)
    at = tuple(rng.normal(size=(4, 4)) for _ in range(3))

    def forward(wq, wk, wv):
        q, k, v = x @ wq, x @ wk, x @ wv
        scores = np.where(later, -1e9, q @ k.T / 2)
        e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
        return q, k, v, e / np.sum(e, axis=1, keepdims=True)

    def loss(wq, wk, wv):
        _, _, v, p = forward(wq, wk, wv)
        return 0.5 * np.sum((p @ v - target) ** 2)

    def gradient(wq, wk, wv):
        q, k, v, p = forward(wq, wk, wv)
        d = p @ v - target
        dp = d @ v.T
        mean = 0 if fault == "mean missing" else np.sum(dp * p, axis=1, keepdims=True)
        ds = p * (dp - mean) / (1 if fault == "scale missing" else 2)
        dq = ds @ (q if fault == "query for key" else k)
        dk = (ds if fault == "key not turned" else ds.T) @ q
        return x.T @ dq, x.T @ dk, x.T @ (p.T @ d)

    return loss, gradient, at, {}


@program(
    mask_missing="mask",
    bias_of_the_last_image="samples left out",
    kernel_flipped="reversed",
)
def strided_convolution(fault):
    """Two images, three filters, stride 2, a pool over blocks of which some are 0 throughout."""
    rng = np.random.default_rng(4)
    images, target = rng.normal(size=(2, 10, 10)), rng.normal(size=(2, 3, 2, 2))
    padded = np.pad(images, ((0, 0), (0, 1), (0, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (4, 4), axis=(1, 2))[:, ::2, ::2]
    at = {"k": 0.5 * rng.normal(size=(3, 4, 4)), "b": np.array([-0.3, 0.2, -2.5])}

    def forward(p):
        z = np.einsum("nijab,fab->nfij", windows, p["k"]) + p["b"][:, None, None]
        return z, np.maximum(z, 0).reshape(2, 3, 2, 2, 2, 2)

    def loss(p):
        return 0.5 * np.sum((np.max(forward(p)[1], axis=(3, 5)) - target) ** 2)

    def gradient(p):
        z, blocks = forward(p)
        largest = np.max(blocks, axis=(3, 5), keepdims=True)
        chosen = blocks == largest
        share = chosen / np.sum(chosen, axis=(3, 5), keepdims=True)
        d = (share * (largest - target[..., None, :, None])).reshape(z.shape)
        if fault != "mask missing":
            d = d * (z > 0)
        k = np.einsum("nijab,nfij->fab", windows, d)
        b = np.sum(d[-1:] if fault == "bias of the last image" else d, axis=(0, 2, 3))
        return {"k": k[:, ::-1, ::-1] if fault == "kernel flipped" else k, "b": b}

    return loss, gradient, at, {}


@program(
    gain_constant=PATH,
    log_left_out=PATH,
    innovation_sign="a step's factor",
)
def state_filter(fault):
    """The likelihood of a Kalman filter of one state: three numbers, each an array of its own."""
    data = np.random.default_rng(12).normal(size=5)
    at = (0.8, 0.5, 0.3)

    def loss(a, q, r):
        m, p, total = 0.0, 1.0, 0.0
        for y in data:
            m, p = a * m, a * a * p + q
            s, e = p + r, y - m
            total = total + 0.5 * (np.log(s) + e * e / s)
            gain = p / s
            m, p = m + gain * e, (1 - gain) * p
        return total

    def gradient(a, q, r):
        m, p = 0.0, 1.0
        g, dm, dp = np.zeros((3, 3))
        of_a, of_q, of_r = np.eye(3)
        for y in data:
            dm, m = a * dm + of_a * m, a * m
            dp, p = a * a * dp + 2 * a * p * of_a + of_q, a * a * p + q
            s, e, ds = p + r, y - m, dp + of_r
            de = dm if fault == "innovation sign" else -dm
            logarithm = 0 if fault == "log left out" else ds / s
            g = g + 0.5 * (logarithm + 2 * e * de / s - e * e / s**2 * ds)
            gain, dgain = p / s, dp / s - p / s**2 * ds
            if fault == "gain constant":
                dgain = 0 * dgain
            dm, m = dm + dgain * e + gain * de, m + gain * e
            dp, p = dp * (1 - gain) - p * dgain, (1 - gain) * p
        return tuple(g)

    return loss, gradient, at, {}


@program(weights_left_out="factor left out", bias_mean="mean for sum")
def weighted_logistic(fault):
    """Three samples of class 0 to one of class 1: of the bias alone, labels of −1 and 1 look like
    other faults."""
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(20, 4)), np.repeat([0.0, 1.0], [15, 5])
    weights = np.where(y > 0, 3.0, 0.5)
    at = (rng.normal(size=4), 0.3)

    def loss(w, b):
        z = x @ w + b
        return np.sum(weights * (np.logaddexp(0, z) - y * z)) / np.sum(weights)

    def gradient(w, b):
        labels = 2 * y - 1 if fault == "labels of signs" else y
        d = (1 if fault == "weights left out" else weights) * (sigmoid(x @ w + b) - labels)
        d = d / np.sum(weights)
        return x.T @ d, np.mean(d) if fault == "bias mean" else np.sum(d)

    return loss, gradient, at, {}


@program(rows_are_columns="transposed", a_row_missing=("entries left out", *PATH))
def two_by_two(fault):
    """A function of two numbers to two, whose Jacobian comes in columns."""

    def f(x, y):
        return np.stack([x * x * y, np.sin(x) + 3 * y * y])

    def jacobian(x, y):
        j = np.array([[2 * x * y, x * x], [np.cos(x), 6 * y]])
        if fault == "rows are columns":
            j = j.T
        if fault == "a row missing":
            j[1] = 0
        return j[:, 0], j[:, 1]

    return f, jacobian, (0.7, 1.3), {"kind": "jacobian"}


@program(
    cut_out_one_beside="shifted",
    kernel_reversed="reversed",
    bias_mean="mean for sum",
    slope_missing="slope missing",
)
def padded_convolution(fault):
    """Three signals, padded and moved over by hand; what comes back is cut out of the padding."""
    rng = np.random.default_rng(2)
    target = rng.normal(size=(3, 12))
    at = (rng.normal(size=(3, 12)), rng.normal(size=5), np.array([0.2]))

    def forward(x, k, b):
        padded = np.pad(x, ((0, 0), (2, 2)))
        return padded, sum(k[i] * padded[:, i : i + 12] for i in range(5)) + b

    def loss(x, k, b):
        return 0.5 * np.sum((np.tanh(forward(x, k, b)[1]) - target) ** 2)

    def gradient(x, k, b):
        padded, z = forward(x, k, b)
        a = np.tanh(z)
        d = (a - target) * (1 if fault == "slope missing" else 1 - a**2)
        dk = np.array([np.sum(d * padded[:, i : i + 12]) for i in range(5)])
        back = np.zeros_like(padded)
        for i in range(5):
            back[:, i : i + 12] += k[i] * d
        first = 1 if fault == "cut out one beside" else 2
        db = np.mean(d) if fault == "bias mean" else np.sum(d)
        return (
            back[:, first : first + 12],
            dk[::-1] if fault == "kernel reversed" else dk,
            np.array([db]),
        )

    return loss, gradient, at, {}


@program(logarithm_without_slope="slope missing", weights_not_normalised=PATH)
def mixture_of_normals(fault):
    """Densities of 1e-3 and less under a logarithm, which bends within a short step there."""
    rng = np.random.default_rng(8)
    data = 2 * rng.normal(size=15)
    at = {"a": rng.normal(size=3), "mu": rng.normal(size=3), "scale": 0.3 * rng.normal(size=3)}

    def forward(p):
        weights = p["a"] - np.log(np.sum(np.exp(p["a"])))
        z = (data[:, None] - p["mu"]) / np.exp(p["scale"])
        return weights, z, weights - 0.5 * z**2 - p["scale"]

    def loss(p):
        return -np.mean(np.log(np.sum(np.exp(forward(p)[-1]), axis=1)))

    def gradient(p):
        weights, z, each = forward(p)
        share = np.exp(each) / 15
        if fault != "logarithm without slope":
            share = share / np.sum(np.exp(each), axis=1, keepdims=True)
        total = 0 if fault == "weights not normalised" else np.sum(share) * np.exp(weights)
        return {
            "a": total - np.sum(share, axis=0),
            "mu": -np.sum(share * z / np.exp(p["scale"]), axis=0),
            "scale": -np.sum(share * (z**2 - 1), axis=0),
        }

    return loss, gradient, at, {}


@program(
    slope_of_the_sigmoid="slope's formula",
    gate_not_turned=("the wrong factor", "another array's gradient"),
    root_constant=PATH,
)
def gated_unit(fault):
    """x σ(x), gated, behind a division by the root of the mean square."""
    rng = np.random.default_rng(5)
    target = rng.normal(size=(6, 3))
    at = {
        "x": rng.normal(size=(6, 4)),
        "w": rng.normal(size=(4, 5)),
        "v": rng.normal(size=(4, 5)),
        "o": rng.normal(size=(5, 3)),
    }

    def forward(p):
        root = np.sqrt(np.mean(p["x"] ** 2, axis=1, keepdims=True) + 1e-2)
        h = p["x"] / root
        u, v = h @ p["w"], h @ p["v"]
        return root, h, u, v, (u * sigmoid(u) * v) @ p["o"]

    def loss(p):
        return np.mean((forward(p)[-1] - target) ** 2)

    def gradient(p):
        root, h, u, v, out = forward(p)
        s = sigmoid(u)
        d = 2 * (out - target) / out.size
        back = d @ p["o"].T
        slope = s * (1 - s) if fault == "slope of the sigmoid" else s + u * s * (1 - s)
        du = back * (u if fault == "gate not turned" else v) * slope
        dv = back * u * s
        dh = du @ p["w"].T + dv @ p["v"].T
        mean = 0 if fault == "root constant" else np.mean(dh * h, axis=1, keepdims=True)
        return {
            "x": (dh - h * mean) / root,
            "w": h.T @ du,
            "v": h.T @ dv,
            "o": (u * s * v).T @ d,
        }

    return loss, gradient, at, {}
