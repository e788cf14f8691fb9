"""Concept questions: what the directive makes of its text, what it refuses, and what pages ask."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from livebook.lite import plain

application = pytest.importorskip("sphinx.application")
docutils = pytest.importorskip("sphinx.util.docutils")
questions = pytest.importorskip("thisbook.questions")  # which tells JupyterLite's Markdown of them

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = sorted(BOOK.glob("[0-9]-*/*.ipynb"))
QUESTION = re.compile(r"^:::\{question\} (.+?)$(.*?)^:::$", re.MULTILINE | re.DOTALL)
ANSWER = re.compile(r"^(\S[^\n]*)\n: ([^\n]+)", re.MULTILINE)
CONFIG = """
extensions = ['myst_parser', 'thisbook.questions']
myst_enable_extensions = ['colon_fence', 'deflist']
"""

CHOICE = """
:::{question} A square
What is 3 · 3?

9
: Right.

6
: Not yet: this is the *sum*.
:::
"""
NUMBER = CHOICE.replace("A square", "A square\n:numeric:\n:within: 0.5\n").replace(
    "sum*.\n", "sum*.\n\notherwise\n: Not yet.\n"
)


@pytest.fixture
def built(tmp_path):
    """built(markdown) → the page's soup and what Sphinx said."""

    def build(text):
        (tmp_path / "conf.py").write_text(CONFIG, encoding="utf-8")
        (tmp_path / "index.md").write_text(f"# A page\n{text}", encoding="utf-8")
        with docutils.docutils_namespace(), (tmp_path / "said").open("w+") as stream:
            app = application.Sphinx(
                tmp_path, tmp_path, tmp_path / "out", tmp_path / "trees", "html",
                status=None, warning=stream,
            )  # fmt: skip
            app.build()
        said = (tmp_path / "said").read_text(encoding="utf-8")
        html = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
        return BeautifulSoup(html, "html.parser"), said

    return build


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        (r"7\varepsilon", "7epsilon"),
        (r"\sin(x) + x^2", "sin(x) + x^2"),
        (r"y = \operatorname{softmax}(z)", "y = softmax(z)"),
    ],
)
def test_an_answer_in_a_formula_has_a_name(formula, name, built):
    page, _ = built(CHOICE.replace("9\n", f"{{math}}`{formula}`\n"))
    named, plain = page.select(".question summary")
    assert named["aria-label"] == name
    assert not plain.has_attr("aria-label")


def test_an_answer_to_choose_opens_its_own_reply(built):
    page, said = built(CHOICE)
    assert said == ""
    right, wrong = page.select(".question details")
    assert [right.summary.text, wrong.summary.text] == ["9", "6"]
    assert wrong.em.text == "sum"
    assert right["name"] == wrong["name"]
    assert ("right" in right["class"], "right" in wrong["class"]) == (True, False)
    assert page.find(id=page.select_one(".question")["aria-labelledby"]).text == "A square"
    assert page.select("script[src*=questions]") == []


def test_a_number_to_type_has_a_field_with_a_name(built):
    page, said = built(NUMBER)
    assert said == ""
    field = page.select_one(".question form input")
    assert page.find("label", attrs={"for": field["id"]}).text
    replies = page.select(".question [role=status] > [hidden]")
    assert [reply["data-answer"] for reply in replies] == ["9", "6", "otherwise"]
    assert page.select_one(".question form")["data-within"] == "0.5"
    assert page.select("script[src*=questions]")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (CHOICE.replace("Right", "Good"), "one reply begins with 'Right', and not 0"),
        (CHOICE.replace("Not yet", "Right"), "and not 2"),
        (":::{question} Empty\n:::", "a question ends with its answers"),
        (CHOICE.replace("\n:::\n", "\n\nAnd now?\n:::\n"), "a question ends with its answers"),
        (NUMBER.replace("otherwise", "12"), "is 'otherwise', not '12'"),
        (NUMBER.replace("\n6\n", "\nsix\n"), "numbers for answers, not 'six'"),
    ],
)
def test_a_question_that_cannot_be_asked(built, text, complaint):
    assert complaint in built(text)[1]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_ask_and_every_answer_has_its_own_reply(path):
    cells = nbformat.read(path, as_version=4).cells
    found = [q for c in cells if c.cell_type == "markdown" for q in QUESTION.findall(c.source)]
    assert found
    for title, text in found:
        replies = [reply for _, reply in ANSWER.findall(text)]
        assert len(replies) >= 3, title
        assert len(set(replies)) == len(replies), title
        assert all(len(reply.split()) >= 8 for reply in replies), title


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            ":::{question} Why\nWhy $0$?\n\n$x < y$\n: No: it\n  is not.\n\nBecause\n: Right.\n:::",
            "> **Why**\n>\n> Why $0$?\n\n"
            "<details>\n<summary>$x < y$</summary>\n\nNo: it\nis not.\n\n</details>\n\n"
            "<details>\n<summary>Because</summary>\n\nRight.\n\n</details>\n",
        ),
        (
            ":::{question} How many\n:numeric:\n\nHow?\n\n15\n: Not yet.\n\n7\n: Right: so.\n\n"
            "otherwise\n: Not yet.\n:::",
            "> **How many**\n>\n> How?\n\n"
            "<details>\n<summary>Answer</summary>\n\n**7.** Right: so.\n\n</details>\n",
        ),
    ],
)
def test_in_jupyterlite_answers_are_folded(source, expected):
    assert plain.Cell(None, "page").text(source) == expected
