import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { Room } = await page("room.js");
const shown = (data) => ({ output_type: "display_data", data, metadata: {} });

test("what fits is left as it is", () => {
  const outputs = [shown({ "text/plain": "1" }), shown({ "image/png": "a".repeat(1e6) }), shown({ "application/json": { a: 1 } })];
  const room = new Room();
  for (const output of outputs) assert.deepEqual(room.fit(output), output);
  const printed = { output_type: "stream", name: "stdout", text: "a" };
  assert.equal(room.fit(printed), printed);
});

test("a long value is cut, with its length", () => {
  const { data } = new Room().fit(shown({ "text/plain": "a".repeat(1_000_002) }));
  assert.ok(data["text/plain"].length < 51_000);
  assert.match(data["text/plain"], /1,000,002 characters, more than a page can show$/);
});

for (const type of ["text/html", "image/svg+xml", "image/png", "text/latex", "application/json"]) {
  test(`${type} that is too long gives way to a sentence`, () => {
    const value = type === "application/json" ? { a: "a".repeat(11e6) } : "a".repeat(11e6);
    const { data } = new Room().fit(shown({ [type]: value, "text/plain": "<x>" }));
    assert.deepEqual(Object.keys(data), ["text/plain"]);
    assert.match(data["text/plain"], /characters long, more than a page can show/);
  });
}

test("many outputs end with one sentence, and the next run begins anew", () => {
  const room = new Room();
  const all = Array.from({ length: 5000 }, () => room.fit(shown({ "text/plain": "1" })));
  assert.equal(all.filter((output) => output?.data["text/plain"] === "1").length, 1000);
  assert.deepEqual(all.slice(1000).filter(Boolean).map(({ data }) => data["text/plain"]), ["… more was shown than a page can show"]);
  room.restart();
  assert.equal(room.fit(shown({ "text/plain": "1" })).data["text/plain"], "1");
});

test("many middling ones are too much together", () => {
  const room = new Room();
  const kept = Array.from({ length: 5 }, () => room.fit(shown({ "text/html": "a".repeat(9e6) }))).filter(({ data }) => data["text/html"]);
  assert.equal(kept.length, 2);
});
