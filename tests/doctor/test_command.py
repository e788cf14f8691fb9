"""The command line with its exit codes."""

import json

import numpy as np
import pytest

from dualedu.doctor.__main__ import main

CODE = """
import numpy as np

start = np.array([1.0, 2.0])

def loss(w):
    return np.sum(np.tanh(w))

def gradient(w):
    return 1 - np.tanh(w) ** 2

def without_square(w):
    return 1 - np.tanh(w)

def noisy(w):
    return np.sum(w) + np.random.default_rng().normal()

def talkative(w):
    print("here I am")
    return loss(w)

def index(w):
    return w["a"]

def begin():
    return start
"""


@pytest.fixture
def code(tmp_path):
    file = tmp_path / "my_code.py"
    file.write_text(CODE)
    return str(file)


@pytest.mark.parametrize(
    ("f", "claimed", "at", "status"),
    [
        ("loss", "gradient", "start", 0),
        ("loss", "gradient", "{code}:begin", 0),
        ("loss", "gradient", "[0.3, -2]", 0),
        ("loss", "gradient", "normal(4, 3)", 0),
        ("loss", "without_square", "start", 1),
        ("noisy", "gradient", "start", 2),
        ("loss", "grad", "start", 3),
        ("loss", "gradient", "nowhere", 3),
    ],
)
def test_exit_codes(code, f, claimed, at, status):
    assert main([f"{code}:{f}", f"{code}:{claimed}", "--at", at.format(code=code)]) == status


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("nothere.npy", "there is no file nothere.npy"),
        ("{folder}/text.npy", "write it with np.save"),
        ("at.csv", "neither a name"),
        ("[1.0, 2.0", "neither a name"),
        ("[[1, 2], [3]]", "neither a name"),
        ("normal(3.5)", "write shapes as"),
        ("loss", "is a function, called without arguments"),
        ("stat", "no 'stat' (start?); it has np, start"),
        ("my.start", "neither a name"),
        ("{folder}/wrong.py:start", "wrong.py cannot be loaded: SyntaxError"),
        ("{folder}/ends.py:start", "sys.exit(7), at line 2 of ends.py"),
        ("{folder}/book.ipynb:start", "is a notebook"),
    ],
)
def test_a_place_that_is_none(code, tmp_path, capsys, at, words):
    (tmp_path / "text.npy").write_text("1 2 3")
    (tmp_path / "wrong.py").write_text("start = (")
    (tmp_path / "ends.py").write_text("import sys\nsys.exit(7)")
    assert main([f"{code}:loss", f"{code}:gradient", "--at", at.format(folder=tmp_path)]) == 3
    assert words in capsys.readouterr().err


def test_an_error_of_the_code_comes_with_its_line(code, capsys):
    assert main([f"{code}:index", f"{code}:gradient", "--at", "start"]) == 3
    said = capsys.readouterr().err
    assert "IndexError" in said
    assert said.endswith('of my_code.py: return w["a"]\n')


def test_what_cannot_be_asked_is_not_taken_for_a_verdict(code):
    with pytest.raises(SystemExit) as ended:
        main([f"{code}:loss", f"{code}:gradient", "--at", "start", "--kind", "slope"])
    assert ended.value.code == 3


def test_json_stands_alone(code, capsys):
    assert main([f"{code}:talkative", f"{code}:gradient", "--at", "start", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "healthy"


def test_what_is_printed(code, capsys):
    main([f"{code}:loss", f"{code}:without_square", "--at", "start"])
    assert "slope of a function inside" in capsys.readouterr().out
    main([f"{code}:loss", f"{code}:without_square", "--at", "start", "--json"])
    assert json.loads(capsys.readouterr().out)["verdict"] == "ill"
    main([f"{code}:loss", f"{code}:grad", "--at", "start"])
    assert "it has np, start, loss, gradient" in capsys.readouterr().err


def test_a_file_of_arrays(code, tmp_path):
    np.save(tmp_path / "at.npy", np.ones((2, 2)))
    assert main([f"{code}:loss", f"{code}:gradient", "--at", str(tmp_path / "at.npy")]) == 0


def test_without_patience_no_step_is_blamed(code, capsys):
    asked = [f"{code}:loss", f"{code}:without_square", "--at", "start"]
    assert main(asked) == 1
    assert "not tried" not in capsys.readouterr().out
    assert main([*asked, "--patience", "0"]) == 1
    assert "not tried on w" in " ".join(capsys.readouterr().out.split())
