"""Markdown for JupyterLite: what stands for each block and role of the book's own syntax."""

import base64
import re

import pytest
from sphinx.errors import ExtensionError

PAGE = "part/page"
SAME = [
    "$a_{n-1}$ and $$\nx\n$$ and [NumPy](https://numpy.org) and `{eq}` and ``a `b` c``",
    "```python\nprint('{eq}`eq-rule`')  # [a](other.ipynb)\n:::\n```",
    "| a | b |\n|---|---|\n| 1 | $x$ |",
    "- one\n\n  $$\n  x\n  $$\n- two",
]
MADE = [
    ("{eq}`eq-rule`", "[(2.5)](page.html#equation-eq-rule)"),
    ("{prf:ref}`thm-inverse`", "[Theorem 3.2](other.html#thm-inverse)"),
    ("{numref}`fig-v`", "[Fig. 2.1](page.html#fig-v)"),
    ("{ref}`an\nexercise <ex-one>`", "[an\nexercise](other.html#ex-one)"),
    ("[a](other.ipynb) [b](other.ipynb#part)", "[a](other.html) [b](other.html#part)"),
    ("[c](../results/run.json)", "[c](../_downloads/ab12/run.json)"),
    ("a\n\n$$\nx\n$$ (eq-rule)\n\nb", "a\n\n$$\nx \\tag{2.5}\n$$\n\nb"),
    (
        ":::{prf:theorem} Inverse\n:label: thm-inverse\n\nIf\n\n$$\na \\\\\nb\n$$\n:::",
        "> **Theorem 3.2 (Inverse)**\n>\n> If\n>\n> $$ a \\\\ b $$\n",
    ),
    (":::{exercise}\n:label: ex-one\n\nTry.\n:::", "> **Exercise 3.1**\n>\n> Try.\n"),
    (
        ":::{prf:proof}\nBy {eq}`eq-rule`.\n:::",
        "*Proof.* By [(2.5)](page.html#equation-eq-rule).\n",
    ),
    (
        ":::{solution} ex-one\n:class: dropdown\n\n$1$\n:::",
        "<details>\n<summary>Solution to Exercise 3.1</summary>\n\n$1$\n\n</details>\n",
    ),
    (":::{admonition} Mind\n:class: tip\n\nThis.\n:::", "> **Mind**\n>\n> This.\n"),
    (
        ':::{admonition} Say "no"\n:class: dropdown\n\nNo.\n:::',
        '<details>\n<summary>Say "no"</summary>\n\nNo.\n\n</details>\n',
    ),
    ("(part-two)=\n## Two\n\n[here](#part-two)", "## Two\n\n[here](page.html#part-two)"),
    (":::{note}\nThis.\n:::", "> **Note**\n>\n> This.\n"),
    (
        # The inner block ends the outer one; the last line opens a third, which is a mere box.
        ":::{exercise} E\n:label: ex-one\n\nTry.\n\n"
        ":::{admonition} Hint\n:class: dropdown\n\n`h`\n:::\n:::\n\nand on",
        "> **Exercise 3.1 (E)**\n>\n> Try.\n>\n"
        "> <details>\n> <summary>Hint</summary>\n>\n> `h`\n>\n> </details>\n\n\nand on",
    ),
]


@pytest.mark.parametrize("source", SAME)
def test_what_jupyter_knows_stays_as_it_is(book, source):
    assert book.cell(source, PAGE) == source


@pytest.mark.parametrize(("source", "expected"), MADE)
def test_what_jupyter_does_not_know_is_written_in_plain_markdown(book, source, expected):
    assert book.cell(source, PAGE) == expected


def test_a_figure_goes_with_its_cell(book, tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "v.svg").write_text("<svg/>")
    source = "```{figure} v.svg\n:name: fig-v\n:alt: A curve.\n\nIts *valley*.\n```"
    data = base64.b64encode(b"<svg/>").decode()
    assert book.cell(source, PAGE) == (
        f"![A curve.](data:image/svg+xml;base64,{data})\n\n**Fig. 2.1** Its *valley*.\n"
    )


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (":::{list-table}\n* - a\n:::", "{list-table}"),
        ("```{code-cell} python\n1\n```", "{code-cell}"),
        (":::{admonition} Box\n\n:::{margin}\nb\n:::\n:::", "{margin}"),
        ("{term}`Seed`", "{term}"),
        ("{eq}`eq-none`", "the label eq-none, which has no number"),
        ("- a\n\n  :::{margin}\n  b\n  :::", "{margin}"),
        ("- a\n\n  $$\n  x\n  $$ (eq-rule)", "a block in a list or a quotation ($$)"),
    ],
)
def test_what_is_not_known_is_an_error(book, source, what):
    sentence = f"{PAGE}: JupyterLite cannot show {what}; plain.py has to learn it"
    with pytest.raises(ExtensionError, match=f"^{re.escape(sentence)}$"):
        book.cell(source, PAGE)
