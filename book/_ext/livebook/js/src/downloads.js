/* Downloads: each byte counted, each file checked against the sum it was built with. */

const EVERY = 40;         // milliseconds between two words about them

/**
 * @param {object} known
 * @param {Record<string, number>} known.files sizes by name
 * @param {Record<string, string>} known.integrity sums by name
 * @param {RequestCache} known.cache
 * @param {(done: number, total: number) => void} known.tell bytes
 * @param {(sentence: string) => Error} known.failed
 */
export function watchDownloads({ files, integrity, cache, tell, failed }) {
  /** @type {Map<string, number>} */
  const wanted = new Map();        // name → size
  let done = 0;
  let told = 0;
  const count = (force = false) => {
    const total = [...wanted.values()].reduce((sum, size) => sum + size, 0);
    if (!total) return;   // what there is to fetch is not known yet
    if (!force && performance.now() - told < EVERY) return;
    told = performance.now();
    tell(done, Math.max(total, done));
  };
  /** @param {string[]} names */
  const expect = (names) => {
    for (const name of names) wanted.set(name, files[name] ?? 0);
  };
  const plain = self.fetch.bind(self);

  /**
   * @param {any} resource an address or a request
   * @param {RequestInit} [options]
   */
  async function counted(resource, options = {}) {
    const url = String(resource.url ?? resource);
    if (/^(data|blob):/.test(url)) return plain(resource, options);
    const name = new URL(url, self.location.origin).pathname.split("/").pop() ?? "";
    const sum = options.integrity || integrity[name];
    // Without a secure context there is no digest here; the browser then checks, but unseen.
    const own = sum && self.crypto?.subtle;
    const { integrity: _, ...rest } = options;
    const asked = own || !sum ? rest : { ...rest, integrity: sum };
    const host = new URL(url, self.location.origin);
    const there = host.origin === self.location.origin ? "" : ` from ${host.host}, where this book's pages take it`;
    let response;
    try {
      response = await plain(url, { credentials: "same-origin", cache, ...asked });
    } catch (error) {
      throw failed(`The file ${name} could not be had${there} (${/** @type {Error} */ (error).message}).`);
    }
    if (!response.ok || !response.body) throw failed(`The file ${name} could not be had${there} (${response.status}).`);
    if (wanted.get(name) === 0) wanted.set(name, Number(response.headers.get("content-length")));
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = [];
    const through = new TransformStream({
      transform(part, out) {
        done += part.byteLength;
        count();
        if (own) parts.push(part);
        out.enqueue(part);
      },
      async flush(out) {
        count(true);
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

/** @param {Uint8Array<ArrayBuffer>[]} parts */
export async function digest(parts) {
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...sum))}`;
}
