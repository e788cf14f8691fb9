"""A book of somebody else's: a few lines of its configuration make its pages live."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import livebook
import pytest
from livebook import settings
from living_page import LivingPage
from nbformat import v4, write

ROOT = Path(__file__).parents[2]
FOREIGN = ROOT / "tests" / "livebook" / "foreign"
SETTINGS, _ = settings.read(ROOT)
BUILD = "from jupyter_book.cli.main import main; main()"
SHARED = ("lite-", "npm-", "pyodide-", "scripts-", "wheels-")
"""What is the same for every book, and was made for this one."""


def swing():
    """A chapter of the foreign book, with its outputs stored."""
    result = v4.new_output("execute_result", {"text/plain": "2.006"}, execution_count=1)
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# A swing\n\n:::{note}\nOf a small angle.\n:::"),
            v4.new_code_cell(
                "from pendulum import period\nround(float(period(1.0)), 3)",
                outputs=[result],
                execution_count=1,
            ),
            v4.new_code_cell("import json\njson.load(open('measured.json'))['seconds'][0]"),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3"},
        },
    )


@pytest.fixture(scope="module")
def folder(site, tmp_path_factory):
    """The foreign book's site. Only `site` says whether this machine can make pages live."""
    book = shutil.copytree(FOREIGN, tmp_path_factory.mktemp("foreign") / "book")
    write(swing(), book / "swing.ipynb")
    cache = book.parent / "cache"
    cache.mkdir()
    for made in SETTINGS.cache.iterdir():
        if made.name.startswith(SHARED):
            (cache / made.name).symlink_to(made)
    pyodide = SETTINGS.pyodide or SETTINGS.cache / "0.27.7"
    paths = {"PYTHONPATH": str(ROOT / "book" / "_ext"), "PYTHONIOENCODING": "utf-8"}
    named = {"PENDULUMS_CACHE": str(cache), "PENDULUMS_PYODIDE": str(pyodide)}
    done = subprocess.run(
        [sys.executable, "-c", BUILD, "build", str(book), "-q", "-W", "-n", "--keep-going"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=os.environ | paths | named,
    )
    assert done.returncode == 0, done.stdout
    return book / "_build" / "html"


def test_its_configuration_is_short():
    text = (FOREIGN / "_config.yml").read_text(encoding="utf-8")
    assert text.count("livebook") <= 6


def test_its_page_comes_alive_with_its_own_package_and_data(folder, serve, new_page):
    living = LivingPage(new_page(), f"{serve(folder)}/swing.html")
    assert living.cell(1).locator(".cell_output").first.inner_text().strip() == "2.006"
    living.start()
    assert living.run(1).strip() == "2.006"  # 2π√(1 / 9.81)
    assert living.run(2).strip() == "2.01"
    assert living.run(1, "round(float(period(4.0)), 3)").strip() == "4.012"
    living.assert_quiet()


def test_its_notebook_opens_in_jupyterlite(folder):
    page = (folder / "swing.html").read_text(encoding="utf-8")
    assert "lite/notebooks/index.html?path=swing.ipynb" in page
    notebook = (folder / "lite" / "files" / "swing.ipynb").read_text(encoding="utf-8")
    assert "> **Note**" in notebook
    assert ":::" not in notebook


def test_it_has_nothing_of_this_book_and_asks_no_other_host(folder):
    texts = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.suffix in (".html", ".json", ".js", ".css", ".txt")
    }
    assert "_static/live/manifest.json" in texts
    assert [name for name, text in texts.items() if "dualedu" in text] == []
    assert texts.pop("index.html").count("<") == 1  # leads to the first page, and has nothing else
    pages = [text for name, text in texts.items() if "/" not in name and name.endswith(".html")]
    assert len(pages) >= 2
    for page in pages:
        assert "thebe" not in page.lower().replace("sphinx-thebe.css", "")
        assert "Content-Security-Policy" in page


def test_livebook_names_nothing_of_this_book():
    files = [path for path in Path(livebook.__file__).parent.rglob("*.*") if path.is_file()]
    texts = {path: path.read_bytes() for path in files if "__pycache__" not in path.parts}
    assert texts
    assert [path for path, text in texts.items() if b"dualedu" in text.lower()] == []
