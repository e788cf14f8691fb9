"""Docstrings have numpydoc's form, and the examples in them print what they say."""

import doctest
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import dualedu
from dualedu import Dual, explore
from dualedu.explore.kit.explorable import Explorable
from dualedu.internals.array_methods import ArrayMethods

MODULES = [
    "dualedu",
    *(
        module.name
        for module in pkgutil.walk_packages(dualedu.__path__, "dualedu.")
        if not module.name.endswith("__main__")
    ),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    failed, _ = doctest.testmod(import_module(name))
    assert not failed


# --- the form, checked by numpydoc ---------------------------------------------------------------

SUMMARY = {"GL03", "GL05", "GL06", "GL07", "GL08", "SS01", "SS02", "SS03", "SS04", "SS06"}
"""There is a docstring, its sections are known and in order, its first line is one sentence."""

WHOLE = SUMMARY | {
    *("PR01", "PR02", "PR03", "PR04", "PR05", "PR06", "PR07", "PR08", "PR09", "PR10"),
    *("RT01", "RT03", "RT04", "RT05", "YD01"),
}
"""And each parameter and result has a name, a type and words."""


def on_the_page():
    """The names that the reference prints, the members of classes too."""
    page = Path(__file__).parents[2] / "book" / "reference" / "api.md"
    module = owner = ""
    for line in page.read_text("utf-8").splitlines():
        if line.startswith(".. py:module:: "):
            module = line.split()[-1]
        elif found := re.match(r"\.\. auto(\w+):: (\w+)", line):
            owner = f"{module}.{found[2]}"
            yield owner
        elif line.startswith("   :members: "):
            yield from (f"{owner}.{name}" for name in line.split(":")[2].strip().split(", "))


def members(thing):
    return [
        f"{thing.__module__}.{thing.__name__}.{name}"
        for name, value in vars(thing).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or isinstance(value, property | classmethod))
    ]


NAMES = {
    **dict.fromkeys((*members(Dual), *members(ArrayMethods)), SUMMARY),
    **dict.fromkeys(on_the_page(), WHOLE),
    **dict.fromkeys((f"dualedu.explore.{name}" for name in explore.__all__), WHOLE),
    **dict.fromkeys(members(Explorable), WHOLE),
}


def faults(name, checks):
    return [f"{code}: {fault}" for code, fault in validate(name)["errors"] if code in checks]


@pytest.mark.parametrize("name", NAMES)
def test_has_the_form(name):
    assert faults(name, NAMES[name]) == []


def documented(name):
    """The functions and classes of a module, and the methods: their names and docstrings."""
    module = import_module(name)
    for key, thing in vars(module).items():
        # Not those of type variables: Python documents them itself.
        own = callable(thing) and getattr(thing, "__module__", None) == name
        if own and inspect.getdoc(thing):
            yield f"{name}.{key}", inspect.getdoc(thing)
            for part, method in vars(thing).items() if inspect.isclass(thing) else ():
                if inspect.isfunction(method) and method.__doc__:
                    yield f"{name}.{key}.{part}", inspect.getdoc(method)


def in_another_form(doc):
    """Entries of sections with no words below them, and examples under no heading."""
    said = NumpyDocString(doc)
    entries = [part for section in ("Parameters", "Attributes", "Raises") for part in said[section]]
    wordless = [part.name or part.type for part in entries if not part.desc]
    return wordless + [">>>"] * (">>>" in doc and not said["Examples"])


@pytest.mark.parametrize("name", MODULES)
def test_no_docstring_has_a_form_of_its_own(name):
    """Those of helpers too: one that lists its parameters does so as the public ones do."""
    for key, doc in documented(name):
        assert in_another_form(doc) == [], key
        if "Parameters\n---" in doc:
            assert faults(key, WHOLE) == [], key


def test_another_form_is_found():
    table = "Say it.\n\nRaises\n------\nTypeError   it is no number\n"
    assert in_another_form(table) == ["TypeError   it is no number"]
    assert in_another_form("Say it.\n\n>>> 1 + 1\n2\n") == [">>>"]
    assert in_another_form("Say it.\n\nParameters\n----------\nx : its words\n") == ["x"]


def colloquial(x, y):
    """What it does, with a parameter that is
    forgotten.

    Parameters
    ----------
    x : its words stand where a type should
    """
    return x + y


def test_the_check_finds_what_is_wrong():
    found = {fault[:4] for fault in faults(f"{__name__}.colloquial", WHOLE)}
    assert found == {"SS06", "PR01", "PR07", "RT01"}
