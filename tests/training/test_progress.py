"""What a run says while it runs."""

import sys

import pytest
from small_runs import QUICK

from dualedu.nn import MLP
from dualedu.training import train


def test_progress_by_tqdm(digits, capsys):
    pytest.importorskip("tqdm")
    train(MLP((784, 8, 10)), digits, **QUICK | {"progress": True})
    said = capsys.readouterr().err
    assert "epoch 2/2" in said
    assert "16/16" in said
    assert "test" in said


def test_progress_without_tqdm(digits, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    history = train(MLP((784, 8, 10)), digits, **QUICK | {"progress": True})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"epoch 2/2: loss {history['train_loss'][1]:.4f}, train")
    assert lines[1].endswith(f"test {100 * history['test_accuracy'][1]:.2f} %")


def test_silence(digits, capfd):
    train(MLP((784, 8, 10)), digits, **QUICK)
    assert capfd.readouterr() == ("", "")
