"""JupyterLite: said where it cannot be had, and set up for the versions that there are."""

import subprocess
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from livebook import build, settings
from livebook.lite import app as lite
from livebook.site.folder import Site

SETTINGS, _ = settings.read(Path(__file__).parents[3])


@pytest.mark.parametrize(
    ("elsewhere", "without", "reason"),
    [
        ("https://example.org/", "nothing", "it needs Pyodide's files in the site"),
        ("", "jupyterlite-core", "No package metadata was found for jupyterlite-core"),
        ("", "nothing", "a.json is not there"),
    ],
)
def test_no_page_offers_jupyterlite_where_it_cannot_be_had(
    elsewhere, without, reason, monkeypatch, tmp_path
):
    page = "book/1-numbers/algebra"
    here = build.Build(replace(SETTINGS, cache=tmp_path / "cache"))
    here.python = SimpleNamespace(manifest={"pyodide": {"elsewhere": elsewhere}})
    app = SimpleNamespace(
        outdir=tmp_path,
        builder=SimpleNamespace(format="html"),
        env=SimpleNamespace(found_docs={page}, doc2path=lambda name: f"{name}.ipynb"),
        livebook=here,
    )

    def version(name):
        if name == without:
            raise PackageNotFoundError(name)
        return "1"

    def run(*_, **__):
        return subprocess.CompletedProcess((), 1, "building\na.json is not there\n")

    monkeypatch.setattr(lite, "version", version)
    monkeypatch.setattr(lite.subprocess, "run", run)
    lite.begin(app)
    assert here.said == [f"The notebooks will not open in JupyterLite: {reason}"]
    assert lite.address(app, page, None) is None
    assert lite.outdated(app, app.env) == set()
    (tmp_path / lite.FOLDER).mkdir()  # and pages that offer it, by an older build
    assert lite.outdated(app, app.env) == {page}
    lite.write(Site(app))
    assert not (tmp_path / lite.FOLDER).exists()


def test_an_extension_asks_for_the_versions_that_its_package_declares():
    entry = 'shareKey:"@jupyterlab/{}",import:null,requiredVersion:"^{}"'
    package = {"dependencies": {"@jupyterlab/outputarea": "^4.0.0"}}
    assert lite.as_declared(entry.format("outputarea", "4.6.2"), package) == entry.format(
        "outputarea", "4.0.0"
    )
    assert lite.as_declared(entry.format("console", "4.6.2"), package) == entry.format(
        "console", "4.6.2"
    )
