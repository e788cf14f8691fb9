/* What a start does without: one file more, fetched beforehand where that is free, or when it is needed. */
import { decompress } from "fzstd";

export class Rest {
  /** @type {Uint8Array | null} */
  #bytes = null;
  /** @type {Promise<void> | null} */
  #coming = null;
  #stop = new AbortController();

  /**
   * @param {string} url
   * @param {string[]} modules
   */
  constructor(url, modules) {
    this.url = url;
    this.modules = new Set(modules);
  }

  /** Whether one of these, by full names of modules and what is in them, is in it. @param {string[]} names */
  has(names) {
    return names.some((name) => name.split(".").some((_, end, parts) => this.modules.has(parts.slice(0, end + 1).join("."))));
  }

  /** @param {(url: string, options: RequestInit) => Promise<Response>} fetched */
  come(fetched) {
    this.#coming ??= this.#fetch(fetched).catch(() => { this.#coming = null; });
    return this.#coming;
  }

  /** @param {(url: string, options: RequestInit) => Promise<Response>} fetched */
  async #fetch(fetched) {
    const response = await fetched(this.url, { signal: this.#stop.signal });
    if (response.ok) this.#bytes = new Uint8Array(await response.arrayBuffer());
  }

  /* Python's import waits for no promise. */
  now() {
    if (!this.#bytes) {
      this.#stop.abort();   // or a browser might wait for the same file to come, while nobody takes it
      const request = new XMLHttpRequest();
      request.open("GET", this.url, false);
      request.responseType = "arraybuffer";
      request.send();
      if (request.status !== 200) throw new Error(`the host answers ${request.status}`);
      this.#bytes = new Uint8Array(request.response);
    }
    return decompress(this.#bytes);
  }
}
