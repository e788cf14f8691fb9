import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { kept } = await page("early.js");
const root = new URL("https://book.example/_static/live/");

const lock = { packages: {
  numpy: { name: "numpy", file_name: "numpy-2.whl", depends: [] },
  kernel: { name: "kernel", file_name: "kernel-1.whl", depends: ["traits"] },
  traits: { name: "traits", file_name: "traits-5.whl", depends: [] },
  plots: { name: "plots", file_name: "plots-3.whl", depends: ["numpy"] },
} };
const manifest = (more = {}) => ({
  pyodide: { base: "pyodide/", elsewhere: "", ...more },
  lock: "pyodide/lock.json",
  core: ["numpy", "kernel"],
  imports: { plots: ["plots"] },
});
const FILES = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "numpy-2.whl", "kernel-1.whl", "traits-5.whl"];

function store(files, said = manifest()) {
  const all = new Map(files.map((name) => [`${root.href}pyodide/${name}`, "bytes"]));
  all.set(`${root.href}manifest.json`, said).set(`${root.href}pyodide/lock.json`, lock);
  return { match: async (address) => (all.has(address) ? { json: async () => all.get(address) } : undefined) };
}

test("all that the core depends on is here", async () => assert.equal(await kept(root, [], store(FILES)), true));
for (const file of FILES) {
  test(`${file} is not here`, async () => {
    assert.equal(await kept(root, [], store(FILES.filter((name) => name !== file))), false);
  });
}
test("what a cell imports counts", async () => {
  assert.equal(await kept(root, ["plots.lines"], store(FILES)), false);
  assert.equal(await kept(root, ["plots.lines"], store([...FILES, "plots-3.whl"])), true);
});
test("Python of another host is never free", async () => {
  assert.equal(await kept(root, [], store(FILES, manifest({ elsewhere: "https://cdn.example/" }))), false);
});
test("a book without Python has none to start", async () => {
  assert.equal(await kept(root, [], store(FILES, { missing: "There is none." })), false);
});
test("nothing is kept where the page is not secure", async () => assert.equal(await kept(root, [], undefined), false));

test("of what is in packs, the packs count", async () => {
  const packs = [
    { file: "engine.zst", parts: [{ name: "pyodide.asm.wasm" }] },
    { file: "first.zst", parts: FILES.filter((name) => name !== "pyodide.asm.wasm").map((name) => ({ name })) },
  ];
  const packed = { ...manifest(), packs };
  assert.equal(await kept(root, [], store(["engine.zst", "first.zst"], packed)), true);
  assert.equal(await kept(root, [], store(["engine.zst"], packed)), false);
  assert.equal(await kept(root, ["plots.lines"], store(["engine.zst", "first.zst"], packed)), false);
});
