"""Programs of a fourth round, whose faults were not named at first: masks of −∞, loops over records
of data, numbers in the code, margins, mixtures. They join the tables of `programs`."""

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
