import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./source.mjs";

const { allowed } = await page("leaving.js");
const HERE = "https://book.example";
const to = (url, given) => allowed({ cancelable: true, userInitiated: false, destination: { url }, ...given }, HERE);

test("code leads nobody to another host, nor to an address without one", () => {
  for (const url of ["https://elsewhere.example/?all=secret", "http://book.example/", "https://book.example:81/", "about:blank", "data:,a"]) {
    assert.equal(to(url), false, url);
  }
});

test("nor is it in the way of the book's own pages, and of files to download", () => {
  for (const url of [`${HERE}/next.html`, `${HERE}/page.html#work=a`, `blob:${HERE}/3f`]) assert.equal(to(url), true, url);
});

test("a reader goes where they like", () => assert.equal(to("https://elsewhere.example/", { userInitiated: true }), true));

test("what cannot be stopped is not asked about", () => assert.equal(to("https://elsewhere.example/", { cancelable: false }), true));
