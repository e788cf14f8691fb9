/* The reader's work on a page, kept in the browser: a closed tab or a lost battery takes none of it. */

/**
 * @typedef {{ when: string, cells: { number: number, book: string, code: string }[], answers: string[] }} Work
 * @typedef {{ number: number, book: string, code: string }} Cell
 */

export class Kept {
  /** @type {Set<number>} cells that were changed here, not in another tab */
  #changed = new Set();
  /** @type {Set<number>} answers likewise */
  #written = new Set();

  /**
   * @param {string} page a name for it
   * @param {() => Storage} storage throws where the browser has none for this page
   * @param {() => Date} now
   */
  constructor(page, storage, now = () => new Date()) {
    this.name = `livebook ${page}`;
    this.storage = storage;
    this.now = now;
  }

  /** @returns {Work | null} */
  read() {
    try {
      const work = JSON.parse(this.storage().getItem(this.name) ?? "null");
      return work && Array.isArray(work.cells) && Array.isArray(work.answers) ? work : null;
    } catch {
      return null;   // no storage, or not ours
    }
  }

  /** @param {number} number of a cell */
  changed(number) {
    this.#changed.add(number);
  }

  /** @param {number} index of an answer */
  written(index) {
    this.#written.add(index);
  }

  /**
   * Keep what was changed in this tab, beside what another one kept of this page.
   * @param {Cell[]} cells
   * @param {string[]} answers
   * @returns {boolean} whether it is kept
   */
  write(cells, answers) {
    if (!this.#changed.size && !this.#written.size) return true;
    const before = this.read();
    const others = (before?.cells ?? []).filter(({ number }) => !this.#changed.has(number));
    const own = cells.filter(({ number, book, code }) => this.#changed.has(number) && code !== book);
    const length = Math.max(answers.length, before?.answers.length ?? 0);
    const words = Array.from({ length }, (_, index) =>
      this.#written.has(index) ? answers[index] : before?.answers[index] ?? "");
    const work = {
      when: this.now().toISOString(),
      cells: [...others, ...own.map(({ number, book, code }) => ({ number, book, code }))],
      answers: words,
    };
    try {
      if (work.cells.length || words.some((word) => word.trim())) this.storage().setItem(this.name, JSON.stringify(work));
      else this.storage().removeItem(this.name);
      return true;
    } catch {
      return false;   // no storage, or no room in it
    }
  }

  forget() {
    this.#changed.clear();
    this.#written.clear();
    try {
      this.storage().removeItem(this.name);
    } catch {
      // nothing was kept
    }
  }
}

/**
 * Each kept piece of code with the cell that it was written over. The book may have changed since:
 * cells are then found by their code, and what fits none is left over.
 * @param {Cell[]} written
 * @param {{ number: number, book: string }[]} cells
 */
export function matched(written, cells) {
  /** @type {Map<number, string>} */
  const found = new Map();
  /** @type {string[]} */
  const left = [];
  for (const { number, book, code } of written) {
    const same = cells.filter((cell) => cell.book === book && !found.has(cell.number));
    const cell = same.find((each) => each.number === number) ?? same[0];
    if (cell) found.set(cell.number, code);
    else left.push(code);
  }
  return { found, left };
}

/**
 * The day of a date: 12 November, or of another year 12 November 2025.
 * @param {string} when
 * @param {Date} now
 */
export function day(when, now = new Date()) {
  const date = new Date(when);
  if (Number.isNaN(date.getTime())) return "an earlier day";
  if (date.toDateString() === now.toDateString()) return "today";
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: /** @type {const} */ ("numeric") };
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", ...year });
}
