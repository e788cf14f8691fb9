/* The kernel as the page sees it: a worker that is started, asked, and ended to stop what it does. */

import { forbidden, Stopped, Told } from "./errors.js";

/**
 * @typedef {import("./protocol").Answer} Answer
 * @typedef {import("./protocol").Question} Question
 * @typedef {import("./protocol").Manifest} Manifest
 */

/* Of a blob the worker inherits the page's content-security policy, of a file it would not. */
/** @param {string} script */
function makeWorker(script) {
  const url = URL.createObjectURL(new Blob([`importScripts(${JSON.stringify(script)})`], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

export class Kernel {
  /** @type {Worker | undefined} */
  #worker;
  /** @type {Map<string, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  #asked = new Map();          // by id
  #count = 0;
  /** @type {Error | null} why no question will be answered any more */
  #ended = null;
  /** whether a service worker may come while the worker is here already; some browsers show it nothing of that one */
  #unseen = !navigator.serviceWorker?.controller;
  #order = Promise.resolve();  // messages are taken one after the other, as they were sent

  /**
   * @param {object} takers
   * @param {(message: Answer) => Promise<void>} takers.receive outputs and comm messages
   * @param {(news: any) => void} takers.progress
   * @param {(id: string) => void} takers.answered
   */
  constructor({ receive, progress, answered }) {
    this.receive = receive;
    this.progress = progress;
    this.answered = answered;
    this.run = crypto.randomUUID?.() ?? String(Math.random());
  }

  /**
   * The worker is made before the manifest is here: browsers take a while for it.
   * @param {URL} root
   * @param {{ again: boolean, saves: boolean, imports: string[], folder: string, code: string }} page
   */
  async start(root, { again, saves, imports, folder, code }) {
    const refused = watchPolicy();
    this.#worker = makeWorker(new URL(`worker.js?v=${VERSION}`, root).href);
    this.#worker.onmessage = ({ data }) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(why(event, refused()));
    };
    const response = await fetch(new URL("manifest.json", root), { cache: "no-cache" }).catch(() => null);
    if (!response?.ok) throw new Told("The list of Python's files could not be had.");
    /** @type {Manifest} */
    const manifest = await response.json();
    if (manifest.missing) throw new Told(manifest.missing);
    const base = new URL(manifest.pyodide.base, root).href;
    await this.#ask({
      type: "start",
      base,
      lock: new URL(manifest.lock, root).href,
      packs: manifest.packs ?? [],
      local: manifest.local,
      elsewhere: manifest.pyodide.elsewhere,
      cache: again ? "reload" : "default",
      saves,
      core: manifest.core,
      imports,
      table: manifest.imports,
      integrity: manifest.pyodide.integrity ?? {},
      files: manifest.files,
      folder,
      data: Object.entries(manifest.data ?? {})
        .filter(([path]) => code.includes(path.split("/").pop() ?? path))
        .map(([path, address]) => ({ path, url: new URL(address, root).href })),
    });
  }

  /**
   * @param {string} code
   * @param {(id: string) => void} begin
   */
  execute(code, begin) {
    return this.#ask({ type: "execute", code }, begin);
  }

  /**
   * @param {string} before
   * @param {string} after
   * @returns {Promise<import("./protocol").Completed>}
   */
  complete(before, after) {
    return this.#ask({ type: "complete", before, after });
  }

  /**
   * @param {string} name
   * @returns {Promise<import("./protocol").Described>}
   */
  describe(name) {
    return this.#ask({ type: "describe", name });
  }

  /**
   * @param {import("./protocol").CommType} type
   * @param {import("./protocol").Comm} content
   * @param {import("./protocol").Values | undefined} metadata
   * @param {(ArrayBuffer | ArrayBufferView)[] | undefined} buffers
   * @param {(id: string) => void} begin
   */
  comm(type, content, metadata, buffers, begin) {
    const message = { content, metadata: metadata ?? {} };
    return this.#ask({ type, content: message, buffers: (buffers ?? []).map(bytes) }, begin);
  }

  /* There is no other way to stop WebAssembly in the middle of a computation. */
  stop() {
    this.#worker?.terminate();
    this.#fail(new Stopped());
  }

  /** @template Q @typedef {Q extends any ? Omit<Q, "id"> : never} Unnumbered */

  /**
   * @param {Unnumbered<Question>} question
   * @param {(id: string) => void} [begin]
   * @returns {Promise<any>} how it ended, or what was asked for
   */
  #ask(question, begin = () => {}) {
    const id = `${this.run}-${++this.#count}`;
    begin(id);
    return new Promise((resolve, reject) => {
      if (this.#ended) throw this.#ended;
      this.#asked.set(id, { resolve, reject });
      this.#worker?.postMessage({ ...question, id });
    });
  }

  /** @param {Answer} message */
  #take(message) {
    if (message.type === "progress" || message.type === "phase") {
      this.progress(message);
      return;
    }
    if (message.type === "fetched") {
      if (this.#unseen) keep(message.urls);
      return;
    }
    this.#order = this.#order.then(() => this.#handle(message)).catch((error) => console.error(error));
  }

  /** @param {Answer} message */
  async #handle(message) {
    const asked = this.#asked.get(message.parent);
    switch (message.type) {
      case "ready":
      case "done":
        this.#answered(message.parent);
        asked?.resolve(message.type === "done" ? message.status : undefined);
        break;
      case "completed":
      case "described":
        this.#answered(message.parent);
        asked?.resolve(message);
        break;
      case "failed":
        this.#answered(message.parent);
        asked?.reject(message.known ? new Told(message.reason) : new Error(message.reason));
        break;
      default:
        await this.receive(message);
    }
  }

  /** @param {string} id */
  #answered(id) {
    this.#asked.delete(id);
    this.answered(id);
  }

  /** @param {Error} error */
  #fail(error) {
    this.#ended ??= error;   // a worker may fail before it was asked anything
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

/* To be there without a network too. */
/** @param {string[]} urls */
function keep(urls) {
  navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage({ keep: urls }));
}

/* Whether the page's policy, or a stricter one of its host, has refused a worker from now on. */
function watchPolicy() {
  let refused = false;
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    refused ||= effectiveDirective === "worker-src" || blockedURI.startsWith("blob");
  });
  return () => refused;
}

/**
 * @param {ErrorEvent} event
 * @param {boolean} refused by a policy
 */
function why({ message }, refused) {
  if (refused) return new Told(forbidden("blob: in worker-src"));
  if (!message) return new Told("The browser refused to start a worker.");
  return /importScripts/.test(message) ? new Told("The file worker.js could not be had.") : new Error(message);
}

/** @param {ArrayBuffer | ArrayBufferView} buffer */
function bytes(buffer) {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
