/* The web worker: Pyodide and the kernel, away from the page so that it never stands still. */
import { watchDownloads } from "./downloads.js";
import { forbidden } from "./errors.js";
import reader from "./imports.py";
import program from "./kernel.py";
import { OWN, closure, needed, sent } from "./packages.js";
import { open } from "./packs.js";
import { Printed } from "./printed.js";
import { Rest } from "./rest.js";
import late from "./rest.py";
import { Room } from "./room.js";

/**
 * @typedef {import("./protocol").Question} Question
 * @typedef {import("./protocol").Answer} Answer
 * @typedef {import("./protocol").Start} Start
 */

/* Of a blob a worker has the page's policy; started as a file, by code on a page, it would have none. */
if (location.protocol !== "blob:") throw new Error("This worker is started by its page alone.");

const REST = "rest.json";
const LATER = 2000;       // milliseconds: a first answer is drawn, and the editors come, without the rest
const QUIET = { messageCallback() {}, errorCallback() {} };

const state = {
  /** @type {any} */
  pyodide: null,
  /** @type {any} the names of kernel.py */
  python: null,
  /** @type {Record<string, string[]>} packages by what code imports */
  table: {},
  /** @type {string[]} those of them that a reader knows */
  named: [],
  /** @type {Set<string>} those of them that are here */
  loaded: new Set(),
  /** whether nothing is fetched that was not asked for */
  saves: false,
  /** @type {Rest | null} what this start does without */
  rest: null,
  /** the message that Python is working on */
  request: "",
  /** @type {Failure | null} the first reason: what Pyodide says afterwards is only its consequence */
  failure: null,
};

/** @template A @typedef {A extends any ? Omit<A, "parent"> : never} Unaddressed */

/** @param {Unaddressed<Answer>} answer @param {string} [parent] */
const post = (answer, parent = state.request) => postMessage({ ...answer, parent });

const printed = new Printed((name, text) => {
  post({ type: "output", content: { output_type: "stream", name, text } });
});

const room = new Room();

const ask = self.fetch.bind(self);

new PerformanceObserver((list) => {
  post({ type: "fetched", urls: list.getEntries().map(({ name }) => name) });
}).observe({ type: "resource", buffered: true });

/* What kernel.py calls. */
const page = {
  /** @param {"output" | "clear" | "comm_open" | "comm_msg" | "comm_close"} kind
      @param {string} text of JSON
      @param {Iterable<Uint8Array>} buffers */
  send(kind, text, buffers) {
    printed.flush();
    const message = JSON.parse(text);
    if (kind === "output") {
      message.content = room.fit(message.content);
      if (!message.content) return;
    }
    post({ type: kind, ...message, buffers: Array.from(buffers, (bytes) => bytes.slice().buffer) });
  },
  /** @param {string} name @param {string} text */
  stream(name, text) {
    printed.add(name, text);
  },
  /** The packages behind what a cell imports. What cannot be had is said; the import then fails.
      @param {string[]} names */
  async load(names) {
    const asked = [...names];
    const missing = needed(state.table, asked).filter((name) => !state.loaded.has(name));
    // Packages of their own use what a start does without.
    const coming = missing.length || state.rest?.has(asked) ? state.rest?.come(ask) : null;
    if (!missing.length) {
      await coming;
      return;
    }
    state.failure = null;
    page.stage(`loading ${missing.join(", ")} …`);
    await Promise.all([state.pyodide.loadPackage(missing, QUIET), coming]);
    page.stage("running …");
    const failure = whyNot();
    if (failure) page.stream("stderr", `${failure.message}\n`);
    else missing.forEach((name) => state.loaded.add(name));
  },
  /** Its bytes, or why not: Python asks in the middle of an import. */
  rest() {
    try {
      return state.rest?.now();
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  },
  packages() {
    return state.named;
  },
  /** @param {string} words */
  stage(words) {
    post({ type: "stage", words });
  },
};

class Failure extends Error {
  /** @param {string} reason @param {boolean} known whether it is a sentence for the reader */
  constructor(reason, known = true) {
    super(reason);
    this.known = known;
  }
}

/** @type {(failure: Failure) => void} */
let giveUp;
/** @type {Promise<never>} */
const gaveUp = new Promise((_, reject) => { giveUp = reject; });
gaveUp.catch(() => {});

/** @param {string} reason @param {boolean} [known] */
function failed(reason, known) {
  state.failure ??= new Failure(reason, known);
  giveUp(state.failure);
  return state.failure;
}

/* What has failed since it was last forgotten: by other hands than the caller's. */
const whyNot = () => state.failure;

/* Pyodide only warns where the browser refuses its WebAssembly, and would wait for ever. */
function watchCompiling() {
  const { instantiateStreaming, instantiate } = WebAssembly;
  /** @param {(...given: any[]) => Promise<any>} make */
  const watched = (make) => (/** @type {any[]} */ ...given) => make(...given).catch((error) => {
    const other = error instanceof WebAssembly.CompileError;
    // Each browser has words of its own for it, and all name the policy.
    if (/Content.Security.Policy|CSP|unsafe-eval/i.test(error.message)) throw failed(forbidden("'wasm-unsafe-eval' in script-src"));
    throw other
      ? failed("The file pyodide.asm.wasm is not the one this book was built with.")
      : failed(error.message, false);
  });
  Object.assign(WebAssembly, { instantiateStreaming: watched(instantiateStreaming), instantiate: watched(instantiate) });
  return () => Object.assign(WebAssembly, { instantiateStreaming, instantiate });
}

/** @param {Start} question */
async function start({ base, lock: lockURL, packs, local, elsewhere, core: always, imports, table, integrity, files, cache, saves, folder, data }) {
  if (typeof WebAssembly !== "object") throw new Failure("This browser has no WebAssembly, in which Python runs.");
  const { counted, expect } = watchDownloads({
    files,
    integrity,
    cache,
    tell: (done, total) => post({ type: "progress", done, total }),
    failed,
  });
  state.table = table;
  state.saves = saves;
  const known = [...always, ...Object.values(table).flat()].filter((name) => !name.includes("-"));
  state.named = [...new Set(known)].sort();
  const packed = open(packs, (file) => counted(base + file), (file) => failed(`The file ${file} is not the one this book was built with.`));
  const scripts = OWN.slice(0, 2).map(async (name) => (await (packed.get(name)?.() ?? counted(base + name))).text());
  const read = data.map(async ({ path, url }) => /** @type {const} */ ([path, await (await counted(url)).arrayBuffer()]));
  const lock = await (await counted(lockURL)).json();
  const told = await (await packed.get(REST)?.())?.json();
  if (told) state.rest = new Rest(base + told.file, told.modules);
  const inside = Object.keys(lock.packages).filter((name) => packed.has(lock.packages[name].file_name));
  const packages = [...new Set([...always, ...needed(table, imports), ...inside])];
  packages.forEach((name) => state.loaded.add(name));
  const more = told && (packages.length > inside.length || state.rest?.has(imports)) ? [told.file] : [];
  expect([...sent(packs, [...OWN, ...closure(packages, lock)]), ...more]);   // all at once: what a bar fills is not to grow
  if (more.length) state.rest?.come(counted);
  // Pyodide looks for packages beside its own files, which may come from another host, as packages may.
  for (const [name, entry] of Object.entries(lock.packages)) {
    entry.file_name = new URL(entry.file_name, local.includes(name) ? lockURL : elsewhere || base).href;
  }
  self.fetch = (resource, options) => {
    const url = String(resource);
    if (url === lockURL) return Promise.resolve(Response.json(lock));
    return packed.get(url.slice(url.lastIndexOf("/") + 1))?.() ?? counted(resource, options);
  };
  for (const text of await Promise.all(scripts)) {
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      importScripts(url);
    } catch (error) {
      const refused = error instanceof DOMException && error.name === "NetworkError";
      throw refused ? new Failure(forbidden("blob: in script-src")) : error;
    }
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
  const pyodide = await Promise.race([loading, gaveUp]);   // of some failures Pyodide only warns
  const failure = whyNot();
  if (failure) throw failure;
  packed.clear();   // or the bytes would stay for as long as the page
  compiled();
  post({ type: "phase", words: "Loading the kernel" });
  pyodide.registerJsModule("page", page);
  pyodide.FS.writeFile("/lib/python3.12/site-packages/imports.py", reader);
  furnish(pyodide.FS, folder, await Promise.all(read));
  state.pyodide = pyodide;
  if (told) pyodide.runPython(`${late}\nbegin`, { globals: pyodide.toPy({ __name__: "rest" }) })(JSON.stringify(told));
  state.python = pyodide.runPython(`${program}\nlocals()`, { globals: pyodide.toPy({ __name__: "kernel" }) });
}

/**
 * The folder of the chapter, as in the project, with the files that its cells read.
 * @param {any} FS
 * @param {string} folder
 * @param {(readonly [string, ArrayBuffer])[]} data
 */
function furnish(FS, folder, data) {
  const home = "/home/pyodide";
  for (const [path, bytes] of data) {
    FS.mkdirTree(`${home}/${path}`.replace(/\/[^/]*$/, ""));
    FS.writeFile(`${home}/${path}`, new Uint8Array(bytes));
  }
  FS.mkdirTree(`${home}/${folder}`);
  FS.chdir(`${home}/${folder}`);
}

/** @param {Question} question */
async function handle(question) {
  // What goes on by itself belongs to the code that began it, not to a question asked meanwhile.
  if (question.type !== "complete" && question.type !== "describe") state.request = question.id;
  switch (question.type) {
    case "start":
      await start(question);
      post({ type: "ready" });
      break;
    case "execute": {
      printed.restart();
      room.restart();
      state.failure = null;   // an older one is not this run's
      const status = await state.python.get("execute")(question.code, question.id);
      printed.flush();
      post({ type: "done", status });
      if (!state.saves) setTimeout(() => state.rest?.come(ask), LATER);
      break;
    }
    case "complete":
      post({ type: "completed", ...JSON.parse(state.python.get("complete")(question.before, question.after)) }, question.id);
      break;
    case "describe":
      post({ type: "described", ...JSON.parse(state.python.get("describe")(question.name)) }, question.id);
      break;
    default:
      state.python.get("handle")(question.type, question.id, JSON.stringify(question.content), question.buffers);
      printed.flush();
      post({ type: "done", status: "ok" });
  }
}

let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  queue = queue.then(() => handle(data)).catch((error) => {
    printed.flush();
    const first = state.failure ?? error;
    post({ type: "failed", reason: String(first.message ?? first), known: Boolean(first.known) }, data.id);
  });
};
