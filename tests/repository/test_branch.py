"""Notebooks that are opened alone: what is missing is fetched, and links lead to the site."""

import importlib.util
import json
import os
import sys
import urllib.request
from types import ModuleType, SimpleNamespace

import nbformat
import pytest
from frontdoor import branch
from frontdoor.address import Address
from IPython.core.inputtransformer2 import TransformerManager

HERE = Address("https://github.com/o/n", "https://o.github.io/n/")
NAME = "book/1-part/one.ipynb"
TEXT = (
    "[a](../1-part/two.html#b) [c](#d) `x[0](1)` ![e](data:image/png;base64,AA) [f](https://f.org)"
)
READS = 'json.loads(Path("../results/run.json").read_text())'


@pytest.fixture
def project(tmp_path):
    """A project whose site was built, with JupyterLite's notebook of one chapter."""
    (tmp_path / "pyproject.toml").write_text('[tool.hatch.version]\npath = "n.py"\n')
    (tmp_path / "n.py").write_text('__version__ = "1.2.0"\n')
    (tmp_path / "book/results").mkdir(parents=True)
    for name in ("run", "other"):
        (tmp_path / f"book/results/{name}.json").write_text("{}")
    cells = [nbformat.v4.new_markdown_cell(TEXT), nbformat.v4.new_code_cell(READS)]
    cells[1].metadata["trusted"] = True
    path = tmp_path / branch.NOTEBOOKS / NAME
    path.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return tmp_path


@pytest.fixture
def made(project):
    found = branch.files(project, HERE)
    assert sorted(found) == [NAME, "book/results/other.json", "book/results/run.json"]
    read = nbformat.reads(found[NAME].decode(), as_version=4)
    nbformat.validate(read)
    return read


def test_links_lead_to_the_site_and_code_stays(made):
    assert made.cells[1].source == (
        "[a](https://o.github.io/n/book/1-part/two.html#b) [c](#d) `x[0](1)` "
        "![e](data:image/png;base64,AA) [f](https://f.org)"
    )
    assert made.cells[2].source == READS
    assert "trusted" not in made.cells[2].metadata


def begin(made, monkeypatch, folder, *, there, modules=()):
    """What the first cell installs and fetches, and the names of modules it asks."""
    done = []
    code = TransformerManager().transform_cell(made.cells[0].source)
    shell = SimpleNamespace(run_line_magic=lambda *words: done.append(words))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if there else None)
    monkeypatch.setattr(
        urllib.request, "urlretrieve", lambda url, name: done.append((url, os.path.abspath(name)))
    )
    for name, module in dict(modules).items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.chdir(folder)
    exec(code, {"get_ipython": lambda: shell})
    return done


def test_what_is_missing_is_fetched(made, monkeypatch, tmp_path):
    done = begin(made, monkeypatch, tmp_path, there=False)
    assert done == [
        ("pip", 'install --quiet "dualedu[explore,scipy]==1.2.0"'),
        (
            "https://github.com/o/n/raw/launch/book/results/run.json",
            str(tmp_path / "book" / "results" / "run.json"),
        ),
    ]
    assert os.getcwd() == str(tmp_path / "book" / "1-part")


def test_where_nothing_is_missing_nothing_happens(made, monkeypatch, tmp_path):
    assert begin(made, monkeypatch, tmp_path, there=True) == []
    assert os.getcwd() == str(tmp_path)


def test_colab_is_told_to_show_widgets(made, monkeypatch, tmp_path):
    asked = []
    output = SimpleNamespace(enable_custom_widget_manager=lambda: asked.append("widgets"))
    colab = ModuleType("google.colab")
    colab.output = output
    modules = {"google": ModuleType("google"), "google.colab": colab}
    begin(made, monkeypatch, tmp_path, there=True, modules=modules)
    assert asked == ["widgets"]


def test_without_an_address_there_is_no_branch(project):
    assert branch.files(project, Address()) == {}


def test_a_site_without_jupyterlite_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"JupyterLite was not built\..* make book"):
        branch.files(tmp_path, HERE)


def test_every_stored_result_of_a_chapter_is_found(site):
    """As the book's own cells name them, all that lie in its folder of results."""
    notebooks = site / "lite" / "files"
    root = branch.ROOT
    data = [path.relative_to(root).as_posix() for path in (root / branch.DATA).glob("*.json")]
    found = set()
    for path in sorted(notebooks.rglob("*.ipynb")):
        name = path.relative_to(notebooks)
        made = json.loads(branch.notebook(path, name, "1.2.0", HERE, data))
        first = "".join(made["cells"][0]["source"])
        code = ["".join(c["source"]) for c in made["cells"][1:] if c["cell_type"] == "code"]
        asked = {word for word in data if any(word.rpartition("/")[2] in cell for cell in code)}
        assert all(f"/raw/launch/{word}" in first for word in asked), name
        found |= asked
    assert found
