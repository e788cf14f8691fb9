"""The command line with its exit codes, and the helper for tests."""

import json

import numpy as np
import pytest

from dualedu.doctor import assert_gradient
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


def test_the_failure_of_a_test_is_the_diagnosis():
    w = np.array([0.3, -1.2])
    assert assert_gradient(lambda w: np.sum(w**3), lambda w: 3 * w**2, w).healthy
    with pytest.raises(AssertionError, match="the sign is turned round"):
        assert_gradient(lambda w: np.sum(w**3), lambda w: -3 * w**2, w)
