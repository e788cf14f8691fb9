"""What importing costs: NumPy and the standard library, so that a browser can start fast."""

import json
import pkgutil
import subprocess
import sys

import pytest

import dualedu

NEEDS_AN_EXTRA = {"explore", "scipy_rules"}
SUBMODULES = {m.name for m in pkgutil.iter_modules(dualedu.__path__)} - NEEDS_AN_EXTRA
ON_DEMAND = [
    "doctor",
    "figures",
    "jets",
    "mnist",
    "nn",
    "scipy_rules",
    "teaching",
    "train",
    "training",
]

IMPORTS = """
import json, sys, numpy
from importlib import import_module
loaded = {}
for module in sys.argv[1:]:
    before = set(sys.modules)
    import_module(module)
    loaded[module] = sorted(set(sys.modules) - before)
print(json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def loaded():
    """What each module adds to an interpreter that has NumPy, `dualedu` first."""
    modules = ["dualedu", *(f"dualedu.{name}" for name in sorted(SUBMODULES))]
    command = [sys.executable, "-c", IMPORTS, *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def is_foreign(module):
    package = module.partition(".")[0]
    ours = package in sys.stdlib_module_names | {"numpy", "dualedu"}
    return not ours and not package.startswith("_sysconfigdata")  # named after the platform


def test_numpy_alone_is_loaded(loaded):
    assert len(loaded) > 8
    assert {
        name: found for name, new in loaded.items() if (found := [*filter(is_foreign, new)])
    } == {}


def test_what_is_on_demand_waits(loaded):
    assert not set(loaded["dualedu"]) & {f"dualedu.{module}" for module in ON_DEMAND}
