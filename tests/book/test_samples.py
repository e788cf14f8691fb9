"""The stored results of the diagnosis: a part is measured anew on the full MNIST, and a difference
would be seen."""

import copy
import math
import subprocess
import sys
from pathlib import Path

import pytest
import untested

RESULTS = Path(__file__).parents[2] / "book" / "results"


@pytest.fixture(scope="module")
def samples():
    sys.path.insert(0, str(RESULTS))
    import samples

    yield samples
    sys.path.remove(str(RESULTS))


@untested.needs_mnist
@pytest.mark.parametrize(
    "script", ["patient.py", "switchboard.py", "curves.py", "effective_rank.py"]
)
def test_a_sample_measured_anew_agrees_with_what_is_stored(script):
    run = subprocess.run(
        [sys.executable, RESULTS / script, "--sample"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("script", ["patient.py", "switchboard.py", "curves.py"])
def test_stored_results_say_how_they_were_made(samples, script):
    record = samples.stored(RESULTS / script)
    assert record["command"] == f"python book/results/{script}"
    assert {"python", "numpy", "dualedu"} <= set(record["versions"])
    assert len(record["runs"]) == {"patient.py": 5, "switchboard.py": 24, "curves.py": 24}[script]


STORED = {
    "seeds": [0.25, 0.37, 0.24],
    "loss": [2.0, 100.0, None],
    "rate": {"seed": 1, "name": "exact"},
}


@pytest.mark.parametrize(
    ("sample", "place"),
    [
        ({"loss": [2.1]}, None),
        ({"loss": [2.0, 95.0, math.nan], "rate": {"name": "exact"}}, None),
        ({"loss": [2.3]}, "/loss/0"),
        ({"seeds": [0.41]}, None),
        ({"seeds": [0.7]}, "/seeds/0"),
        ({"seeds": [math.nan]}, "/seeds/0"),
        ({"loss": [math.nan]}, "/loss/0"),
        ({"loss": [2.0, 100.0, 1.0]}, "/loss/2"),
        ({"loss": [2.0, 100.0, None, 3.0]}, "/loss"),
        ({"rate": {"name": "wrong"}}, "/rate/name"),
        ({"rate": {"other": 1}}, "/rate/other"),
    ],
)
def test_a_sample_that_differs_is_named(samples, sample, place):
    found = list(samples.differences(samples.plain(sample), copy.deepcopy(STORED)))
    assert [line.partition(":")[0] for line in found] == ([place] if place else [])
