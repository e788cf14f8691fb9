"""Programs as notebooks have them, whose faults were first unknown, or named as they are not. They
join the tables of `programs`."""

import math
from itertools import pairwise
from math import exp

import numpy as np
from diagnosed.programs import program, sigmoid

PATH = ("a path left out", "product rule")


@program(
    sigmoid_alone=PATH,
    mean_term_missing=PATH,
    deviation_left_out="factor left out",
)
def torch_norm_and_gate(fault):
    """An `autograd.Function` that divides a number by a tensor."""
    import torch

    from dualedu.doctor import adapters

    class Layer(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w, b):
            centred = x - x.mean(-1, keepdim=True)
            inverse = 1 / torch.sqrt((centred * centred).mean(-1, keepdim=True) + 1e-5)
            h = centred * inverse
            z = h * w + b
            ctx.save_for_backward(h, inverse, w, z)
            return z * torch.sigmoid(z)

        @staticmethod
        def backward(ctx, grad):
            h, inverse, w, z = ctx.saved_tensors
            s = torch.sigmoid(z)
            d = grad * (s if fault == "sigmoid alone" else s + z * s * (1 - s))
            dh = d * w
            mean = 0 if fault == "mean term missing" else dh.mean(-1, keepdim=True)
            dx = dh - mean - h * (dh * h).mean(-1, keepdim=True)
            dx = dx if fault == "deviation left out" else inverse * dx
            return dx, (d * h).sum(0), d.sum(0)

    gen = torch.Generator().manual_seed(0)
    at = tuple(torch.randn(*s, generator=gen, dtype=torch.float64) for s in [(3, 5), (5,), (5,)])
    f, backward = adapters.torch(Layer.apply)
    return f, backward, at, {"kind": "vjp"}


def softmax(s):
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@program(
    scale_missing="a step's factor",
    sum_over_queries="wrong axis",
    sum_without_shares="slope's formula",
    data_for_what_goes_in="the wrong factor",
)
def masked_attention(fault):
    """Attention to what came before, whose scores are masked after they are divided."""
    rng = np.random.default_rng(1)
    x, letters = rng.standard_normal((2, 4, 5)), rng.integers(0, 6, (2, 4))
    later = np.tril(np.ones((4, 4))) == 0

    def run(g, Wq, Wk, Wv, Wo):
        q, k, v = (x * g) @ Wq, (x * g) @ Wk, (x * g) @ Wv
        a = softmax(np.where(later, -1e9, q @ k.transpose(0, 2, 1) / np.sqrt(5)))
        z = x + a @ v
        return q, k, v, a, z, softmax(z @ Wo)

    def loss(g, Wq, Wk, Wv, Wo):
        shares = run(g, Wq, Wk, Wv, Wo)[-1].reshape(8, 6)
        return -np.mean(np.log(shares[np.arange(8), letters.ravel()]))

    def gradient(g, Wq, Wk, Wv, Wo):
        q, k, v, a, z, shares = run(g, Wq, Wk, Wv, Wo)
        d = (shares - np.eye(6)[letters]) / 8
        dz = d @ Wo.T
        da = dz @ v.transpose(0, 2, 1)
        shares_of = 1 if fault == "sum without shares" else a
        axis = -2 if fault == "sum over queries" else -1
        ds = a * (da - np.sum(da * shares_of, axis=axis, keepdims=True))
        ds = ds if fault == "scale missing" else ds / np.sqrt(5)
        dq, dk, dv = ds @ k, ds.transpose(0, 2, 1) @ q, a.transpose(0, 2, 1) @ dz
        return (
            np.sum(x * (dq @ Wq.T + dk @ Wk.T + dv @ Wv.T), axis=(0, 1)),
            *(np.einsum("btc,btd->cd", x * g, d) for d in (dq, dk)),
            np.einsum("btc,btd->cd", x if fault == "data for what goes in" else x * g, dv),
            np.einsum("btc,btv->cv", z, d),
        )

    shapes = (5, (5, 5), (5, 5), (5, 5), (5, 6))
    return loss, gradient, tuple(0.7 * rng.standard_normal(s) for s in shapes), {}


@program(sign=("sign", "a step's factor"), seen_forgotten="mask")
def seen_ratings(fault):
    """A matrix factorised where it is known: what is not known is multiplied by 0."""
    rng = np.random.default_rng(8)
    table, seen = rng.integers(1, 6, (6, 5)).astype(float), (rng.random((6, 5)) < 0.6) * 1.0

    def loss(P, Q):
        gap = seen * (table - 3.1 - P @ Q.T)
        return np.sum(gap**2) / seen.sum() + 0.2 * (np.sum(P**2) + np.sum(Q**2))

    def gradient(P, Q):
        gap = table - 3.1 - P @ Q.T
        gap = gap if fault == "seen forgotten" else seen * gap
        d = (2 if fault == "sign" else -2) * gap / seen.sum()
        return d @ Q + 0.4 * P, d.T @ P + 0.4 * Q

    return loss, gradient, (rng.standard_normal((6, 3)), rng.standard_normal((5, 3))), {}


@program(mask_of_the_gradient="mask", mask_before_scaling="mask")
def scaled_rectifier(fault):
    """relu after a shift and a scale, as after a normalisation."""
    rng = np.random.default_rng(3)
    X, target = rng.standard_normal((9, 6)), rng.standard_normal((9, 3))

    def run(W, gamma, beta, V):
        a = X @ W
        z = gamma * a + beta
        return a, z, np.maximum(0, z)

    def loss(W, gamma, beta, V):
        return np.sum((run(W, gamma, beta, V)[-1] @ V - target) ** 2) / 9

    def gradient(W, gamma, beta, V):
        a, z, h = run(W, gamma, beta, V)
        d = 2 * (h @ V - target) / 9
        dh = d @ V.T
        side = {"mask of the gradient": dh, "mask before scaling": a}.get(fault, z)
        dz = dh * (side > 0)
        return X.T @ (dz * gamma), np.sum(dz * a, 0), dz.sum(0), h.T @ d

    shapes = ((6, 7), 7, 7, (7, 3))
    return loss, gradient, tuple(rng.standard_normal(s) for s in shapes), {}


@program(
    gates_in_another_order="permuted",
    factors_exchanged="the wrong factor",
    slopes_missing_on_the_way_back="slope missing",
    nothing_from_the_turn_after=PATH,
    state_after_the_turn="the wrong factor",
)
def cell_by_letters(fault):
    """An LSTM whose gates are slices of one product, a letter a turn."""
    rng = np.random.default_rng(3)
    letters, n = [1, 0, 2, 2, 3], 3

    def run(W, U, b, V):
        h, c, total, turns = np.zeros(n), np.zeros(n), 0.0, []
        for now, then in pairwise(letters):
            a = W[:, now] + U @ h + b
            i, f, o = (sigmoid(a[k * n : k * n + n]) for k in range(3))
            g = np.tanh(a[3 * n :])
            new = f * c + i * g
            turns.append((now, then, h, c, i, f, o, g, new))
            c = new
            h = o * np.tanh(c)
            y = V @ h
            total = total + np.log(np.sum(np.exp(y))) - y[then]
        return total, turns

    def loss(W, U, b, V):
        return run(W, U, b, V)[0]

    def gradient(W, U, b, V):
        dW, dU, db, dV = (np.zeros_like(x) for x in (W, U, b, V))
        later, dc = np.zeros(n), np.zeros(n)
        for now, then, h, c, i, f, o, g, new in reversed(run(W, U, b, V)[1]):
            out = o * np.tanh(new)
            e = np.exp(V @ out)
            d = e / e.sum() - np.eye(4)[then]
            dV += np.outer(d, out)
            if fault == "nothing from the turn after":
                later, dc = 0 * later, 0 * dc
            dh = V.T @ d + later
            dc = dc + dh * o * (1 - np.tanh(new) ** 2)
            di, dg = (dc * i, dc * g) if fault == "factors exchanged" else (dc * g, dc * i)
            df, do = dc * c, dh * np.tanh(new)
            parts = [di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g * g)]
            if fault == "gates in another order":
                parts = [parts[k] for k in (1, 0, 2, 3)]
            da = np.concatenate(parts)
            dW[:, now] += da
            dU += np.outer(da, out if fault == "state after the turn" else h)
            db += da
            bare = fault == "slopes missing on the way back"
            later = U.T @ (np.concatenate([di, df, do, dg]) if bare else da)
            dc = dc * f
        return dW, dU, db, dV

    shapes = ((4 * n, 4), (4 * n, n), 4 * n, (4, n))
    return loss, gradient, tuple(rng.standard_normal(s) for s in shapes), {}


@program(sums_the_other_way="another function", everybody_at_risk="another function")
def survival(fault):
    """Cox's partial likelihood, its rows in order of time."""
    rng = np.random.default_rng(10)
    X, died = rng.standard_normal((12, 4)), (rng.random(12) < 0.7).astype(int)

    def so_far(w):
        if fault == "sums the other way":
            return np.cumsum(w[::-1], axis=0)[::-1]
        return np.cumsum(w, axis=0) + (w.sum(0) - np.cumsum(w, 0)) * (fault != "")

    def loss(beta):
        eta = X @ beta
        return -np.sum(died * (eta - np.log(np.cumsum(np.exp(eta))))) / died.sum()

    def gradient(beta):
        w = np.exp(X @ beta)
        mean = so_far(w[:, None] * X) / so_far(w)[:, None]
        return -np.sum(died[:, None] * (X - mean), axis=0) / died.sum()

    return loss, gradient, 0.5 * rng.standard_normal(4), {}


@program(
    one_term_of_sums=PATH,
    minus_lost="a step's factor",
    quotients_divided_once="factor left out",
)
def rules_of_ones_own(fault):
    """A class of dual numbers with a rule that is wrong wherever it is used."""

    class Dual:
        def __init__(self, v, d=0.0):
            self.v, self.d = v, d

        def __add__(self, o):
            o = o if isinstance(o, Dual) else Dual(o)
            return Dual(self.v + o.v, self.d + (0 if fault == "one term of sums" else o.d))

        __radd__ = __add__

        def __neg__(self):
            return Dual(-self.v, self.d if fault == "minus lost" else -self.d)

        def __sub__(self, o):
            return self + (-o)

        def __mul__(self, o):
            return Dual(self.v * o.v, self.v * o.d + self.d * o.v)

        def __truediv__(self, o):
            power = 1 if fault == "quotients divided once" else 2
            return Dual(self.v / o.v, (self.d * o.v - self.v * o.d) / o.v**power)

        def __rtruediv__(self, o):
            return Dual(o) / self

    def exp(x):
        return Dual(np.exp(x.v), np.exp(x.v) * x.d) if isinstance(x, Dual) else np.exp(x)

    def f(a, b, c):
        s = 1 / (1 + exp(-(b * c)))
        q = a / (a * a + c)
        return q * s - exp(c) * (a - b)

    def gradient(*at):
        return tuple(
            f(*(Dual(x, float(j == k)) for j, x in enumerate(at))).d for k in range(len(at))
        )

    return f, gradient, (0.8, -0.5, 1.3), {}


@program(
    shares_held_in_the_likelihood=PATH,
    entropy_without_its_mean=PATH,
    heads_in_another_order="permuted",
)
def mixture_by_network(fault):
    """A network that gives the shares, means and widths of a mixture, with an entropy."""
    rng = np.random.default_rng(12)
    X, t = rng.standard_normal((7, 2)), rng.standard_normal((7, 1))

    def lse(a):
        return np.log(np.sum(np.exp(a), axis=1, keepdims=True))

    def run(W, V):
        h = np.tanh(X @ W)
        out = h @ V
        logit, mu, width = out[:, :3], out[:, 3:6], out[:, 6:]
        logp = logit - lse(logit)
        z = (t - mu) / np.exp(width)
        return h, logp, logp - width - 0.5 * z**2, z, width

    def loss(W, V):
        _, logp, each, _, _ = run(W, V)
        return np.mean(-lse(each)) + 0.1 * np.sum(np.exp(logp) * logp) / 7

    def gradient(W, V):
        h, logp, each, z, width = run(W, V)
        r, p = np.exp(each - lse(each)), np.exp(logp)
        mean = np.sum(p * logp, axis=1, keepdims=True)
        parts = [
            (0 if fault == "shares held in the likelihood" else p) - r
            + 0.1 * p * (logp - (0 if fault == "entropy without its mean" else mean)),
            -r * z / np.exp(width),
            r * (1 - z**2),
        ]  # fmt: skip
        if fault == "heads in another order":
            parts[1:] = parts[:0:-1]
        d = np.concatenate(parts, axis=1) / 7
        return X.T @ (d @ V.T * (1 - h**2)), h.T @ d

    return loss, gradient, (rng.standard_normal((2, 5)), 0.6 * rng.standard_normal((5, 9))), {}


@program(
    laid_out_otherwise="permuted",
    laid_out_before_otherwise="permuted",
    softmax_after_all="slope twice",
)
def pictures_in_a_row(fault):
    """Pictures multiplied by a mask of their own, laid out in rows for a layer."""
    rng = np.random.default_rng(4)
    pictures, answers = rng.standard_normal((5, 2, 3, 3)), rng.integers(0, 3, 5)

    def loss(w, V):
        shares = softmax(np.tanh(pictures * w.reshape(2, 3, 3)).reshape(5, 18) @ V)
        return -np.mean(np.log(shares[np.arange(5), answers]))

    def gradient(w, V):
        h = np.tanh(pictures * w.reshape(2, 3, 3))
        p = softmax(h.reshape(5, 18) @ V)
        d = (p - np.eye(3)[answers]) / 5
        if fault == "softmax after all":
            d = p * (d - np.sum(p * d, axis=1, keepdims=True))
        back = d @ V.T
        if fault == "laid out otherwise":
            back = back.reshape(5, 3, 3, 2).transpose(0, 3, 1, 2)
        dw = np.sum(back.reshape(h.shape) * (1 - h**2) * pictures, 0)
        if fault == "laid out before otherwise":
            dw = dw.transpose(1, 2, 0)
        return 0.1 * w + dw.ravel(), h.reshape(5, 18).T @ d

    def penalised(w, V):
        return loss(w, V) + 0.05 * np.sum(w**2)

    return penalised, gradient, (rng.standard_normal(18), rng.standard_normal((18, 3))), {}


@program(
    summed_over_the_other_axis="wrong axis",
    normalised_along_the_other_axis="wrong axis",
    own_transitions_transposed="transposed",
)
def chain_of_tags(fault):
    """A linear chain's likelihood: sums over all ways, by logarithms."""
    rng = np.random.default_rng(35)
    x, tags = rng.standard_normal((6, 3)), [1, 0, 2, 2, 1, 1]

    def lse(a, axis=0):
        m = a.max(axis=axis, keepdims=True)
        return np.squeeze(m, axis) + np.log(np.exp(a - m).sum(axis=axis))

    def forward(W, A):
        em = x @ W
        ways = [em[0]]
        for t in range(1, 6):
            ways.append(em[t] + lse(ways[-1][:, None] + A))
        return em, ways

    def loss(W, A):
        em, ways = forward(W, A)
        own = em[0, tags[0]]
        for t in range(1, 6):
            own = own + em[t, tags[t]] + A[tags[t - 1], tags[t]]
        return lse(ways[-1]) - own

    def gradient(W, A):
        _, ways = forward(W, A)
        dem, dA = np.zeros((6, 3)), np.zeros((3, 3))
        d = np.exp(ways[-1] - lse(ways[-1]))
        for t in range(5, 0, -1):
            dem[t] += d
            s = ways[t - 1][:, None] + A
            turned = fault == "normalised along the other axis"
            each = np.exp(s - (lse(s, 1)[:, None] if turned else lse(s))) * d
            dA += each
            d = each.sum(axis=0 if fault == "summed over the other axis" else 1)
        dem[0] += d
        for t in range(6):
            dem[t, tags[t]] -= 1
            if t:
                place = tags[t - 1], tags[t]
                dA[place[::-1] if fault == "own transitions transposed" else place] -= 1
        return x.T @ dem, dA

    return loss, gradient, (rng.standard_normal((3, 3)), rng.standard_normal((3, 3))), {}


@program(
    vector_left_out="factor left out",
    shares_left_out="factor left out",
    other_side_of_the_bend="mask",
)
def attention_by_addition(fault):
    """Keys of different number, scored by a small network; a loss that bends."""
    rng = np.random.default_rng(36)
    keys, query = rng.standard_normal((3, 4, 4)), rng.standard_normal((3, 1, 5))
    target, there = rng.standard_normal((3, 4)), np.arange(4) < np.array([[4], [2], [3]])

    def run(W, v):
        h = np.tanh(keys @ W + query)
        w = softmax(np.where(there, h @ v, -1e6))
        return h, w, np.einsum("bt,btd->bd", w, keys) - target

    def loss(W, v):
        gap = run(W, v)[-1]
        far = np.abs(gap)
        return np.mean(np.where(far < 0.5, 0.5 * gap**2, 0.5 * (far - 0.25)))

    def gradient(W, v):
        h, w, gap = run(W, v)
        near = (np.abs(gap) < 0.5) != (fault == "other side of the bend")
        d = np.where(near, gap, 0.5 * np.sign(gap)) / gap.size
        dw = np.einsum("bd,btd->bt", d, keys)
        de = dw - np.sum(dw * w, axis=1, keepdims=True)
        de = de if fault == "shares left out" else w * de
        dh = de[:, :, None] * (1 if fault == "vector left out" else v)
        return np.einsum("btd,bta->da", keys, dh * (1 - h**2)), np.einsum("bt,bta->a", de, h)

    return loss, gradient, (rng.standard_normal((4, 5)), rng.standard_normal(5)), {}


@program(inverse_of_the_scale="the wrong factor", twice_the_square="a step's factor")
def coupling(fault):
    """A normalising flow of one layer, in two dimensions."""
    rng = np.random.default_rng(34)
    a, b = rng.standard_normal((8, 2)), rng.standard_normal((8, 2))

    def loss(S, T):
        s = np.tanh(a @ S)
        z = (b - a @ T) * np.exp(-s)
        return np.mean(0.5 * np.sum(z**2, axis=1) + np.sum(s, axis=1))

    def gradient(S, T):
        s = np.tanh(a @ S)
        z = (b - a @ T) * np.exp(-s)
        ds = 1 - (2 if fault == "twice the square" else 1) * z**2
        dt = -z * np.exp(s if fault == "inverse of the scale" else -s)
        return a.T @ (ds * (1 - s**2)) / 8, a.T @ dt / 8

    return loss, gradient, (rng.standard_normal((2, 2)), rng.standard_normal((2, 2))), {}


@program(
    exponential_left_out="slope missing",
    last_sample_alone="samples left out",
)
def floats_and_lists(fault):
    """Radial functions by `math`, in lists of floats, a sum that begins with a parameter."""
    data = [(-1.0, 0.2), (-0.4, 0.9), (0.1, 1.1), (0.7, 0.4), (1.2, -0.3)]

    def at(w, c, s, x):
        total = w[-1]
        for j in range(2):
            total += w[j] * math.exp(-((x - c[j]) ** 2) / (2 * s[j] ** 2))
        return total

    def loss(w, c, s):
        out = 0.0
        for x, y in data:
            out += (at(w, c, s, x) - y) ** 2
        return out / 5

    def gradient(w, c, s):
        gw, gc, gs = [0.0] * 3, [0.0] * 2, [0.0] * 2
        for x, y in data:
            e = 2 * (at(w, c, s, x) - y) / 5
            gw[2] += e
            for j in range(2):
                d = x - c[j]
                phi = exp(-(d**2) / (2 * s[j] ** 2))
                gw[j] = e * phi + (0 if fault == "last sample alone" else gw[j])
                slope = 1 if fault == "exponential left out" else phi
                gc[j] += e * w[j] * slope * d / s[j] ** 2
                gs[j] += e * w[j] * slope * d**2 / s[j] ** 3
        return gw, gc, gs

    return loss, gradient, ([0.5, -0.8, 0.2], [-0.9, 0.15], [0.6, 0.9]), {}


@program(slope_missing="slope missing", left_path_missing=PATH)
def tree_of_gates(fault):
    """A function of three floats, its exponential imported by name."""

    def gate(z):
        return 1 / (1 + exp(-z))

    def f(a, b, c):
        left = gate(a * b - c)
        return left * b + gate(left - 2 * a) ** 2

    def gradient(a, b, c):
        left = gate(a * b - c)
        right = gate(left - 2 * a)
        inner = 2 * right * (1 if fault == "slope missing" else right * (1 - right))
        dz = (b + (0 if fault == "left path missing" else inner)) * left * (1 - left)
        return dz * b - 2 * inner, dz * a + left, -dz

    return f, gradient, (0.4, 1.2, -0.3), {}
