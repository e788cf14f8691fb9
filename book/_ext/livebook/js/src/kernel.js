/* The kernel as the page sees it: a worker that is started, asked, and ended to stop what it does. */

/* Of a blob the worker inherits the page's content-security policy, of a file it would not. */
function makeWorker(script) {
  const url = URL.createObjectURL(new Blob([`importScripts(${JSON.stringify(script)})`], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

export class Kernel {
  #worker;
  #asked = new Map();          // id → {resolve, reject}
  #count = 0;
  #order = Promise.resolve();  // messages are taken one after the other, as they were sent

  constructor({ receive, progress }) {
    this.receive = receive;    // async (message) → void: outputs and comm messages
    this.progress = progress;
    this.run = crypto.randomUUID?.() ?? String(Math.random());
  }

  /* The worker is made before the manifest is here: browsers take a while for it. */
  async start(root, { again, imports, folder, code }) {
    this.#worker = makeWorker(new URL("worker.js", root).href);
    this.#worker.onmessage = ({ data }) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(event.message || "The browser refused to start a worker."));
    };
    const response = await fetch(new URL("manifest.json", root), { cache: "no-cache" }).catch(() => null);
    if (!response?.ok) throw new Error("The list of Python's files could not be had.");
    const manifest = await response.json();
    const base = new URL(manifest.pyodide.base, root).href;
    await this.#ask("start", {
      base,
      lock: new URL(manifest.lock, root).href,
      local: manifest.local,
      cache: again ? "reload" : "default",
      core: manifest.core,
      imports,
      table: manifest.imports,
      integrity: manifest.pyodide.integrity ?? {},
      files: manifest.files,
      folder,
      data: Object.entries(manifest.data ?? {})
        .filter(([path]) => code.includes(path.split("/").pop()))
        .map(([path, address]) => ({ path, url: new URL(address, root).href })),
    });
  }

  execute(code, begin) {
    return this.#ask("execute", { code }, begin);
  }

  comm(type, content, metadata, buffers, begin) {
    return this.#ask(type, { content: { content, metadata: metadata ?? {} }, buffers: (buffers ?? []).map(bytes) }, begin);
  }

  /* There is no other way to stop WebAssembly in the middle of a computation. */
  stop() {
    this.#worker?.terminate();
    this.#fail(new Stopped());
  }

  #ask(type, fields, begin = () => {}) {
    const id = `${this.run}-${++this.#count}`;
    begin(id);
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ type, id, ...fields });
    });
  }

  #take(message) {
    if (message.type === "progress" || message.type === "phase") {
      this.progress(message);
      return;
    }
    this.#order = this.#order.then(() => this.#handle(message)).catch((error) => console.error(error));
  }

  async #handle(message) {
    const asked = this.#asked.get(message.parent);
    switch (message.type) {
      case "ready":
      case "done":
        this.#asked.delete(message.parent);
        asked?.resolve(message.status);
        break;
      case "failed":
        this.#asked.delete(message.parent);
        asked?.reject(new Error(message.reason));
        break;
      default:
        await this.receive(message);
    }
  }

  #fail(error) {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

export class Stopped extends Error {
  stopped = true;   // class names do not survive bundling
}

function bytes(buffer) {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
