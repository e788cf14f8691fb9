import assert from "node:assert/strict";
import test from "node:test";
import { deflateRawSync } from "node:zlib";
import { page } from "./source.mjs";

const { amount, carries, changes, pack, unpack } = await page("sent.js");

const cell = (number, book, code = book) => ({ number, book, code });
const link = (value) => `#work=${deflateRawSync(JSON.stringify(value)).toString("base64url")}`;

test("what goes into a link comes out of it", async () => {
  const code = "π = '\u{1d400}'  # ε, \"quotes\", \\n\n" + "x += 1\n".repeat(400);
  const hash = await pack(changes([cell(1, "a"), cell(2, "b", code)], ["", "because ε² = 0"]));
  assert.match(hash, /^#work=[\w-]+$/);   // what mail programs leave as it is
  assert.ok(carries(hash));
  assert.deepEqual(await unpack(hash), { cells: [{ number: 2, book: "b", code }], answers: ["", "because ε² = 0"] });
});

test("Node's own zlib writes links that are read", async () => {
  const work = { cells: [{ number: 1, book: "a", code: "b" }], answers: ["c"] };
  assert.deepEqual(await unpack(link(work)), work);
});

test("what no link could hold is told before it is made", async () => {
  await assert.rejects(pack({ cells: [cell(1, "a", "b".repeat(1e6))], answers: [] }), (error) => error.told && /take the notebook/.test(error.message));
});

test("of a page that nobody changed there is nothing to send", () => {
  assert.equal(amount(changes([cell(1, "a"), cell(2, "b")], ["", "  "])), "");
});

test("the name of a place on the page is no work", () => {
  assert.equal(carries("#a-program-differentiated"), false);
  assert.equal(carries(""), false);
});

for (const [name, hash] of Object.entries({
  "cut short": link({ cells: [cell(1, "a", "b".repeat(50) + "c")], answers: [] }).slice(0, -4),
  "nothing": "#work=",
  "no base 64": "#work=%%%",
  "no object": link(null),
  "another kind": link({ cells: 3, answers: [] }),
  "cells without code": link({ cells: [{ number: 1, book: "a" }], answers: [] }),
  "a number that is none": link({ cells: [{ number: "1", book: "a", code: "b" }], answers: [] }),
  "answers that are no words": link({ cells: [], answers: [{}] }),
  "a hundred megabytes": link({ cells: [], answers: ["a".repeat(1e8)] }),
})) {
  test(`${name} is said, not shown`, async () => {
    await assert.rejects(unpack(hash), (error) => error.told && /cannot be read/.test(error.message));
  });
}

test("how much it is, in words", () => {
  assert.equal(amount({ cells: [cell(1, "a", "b")], answers: [""] }), "1 changed cell");
  assert.equal(amount({ cells: [cell(1, "a", "b"), cell(2, "a", "b")], answers: ["x"] }), "2 changed cells and 1 answer");
  assert.equal(amount({ cells: [], answers: ["x", " ", "y"] }), "2 answers");
});
