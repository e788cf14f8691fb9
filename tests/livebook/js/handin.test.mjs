import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { fill } = await page("handin.js");
const BLANK = "Write here.";

const code = (source) => ({ cell_type: "code", source, outputs: [{ a: 1 }], execution_count: 3 });
const words = (source) => ({ cell_type: "markdown", source });
const cell = (number, book, written = book) => ({ number, book, code: written });

test("what nobody changed stays as it is", () => {
  const notebook = { cells: [code("x = 1\n"), words("# A"), code(["y = 2\n", "y"])] };
  const before = structuredClone(notebook);
  assert.deepEqual(fill(notebook, [cell(1, "x = 1"), cell(2, "y = 2\ny")], [], BLANK), before);
});

test("changed code takes its cell's place, without the outputs of other code", () => {
  const notebook = { cells: [code("x = 1"), code("x")] };
  const [first, second] = fill(notebook, [cell(1, "x = 1", "x = 7"), cell(2, "x")], [], BLANK).cells;
  assert.deepEqual(first, { cell_type: "code", source: "x = 7", outputs: [], execution_count: null });
  assert.deepEqual(second, code("x"));
});

test("cells that the page leaves out are passed over", () => {
  const notebook = { cells: [code("hidden"), code("x"), code("hidden too"), code("y")] };
  const made = fill(notebook, [cell(1, "x", "x2"), cell(2, "y", "y2")], [], BLANK).cells;
  assert.deepEqual(made.map(({ source }) => source), ["hidden", "x2", "hidden too", "y2"]);
});

test("equal cells are matched in order", () => {
  const notebook = { cells: [code("x"), code("x")] };
  const made = fill(notebook, [cell(1, "x"), cell(2, "x", "mine")], [], BLANK).cells;
  assert.deepEqual(made.map(({ source }) => source), ["x", "mine"]);
});

test("words go where their line stands, in order; where nothing was written it stays", () => {
  const notebook = { cells: [words(BLANK), words("text"), words(`Think. ${BLANK}`), words(BLANK)] };
  const made = fill(notebook, [], [" one ", "  ", "three"], BLANK).cells;
  assert.deepEqual(made.map(({ source }) => source), ["one", "text", `Think. ${BLANK}`, "three"]);
});

test("a book without such a line has no place for words", () => {
  const notebook = { cells: [words("text")] };
  assert.deepEqual(fill(notebook, [], ["lost?"], undefined).cells, [words("text")]);
});

test("a cell that the notebook has not is an error that a reader can read", () => {
  assert.throws(() => fill({ cells: [code("x")] }, [cell(1, "x"), cell(2, "y")], [], BLANK), {
    message: "Cell 2 of this page was not found in its notebook.",
    told: true,
  });
});
