"""What was not tested is told once, with the way out; CI takes no skip that it was not told of."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).with_name("support")
ALONE = {"PYTHONPATH": str(SUPPORT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
CONFTEST = """
import untested
def pytest_configure(config):
    config.pluginmanager.register(untested.Untested(config))
"""
SETTINGS = """
[pytest]
testpaths = .
addopts = -p xdist -m "not hub"
markers = hub
"""
SKIPS = """
import pytest, untested

@pytest.fixture(scope="session")
def browser():
    untested.skip("firefox")

@pytest.mark.parametrize("number", range(40))
def test_in_it(browser, number): pass

@pytest.mark.hub
def test_long(): pass
"""
WHOLE = 'import pytest; pytest.importorskip("nowhere"); test_a = test_b = lambda: None'
TWICE = "def test_a(): pass"


@pytest.fixture
def run(tmp_path):
    """run(files, *options, **environment): the status, and the lines of the summary."""

    def started(files, *options, **environment):
        for name, text in {"conftest.py": CONFTEST, "pytest.ini": SETTINGS, **files}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        outer = {n: v for n, v in os.environ.items() if n not in ("CI", "DUALEDU_UNTESTED")}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
            cwd=tmp_path,
            env=outer | ALONE | environment,
            capture_output=True,
            encoding="utf-8",
        )
        _, _, summary = done.stdout.partition("not tested here")
        return done.returncode, [line for line in summary.splitlines()[1:-1] if line]

    return started


FIREFOX = [
    "40 tests: there is no Firefox on the path that can be driven",
    "  to have it tested: install Firefox 143 or newer; on Debian: apt install firefox-esr",
]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_lack_is_told_once_and_with_the_way_out(run, workers):
    status, said = run({"test_a.py": SKIPS, "test_b.py": WHOLE}, "-n", workers)
    assert status == 0
    assert said == [
        *FIREFOX,
        "1 whole file: could not import 'nowhere': No module named 'nowhere'",
        "  to have it tested: pip install nowhere",
        "1 test: a JupyterHub, as root on Linux: pytest -m hub, some minutes",
    ]


def test_nothing_is_said_where_all_was_tested(run):
    assert run({"test_a.py": TWICE}) == (0, [])
    assert run({"test_a.py": TWICE}, CI="true") == (0, [])


def test_ci_takes_the_skips_that_it_was_told_of(run):
    files = {"test_a.py": SKIPS, "test_b.py": WHOLE}
    status, said = run(files, CI="true", DUALEDU_UNTESTED="nowhere firefox")
    assert status == 0
    assert said[:2] == FIREFOX


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ("", "skipped, and not expected: there is no Firefox on the path that can be driven"),
        ("chromium firefox", "DUALEDU_UNTESTED names 'chromium', but it was tested"),
    ],
)
def test_ci_takes_no_other(run, expected, complaint, workers):
    options = ["-n", workers]
    status, said = run({"test_a.py": SKIPS}, *options, CI="true", DUALEDU_UNTESTED=expected)
    assert status == 1
    assert said[-1] == f"CI: {complaint}"


def test_of_a_part_of_the_tests_ci_asks_no_more_than_it_has(run):
    environment = {"CI": "true", "DUALEDU_UNTESTED": "firefox chromium"}
    status, said = run({"test_a.py": SKIPS, "test_c.py": TWICE}, "test_a.py", **environment)
    assert (status, said[:2]) == (0, FIREFOX)


def test_a_skip_without_a_name_fails_in_ci(run):
    reason = "import pytest\ndef test_a(): pytest.skip('the moon is full')"
    assert run({"test_a.py": reason})[0] == 0
    status, said = run({"test_a.py": reason}, CI="true")
    assert status == 1
    assert said[-1] == "CI: skipped, and not expected: the moon is full"
