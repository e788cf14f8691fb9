"""Checkpoints: whole or not there at all, and of one run."""

import functools
import os

import numpy as np
import pytest
from small_runs import QUICK, flat

from dualedu.nn import MLP
from dualedu.training import train
from dualedu.training.gradients import forward_gradient
from dualedu.training.history import History


def test_a_finished_run_resumes_to_itself(digits, tmp_path):
    file = tmp_path / "deep" / "run.npz"
    model = MLP((784, 8, 10))
    history = train(model, digits, **QUICK, checkpoint=file)
    other = MLP((784, 8, 10), rng=5)
    again = train(other, digits, **QUICK, checkpoint=file, resume=True)
    assert again.epochs == history.epochs
    assert np.array_equal(flat(other.parameters), flat(model.parameters))
    with np.load(file, allow_pickle=False) as archive:
        assert np.array_equal(archive["parameter0"], model.parameters[0])


def test_checkpoints_are_neither_overwritten_nor_mixed_up(digits, tmp_path):
    file = tmp_path / "run.npz"
    run = functools.partial(train, data=digits, checkpoint=file)
    with pytest.raises(FileNotFoundError, match=r"no checkpoint .*run\.npz to resume from"):
        run(MLP((784, 8, 10)), **QUICK, resume=True)
    run(MLP((784, 8, 10)), **QUICK)
    kept = file.read_bytes()
    with pytest.raises(FileExistsError, match="exists: resume=True continues"):
        run(MLP((784, 8, 10)), **QUICK)
    for model, change, message in (
        (MLP((784, 8, 10)), {"epochs": 3}, "epochs was 2, now 3"),
        (MLP((784, 8, 10)), {"rng": 1}, "seed was 0, now 1"),
        (MLP((784, 9, 10)), {}, r"sizes was \[784, 8, 10\], now \[784, 9, 10\]"),
        (MLP((784, 8, 10)), {"data": (digits[0][::-1], digits[1])}, "images_checksum was"),
        (MLP((784, 8, 10)), {"gradient": forward_gradient}, "gradient was 'exact_gradient', now"),
    ):
        before = flat(model.parameters)
        with pytest.raises(ValueError, match=f"belongs to a run with other settings.*{message}"):
            run(model, **QUICK | change, resume=True)
        assert np.array_equal(flat(model.parameters), before)
    assert file.read_bytes() == kept


@pytest.mark.parametrize("damage", [lambda b: b[:-100], lambda b: b"", lambda b: b"no archive"])
def test_a_damaged_checkpoint_is_named(damage, digits, tmp_path):
    file = tmp_path / "run.npz"
    train(MLP((784, 8, 10)), digits, **QUICK, checkpoint=file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(
        ValueError, match=r"run\.npz is not a checkpoint of dualedu, or it is damaged"
    ):
        train(MLP((784, 8, 10)), digits, **QUICK, checkpoint=file, resume=True)


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "kept.json"
    record = History({"steps_per_epoch": 1})
    record.save(file)
    old = file.read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        History({"steps_per_epoch": 2}).save(file)
    assert file.read_bytes() == old
    assert list(tmp_path.iterdir()) == [file]
