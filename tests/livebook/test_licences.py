"""The licences of what is shipped, and of what the pages' scripts are bundled from."""

import json
import re
from pathlib import Path

import untested
from livebook import build, licences, scripts, settings
from livebook.python import slim

SETTINGS, _ = settings.read(Path(__file__).parents[2])


def test_every_package_in_the_scripts_has_its_licence_listed():
    try:
        bundle = scripts.bundle(SETTINGS.cache)
    except build.Absent:
        untested.skip("scripts")
    works = {work.name: work for work in licences.script_works(SETTINGS.cache)}
    inputs = json.loads((bundle / scripts.INPUTS).read_text())
    package = r"(?:.*/)?node_modules/((?:@[^/]+/)?[^/]+)"
    assert {found[1] for path in inputs if (found := re.match(package, path))} <= set(works)
    # Some want to be named in the scripts themselves, as a browser gets them.
    text = "".join(path.read_text() for path in bundle.glob("*.js"))
    named = re.findall(r"^((?:@[^/\s]+/)?[^/\s]+)/\S+\.js:$", text, re.M)
    assert "jquery" in named
    assert set(named) <= set(works)
    assert "solid-js" in works  # which anywidget brings within its own script
    assert "esbuild" not in works
    for work in works.values():
        assert re.search(r"MIT|BSD|Apache-2|ISC|OFL", work.licence), work.name


def test_every_package_that_is_shipped_has_its_licence_listed(live, manifest, staged):
    listed = {slim.normalised(work.name) for work in licences.python_works(staged, SETTINGS.own)}
    folder = live / manifest["pyodide"]["base"]
    shipped = {slim.normalised(p.name.split("-")[0]) for p in folder.glob("*.whl")}
    assert "numpy" in shipped
    assert {name for name in shipped if not name.startswith("dualedu")} <= listed
