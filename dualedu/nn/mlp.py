"""A multilayer perceptron: affine layers with an activation between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from dualedu.internals.shapes import base, shape
from dualedu.nn.functions import affine, cross_entropy, relu, sigmoid, tanh

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"relu": relu, "sigmoid": sigmoid, "tanh": tanh}
Activation = Literal["relu", "sigmoid", "tanh"]


class MLP:
    """A multilayer perceptron: affine layers z = a W + b with an activation between them.

    Parameters
    ----------
    sizes : sequence of int, optional
        Widths from input to output; the default is a network for MNIST with one hidden layer.
    activation : {"relu", "sigmoid", "tanh"}, optional
        The function after every layer but the last.
    rng : numpy.random.Generator or int, optional
        The generator of the initial weights, or its seed.
    dtype : dtype, optional
        The floating-point dtype of the parameters.

    Attributes
    ----------
    parameters : list of ndarray
        [W₁, b₁, W₂, b₂, …], with Wₗ of shape (sizes[l-1], sizes[l]) and bₗ of shape (sizes[l],).
    sizes : tuple of int
        The widths.
    activation : str
        The name of the activation.

    Raises
    ------
    TypeError
        The dtype is not a floating-point one.
    ValueError
        There are fewer than two sizes, one is not a positive integer, or the activation is unknown.

    Notes
    -----
    Initial weights are normal with variance 2 / fan-in before a relu (He et al., 2015,
    arXiv:1502.01852), 2 / (fan-in + fan-out) before a sigmoid or tanh (Glorot and Bengio, 2010)
    and 1 / fan-in before the logits. Biases start at 0.

    Examples
    --------
    >>> MLP((784, 128, 10), "sigmoid")
    MLP((784, 128, 10), 'sigmoid'): 101,770 parameters
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
        """The layers as pairs (W, b).

        Parameters
        ----------
        parameters : sequence of ndarray or Dual, optional
            What to take in place of the network's own parameters, in the same order.

        Returns
        -------
        layers : list of tuple
            A pair for each layer, from the input on.

        Raises
        ------
        ValueError
            The number of parameters is not the network's.
        """
        own = self.parameters if parameters is None else parameters
        if len(own) != len(self.parameters):
            raise ValueError(
                f"{len(own)} parameters given; this network has {len(self.parameters)}"
            )
        return list(zip(own[::2], own[1::2], strict=True))

    def act(self, z: Any) -> Any:
        """The activation between the layers, elementwise.

        Parameters
        ----------
        z : ndarray or Dual
            Of any shape.

        Returns
        -------
        a : ndarray or Dual
            Of the same shape.
        """
        return ACTIVATIONS[self.activation](z)

    def logits(self, x: Any, parameters: Sequence[Any] | None = None) -> Any:
        """The last layer's result for a batch.

        Parameters
        ----------
        x : ndarray or Dual
            Inputs, of shape (B, sizes[0]).
        parameters : sequence of ndarray or Dual, optional
            What to take in place of the network's own parameters.

        Returns
        -------
        z : ndarray or Dual
            Of shape (B, classes).

        Raises
        ------
        ValueError
            The inputs or the parameters do not fit the network.
        """
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
        """The mean cross-entropy of a batch.

        Parameters
        ----------
        x : ndarray or Dual
            Inputs, of shape (B, sizes[0]).
        labels : ndarray of int
            Class numbers, of shape (B,).
        parameters : sequence of ndarray or Dual, optional
            What to take in place of the network's own parameters: the loss as a function of them
            can be differentiated.

        Returns
        -------
        loss : float or Dual
            A scalar.

        Raises
        ------
        TypeError
            The labels are not integers.
        ValueError
            The inputs, labels or parameters do not fit the network or each other.
        """
        return cross_entropy(self.logits(x, parameters), labels)

    def predict(self, x: Any) -> Any:
        """The most probable class of each input.

        Parameters
        ----------
        x : ndarray or Dual
            Inputs, of shape (B, sizes[0]).

        Returns
        -------
        classes : ndarray of int
            Of shape (B,).

        Raises
        ------
        ValueError
            The inputs do not fit the network.
        """
        return np.argmax(base(self.logits(x)), axis=-1)

    def accuracy(self, x: Any, labels: Any) -> float:
        """The share of inputs whose most probable class is their label.

        Parameters
        ----------
        x : ndarray or Dual
            Inputs, of shape (B, sizes[0]).
        labels : ndarray of int
            Class numbers, of shape (B,).

        Returns
        -------
        share : float
            In [0, 1].

        Raises
        ------
        ValueError
            The inputs do not fit the network.
        """
        return float(np.mean(self.predict(x) == np.asarray(labels)))

    def __repr__(self) -> str:
        count = sum(int(p.size) for p in self.parameters)
        return f"MLP({self.sizes}, {self.activation!r}): {count:,} parameters"
