"""The reference pages: tables that hold every function, docstrings that keep every word."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from docutils.core import publish_doctree
from docutils.parsers.rst import directives
from docutils.utils import Reporter
from numpydoc.docscrape_sphinx import SphinxDocString
from thisbook import reference

import dualedu
from dualedu import check_jvp, explore, figures, jets, jvp, mnist, nn, training
from dualedu.doctor.hypotheses import TABLE
from dualedu.internals.registry import of_kind, qualified
from dualedu.numpy_rules.coverage import numpy_functions
from dualedu.teaching import checks, cost
from dualedu.training import distributed

PAGES = Path(__file__).parents[2] / "book" / "reference"


def text(table):
    return "\n".join(reference.TABLES[table]())


def test_every_function_stands_in_one_table():
    tables = {key: set(re.findall(r"`(np\.[\w.]+)", text(key))) for key in reference.TABLES}
    del tables["kinks"]
    for key, function in numpy_functions().items():
        found = [table for table, names in tables.items() if {key, qualified(function)} & names]
        assert len(found) == 1, (key, found)


def test_every_rule_shows_its_formula():
    lines = text("ufuncs").splitlines()[2:]
    assert len(lines) == len(of_kind("elementwise"))
    for line, (ufunc, rule) in zip(lines, of_kind("elementwise").items(), strict=True):
        assert line.count("|") == 3
        assert f"np.{ufunc.__name__}(" in line
        assert f"${rule.formula}$" in line


@pytest.mark.parametrize(
    ("expression", "seed", "tangent"),
    [
        ("np.absolute(x)", "1", "0"),
        ("relu(x)", "1", "0"),
        ("np.maximum(x, y)", "1", "½"),
        ("np.minimum(x, y)", "1", "½"),
        ("np.clip(x, 0, 1)", "1", "½"),
        ("np.sqrt(x)", "1", "∞"),
        ("np.sqrt(x)", "0", "0"),
        ("np.hypot(x, y)", "1", "0"),
        ("x**0", "1", "0"),
    ],
)
def test_kinks_are_what_the_design_says(expression, seed, tangent):
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in reference.kinks()]
    assert [seed, tangent] in [row[2:4] for row in rows if row[0] == f"`{expression}`"]


def test_each_table_stands_on_one_page():
    names = ("rules", "recipes", "api", "for-teachers")
    pages = [(PAGES / f"{name}.md").read_text("utf-8") for name in names]
    used = [name for page in pages for name in re.findall(r"```\{rule-table\} (\w+)", page)]
    assert sorted(used) == sorted(reference.TABLES)


def test_every_kind_of_fault_has_a_question_and_a_page():
    listed = list(reference.faults())
    for kind in TABLE:
        assert reference.escaped(kind.name) in listed
        assert kind.ask.endswith(("?", "."))
        assert (PAGES.parents[1] / kind.page.replace(".html", ".ipynb")).is_file()


def test_every_trait_of_a_widget_is_listed_with_what_it_takes():
    listed = "\n".join(reference.traits())
    for key, trait in explore.TangentArrow.public().items():
        assert f"  - `{key}`, {trait.takes()}: " in listed
    assert "`h`, a number from 10⁻¹⁷ to 3: the secant's step, at first `1.0`" in listed


# --- the page of the library ---------------------------------------------------------------------

PUBLIC = {
    dualedu: dualedu.__all__,
    nn: [*nn.ACTIVATIONS, "softmax", "log_softmax", "logsumexp", "cross_entropy", "MLP"],
    training: training.__all__,
    distributed: distributed.__all__,
    mnist: ["Digits", "load"],
    jets: jets.__all__,
}


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_the_page_of_the_library_names_all_of_it(module):
    page = (PAGES / "api.md").read_text("utf-8")
    section = page.partition(f".. py:module:: {module.__name__}\n")[2].partition("py:module")[0]
    named = re.findall(r"^\.\. auto\w+:: (\w+)$", section, re.MULTILINE)
    assert set(PUBLIC[module]) <= set(named)


def test_the_rule_of_ones_own_is_right_nested_and_along_several_directions():
    page = (PAGES / "api.md").read_text("utf-8")
    names = {}
    for example in re.findall(r"```python\n(.+?)```", page, re.DOTALL):
        exec(example, names)
    log1mexp, x = names["log1mexp"], np.array([-3.0, -1e-9])
    np.testing.assert_allclose(np.exp(log1mexp(x)), -np.expm1(x), rtol=1e-12)
    check_jvp(log1mexp, np.array([[-3.0, -0.3]]), order=3)
    _, tangents = jvp(log1mexp, (x,), (np.eye(2),))
    np.testing.assert_allclose(tangents, np.diag(-1 / np.expm1(-x)), rtol=1e-12)


DOCSTRINGS = {
    f"{module.__name__}.{key}": inspect.getdoc(thing)
    for module in (dualedu, jets, nn, training, distributed, mnist, cost, figures, checks)
    for key, thing in vars(module).items()
    if callable(thing) and (getattr(thing, "__module__", None) or "").startswith("dualedu")
}


@pytest.mark.parametrize("key", [key for key, docstring in DOCSTRINGS.items() if docstring])
def test_docstrings_lose_no_word_as_markup(key):
    """Neither x*y nor |x| nor `x` may vanish or turn into something else on the page."""
    docstring = DOCSTRINGS[key]
    source = str(SphinxDocString(docstring, {"show_class_members": False}))
    tree = publish_doctree(
        f".. default-role:: literal\n\n{source}",
        settings_overrides={"report_level": Reporter.SEVERE_LEVEL, "warning_stream": None},
    )
    assert not list(tree.findall(lambda node: node.tagname in ("system_message", "problematic")))
    bare = re.sub(r"^\d\. ", "", docstring, flags=re.MULTILINE).replace("`", "")
    words = re.findall(r"[\w.*|]+", bare)
    shown = re.findall(r"[\w.*|]+", tree.astext())
    assert sorted(words) == sorted(shown)


def test_an_unknown_table_is_refused():
    directives.register_directive("rule-table", reference.RuleTable)
    quiet = {"report_level": Reporter.SEVERE_LEVEL, "warning_stream": None}
    tree = publish_doctree(".. rule-table:: sums", settings_overrides=quiet)
    assert "no table 'sums'; there are ufuncs, special, functions" in tree.astext()


def test_numbers_are_written_short():
    assert [reference.number(x) for x in (0.5, np.inf, -0.0, 2.0)] == ["½", "∞", "0", "2"]
