import assert from "node:assert/strict";
import test from "node:test";
import { names } from "./source.mjs";

const { parse } = names("book/assets/questions.js", { document: { querySelectorAll: () => [] } }, "parse");

const CASES = [
  ["14", 14], [" −0.5 ", -0.5], ["-0.5", -0.5], ["3/8", 0.375], ["1,5", 1.5], ["−3 / 8", -0.375], ["1e-3", 0.001],
  ["", NaN], ["/2", NaN], ["2/", NaN], ["two", NaN], ["1/2/3", NaN],
];

for (const [text, expected] of CASES) test(`a reader types “${text}”`, () => assert.equal(parse(text), expected));
