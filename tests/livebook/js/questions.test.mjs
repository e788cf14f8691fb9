import assert from "node:assert/strict";
import test from "node:test";
import { names } from "./source.mjs";

const { parse } = names("book/assets/questions.js", { document: { querySelectorAll: () => [] } }, "parse");

const CASES = [
  ["14", 14], [" −0.5 ", -0.5], ["-0.5", -0.5], ["3/8", 0.375], ["1,5", 1.5], ["−3 / 8", -0.375], ["1,000", 1000],
  ["−12,345.5", -12345.5], ["1,234,567", 1234567], ["0,125", 0.125], ["10,5", 10.5], ["1,000/4", 250], ["1,00", 1], ["1e-3", 0.001],
  ["", NaN], ["/2", NaN], ["2/", NaN], ["two", NaN], ["1/2/3", NaN],
];

for (const [text, expected] of CASES) test(`a reader types “${text}”`, () => assert.equal(parse(text), expected));
