"""Programs written after the hypotheses: of their faults, those that were first missed or misnamed,
and a few of each style. They join the tables of `programs`."""

import numpy as np
from diagnosed.programs import program, sigmoid

PATH = ("a path left out", "product rule")


# --- normalisation over the batch, and over the features ---


@program(
    gamma_left_out="factor left out",
    mean_path_missing=PATH,
    variance_path_missing=PATH,
    gamma_without_normalised="the wrong factor",
    deviation_left_out="factor left out",
    deviation_twice="a step's factor",
)
def batch_norm(fault):
    rng = np.random.default_rng(10)
    target = rng.standard_normal((9, 4))
    at = {
        "x": rng.standard_normal((9, 4)) * 1.5 + 0.3,
        "gamma": rng.uniform(0.5, 1.5, 4),
        "beta": 0.3 * rng.standard_normal(4),
    }

    def forward(p):
        centred = p["x"] - p["x"].mean(axis=0)
        deviation = np.sqrt(np.mean(centred**2, axis=0) + 1e-5)
        return deviation, centred / deviation, p["gamma"] * (centred / deviation) + p["beta"]

    def loss(p):
        return 0.5 * np.sum((np.maximum(forward(p)[-1], 0) - target) ** 2)

    def gradient(p):
        deviation, h, y = forward(p)
        d = (np.maximum(y, 0) - target) * (y > 0)
        dh = d if fault == "gamma left out" else d * p["gamma"]
        dx = dh
        if fault != "variance path missing":
            dx = dx - h * np.mean(dh * h, axis=0)
        if fault != "mean path missing":
            dx = dx - np.mean(dh, axis=0)
        power = {"deviation left out": 0, "deviation twice": 2}.get(fault, 1)
        inputs = p["x"] if fault == "gamma without normalised" else h
        return {"x": dx / deviation**power, "gamma": np.sum(d * inputs, axis=0), "beta": d.sum(0)}

    return loss, gradient, at, {}


@program(
    weight_left_out="factor left out",
    weight_over_features="wrong axis",
    mean_path_missing=PATH,
    both_constant=(*PATH, "diagonal of the Jacobian"),
)
def layer_norm(fault):
    rng = np.random.default_rng(11)
    at = (rng.standard_normal((5, 5)), rng.uniform(0.5, 2, 5), rng.standard_normal(5))

    def normal(x):
        deviation = np.sqrt(np.var(x, -1, keepdims=True) + 1e-5)
        return (x - np.mean(x, -1, keepdims=True)) / deviation, deviation

    def f(x, w, b):
        return normal(x)[0] * w + b

    def backward(x, w, b, g):
        h, deviation = normal(x)
        dh = g if fault == "weight left out" else g * w
        mean, share = dh.mean(-1, keepdims=True), (dh * h).mean(-1, keepdims=True)
        if fault in ("mean path missing", "both constant"):
            mean = 0
        if fault == "both constant":
            share = 0
        dx = (dh - mean - h * share) / deviation
        return dx, (g * h).sum(1 if fault == "weight over features" else 0), g.sum(0)

    return f, backward, at, {"kind": "vjp"}


# --- a convolution as a product of patches, with a leaky relu ---


@program(
    leaky_slope_zero="mask",
    leaky_mask_missing="mask",
    bias_mean="mean for sum",
    reshaped_wrongly="transposed",
    half_of_the_batch="samples left out",
)
def patches(fault):
    rng = np.random.default_rng(12)
    target = rng.standard_normal((4, 9, 3))
    places = [
        [(i + a) * 5 + j + b for a in range(3) for b in range(3)]
        for i in range(3)
        for j in range(3)
    ]
    columns = rng.standard_normal((4, 25))[:, np.array(places)]
    at = [rng.standard_normal((3, 3, 3)) * 0.4, 0.1 * rng.standard_normal(3)]

    def forward(p):
        z = columns @ p[0].reshape(3, 9).T + p[1]
        return z, np.where(z > 0, z, 0.1 * z)

    def loss(p):
        return np.mean(np.sum((forward(p)[1] - target) ** 2, axis=(1, 2)))

    def gradient(p):
        z, a = forward(p)
        low = {"leaky slope zero": 0, "leaky mask missing": 1}.get(fault, 0.1)
        d = 2 * (a - target) / 4 * np.where(z > 0, 1, low)
        if fault == "half of the batch":
            d[2:] = 0
        filters = np.einsum("npf,npk->fk", d, columns)
        if fault == "reshaped wrongly":
            filters = filters.T
        bias = d.mean((0, 1)) if fault == "bias mean" else d.sum((0, 1))
        return [filters.reshape(3, 3, 3), bias]

    return loss, gradient, at, {}


# --- an embedding ---


@program(
    repeated_rows_lost="samples left out",
    ids_off_by_one="shifted",
    slope_twice="slope twice",
    mean_forgotten=("constant factor", "a step's factor", "sum for mean"),
)
def embedding(fault):
    rng = np.random.default_rng(13)
    ids, y = rng.integers(0, 6, (8, 4)), rng.integers(0, 2, 8) * 1.0
    at = (rng.standard_normal((6, 3)), rng.standard_normal(3))

    def loss(table, w):
        z = table[ids].mean(axis=1) @ w
        return np.mean(np.log1p(np.exp(z)) - y * z) + 0.05 * np.sum(table * table)

    def gradient(table, w):
        h = table[ids].mean(axis=1)
        p = sigmoid(h @ w)
        d = (p - y) / 8 * (p * (1 - p) if fault == "slope twice" else 1)
        each = np.repeat(np.outer(d, w)[:, None], 4, axis=1)
        each = each / (1 if fault == "mean forgotten" else 4)
        slopes = np.zeros_like(table)
        if fault == "repeated rows lost":
            slopes[ids] += each
        else:
            np.add.at(slopes, (ids + 1) % 6 if fault == "ids off by one" else ids, each)
        return slopes + 0.1 * table, h.T @ d

    return loss, gradient, at, {}


# --- regressions ---


@program(
    rate_taken_linear=("slope at the wrong place", "slope's formula"),
    counts_forgotten=(*PATH, "another function"),
    counts_shifted="shifted",
)
def poisson(fault):
    rng = np.random.default_rng(16)
    x, y, offset = rng.standard_normal((12, 4)), rng.poisson(2.0, 12), rng.uniform(-0.5, 0.5, 12)

    def loss(beta):
        eta = x @ beta + offset
        return np.mean(np.exp(eta) - y * eta)

    def gradient(beta):
        eta = x @ beta + offset
        counts = {"counts forgotten": 0 * y, "counts shifted": np.roll(y, 1)}.get(fault, y)
        return x.T @ ((eta if fault == "rate taken linear" else np.exp(eta)) - counts) / 12

    return loss, gradient, 0.4 * rng.standard_normal(4), {}


@program(
    labels_forgotten="factor left out",
    squared_hinge="slope's formula",
    wrong_side="mask",
)
def hinge(fault):
    rng = np.random.default_rng(17)
    x, t, c = rng.standard_normal((14, 3)), rng.choice([-1.0, 1.0], 14), 3.5

    def loss(p):
        w, b = p
        return 0.5 * w @ w + c * np.mean(np.maximum(0, 1 - t * (x @ w + b)))

    def gradient(p):
        w, b = p
        m = 1 - t * (x @ w + b)
        on = {"wrong side": m < 0, "squared hinge": 2 * np.maximum(m, 0)}.get(fault, m > 0) * 1.0
        signs = 1 if fault == "labels forgotten" else t
        return [w - c * x.T @ (on * t) / 14, -c * np.sum(on * signs) / 14]

    return loss, gradient, [rng.standard_normal(3), 0.2], {}


# --- an autoencoder with noise, a factorisation ---


@program(
    noise_left_out=("factor left out", "the wrong factor"),
    half_forgotten="a step's factor",
    divergence_missing=PATH,
)
def autoencoder(fault):
    rng = np.random.default_rng(19)
    x, noise = rng.standard_normal((6, 4)), rng.standard_normal((6, 2))
    at = {
        "mean": rng.standard_normal((4, 2)) * 0.5,
        "log_variance": rng.standard_normal((4, 2)) * 0.3,
        "decoder": rng.standard_normal((2, 4)) * 0.5,
    }

    def forward(p):
        mu, lv = x @ p["mean"], x @ p["log_variance"]
        s = np.exp(0.5 * lv)
        z = mu + s * noise
        return mu, lv, s, z, z @ p["decoder"]

    def loss(p):
        mu, lv, _, _, out = forward(p)
        divergence = -0.5 * np.sum(1 + lv - mu**2 - np.exp(lv))
        return (0.5 * np.sum((out - x) ** 2) + 0.7 * divergence) / 6

    def gradient(p):
        mu, lv, s, z, out = forward(p)
        d = (out - x) / 6
        dz = d @ p["decoder"].T
        half = 1 if fault == "half forgotten" else 0.5
        dlv = dz * (1 if fault == "noise left out" else noise) * s * half
        if fault != "divergence missing":
            dlv = dlv + 0.35 * (np.exp(lv) - 1) / 6
        dmu = dz + 0.7 * mu / 6
        return {"mean": x.T @ dmu, "log_variance": x.T @ dlv, "decoder": z.T @ d}

    return loss, gradient, at, {}


@program(residual_transposed=("transposed", "the wrong factor"), mask_missing="mask")
def factorisation(fault):
    rng = np.random.default_rng(27)
    known, mask = rng.standard_normal((5, 5)), (rng.random((5, 5)) < 0.6) * 1.0

    def loss(u, v):
        return 0.5 * np.sum((mask * (known - u @ v.T)) ** 2)

    def gradient(u, v):
        miss = known - u @ v.T
        if fault != "mask missing":
            miss = mask * miss
        return -miss @ v, -(miss if fault == "residual transposed" else miss.T) @ u

    return loss, gradient, (rng.standard_normal((5, 3)), rng.standard_normal((5, 3))), {}


# --- a loop over time ---


@program(
    layer_left_out="factor left out",
    gate_for_its_complement="the wrong factor",
    slope_of_relu="slope's formula",
    wrong_sign=("a step's factor", "sign"),
)
def gated_loop(fault):
    rng = np.random.default_rng(14)
    start, c = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    gate = rng.uniform(0.2, 0.9, (4, 3))

    def run(w):
        h, kept = start, []
        for _ in range(3):
            z = h @ w
            kept.append((h, z))
            h = (1 - gate * h) * (z * sigmoid(z))
        return h, kept

    def loss(w):
        return np.sum(run(w)[0] * c)

    def gradient(w):
        _, kept = run(w)
        d, total = c, np.zeros_like(w)
        for h, z in reversed(kept):
            s = sigmoid(z)
            slope = s + z * s * (1 - s)
            if fault == "slope of relu":
                slope = z > 0
            if fault == "wrong sign":
                slope = -slope
            factor = gate * h if fault == "gate for its complement" else 1 - gate * h
            dz = d * factor * slope
            total += h.T @ dz
            back = dz if fault == "layer left out" else dz @ w.T
            d = back - d * z * s * gate
        return total

    return loss, gradient, 0.7 * rng.standard_normal((3, 3)), {}


# --- distances and similarities of embeddings ---


@program(
    distance_not_divided="slope's formula",
    anchor_alone=PATH,
    margin_mask_missing="mask",
)
def triplet(fault):
    rng = np.random.default_rng(31)
    given = rng.standard_normal((3, 8, 4))

    def embedded(x, w):
        return np.tanh(x @ w)

    def distances(w):
        anchor, same, other = embedded(given[0], w), embedded(given[1], w), embedded(given[2], w)
        near = np.sqrt(np.sum((anchor - same) ** 2, axis=1))
        far = np.sqrt(np.sum((anchor - other) ** 2, axis=1))
        return (anchor, same, other), near, far

    def loss(w):
        _, near, far = distances(w)
        return np.mean(np.maximum(near - far + 0.4, 0))

    def gradient(w):
        (anchor, same, other), near, far = distances(w)
        on = (near - far + 0.4 > 0) / 8
        if fault == "margin mask missing":
            on = np.full(8, 1 / 8)
        sides = [(anchor - same) / near[:, None], (anchor - other) / far[:, None]]
        if fault == "distance not divided":
            sides = [anchor - same, anchor - other]
        back = [on[:, None] * d for d in (sides[0] - sides[1], -sides[0], sides[1])]
        parts = zip(given, (anchor, same, other), back, strict=True)
        each = [x.T @ (d * (1 - e * e)) for x, e, d in parts]
        return each[0] if fault == "anchor alone" else sum(each)

    return loss, gradient, 0.6 * rng.standard_normal((4, 3)), {}


@program(norm_not_divided="factor left out", temperature_missing="factor left out")
def contrastive(fault):
    rng = np.random.default_rng(32)
    first = rng.standard_normal((6, 4))
    second = first + 0.3 * rng.standard_normal((6, 4))
    at = {"w": rng.standard_normal((4, 3)), "log_tau": np.array(-0.5)}

    def forward(p):
        a, b = first @ p["w"], second @ p["w"]
        sizes = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
        u, v = a / sizes[0], b / sizes[1]
        tau = np.exp(p["log_tau"])
        s = u @ v.T / tau
        e = np.exp(s)
        return u, v, sizes, tau, s, e / e.sum(axis=1, keepdims=True)

    def loss(p):
        return -np.mean(np.log(np.diagonal(forward(p)[-1])))

    def gradient(p):
        u, v, sizes, tau, s, share = forward(p)
        d = (share - np.eye(6)) / 6
        dtau = -np.sum(d * s)
        if fault != "temperature missing":
            d = d / tau
        du, dv = d @ v, d.T @ u
        du, dv = du - u * np.sum(u * du, 1)[:, None], dv - v * np.sum(v * dv, 1)[:, None]
        if fault != "norm not divided":
            du, dv = du / sizes[0], dv / sizes[1]
        return {"w": first.T @ du + second.T @ dv, "log_tau": dtau}

    return loss, gradient, at, {}


# --- a factorisation as it is written with a loop over ratings, and a weighted loss ---


@program(overwritten="samples left out", row_beside="shifted")
def ratings(fault):
    rng = np.random.default_rng(33)
    users, items = rng.integers(0, 4, 9), rng.integers(0, 5, 9)
    rating = rng.uniform(1, 5, 9)

    def loss(u, v):
        total = 0.0
        for i, j, r in zip(users, items, rating, strict=True):
            total = total + (u[i] @ v[j] - r) ** 2
        return total / 9

    def gradient(u, v):
        du, dv = np.zeros_like(u), np.zeros_like(v)
        for i, j, r in zip(users, items, rating, strict=True):
            e = 2 * (u[i] @ v[j] - r) / 9
            du[i] = e * v[j] + (0 if fault == "overwritten" else du[i])
            dv[(j + 1) % 5 if fault == "row beside" else j] += e * u[i]
        return du, dv

    return loss, gradient, (rng.standard_normal((4, 2)), rng.standard_normal((5, 2))), {}


@program(weights_left_out="factor left out")
def weighted(fault):
    rng = np.random.default_rng(34)
    x, y = rng.standard_normal((9, 3)), rng.integers(0, 2, 9)
    weight = rng.uniform(0.5, 2, 9)

    def loss(w):
        z = x @ w
        return np.sum(weight * (np.logaddexp(0, z) - y * z)) / np.sum(weight)

    def gradient(w):
        each = 1 if fault == "weights left out" else weight
        return x.T @ (each * (sigmoid(x @ w) - y)) / np.sum(weight)

    return loss, gradient, rng.standard_normal(3), {}


# --- other claims ---


@program(term_missing=("product rule", "zeros", "a path left out"), slope_missing="slope missing",
         sign=("a step's factor", "sign"))  # fmt: skip
def pushforward(fault):
    rng = np.random.default_rng(21)
    m = rng.standard_normal((3, 3))

    def f(x, y):
        return np.tanh(m @ x) * np.cos(y)

    def push(x, y, v, w):
        t = np.tanh(m @ x)
        dt = m @ v * (1 if fault == "slope missing" else 1 - t * t)
        dc = {"term missing": 0, "sign": -1}.get(fault, 1) * -np.sin(y) * w
        return dt * np.cos(y) + t * dc

    return f, push, (rng.standard_normal(3), rng.standard_normal(3)), {"kind": "jvp"}


@program(projection_missing=PATH, transposed="transposed", diagonal="diagonal of the Jacobian")
def jacobian_of_a_direction(fault):
    rng = np.random.default_rng(23)
    m = rng.standard_normal((4, 4))

    def f(x):
        return m @ x / np.linalg.norm(m @ x)

    def jacobian(x):
        size, u = np.linalg.norm(m @ x), f(x)
        found = (np.eye(4) - (fault != "projection missing") * np.outer(u, u)) / size @ m
        if fault == "diagonal":
            return np.diag(np.diag(found))
        return found.T if fault == "transposed" else found

    return f, jacobian, rng.standard_normal(4), {}


@program(ascent="sign", only_sign="sign only", decay_missing="regulariser", momentum="accumulated")
def update(fault):
    rng = np.random.default_rng(24)
    x, y, kept = rng.standard_normal((10, 3)), rng.standard_normal(10), {}

    def loss(w, b):
        return np.mean((x @ w + b - y) ** 2) + 0.05 * np.sum(w**2)

    def step(w, b):
        r = x @ w + b - y
        slope = 2 * x.T @ r / 10 + (0 if fault == "decay missing" else 0.1) * w
        if fault == "only sign":
            slope = np.sign(slope)
        if fault == "momentum":
            slope = kept["v"] = 0.9 * kept.get("v", 0) + slope
        rate = -0.05 if fault == "ascent" else 0.05
        return w - rate * slope, b - rate * 2 * r.mean()

    return loss, step, (rng.standard_normal(3), 0.5), {"kind": "update", "learning_rate": 0.05}
