"""Levels: a number outlives no differentiation, by hand and in threads."""

import threading

import numpy as np
import pytest

from dualedu import Dual, derivative, jvp

D = derivative


def test_a_number_that_outlives_its_differentiation_is_refused():
    kept = []

    def leaky(x):
        kept.append(x)
        return x * x

    jvp(leaky, (2.0,), (1.0,))
    with pytest.raises(RuntimeError, match="outlived its differentiation"):
        kept[0] * 2
    with pytest.raises(RuntimeError, match="outlived its differentiation"):
        np.sin(kept[0])
    with pytest.raises(RuntimeError, match="outlived its differentiation"):
        D(lambda y: y * kept[0])(1.0)
    with pytest.raises(RuntimeError, match="has ended"):
        D(lambda y: kept[0])(1.0)
    assert kept[0].primal == 2.0
    assert repr(kept[0]) == "2.0 + 1.0ε"


def test_an_exception_closes_its_level():
    kept = []

    def failing(x):
        kept.append(x)
        raise KeyError("stop")

    with pytest.raises(KeyError):
        jvp(failing, (1.0,), (1.0,))
    with pytest.raises(RuntimeError):
        kept[0] + 1
    assert D(np.sin)(0.0) == 1.0


def test_numbers_by_hand_meet_differentiations_as_constants():
    by_hand = Dual(3.0, 1.0)
    outcome = D(lambda x: x * x * by_hand)(2.0)
    assert outcome.primal == 12.0
    assert outcome.tangent == 4.0


def test_nested_numbers_by_hand_combine():
    x = Dual(Dual(3.0, 1.0), Dual(1.0, 0.0))
    y = x * x * x
    assert (y.primal.primal, y.primal.tangent, y.tangent.primal, y.tangent.tangent) == (
        27,
        27,
        27,
        18,
    )


def test_a_number_under_differentiation_cannot_be_nested_by_hand():
    with pytest.raises(TypeError, match="call jvp"):
        D(lambda x: Dual(x, 1.0))(1.0)


def test_threads_do_not_share_levels():
    errors = []
    start = threading.Barrier(8)

    def work(seed):
        x = 0.3 + 0.1 * seed
        start.wait()
        for _ in range(150):
            second = D(D(lambda t: np.sin(t) * D(lambda s: s**3 * t)(t)))(x)
            # sin(t) · 3t³ differentiated twice
            expected = -np.sin(x) * 3 * x**3 + 2 * np.cos(x) * 9 * x**2 + np.sin(x) * 18 * x
            if not np.isclose(second, expected, rtol=1e-12):
                errors.append((seed, second, expected))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
