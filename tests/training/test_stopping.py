"""What ends a run early: Ctrl-C, and a loss that is no number."""

import signal
import threading

import numpy as np
import pytest
from interruptions import ctrl_c, interrupting
from small_runs import QUICK, flat

from dualedu.nn import MLP
from dualedu.training import Diverged, train
from dualedu.training.gradients import exact_gradient


def immediately():
    raise KeyboardInterrupt


@pytest.mark.usefixtures("pythons_handler")
def test_interrupted_twice_the_last_epoch_is_kept(digits, tmp_path):
    def twice():
        ctrl_c()
        ctrl_c()

    file = tmp_path / "run.npz"
    settings = {"epochs": 3, "progress": False, "checkpoint": file}
    model = MLP((784, 8, 10))
    history = train(model, digits, interrupting(exact_gradient, 20, twice), **settings)
    assert history.interrupted
    assert len(history.steps) == 19
    finished = train(model, digits, **settings, resume=True)
    assert finished.steps == train(MLP((784, 8, 10)), digits, epochs=3, progress=False).steps


def test_a_keyboard_interrupt_raised_by_the_gradient_keeps_the_history(digits):
    history = train(
        MLP((784, 8, 10)), digits, interrupting(exact_gradient, 7, immediately), **QUICK
    )
    assert history.interrupted
    assert len(history.steps) == 6


@pytest.mark.usefixtures("pythons_handler")
def test_the_handler_of_ctrl_c_is_put_back(digits):
    train(MLP((784, 8, 10)), digits, **QUICK)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(Diverged):
        train(MLP((784, 8, 10)), digits, **QUICK, learning_rate=1e30)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_training_in_a_thread(digits):
    found = []
    work = threading.Thread(target=lambda: found.append(train(MLP((784, 8, 10)), digits, **QUICK)))
    work.start()
    work.join()
    assert found[0].steps == train(MLP((784, 8, 10)), digits, **QUICK).steps


def test_divergence_says_where_and_keeps_the_history(digits):
    with pytest.raises(
        Diverged, match=r"the loss is (nan|inf) at step \d+ .*lower learning_rate"
    ) as caught:
        train(MLP((784, 8, 10)), digits, **QUICK, learning_rate=1e30)
    error = caught.value
    assert error.step == len(error.history.steps) > 0
    assert f"step {error.step} " in str(error)
    assert np.all(np.isfinite(error.history.steps))
    assert not np.isfinite(error.loss)


def test_nan_in_the_images_is_found_before_the_first_step(digits):
    images = digits[0].copy()
    images[:, 300] = np.nan
    model = MLP((784, 8, 10))
    before = flat(model.parameters)
    with pytest.raises(Diverged, match="at step 0: no step was taken yet: look for NaN") as caught:
        train(model, (images, digits[1]), **QUICK)
    assert caught.value.history.steps == []
    assert np.array_equal(flat(model.parameters), before)
