import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { closure, needed } = await page("packages.js");
const TABLE = { "mine.plots": ["matplotlib"], mine: ["a"], matplotlib: ["matplotlib"], widgets: ["b", "a"] };

test("a part of a module needs what the module needs", () => {
  assert.deepEqual(needed(TABLE, ["matplotlib.pyplot"]), ["matplotlib"]);
  assert.deepEqual(needed(TABLE, ["mine.plots.lines"]), ["matplotlib", "a"]);
});

test("a longer name is another module", () => {
  assert.deepEqual(needed(TABLE, ["matplotlib_inline", "mineral"]), []);
});

test("each package once", () => {
  assert.deepEqual(needed(TABLE, ["mine", "widgets", "mine"]), ["a", "b"]);
});

const LOCK = {
  packages: {
    numpy: { name: "numpy", file_name: "numpy-2.whl", depends: [] },
    pillow: { name: "Pillow", file_name: "https://host/x/pillow-10.whl", depends: [] },
    "matplotlib-inline": { name: "matplotlib-inline", file_name: "mi.whl", depends: ["numpy"] },
    matplotlib: { name: "matplotlib", file_name: "m.whl", depends: ["numpy", "Pillow", "matplotlib_inline"] },
    round: { name: "round", file_name: "r.whl", depends: ["again"] },
    again: { name: "again", file_name: "g.whl", depends: ["round"] },
  },
};

test("a package comes with all that it depends on, under any spelling, each file once", () => {
  assert.deepEqual(closure(["matplotlib", "numpy"], LOCK).sort(), ["m.whl", "mi.whl", "numpy-2.whl", "pillow-10.whl"]);
});

test("packages that depend on each other end", () => {
  assert.deepEqual(closure(["round"], LOCK).sort(), ["g.whl", "r.whl"]);
});

test("what the lock file has not is left to Pyodide to refuse", () => {
  assert.deepEqual(closure(["nowhere"], LOCK), []);
});
