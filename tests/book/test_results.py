"""What the stored results of the MNIST runs must show, and a sample of them measured anew."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import untested

from dualedu.training.recipes import RATES

RESULTS = Path(__file__).parents[2] / "book" / "results"


def stored(name):
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def tried():
    rates = stored("rates")
    for method in RATES:
        for directions, row in rates[method].items():
            yield pytest.param(method, int(directions), row, id=f"{method}-{directions}")


@pytest.mark.parametrize(("method", "directions", "row"), list(tried()))
def test_each_default_rate_did_best_on_validation_images(method, directions, row):
    means = {float(rate): sum(a or 0 for a in found) for rate, found in row["accuracies"].items()}
    best = max(means, key=means.get)
    assert best == row["best"] == RATES[method][directions]
    assert min(means) < best < max(means), "the grid ends too early to say"


def test_each_default_rate_was_tried():
    rates = stored("rates")
    assert {m: {int(k) for k in rates[m]} for m in RATES} == {m: set(r) for m, r in RATES.items()}


@pytest.mark.parametrize(
    ("run", "which", "accuracy"),
    [
        ("exact", "mean", 0.98),
        ("exact", "lowest", 0.978),
        ("exact, shifted", "lowest", 0.983),
        ("exact, one epoch", "lowest", 0.965),
        ("activities, 64", "lowest", 0.975),
        ("weights, 1", "lowest", 0.75),
    ],
)
def test_full_mnist_is_learned(run, which, accuracy):
    assert stored("mnist_full")["runs"][run]["test_accuracy"][which] >= accuracy


@pytest.mark.parametrize("shifted", ["", ", shifted"])
def test_forward_gradients_do_as_well_as_backpropagation(shifted):
    """The same gradient from the same start on the same batches: only rounding differs."""
    runs = stored("mnist_full")["runs"]
    forward, backward = runs[f"exact{shifted}"], runs[f"torch{shifted}"]
    for seed in forward["epochs"]:
        first = [run["epochs"][seed]["train_loss"][0] for run in (forward, backward)]
        assert first[0] == pytest.approx(first[1], rel=5e-3)
    means = [run["test_accuracy"]["mean"] for run in (forward, backward)]
    assert means[0] == pytest.approx(means[1], abs=0.002)


def test_what_the_page_says_about_more_time():
    """One direction reads more with more epochs, at rates that do not grow, inside a grid."""
    full, more = stored("mnist_full")["runs"], stored("budgets")["runs"]
    for method, budgets in more.items():
        ten = full[f"{method}, 1"]
        rate, mean = ten["settings"]["learning_rate"], ten["test_accuracy"]["mean"]
        for run in budgets.values():
            tried = {float(key): found for key, found in run["validation_accuracy"].items()}
            assert tried[run["learning_rate"]] == max(tried.values())
            assert min(tried) < run["learning_rate"] < max(tried), "the grid ends too early to say"
            assert run["learning_rate"] <= rate
            assert sum(run["test_accuracy"]) / 3 > mean
            rate, mean = run["learning_rate"], sum(run["test_accuracy"]) / 3


def test_what_the_page_says_about_memory():
    """Which ways grow with the depth, and that activities keep what backpropagation keeps."""
    arrays = stored("memory")["arrays"]
    grown = {name: row["16"] / row["4"] for name, row in arrays.items()}
    assert grown["jvp, one direction"] < grown["forward gradient over weights"] < 1.3
    assert grown["backpropagation"] > grown["backpropagation, checkpoints"] > 1.4
    assert arrays["forward gradient over activities"]["16"] > arrays["backpropagation"]["16"]
    assert arrays["exact_gradient"]["16"] > arrays["jvp, 32 directions at once"]["16"]


def test_what_the_page_says_about_workers():
    """Equal weights whatever the number of workers, few bytes along directions, and a lost worker
    that changed nothing."""
    found = stored("workers")
    along, exact = found["crossing"].values()
    for way in (along, exact):
        assert len({row["weights"] for row in way.values()}) == 1
        times = [row["milliseconds"] for row in way.values()]
        assert min(times) == times[0], "the page says that nobody was faster"
    for count in ("1", "2", "4"):
        assert along[count]["sent"] + along[count]["received"] < along[count]["tcp"] < 5000
        assert 2e6 < exact[count]["tcp"] < 4e6
    killed = found["killed"]
    assert len(set(killed["weights"].values())) == 1
    said = [(worker, what.partition(":")[0]) for _, worker, what in killed["log"]]
    assert said[-2:] == [("B", "was lost"), ("D", "joins")]
    assert sorted(said[:3]) == [("A", "joins"), ("B", "joins"), ("C", "joins")]


@untested.needs_mnist
def test_a_sample_of_the_stored_runs_comes_out_again():
    script = RESULTS / "mnist_full.py"
    done = subprocess.run([sys.executable, script, "--sample"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
