import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { ending } = await page("spoken.js");
const stream = (text) => ({ output_type: "stream", text });
const value = (text) => ({ output_type: "execute_result", data: { "text/plain": text } });
const picture = { output_type: "display_data", data: { "image/png": "", "text/plain": "<Figure>" } };
const error = { output_type: "error", ename: "ZeroDivisionError" };

const CASES = [
  [["ok", []], "Cell 3 ran, without output."],
  [["ok", [stream("a\n")]], "Cell 3 ran: 1 line."],
  [["ok", [stream(["a\n", "b\n"]), value("1\n2")]], "Cell 3 ran: 4 lines."],
  [["ok", [picture]], "Cell 3 ran: something to see."],
  [["ok", [stream("a"), picture, picture]], "Cell 3 ran: 1 line and 2 things to see."],
  [["error", [stream("a\n"), error]], "Cell 3: ZeroDivisionError."],
  [["error", []], "Cell 3: an error."],
  [["stopped", [stream("a\n")]], "Cell 3 was stopped."],
];

for (const [[status, outputs], words] of CASES) test(words, () => assert.equal(ending(3, status, outputs), words));
