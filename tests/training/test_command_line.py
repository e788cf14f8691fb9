"""python -m dualedu.training, from the command to its files."""

import functools
import itertools
import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dualedu.training.__main__ as command
from dualedu.training.history import History
from dualedu.training.recipes import RATES

QUICK = ["--epochs", "1", "--batch-size", "100"]


def run(capsys, *arguments):
    """Exit code, stdout and stderr of the command, run in this process."""
    try:
        code = command.main([str(a) for a in arguments])
    except SystemExit as error:
        code = error.code
    return code, *capsys.readouterr()


def test_a_new_user_gets_an_accuracy_and_files(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "dualedu.training", *QUICK],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    accuracy = float(re.search(r"test accuracy ([\d.]+) % after 1 epoch,", done.stdout)[1])
    assert accuracy > 88
    assert "epoch 1/1" in done.stderr
    (prefix,) = {path.with_suffix("") for path in (tmp_path / "runs").iterdir()}
    assert re.fullmatch(r"exact-\d{8}-\d{6}", prefix.name)
    history = History.load(prefix.with_suffix(".json"))
    assert history["test_accuracy"] == [pytest.approx(accuracy / 100, abs=6e-5)]
    assert history.settings["learning_rate"] == 0.05
    assert prefix.with_suffix(".npz").exists()
    pytest.importorskip("matplotlib")
    assert prefix.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "options", "rate"),
    [
        ("--shift --seed 3", {}, 0.05),
        ("--method activities", {"directions": 64, "orthogonal": True}, RATES["activities"][64]),
        (
            "--method activities --directions 5",
            {"directions": 5, "orthogonal": True},
            RATES["activities"][4],
        ),
        (
            "--method activities --directions 150",
            {"directions": 150, "orthogonal": False},
            RATES["activities"][64],
        ),
        ("--method weights", {"directions": 1}, RATES["weights"][1]),
        (
            "--method weights --directions 16 --learning-rate 2e-4",
            {"directions": 16, "law": "rank-one"},
            2e-4,
        ),
    ],
)
def test_what_each_method_trains_with(arguments, options, rate, capsys, tmp_path, monkeypatch):
    whole = command.mnist.load(normalised=True)
    part = whole._replace(
        train_images=whole.train_images[:500], train_labels=whole.train_labels[:500]
    )
    monkeypatch.setattr(command.mnist, "load", lambda *_, **__: part)
    arguments = arguments.split()
    code, out, _ = run(capsys, *QUICK, *arguments, "--save", tmp_path / "a" / "b")
    assert code == 0
    settings = History.load(tmp_path / "a" / "b.json").settings
    method = arguments[1] if "--method" in arguments else None
    assert settings["gradient"] == ("forward_gradient" if method else "exact_gradient")
    assert settings["options"] == options | ({"perturb": method} if method else {})
    assert settings["learning_rate"] == rate
    assert settings["shift"] == ("--shift" in arguments)
    assert settings["seed"] == (3 if "--seed" in arguments else 0)
    assert f"wrote {tmp_path / 'a' / 'b.json'}" in out


def test_an_interrupted_run_says_how_to_go_on_and_does(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    calls = itertools.count()
    exact = command.exact_gradient

    @functools.wraps(exact)
    def interrupted(*arguments):
        if next(calls) == 30:
            signal.raise_signal(signal.SIGINT)
        return exact(*arguments)

    monkeypatch.setattr(command, "exact_gradient", interrupted)
    code, out, _ = run(capsys, *QUICK)
    signal.signal(signal.SIGINT, handler)
    assert code == 130
    words = shlex.split(out.splitlines()[-1])
    assert words[:3] == ["python", "-m", "dualedu.training"]
    prefix = Path(words[words.index("--save") + 1])
    assert History.load(prefix.with_suffix(".json")).interrupted
    assert len(History.load(prefix.with_suffix(".json")).steps) == 31

    assert run(capsys, *words[3:])[0] == 0
    assert run(capsys, *QUICK, "--save", "whole")[0] == 0
    resumed, whole = (History.load(p) for p in (prefix.with_suffix(".json"), "whole.json"))
    assert resumed.steps == whole.steps
    assert not resumed.interrupted
    with np.load(prefix.with_suffix(".npz")) as a, np.load("whole.npz") as b:
        for name in ("parameter0", "parameter1", "parameter2", "parameter3"):
            assert np.array_equal(a[name], b[name])


def test_divergence_ends_with_its_reason_and_keeps_the_history(capsys, tmp_path):
    code, out, err = run(capsys, *QUICK, "--learning-rate", "1e30", "--save", tmp_path / "x")
    assert code == 1
    assert "lower learning_rate from 1e+30" in err
    assert "Traceback" not in err
    steps = json.loads((tmp_path / "x.json").read_text())["steps"]
    assert f"at step {len(steps)} " in err
    assert str(tmp_path / "x.json") in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--method", "backward"], 2, "invalid choice: 'backward'"),
        (["--directions", "4"], 2, "--directions is for --method activities or weights"),
        (["--method", "weights", "--directions", "0"], 2, "0 is not 1 or more"),
        (["--epochs", "many"], 2, "invalid count value: 'many'"),
        (["--learning-rate", "-1"], 2, "-1 is not a positive number"),
        (["--resume"], 2, "--resume needs --save PREFIX"),
        (["--resume", "--save", "nowhere"], 1, "no checkpoint nowhere.npz to resume from"),
        (["--full", "--root", "nowhere"], 1, "train-images-idx3-ubyte is missing"),
        (["--root", "somewhere"], 1, "add full=True"),
    ],
)
def test_mistakes_are_answered_without_a_traceback(
    arguments, code, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    found, _, err = run(capsys, *QUICK, *arguments)
    assert found == code
    assert message in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_run_is_not_overwritten(capsys, tmp_path):
    (tmp_path / "x.json").write_text("precious")
    code, _, err = run(capsys, *QUICK, "--save", tmp_path / "x")
    assert code == 2
    assert "x.json would be overwritten" in err
    assert (tmp_path / "x.json").read_text() == "precious"


def test_without_matplotlib_only_the_picture_is_missing(capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    code, _, err = run(capsys, *QUICK, "--save", tmp_path / "x")
    assert code == 0
    assert "no picture: matplotlib is not installed" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.json", "x.npz"]


def test_nothing_heavy_is_imported():
    code = (
        "import sys, dualedu.training.__main__\n"
        "print([m for m in ('torch', 'matplotlib', 'tqdm', 'torchvision') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
