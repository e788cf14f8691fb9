import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { read } = await page("dom.js");
const control = (type, value, more = {}) => ({ type, value, dataset: {}, ...more });

const CASES = [
  ["a box is a number", control("number", "2.5"), 2.5],
  ["a slider is a number", control("range", "-1"), -1],
  ["a logarithmic slider stands at the exponent", control("range", "-2", { dataset: { scale: "log" } }), 0.01],
  ["and is read to three digits", control("range", "0.5", { dataset: { scale: "log" } }), 3.16],
  ["a slider has no digits that nobody chose", control("range", "0.30000000000000004"), 0.3],
  ["a tick is true", control("checkbox", "on", { checked: true }), true],
  ["no tick is false", control("checkbox", "on", { checked: false }), false],
  ["a choice is a text", control("select-one", "relu"), "relu"],
  ["a text of digits stays a text", control("text", "3"), "3"],
];

for (const [name, given, expected] of CASES) test(name, () => assert.equal(read(given), expected));
