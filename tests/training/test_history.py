"""What a run records: stored, read again, drawn."""

import json

import numpy as np
import pytest
from small_runs import QUICK

from dualedu.nn import MLP
from dualedu.training import train
from dualedu.training.history import History


@pytest.fixture
def record(digits):
    return train(MLP((784, 8, 10)), digits, **QUICK)


def test_a_history_survives_json(record, tmp_path):
    record.save(tmp_path / "h.json")
    assert History.load(tmp_path / "h.json") == record
    parsed = json.loads((tmp_path / "h.json").read_text())
    assert parsed["settings"]["seed"] == 0
    assert set(parsed["versions"]) == {"python", "numpy", "dualedu"}
    record.save(tmp_path / "short.json", steps=False)
    short = History.load(tmp_path / "short.json")
    assert short.steps == []
    assert short.epochs == record.epochs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON, or is cut off"),
        ("[]", "not a history"),
        ('{"settings": {}}', "not a history"),
    ],
)
def test_other_json_is_refused(text, message, tmp_path):
    (tmp_path / "h.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        History.load(tmp_path / "h.json")


def test_an_unknown_metric_is_named_with_those_there_are(record):
    with pytest.raises(
        KeyError, match="no metric 'accuracy' was recorded; there are epoch, train_l"
    ):
        record["accuracy"]
    with pytest.raises(KeyError, match="has not finished its first epoch"):
        History({})["test_loss"]


def test_a_plot_shows_each_metric(record):
    pytest.importorskip("matplotlib").use("agg")
    left, right = record.plot().axes
    assert [t.get_text() for t in left.get_legend().get_texts()] == ["batches", "train", "test"]
    drawn = {line.get_label(): line.get_ydata() for line in right.lines}
    np.testing.assert_allclose(drawn["test"], 100 * np.array(record["test_accuracy"]))
    np.testing.assert_allclose(drawn["train"], 100 * np.array(record["train_accuracy"]))
    assert (left.get_ylabel(), right.get_ylabel()) == ("cross-entropy", "accuracy in %")
    History({"steps_per_epoch": 1}).plot()  # of a run without a finished epoch: empty, no error
