"""What importing costs: NumPy and the standard library, so that a browser can start fast."""

import pkgutil
import subprocess
import sys

import pytest

import dualedu

NEEDS_AN_EXTRA = {"explore", "distributed", "scipy_rules"}
SUBMODULES = {m.name for m in pkgutil.iter_modules(dualedu.__path__)} - NEEDS_AN_EXTRA
ON_DEMAND = ["doctor", "figures", "mnist", "nn", "scipy_rules", "teaching", "train", "training"]

IMPORT = """
import sys, numpy
before = set(sys.modules)
import {module}
print(*sorted(set(sys.modules) - before))
"""


def newly_loaded(module):
    """What a fresh interpreter that has NumPy loads for `import module`."""
    command = [sys.executable, "-c", IMPORT.format(module=module)]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def is_foreign(module):
    package = module.partition(".")[0]
    ours = package in sys.stdlib_module_names | {"numpy", "dualedu"}
    return not ours and not package.startswith("_sysconfigdata")  # named after the platform


@pytest.mark.parametrize("module", ["dualedu", *(f"dualedu.{m}" for m in sorted(SUBMODULES))])
def test_loads_numpy_alone(module):
    assert sorted(filter(is_foreign, newly_loaded(module))) == []


def test_what_is_on_demand_waits():
    assert not newly_loaded("dualedu") & {f"dualedu.{module}" for module in ON_DEMAND}
