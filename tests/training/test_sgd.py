"""Steps against torch's, and the schedule of their size."""

import numpy as np
import pytest

from dualedu import training
from dualedu.training import SGD


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_is_torchs(momentum):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    ours = [rng.standard_normal((3, 2)), rng.standard_normal(2)]
    theirs = [torch.tensor(p, requires_grad=True) for p in ours]
    sgd, reference = SGD(ours, momentum), torch.optim.SGD(theirs, lr=1.0, momentum=momentum)
    for rate in (0.1, 0.3, 0.01):
        gradients = [rng.standard_normal(p.shape) for p in ours]
        sgd.step(gradients, rate)
        reference.param_groups[0]["lr"] = rate
        for p, g in zip(theirs, gradients, strict=True):
            p.grad = torch.tensor(g)
        reference.step()
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p, q.detach().numpy(), rtol=1e-12)


def test_sgd_keeps_float32_and_refuses_a_momentum_of_one():
    parameters = [np.ones(3, np.float32)]
    SGD(parameters).step([np.ones(3, np.float32)], np.float64(0.5))
    assert parameters[0].dtype == np.float32
    with pytest.raises(ValueError, match=r"momentum is 1.0; it must lie in \[0, 1\)"):
        SGD(parameters, 1.0)


def test_the_schedule_rises_to_one_and_falls_to_zero():
    shares = np.linspace(0, 1, 2001)
    factors = np.array([training.warmup_cosine(s) for s in shares])
    assert factors[0] == pytest.approx(0.1)
    assert factors.max() == pytest.approx(1)
    assert shares[factors.argmax()] == pytest.approx(0.05)
    assert np.all(np.diff(factors[:101]) > 0)
    assert np.all(np.diff(factors[101:]) < 0)
    assert np.abs(np.diff(factors)).max() < 0.01
    assert factors[-1] == pytest.approx(0)
