import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { Kept, day, matched } = await page("kept.js");

/** What browsers offer, or refuse. */
class Store {
  items = new Map();
  room = Infinity;
  getItem(name) { return this.items.get(name) ?? null; }
  setItem(name, value) {
    if (value.length > this.room) throw new Error("QuotaExceededError");
    this.items.set(name, value);
  }
  removeItem(name) { this.items.delete(name); }
}

const cell = (number, book, code = book) => ({ number, book, code });
const kept = (store) => new Kept("/a.html", () => store, () => new Date("2026-11-12T20:00:00Z"));

test("changed code and words are there again", () => {
  const store = new Store();
  const one = kept(store);
  one.changed(2);
  one.written(0);
  assert.equal(one.write([cell(1, "a"), cell(2, "b", "mine")], ["words"]), true);
  assert.deepEqual(kept(store).read(), {
    when: "2026-11-12T20:00:00.000Z", cells: [{ number: 2, book: "b", code: "mine" }], answers: ["words"],
  });
});

test("what nobody changed is not kept, and what was put back is kept no more", () => {
  const store = new Store();
  const one = kept(store);
  assert.equal(one.write([cell(1, "a")], [""]), true);
  assert.equal(store.items.size, 0);
  one.changed(1);
  one.write([cell(1, "a", "mine")], [""]);
  assert.equal(store.items.size, 1);
  one.write([cell(1, "a", "a")], [""]);
  assert.equal(store.items.size, 0);
});

test("two tabs of one page take nothing from each other", () => {
  const store = new Store();
  const [one, other] = [kept(store), kept(store)];
  one.changed(1);
  one.written(1);
  one.write([cell(1, "a", "first"), cell(2, "b")], ["", "said"]);
  other.changed(2);
  other.written(0);
  other.write([cell(1, "a"), cell(2, "b", "second")], ["too", ""]);
  const { cells, answers } = kept(store).read();
  assert.deepEqual(cells.map(({ code }) => code), ["first", "second"]);
  assert.deepEqual(answers, ["too", "said"]);
});

test("pages do not share", () => {
  const store = new Store();
  const one = kept(store);
  one.changed(1);
  one.write([cell(1, "a", "mine")], []);
  assert.equal(new Kept("/b.html", () => store).read(), null);
});

test("a browser without storage, or without room, is told from one that kept", () => {
  const none = new Kept("/a.html", () => { throw new Error("SecurityError"); });
  none.changed(1);
  assert.equal(none.write([cell(1, "a", "mine")], []), false);
  assert.equal(none.read(), null);
  none.forget();
  const store = new Store();
  store.room = 10;
  const full = kept(store);
  full.changed(1);
  assert.equal(full.write([cell(1, "a", "mine")], []), false);
});

test("what another script left under the name is no work", () => {
  const store = new Store();
  for (const text of ["{", "7", "null", '{"cells":3}']) {
    store.setItem("livebook /a.html", text);
    assert.equal(kept(store).read(), null);
  }
});

test("code goes to the cell that it was written over, wherever that stands now", () => {
  const work = { cells: [cell(2, "b", "mine"), cell(3, "gone", "lost"), cell(4, "same", "four")] };
  const { found, left } = matched(work.cells, [cell(1, "new"), cell(2, "other"), cell(3, "b"), cell(4, "same"), cell(5, "same")]);
  assert.deepEqual([...found], [[3, "mine"], [4, "four"]]);
  assert.deepEqual(left, ["lost"]);
});

test("a day is said as people say it", () => {
  const now = new Date(2026, 10, 29, 12);
  assert.equal(day(new Date(2026, 10, 12, 23).toISOString(), now), "12 November");
  assert.equal(day(new Date(2025, 10, 12, 1).toISOString(), now), "12 November 2025");
  assert.equal(day(new Date(2026, 10, 29, 1).toISOString(), now), "today");
  assert.equal(day("yesterday", now), "an earlier day");
});
