"""The containers of examples/many-workers, played as processes on this machine's loopback."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

FILE = Path(__file__).parents[2] / "examples" / "many-workers" / "compose.yaml"
SERVICES = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
QUICK = ["--batch-size", "2500"]
PROGRAMS = {"python": [sys.executable], "dask": [sys.executable, "-m", "dask"]}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def play(tmp_path):
    """play(service, more…) → the process of its command, on a port of this run."""
    port = free_port()
    here = {
        "8786": str(port),
        ":8787": "127.0.0.1:0",
        "tcp://scheduler:8786": f"tcp://127.0.0.1:{port}",
        "/runs/first": str(tmp_path / "first"),
    }

    with contextlib.ExitStack() as stack:

        def play(name, *more):
            service = SERVICES[name]
            program, *arguments = [here.get(word, word) for word in service["command"]]
            process = subprocess.Popen(
                [*PROGRAMS[program], *arguments, *more],
                cwd=tmp_path,
                env=os.environ | service.get("environment", {}),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process

        play.port = port
        yield play


def listens(port):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), 2).close()
        time.sleep(0.1)
    raise AssertionError(f"nobody listens on {port}")


def test_their_commands_train_as_one_process_does(play, tmp_path):
    play("scheduler", "--host", "127.0.0.1")
    listens(play.port)
    for _ in range(2):
        play("worker", "--no-nanny", "--host", "127.0.0.1")
    training = play("train", *QUICK)
    said, _ = training.communicate(timeout=300)
    assert training.returncode == 0, said
    words = [word for word in SERVICES["train"]["command"] if word != "tcp://scheduler:8786"]
    alone = [{"--scheduler": "--workers"}.get(word, word) for word in words[1:]]
    alone.insert(alone.index("--workers") + 1, "0")
    alone[alone.index("--save") + 1] = str(tmp_path / "alone")
    subprocess.run([sys.executable, *alone, *QUICK], check=True, capture_output=True, cwd=tmp_path)
    with np.load(tmp_path / "first.npz") as one, np.load(tmp_path / "alone.npz") as other:
        names = [name for name in one.files if name.startswith("parameter")]
        assert len(names) == 4
        for name in names:
            assert one[name].tobytes() == other[name].tobytes()


def test_nobody_outside_reaches_the_scheduler():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8787:8787"]
