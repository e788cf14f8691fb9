"""A start needs the first pack alone; the rest comes when it is asked for."""

import json
from pathlib import Path

import pytest
from node_said import run

ROOT = Path(__file__).parents[3]


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
