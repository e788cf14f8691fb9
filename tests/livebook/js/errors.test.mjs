import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { explain, forbidden, Stopped, Told } = await page("errors.js");

test("a sentence for the reader is said as it is", () => {
  assert.equal(explain(new Told("The file a.whl could not be had (404).")), "The file a.whl could not be had (404).");
});

test("anything else is said to be Python's start, in one line, cut short", () => {
  assert.equal(explain(new Error("x is not a function\n    at y")), "Python could not start in this browser (x is not a function).");
  assert.equal(explain(new Error("a".repeat(500))).length, "Python could not start in this browser ().".length + 160);
  assert.equal(explain("a text"), "Python could not start in this browser (a text).");
  assert.equal(explain(undefined), "Python could not start in this browser (undefined).");
});

test("an end without a reason has no empty brackets, and one while running is none of the start's", () => {
  for (const nothing of [new Error(""), new Error("\n"), ""]) {
    assert.equal(explain(nothing), "Python could not start in this browser.");
  }
  assert.equal(explain(new Error("unreachable"), "Python ended while cell 3 ran"), "Python ended while cell 3 ran (unreachable).");
});

test("a policy that forbids is named, with what it lacks", () => {
  assert.match(forbidden("blob: in worker-src"), /Content-Security-Policy, needs blob: in worker-src\.$/);
});

test("a sentence that no part of the page wrote is not taken for one", () => {
  assert.match(explain(new Error("Unexpected end of input.")), /^Python could not start/);
});

test("want of memory has words of its own, whoever reports it", () => {
  for (const said of ["Out of memory: Cannot allocate Wasm memory", "WebAssembly.Memory(): could not allocate memory"]) {
    assert.equal(explain(new RangeError(said)), "There is not enough memory free for Python on this page.");
  }
});

test("a stop is an error that says so", () => {
  assert.equal(new Stopped().stopped, true);
  assert.ok(new Stopped() instanceof Error);
});
