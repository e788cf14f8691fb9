"""Programs of a fourth round, whose faults were not named at first: masks of −∞, loops over records
of data, numbers in the code, margins, mixtures. They join the tables of `programs`."""

import numpy as np
from diagnosed.programs import program

PATH = ("a path left out", "product rule")


@program(
    diagonal="diagonal of the Jacobian",
    centre_missing=PATH,
    other_axis="wrong axis",
    keys_not_transposed="transposed",
    keys_for_queries="the wrong factor",
    queries_for_values="the wrong factor",
)
def torch_causal_attention(fault):
    import torch

    from dualedu.doctor import adapters

    class Attention(torch.autograd.Function):
        @staticmethod
        def forward(ctx, q, k, v):
            s = torch.einsum("btd,bsd->bts", q, k) / q.shape[-1] ** 0.5
            later = torch.triu(torch.ones(s.shape[-2:], dtype=torch.bool), diagonal=1)
            p = torch.softmax(s.masked_fill(later, float("-inf")), dim=-1)
            ctx.save_for_backward(q, k, v, p)
            return p @ v

        @staticmethod
        def backward(ctx, grad):
            q, k, v, p = ctx.saved_tensors
            dp = grad @ (q if fault == "queries for values" else v).transpose(-1, -2)
            axis = -2 if fault == "other axis" else -1
            ds = p * (dp - (dp * p).sum(dim=axis, keepdim=True))
            if fault == "diagonal":
                ds = dp * p * (1 - p)
            elif fault == "centre missing":
                ds = dp * p
            ds = ds / q.shape[-1] ** 0.5
            back = ds if fault == "keys not transposed" else ds.transpose(-1, -2)
            dk = back @ (k if fault == "keys for queries" else q)
            return ds @ k, dk, p.transpose(-1, -2) @ grad

    gen = torch.Generator().manual_seed(4)
    at = tuple(torch.randn(2, 4, 4, generator=gen, dtype=torch.float64) for _ in range(3))
    f, backward = adapters.torch(Attention.apply)
    return f, backward, at, {"kind": "vjp"}


RATINGS = [
    (0, 1, 4.0),
    (0, 2, 1.0),
    (1, 0, 5.0),
    (1, 3, 3.0),
    (2, 1, 2.0),
    (3, 0, 1.5),
    (0, 3, 2.5),
]
OFFSET = sum(stars for _, _, stars in RATINGS) / len(RATINGS)


def stars_of(users, items, u, i, temperature=0.7):
    return OFFSET + np.dot(users[u], items[i]) / temperature


@program(
    offset_missing="another function",
    first_record_skipped="samples left out",
    last_record_skipped="samples left out",
    temperature_missing="another function",
    another_weight=("another function", "a step's factor"),
)
def records_in_a_list(fault):
    def loss(users, items):
        total = 0.0
        for u, i, stars in RATINGS:
            away = stars_of(users, items, u, i) - stars
            total = total + np.sqrt(away**2 + 0.3) * away**2
        return total / len(RATINGS) + 0.03 * np.sum((users - items) ** 2)

    def gradient(users, items):
        dusers, ditems = np.zeros_like(users), np.zeros_like(items)
        records = RATINGS[1:] if fault == "first record skipped" else RATINGS
        records = records[:-1] if fault == "last record skipped" else records
        scale = 1.0 if fault == "temperature missing" else 0.7
        for u, i, stars in records:
            away = OFFSET + np.dot(users[u], items[i]) / scale - stars
            if fault == "offset missing":
                away -= OFFSET
            root = np.sqrt(away**2 + 0.3)
            d = (away**3 / root + 2 * root * away) / scale / len(RATINGS)
            dusers[u] += d * items[i]
            ditems[i] += d * users[u]
        weight = 0.05 if fault == "another weight" else 0.03
        apart = 2 * weight * (users - items)
        return dusers + apart, ditems - apart

    rng = np.random.default_rng(1)
    return loss, gradient, (rng.normal(size=(4, 3)), rng.normal(size=(4, 3))), {}


def smoothed(labels, k, eps=0.1):
    shares = np.full((len(labels), k), eps / k)
    shares[np.arange(len(labels)), labels] += 1 - eps
    return shares


@program(hard_labels="another function", softer_labels="another function")
def smoothed_labels(fault):
    rng = np.random.default_rng(6)
    x, labels = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)

    def loss(w, b):
        z = x @ w + b
        top = np.max(z, axis=1, keepdims=True)
        log_p = z - top - np.log(np.sum(np.exp(z - top), axis=1, keepdims=True))
        return -np.mean(np.sum(smoothed(labels, 3) * log_p, axis=1))

    def gradient(w, b):
        e = np.exp(x @ w + b)
        eps = {"hard labels": 0.0, "softer labels": 0.25}.get(fault, 0.1)
        d = (e / np.sum(e, axis=1, keepdims=True) - smoothed(labels, 3, eps)) / len(x)
        return x.T @ d, d.sum(axis=0)

    return loss, gradient, (rng.normal(size=(4, 3)), rng.normal(size=3)), {}
