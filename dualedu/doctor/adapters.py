"""Thin adapters for other libraries, which are imported only when an adapter is used.

Each makes the pair (f, backward) or (f, pushforward) that `examine` takes, out of a function whose
derivative the library computes with rules written by hand:

    examine(*adapters.torch(MyFunction.apply), at=(x, w), kind="vjp")
    examine(*adapters.jax_vjp(my_custom_vjp), at=(x, w), kind="vjp")
    examine(*adapters.jax_jvp(my_custom_jvp), at=(x,), kind="jvp")
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from dualedu.doctor.structure import is_floats, tensor_of

Pair = tuple[Callable[..., Any], Callable[..., Any]]


def torch(function: Callable[..., Any]) -> Pair:
    """
    Make a pair of a PyTorch function and its backward.

    The arguments, NumPy arrays or tensors, come as tensors in the function. Shapes that a backward
    of one's own gives are looked at as they are: autograd would refuse or hide them.

    Parameters
    ----------
    function : callable
        Function of tensors, module or `autograd.Function.apply`.

    Returns
    -------
    tuple of callable
        What `examine` takes as f and claimed.
    """
    library: Any = import_module("torch")

    def tensor(x: Any, needs: bool) -> Any:
        if isinstance(x, library.Tensor):
            return x.detach().clone().requires_grad_(needs and x.is_floating_point())
        if isinstance(x, np.ndarray | np.floating | float) and needs:
            made = library.as_tensor(np.array(x))
            return made.requires_grad_(made.is_floating_point())
        return tensor_of(library, x, None) if isinstance(x, np.ndarray) else x

    def f(*arguments: Any) -> Any:
        with library.no_grad():
            return function(*(tensor(x, False) for x in arguments))

    def backward(*arguments_and_cotangent: Any) -> Any:
        *arguments, cotangent = arguments_and_cotangent
        tensors = [tensor(x, True) for x in arguments]
        out = function(*tensors)
        u = (
            library.as_tensor(np.array(cotangent))
            if not isinstance(cotangent, library.Tensor)
            else cotangent
        )
        u = u.to(out.dtype).reshape(out.shape)
        wanted = [t for t, x in zip(tensors, arguments, strict=True) if is_floats(x)]
        node = out.grad_fn
        if hasattr(node, "saved_tensors") and type(node).__name__.endswith("Backward"):
            found = raw_backward(node, u, len(arguments))
            if found is not None:
                return [g for g, x in zip(found, arguments, strict=True) if is_floats(x)]
        return list(library.autograd.grad(out, wanted, u, allow_unused=True))

    return f, backward


def raw_backward(node: Any, cotangent: Any, count: int) -> list[Any] | None:
    """What the backward of an `autograd.Function` returns, before autograd looks at it."""
    written = getattr(type(node), "_forward_cls", None)
    if written is None:
        return None
    found = written.backward(node, cotangent)
    found = list(found) if isinstance(found, tuple) else [found]
    if any(g is not None for g in found[count:]):
        return found
    # What is left to a default needs no gradient, and PyTorch takes None for it.
    return found[:count] + [None] * (count - len(found))


def jax_vjp(function: Callable[..., Any]) -> Pair:
    """
    Make a pair of a JAX function and its backward.

    Parameters
    ----------
    function : callable
        Function of JAX arrays, such as one with a `custom_vjp`.

    Returns
    -------
    tuple of callable
        What `examine` takes as f and claimed.
    """
    library: Any = import_module("jax")

    def backward(*arguments_and_cotangent: Any) -> Any:
        *arguments, cotangent = arguments_and_cotangent
        out, pull = library.vjp(function, *arguments)
        return pull(library.numpy.asarray(cotangent, out.dtype))

    return (lambda *arguments: function(*arguments)), backward


def jax_jvp(function: Callable[..., Any]) -> Pair:
    """
    Make a pair of a JAX function and its pushforward.

    Parameters
    ----------
    function : callable
        Function of JAX arrays, such as one with a `custom_jvp`.

    Returns
    -------
    tuple of callable
        What `examine` takes as f and claimed.
    """
    library: Any = import_module("jax")

    def pushforward(*arguments_and_tangents: Any) -> Any:
        half = len(arguments_and_tangents) // 2
        return library.jvp(function, arguments_and_tangents[:half], arguments_and_tangents[half:])[
            1
        ]

    return (lambda *arguments: function(*arguments)), pushforward
