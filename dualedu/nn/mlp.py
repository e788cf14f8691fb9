"""A multilayer perceptron: affine layers with an activation between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from dualedu.core.dual import base, shape
from dualedu.nn.functions import affine, cross_entropy, relu, sigmoid, tanh

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"relu": relu, "sigmoid": sigmoid, "tanh": tanh}
Activation = Literal["relu", "sigmoid", "tanh"]


class MLP:
    """A multilayer perceptron: affine layers z = a W + b with an activation between them.

    Parameters
    ----------
    sizes : widths from input to output, e.g. (784, 128, 10)
    activation : "relu", "sigmoid" or "tanh", after every layer but the last
    rng : a generator, or a seed, for the initial weights
    dtype : of the parameters; float32 by default

    Attributes
    ----------
    parameters : [W₁, b₁, W₂, b₂, …], with Wₗ of shape (sizes[l-1], sizes[l])

    Initial weights are normal with variance 2 / fan-in before a relu (He et al., 2015,
    arXiv:1502.01852), 2 / (fan-in + fan-out) before a sigmoid or tanh (Glorot and Bengio, 2010)
    and 1 / fan-in before the logits. Biases start at 0.
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 128, 10),
        activation: Activation = "relu",
        rng: np.random.Generator | int = 0,
        dtype: Any = np.float32,
    ) -> None:
        if len(sizes) < 2 or any(int(n) != n or n < 1 for n in sizes):
            raise ValueError(f"sizes is {tuple(sizes)}; it needs two or more positive integers")
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"activation is {activation!r}; it can be {', '.join(map(repr, ACTIVATIONS))}"
            )
        if np.dtype(dtype).kind != "f":
            raise TypeError(f"dtype is {np.dtype(dtype)}; parameters need a floating-point dtype")
        self.sizes = tuple(int(n) for n in sizes)
        self.activation = activation
        rng = np.random.default_rng(rng)
        self.parameters: list[Any] = []
        for layer, (fan_in, fan_out) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            if layer == len(self.sizes) - 2:
                variance = 1 / fan_in
            elif activation == "relu":
                variance = 2 / fan_in
            else:
                variance = 2 / (fan_in + fan_out)
            weights = rng.standard_normal((fan_in, fan_out)) * np.sqrt(variance)
            self.parameters += [weights.astype(dtype), np.zeros(fan_out, dtype)]

    def layers(self, parameters: Sequence[Any] | None = None) -> list[tuple[Any, Any]]:
        """The pairs (W, b), from `parameters` in place of the network's own if given."""
        own = self.parameters if parameters is None else parameters
        if len(own) != len(self.parameters):
            raise ValueError(
                f"{len(own)} parameters given; this network has {len(self.parameters)}"
            )
        return list(zip(own[::2], own[1::2], strict=True))

    def act(self, z: Any) -> Any:
        """The activation between the layers, elementwise."""
        return ACTIVATIONS[self.activation](z)

    def logits(self, x: Any, parameters: Sequence[Any] | None = None) -> Any:
        """The last layer's result, shape (B, classes), for inputs of shape (B, sizes[0])."""
        if shape(x)[-1:] != self.sizes[:1]:
            raise ValueError(
                f"inputs of shape {shape(x)} do not fit a network with {self.sizes[0]} inputs; "
                f"expected (batch, {self.sizes[0]})"
            )
        *hidden, (weights, bias) = self.layers(parameters)
        for w, b in hidden:
            x = self.act(affine(x, w, b))
        return affine(x, weights, bias)

    def loss(self, x: Any, labels: Any, parameters: Sequence[Any] | None = None) -> Any:
        """The mean cross-entropy of a batch, a scalar."""
        return cross_entropy(self.logits(x, parameters), labels)

    def predict(self, x: Any) -> Any:
        """The most probable class of each input, shape (B,)."""
        return np.argmax(base(self.logits(x)), axis=-1)

    def accuracy(self, x: Any, labels: Any) -> float:
        """The share of inputs whose most probable class is their label, in [0, 1]."""
        return float(np.mean(self.predict(x) == np.asarray(labels)))

    def __repr__(self) -> str:
        count = sum(int(p.size) for p in self.parameters)
        return f"MLP({self.sizes}, {self.activation!r}): {count:,} parameters"
