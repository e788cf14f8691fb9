/* The reader's work as a link: all of it is in the address, and nothing lies on a server. */
import { Told } from "./errors.js";

/** @typedef {import("./kept.js").Cell} Cell */
/** @typedef {{ cells: Cell[], answers: string[] }} Changes */

const MARK = "#work=";
const MOST = 1_000_000;   // bytes that a link may unfold to: a few kilobytes can be made to fill memory

/**
 * What of a page is its reader's.
 * @param {Cell[]} cells
 * @param {string[]} answers
 * @returns {Changes}
 */
export function changes(cells, answers) {
  const changed = cells.filter(({ book, code }) => code !== book);
  return { cells: changed.map(({ number, book, code }) => ({ number, book, code })), answers };
}

/**
 * Changes as the end of an address.
 * @param {Changes} changes
 */
export async function pack(changes) {
  const whole = new Blob([JSON.stringify(changes)]);
  if (whole.size > MOST) throw new Told("There is more on this page than a link can hold: take the notebook.");
  const packed = await all(whole.stream().pipeThrough(new CompressionStream("deflate-raw")));
  let letters = "";
  for (const byte of new Uint8Array(await packed.arrayBuffer())) letters += String.fromCharCode(byte);
  return MARK + btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} hash the end of an address, from its # on */
export const carries = (hash) => hash.startsWith(MARK);

/**
 * The work that an address carries.
 * @param {string} hash
 * @returns {Promise<Changes>}
 */
export async function unpack(hash) {
  let work;
  try {
    const letters = atob(hash.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const whole = await all(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")));
    work = JSON.parse(await whole.text());
  } catch {
    work = null;
  }
  if (!sound(work)) {
    throw new Told("The changes in this link cannot be read: a part of it was lost on its way, or it is of another kind. Ask for it again, or for the notebook.");
  }
  return work;
}

/** @param {any} work */
function sound(work) {
  return Array.isArray(work?.cells) && Array.isArray(work.answers)
    && work.answers.every((/** @type {any} */ words) => typeof words === "string")
    && work.cells.every((/** @type {any} */ cell) =>
      Number.isInteger(cell?.number) && typeof cell.book === "string" && typeof cell.code === "string");
}

/** @param {ReadableStream<Uint8Array>} stream */
async function all(stream) {
  /** @type {BlobPart[]} */
  const parts = [];
  let length = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(/** @type {BlobPart} */ (next.value));
    length += next.value.length;
    if (length > MOST) {
      await reader.cancel();
      throw new RangeError(`more than ${MOST} bytes`);
    }
  }
  return new Blob(parts);
}

/**
 * How much it is: 2 changed cells and 1 answer.
 * @param {Changes} changes
 */
export function amount({ cells, answers }) {
  const written = answers.filter((words) => words.trim()).length;
  const parts = [];
  if (cells.length) parts.push(`${cells.length} changed ${cells.length === 1 ? "cell" : "cells"}`);
  if (written) parts.push(`${written} ${written === 1 ? "answer" : "answers"}`);
  return parts.join(" and ");
}
