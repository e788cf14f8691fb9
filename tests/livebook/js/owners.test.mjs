import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { Owners } = await page("owners.js");

test("of a thousand messages that were answered one is kept", () => {
  const owners = new Owners();
  for (let id = 0; id < 1000; id++) {
    owners.set(`m${id}`, "cell");
    owners.answered(`m${id}`);
  }
  assert.equal(owners.size, 1);
});

test("what Python does on its own after its answer still has an owner, until the next answer", () => {
  const owners = new Owners();
  owners.set("a", "first");
  owners.set("b", "second");
  owners.answered("a");
  assert.equal(owners.get("a"), "first");
  owners.answered("b");
  assert.equal(owners.get("a"), undefined);
  assert.equal(owners.get("b"), "second");
});

test("a message that still waits keeps its owner", () => {
  const owners = new Owners();
  for (const id of ["a", "b", "c"]) owners.set(id, id);
  owners.answered("b");
  assert.equal(owners.get("c"), "c");
});

test("an answer to a message without an owner takes nobody else's", () => {
  const owners = new Owners();
  owners.set("a", "first");
  owners.answered("start");
  assert.equal(owners.get("a"), "first");
});
