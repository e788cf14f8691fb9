"""How exponents are fitted and stored, and what the stored ones must say."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from dualedu import training
from dualedu.teaching.cost import multiplications

FOLDER = Path(__file__).parents[2] / "benchmarks"
GROWTH = runpy.run_path(str(FOLDER / "growth.py"))
SWEEPS = GROWTH["SWEEPS"]


def stored():
    path = FOLDER.parent / "book" / "results" / "growth.json"
    return json.loads(path.read_text("utf-8"))["sweeps"]


@pytest.mark.parametrize("power", [-1, 0, 0.5, 1, 2, 3])
def test_the_exponent_of_a_power_law_is_found(power):
    sizes = [1.0, 2.0, 5.0, 30.0, 400.0]
    found = GROWTH["exponent"](sizes, [7 * size**power for size in sizes])
    assert all(value == pytest.approx(power, abs=1e-12) for value in found.values())


def test_the_spread_holds_the_fit_and_grows_with_the_scatter():
    sizes = [2.0**i for i in range(6)]
    off = np.array([1, -1, -1, 1, 1, -1])
    narrow, wide = (
        GROWTH["exponent"](
            sizes, [size * np.exp(by * o) for size, o in zip(sizes, off, strict=True)]
        )
        for by in (0.01, 0.1)
    )
    for found in (narrow, wide):
        assert found["least"] < found["fitted"] < found["most"]
    assert wide["most"] - wide["least"] == pytest.approx(10 * (narrow["most"] - narrow["least"]))


def test_the_fastest_run_counts_and_small_sizes_do_not():
    sweep = GROWTH["Sweep"]("a law", "n", (1, 10, 100, 1000), 10, None, lambda n: n * n, held=1)

    def measured(slower):
        laws = [(1.0, 5), (1e-4, 10), (1e-2, 100), (1.0, 1000)]
        return [{"seconds": slower * s, "bytes": b, "error": 0.0} for s, b in laws]

    found = GROWTH["summary"](sweep, [measured(3), measured(1), measured(2)])
    assert found["seconds"]["least"] == [1.0, 1e-4, 1e-2, 1.0]
    assert found["seconds"]["median"] == [2.0, 2e-4, 2e-2, 2.0]
    assert found["time"]["fitted"] == pytest.approx(2) == found["time"]["counted"]
    assert found["memory"]["fitted"] == pytest.approx(1)
    assert "| a law | n | 10 | 2.00 (2.00 to 2.00) | 2.00 | 1.00 (1.00 to 1.00) | 1 |" in GROWTH[
        "table"
    ]({"sweeps": {"law": found}})


def test_a_jvp_has_three_products_a_layer_and_the_first_two():
    x, hidden = 7 * 2 * 3, 7 * 3 * 1  # x W₁; a W₂, ȧ W₂ and a Ẇ₂
    assert GROWTH["products"]([(2, 3), (3, 1)], 5, 7) == (x + hidden) + 5 * (x + 2 * hidden)


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_the_count_of_an_exact_gradient_is_that_of_its_products(depth):
    model, images, labels = GROWTH["network"](*[6] * (depth + 1))

    def run(*parameters):
        model.parameters = list(parameters)
        return training.exact_gradient(model, images, labels)

    parameters = list(model.parameters)
    assert multiplications(run, *parameters) == GROWTH["products_exact"](depth, 6)


@pytest.mark.parametrize("name", [name for name in SWEEPS if SWEEPS[name].count])
def test_each_size_has_an_answer_and_a_count(name):
    sweep = SWEEPS[name]
    for size in sweep.sizes[:2]:
        step, right = sweep.prepare(size)
        answer = step()
        assert sweep.count(size) > 0
        if right is not None:
            np.testing.assert_allclose(answer, right, rtol=1e-12, atol=1e-12)
    assert sum(size >= sweep.since for size in sweep.sizes) >= 4
    assert list(sweep.sizes) == sorted(set(sweep.sizes))


def test_what_is_stored_is_what_is_measured():
    found = stored()
    assert list(found) == list(SWEEPS)
    for name, sweep in found.items():
        assert sweep["sizes"] == list(SWEEPS[name].sizes)
        for column in (*sweep["seconds"].values(), sweep["bytes"]):
            assert len(column) == len(sweep["sizes"])
            assert min(column) > 0
        assert sweep.get("largest error", 0) < 1e-10
        if "time" in sweep:
            at = [n for n in sweep["sizes"] if n >= sweep["since"]]
            fitted = GROWTH["exponent"](
                [SWEEPS[name].of(n) for n in at], sweep["seconds"]["least"][-len(at) :]
            )
            assert sweep["time"]["fitted"] == pytest.approx(fitted["fitted"])
    assert found["passes"]["equal bytes"] is True
    assert (
        (FOLDER / "growth.md")
        .read_text("utf-8")
        .endswith(GROWTH["table"]({"sweeps": found}) + "\n")
    )


def test_what_the_page_says_about_growth():
    found = stored()
    for name in ("batch", "width", "depth", "gradient", "jacobian", "jet"):
        assert found[name]["time"]["fitted"] == pytest.approx(
            found[name]["time"]["counted"], abs=0.25
        )
    for name in ("depth", "gradient", "directions", "batch", "width"):
        expected = found[name]["memory"]["expected"]
        assert found[name]["memory"]["fitted"] == pytest.approx(expected, abs=0.15)
