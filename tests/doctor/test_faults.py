"""Planted faults: each is found, and nearly all by their right name."""

import math

import pytest
from diagnosed import healthy, programs  # the first adds the programs of other styles

from dualedu.doctor import examine

FAULTS = [(name, fault) for name, faults in programs.EXPECTED.items() for fault in faults]


def diagnosed(name, fault):
    if "torch" in name:
        pytest.importorskip("torch")
    f, claimed, at, options = programs.PROGRAMS[name](fault)
    # Whether a fault is named must not hang on the machine's load.
    return examine(f, claimed, at, patience=math.inf, **options)


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[f"{n}: {f}" for n, f in FAULTS])
def test_a_planted_fault_is_found_and_named(name, fault):
    found = diagnosed(name, fault)
    assert found.verdict == "ill"
    assert set(found.kinds) <= programs.EXPECTED[name][fault]
    assert not any("could not be tried" in note for note in found.notes)


@pytest.mark.parametrize("name", healthy.CASES)
def test_no_alarm(name):
    f, claimed, at, options = healthy.CASES[name]
    found = examine(f, claimed, at, patience=math.inf, **options)
    assert found.verdict == "healthy", str(found)


def test_enough_is_tried():
    """What the table promises: 25 kinds in at least four programs of different style, and 60
    healthy ones."""
    kinds = set().union(*(k for faults in programs.EXPECTED.values() for k in faults.values()))
    assert len(kinds) >= 25
    assert len(programs.PROGRAMS) >= 6
    assert len(healthy.CASES) >= 60
