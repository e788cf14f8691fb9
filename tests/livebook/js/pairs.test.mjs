import assert from "node:assert/strict";
import test from "node:test";
import { names } from "./source.mjs";

const { parts } = names("book/assets/pairs.js", { window: {} }, "parts");

/** What has the colour of the value and what that of the slope. */
const coloured = (text) => Array.from(parts(text), (pair) => Array.from(pair, ([start, end]) => text.slice(start, end)));

const CASES = [
  ["9.0 + 6.0ε", [["9.0", "6.0ε"]]],
  ["1 / (2.0 + 5.0ε) = 0.5 - 1.25ε", [["2.0", "5.0ε"], ["0.5", "1.25ε"]]],
  ["-1e-07 + nanε, inf - 2ε", [["-1e-07", "nanε"], ["inf", "2ε"]]],
  ["[3. 6.] + [1. 2.]ε", [["[3. 6.]", "[1. 2.]ε"]]],
  ["f(3) = 9.0 + 6.0, and ε = 0.1", []],
  ["(8.0 + 2.0ε) + (4.0 + 1.0ε)ε₂", [["8.0", "2.0ε"], ["4.0", "1.0ε"]]],
];

for (const [text, expected] of CASES) test(`printed: ${text}`, () => assert.deepEqual(coloured(text), expected));
