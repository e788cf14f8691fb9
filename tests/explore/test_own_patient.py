"""OwnPatient: what is read of pasted code and of notebooks, what runs, and what is said of it."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from dualedu.explore import OwnPatient
from dualedu.explore.own_patient.model import EXAMPLE, KINDS
from dualedu.explore.own_patient.reading import cells, guessed, names, opened

SQUARE = """import numpy as np
def f(w):
    return np.sum(w**2)
def grad(w):
    return 2 * w
w = np.array([1.0, 2.0])
"""


def notebook(*sources):
    made = [{"cell_type": "code", "source": s.splitlines(keepends=True)} for s in sources]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# Homework"]}, *made]})


def visit(code, **state):
    patient = OwnPatient()
    patient.code = code
    patient.update(**state)
    patient.press("examine")
    return patient


# --- files and names ------------------------------------------------------------------------------


def test_a_notebook_is_its_cells_of_code():
    code = opened("a.ipynb", notebook("%matplotlib inline\nx = 1", "", "!pip install a\ny = 2"))
    assert [part.split() for part in cells(code)] == [
        ["pass", "x", "=", "1"],
        ["pass", "y", "=", "2"],
    ]
    assert opened("a.py", SQUARE) == SQUARE


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [3]}', "{}", "null"])
def test_what_is_no_notebook_is_told(text):
    with pytest.raises(ValueError, match=r"bad\.ipynb cannot be read as a notebook"):
        opened("bad.ipynb", text)


def test_a_notebook_without_code_is_told():
    with pytest.raises(ValueError, match="has no cell of code"):
        opened("a.ipynb", notebook())


def test_lines_keep_their_numbers():
    (part,) = cells("a = 1\n%time b = 2\nc = a % 2\n")
    assert part.splitlines() == ["a = 1", "pass", "c = a % 2"]


@pytest.mark.parametrize("text", ["\ufeffx = 1\n", "\ufeff" + notebook("x = 1")])
def test_an_editor_s_mark_at_the_beginning_is_no_code(text):
    name = "a.py" if text.endswith("\n") else "a.ipynb"
    assert names(opened(name, text)).values == ("x",)
    assert names(text if name == "a.py" else opened(name, text)).unread == ()


def test_cells_in_other_languages_and_questions_are_left_out():
    sources = ("%%bash\nls -l | wc\n\nexit", "%%time\nx = 1", "x?\n\ny = 2")
    code = opened("a.ipynb", notebook(*sources))
    assert [part.strip("\n").split("\n") for part in cells(code)] == [
        ["pass", "pass", "", "pass"],
        ["pass", "x = 1"],
        ["pass", "", "y = 2"],
    ]


def test_of_a_class_it_is_said_how_a_method_is_named():
    patient = visit("class Net:\n    def loss(self, w): ...\n")
    told = "the code defines none. A method becomes one by a line like loss = lambda w"
    assert told in patient.message


@pytest.mark.parametrize(
    ("code", "guess"),
    [
        (EXAMPLE, ("loss", "gradient", "weights")),
        (SQUARE, ("f", "grad", "w")),
        ("def cost(W, b): ...\ndef backward(W, b): ...\nW = b = 1",
         ("cost", "backward", "(W, b)")),
        ("f = lambda x: x\ndf = lambda x: 1", ("f", "df", "")),
        ("def layer(x): ...\ndef layer_vjp(x, g): ...\nx = 1.0", ("layer", "layer_vjp", "x")),
        ("def accuracy(w): ...\ndef loss_fn(w, reg=0): ...\ndef grad_fn(w, reg=0): ...",
         ("loss_fn", "grad_fn", "")),
        ("", ("", "", "")),
    ],
)  # fmt: skip
def test_the_likely_names_are_chosen(code, guess):
    assert guessed(names(code)) == guess


# --- an examination -------------------------------------------------------------------------------


def test_the_example_is_ill_and_the_report_says_where():
    patient = OwnPatient()
    assert patient.words.startswith("Ready: is gradient the derivative of loss at weights?")
    patient.press("examine")
    assert "W1 and b1" in patient.words
    assert "line 9 of cell 1" in patient.report.html
    assert 'href="../1-numbers/functions.html"' in patient.report.html


@pytest.mark.parametrize(("chosen", "kind"), [(c, k) for c, k in KINDS.items() if k])
def test_the_sentence_names_the_kind_that_was_chosen(chosen, kind):
    patient = OwnPatient(kind=kind)
    assert f"is gradient ({chosen}) right for loss at weights?" in patient.words


def test_a_dropped_notebook_is_examined_though_a_cell_fails():
    patient = OwnPatient()
    text = notebook("import numpy as np\nimport no_such_library", SQUARE)
    patient.tray.file = {"name": "mine.ipynb", "text": text, "count": 1}
    assert patient.tray.said == "mine.ipynb is read."
    patient.press("examine")
    assert patient.words.startswith("Cell 1 did not run to its end: ModuleNotFoundError")
    assert "Healthy" in patient.words


def test_a_file_that_cannot_be_read_changes_nothing():
    patient = OwnPatient()
    patient.tray.file = {"name": "bad.ipynb", "text": "{", "count": 1}
    assert "cannot be read as a notebook" in patient.message
    assert patient.code == EXAMPLE


def test_broken_code_stays_and_is_told():
    patient = visit("def f(:\n    pass")
    assert patient.code == "def f(:\n    pass"
    assert "Line 1 is no Python" in patient.message


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"place": "nowhere"}, "The place nowhere is none: NameError"),
        ({"place": ""}, "Say where"),
        ({"place": "(w, w)"}, "It could not be examined: TypeError"),
        ({"kind": "jvp"}, "It could not be examined"),
    ],
)
def test_what_cannot_be_examined_says_why(state, reason):
    patient = visit(SQUARE, **state)
    assert reason in patient.message
    assert patient.report.html == ""


def test_a_function_that_its_cell_never_reached_is_told():
    patient = visit("1 / 0\n" + SQUARE)
    assert "ZeroDivisionError" in patient.message
    assert "there is no f" in patient.message


def test_a_diagnosis_is_for_the_code_it_was_made_of():
    patient = visit(SQUARE)
    assert patient.words == "Healthy: the gradient is right."
    patient.code = SQUARE.replace("2 * w", "3 * w")
    assert patient.words.startswith("Ready")
    assert patient.report.html == ""
    patient.press("examine")
    assert patient.words.startswith("Ill")


def test_progress_is_told():
    patient, told = OwnPatient(), []
    patient.picture.observe(lambda change: told.append(change["new"]), "words")
    patient.press("examine")
    assert told[0] == "Running cell 1 of 1."
    assert any("hypothesis" in words for words in told)


def test_what_code_prints_is_not_shown(capsys):
    assert "Healthy" in visit(SQUARE + "print('a curve')\n").words
    assert capsys.readouterr().out == ""


def test_the_drawing_has_a_bar_and_a_mark_for_each_array():
    patient = OwnPatient()
    patient.press("examine")
    root = ElementTree.fromstring(patient.picture.svg)
    words = [e.text for e in root.iter() if e.tag.endswith("text")]
    assert [w for w in words if w in ("✓", "✗")] == ["✗", "✗", "✓"]
    wide = [float(e.get("width")) for e in root.iter() if e.tag.endswith("rect")][1:]
    assert wide[0] > wide[2]
