"""What the tests of what a build fetches share."""

import json
from pathlib import Path

import pytest
import untested
from livebook import build, settings
from livebook.python import release, stage
from node_said import run

SETTINGS, _ = settings.read(Path(__file__).parents[2])


@pytest.fixture
def address(tmp_path, monkeypatch):
    """A folder that stands at Pyodide's address."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setitem(release.RELEASE, "base", folder.as_uri() + "/")
    return folder


@pytest.fixture(scope="session")
def staged(built):  # which stages too: two at once would get in each other's way
    try:
        staged = stage.stage(SETTINGS)
    except build.Absent:
        untested.skip("wheels")
    if staged.manifest["pyodide"]["elsewhere"]:
        untested.skip("pyodide")
    return staged


@pytest.fixture(scope="session")
def live(staged, tmp_path_factory):
    """The folder as it is in the site."""
    folder = tmp_path_factory.mktemp("live")
    stage.put(staged, folder)
    return folder


@pytest.fixture(scope="session")
def manifest(live):
    return json.loads((live / "manifest.json").read_text())


@pytest.fixture(scope="session")
def packages(live, manifest):
    return json.loads((live / manifest["lock"]).read_text())["packages"]


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


@pytest.fixture(scope="session")
def unpacked(live, tmp_path_factory):
    """The folder of all parts, and what a start is told of the rest."""
    folder = tmp_path_factory.mktemp("parts")
    return folder, run(tmp_path_factory.mktemp("unpack"), UNPACK, live, folder)
