"""The examples in docstrings print what they say."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import dualedu

MODULES = ["dualedu", *(f"dualedu.{m.name}" for m in pkgutil.iter_modules(dualedu.__path__))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    failed, _ = doctest.testmod(import_module(name))
    assert not failed
