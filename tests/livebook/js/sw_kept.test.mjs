import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { names } from "./source.mjs";

const ROOT = "https://host.org/book/";
const WASM = "_static/live/pyodide/a.wasm";
const BYTES = { "index.html": "<title>Door</title>", "_static/x.js": "right", [WASM]: "large" };

/** A worker on its own, with a network and a cache that a test can look into. */
function worker({ network = BYTES, first = [], saveData = false } = {}) {
  const files = Object.fromEntries(Object.entries(BYTES).map(([file, text]) => [file, createHash("sha256").update(text).digest("hex").slice(0, 16)]));
  const kept = new Map();
  const asked = [];
  const listeners = {};
  const cache = {
    match: async (url) => kept.get(url)?.clone(),
    put: async (url, answer) => void kept.set(url, answer),
    delete: async (url) => kept.delete(url),
    keys: async () => [...kept.keys()].map((url) => ({ url })),
  };
  const caches = { open: async () => cache, keys: async () => [], delete: async () => kept.clear() };
  const self = {
    location: `${ROOT}sw.js`,
    navigator: { connection: { saveData } },
    addEventListener: (type, listener) => { listeners[type] = listener; },
    skipWaiting() {},
    registration: { update: async () => {} },
  };
  const fetch = async (url, options) => {
    asked.push([url, options.cache]);
    const body = network[url.slice(ROOT.length)];
    if (body === undefined) throw new TypeError("no network");
    return new Response(body);
  };
  const before = `const BUILD = "1"; const FILES = ${JSON.stringify(files)}; const FIRST = ${JSON.stringify(first)};`;
  names("book/_ext/livebook/site/offline/sw.js", { before, self, caches, fetch, crypto, Response, URL, Uint8Array });
  const waits = [];
  const event = (more) => ({ waitUntil: (promise) => waits.push(promise), ...more });
  const get = async (file, { mode = "no-cors", cache = "default" } = {}) => {
    let answer;
    const request = { method: "GET", url: ROOT + file, mode, cache };
    listeners.fetch(event({ request, respondWith: (promise) => { answer = promise; } }));
    return answer;
  };
  const takeOver = (...keep) => listeners.message(event({ data: { keep } }));
  return { get, takeOver, kept, asked, done: () => Promise.all(waits) };
}

test("Python's own files come while they are being loaded, and are kept all the same", async () => {
  let end;
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("lar"));
      end = () => { controller.enqueue(new TextEncoder().encode("ge")); controller.close(); };
    },
  });
  const { get, kept, done } = worker({ network: { [WASM]: body } });
  const reader = (await get(WASM)).body.getReader();   // before the end, or this would wait for ever
  assert.equal(new TextDecoder().decode((await reader.read()).value), "lar");
  assert.equal(kept.size, 0);
  end();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "ge");
  await done();
  assert.deepEqual([...kept.keys()], [ROOT + WASM]);
});

test("of Python's files, another one than the build's is not kept", async () => {
  const { get, kept, done } = worker({ network: { [WASM]: "other" } });
  assert.equal(await (await get(WASM)).text(), "other");   // the page checks it, and says so
  await done();
  assert.equal(kept.size, 0);
});

test("who found a copy to be wrong gets the host's", async () => {
  const { get, kept, asked } = worker();
  kept.set(ROOT + WASM, new Response("wrong"));
  assert.equal(await (await get(WASM, { cache: "reload" })).text(), "large");
  assert.deepEqual(asked, [[ROOT + WASM, "reload"]]);
});

test("what was written over in the cache is not served", async () => {
  const { get, kept } = worker();
  kept.set(`${ROOT}_static/x.js`, new Response("evil"));
  assert.equal(await (await get("_static/x.js")).text(), "right");
  assert.equal(await kept.get(`${ROOT}_static/x.js`).clone().text(), "right");
});

test("nor is a page, without a network", async () => {
  const { get, kept } = worker({ network: {} });
  kept.set(`${ROOT}index.html`, new Response("<title>evil</title>"));
  const answer = await get("index.html", { mode: "navigate" });
  assert.equal(answer.status, 503);
  assert.doesNotMatch(await answer.text(), /evil/);
});

test("what is right is served from what is kept, and nobody is asked", async () => {
  const { get, kept, asked } = worker();
  kept.set(`${ROOT}_static/x.js`, new Response("right"));
  assert.equal(await (await get("_static/x.js")).text(), "right");
  assert.deepEqual(asked, []);
});

test("the front door is kept before it is visited, and named by its title", async () => {
  const network = { ...BYTES };
  const { get, takeOver, kept, done } = worker({ network, first: ["index.html"] });
  takeOver(`${ROOT}_static/x.js`);
  await done();
  assert.deepEqual([...kept.keys()], [`${ROOT}_static/x.js`, `${ROOT}index.html`]);
  for (const file of Object.keys(network)) delete network[file];
  assert.match(await (await get("index.html", { mode: "navigate" })).text(), /Door/);
});

test("not on a line whose owner saves data", async () => {
  const { takeOver, kept, done } = worker({ first: ["index.html"], saveData: true });
  takeOver(`${ROOT}_static/x.js`);
  await done();
  assert.deepEqual([...kept.keys()], [`${ROOT}_static/x.js`]);
});
