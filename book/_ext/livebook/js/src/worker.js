/* The web worker: Pyodide and the kernel, away from the page so that it never stands still. */
import reader from "./imports.py";
import program from "./kernel.py";

const EVERY = 40;         // milliseconds between two pieces of printed text
const MOST = 200_000;     // characters that one run may print: more would only choke the page

const QUIET = { messageCallback() {}, errorCallback() {} };

let pyodide = null;
let table = {};           // packages by what code imports
const loaded = new Set(); // those of them that are here
let python = null;        // the names of kernel.py
let request = null;       // the message that Python is working on
let printed = { name: "stdout", text: "", since: 0, total: 0 };

const post = (type, fields = {}) => postMessage({ type, parent: request, ...fields });

/* What kernel.py calls. */
const page = {
  send(kind, text, buffers) {
    flush();
    post(kind, { ...JSON.parse(text), buffers: Array.from(buffers, (bytes) => bytes.slice().buffer) });
  },
  stream(name, text) {
    if (printed.name !== name) flush();
    const room = MOST - printed.total;
    printed.total += text.length;
    if (room <= 0) return;
    if (text.length > room) text = `${text.slice(0, room)}\n… more was printed than a page can show\n`;
    printed.name = name;
    printed.text += text;
    if (performance.now() - printed.since > EVERY) flush();
  },
  /* The packages behind what a cell imports. What cannot be had is said; the import then fails. */
  async load(names) {
    const missing = needed(names).filter((name) => !loaded.has(name));
    if (!missing.length) return;
    failure = null;
    page.stage(`loading ${missing.join(", ")} …`);
    await pyodide.loadPackage(missing, QUIET);
    page.stage("running …");
    if (failure) page.stream("stderr", `${failure.message}\n`);
    else missing.forEach((name) => loaded.add(name));
  },
  stage(words) {
    post("stage", { words });
  },
};

function flush() {
  printed.since = performance.now();
  if (!printed.text) return;
  const content = { output_type: "stream", name: printed.name, text: printed.text };
  printed.text = "";
  post("output", { content });
}

class Failure extends Error {}

/* Downloads: each byte counted, each file checked against the sum it was built with. */
function watchDownloads({ files, integrity, cache }) {
  const wanted = new Map();        // name → size
  let done = 0;
  let told = 0;
  const tell = (force) => {
    const total = [...wanted.values()].reduce((sum, size) => sum + size, 0);
    if (!force && performance.now() - told < EVERY) return;
    told = performance.now();
    post("progress", { done, total: Math.max(total, done) });
  };
  const expect = (names) => {
    for (const name of names) wanted.set(name, files[name] ?? 0);
  };
  const plain = self.fetch.bind(self);

  async function counted(resource, options = {}) {
    const url = String(resource.url ?? resource);
    if (/^(data|blob):/.test(url)) return plain(resource, options);
    const name = new URL(url, self.location.origin).pathname.split("/").pop();
    const sum = options.integrity || integrity[name];
    // Without a secure context there is no digest here; the browser then checks, but unseen.
    const own = sum && self.crypto?.subtle;
    const { integrity: _, ...rest } = options;
    const asked = own || !sum ? rest : { ...rest, integrity: sum };
    let response;
    try {
      response = await plain(url, { credentials: "same-origin", cache, ...asked });
    } catch (error) {
      throw failed(`The file ${name} could not be had (${error.message}).`);
    }
    if (!response.ok) throw failed(`The file ${name} could not be had (${response.status}).`);
    if (wanted.get(name) === 0) wanted.set(name, Number(response.headers.get("content-length")));
    const parts = [];
    const through = new TransformStream({
      transform(part, out) {
        done += part.byteLength;
        tell();
        if (own) parts.push(part);
        out.enqueue(part);
      },
      async flush(out) {
        tell(true);
        if (!own || (await digest(parts)) === sum) return;
        out.error(failed(`The file ${name} is not the one this book was built with.`));
      },
    });
    const { status } = response;
    const headers = new Headers(response.headers);
    // Compiled while it comes, whatever type the host gives it.
    if (name.endsWith(".wasm")) headers.set("Content-Type", "application/wasm");
    return new Response(response.body.pipeThrough(through), { status, headers });
  }
  return { counted, expect };
}

let failure = null;      // the first reason: what Pyodide says afterwards is only its consequence
let giveUp;
const gaveUp = new Promise((_, reject) => { giveUp = reject; });
gaveUp.catch(() => {});

function failed(sentence) {
  failure ??= new Failure(sentence);
  giveUp(failure);
  return failure;
}

/* Pyodide only warns where the browser refuses its WebAssembly, and would wait for ever. */
function watchCompiling() {
  const { instantiateStreaming, instantiate } = WebAssembly;
  const watched = (make) => (...given) => make(...given).catch((error) => {
    const other = error instanceof WebAssembly.CompileError;
    throw failed(other ? "The file pyodide.asm.wasm is not the one this book was built with." : error.message);
  });
  Object.assign(WebAssembly, { instantiateStreaming: watched(instantiateStreaming), instantiate: watched(instantiate) });
  return () => Object.assign(WebAssembly, { instantiateStreaming, instantiate });
}

async function digest(parts) {
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...sum))}`;
}

/* The packages behind imports: matplotlib for matplotlib.pyplot. */
function needed(imports) {
  const found = Object.entries(table)
    .filter(([module]) => imports.some((name) => name === module || name.startsWith(`${module}.`)))
    .flatMap(([, packages]) => packages);
  return [...new Set(found)];
}

/* The packages and all that they depend on. */
function closure(packages, lock) {
  const all = new Map();
  const add = (name) => {
    const entry = lock.packages[name.toLowerCase().replaceAll("_", "-")] ?? lock.packages[name];
    if (!entry || all.has(entry.name)) return;
    all.set(entry.name, entry.file_name);
    entry.depends.forEach(add);
  };
  packages.forEach(add);
  return [...all.values()].map((file) => file.split("/").pop());
}

async function start({ base, lock: lockURL, local, core: always, imports, integrity, files, cache, folder, data, ...rest }) {
  if (typeof WebAssembly !== "object") throw new Failure("This browser has no WebAssembly, in which Python runs.");
  const { counted, expect } = watchDownloads({ files, integrity, cache });
  table = rest.table;
  const packages = [...new Set([...always, ...needed(imports)])];
  packages.forEach((name) => loaded.add(name));
  const core = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"];
  expect(core);
  const scripts = core.slice(0, 2).map(async (name) => (await counted(base + name)).text());
  const read = data.map(async ({ path, url }) => [path, await (await counted(url)).arrayBuffer()]);
  const lock = await (await counted(lockURL)).json();
  expect(closure(packages, lock));
  // Pyodide looks for packages beside its own files, which may come from another host.
  for (const [name, entry] of Object.entries(lock.packages)) {
    if (local.includes(name)) entry.file_name = new URL(entry.file_name, lockURL).href;
  }
  self.fetch = (resource, options) => {
    return String(resource) === lockURL ? Promise.resolve(Response.json(lock)) : counted(resource, options);
  };
  for (const text of await Promise.all(scripts)) {
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    importScripts(url);
    URL.revokeObjectURL(url);
  }
  const compiled = watchCompiling();
  const loading = loadPyodide({
    indexURL: base,
    lockFileURL: lockURL,
    packages,
    stdout: () => {},
    stderr: () => {},
  });
  pyodide = await Promise.race([loading, gaveUp]);   // of some failures Pyodide only warns
  if (failure) throw failure;
  compiled();
  post("phase", { words: "Loading dualedu" });
  pyodide.registerJsModule("page", page);
  pyodide.FS.writeFile("/lib/python3.12/site-packages/imports.py", reader);
  furnish(pyodide.FS, folder, await Promise.all(read));
  python = pyodide.runPython(`${program}\nlocals()`, { globals: pyodide.toPy({ __name__: "kernel" }) });
}

/* The folder of the chapter, as in the project, with the files that its cells read. */
function furnish(FS, folder, data) {
  const home = "/home/pyodide";
  for (const [path, bytes] of data) {
    FS.mkdirTree(`${home}/${path}`.replace(/\/[^/]*$/, ""));
    FS.writeFile(`${home}/${path}`, new Uint8Array(bytes));
  }
  FS.mkdirTree(`${home}/${folder}`);
  FS.chdir(`${home}/${folder}`);
}

async function handle(message) {
  request = message.id;
  switch (message.type) {
    case "start":
      await start(message);
      post("ready");
      break;
    case "execute": {
      printed.total = 0;
      const status = await python.get("execute")(message.code, message.id);
      flush();
      post("done", { status });
      break;
    }
    default:
      python.get("handle")(message.type, message.id, JSON.stringify(message.content), message.buffers);
      flush();
      post("done", { status: "ok" });
  }
}

let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  queue = queue.then(() => handle(data)).catch((error) => {
    flush();
    post("failed", { reason: String((failure ?? error).message ?? error), known: Boolean(failure) || error instanceof Failure });
  });
};
