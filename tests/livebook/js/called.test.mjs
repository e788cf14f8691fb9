import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { called, open } = await page("called.js");

const CASES = {
  "np.sum(": "np.sum", "y = f(": "f", "f(x, größe_2(": "größe_2", "-f(": "f", "    x.max(": "x.max",
  "f(x": null, "(": null, "2(": null,
  // Of what is no name nobody knows what it is: sum is not the one of Python.
  "x[0].sum(": null, "f(x).max(": null, "'{}'.format(": null,
};

for (const [line, name] of Object.entries(CASES)) {
  test(`${line} calls ${name}`, () => assert.equal(called(line), name));
}

test("a parenthesis is open until its own is closed", () => {
  for (const code of ["(", "(1, ", "((1, 2), [3", "(f(x)"]) assert.equal(open(code), true, code);
  for (const code of ["", "x", "()", "(1) + (", "(f(x))"]) assert.equal(open(code), false, code);
});
