"""Every public function of NumPy, and its record."""

import pytest

from dualedu.internals.registry import find
from dualedu.numpy_rules.coverage import numpy_functions

PUBLIC = numpy_functions()
RECORDS = {name: find(function) for name, function in PUBLIC.items()}


def every(kind):
    return pytest.mark.parametrize("name", [n for n, r in RECORDS.items() if r and r.kind == kind])
