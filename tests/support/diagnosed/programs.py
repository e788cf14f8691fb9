"""Gradients written by hand, as they are written in courses, with a fault planted on demand.

Each program is a function of the fault's name that returns (f, claimed, at, options), and has a
table from faults to the kinds that the doctor may say: mostly one. "" is the healthy program.
"""

import numpy as np

PROGRAMS = {}
EXPECTED = {}


def program(**faults):
    def register(make):
        PROGRAMS[make.__name__] = make
        EXPECTED[make.__name__] = {
            name.replace("_", " "): {kinds} if isinstance(kinds, str) else set(kinds)
            for name, kinds in faults.items()
        }
        return make

    return register


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# --- a two-layer net, as courses have it ---------------------------------------------------------


@program(
    sum_for_mean="sum for mean",
    mean_twice="mean for sum",
    sign="sign",
    doubled="constant factor",
    one_factor="constant factor",
    zeros="zeros",
    diagonal_softmax="diagonal of the Jacobian",
    no_one_hot=("a path left out", "product rule"),
    slope_missing="slope missing",
    slope_twice="slope twice",
    slope_of_argument="slope at the wrong place",
    slope_at_value="slope at the wrong place",
    slope_s_only="slope's formula",
    bias_one_number="one number",
    bias_mean="mean for sum",
    bias_not_summed="not summed",
    bias_keepdims="shape",
    preactivation_for_activation="the wrong factor",
    transposed="transposed",
    labels_shifted="shifted",
    rows_shifted="shifted",
    regulariser_missing="regulariser",
    regulariser_doubled="regulariser",
    bias_regularised="regulariser",
    last_sample="samples left out",
    ones_direction="one number",
    column_missing="entries left out",
    clipped="clipped",
    sign_only="sign only",
)
def two_layers(fault):
    rng = np.random.default_rng(0)
    n, lam = 12, 0.01
    x, y = rng.standard_normal((n, 6)), rng.integers(0, 4, n)
    at = (
        rng.standard_normal((6, 5)) * 0.5,
        rng.standard_normal(5) * 0.1,
        rng.standard_normal((5, 4)) * 0.5,
        rng.standard_normal(4) * 0.1,
    )

    def forward(w1, b1, w2, b2):
        z1 = x @ w1 + b1
        a1 = sigmoid(z1)
        z2 = a1 @ w2 + b2
        e = np.exp(z2 - np.max(z2, axis=1, keepdims=True))
        return z1, a1, e / np.sum(e, axis=1, keepdims=True)

    def loss(w1, b1, w2, b2):
        _, _, p = forward(w1, b1, w2, b2)
        data = -np.sum(np.log(p[np.arange(n), y])) / n
        return data + lam / 2 * (np.sum(w1**2) + np.sum(w2**2))

    def gradient(w1, b1, w2, b2):
        z1, a1, p = forward(w1, b1, w2, b2)
        labels = np.roll(y, 1) if fault == "labels shifted" else y
        d2 = p.copy()
        if fault != "no one hot":
            d2[np.arange(n), labels] -= 1
        if fault == "diagonal softmax":
            d2 = np.where(np.arange(4) == y[:, None], p - 1, 0)
        if fault != "sum for mean":
            d2 /= n
        if fault == "mean twice":
            d2 /= n
        if fault == "last sample":
            d2[:-1] = 0
        slope = {
            "slope missing": 1,
            "slope twice": (a1 * (1 - a1)) ** 2,
            "slope of argument": z1 * (1 - z1),
            "slope at value": sigmoid(a1) * (1 - sigmoid(a1)),
            "slope s only": a1,
        }.get(fault, a1 * (1 - a1))
        d1 = d2 @ w2.T * slope
        inputs = np.roll(x, 1, axis=0) if fault == "rows shifted" else x
        hidden = z1 if fault == "preactivation for activation" else a1
        r = {"regulariser missing": 0, "regulariser doubled": 2}.get(fault, 1) * lam
        if fault == "sum for mean":
            r *= n
        if fault == "mean twice":
            r /= n
        dw1, db1 = inputs.T @ d1 + r * w1, d1.sum(0)
        dw2, db2 = hidden.T @ d2 + r * w2, d2.sum(0)
        if fault == "bias one number":
            db1 = np.full(5, d1.sum())
            db1 = np.full(5, d1.sum())
        if fault == "bias mean":
            db1 = d1.mean(0)
        if fault == "bias not summed":
            db1 = d1
        if fault == "bias keepdims":
            db1 = d1.sum(0, keepdims=True)
        if fault == "transposed":
            dw2 = dw2.T
        if fault == "bias regularised":
            db1 = db1 + lam * b1
        if fault == "sign":
            return tuple(-g for g in (dw1, db1, dw2, db2))
        if fault == "doubled":
            return tuple(2 * g for g in (dw1, db1, dw2, db2))
        if fault == "one factor":
            dw2 = 0.37 * dw2
        if fault == "zeros":
            dw1 = np.zeros_like(dw1)
        if fault == "ones direction":
            dw1 = np.full_like(dw1, dw1.sum())
        if fault == "column missing":
            dw2[:, -1] = 0
        if fault == "clipped":
            dw1 = np.clip(dw1, -0.02, 0.02)
        if fault == "sign only":
            dw2 = np.sign(dw2)
        return dw1, db1, dw2, db2

    return loss, gradient, at, {}


# --- a convolution in loops, relu, a squared error ------------------------------------------------


@program(
    kernel_flipped=("reversed",),
    mask_missing="mask",
    mask_wrong_side="mask",
    overwritten="samples left out",
    factor_two="constant factor",
    bias_mean="mean for sum",
    bias_one_number="one number",
    shifted="shifted",
    transposed="transposed",
    sign="sign",
    zeros="zeros",
    sum_for_mean="sum for mean",
    detached_bias="zeros",
    last_row_missing="entries left out",
    step_too_large="difference quotient",
    step_too_small="difference quotient",
    norm_clipped="normalised",
)
def convolution(fault):
    rng = np.random.default_rng(1)
    images = rng.standard_normal((5, 6, 6))
    target = rng.standard_normal((5, 4, 4))
    at = {"kernel": rng.standard_normal((3, 3)), "bias": np.array([0.2])}

    def convolved(p):
        out = np.zeros((5, 4, 4))
        for i in range(4):
            for j in range(4):
                patch = images[:, i : i + 3, j : j + 3]
                out[:, i, j] = np.sum(patch * p["kernel"], axis=(1, 2)) + p["bias"][0]
        return out

    def loss(p):
        a = np.maximum(convolved(p), 0)
        return 0.5 * np.sum((a - target) ** 2) / len(images)

    def gradient(p):
        z = convolved(p)
        d = (np.maximum(z, 0) - target) / len(images)
        if fault == "sum for mean":
            d = d * len(images)
        if fault == "mask wrong side":
            d = d * (z <= 0)
        elif fault != "mask missing":
            d = d * (z > 0)
        if fault == "factor two":
            d = 2 * d
        dk = np.zeros((3, 3))
        for b in range(5):
            if fault == "overwritten":
                dk = np.zeros((3, 3))
            for i in range(4):
                for j in range(4):
                    dk += d[b, i, j] * images[b, i : i + 3, j : j + 3]
        db = np.array([d.sum()])
        if fault == "kernel flipped":
            dk = dk[::-1, ::-1]
        if fault == "bias mean":
            db = np.array([d.mean()])
        if fault == "bias one number":
            dk = np.full((3, 3), dk.sum())
        if fault == "shifted":
            dk = np.roll(dk, 1, 0)
        if fault == "transposed":
            dk = dk.T
        if fault == "sign":
            dk = -dk
        if fault == "zeros":
            dk = 0 * dk
        if fault == "detached bias":
            db = None
        if fault == "last row missing":
            dk[-1] = 0
        if fault.startswith("step too"):
            h = 0.1 if fault == "step too large" else 1e-13
            for i in range(3):
                for j in range(3):
                    moved = {**p, "kernel": p["kernel"].copy()}
                    moved["kernel"][i, j] += h
                    dk[i, j] = (loss(moved) - loss(p)) / h
        if fault == "norm clipped":
            dk = dk / np.linalg.norm(dk)
        return {"kernel": dk, "bias": db}

    return loss, gradient, at, {}


# --- logistic regression with a regulariser -------------------------------------------------------


@program(
    mean_missing="sum for mean",
    regulariser_missing="regulariser",
    regulariser_doubled="regulariser",
    regulariser_sign="regulariser",
    bias_regularised="regulariser",
    sign=("sign", "a step's factor"),
    extra_slope="slope twice",
    intercept_one_number_from_all="mean for sum",
    rows_reversed="shifted",
    other_lambda="regulariser",
    squared="squared",
    absolute="absolute value",
    constant_added="a constant is added",
    stale="stale",
    accumulated="accumulated",
    update_wrong_way="sign",
    first_sample="samples left out",
    entries_permuted=("permuted", "reversed", "shifted"),
    value_of_another="another function",
    not_a_number="overflow",
)
def logistic(fault):
    rng = np.random.default_rng(2)
    n, lam = 15, 0.3
    x, y = rng.standard_normal((n, 4)), rng.integers(0, 2, n).astype(float)
    at = (rng.standard_normal(4), np.array(0.3))
    kept = {}

    def loss(w, b, strength=lam):
        z = x @ w + b
        fit = np.mean(np.logaddexp(0, z) - y * z)
        return fit + strength / 2 * np.sum(w * w)

    def gradient(w, b):
        if fault == "stale":
            w, b = kept.setdefault("at", (w.copy(), b.copy()))
        z = x @ w + b
        p = sigmoid(z)
        d = (y - p if fault == "sign" else p - y) / n
        if fault == "mean missing":
            d = d * n
        if fault == "extra slope":
            d = d * p * (1 - p)
        if fault == "first sample":
            d[1:] = 0
        inputs = x[::-1] if fault == "rows reversed" else x
        share = {
            "regulariser missing": 0, "regulariser doubled": 2, "regulariser sign": -1,
            "other lambda": 0.7, "mean missing": n,
        }.get(fault, 1)  # fmt: skip
        dw, db = inputs.T @ d + share * lam * w, d.sum()
        if fault == "bias regularised":
            db = db + lam * b
        if fault == "intercept one number from all":
            db = d.mean()
        if fault == "squared":
            dw = dw**2
        if fault == "absolute":
            dw = np.abs(dw)
        if fault == "constant added":
            dw = dw + 0.25
        if fault == "entries permuted":
            dw = dw[[2, 0, 3, 1]]
        if fault == "accumulated":
            kept["sum"] = kept.get("sum", 0) + dw
            dw = kept["sum"].copy()
        if fault == "update wrong way":
            return -dw, -db
        if fault == "value of another":
            return loss(w, b) + 0.25 * np.sum(np.sin(w)), (dw + 0.25 * np.cos(w), db)
        if fault == "not a number":
            dw[1] = np.nan
        return dw, np.asarray(db)

    return (lambda w, b: loss(w, b)), gradient, at, {}


# --- an LSTM cell, run for some steps -------------------------------------------------------------


@program(
    cell_tanh_missing="slope missing",
    gate_slope_missing="slope missing",
    gate_slope_twice="slope twice",
    forget_path_missing=("a path left out", "product rule"),
    truncated=("a path left out", "product rule"),
    candidate_with_sigmoid_slope=("slope's formula", "slope at the wrong place"),
    candidate_slope_of_argument="slope at the wrong place",
    last_step_only=("a path left out", "product rule"),
    factor="constant factor",
    transposed="transposed",
    bias_mean=("constant factor", "mean for sum"),
    zeros="zeros",
    loss_two="constant factor",
)
def lstm(fault):
    rng = np.random.default_rng(3)
    steps, batch, h = 3, 2, 3
    xs = rng.standard_normal((steps, batch, h))
    target = rng.standard_normal((batch, h))
    at = [
        0.6 * rng.standard_normal((h, 4 * h)),
        0.6 * rng.standard_normal((h, 4 * h)),
        0.2 * rng.standard_normal(4 * h),
    ]

    def run(p):
        wx, wh, b = p
        hidden, cell, kept = np.zeros((batch, h)), np.zeros((batch, h)), []
        for x in xs:
            z = x @ wx + hidden @ wh + b
            i, f, o = (sigmoid(z[:, k * h : (k + 1) * h]) for k in range(3))
            g = np.tanh(z[:, 3 * h :])
            new = f * cell + i * g
            t = np.tanh(new)
            kept.append((x, hidden, cell, z, i, f, o, g, new, t))
            hidden, cell = o * t, new
        return hidden, kept

    def loss(p):
        hidden, _ = run(p)
        return 0.5 * np.sum((hidden - target) ** 2)

    def gradient(p):
        wx, wh, b = p
        hidden, kept = run(p)
        dh, dc = hidden - target, np.zeros((batch, h))
        if fault == "loss two":
            dh = 2 * dh
        dwx, dwh, db = np.zeros_like(wx), np.zeros_like(wh), np.zeros_like(b)
        for x, before, cell, z, i, f, o, g, _new, t in reversed(kept):
            do = dh * t
            dc = dc + dh * o * (1 if fault == "cell tanh missing" else 1 - t**2)

            def slope(s):
                return {"gate slope missing": 1, "gate slope twice": (s * (1 - s)) ** 2}.get(
                    fault, s * (1 - s)
                )

            gslope = 1 - g**2
            if fault == "candidate with sigmoid slope":
                gslope = g * (1 - g)
            if fault == "candidate slope of argument":
                gslope = 1 - z[:, 3 * h :] ** 2
            dz = np.concatenate(
                [dc * g * slope(i), dc * cell * slope(f), do * slope(o), dc * i * gslope], axis=1
            )
            dwx += x.T @ dz
            dwh += before.T @ dz
            db += dz.sum(0)
            dc = 0 * dc if fault == "forget path missing" else dc * f
            dh = 0 * dh if fault == "truncated" else dz @ wh.T
            if fault == "last step only":
                break
        if fault == "factor":
            dwx = dwx / 3
        if fault == "transposed":
            dwx = dwx.T.reshape(dwx.shape)
        if fault == "bias mean":
            db = db / batch
        if fault == "zeros":
            dwh = 0 * dwh
        return [dwx, dwh, db]

    return loss, gradient, at, {}


# --- attention ------------------------------------------------------------------------------------


@program(
    diagonal_softmax="diagonal of the Jacobian",
    row_sum_missing=("a path left out", "product rule", "diagonal of the Jacobian"),
    scale_missing=("a step's factor", "constant factor"),
    weights_constant=("zeros",),
    query_key_swapped="another array's gradient",
    value_transposed="transposed",
    factor_n="sum for mean",
    sign="sign",
    value_reversed="reversed",
    key_one_number="one number",
)
def attention(fault):
    rng = np.random.default_rng(4)
    n, d = 5, 3
    x, c = rng.standard_normal((n, d)), rng.standard_normal((n, d))
    at = {k: rng.standard_normal((d, d)) for k in ("Wq", "Wk", "Wv")}

    def forward(p):
        q, k, v = x @ p["Wq"], x @ p["Wk"], x @ p["Wv"]
        s = q @ k.T / np.sqrt(d)
        e = np.exp(s - s.max(axis=-1, keepdims=True))
        a = e / e.sum(axis=-1, keepdims=True)
        return q, k, v, a

    def loss(p):
        _, _, v, a = forward(p)
        return np.mean(np.sum(c * (a @ v), axis=1))

    def gradient(p):
        q, k, v, a = forward(p)
        out = c if fault == "factor n" else c / n
        dv, da = a.T @ out, out @ v.T
        ds = a * (da - np.sum(a * da, axis=-1, keepdims=True))
        if fault == "diagonal softmax":
            ds = a * (1 - a) * da
        if fault == "row sum missing":
            ds = a * da
        if fault != "scale missing":
            ds = ds / np.sqrt(d)
        if fault == "weights constant":
            ds = 0 * ds
        g = {"Wq": x.T @ (ds @ k), "Wk": x.T @ (ds.T @ q), "Wv": x.T @ dv}
        if fault == "query key swapped":
            g["Wq"], g["Wk"] = g["Wk"], g["Wq"]
        if fault == "value transposed":
            g["Wv"] = g["Wv"].T
        if fault == "sign":
            g["Wv"] = -g["Wv"]
        if fault == "value reversed":
            g["Wv"] = g["Wv"][::-1]
        if fault == "key one number":
            g["Wk"] = np.full((d, d), g["Wk"].sum())
        return g

    return loss, gradient, at, {}


# --- dual numbers of the student's own ------------------------------------------------------------


class Two:
    """A number of a value and a derivative, as students write it, with a fault planted."""

    fault = ""

    def __init__(self, real, dual):
        self.real, self.dual = real, dual

    def __add__(self, other):
        other = other if isinstance(other, Two) else Two(other, 0)
        return Two(self.real + other.real, self.dual + other.dual)

    def __mul__(self, other):
        other = other if isinstance(other, Two) else Two(other, 0)
        second = 0 if Two.fault == "product rule" else self.real * other.dual
        return Two(self.real * other.real, self.dual * other.real + second)

    def __truediv__(self, other):
        sign = 1 if Two.fault == "quotient sign" else -1
        top = self.dual * other.real + sign * self.real * other.dual
        return Two(self.real / other.real, top / other.real**2)

    def sin(self):
        slope = -np.cos(self.real) if Two.fault == "sine sign" else np.cos(self.real)
        return Two(np.sin(self.real), slope * self.dual)

    def exp(self):
        slope = 1 if Two.fault == "exp slope missing" else np.exp(self.real)
        return Two(np.exp(self.real), slope * self.dual)

    def tanh(self):
        t = np.tanh(self.real)
        slope = {
            "tanh without square": 1 - t,
            "tanh twice": (1 - t**2) ** 2,
            "tanh of argument": 1 - self.real**2,
        }.get(Two.fault, 1 - t**2)
        return Two(t, slope * self.dual)

    def relu(self):
        slope = {"relu mask missing": 1, "relu wrong side": self.real < 0}.get(
            Two.fault, self.real > 0
        )
        return Two(np.maximum(self.real, 0), slope * self.dual)

    def sum(self):
        return Two(np.sum(self.real), np.sum(self.dual))


@program(
    product_rule=("product rule", "a path left out"),
    quotient_sign=("a step's factor", "product rule", "constant factor"),
    sine_sign="a step's factor",
    exp_slope_missing="slope missing",
    tanh_without_square="slope's formula",
    tanh_twice="slope twice",
    tanh_of_argument="slope at the wrong place",
    relu_mask_missing="mask",
    relu_wrong_side="mask",
    ones_seed="one number",
)
def student_duals(fault):
    rng = np.random.default_rng(5)
    a = rng.uniform(0.5, 1.5, 6)
    at = rng.standard_normal(6)

    def f(x):
        u = x * (np.sin(x) + a)
        v = np.tanh(u) + np.maximum(x + 0.1, 0) * x
        return np.sum(v / (np.exp(x * 0.5) + x * x))

    def duals(x):
        u = x * (x.sin() + a)
        v = u.tanh() + (x + 0.1).relu() * x
        return (v / ((x * 0.5).exp() + x * x)).sum()

    def gradient(x):
        Two.fault = fault
        if fault == "ones seed":
            return np.full(6, duals(Two(x, np.ones(6))).dual)
        return np.array([duals(Two(x, e)).dual for e in np.eye(6)])

    return f, gradient, at, {}


# --- Jacobians, jvps and vjps of layers -----------------------------------------------------------


@program(
    diagonal="diagonal of the Jacobian",
    transposed=("transposed",),
    ignores_what_comes_in="cotangent ignored",
    no_sum=("a path left out", "product rule"),
    zeros="zeros",
    factor="constant factor",
)
def softmax_layer(fault):
    rng = np.random.default_rng(6)
    at = (rng.standard_normal((4, 5)),)

    def f(z):
        e = np.exp(z)
        return e / e.sum(axis=-1, keepdims=True)

    def backward(z, g):
        p = f(z)
        if fault == "diagonal":
            return p * (1 - p) * g
        if fault == "no sum":
            return p * g
        if fault == "ignores what comes in":
            g = np.arange(5.0)
        d = p * (g - np.sum(p * g, axis=-1, keepdims=True))
        if fault == "zeros":
            d = 0 * d
        if fault == "transposed":
            d = d.T
        return d * (3 if fault == "factor" else 1)

    return f, backward, at, {"kind": "vjp"}


# --- layers of PyTorch ----------------------------------------------------------------------------


@program(
    relu_mask_missing="mask",
    relu_mask_of_what_comes_in="mask",
    weight_transposed=("transposed", "the wrong factor"),
    bias_not_summed="not summed",
    ignores_what_comes_in="cotangent ignored",
    factor="constant factor",
    sign="sign",
    nothing_for_the_bias="zeros",
    bias_mean="mean for sum",
    weight_one_number="one number",
)
def torch_layer(fault):
    import torch

    from dualedu.doctor import adapters

    class Layer(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w, b):
            z = x @ w + b
            ctx.save_for_backward(x, w, z)
            return torch.relu(z)

        @staticmethod
        def backward(ctx, grad):
            x, w, z = ctx.saved_tensors
            if fault == "ignores what comes in":
                grad = torch.ones_like(grad)
            side = grad if fault == "relu mask of what comes in" else z
            d = grad if fault == "relu mask missing" else grad * (side > 0)
            dx, dw, db = d @ w.T, x.T @ d, d.sum(0)
            if fault == "weight transposed":
                dw = dw.T
            if fault == "bias not summed":
                db = d
            if fault == "factor":
                dw = 2 * dw
            if fault == "sign":
                dx = -dx
            if fault == "nothing for the bias":
                db = None
            if fault == "bias mean":
                db = d.mean(0)
            if fault == "weight one number":
                dw = torch.full_like(dw, float(dw.sum()))
            return dx, dw, db

    gen = torch.Generator().manual_seed(0)
    at = tuple(torch.randn(*s, generator=gen, dtype=torch.float64) for s in [(7, 4), (4, 4), (4,)])
    f, backward = adapters.torch(Layer.apply)
    return f, backward, at, {"kind": "vjp"}
