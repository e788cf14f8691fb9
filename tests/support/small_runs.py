"""Short runs: their settings, and what of them is compared."""

import numpy as np
import pytest

QUICK = {"epochs": 2, "batch_size": 64, "progress": False}


def without_time(history):
    return [{k: v for k, v in record.items() if k != "seconds"} for record in history.epochs]


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


def torch_gradient(model, images, labels):
    """The same loss and gradients by torch's backpropagation."""
    torch = pytest.importorskip("torch")
    act = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}[model.activation]
    parameters = [torch.tensor(p, requires_grad=True) for p in model.parameters]
    a = torch.tensor(images)
    for i in range(0, len(parameters) - 2, 2):
        a = act(a @ parameters[i] + parameters[i + 1])
    logits = a @ parameters[-2] + parameters[-1]
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels))
    return loss.item(), [g.numpy() for g in torch.autograd.grad(loss, parameters)]
