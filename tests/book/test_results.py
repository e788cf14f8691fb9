"""What the stored results of the MNIST runs must show, and a sample of them measured anew."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
import untested

from dualedu.training.recipes import RATES

BOOK = Path(__file__).parents[2] / "book"
RESULTS = BOOK / "results"


def stored(name):
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def words(chapter):
    """The text of a chapter, without its code."""
    cells = json.loads((BOOK / f"{chapter}.ipynb").read_text("utf-8"))["cells"]
    return "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


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
    """The same gradient from the same start on the same batches: only rounding differs.

    Momentum carries a rounding far within an epoch, and farther in some starts than in others.
    """
    runs = stored("mnist_full")["runs"]
    forward, backward = runs[f"exact{shifted}"], runs[f"torch{shifted}"]
    first = [
        [run["epochs"][seed]["train_loss"][0] for seed in forward["epochs"]]
        for run in (forward, backward)
    ]
    assert first[0] == pytest.approx(first[1], rel=1e-2)
    assert sum(first[0]) == pytest.approx(sum(first[1]), rel=2e-3)
    means = [run["test_accuracy"]["mean"] for run in (forward, backward)]
    assert means[0] == pytest.approx(means[1], abs=0.002)


def test_forward_mode_alone_reads_988_of_1000():
    """With settings that read most of the images held out, and from each of five starts."""
    best = stored("mnist_wide")["best"]
    chosen = max(best["tried"], key=lambda tried: tried["validation_accuracy"])
    assert all(best["settings"][key] == chosen[key] for key in ("sizes", "epochs", "learning_rate"))
    assert best["settings"]["gradient"] == "exact_gradient"
    assert len(best["seeds"]) == 5
    assert best["test_accuracy"]["mean"] >= 0.988
    assert best["test_accuracy"]["lowest"] >= 0.986


def test_what_the_page_says_about_two_hidden_layers():
    """Rates from inside their grids; the same gradient from the same start, but for rounding."""
    two = stored("mnist_wide")["two"]
    for method, grid in two["tried"].items():
        best = max(grid, key=lambda tried: tried["validation_accuracy"])["learning_rate"]
        rates = [tried["learning_rate"] for tried in grid]
        assert min(rates) < best < max(rates), "the grid ends too early to say"
        for name, run in two["runs"].items():
            if name.startswith(method):
                assert run["settings"]["learning_rate"] == best
    for name, run in two["runs"].items():
        assert run["settings"]["sizes"] == [784, 1024, 1024, 10]
        if name.startswith("exact"):
            torch = two["runs"][name.replace("exact", "torch")]
            assert run["train_loss"][0][0] == pytest.approx(torch["train_loss"][0][0], rel=5e-3)
            assert run["epochs"][0][-1] == pytest.approx(torch["epochs"][0][-1], abs=0.003)


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
    """Which ways grow with the depth, and that activities and the exact gradient keep three arrays
    of each layer where backpropagation keeps one."""
    arrays = stored("memory")["arrays"]
    grown = {name: row["16"] / row["4"] for name, row in arrays.items()}
    assert grown["jvp, one direction"] < grown["forward gradient over weights"] < 1.3
    assert grown["backpropagation"] > grown["backpropagation, checkpoints"] > 1.4
    assert arrays["forward gradient over activities"]["16"] > arrays["backpropagation"]["16"]
    assert arrays["exact_gradient"]["16"] > arrays["jvp, 32 directions at once"]["16"]
    for name, kept in [
        ("backpropagation", 1),
        ("forward gradient over activities", 3),
        ("exact_gradient", 3),
    ]:
        assert (arrays[name]["16"] - arrays[name]["4"]) / 12 == pytest.approx(kept, abs=0.05)


def test_what_the_pages_say_about_speed():
    """The ratios, computed anew from the times, stand in the sentences that speak of them."""
    tables = {table["title"]: table["rows"] for table in stored("benchmarks")["tables"]}
    page, exact = words("3-training/forward-or-reverse"), words("3-training/exact")
    one, spelled = "dualedu.jvp of MLP.loss", "dualedu.jvp, the loss spelled out"
    hand, plain = "NumPy, fused by hand", "NumPy, the loss alone"

    def times(title, name, other):
        found = [tables[title][who]["microseconds"] for who in (name, other)]
        return found[0] / found[1]

    def jvp(batch, name, other, directions="one direction"):
        return times(f"jvp of the loss, batch {batch}, {directions}", name, other)

    def sigmoid(batch, name, other):
        title = f"jvp of the loss with a sigmoid, batch {batch}, as it comes"
        return times(title, name, other)

    small, large = jvp(64, one, hand), jvp(1024, one, hand)
    assert f"{small:.2f} times as long for a batch of 64 and {large:.2f} times for 1,024" in page
    assert f"spelled out, {jvp(64, spelled, hand):.2f} times for 64" in page
    found = [sigmoid(batch, one, hand) for batch in (64, 1024)]
    assert "as it comes, `MLP.loss` needs {:.2f} and {:.2f} times".format(*found) in page
    batches, more = (64, 1024), "16 directions"
    found = [jvp(b, one, plain, more) / jvp(b, one, plain) for b in batches]
    assert "`MLP.loss` {:.1f} and {:.1f} times as much as one".format(*found) in page
    found = [jvp(b, name, plain) for b in batches for name in (spelled, "central differences")]
    assert "({:.2f} to {:.2f}, and {:.2f} to {:.2f})".format(*found) in page
    found = [jvp(b, "jax.jvp, compiled", plain) for b in batches]
    assert "its jvp costs {:.2f} and {:.2f} times the loss".format(*found) in page
    late = jvp(64, "jax.jvp, not compiled", plain)
    assert f"({late:.2f} times the loss, for 64)" in page

    by_hand, name = "NumPy backpropagation, by hand", "dualedu.training.exact_gradient"
    found = [times(f"the whole gradient, batch {batch}", name, by_hand) for batch in (64, 128)]
    assert "it took {:.2f} and {:.2f} times as long, for batches of 64".format(*found) in exact
    for way in ("jax.grad, compiled", by_hand, "torch.autograd"):
        assert times("the whole gradient, batch 64", "jax.grad, compiled", way) <= 1

    scalar, library = "derivative of x sin x at 2", "dualedu.derivative"
    found = [times(scalar, library, other) for other in ("num-dual", "HyperJet")]
    assert "num-dual is {:.0f} times as fast as `dualedu`".format(*found) in page
    assert "HyperJet {1:.1f} times".format(*found) in page
    for other in ("jax.grad, compiled", "CasADi"):
        assert times(scalar, library, other) > 1, "the page says that these are ahead too"
    many = tables["gradient of Rosenbrock's function of 100 numbers"]
    names = ("num-dual", "HyperJet", "dualedu.gradient", "jax.jacfwd, compiled", "CasADi")
    found = [many[name]["ratio"] for name in names]
    assert "{:.1f} and {:.1f} against {:.1f} times forward".format(*found[:3]) in page
    assert "well ahead, with {:.2f} and {:.2f}".format(*found[3:]) in page


def test_what_the_page_says_about_growth():
    sweeps, page = stored("growth")["sweeps"], words("3-training/forward-or-reverse")
    seconds = dict(
        zip(sweeps["nesting"]["sizes"], sweeps["nesting"]["seconds"]["least"], strict=True)
    )
    order = (seconds[12] / seconds[7]) ** (1 / 5)
    assert f"from the 7th to the 12th, one order more took {order:.1f} times as long" in page
    square = sweeps["square"]
    ends = [(square["sizes"][i], square["seconds"]["least"][i]) for i in (-4, -2)]
    assert ends[0][0] == square["since"]
    (n, first), (m, last) = ends
    assert math.log(last / first) / math.log(m / n) == pytest.approx(
        square["time"]["least"], abs=0.02
    )
    assert f"has {square['time']['least']:.2f} without its last size" in page
    passes = sweeps["passes"]
    kept = passes["sizes"].index(2**18)
    slower = passes["seconds"]["least"][0] / passes["seconds"]["least"][kept]
    larger = passes["bytes"][-1] / passes["bytes"][kept]
    assert f"took {slower:.2f} times as long, because each" in page
    assert f"took {larger:.0f} times the memory" in page


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
        letter = along[count]["sent"] + along[count]["received"]
        assert letter < along[count]["tcp"] < 5000
        assert 0.8 < along[count]["tcp"] / letter - 1 < 1.3, "about as long as the letter"
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
