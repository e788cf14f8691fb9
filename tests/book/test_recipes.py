"""The page "With SciPy and others": each recipe runs as it is copied and prints what it says."""

import contextlib
import io
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from thisbook import reference

from dualedu.internals.registry import of_kind, qualified

PAGE = Path(__file__).parents[2] / "book" / "reference" / "recipes.md"
SECTION = re.compile(r"^## (.+?)$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```(?:\n\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)
RECIPES = [
    pytest.param(*block, id=title)
    for title, text in SECTION.findall(PAGE.read_text("utf-8"))
    for block in BLOCK.findall(text)
]


def run(code):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(PAGE), "exec"), {})
    return printed.getvalue()


@pytest.mark.parametrize(("code", "output"), RECIPES)
def test_a_recipe_prints_what_the_page_says(code, output):
    imported = re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE)
    missing = [name for name in imported if find_spec(name) is None]
    if missing:
        assert set(missing) <= {"pandas", "xarray"}  # the others are in requirements.txt
        pytest.importorskip(missing[0])
    assert run(code) == output


def test_every_section_but_the_table_has_a_recipe():
    assert len(RECIPES) == len(SECTION.findall(PAGE.read_text("utf-8"))) - 1 >= 13


def test_the_table_has_a_line_for_each_rule_of_scipy():
    lines = list(reference.special())[2:]
    rules = of_kind("elementwise", "formula", library="scipy")
    assert len(lines) == len(rules) > 130
    for line, (ufunc, rule) in zip(lines, rules.items(), strict=True):
        assert line.count("|") == 3
        assert f"{qualified(ufunc).removeprefix('scipy.')}(" in line
        assert f"${rule.formula}$" in line
