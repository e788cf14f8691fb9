"""Programs as notebooks have them, whose faults were first unknown, or named as they are not. They
join the tables of `programs`."""

import numpy as np
from diagnosed.programs import program

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


@program(scale_missing="a step's factor")
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
        ds = a * (da - np.sum(da * a, axis=-1, keepdims=True))
        ds = ds if fault == "scale missing" else ds / np.sqrt(5)
        dq, dk, dv = ds @ k, ds.transpose(0, 2, 1) @ q, a.transpose(0, 2, 1) @ dz
        return (
            np.sum(x * (dq @ Wq.T + dk @ Wk.T + dv @ Wv.T), axis=(0, 1)),
            *(np.einsum("btc,btd->cd", x * g, d) for d in (dq, dk, dv)),
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
