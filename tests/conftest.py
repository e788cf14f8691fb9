"""What all tests share: the count of what is not tested, and the book, built once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import untested
from once import made_once

ROOT = Path(__file__).resolve().parents[1]
BUILD = "from jupyter_book.cli.main import main; main()"


LONG = ("tests/browser/", "tests/classroom/", "tests/book/test_samples.py")
"""What takes minutes is begun first: begun last, it would keep one processor busy and the others
waiting. xdist's own order, by the number of tests, knows nothing of minutes."""


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


# Helpers whose assertions are to say what they compared, as those of a test do.
pytest.register_assert_rewrite("course", "supervision")


def pytest_configure(config):
    config.pluginmanager.register(untested.Untested(config), "untested")


@pytest.fixture(autouse=True)
def numbers_printed_as_ever():
    """Chapters set how NumPy prints; no test is to see what another one's chapter set."""
    with np.printoptions():
        yield


class Built(NamedTuple):
    status: int
    said: str
    folder: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The site, built with every warning an error, once for all processes of a run."""

    def build(folder):
        options = ["-q", "-W", "-n", "--keep-going", "--path-output", str(folder)]
        done = subprocess.run(
            [sys.executable, "-c", BUILD, "build", str(ROOT), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        )
        text = json.dumps([done.returncode, done.stdout])
        (folder / "said.json").write_text(text, encoding="utf-8")

    out = made_once(tmp_path_factory, "book-site", build)
    said = json.loads((out / "said.json").read_text(encoding="utf-8"))
    return Built(*said, out / "_build" / "html")


@pytest.fixture(scope="session")
def site(built):
    """The folder of the built site, for tests that run Python in its pages."""
    # One test holds the build against its warnings; the others need its files.
    assert (built.folder / "index.html").is_file(), built.said
    live = built.folder / "_static" / "live"
    if not (live / "live.js").is_file():
        untested.skip("scripts")
    manifest = json.loads((live / "manifest.json").read_text(encoding="utf-8"))
    if "missing" in manifest:
        untested.skip("wheels")
    if manifest["pyodide"]["elsewhere"]:
        untested.skip("pyodide")
    return built.folder
