"""What a machine may lack, and what is not tested where it does: told once, with the way out.

A test that needs something asks here, `untested.skip("firefox")`, and nowhere else. At the end of a
run each lack is one line with its number of tests, however many fixtures it went through.

In CI, where `CI` is set, a run fails unless it lacks exactly what `DUALEDU_UNTESTED` names: nothing
stops being tested unseen.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest


class Lack(NamedTuple):
    reason: str
    way: str


PYODIDE = (
    "set DUALEDU_PYODIDE to a folder with the unpacked release of Pyodide, or run where its host "
    'can be reached; the page "How this book is built" says which files'
)
LACKS = {
    "chromium": Lack(
        "there is no Chromium on the path", "install it; on Debian: apt install chromium"
    ),
    "firefox": Lack(
        "there is no Firefox on the path that can be driven",
        "install Firefox 143 or newer; on Debian: apt install firefox-esr",
    ),
    "webkit": Lack(
        "there is no WebKit that can be driven, or no screen for it",
        "on Debian: apt install webkit2gtk-driver xvfb",
    ),
    "bubblewrap": Lack(
        "there is no bubblewrap, or it may not make boxes here, so nothing is graded in one",
        "install it; on Debian: apt install bubblewrap",
    ),
    "scripts": Lack(
        "the pages have no scripts",
        "run where npm's registry can be reached; once is enough, the scripts are kept",
    ),
    "pyodide": Lack("Pyodide's files are not here, so no page runs Python", PYODIDE),
    "wheels": Lack(
        "the pages have no Python packages",
        "run where PyPI can be reached; once is enough, the packages are kept",
    ),
    "npm": Lack("npm's registry cannot be reached", "run where it can be"),
    "lite": Lack(
        "the site has no JupyterLite", "pip install -r requirements.txt, and Pyodide's files"
    ),
    "mnist": Lack(
        "the full MNIST is not here", "set DUALEDU_MNIST to the folder that holds MNIST/raw"
    ),
    "torchvision": Lack(
        "torchvision does not import beside this PyTorch",
        "install a pair of the same date, as in requirements.txt",
    ),
}
WAIT = {
    "rehearsal": "grading a whole class: pytest -m rehearsal, two minutes an assignment",
    "hub": "a JupyterHub, as root on Linux: pytest -m hub, some minutes",
}
"""Markers of tests that run only when they are asked for."""

MISSING = re.compile(r"could not import '(\w+)")
REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"


def skip(name: str) -> NoReturn:
    """Skip the test, for what this machine lacks."""
    pytest.skip(LACKS[name].reason)


needs_mnist = pytest.mark.skipif(not os.environ.get("DUALEDU_MNIST"), reason=LACKS["mnist"].reason)


def named(reason: str) -> tuple[str | None, str]:
    """The name of a lack by a skip's reason, and the way out; a package is called by its name."""
    for name, lack in LACKS.items():
        if lack.reason == reason:
            return name, lack.way
    if package := MISSING.match(reason):
        pinned = re.search(rf"^{package[1]}\b", REQUIREMENTS.read_text("utf-8"), re.M | re.I)
        return package[1], f"pip install {'-r requirements.txt' if pinned else package[1]}"
    return None, ""


class Untested:
    """The plugin: counts skips by reason, and tells them last.

    Workers send what the controller cannot see: files that were skipped whole, and tests that
    wait until they are asked for.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.tests: Counter[str] = Counter()
        self.files: defaultdict[str, set[str]] = defaultdict(set)
        self.waiting: dict[str, int] = {}
        self.wrong: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.tests[told(report)] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.files[told(report)].add(report.nodeid)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        marks = [mark for item in items for mark in WAIT if item.get_closest_marker(mark)]
        self.waiting = dict(Counter(marks))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workeroutput"):
            files = {reason: sorted(names) for reason, names in self.files.items()}
            self.config.workeroutput["untested"] = {"files": files, "waiting": self.waiting}
            return
        if os.environ.get("CI"):
            whole = self.config.args_source is pytest.Config.ArgsSource.TESTPATHS
            self.wrong = [*self.surprises(whole)]
            if self.wrong and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        sent = getattr(node, "workeroutput", {}).get("untested")
        if sent:
            self.waiting = sent["waiting"]
            for reason, names in sent["files"].items():
                self.files[reason].update(names)

    def surprises(self, whole: bool) -> list[str]:
        """Where the skips of a run in CI are not those that it was told of."""
        expected = {*os.environ.get("DUALEDU_UNTESTED", "").split()}
        reasons = {*self.tests, *self.files}
        lacking = {named(reason)[0] for reason in reasons}
        said = [f"skipped, and not expected: {r}" for r in reasons if named(r)[0] not in expected]
        if whole:
            tested = sorted(expected - lacking)
            said += [f"DUALEDU_UNTESTED names {name!r}, but it was tested" for name in tested]
        return sorted(said)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lines = [*self.lines()]
        if lines or self.wrong:
            terminalreporter.section("not tested here")
            for line in lines:
                terminalreporter.write_line(line)
            for line in self.wrong:
                terminalreporter.write_line(f"CI: {line}", red=True)

    def lines(self) -> list[str]:
        said = []
        for reason in sorted({*self.tests, *self.files}, key=lambda r: (-self.tests[r], r)):
            counted = [plural(self.tests[reason], "test")] if self.tests[reason] else []
            if self.files[reason]:
                counted.append(plural(len(self.files[reason]), "whole file"))
            said.append((" and ".join(counted), reason, named(reason)[1]))
        for mark, count in self.waiting.items():
            said.append((plural(count, "test"), WAIT[mark], ""))
        return [line for each in said for line in told_as(*each)]


def told_as(counted: str, reason: str, way: str) -> list[str]:
    indent = {"width": 100, "subsequent_indent": "  ", "break_long_words": False}
    lines = textwrap.wrap(f"{counted}: {reason}", **indent)
    return lines + textwrap.wrap(f"  to have it tested: {way}", **indent) if way else lines


def told(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The reason of a skip in one line."""
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ").splitlines()[0]


def plural(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"
