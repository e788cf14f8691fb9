import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { metered } = await page("metered.js");
const media = (matches) => (query) => ({ matches: matches && query === "(prefers-reduced-data: reduce)" });

const CASES = [
  [undefined, false, false],
  [{ saveData: false, type: "wifi" }, false, false],
  [{ saveData: true }, false, true],
  [{ type: "cellular" }, false, true],
  [undefined, true, true],
];

for (const [connection, reduced, expected] of CASES) {
  test(`${JSON.stringify(connection)}, ${reduced}`, () => assert.equal(metered(connection, media(reduced)), expected));
}
