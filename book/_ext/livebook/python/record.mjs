// What a start reads: node record.mjs PYODIDE SCRIPTS OPTIONS TARGET writes a list of files in Python's file system.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [pyodide, scripts, options, target] = process.argv.slice(2);
const { packages, cells } = JSON.parse(options);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
try {
  const env = { HOME: "/home/pyodide", PYTHONDONTWRITEBYTECODE: "1" };
  const py = await loadPyodide({ indexURL: `${pyodide}/`, env });
  await py.loadPackage(packages, { messageCallback() {} });
  py.runPython(`
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(given[0]) if event == "open" else None)
`);
  // As in worker.js, but that nobody listens.
  py.registerJsModule("page", { send() {}, stream() {}, async load() {}, packages: () => packages, stage() {} });
  py.FS.writeFile("/lib/python3.12/site-packages/imports.py", readFileSync(`${scripts}/imports.py`));
  const run = (name, wanted) => py.runPython(`${readFileSync(`${scripts}/${name}.py`, "utf8")}\n${wanted}`, { globals: py.toPy({ __name__: name }) });
  run("rest", "begin")('{"sum": "", "modules": [], "sources": []}');
  const python = run("kernel", "locals()");
  for (const cell of cells) {
    const status = await python.get("execute")(cell.code, "1");
    if (status !== cell.status) throw new Error(`Error: ${cell.code} ends with ${status}`);
  }
  python.get("complete")("import math; math.sq", "");
  python.get("describe")("print");
  writeFileSync(target, py.runPython(`
import json
files = [str(getattr(module, "__file__", None)) for module in [*sys.modules.values()]]
opened += [file for file in files if not file.endswith(".py")]   # of a source, its byte code is read
json.dumps(sorted({*map(str, opened)}))
`));
} catch (error) {
  // Node would print the whole of pyodide.asm.js, one line long, before the message.
  console.error(String(error.message ?? error));
  process.exit(1);
}
