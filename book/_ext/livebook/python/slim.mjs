// Runs slim.py in Pyodide's Python under Node: node slim.mjs PYODIDE TOOLS SOURCE TARGET OPTIONS
import { pathToFileURL } from "node:url";

const [pyodide, tools, source, target, options] = process.argv.slice(2);
const { fonts, whole } = JSON.parse(options);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
try {
  // The order of sets decides the byte code of constants: fixed, or every build's files would have
  // other names, and every visitor would fetch all of them again.
  // Columns, which only a traceback with sources shows, are a sixth of all byte code.
  const env = { HOME: "/home/pyodide", PYTHONHASHSEED: "0", PYTHONNODEBUGRANGES: "1" };
  const py = await loadPyodide({ indexURL: `${pyodide}/`, env });
  for (const [at, root] of Object.entries({ "/tools": tools, "/source": source, "/target": target })) {
    py.FS.mkdir(at);
    py.FS.mount(py.FS.filesystems.NODEFS, { root }, at);
  }
  py.globals.set("whole", whole);
  py.runPython(`
import sys
from pathlib import Path
sys.dont_write_bytecode = True
sys.path.append("/tools")
import slim
slim.slim_all(Path("/source"), Path("/target"), compiled=True, whole=whole)
`);
  if (fonts) py.runPython(`slim.add_fonts(Path("/target"))`);
} catch (error) {
  // Node would print the whole of pyodide.asm.js, one line long, before the message.
  console.error(String(error.message ?? error));
  process.exit(1);
}
