"""The draft of the paper says what is measured, and cites what is listed."""

import json
import re
from pathlib import Path
from statistics import mean

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from thisbook import numerals

ROOT = Path(__file__).parents[2]
PAPER = (ROOT / "paper" / "paper.md").read_text(encoding="utf-8")
DEFINED = "64"
"""How many images, and how many directions: settings of what was measured."""


def stored(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def facts():
    """The numbers that the paper may use, from the files that have them."""
    runs = stored("book/results/mnist_full.json")["runs"]

    def percent(name, of):
        return (
            f"{100 * of(each['test_accuracy'][-1] for each in runs[name]['epochs'].values()):.2f}"
        )

    yield percent("exact", mean)
    yield percent("torch", mean)
    yield percent("activities, 64", min)
    yield percent("weights, 1", min)
    table = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")
    first = table.split("\n\n")[2]
    for name in (
        "dualedu.jvp of MLP.loss",
        "NumPy, fused by hand",
        "torch.autograd.forward_ad",
        "jax.jvp, compiled",
        "jax.jvp, not compiled",
    ):
        yield re.search(rf"^\| {re.escape(name)} \|.*\| ([\d.]+) \|$", first, re.M)[1]


def test_every_number_is_measured():
    text = PAPER.split("# Summary")[1]
    output = new_output("stream", text=" ".join([*facts(), DEFINED]))
    cells = [new_code_cell("pass", outputs=[output]), new_markdown_cell(text)]
    found = list(numerals.examine(new_notebook(cells=cells)))
    assert len(found) > 8
    assert [each.numeral.written for each in found if not each.source] == []


def test_every_source_is_listed_and_cited():
    listed = re.findall(r"^@\w+\{(.+),$", (ROOT / "paper" / "paper.bib").read_text("utf-8"), re.M)
    cited = re.findall(r"@([a-z]+\d*)", PAPER.split("# Summary")[1])
    assert sorted(set(cited)) == sorted(listed)
