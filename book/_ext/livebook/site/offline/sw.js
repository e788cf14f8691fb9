/* Keeps what a reader has visited, so that it can be read and run without a network.

   A host may have several books, or several states of one, each in a folder of its own and with a
   worker of its own: what a worker keeps has the folder's address in its name, and it forgets
   nothing else.

   The build puts three constants above this text: BUILD, the name of this state of the book, FILES,
   the sha256 of each of its files, and FIRST, those that are kept before they are asked for.
   Nothing is kept that is not, byte for byte, a file of this build; so what is served without a
   network never mixes two states of the book. A page is asked from the network first, everything
   else from what is kept.

   What is kept is checked again when it is read: code that a reader runs may write there too. Only
   Python's large files go through as they come; the page checks those itself. */

const ROOT = new URL("./", self.location).href;
const MINE = `book ${ROOT} `;
const CACHE = MINE + BUILD;
const PYTHON = /^_static\/live\/pyodide\/.*\.(wasm|whl|zip|zst)$/;
let outdated = false; // the host has another build: this worker steps aside until the next one comes

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const forget = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith(MINE) && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

// What a page had loaded before there was this worker, and then what may be asked for next.
self.addEventListener("message", (event) => {
  const next = self.navigator?.connection?.saveData ? [] : FIRST.splice(0).map((file) => ROOT + file);  // once
  event.waitUntil(keepAll([...(event.data.keep ?? []), ...next]));
});

async function keepAll(urls) {
  const cache = await caches.open(CACHE);
  for (const url of urls) {
    if (outdated || !name(url) || (await cache.match(address(url)))) continue;
    try {
      await keep(url, await ask(url, "no-cache"));
    } catch {
      return; // without a network there is nothing to add
    }
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !name(request.url)) return;
  event.respondWith(request.mode === "navigate" ? page(event) : file(event));
});

/** The name of a file of the book, or undefined for any other address. */
function name(url) {
  const { href } = new URL(url);
  if (!href.startsWith(ROOT)) return undefined;
  const path = decodeURIComponent(href.slice(ROOT.length).replace(/[?#].*$/s, ""));
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
  return Object.hasOwn(FILES, file) ? file : undefined;
}

const address = (url) => ROOT + name(url);

async function page(event) {
  const { url } = event.request;
  let answer;
  try {
    answer = await fresh(url);
  } catch {
    return (await kept(url)) ?? absent();
  }
  if (answer.ok && !outdated && !(await ours(url, answer.clone()))) {
    outdated = true;
    await caches.delete(CACHE);
    event.waitUntil(self.registration.update().catch(() => {}));
  }
  return answer;
}

async function file(event) {
  const { url, cache } = event.request;
  const again = cache === "reload"; // who asks so has found a copy to be wrong
  const found = outdated || again ? undefined : await kept(url);
  if (found) return found;
  if (!PYTHON.test(name(url))) return fresh(url);
  const answer = await ask(url, again ? "reload" : "no-cache");
  if (answer.ok && !outdated) event.waitUntil(keep(url, answer.clone()));
  return answer;
}

/** What is kept, if it still is the file of this build. */
async function kept(url) {
  const cache = await caches.open(CACHE);
  const answer = await cache.match(address(url));
  if (!answer || PYTHON.test(name(url)) || (await ours(url, answer.clone()))) return answer;
  await cache.delete(address(url));
  return undefined;
}

/** The file as its host has it now, kept if it is of this build. */
async function fresh(url) {
  if (!outdated) {
    const answer = await ask(url, "no-cache");
    if (!answer.ok || (await keep(url, answer.clone()))) return answer;
  }
  // Hosts that go by a file's date, or by none, may have let pass an old copy of the browser's.
  const answer = await ask(url, "reload");
  if (answer.ok && !outdated) await keep(url, answer.clone());
  return answer;
}

const ask = (url, cache) => fetch(url, { cache, credentials: "same-origin" });

/** Whether an answer is the file of this build. */
async function ours(url, answer) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await answer.arrayBuffer()));
  const hex = Array.from(sum.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === FILES[name(url)];
}

/** Keep an answer if it is the file of this build; whether it is. */
async function keep(url, answer) {
  if (!(await ours(url, answer.clone()))) return false;
  try {
    await (await caches.open(CACHE)).put(address(url), answer);
  } catch {
    // The browser gives no more room: the page works, and is not kept.
  }
  return true;
}

/** What stands in for a page that was never visited. */
async function absent() {
  const urls = (await (await caches.open(CACHE)).keys()).map(({ url }) => url);
  const links = [];
  for (const url of urls.filter((each) => name(each)?.endsWith(".html"))) {
    const text = await (await kept(url))?.text();
    const title = /<title>(.*?)<\/title>/s.exec(text ?? "")?.[1].trim();
    if (title) links.push(`<li><a href="${ROOT}${name(url)}">${title}</a></li>`);
  }
  const text = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Not here without a network</title></head>
<body><h1>This page is not kept on your device</h1>
<p>There is no network, and you have not visited this page before. These pages are here:</p>
<ul>${links.join("")}</ul></body></html>`;
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  return new Response(text, { status: 503, headers });
}
