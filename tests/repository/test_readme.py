"""The README's four quick starts: short, and what they say runs."""

import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
STARTS = ["A reader", "A student", "A teacher", "A contributor"]


def lines(start):
    """What somebody types who begins like this; Python's lines are run by a test of their own."""
    section = README.split(f"### {start}\n")[1].split("\n#")[0]
    blocks = re.findall(r"^```(?:python)?\n(.*?)^```$", section, re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.mark.parametrize("start", STARTS)
def test_a_start_has_at_most_five_lines(start):
    typed = [line for line in lines(start) if not line.startswith("[")]
    assert 0 < len(typed) <= 5


@pytest.mark.parametrize("start", STARTS)
def test_make_knows_what_it_is_asked_for(start):
    for line in lines(start):
        if line.startswith("make "):
            done = subprocess.run(["make", "-n", *line.split()[1:]], cwd=ROOT, capture_output=True)
            assert done.returncode == 0, line


def test_a_reader_is_served_the_book(built):
    (line,) = (line for line in lines("A reader") if "http.server" in line)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    replaced = line.replace("_build/html", str(built.folder)).replace("8000", port)
    command = [sys.executable, *shlex.split(replaced)[1:]]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                try:
                    page = urlopen(f"http://127.0.0.1:{port}/").read().decode()
                    break
                except OSError:
                    time.sleep(0.1)
            assert "<title>Learning with dual numbers</title>" in page
        finally:
            server.terminate()


def test_a_teacher_has_the_command():
    (line,) = (line for line in lines("A teacher") if line.startswith("python "))
    command = [sys.executable, *line.split()[1:3], "--help"]
    done = subprocess.run(command, cwd=ROOT / "classroom", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "assignment" in done.stdout


def test_the_moving_picture_is_small_and_stops():
    """Nothing moves for longer than five seconds beside what is read (WCAG 2.2.2)."""
    path = ROOT / ".github" / "living-page.gif"
    assert path.stat().st_size < 1_000_000
    with Image.open(path) as picture:
        assert picture.n_frames > 20
        lasts = 0
        for number in range(picture.n_frames):
            picture.seek(number)
            lasts += picture.info["duration"]
        assert lasts <= 5_000
        assert "loop" not in picture.info  # played once


def test_the_badges_say_what_the_project_says():
    """Drawn from its files; the words beside the picture are those in it."""
    ((words, file),) = re.findall(r"!\[([^\]]+)\]\((\S+badges\.svg)\)", README)
    assert f'aria-label="{words}"' in (ROOT / file).read_text(encoding="utf-8")
