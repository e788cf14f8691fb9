"""The perceptron: its loss against torch, its initial weights, what it refuses."""

import numpy as np
import pytest

from dualedu import jvp, nn

torch = pytest.importorskip("torch")
F = torch.nn.functional


def torch_logits(model, parameters, x):
    act = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}[model.activation]
    for i in range(0, len(parameters), 2):
        x = x @ parameters[i] + parameters[i + 1]
        x = act(x) if i + 2 < len(parameters) else x
    return x


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("sizes", [(5, 3), (5, 4, 3), (5, 6, 4, 3)])
def test_loss_and_its_tangent_agree_with_torch(activation, sizes):
    rng = np.random.default_rng(7)
    model = nn.MLP(sizes, activation, rng=1, dtype=np.float64)
    x, labels = rng.standard_normal((8, 5)), rng.integers(0, 3, 8)
    directions = [rng.standard_normal(p.shape) for p in model.parameters]
    value, tangent = jvp(
        lambda *p: model.loss(x, labels, p), tuple(model.parameters), tuple(directions)
    )
    expected = torch.func.jvp(
        lambda *p: F.cross_entropy(torch_logits(model, p, torch.tensor(x)), torch.tensor(labels)),
        tuple(map(torch.tensor, model.parameters)),
        tuple(map(torch.tensor, directions)),
    )
    assert value == model.loss(x, labels)
    np.testing.assert_allclose([value, tangent], [e.item() for e in expected], rtol=1e-11)


def test_perceptron_basics():
    model = nn.MLP((4, 8, 3), rng=np.random.default_rng(5))
    again = nn.MLP((4, 8, 3), rng=5)
    assert [p.dtype for p in model.parameters] == [np.float32] * 4
    assert all(
        np.array_equal(p, q) for p, q in zip(model.parameters, again.parameters, strict=True)
    )
    x = np.eye(4, dtype=np.float32)
    assert model.logits(x).dtype == np.float32
    np.testing.assert_array_equal(model.predict(x), model.logits(x).argmax(-1))
    assert model.accuracy(x, model.predict(x)) == 1.0
    assert repr(model) == "MLP((4, 8, 3), 'relu'): 67 parameters"


@pytest.mark.parametrize(
    ("activation", "variance"), [("relu", 2 / 400), ("tanh", 2 / 700), ("sigmoid", 2 / 700)]
)
def test_initial_weights_have_the_published_variance(activation, variance):
    model = nn.MLP((400, 300, 10), activation, rng=0)
    np.testing.assert_allclose(model.parameters[0].var(), variance, rtol=0.02)
    np.testing.assert_allclose(model.parameters[2].var(), 1 / 300, rtol=0.06)
    assert not model.parameters[1].any()
