"""*How this book is built* says what things weigh: of the site that is built, to a tenth."""

import re
from pathlib import Path

import pytest
import untested

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book" / "reference" / "how-built.md").read_text(encoding="utf-8")


def said(sentence):
    """The numbers of a sentence of the page, in which they are written as N."""
    found = re.search(re.escape(sentence).replace("N", r"([\d.,]+)"), PAGE)
    assert found, f"the page no longer says: {sentence}"
    return [float(number.replace(",", "")) for number in found.groups()]


def files(folder):
    return [file for file in folder.rglob("*") if file.is_file()]


def megabytes(found):
    return sum(file.stat().st_size for file in found) / 1e6


def test_lines_of_the_glue():
    scripts = (ROOT / "book" / "_ext" / "livebook" / "js" / "src").glob("*.js")
    lines = sum(file.read_text(encoding="utf-8").count("\n") for file in scripts)
    assert said("some N lines in `book/_ext/livebook/js/src`") == [pytest.approx(lines, rel=0.1)]


def test_scripts_beside_python(site):
    live = site / "_static" / "live"
    shown = [f for kind in ("front-*.js", "editor-*.js", "alive.css") for f in live.glob(kind)]
    sentence = "the scripts that show widgets and code, N MB"
    assert said(sentence) == [pytest.approx(megabytes(shown), rel=0.1)]


def test_the_folder_of_pyodide(site):
    weight = megabytes(files(site / "_static" / "live" / "pyodide"))
    assert said("whose folder is N MB") == [pytest.approx(weight, rel=0.1)]


def test_jupyterlite_and_its_notebooks(site):
    if not (site / "lite").is_dir():
        untested.skip("lite")
    app = files(site / "lite")
    notebooks = [file for file in app if "files" in file.relative_to(site).parts]
    rest = [file for file in app if file not in notebooks]
    assert said("The app is N MB in N files, beside N MB of notebooks.") == [
        pytest.approx(megabytes(rest), rel=0.1),
        pytest.approx(len(rest), rel=0.1),
        pytest.approx(megabytes(notebooks), rel=0.1),
    ]
