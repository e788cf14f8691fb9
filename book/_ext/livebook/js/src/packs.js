/* Packs: files that come as one, compressed by zstd. Each is there when its own bytes are. */
import { Decompress } from "fzstd";
import { digest } from "./downloads.js";

/**
 * @typedef {import("./protocol").Pack} Pack
 * @typedef {ReadableStream<Uint8Array<ArrayBuffer>>} Bytes
 */

/**
 * Asks for packs, and returns ways to their parts, by name.
 * @param {Pack[]} packs
 * @param {(file: string) => Promise<Response>} fetched
 * @param {(file: string) => Error} refused is called where bytes are not those of the build
 * @returns {Map<string, () => Promise<Response>>}
 */
export function open(packs, fetched, refused) {
  const found = new Map();
  for (const pack of packs) {
    const wrong = () => refused(pack.file);
    const stream = fetched(pack.file).then(({ body }) => /** @type {Bytes} */ (body).pipeThrough(unpacking(wrong)));
    const parts = pack.parts.length > 1 ? cut(pack, stream, wrong) : [];
    for (const [index, { name }] of pack.parts.entries()) {
      // One file alone can be used while it comes.
      found.set(name, async () => new Response(await (parts[index] ?? stream), { headers: type(name) }));
    }
    stream.catch(() => {});
  }
  return found;
}

/** @param {string} name @returns {Record<string, string>} */
const type = (name) => name.endsWith(".wasm") ? { "Content-Type": "application/wasm" } : {};

/** @param {() => Error} wrong @returns {TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>} */
function unpacking(wrong) {
  /** @type {Decompress} */
  let reader;
  /** @param {TransformStreamDefaultController} out @param {Uint8Array} bytes @param {boolean} last */
  const push = (out, bytes, last) => {
    try {
      reader.push(bytes, last);
    } catch {
      out.error(wrong());
    }
  };
  return new TransformStream({
    start(out) { reader = new Decompress((bytes) => { if (bytes.length) out.enqueue(/** @type {Uint8Array<ArrayBuffer>} */ (bytes)); }); },
    transform: (bytes, out) => push(out, bytes, false),
    flush: (out) => push(out, new Uint8Array(0), true),
  });
}

/**
 * @param {Pack} pack
 * @param {Promise<Bytes>} stream
 * @param {() => Error} wrong
 * @returns {Promise<Uint8Array<ArrayBuffer>>[]}
 */
function cut({ parts }, stream, wrong) {
  /** @type {((bytes: Uint8Array<ArrayBuffer>) => void)[]} */
  const give = [];
  /** @type {Promise<never>} */
  const broken = read().then(() => new Promise(() => {}));
  const made = parts.map((_, index) => Promise.race([new Promise((resolve) => { give[index] = resolve; }), broken]));
  for (const part of made) part.catch(() => {});
  return made;

  async function read() {
    const reader = (await stream).getReader();
    let chunk = new Uint8Array(0);
    for (const [index, { size, sum }] of parts.entries()) {
      const bytes = new Uint8Array(size);
      for (let filled = 0; filled < size;) {
        if (!chunk.length) {
          const { done, value } = await reader.read();
          if (done) throw wrong();
          chunk = value;
        }
        const piece = chunk.subarray(0, size - filled);
        bytes.set(piece, filled);
        filled += piece.length;
        chunk = chunk.subarray(piece.length);
      }
      // What runs before the whole pack is here is checked before it runs.
      if (self.crypto?.subtle && (await digest([bytes])) !== sum) throw wrong();
      give[index](bytes);
    }
    if (!(await reader.read()).done) throw wrong();
  }
}
