import assert from "node:assert/strict";
import test from "node:test";
import { names } from "./source.mjs";

function worker(location) {
  const self = { location, addEventListener() {} };
  const before = 'const BUILD = "1"; const FILES = { "index.html": "", "a/index.html": "", "a/b c.html": "", "_static/x.js": "" }; const FIRST = [];';
  return names("book/_ext/livebook/site/offline/sw.js", { before, self, URL }, "name").name;
}
const name = worker("https://host.org/book/sw.js");

const CASES = [
  ["https://host.org/book/", "index.html"],
  ["https://host.org/book/index.html", "index.html"],
  ["https://host.org/book/a/", "a/index.html"],
  ["https://host.org/book/a/b%20c.html", "a/b c.html"],
  ["https://host.org/book/_static/x.js?v=12ab", "_static/x.js"],
  ["https://host.org/book/index.html#part?1", "index.html"],
  ["https://host.org/book/nowhere.html", undefined],
  ["https://host.org/book/constructor", undefined],
  ["https://host.org/other/index.html", undefined],
  ["https://elsewhere.org/book/index.html", undefined],
];

for (const [address, expected] of CASES) test(`the file at ${address}`, () => assert.equal(name(address), expected));

test("a book at the top of its host", () => assert.equal(worker("http://127.0.0.1:8000/sw.js")("http://127.0.0.1:8000/a/"), "a/index.html"));
